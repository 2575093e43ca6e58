"""SHOW: which rows a session sees, and what stands in each column.

Column names and the odd spellings of values are Snowflake's. Source: Snowflake
SQL reference, the SHOW pages; facts/snowflake-provider §7.3.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from reconciler.catalog.sql import Scope
from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution import stages
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.showing.show_parameters import effective
from reconciler.sandbox.snowflake.showing.wildcards import like
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.properties import Kept
from reconciler.sandbox.snowflake.vocabulary.results import Cell, Row, Rows, answer, flag, timestamp


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
    # Snowflake answers no more than this.
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
    place = place_of(context, container)
    if place is None:
        return every
    if kind.scope is Scope.DATABASE and place.kind == "SCHEMA":
        place = catalogue.objects[place.parent]
    inside = {item.number for item in catalogue.below(place.number)}
    return tuple(item for item in every if item.number in inside)


def place_of(context: Context, container: s.OnObject | None) -> SqlObject | None:
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


def _yes(value: bool) -> str:
    return "Y" if value else "N"


def _names(context: Context, item: SqlObject) -> dict[str, Cell]:
    full = context.catalogue.full_name(item)
    return {"database_name": full[0], "schema_name": full[1]} if len(full) == 3 else {"database_name": full[0]}


def _retention(context: Context, item: SqlObject) -> str:
    return str(effective(context, item, "DATA_RETENTION_TIME_IN_DAYS")[0])


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
