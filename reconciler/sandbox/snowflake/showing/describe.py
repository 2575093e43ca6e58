"""DESC: one object, in the form that its kind has.

Source: Snowflake SQL reference, the DESCRIBE pages; facts/snowflake-provider §7.3 and §7.4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution import stages
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.execution.relations import columns_of
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.properties import Kept
from reconciler.sandbox.snowflake.vocabulary.results import Cell, Rows, answer, flag, timestamp

_PROPERTY_ROW = "property, property_type, property_value, property_default"


def describe(context: Context, statement: s.Describe) -> Rows:
    """DESC of one object.

    Raises:
        RefusedError: 2003 when it is not seen; our own number for kinds that have none here.
    """
    if statement.kind.words in ("TABLE", "VIEW"):
        return _relation(context.relation(statement.name))
    item = context.get(statement.kind, statement.name)
    match item.kind:
        case "DATABASE":
            return _children(context, item, "SCHEMA")
        case "SCHEMA":
            return _children(context, item, "TABLE", "VIEW")
        case "WAREHOUSE":
            row: dict[str, Cell] = {"created_on": timestamp(item.created_s), "name": item.name, "kind": "WAREHOUSE"}
            return answer([row], "created_on, name, kind")
        case "USER":
            return _user(context, item)
        case "NETWORK POLICY":
            return _network_policy(item)
        case "STORAGE INTEGRATION":
            return _integration(context, item)
        case "STAGE":
            return _stage(item)
        case "FILE FORMAT":
            return _file_format(item)
        case _:
            raise refusals.unsupported(f"DESCRIBE {item.kind}")


def _children(context: Context, item: SqlObject, *kinds: str) -> Rows:
    rows: list[Mapping[str, Cell]] = [
        {"created_on": timestamp(child.created_s), "name": child.name, "kind": child.kind}
        for child in context.catalogue.children(item.number)
        if child.kind in kinds and context.authority.sees(child)
    ]
    return answer(rows, "created_on, name, kind")


def _relation(item: SqlObject) -> Rows:
    rows: list[Mapping[str, Cell]] = [
        {
            "name": column.name,
            "type": column.type,
            "kind": "COLUMN",
            "null?": "Y" if column.nullable else "N",
            "default": f"IDENTITY START {column.autoincrement[0]} INCREMENT {column.autoincrement[1]} NOORDER"
            if column.autoincrement is not None
            else column.default,
            "primary key": "Y" if column.primary_key else "N",
            "unique key": "Y" if column.unique_key else "N",
            "comment": column.comment,
        }
        for column in columns_of(item)
    ]
    return answer(
        rows,
        "name, type, kind, null?, default, primary key, unique key, check, expression, comment, policy name,"
        " privacy domain, schema evolution record",
    )


def _user(context: Context, item: SqlObject) -> Rows:
    known = context.authority.has(item, "MONITOR") or context.authority.manages_grants()
    if not known and context.session.user != item.number:
        raise refusals.denied("user", item.name)
    secondary = item.value("DEFAULT_SECONDARY_ROLES")
    values: dict[str, object] = {
        "NAME": item.name,
        "COMMENT": item.value("COMMENT") or None,
        "DISPLAY_NAME": item.value("DISPLAY_NAME") or item.name,
        "TYPE": item.value("TYPE"),
        "LOGIN_NAME": item.value("LOGIN_NAME") or item.name.upper(),
        "FIRST_NAME": item.value("FIRST_NAME"),
        "MIDDLE_NAME": item.value("MIDDLE_NAME"),
        "LAST_NAME": item.value("LAST_NAME"),
        "EMAIL": item.value("EMAIL"),
        "PASSWORD": "********" if item.facts.get("password") else None,
        "MUST_CHANGE_PASSWORD": flag(item.value("MUST_CHANGE_PASSWORD")),
        "DISABLED": flag(item.value("DISABLED")),
        "SNOWFLAKE_LOCK": "false",
        "SNOWFLAKE_SUPPORT": "false",
        "DAYS_TO_EXPIRY": item.value("DAYS_TO_EXPIRY"),
        "MINS_TO_UNLOCK": item.value("MINS_TO_UNLOCK"),
        "DEFAULT_WAREHOUSE": item.value("DEFAULT_WAREHOUSE"),
        "DEFAULT_NAMESPACE": item.value("DEFAULT_NAMESPACE"),
        "DEFAULT_ROLE": item.value("DEFAULT_ROLE"),
        "DEFAULT_SECONDARY_ROLES": json.dumps(secondary) if isinstance(secondary, list) else None,
        "EXT_AUTHN_DUO": "false",
        "EXT_AUTHN_UID": None,
        "HAS_MFA": "false",
        "MINS_TO_BYPASS_MFA": None,
        "MINS_TO_BYPASS_NETWORK_POLICY": None,
        "PASSWORD_LAST_SET_TIME": _time(item.facts.get("password_set_s")),
        "CUSTOM_LANDING_PAGE_URL": None,
        "CUSTOM_LANDING_PAGE_URL_FLUSH_NEXT_UI_LOAD": "false",
        "HAS_WORKLOAD_IDENTITY": "false",
    }
    for slot in ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"):
        values[slot] = item.properties.get(slot)
        values[f"{slot}_FP"] = item.facts.get(f"{slot}_FP")
        values[f"{slot}_LAST_SET_TIME"] = _time(item.facts.get(f"{slot}_LAST_SET_TIME"))
    rows: list[Mapping[str, Cell]] = [
        {"property": name, "value": "null" if value is None else str(value), "default": "null", "description": ""}
        for name, value in values.items()
    ]
    return answer(rows, "property, value, default, description")


def _time(seconds: Kept) -> str | None:
    if not isinstance(seconds, int | float):
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _network_policy(item: SqlObject) -> Rows:
    """One row per list that is set, its entries joined by commas."""
    lists = {name: item.value(name) for name in ("ALLOWED_IP_LIST", "BLOCKED_IP_LIST")}
    rows: list[Mapping[str, Cell]] = [
        {"name": name, "value": ",".join(str(each) for each in value)}
        for name, value in lists.items()
        if isinstance(value, list) and value
    ]
    return answer(rows, "name, value")


def _joined(value: Kept) -> str:
    return ",".join(str(each) for each in value) if isinstance(value, list) else ""


def _integration(context: Context, item: SqlObject) -> Rows:
    context.authority.require(item, "USAGE")
    values = (
        ("ENABLED", "Boolean", flag(item.value("ENABLED")), "false"),
        ("STORAGE_PROVIDER", "String", str(item.value("STORAGE_PROVIDER")), ""),
        ("STORAGE_ALLOWED_LOCATIONS", "List", _joined(item.value("STORAGE_ALLOWED_LOCATIONS")), "[]"),
        ("STORAGE_BLOCKED_LOCATIONS", "List", _joined(item.value("STORAGE_BLOCKED_LOCATIONS")), "[]"),
        ("STORAGE_AWS_IAM_USER_ARN", "String", stages.iam_user_arn(context.catalogue), ""),
        ("STORAGE_AWS_ROLE_ARN", "String", str(item.value("STORAGE_AWS_ROLE_ARN")), ""),
        ("STORAGE_AWS_EXTERNAL_ID", "String", stages.external_id(item), ""),
        ("STORAGE_AWS_OBJECT_ACL", "String", str(item.value("STORAGE_AWS_OBJECT_ACL") or ""), ""),
        ("USE_PRIVATELINK_ENDPOINT", "Boolean", flag(item.value("USE_PRIVATELINK_ENDPOINT")), "false"),
        ("COMMENT", "String", str(item.value("COMMENT") or ""), ""),
    )
    return _property_rows(values)


def _property_rows(values: tuple[tuple[str, str, str, str], ...]) -> Rows:
    rows: list[Mapping[str, Cell]] = [dict(zip(_PROPERTY_ROW.split(", "), each, strict=True)) for each in values]
    return answer(rows, _PROPERTY_ROW)


def _stage(item: SqlObject) -> Rows:
    file_format = item.properties.get("FILE_FORMAT")
    directory = item.properties.get("DIRECTORY")
    options = directory if isinstance(directory, dict) else {}
    url = item.properties.get("URL")
    rows = list(_stage_format(file_format if isinstance(file_format, dict) else {}))
    rows.append(("STAGE_LOCATION", "URL", "String", json.dumps([url]) if url else "", ""))
    rows.append(("STAGE_INTEGRATION", "STORAGE_INTEGRATION", "String", stages.shown_integration(item) or "", ""))
    for name, default in (("ENABLE", "false"), ("AUTO_REFRESH", "false")):
        value = options.get(name)
        rows.append(("DIRECTORY", name, "Boolean", flag(value) if value is not None else default, default))
    rows.append(
        ("PRIVATELINK", "USE_PRIVATELINK_ENDPOINT", "Boolean", flag(item.value("USE_PRIVATELINK_ENDPOINT")), "false")
    )
    names = "parent_property, property, property_type, property_value, property_default"
    return answer([dict(zip(names.split(", "), row, strict=True)) for row in rows], names)


def _stage_format(options: Mapping[str, Kept]) -> tuple[tuple[str, str, str, str, str], ...]:
    """The stage's file format: by name, or its options one by one."""
    if "FORMAT_NAME" in options:
        return (("STAGE_FILE_FORMAT", "FORMAT_NAME", "String", str(options["FORMAT_NAME"]), ""),)
    if not options:
        return (("STAGE_FILE_FORMAT", "TYPE", "String", "CSV", "CSV"),)
    return tuple(
        (
            "STAGE_FILE_FORMAT",
            name,
            "Boolean" if isinstance(value, bool) else "List" if isinstance(value, list) else "String",
            flag(value) if isinstance(value, bool) else _bracketed(value),
            "",
        )
        for name, value in options.items()
    )


def _bracketed(value: Kept) -> str:
    return "[" + ", ".join(str(each) for each in value) + "]" if isinstance(value, list) else str(value)


def _file_format(item: SqlObject) -> Rows:
    values: list[tuple[str, str, str, str]] = []
    for name, declared in item.declared.properties.items():
        if name in ("COMMENT", "SNAPPY_COMPRESSION"):
            continue
        value = item.value(name)
        sort = "Boolean" if isinstance(declared.default, bool) else "List" if name == "NULL_IF" else "String"
        shown = flag(value) if isinstance(value, bool) else _bracketed(value)
        default = flag(declared.default) if isinstance(declared.default, bool) else _bracketed(declared.default)
        values.append((name, sort, shown, default))
    return _property_rows(tuple(values))
