"""Grants of privileges to account roles and database roles.

All grants to one role are read by the same two statements, SHOW GRANTS TO and
SHOW FUTURE GRANTS TO. ON ALL leaves no trace of itself in Snowflake: it is
expanded to the objects that exist, and is whole when each of them has the grant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.catalog import spec, sql, sqltext
from reconciler.catalog.snowflake.grant_targets import Target, find_target, parse_target, same_target
from reconciler.model.values import PropertyMap, Unknown, Value

# 2003, 2043: the role or the object is gone, and the grant with it.
_GONE: Final = (2003, 2043)
# 3041, 3042: granted already. 3011: ALL granted what the grantor may give.
_GRANTED: Final = (3041, 3042)
_PARTLY: Final = (3011,)
_TARGETS: Final = ("onAccount", "onAccountObject", "onSchema", "onSchemaObject")


def _grantee(inputs: PropertyMap) -> tuple[str, str]:
    if "databaseRoleName" in inputs:
        return "DATABASE ROLE", sqltext.requalified(str(inputs["databaseRoleName"]))
    return "ROLE", sqltext.quote(str(inputs["accountRoleName"]))


def _privileges(inputs: PropertyMap) -> frozenset[str]:
    wanted = inputs.get("privileges")
    return frozenset(str(item).upper() for item in wanted) if isinstance(wanted, tuple) else frozenset()


def _is_true(value: Value) -> bool:
    return str(value).lower() == "true"


def _identify(inputs: PropertyMap) -> str:
    told = "ALL" if _is_true(inputs.get("allPrivileges")) else ",".join(sorted(_privileges(inputs)))
    flags = (str(_is_true(inputs.get(name))).lower() for name in ("withGrantOption", "alwaysApply"))
    return "|".join((_grantee(inputs)[1], *flags, told, find_target(inputs).id))


def _parse_id(role_field: str, id: str) -> PropertyMap:
    found = id.split("|")
    if len(found) < 5:
        raise ValueError(f"{id!r} has not the parts role|withGrantOption|alwaysApply|privileges|target…")
    role, with_option, always, privileges, *target = found
    name = sqltext.bare(role) if role_field == "accountRoleName" else sqltext.requalified(role)
    inputs: dict[str, Value] = {role_field: name, **parse_target(tuple(target))}
    inputs.update({"withGrantOption": True} if with_option == "true" else {})
    inputs.update({"alwaysApply": True} if always == "true" else {})
    if privileges.upper() in ("ALL", "ALL PRIVILEGES"):
        return {**inputs, "allPrivileges": True}
    return {**inputs, "privileges": tuple(privileges.split(","))}


def _parse_account_id(id: str) -> PropertyMap:
    return _parse_id("accountRoleName", id)


def _parse_database_id(id: str) -> PropertyMap:
    return _parse_id("databaseRoleName", id)


def _grant(inputs: PropertyMap, privileges: str) -> sql.Statement:
    sort, role = _grantee(inputs)
    option = " WITH GRANT OPTION" if _is_true(inputs.get("withGrantOption")) else ""
    tolerates = _GRANTED + (_PARTLY if privileges == "ALL PRIVILEGES" else ())
    return sql.Statement(f"GRANT {privileges} ON {find_target(inputs).on} TO {sort} {role}{option}", tolerates)


def _revoke(inputs: PropertyMap, privileges: str) -> sql.Statement:
    sort, role = _grantee(inputs)
    return sql.Statement(f"REVOKE {privileges} ON {find_target(inputs).on} FROM {sort} {role}", _GONE)


def _text(inputs: PropertyMap) -> str:
    return "ALL PRIVILEGES" if _is_true(inputs.get("allPrivileges")) else ", ".join(sorted(_privileges(inputs)))


def _create(inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    return (_grant(inputs, _text(inputs)),)


def _alter(live: PropertyMap, inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    """Revoke what is too much, then grant what is missing."""
    had_all, has_all = _is_true(live.get("allPrivileges")), _is_true(inputs.get("allPrivileges"))
    if has_all:
        return () if had_all else (_grant(inputs, "ALL PRIVILEGES"),)
    if had_all:
        return (_revoke(inputs, "ALL PRIVILEGES"), _grant(inputs, _text(inputs)))
    had, wanted = _privileges(live), _privileges(inputs)
    statements = (_revoke(inputs, ", ".join(sorted(had - wanted))),) if had - wanted else ()
    return (*statements, _grant(inputs, ", ".join(sorted(wanted - had)))) if wanted - had else statements


def _drop(inputs: PropertyMap) -> tuple[sql.Statement, ...]:
    return (_revoke(inputs, _text(inputs)),)


def _queries(inputs: PropertyMap) -> tuple[str, ...]:
    sort, role = _grantee(inputs)
    target = find_target(inputs)
    future = "FUTURE " if target.every == "FUTURE" else ""
    grants = f"SHOW {future}GRANTS TO {sort} {role}"
    return (grants, target.listing) if target.listing else (grants,)


def _observe(inputs: PropertyMap, results: Mapping[str, sql.Rows | None]) -> PropertyMap | None:
    """The privileges of those asked for that are there; with strict management, all that are there."""
    queries = _queries(inputs)
    if any(results[query] is None for query in queries):
        return None
    target = find_target(inputs)
    rows = tuple(row for row in results[queries[0]] or () if (row.get("privilege") or "") != "OWNERSHIP")
    objects = _objects(results[queries[1]] or ()) if target.listing else None
    held = _held_on_each(target, rows, objects, inputs)
    if held is None:
        return {name: inputs[name] for name in ("privileges", "allPrivileges") if name in inputs}
    if _is_true(inputs.get("allPrivileges")):
        return {"allPrivileges": True} if held else None
    wanted = _privileges(inputs)
    if "IMPORTED PRIVILEGES" in wanted and "USAGE" in held:
        held = (held - {"USAGE"}) | {"IMPORTED PRIVILEGES"}
    shown = held if _is_true(inputs.get("strictPrivilegeManagement")) else held & wanted
    return {"privileges": tuple(sorted(shown))} if shown else None


def _held_on_each(
    target: Target, rows: sql.Rows, objects: tuple[str, ...] | None, inputs: PropertyMap
) -> frozenset[str] | None:
    """Privileges held on the target, or on each object of it; None when there is nothing to hold them on."""
    with_option = _is_true(inputs.get("withGrantOption"))
    counted = [row for row in rows if not with_option or _is_true(row.get("grant_option"))]
    if objects is None:
        if target.every == "ALL":
            return None
        return frozenset(str(row["privilege"]) for row in counted if target.holds(row))
    held = [frozenset(str(row["privilege"]) for row in counted if target.holds(row, name)) for name in objects]
    return frozenset.intersection(*held) if held else None


def _objects(rows: sql.Rows) -> tuple[str, ...]:
    """Full names of listed objects; a schema's row names its database, other rows their schema too."""
    found = []
    for row in rows:
        names = [row.get("database_name"), row.get("schema_name"), row.get("name")]
        if row.get("name") != "INFORMATION_SCHEMA":
            found.append(sqltext.qualified(*(name for name in names if name)))
    return tuple(found)


def _same_privileges(left: Value, right: Value) -> bool:
    return _privileges({"privileges": left}) == _privileges({"privileges": right})


def _is_given(value: Value) -> bool:
    return isinstance(value, Unknown) or (bool(value) and value != "false")


def _exactly_one(names: tuple[str, ...], inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    given = [name for name in names if _is_given(inputs.get(name))]
    if len(given) == 1:
        return ()
    return (("", f"expected exactly one of {', '.join(names)}, got {', '.join(given) or 'none'}"),)


def _check_common(targets: tuple[str, ...], inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    found = [*_exactly_one(("privileges", "allPrivileges"), inputs), *_exactly_one(targets, inputs)]
    if "OWNERSHIP" in _privileges(inputs):
        found.append(("privileges", "OWNERSHIP is transferred, not granted here; use GrantOwnership"))
    found += _check_block("onSchema", ("schemaName", "allSchemasInDatabase", "futureSchemasInDatabase"), inputs)
    found += _check_block("onSchemaObject", ("objectName", "all", "future"), inputs)
    block = inputs.get("onAccountObject")
    if isinstance(block, Mapping):
        found += [
            (f"onAccountObject.{name}", "missing required property")
            for name in ("objectType", "objectName")
            if not _is_given(block.get(name))
        ]
    block = inputs.get("onSchemaObject")
    if isinstance(block, Mapping) and _is_given(block.get("objectName")) and not _is_given(block.get("objectType")):
        found.append(("onSchemaObject.objectType", "missing required property"))
    if isinstance(block, Mapping):
        for name in ("all", "future"):
            inside = block.get(name)
            if isinstance(inside, Mapping):
                found += [
                    (f"onSchemaObject.{name}", reason) for _, reason in _exactly_one(("inDatabase", "inSchema"), inside)
                ]
    return tuple(found)


def _check_block(block: str, names: tuple[str, ...], inputs: PropertyMap) -> list[tuple[str, str]]:
    value = inputs.get(block)
    if not isinstance(value, Mapping):
        return []
    return [(block, reason) for _, reason in _exactly_one(names, value)]


def _check_account(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    return _check_common(_TARGETS, inputs)


def _check_database(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    return _check_common(("onDatabase", "onSchema", "onSchemaObject"), inputs)


def _target(name: str, type: spec.Type) -> sql.Property:
    return sql.Property(name, type, change=spec.Change.REPLACE, shown_as=None, same=same_target)


_GROUP: Final = spec.Block(
    (
        spec.Field("objectTypePlural", required=True),
        spec.Field("inDatabase"),
        spec.Field("inSchema"),
    )
)
_ON_SCHEMA: Final = _target(
    "onSchema",
    spec.Block(
        (
            spec.Field("schemaName"),
            spec.Field("allSchemasInDatabase"),
            spec.Field("futureSchemasInDatabase"),
        )
    ),
)
_ON_SCHEMA_OBJECT: Final = _target(
    "onSchemaObject",
    spec.Block(
        (
            spec.Field("objectType"),
            spec.Field("objectName"),
            spec.Field("all", _GROUP),
            spec.Field("future", _GROUP),
        )
    ),
)
_COMMON: Final = (
    sql.Property("privileges", spec.NAMES, same=_same_privileges),
    sql.Property("allPrivileges", spec.FLAG),
    # A re-grant on every run is what it asks upstream; here a missing grant is seen and repaired anyway.
    sql.Property("alwaysApply", spec.FLAG, default=False, shown_as=None),
    sql.Property("alwaysApplyTrigger", shown_as=None),
    sql.Property("withGrantOption", spec.FLAG, default=False, change=spec.Change.REPLACE, shown_as=None),
    _ON_SCHEMA,
    _ON_SCHEMA_OBJECT,
)

GRANT_PRIVILEGES_TO_ACCOUNT_ROLE = sql.SqlKind(
    token="snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole",
    words="",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: GRANT <privileges>, REVOKE <privileges>, SHOW GRANTS",
    fields=(
        sql.reference("accountRoleName", "ROLE", required=True, change=spec.Change.REPLACE, shown_as=None),
        sql.Property("strictPrivilegeManagement", spec.FLAG, default=False, shown_as=None),
        _target("onAccount", spec.FLAG),
        _target("onAccountObject", spec.Block((spec.Field("objectType"), spec.Field("objectName")))),
        *_COMMON,
    ),
    # Granting the new one first, the revoke of the old one would take it away again.
    delete_first=True,
    gaps=("onAccountObject.inherited", "onSchema.inherited", "onSchemaObject.inherited"),
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

GRANT_PRIVILEGES_TO_DATABASE_ROLE = sql.SqlKind(
    token="snowflake:index/grantPrivilegesToDatabaseRole:GrantPrivilegesToDatabaseRole",
    words="",
    scope=sql.Scope.ACCOUNT,
    source="Snowflake SQL reference: GRANT <privileges> … TO DATABASE ROLE, REVOKE <privileges>, SHOW GRANTS",
    fields=(
        sql.reference("databaseRoleName", "DATABASE ROLE", required=True, change=spec.Change.REPLACE, shown_as=None),
        _target("onDatabase", spec.TEXT),
        *_COMMON,
    ),
    delete_first=True,
    gaps=("onSchema.inherited", "onSchemaObject.inherited"),
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
