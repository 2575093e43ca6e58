"""SHOW: which rows a session sees, and what stands in each column.

Column names and the odd spellings of values are Snowflake's. Source: Snowflake
SQL reference, the SHOW pages; facts/snowflake-provider §7.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from reconciler.catalog.sql import Scope
from reconciler.sandbox.snowflake import refusals, stages
from reconciler.sandbox.snowflake import statements as s
from reconciler.sandbox.snowflake.catalogue import SqlObject
from reconciler.sandbox.snowflake.contexts import Context
from reconciler.sandbox.snowflake.identifiers import render_name, render_part
from reconciler.sandbox.snowflake.kinds import BY_WORDS
from reconciler.sandbox.snowflake.properties import Kept, Property
from reconciler.sandbox.snowflake.relations import columns_of
from reconciler.sandbox.snowflake.results import Cell, Column, Rows, timestamp
from reconciler.sandbox.snowflake.statements import Column as TableColumn

SHOW_TYPE: Final = 0x4400
_TIMES: Final = dict.fromkeys(("created_on", "resumed_on", "updated_on", "last_success_login"), "timestamp_ltz")
Row = Mapping[str, Cell]


def like(pattern: str | None) -> Callable[[str], bool]:
    r"""The test of LIKE: any case, % and _ as wildcards, a backslash takes their meaning away.

    >>> like("a_c%")("ABCDE"), like(r"a\_c")("abc")
    (True, False)
    """
    if pattern is None:
        return lambda _: True
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, "\\")))
        else:
            parts.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    test = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    return lambda text: test.fullmatch(text) is not None


def answer(rows: Sequence[Row], names: str, types: Mapping[str, str] | None = None) -> Rows:
    """Rows as a result; columns that a row lacks are NULL."""
    order = names.split(", ")
    kinds = {**_TIMES, **(types or {})}
    columns = tuple(Column(name, kinds.get(name, "text")) for name in order)
    return Rows(columns, tuple(tuple(row.get(name) for name in order) for row in rows), SHOW_TYPE)


def show(context: Context, statement: s.Show) -> Rows:
    """SHOW of a kind.

    Raises:
        RefusedError: 2003 for a container that is not seen.
    """
    kind = statement.kind
    items = [item for item in _candidates(context, statement) if context.authority.sees(item)]
    matches = like(statement.like)
    items = [item for item in items if matches(item.name)]
    if statement.starts_with is not None:
        items = [item for item in items if item.name.startswith(statement.starts_with)]
    if statement.start_after is not None:
        items = [item for item in items if item.name > statement.start_after]
    if statement.limit is not None:
        items = items[: statement.limit]
    if len(items) > 10_000:
        items = items[:10_000]
    render, names, types = _KINDS[kind.words]
    rows = [{**_common(context, item), **render(context, item)} for item in items]
    if statement.terse:
        names = "created_on, name, kind, database_name, schema_name"
    return answer(rows, names, types)


def _common(context: Context, item: SqlObject) -> Row:
    return {
        "created_on": timestamp(item.created_s),
        "name": item.name,
        "owner": owner(context, item),
        "comment": str(item.value("COMMENT") or ""),
        "owner_role_type": _owner_type(context, item),
    }


def _candidates(context: Context, statement: s.Show) -> tuple[SqlObject, ...]:
    """The objects of the kind in the container that the statement names, or in the session's own."""
    catalogue, kind, container = context.catalogue, statement.kind, statement.container
    every = catalogue.of_kind(kind.words)
    if kind.scope is Scope.ACCOUNT or (container is not None and container.kind.words == "ACCOUNT"):
        if kind.words == "DATABASE ROLE":
            raise refusals.unsupported("SHOW DATABASE ROLES IN ACCOUNT")
        return every
    place = _place(context, container)
    if place is None:
        return every
    if kind.scope is Scope.DATABASE and place.kind == "SCHEMA":
        place = catalogue.objects[place.parent]
    inside = {item.number for item in catalogue.below(place.number)}
    return tuple(item for item in every if item.number in inside)


def _place(context: Context, container: s.OnObject | None) -> SqlObject | None:
    """Where to look: the named container, the session's, or everywhere (None)."""
    session, catalogue = context.session, context.catalogue
    if container is not None and container.name:
        return context.get(container.kind, container.name)
    if container is not None:
        return context.database() if container.kind.words == "DATABASE" else context.schema()
    return session.current(catalogue, session.schema) or session.current(catalogue, session.database)


def owner(context: Context, item: SqlObject) -> str:
    """The owner's name; "" for what nobody owns."""
    found = context.catalogue.objects.get(item.owner)
    return found.name if found is not None else ""


def _owner_type(context: Context, item: SqlObject) -> str:
    found = context.catalogue.objects.get(item.owner)
    return found.kind.replace(" ", "_") if found is not None else ""


def flag(value: Kept) -> str:
    """A boolean as SHOW prints most of them."""
    return "true" if value is True else "false"


def _yes(value: bool) -> str:
    return "Y" if value else "N"


def _names(context: Context, item: SqlObject) -> dict[str, Cell]:
    full = context.catalogue.full_name(item)
    return {"database_name": full[0], "schema_name": full[1]} if len(full) == 3 else {"database_name": full[0]}


def parameter(context: Context, item: SqlObject, name: str) -> tuple[Kept, str]:
    """The value of a parameter, and the level at which it is set ("" for the default)."""
    at: SqlObject | None = item
    while at is not None:
        if name in at.properties:
            return at.properties[name], at.kind
        at = context.catalogue.objects.get(at.parent)
    declared = item.declared.properties[name]
    return declared.default, ""


def _retention(context: Context, item: SqlObject) -> str:
    return str(parameter(context, item, "DATA_RETENTION_TIME_IN_DAYS")[0])


def _database(context: Context, item: SqlObject) -> Row:
    return {
        "is_default": "N",
        "is_current": _yes(item.number == context.session.database),
        "origin": "",
        "options": "TRANSIENT" if item.facts.get("transient") is True else "",
        "retention_time": _retention(context, item),
        "kind": "STANDARD",
    }


def _schema(context: Context, item: SqlObject) -> Row:
    options = (("transient", "TRANSIENT"), ("managed_access", "MANAGED ACCESS"))
    return {
        **_names(context, item),
        "is_default": "N",
        "is_current": _yes(item.number == context.session.schema),
        "options": ", ".join(word for fact, word in options if item.facts.get(fact) is True),
        "retention_time": _retention(context, item),
    }


def _warehouse(context: Context, item: SqlObject) -> Row:
    started = item.facts.get("state") == "STARTED"
    updated = item.facts.get("updated_s")
    constraint = item.value("RESOURCE_CONSTRAINT")
    return {
        "state": str(item.facts.get("state")),
        "type": str(item.value("WAREHOUSE_TYPE")),
        "size": str(item.value("WAREHOUSE_SIZE")),
        "min_cluster_count": _integer(item.value("MIN_CLUSTER_COUNT")),
        "max_cluster_count": _integer(item.value("MAX_CLUSTER_COUNT")),
        "started_clusters": int(started),
        "running": 0,
        "queued": 0,
        "is_default": "N",
        "is_current": _yes(item.number == context.session.warehouse),
        "auto_suspend": _integer(item.value("AUTO_SUSPEND")),
        "auto_resume": flag(item.value("AUTO_RESUME")),
        "available": "100" if started else "",
        "provisioning": "0" if started else "",
        "quiescing": "0" if started else "",
        "other": "0" if started else "",
        "resumed_on": timestamp(item.created_s),
        "updated_on": timestamp(float(updated) if isinstance(updated, int | float) else item.created_s),
        "enable_query_acceleration": flag(item.value("ENABLE_QUERY_ACCELERATION")),
        "query_acceleration_max_scale_factor": _integer(item.value("QUERY_ACCELERATION_MAX_SCALE_FACTOR")),
        "resource_monitor": str(item.value("RESOURCE_MONITOR") or "null"),
        "actives": "0",
        "pendings": "0",
        "failed": "0",
        "suspended": "0",
        "uuid": str(item.number),
        "scaling_policy": str(item.value("SCALING_POLICY")),
        "resource_constraint": str(constraint) if constraint is not None else None,
        "generation": str(item.value("GENERATION") or "1"),
    }


def _integer(value: Kept) -> int | None:
    return value if isinstance(value, int) else None


def _role(context: Context, item: SqlObject) -> Row:
    catalogue, session = context.catalogue, context.session
    holders = [catalogue.objects[granted.grantee] for granted in catalogue.grants_on(item.number)]
    held = [catalogue.objects[granted.on] for granted in catalogue.grants_to(item.number)]
    primary = context.authority.creating
    return {
        "is_default": "N",
        "is_current": _yes(item.number == session.role),
        "is_inherited": _yes(item.number in primary and item.number != session.role),
        "assigned_to_users": sum(holder.kind == "USER" for holder in holders),
        "granted_to_roles": sum(holder.kind == "ROLE" for holder in holders),
        "granted_to_database_roles": sum(holder.kind == "DATABASE ROLE" for holder in holders),
        "granted_roles": sum(each.kind == "ROLE" for each in held),
        "granted_database_roles": sum(each.kind == "DATABASE ROLE" for each in held),
    }


def _user(context: Context, item: SqlObject) -> Row:
    secondary = item.value("DEFAULT_SECONDARY_ROLES")
    detail = context.authority.has(item, "MONITOR") or context.authority.manages_grants()
    shown: dict[str, Cell] = {
        "login_name": str(item.value("LOGIN_NAME") or item.name.upper()),
        "display_name": str(item.value("DISPLAY_NAME") or item.name),
        "disabled": flag(item.value("DISABLED")),
        "default_warehouse": str(item.value("DEFAULT_WAREHOUSE") or ""),
        "default_namespace": str(item.value("DEFAULT_NAMESPACE") or ""),
        "default_role": str(item.value("DEFAULT_ROLE") or ""),
        "default_secondary_roles": _json_list(secondary),
        "type": str(item.value("TYPE") or ""),
        "has_password": flag(bool(item.facts.get("password"))),
        "has_rsa_public_key": flag(any(f"{slot}_FP" in item.facts for slot in ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"))),
        "has_mfa": "false",
        "has_workload_identity": "false",
        "must_change_password": flag(item.value("MUST_CHANGE_PASSWORD")),
        "snowflake_lock": "false",
        "ext_authn_duo": "false",
        "first_name": str(item.value("FIRST_NAME") or ""),
        "last_name": str(item.value("LAST_NAME") or ""),
        "email": str(item.value("EMAIL") or ""),
        "mins_to_unlock": str(item.value("MINS_TO_UNLOCK") or ""),
        "days_to_expiry": str(item.value("DAYS_TO_EXPIRY") or ""),
    }
    return shown if detail else {"login_name": None, "comment": None}


def _json_list(value: Kept) -> str:
    return "[" + ",".join(f'"{each}"' for each in value) + "]" if isinstance(value, list) else "[]"


def _network_policy(_context: Context, item: SqlObject) -> Row:
    def count(name: str) -> int:
        value = item.value(name)
        return len(value) if isinstance(value, list) else 0

    return {
        "entries_in_allowed_ip_list": count("ALLOWED_IP_LIST"),
        "entries_in_blocked_ip_list": count("BLOCKED_IP_LIST"),
        "entries_in_allowed_network_rules": 0,
        "entries_in_blocked_network_rules": 0,
    }


def _integration(_context: Context, item: SqlObject) -> Row:
    return {"type": "EXTERNAL_STAGE", "category": "STORAGE", "enabled": flag(item.value("ENABLED"))}


def _stage(context: Context, item: SqlObject) -> Row:
    url = item.properties.get("URL")
    directory = item.properties.get("DIRECTORY")
    enabled = directory.get("ENABLE") if isinstance(directory, dict) else None
    return {
        **_names(context, item),
        "url": str(url) if url else "",
        "has_credentials": "N",
        "has_encryption_key": "N",
        "region": "us-east-1" if url else None,
        "type": "EXTERNAL" if url else "INTERNAL",
        "cloud": "AWS" if url else None,
        "storage_integration": stages.shown_integration(item),
        "directory_enabled": _yes(enabled is True),
    }


def _file_format(context: Context, item: SqlObject) -> Row:
    options = {name: item.value(name) for name in item.declared.properties if name != "COMMENT"}
    return {**_names(context, item), "type": str(item.value("TYPE")), "format_options": json.dumps(options)}


def _table(context: Context, item: SqlObject) -> Row:
    cluster = item.properties.get("CLUSTER_BY")
    tracking = item.value("CHANGE_TRACKING") is True
    rows = context.storage.row_count(context.catalogue.full_name(item))
    return {
        **_names(context, item),
        "kind": "TRANSIENT" if item.facts.get("transient") is True else "TABLE",
        "cluster_by": f"LINEAR({', '.join(map(str, cluster))})" if isinstance(cluster, list) and cluster else "",
        "rows": rows,
        "bytes": 0,
        "retention_time": _retention(context, item),
        "automatic_clustering": "ON" if cluster else "OFF",
        "change_tracking": "ON" if tracking else "OFF",
        "is_external": "N",
        "enable_schema_evolution": _yes(item.value("ENABLE_SCHEMA_EVOLUTION") is True),
        "is_event": "N",
    }


def _view(context: Context, item: SqlObject) -> Row:
    return {
        **_names(context, item),
        "kind": "",
        "reserved": "",
        "text": str(item.facts.get("text")),
        "is_secure": flag(item.facts.get("secure")),
        "is_materialized": "false",
        "change_tracking": "ON" if item.value("CHANGE_TRACKING") is True else "OFF",
    }


_NUMBERS: Final = {"rows": "fixed", "bytes": "fixed"}
_COUNTS: Final = dict.fromkeys(
    (
        "assigned_to_users",
        "granted_to_roles",
        "granted_roles",
        "granted_to_database_roles",
        "granted_database_roles",
        "entries_in_allowed_ip_list",
        "entries_in_blocked_ip_list",
        "entries_in_allowed_network_rules",
        "entries_in_blocked_network_rules",
        "min_cluster_count",
        "max_cluster_count",
        "started_clusters",
        "running",
        "queued",
        "auto_suspend",
        "query_acceleration_max_scale_factor",
    ),
    "fixed",
)

_KINDS: Final[Mapping[str, tuple[Callable[[Context, SqlObject], Row], str, Mapping[str, str]]]] = {
    "DATABASE": (
        _database,
        (
            "created_on, name, is_default, is_current, origin, owner, comment, options, retention_time, kind,"
            " owner_role_type"
        ),
        {},
    ),
    "SCHEMA": (
        _schema,
        (
            "created_on, name, is_default, is_current, database_name, owner, comment, options, retention_time,"
            " owner_role_type"
        ),
        {},
    ),
    "WAREHOUSE": (
        _warehouse,
        (
            "name, state, type, size, min_cluster_count, max_cluster_count, started_clusters, running, queued,"
            " is_default, is_current, auto_suspend, auto_resume, available, provisioning, quiescing, other, created_on,"
            " resumed_on, updated_on, owner, comment, enable_query_acceleration, query_acceleration_max_scale_factor,"
            " resource_monitor, actives, pendings, failed, suspended, uuid, scaling_policy, owner_role_type,"
            " resource_constraint, generation"
        ),
        _COUNTS,
    ),
    "ROLE": (
        _role,
        (
            "created_on, name, is_default, is_current, is_inherited, assigned_to_users, granted_to_roles,"
            " granted_roles, owner, comment"
        ),
        _COUNTS,
    ),
    "DATABASE ROLE": (
        _role,
        (
            "created_on, name, is_default, is_current, is_inherited, granted_to_roles, granted_to_database_roles,"
            " granted_database_roles, owner, comment, owner_role_type"
        ),
        _COUNTS,
    ),
    "USER": (
        _user,
        (
            "name, created_on, login_name, display_name, first_name, last_name, email, mins_to_unlock, days_to_expiry,"
            " comment, disabled, must_change_password, snowflake_lock, default_warehouse, default_namespace,"
            " default_role, default_secondary_roles, ext_authn_duo, ext_authn_uid, mins_to_bypass_mfa, owner,"
            " last_success_login, expires_at_time, locked_until_time, has_password, has_rsa_public_key, type, has_mfa,"
            " has_workload_identity"
        ),
        {},
    ),
    "NETWORK POLICY": (
        _network_policy,
        (
            "created_on, name, comment, entries_in_allowed_ip_list, entries_in_blocked_ip_list,"
            " entries_in_allowed_network_rules, entries_in_blocked_network_rules"
        ),
        _COUNTS,
    ),
    "STORAGE INTEGRATION": (_integration, "name, type, category, enabled, comment, created_on", {}),
    "STAGE": (
        _stage,
        (
            "created_on, name, database_name, schema_name, url, has_credentials, has_encryption_key, owner, comment,"
            " region, type, cloud, notification_channel, storage_integration, endpoint, owner_role_type,"
            " directory_enabled"
        ),
        {},
    ),
    "FILE FORMAT": (
        _file_format,
        "created_on, name, database_name, schema_name, type, owner, comment, format_options, owner_role_type",
        {},
    ),
    "TABLE": (
        _table,
        (
            "created_on, name, database_name, schema_name, kind, comment, cluster_by, rows, bytes, owner,"
            " retention_time, automatic_clustering, change_tracking, is_external, enable_schema_evolution,"
            " owner_role_type, is_event"
        ),
        _NUMBERS,
    ),
    "VIEW": (
        _view,
        (
            "created_on, name, kind, reserved, database_name, schema_name, owner, comment, text, is_secure,"
            " is_materialized, owner_role_type, change_tracking"
        ),
        {},
    ),
}


def show_columns(context: Context, statement: s.ShowColumns) -> Rows:
    """SHOW COLUMNS of one table, or of all in a container."""
    matches = like(statement.like)
    container = statement.container
    if container is not None and container.kind.words in ("TABLE", "VIEW"):
        tables: tuple[SqlObject, ...] = (context.relation(container.name),)
    else:
        account = container is not None and container.kind.words == "ACCOUNT"
        place = None if account else _place(context, container)
        inside = None if place is None else {item.number for item in context.catalogue.below(place.number)}
        tables = tuple(
            item
            for words in ("TABLE", "VIEW")
            for item in context.catalogue.of_kind(words)
            if (inside is None or item.number in inside) and context.authority.sees(item)
        )
    rows = [
        {
            "table_name": table.name,
            "schema_name": context.catalogue.full_name(table)[1],
            "column_name": column.name,
            "data_type": _data_type(column),
            "null?": "true" if column.nullable else "NOT_NULL",
            "default": column.default or "",
            "kind": "COLUMN",
            "expression": "",
            "comment": column.comment or "",
            "database_name": context.catalogue.full_name(table)[0],
            "autoincrement": _autoincrement(column),
        }
        for table in tables
        for column in columns_of(table)
        if matches(column.name)
    ]
    return answer(
        rows,
        "table_name, schema_name, column_name, data_type, null?, default, kind, expression, comment, database_name,"
        " autoincrement",
    )


def _autoincrement(column: TableColumn) -> str:
    if column.autoincrement is None:
        return ""
    return f"IDENTITY START {column.autoincrement[0]} INCREMENT {column.autoincrement[1]} NOORDER"


def _data_type(column: TableColumn) -> str:
    """The type as SHOW COLUMNS has it: JSON text."""
    word, _, arguments = column.type.rstrip(")").partition("(")
    nullable = "true" if column.nullable else "false"
    match word:
        case "NUMBER":
            precision, scale = arguments.split(",")
            return f'{{"type":"FIXED","precision":{precision},"scale":{scale},"nullable":{nullable}}}'
        case "VARCHAR":
            length = f'"length":{arguments},"byteLength":{min(int(arguments) * 4, 16777216)}'
            return f'{{"type":"TEXT",{length},"nullable":{nullable},"fixed":false}}'
        case "FLOAT":
            return f'{{"type":"REAL","nullable":{nullable}}}'
        case "BINARY":
            return f'{{"type":"BINARY","length":{arguments},"byteLength":{arguments},"nullable":{nullable}}}'
        case "TIME" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ":
            return f'{{"type":"{word}","precision":0,"scale":{arguments},"nullable":{nullable}}}'
        case _:
            return f'{{"type":"{word}","nullable":{nullable}}}'


def show_parameters(context: Context, statement: s.ShowParameters) -> Rows:
    """SHOW PARAMETERS of the session, or of one object."""
    names = "key, value, default, level, description, type"
    matches = like(statement.like)
    target = statement.target
    if target is None:
        declared = BY_WORDS["USER"].properties
        user = context.catalogue.objects[context.session.user]
        rows = []
        for name, each in sorted(_parameters(declared).items()):
            value, level = parameter(context, user, name)
            if name in context.session.parameters:
                value, level = context.session.parameters[name], "SESSION"
            rows.append(_parameter_row(name, each, value, level))
        return answer([row for row in rows if matches(str(row["key"]))], names)
    if target.kind.words == "ACCOUNT":
        declared = {**BY_WORDS["USER"].properties, **BY_WORDS["DATABASE"].properties}
        rows = [_parameter_row(name, each, each.default, "") for name, each in sorted(_parameters(declared).items())]
        return answer([row for row in rows if matches(str(row["key"]))], names)
    item = context.get(target.kind, target.name)
    declared = item.declared.properties
    rows = [
        _parameter_row(name, each, *parameter(context, item, name))
        for name, each in sorted(_parameters(declared).items())
        if matches(name)
    ]
    return answer(rows, names)


def _parameters(declared: Mapping[str, Property]) -> dict[str, Property]:
    return {name: each for name, each in declared.items() if each.parameter}


def _parameter_row(name: str, declared: Property, value: Kept, level: str) -> Row:
    return {
        "key": name,
        "value": parameter_text(value),
        "default": parameter_text(declared.default),
        "level": level,
        "description": declared.description,
        "type": {"flag": "BOOLEAN", "integer": "NUMBER"}.get(declared.sort.value, "STRING"),
    }


def parameter_text(value: Kept) -> str:
    """A parameter's value as SHOW PARAMETERS prints it."""
    if value is None:
        return ""
    return flag(value) if isinstance(value, bool) else str(value)


def grant_name(context: Context, item: SqlObject) -> str:
    """An object's name as SHOW GRANTS prints it."""
    if item.kind == "ACCOUNT":
        return "FLOWFORGE_SB"
    return render_name(context.catalogue.full_name(item))


def show_grants(context: Context, statement: s.ShowGrants) -> Rows:
    """SHOW GRANTS ON, TO or OF."""
    catalogue = context.catalogue
    if statement.target is None:
        return _roles_of(context, catalogue.objects[context.session.user])
    target = _grant_target(context, statement.target)
    if statement.direction == "of":
        return _holders_of(context, target)
    if statement.direction == "to" and target.kind == "USER":
        return _roles_of(context, target)
    rows: list[Row] = []
    if statement.direction == "on":
        if target.owner:
            rows.append(_ownership_row(context, target))
        rows.extend(_grant_row(context, each.key) for each in catalogue.grants_on(target.number))
    else:
        rows.extend(_ownership_row(context, each) for each in catalogue.owned_by(target.number))
        rows.extend(_grant_row(context, each.key) for each in catalogue.grants_to(target.number))
    return answer(rows, "created_on, privilege, granted_on, name, granted_to, grantee_name, grant_option, granted_by")


def _grant_target(context: Context, target: s.OnObject) -> SqlObject:
    if target.kind.words == "TABLE":
        return context.relation(target.name)
    return context.get(target.kind, target.name)


def _grantee(context: Context, number: int) -> dict[str, Cell]:
    found = context.catalogue.objects.get(number)
    if found is None:
        return {"granted_to": "", "grantee_name": ""}
    return {"granted_to": found.kind.replace(" ", "_"), "grantee_name": context.catalogue.shown_name(found)}


def _granted_on(item: SqlObject) -> str:
    return item.declared.granted_as.replace(" ", "_")


def _grant_row(context: Context, key: tuple[str, int, int]) -> Row:
    catalogue = context.catalogue
    granted = catalogue.find_grant(*key)
    if granted is None:
        raise refusals.RefusedError(refusals.BROKEN, "XX000", f"grant {key} vanished")
    item = catalogue.objects[granted.on]
    by = catalogue.objects.get(granted.granted_by)
    return {
        "created_on": timestamp(granted.created_s),
        "privilege": granted.privilege,
        "granted_on": _granted_on(item),
        "name": grant_name(context, item),
        **_grantee(context, granted.grantee),
        "grant_option": flag(granted.option),
        "granted_by": by.name if by is not None else "",
    }


def _ownership_row(context: Context, item: SqlObject) -> Row:
    return {
        "created_on": timestamp(item.created_s),
        "privilege": "OWNERSHIP",
        "granted_on": _granted_on(item),
        "name": grant_name(context, item),
        **_grantee(context, item.owner),
        "grant_option": "true",
        "granted_by": owner(context, item),
    }


def _roles_of(context: Context, user: SqlObject) -> Rows:
    rows = [
        {
            "created_on": timestamp(granted.created_s),
            "role": context.catalogue.shown_name(context.catalogue.objects[granted.on]),
            "granted_to": "USER",
            "grantee_name": render_part(user.name),
            "granted_by": _by(context, granted.granted_by),
        }
        for granted in context.catalogue.grants_to(user.number)
    ]
    return answer(rows, "created_on, role, granted_to, grantee_name, granted_by")


def _by(context: Context, number: int) -> str:
    found = context.catalogue.objects.get(number)
    return found.name if found is not None else ""


def _holders_of(context: Context, role: SqlObject) -> Rows:
    rows = [
        {
            "created_on": timestamp(granted.created_s),
            "role": context.catalogue.shown_name(role),
            **_grantee(context, granted.grantee),
            "granted_by": _by(context, granted.granted_by),
        }
        for granted in context.catalogue.grants_on(role.number)
        if granted.privilege == "USAGE"
    ]
    return answer(rows, "created_on, role, granted_to, grantee_name, granted_by")


def show_future_grants(context: Context, statement: s.ShowFutureGrants) -> Rows:
    """SHOW FUTURE GRANTS IN or TO. The name is that of the objects to come: DB.SCHEMA.<TABLE>."""
    catalogue = context.catalogue
    target = context.get(statement.target.kind, statement.target.name)
    rows = []
    for future in catalogue.futures():
        wanted = future.container if statement.direction == "in" else future.grantee
        if wanted != target.number:
            continue
        words = BY_WORDS[future.kind].granted_as.replace(" ", "_")
        grantee = _grantee(context, future.grantee)
        rows.append(
            {
                "created_on": timestamp(future.created_s),
                "privilege": future.privilege,
                "grant_on": words,
                "name": f"{catalogue.shown_name(catalogue.objects[future.container])}.<{words}>",
                "grant_to": grantee["granted_to"],
                "grantee_name": grantee["grantee_name"],
                "grant_option": flag(future.option),
            }
        )
    return answer(rows, "created_on, privilege, grant_on, name, grant_to, grantee_name, grant_option")
