"""SHOW GRANTS and SHOW FUTURE GRANTS.

Source: Snowflake SQL reference, SHOW GRANTS.
"""

from __future__ import annotations

from reconciler.sandbox.snowflake.account import accounts
from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import render_name, render_part
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS
from reconciler.sandbox.snowflake.vocabulary.results import Cell, Row, Rows, answer, flag, timestamp


def grant_name(context: Context, item: SqlObject) -> str:
    """An object's name as SHOW GRANTS prints it."""
    if item.kind == "ACCOUNT":
        return accounts.LOCATOR
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
        "granted_by": _by(context, item.owner),
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
