"""One statement, from its text to its result: parse, then hand to whoever decides about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from reconciler.sandbox.snowflake.account import roles
from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution import analysis, copying, definitions, functions, grants, warehouses
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.showing import describe, show, show_columns, show_grants, show_parameters
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, render_name
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS
from reconciler.sandbox.snowflake.vocabulary.parameters import SESSION
from reconciler.sandbox.snowflake.vocabulary.properties import keep
from reconciler.sandbox.snowflake.vocabulary.results import Outcome, Rows, message

_DONE = message("Statement executed successfully.")


def execute(context: Context, statement: s.Statement, bindings: Mapping[str, Any] | None) -> Outcome:
    """Run one statement, under the account's lock; work on rows is handed back, to be done without it.

    Raises:
        RefusedError: it was refused; nothing changed.
    """
    if bindings and not isinstance(statement, s.Data):
        raise refusals.unsupported("bind variables outside of data statements")
    if isinstance(statement, s.Data):
        return _data(context, statement, bindings)
    if isinstance(statement, s.Create | s.Drop | s.Alter | s.Grant | s.GrantRole):
        # Every definition commits what is open.
        context.session.data.commit()
    run = _CONTROL[type(statement)]
    return run(context, statement)


def _use_secondary_roles(context: Context, statement: s.UseSecondaryRoles) -> Rows:
    context.session.secondary = statement.mode == "ALL"
    return _DONE


def _data(context: Context, statement: s.Data, bindings: Mapping[str, Any] | None) -> Outcome:
    sql = functions.evaluate(context, statement.sql)
    reading = analysis.analyse(context, sql)
    analysis.require(context, reading)
    if reading.uses:
        warehouses.start(context)
    if statement.verb == "TRUNCATE":
        copying.forget_loads(context, reading.written)
    return partial(context.session.data.run, reading.sql, bindings, context.session.place(context.catalogue))


def _alter_session(context: Context, statement: s.AlterSession) -> Rows:
    for name in (*statement.settings, *statement.unset):
        if name not in SESSION:
            raise refusals.invalid_property(name, "SESSION")
    kept = {name: keep(name, SESSION[name], raw) for name, raw in statement.settings.items()}
    if kept.get("MULTI_STATEMENT_COUNT", 1) != 1:
        raise refusals.unsupported("several statements in one request")
    if kept.get("QUOTED_IDENTIFIERS_IGNORE_CASE") is True:
        raise refusals.unsupported("QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE")
    context.session.parameters.update(kept)
    for name in statement.unset:
        context.session.parameters.pop(name, None)
    if "AUTOCOMMIT" in (*kept, *statement.unset):
        context.session.data.set_autocommit(kept.get("AUTOCOMMIT") is not False)
    return _DONE


def _use(context: Context, statement: s.Use) -> Rows:
    match statement.kind:
        case "ROLE":
            use_role(context, statement.name)
        case "WAREHOUSE":
            use_warehouse(context, statement.name)
        case "DATABASE":
            use_database(context, statement.name)
        case "SCHEMA":
            use_schema(context, statement.name)
        case _ if len(statement.name) == 2:
            use_schema(context, statement.name)
        case _:
            use_database(context, statement.name)
    return _DONE


def use_role(context: Context, name: Name) -> None:
    """Make a role the session's primary one.

    Raises:
        RefusedError: 2043 for an absent role, 3013 for one that was not granted to the user.
    """
    catalogue, session = context.catalogue, context.session
    found = catalogue.find(BY_WORDS["ROLE"], name[-1]) if len(name) == 1 else None
    if found is None:
        raise refusals.cannot_operate("role", render_name(name))
    held = roles.reachable(catalogue, roles.roles_of_user(catalogue, session.user))
    if found.number not in held and found.name != "PUBLIC":
        raise refusals.RefusedError(
            3013,
            "42501",
            f"SQL access control error:\nRequested role '{found.name}' is not assigned to the executing user."
            " Specify another role to activate.",
        )
    session.role = found.number


def use_warehouse(context: Context, name: Name) -> None:
    """Make a warehouse the session's own."""
    found = context.find(BY_WORDS["WAREHOUSE"], name)
    if found is None or not context.authority.has(found, "USAGE", "OPERATE", "MONITOR", "MODIFY"):
        raise refusals.cannot_operate("warehouse", render_name(name))
    context.session.warehouse = found.number


def use_database(context: Context, name: Name) -> None:
    """Stand in a database, in its PUBLIC schema if there is one."""
    found = context.find(BY_WORDS["DATABASE"], name)
    if found is None or not context.authority.has(found, "USAGE"):
        raise refusals.cannot_operate("database", render_name(name))
    context.session.database = found.number
    public = context.catalogue.find(BY_WORDS["SCHEMA"], "PUBLIC", found.number)
    usable = public is not None and context.authority.has(public, "USAGE")
    context.session.schema = public.number if public is not None and usable else 0


def use_schema(context: Context, name: Name) -> None:
    """Stand in a schema."""
    found: SqlObject | None = context.find(BY_WORDS["SCHEMA"], name)
    if found is None or not context.authority.has(found, "USAGE") or not context.authority.can_use(found):
        raise refusals.cannot_operate("schema", render_name(name))
    context.session.database, context.session.schema = found.parent, found.number


_CONTROL: Final[Mapping[type, Callable[[Context, Any], Outcome]]] = {
    s.Create: definitions.create,
    s.Drop: definitions.drop,
    s.Alter: definitions.alter,
    s.AlterSession: _alter_session,
    s.Use: _use,
    s.UseSecondaryRoles: _use_secondary_roles,
    s.Grant: grants.grant,
    s.GrantRole: grants.grant_role,
    s.Show: show.show,
    s.ShowColumns: show_columns.show_columns,
    s.ShowGrants: show_grants.show_grants,
    s.ShowFutureGrants: show_grants.show_future_grants,
    s.ShowParameters: show_parameters.show_parameters,
    s.Describe: describe.describe,
    s.CopyInto: copying.copy_into,
    s.ListStage: copying.list_stage,
}
