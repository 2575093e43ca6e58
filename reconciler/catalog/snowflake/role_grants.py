"""Grants of roles: account roles to roles and users, database roles to roles and shares.

Read from the grantee's side: one SHOW GRANTS TO ROLE tells every role and
privilege that the grantee has, so grants to one role share one statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.catalog import spec, sql, sqltext
from reconciler.model.values import PropertyMap, Unknown

_GRANTEES: Final = {
    "parentRoleName": "ROLE",
    "parentDatabaseRoleName": "DATABASE ROLE",
    "userName": "USER",
    "shareName": "SHARE",
}
"""Input that names the grantee -> its sort, as statements and ids spell it."""

# 2003, 2043: the role or the grantee is gone, and the grant with it.
_GONE: Final = (2003, 2043)


def _grantee(inputs: PropertyMap) -> tuple[str, str]:
    field = next(name for name in _GRANTEES if inputs.get(name))
    sort, name = _GRANTEES[field], str(inputs[field])
    return sort, sqltext.requalified(name) if sort == "DATABASE ROLE" else sqltext.quote(name)


def _role(inputs: PropertyMap) -> tuple[str, str]:
    if "databaseRoleName" in inputs:
        return "DATABASE ROLE", sqltext.requalified(str(inputs["databaseRoleName"]))
    return "ROLE", sqltext.quote(str(inputs["roleName"]))


def _identify(inputs: PropertyMap) -> str:
    return "|".join((_role(inputs)[1], *_grantee(inputs)))


def _parse_account_id(id: str) -> PropertyMap:
    role, sort, grantee = _split(id)
    fields = {"ROLE": "parentRoleName", "USER": "userName"}
    if sort not in fields:
        raise ValueError(f'{id!r} is not "ROLE"|ROLE|"GRANTEE" or "ROLE"|USER|"GRANTEE"')
    return {"roleName": sqltext.bare(role), fields[sort]: sqltext.bare(grantee)}


def _parse_database_id(id: str) -> PropertyMap:
    role, sort, grantee = _split(id)
    fields = {"ROLE": "parentRoleName", "DATABASE ROLE": "parentDatabaseRoleName", "SHARE": "shareName"}
    if sort not in fields:
        raise ValueError(f'{id!r} is not "DB"."ROLE"|ROLE, DATABASE ROLE or SHARE|"GRANTEE"')
    name = sqltext.requalified(grantee) if sort == "DATABASE ROLE" else sqltext.bare(grantee)
    return {"databaseRoleName": sqltext.requalified(role), fields[sort]: name}


def _split(id: str) -> tuple[str, str, str]:
    found = id.split("|")
    if len(found) != 3:
        raise ValueError(f"{id!r} has not the three parts role|sort|grantee")
    return found[0], found[1].upper(), found[2]


def _is_public(inputs: PropertyMap) -> bool:
    """Everybody has PUBLIC: granting it changes nothing and revoking it is refused."""
    return _role(inputs) == ("ROLE", '"PUBLIC"')


def _create(inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    if _is_public(inputs):
        return ()
    (sort, role), (to_sort, grantee) = _role(inputs), _grantee(inputs)
    return (sql.Statement(f"GRANT {sort} {role} TO {to_sort} {grantee}"),)


def _alter(_live: PropertyMap, _inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    return ()


def _drop(inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    if _is_public(inputs):
        return ()
    (sort, role), (from_sort, grantee) = _role(inputs), _grantee(inputs)
    return (sql.Statement(f"REVOKE {sort} {role} FROM {from_sort} {grantee}", tolerates=_GONE),)


def _queries(inputs: PropertyMap) -> tuple[str, ...]:
    if _is_public(inputs):
        return ()
    sort, grantee = _grantee(inputs)
    # SHOW GRANTS TO USER has other columns; of a role, the users are told by SHOW GRANTS OF ROLE.
    if sort == "USER":
        return (f"SHOW GRANTS OF ROLE {_role(inputs)[1]}",)
    return (f"SHOW GRANTS TO {sort} {grantee}",)


def _observe(inputs: PropertyMap, results: Mapping[str, sql.Rows | None]) -> PropertyMap | None:
    if _is_public(inputs):
        return {}
    rows = results[_queries(inputs)[0]] or ()
    sort, _ = _grantee(inputs)
    found = any(_is_user_row(row, inputs) if sort == "USER" else _is_role_row(row, inputs) for row in rows)
    return {} if found else None


def _is_user_row(row: sql.Row, inputs: PropertyMap) -> bool:
    return row.get("granted_to") == "USER" and sqltext.same_name(row.get("grantee_name"), str(inputs["userName"]))


def _is_role_row(row: sql.Row, inputs: PropertyMap) -> bool:
    sort, role = _role(inputs)
    if (row.get("granted_on") or "").replace("_", " ") != sort or row.get("privilege") != "USAGE":
        return False
    name = row.get("name")
    # Before bundle 2026_06 some accounts print a database role without its database.
    return sqltext.same_name(name, role) or (sort == "DATABASE ROLE" and sqltext.same_name(name, _last(role)))


def _last(name: str) -> str:
    return sqltext.quote(sqltext.parts(name)[-1])


def _check(grantees: tuple[str, ...], inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    given = [name for name in grantees if isinstance(inputs.get(name), Unknown) or inputs.get(name)]
    if len(given) == 1:
        return ()
    return (("", f"expected exactly one of {', '.join(grantees)}, got {', '.join(given) or 'none'}"),)


def _check_account(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    return _check(("parentRoleName", "userName"), inputs)


def _check_database(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    return _check(("parentRoleName", "parentDatabaseRoleName", "shareName"), inputs)


def _name(name: str, to: str, *, required: bool = False) -> sql.Property:
    # The grant is found by its id or is gone: no part of it drifts.
    return sql.reference(name, to, required=required, change=spec.Change.REPLACE, shown_as=None)


GRANT_ACCOUNT_ROLE = sql.SqlKind(
    token="snowflake:index/grantAccountRole:GrantAccountRole",
    words="",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: GRANT ROLE, REVOKE ROLE, SHOW GRANTS",
    fields=(_name("roleName", "ROLE", required=True), _name("parentRoleName", "ROLE"), _name("userName", "USER")),
    check=_check_account,
    oddity=sql.Oddity(
        identify=_identify,
        parse_id=_parse_account_id,
        create=_create,
        alter=_alter,
        drop=_drop,
        queries=_queries,
        observe=_observe,
    ),
)

GRANT_DATABASE_ROLE = sql.SqlKind(
    token="snowflake:index/grantDatabaseRole:GrantDatabaseRole",
    words="",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: GRANT DATABASE ROLE, REVOKE DATABASE ROLE, SHOW GRANTS",
    fields=(
        _name("databaseRoleName", "DATABASE ROLE", required=True),
        _name("parentRoleName", "ROLE"),
        _name("parentDatabaseRoleName", "DATABASE ROLE"),
        _name("shareName", "SHARE"),
    ),
    check=_check_database,
    oddity=sql.Oddity(
        identify=_identify,
        parse_id=_parse_database_id,
        create=_create,
        alter=_alter,
        drop=_drop,
        queries=_queries,
        observe=_observe,
    ),
)
