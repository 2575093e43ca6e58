"""Context functions and SYSTEM$ functions: their values, put into the text as literals.

The data engine does not know the account, so what depends on it is evaluated
here, before the statement goes there. Source: Snowflake SQL reference, Context
functions, System functions; facts/clouds §B1.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Final

from reconciler.sandbox.snowflake.account import accounts, roles
from reconciler.sandbox.snowflake.account.catalogue import account
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing.scanner import Scanner, Sort
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import fold
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS
from reconciler.sandbox.snowflake.vocabulary.properties import Kept

_CONTEXT: Final = frozenset(
    {
        "CURRENT_ACCOUNT",
        "CURRENT_ACCOUNT_NAME",
        "CURRENT_ORGANIZATION_NAME",
        "CURRENT_REGION",
        "CURRENT_ROLE",
        "CURRENT_SECONDARY_ROLES",
        "CURRENT_AVAILABLE_ROLES",
        "CURRENT_USER",
        "CURRENT_WAREHOUSE",
        "CURRENT_DATABASE",
        "CURRENT_SCHEMA",
        "CURRENT_SESSION",
        "IS_ROLE_IN_SESSION",
    }
)
_CALL: Final = re.compile(r"CALL\s+(.*)", re.IGNORECASE | re.DOTALL)
_ACCOUNT_ID: Final = re.compile(r"\d{12}\Z")
_HOST: Final = "flowforge-sandbox"


def evaluate(context: Context, sql: str) -> str:
    """The same statement with all calls of these functions replaced by their values.

    A call that is a whole item of the select list keeps its text as the column's name.
    """
    if called := _CALL.match(sql):
        # CALL SYSTEM$…() answers what SELECT would.
        if not called[1].upper().startswith("SYSTEM$"):
            raise refusals.unsupported("CALL of procedures")
        sql = f"SELECT {called[1]}"
    scanner = Scanner(sql)
    edits: list[tuple[int, int, str]] = []
    while not scanner.at_end():
        name = scanner.word()
        if (name in _CONTEXT or name.startswith("SYSTEM$")) and scanner.is_symbol("(", 1):
            edits.append(_call(context, scanner, name))
        else:
            scanner.take()
    for start, end, text in reversed(edits):
        sql = sql[:start] + text + sql[end + 1 :]
    return sql


def _call(context: Context, scanner: Scanner, name: str) -> tuple[int, int, str]:
    first = scanner.take()
    before = scanner.peek(-2)
    scanner.expect_symbol("(")
    arguments: list[str] = []
    while not scanner.accept_symbol(")"):
        arguments.append(scanner.take_string())
        scanner.accept_symbol(",")
    closing = scanner.peek(-1)
    end = closing.end if closing is not None else first.end
    value = _value(context, name, tuple(arguments))
    text = _literal(value)
    follows = scanner.peek()
    whole = before is not None and before.text.upper() in ("SELECT", ",")
    ends = follows is None or (follows.sort is Sort.SYMBOL and follows.text == ",") or scanner.word() == "FROM"
    if whole and ends:
        shown = scanner.sql[first.start : end + 1].upper() if not arguments else name
        text += ' AS "' + shown.replace('"', '""') + '"'
    return first.start, end, text


def _literal(value: Kept) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    text = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"'{text}'"


def _value(context: Context, name: str, arguments: tuple[str, ...]) -> Kept:
    if name.startswith("SYSTEM$"):
        return _system(context, name.removeprefix("SYSTEM$"), arguments)
    session, catalogue = context.session, context.catalogue
    if name == "IS_ROLE_IN_SESSION":
        (wanted,) = arguments if len(arguments) == 1 else ("",)
        role = catalogue.find(BY_WORDS["ROLE"], fold(wanted))
        return role is not None and role.number in context.authority.active
    if arguments:
        raise refusals.syntax(f"too many arguments for function [{name}()]")
    place = session.place(catalogue)
    role = session.current(catalogue, session.role)
    match name:
        case "CURRENT_ACCOUNT":
            return accounts.LOCATOR
        case "CURRENT_ACCOUNT_NAME":
            return accounts.ACCOUNT_NAME
        case "CURRENT_ORGANIZATION_NAME":
            return accounts.ORGANIZATION
        case "CURRENT_REGION":
            return "AWS_US_EAST_1"
        case "CURRENT_ROLE":
            return role.name if role is not None else None
        case "CURRENT_USER":
            return catalogue.objects[session.user].name
        case "CURRENT_WAREHOUSE":
            warehouse = session.current(catalogue, session.warehouse)
            return warehouse.name if warehouse is not None else None
        case "CURRENT_DATABASE":
            return place[0] if place else None
        case "CURRENT_SCHEMA":
            return place[1] if len(place) > 1 else None
        case "CURRENT_SESSION":
            return str(session.number)
        case "CURRENT_SECONDARY_ROLES":
            return _secondary(context)
        case _:
            held = roles.reachable(catalogue, roles.roles_of_user(catalogue, session.user))
            names = sorted({catalogue.objects[number].name for number in held} | {"PUBLIC"})
            return json.dumps(names)


def _secondary(context: Context) -> str:
    session, catalogue = context.session, context.catalogue
    if not session.secondary:
        return json.dumps({"roles": "", "value": ""})
    held = roles.roles_of_user(catalogue, session.user) - {session.role}
    return json.dumps({"roles": ",".join(sorted(catalogue.objects[each].name for each in held)), "value": "ALL"})


def _system(context: Context, name: str, arguments: tuple[str, ...]) -> Kept:
    match name:
        case "GET_PRIVATELINK_CONFIG":
            _require_accountadmin(context, name)
            return json.dumps(_privatelink(context))
        case "AUTHORIZE_PRIVATELINK" | "REVOKE_PRIVATELINK" | "GET_PRIVATELINK":
            _require_accountadmin(context, name)
            return _authorization(context, name, arguments)
        case "GET_PRIVATELINK_AUTHORIZED_ENDPOINTS":
            _require_accountadmin(context, name)
            found = [{"endpointId": each, "endpointIdType": "Aws Id"} for each in _authorized(context)]
            return json.dumps(found)
        case "GET_SNOWFLAKE_PLATFORM_INFO":
            _require_accountadmin(context, name)
            return json.dumps({"snowflake-vpc-id": account(context.catalogue).facts["vpc_ids"]})
        case "ALLOWLIST":
            return json.dumps(
                [
                    {"type": "SNOWFLAKE_DEPLOYMENT", "host": f"{_HOST}.snowflakecomputing.com", "port": 443},
                    {"type": "STAGE", "host": "sfc-flowforge-sb-customer-stage.s3.amazonaws.com", "port": 443},
                    {"type": "OCSP_CACHE", "host": "ocsp.snowflakecomputing.com", "port": 80},
                ]
            )
        case "ALLOWLIST_PRIVATELINK":
            config = _privatelink(context)
            hosts = sorted({str(value) for key, value in config.items() if key.endswith("-url")})
            return json.dumps([{"type": "SNOWFLAKE_DEPLOYMENT", "host": host, "port": 443} for host in hosts])
        case _:
            raise refusals.unsupported(f"function SYSTEM${name}")


def _require_accountadmin(context: Context, name: str) -> None:
    role = context.catalogue.find(BY_WORDS["ROLE"], "ACCOUNTADMIN")
    if role is None or role.number not in context.authority.active:
        raise refusals.denied("function", f"SYSTEM${name}")


def _privatelink(context: Context) -> dict[str, Kept]:
    """The keys that an AWS account answers, with the underscore that real accounts have in one of them."""
    zone = f"{accounts.REGION}.privatelink.snowflakecomputing.com"
    locator = accounts.LOCATOR.lower().replace("_", "-")
    regionless = f"{_HOST}.privatelink.snowflakecomputing.com"
    return {
        "privatelink-account-name": f"{locator}.{accounts.REGION}.privatelink",
        "privatelink-account-url": f"{locator}.{zone}",
        "privatelink-account-principal": f"arn:aws:iam::{accounts.SNOWFLAKE_AWS_ACCOUNT}:root",
        "privatelink-vpce-id": account(context.catalogue).facts["privatelink_service"],
        "privatelink-internal-stage": "sfc-flowforge-sb-customer-stage",
        "privatelink_ocsp-url": f"ocsp.{locator}.{zone}",
        "privatelink-connection-urls": "[]",
        "privatelink-connection-ocsp-urls": "[]",
        "privatelink-dashed-urls-for-duo": "[]",
        "regionless-privatelink-account-url": regionless,
        "regionless-privatelink-ocsp-url": f"ocsp.{regionless}",
        "snowsight-privatelink-url": f"app.{zone}",
        "regionless-snowsight-privatelink-url": f"app-{regionless}",
        "app-service-privatelink-url": "*.flowforgesb.privatelink.snowflake.app",
    }


def _authorized(context: Context) -> tuple[str, ...]:
    stored = account(context.catalogue).facts.get("privatelink_authorized")
    return tuple(str(each) for each in stored) if isinstance(stored, list) else ()


def _authorization(context: Context, name: str, arguments: tuple[str, ...]) -> str:
    """AUTHORIZE, REVOKE and GET of an AWS account id with a federated token (JSON text).

    Raises:
        RefusedError: an id or a token that AWS would not have made.
    """
    if len(arguments) != 2:
        raise refusals.syntax(f"not enough arguments for function [SYSTEM${name}]")
    identifier, token = arguments
    if not _ACCOUNT_ID.match(identifier):
        raise refusals.invalid_value(f"'{identifier}'", "account id")
    try:
        credentials = json.loads(token).get("Credentials", {})
    except (ValueError, AttributeError) as error:
        raise refusals.invalid_value("not the JSON of get-federation-token", "federated token") from error
    if not isinstance(credentials, dict) or not {"AccessKeyId", "SecretAccessKey", "SessionToken"} <= set(credentials):
        raise refusals.invalid_value("no credentials in it", "federated token")
    authorized = _authorized(context)
    if name == "GET_PRIVATELINK":
        known = identifier in authorized
        return "Account is authorized for PrivateLink." if known else "Account is not authorized for PrivateLink."
    left = [each for each in authorized if each != identifier]
    if name == "AUTHORIZE_PRIVATELINK":
        left.append(identifier)
    item = account(context.catalogue)
    with context.catalogue.transaction():
        context.catalogue.put(replace(item, facts={**item.facts, "privatelink_authorized": list(left)}))
    return "Private link access authorized." if name == "AUTHORIZE_PRIVATELINK" else "Private link access revoked."
