"""GRANT and REVOKE: who may, what it expands to, and what then stands in the catalogue."""

from __future__ import annotations

from dataclasses import replace

from reconciler.sandbox.snowflake.account.catalogue import Future, Granted, SqlObject
from reconciler.sandbox.snowflake.account.roles import managed_schema, would_cycle
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import render_name
from reconciler.sandbox.snowflake.vocabulary.kinds import SandboxKind
from reconciler.sandbox.snowflake.vocabulary.results import Rows, message

_DONE = message("Statement executed successfully.")


def grantee_of(context: Context, named: s.Grantee) -> SqlObject:
    """The role, database role or user that a statement names.

    Raises:
        RefusedError: 2003 when there is none.
    """
    return context.get(named.kind, named.name)


def grant_role(context: Context, statement: s.GrantRole) -> Rows:
    """GRANT or REVOKE of a role.

    Raises:
        RefusedError: 2003 for an absent one, 3001 without ownership or MANAGE GRANTS, 3058 for a circle.
    """
    role, grantee = grantee_of(context, statement.role), grantee_of(context, statement.grantee)
    if role.kind == "ROLE" and role.name == "PUBLIC":
        return _DONE
    if not (context.authority.owns(role) or context.authority.manages_grants()):
        raise refusals.denied(role.kind, context.catalogue.shown_name(role))
    _refuse_unfitting(context, role, grantee)
    with context.catalogue.transaction():
        standing = context.catalogue.find_grant("USAGE", role.number, grantee.number)
        if statement.revoke:
            if standing is not None:
                context.catalogue.revoke(standing)
            return _DONE
        if would_cycle(context.catalogue, role.number, grantee.number):
            raise refusals.RefusedError(
                3058, "42501", f"SQL execution error: Granting role '{role.name}' would create a cycle."
            )
        context.catalogue.grant(
            Granted(
                privilege="USAGE",
                on=role.number,
                grantee=grantee.number,
                granted_by=role.owner or context.session.role,
                created_s=context.now_s,
            )
        )
    return _DONE


def _refuse_unfitting(context: Context, role: SqlObject, grantee: SqlObject) -> None:
    """Database roles go to account roles and to database roles of their database; account roles not to the latter."""
    if role.kind == "ROLE" and grantee.kind == "DATABASE ROLE":
        raise refusals.syntax(f"role '{role.name}' cannot be granted to a database role")
    if role.kind == "DATABASE ROLE" and grantee.kind == "USER":
        raise refusals.syntax(f"database role '{role.name}' cannot be granted to a user")
    if role.kind == "DATABASE ROLE" and grantee.kind == "DATABASE ROLE" and role.parent != grantee.parent:
        name = context.catalogue.shown_name(grantee)
        raise refusals.RefusedError(
            3033, "0A000", f"SQL compilation error:\nDatabase role '{name}' is in another database."
        )


def grant(context: Context, statement: s.Grant) -> Rows:
    """GRANT or REVOKE of privileges.

    Raises:
        RefusedError: 2003 for what is not seen, 3001 when the role may not grant, 3011 when only part was granted.
    """
    grantee = grantee_of(context, statement.grantee)
    if grantee.kind == "USER":
        raise refusals.unsupported("privileges granted to users")
    with context.catalogue.transaction():
        if isinstance(statement.on, s.OnMany):
            return _on_many(context, statement, statement.on, grantee)
        item = _target(context, statement.on)
        _refuse_other_databases(context, item, grantee)
        if statement.privileges == ("OWNERSHIP",):
            return _ownership(context, statement, (item,), grantee)
        return _on_objects(context, statement, (item,), grantee)


def _target(context: Context, on: s.OnObject) -> SqlObject:
    if on.kind.words == "TABLE":
        found = context.relation(on.name)
        if found.kind != "TABLE":
            raise refusals.missing("Table", render_name(on.name))
        return found
    return context.get(on.kind, on.name)


def _refuse_other_databases(context: Context, item: SqlObject, grantee: SqlObject) -> None:
    if grantee.kind == "DATABASE ROLE" and context.catalogue.database_of(item).number != grantee.parent:
        name = context.catalogue.shown_name(grantee)
        raise refusals.RefusedError(
            3033, "0A000", f"SQL compilation error:\nDatabase role '{name}' holds privileges in its own database only."
        )


def _expanded(kind: SandboxKind, privileges: tuple[str, ...]) -> tuple[str, ...]:
    """The privileges, ALL taken apart, each one checked against the kind.

    Raises:
        RefusedError: a privilege that the kind does not have.
    """
    if privileges == ("ALL",):
        if not kind.privileges:
            raise refusals.syntax(f"no privileges can be granted on {kind.words}")
        return kind.privileges
    for privilege in privileges:
        if privilege not in kind.privileges:
            raise refusals.syntax(f"unexpected '{privilege}': not a privilege on {kind.granted_as}")
    return privileges


def _on_objects(context: Context, statement: s.Grant, items: tuple[SqlObject, ...], grantee: SqlObject) -> Rows:
    every = statement.privileges == ("ALL",)
    done, refused = 0, None
    for item in items:
        for privilege in _expanded(item.declared, statement.privileges):
            grantor = context.authority.grantor(item, privilege)
            if grantor is None:
                refused = refused or refusals.denied(item.kind, context.catalogue.shown_name(item))
                if not every:
                    raise refused
                continue
            _change(context, statement, item, privilege, grantee, grantor)
            done += 1
    if refused is not None:
        raise refusals.RefusedError(
            3011 if done else refused.errno,
            "42501",
            "Grant partially executed: privileges not granted." if done else refused.text,
        )
    return _DONE


def _change(
    context: Context, statement: s.Grant, item: SqlObject, privilege: str, grantee: SqlObject, grantor: int
) -> None:
    catalogue = context.catalogue
    standing = catalogue.find_grant(privilege, item.number, grantee.number)
    if statement.revoke:
        if standing is not None and statement.option_only:
            catalogue.narrow(standing)
        elif standing is not None:
            catalogue.revoke(standing)
        return
    catalogue.grant(
        Granted(
            privilege=privilege,
            on=item.number,
            grantee=grantee.number,
            option=statement.with_option,
            granted_by=grantor,
            created_s=context.now_s,
        )
    )


def _on_many(context: Context, statement: s.Grant, on: s.OnMany, grantee: SqlObject) -> Rows:
    container = context.get(on.container, on.name)
    _refuse_other_databases(context, container, grantee)
    if on.kind.words not in ("SCHEMA", "TABLE", "VIEW", "STAGE", "FILE FORMAT"):
        raise refusals.unsupported(f"grants on all or future {on.kind.plural}")
    if on.kind.words == "SCHEMA" and container.kind == "SCHEMA":
        raise refusals.syntax("schemas are in databases")
    if on.future:
        return _future(context, statement, on.kind, container, grantee)
    within = [item for item in context.catalogue.below(container.number) if item.kind == on.kind.words]
    items = tuple(item for item in within if context.authority.sees(item))
    if statement.privileges == ("OWNERSHIP",):
        return _ownership(context, statement, items, grantee)
    _expanded(on.kind, statement.privileges)
    return _on_objects(context, statement, items, grantee)


def _future(context: Context, statement: s.Grant, kind: SandboxKind, container: SqlObject, grantee: SqlObject) -> Rows:
    managed = managed_schema(context.catalogue, container)
    allowed = context.authority.manages_grants() or (managed is not None and context.authority.owns(managed))
    if not allowed:
        raise refusals.denied(container.kind, context.catalogue.shown_name(container))
    privileges = ("OWNERSHIP",) if statement.privileges == ("OWNERSHIP",) else _expanded(kind, statement.privileges)
    for privilege in privileges:
        future = Future(
            privilege=privilege,
            kind=kind.words,
            container=container.number,
            grantee=grantee.number,
            option=statement.with_option,
            created_s=context.now_s,
        )
        standing = context.catalogue.find_future(future.key)
        if not statement.revoke:
            context.catalogue.grant_future(future if standing is None else replace(standing, option=future.option))
        elif standing is not None:
            context.catalogue.revoke_future(standing)
    return _DONE


def _ownership(context: Context, statement: s.Grant, items: tuple[SqlObject, ...], grantee: SqlObject) -> Rows:
    """GRANT OWNERSHIP.

    Raises:
        RefusedError: 3036 when others hold grants and neither COPY nor REVOKE CURRENT GRANTS was said.
    """
    if statement.revoke:
        raise refusals.syntax("OWNERSHIP cannot be revoked, only granted to another role")
    catalogue = context.catalogue
    for item in items:
        if not (context.authority.owns(item) or context.authority.manages_grants()) or not item.owner:
            raise refusals.denied(item.kind, catalogue.shown_name(item))
        outbound = catalogue.grants_on(item.number)
        if outbound and not statement.current_grants:
            raise refusals.RefusedError(
                3036,
                "23001",
                f"SQL execution error: Dependent grant of privilege '{outbound[0].privilege}' on object"
                f" '{catalogue.shown_name(item)}' exists. It must be revoked first,"
                " or the grant made with COPY or REVOKE CURRENT GRANTS.",
            )
        for granted in outbound:
            if statement.current_grants == "REVOKE":
                catalogue.revoke(granted)
            else:
                catalogue.regrant(replace(granted, granted_by=grantee.number))
        catalogue.put(replace(item, owner=grantee.number))
    return _DONE
