"""CREATE, ALTER and DROP: what they do to the catalogue and, for data objects, to the data engine.

The order matters for a process that is killed in between: what a CREATE made
in the data engine before the catalogue was written is an orphan that the next
start removes; a DROP leaves the catalogue first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from reconciler.catalog.sql import Scope
from reconciler.sandbox.snowflake.account import accounts, keys
from reconciler.sandbox.snowflake.account.catalogue import Granted, SqlObject
from reconciler.sandbox.snowflake.account.roles import futures_for
from reconciler.sandbox.snowflake.execution import relations, stages
from reconciler.sandbox.snowflake.execution.analysis import Analysis
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import parse_name, render_name, render_part
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS, SandboxKind
from reconciler.sandbox.snowflake.vocabulary.properties import Kept, Raw, keep
from reconciler.sandbox.snowflake.vocabulary.results import Rows, message

_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "STORAGE INTEGRATION": (
        "TYPE",
        "STORAGE_PROVIDER",
        "ENABLED",
        "STORAGE_AWS_ROLE_ARN",
        "STORAGE_ALLOWED_LOCATIONS",
    ),
    "FILE FORMAT": ("TYPE",),
}
_CREATED: Final = {
    "DATABASE": "Database {} successfully created.",
    "SCHEMA": "Schema {} successfully created.",
    "WAREHOUSE": "Warehouse {} successfully created.",
    "ROLE": "Role {} successfully created.",
    "DATABASE ROLE": "Database role {} successfully created.",
    "USER": "User {} successfully created.",
    "NETWORK POLICY": "Network policy {} successfully created.",
    "STORAGE INTEGRATION": "Integration {} successfully created.",
    "STAGE": "Stage area {} successfully created.",
    "FILE FORMAT": "File format {} successfully created.",
    "TABLE": "Table {} successfully created.",
    "VIEW": "View {} successfully created.",
}
_ALTERED: Final = message("Statement executed successfully.")


def create(context: Context, statement: s.Create) -> Rows:
    """CREATE.

    Raises:
        RefusedError: 2002 when the name is taken, 3001 without the privilege, 2003 for an unseen container.
    """
    kind, name = statement.kind, statement.name
    container = context.container(kind, name)
    if not context.authority.may_create(kind, container):
        raise refusals.denied(container.kind, context.catalogue.shown_name(container))
    if kind.scope is Scope.SCHEMA:
        context.authority.require(container, "USAGE")
    parent = container.number if kind.scope is not Scope.ACCOUNT else 0
    existing = context.catalogue.find(kind, name[-1], parent)
    if existing is not None:
        if statement.if_not_exists:
            return message(f"{render_part(name[-1])} already exists, statement succeeded.")
        if not statement.or_replace:
            raise refusals.exists(render_name((*context.catalogue.full_name(container)[bool(not parent) :], name[-1])))
    _refuse_a_second_spelling(context, kind, name[-1], parent, existing)
    # The query may read what OR REPLACE is about to replace.
    reading = relations.read_query(context, statement)
    with context.catalogue.transaction():
        kept = _replaced(context, statement, existing)
        made = context.catalogue.put(
            SqlObject(
                number=context.catalogue.new_number(),
                kind=kind.words,
                name=name[-1],
                parent=parent,
                owner=context.session.role,
                created_s=context.now_s,
                properties=_properties(kind, statement.properties),
            )
        )
        made = _complete(context, statement, made, reading)
        for granted in kept:
            context.catalogue.grant(replace(granted, on=made.number))
        _apply_futures(context, made)
    _enter(context, made)
    return message(_CREATED[kind.words].format(render_part(made.name)))


def _refuse_a_second_spelling(
    context: Context, kind: SandboxKind, name: str, parent: int, existing: SqlObject | None
) -> None:
    """The data engine compares names without case, so two that differ in case only cannot both have data."""
    if kind.words not in ("SCHEMA", "TABLE", "VIEW"):
        return
    for other in context.catalogue.children(parent):
        if other is not existing and other.declared.names_in == kind.names_in and other.name.upper() == name.upper():
            raise refusals.unsupported(f"two names that differ in case only: {other.name} and {name}")


def _replaced(context: Context, statement: s.Create, existing: SqlObject | None) -> tuple[Granted, ...]:
    """Remove what OR REPLACE replaces; the grants that the new object takes over."""
    if existing is None:
        return ()
    if existing.kind != statement.kind.words:
        raise refusals.exists(context.catalogue.shown_name(existing))
    context.authority.require_ownership(existing)
    grants = context.catalogue.grants_on(existing.number) if statement.copy_grants else ()
    removed = _forget(context, existing)
    if existing.kind not in ("TABLE", "VIEW"):
        # Tables and views are replaced in the data engine in one step, with their query's rows.
        relations.close_data(context, existing)
        for item, full in removed:
            relations.drop_data(context, item, full)
    return grants


def _properties(kind: SandboxKind, written: Mapping[str, Raw]) -> dict[str, Kept]:
    """The properties to keep.

    Raises:
        RefusedError: a bad value, or a required property that is missing.
    """
    kept = {key: keep(key, kind.properties[key], raw) for key, raw in written.items()}
    for key in _REQUIRED.get(kind.words, ()):
        if key not in kept:
            raise refusals.RefusedError(2029, "42601", f"SQL compilation error:\nMissing option(s): [{key}]")
    return kept


def _complete(context: Context, statement: s.Create, made: SqlObject, reading: Analysis | None) -> SqlObject:
    """What a kind needs beyond its row: generated facts, children, data."""
    catalogue, storage = context.catalogue, context.storage
    match made.kind:
        case "DATABASE":
            storage.create(made.name, made.number)
            made = catalogue.put(replace(made, facts={"transient": "TRANSIENT" in statement.modifiers}))
            _schema(context, made, "PUBLIC", {"transient": "TRANSIENT" in statement.modifiers})
        case "SCHEMA":
            facts: dict[str, Kept] = {
                "transient": "TRANSIENT" in statement.modifiers,
                "managed_access": "MANAGED ACCESS" in statement.modifiers,
            }
            made = catalogue.put(replace(made, facts=facts))
            name = relations.physical_name(catalogue, made)
            # What a killed process left under this name is not in the catalogue.
            storage.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
            storage.execute(f"CREATE SCHEMA {name}")
        case "WAREHOUSE":
            suspended = made.value("INITIALLY_SUSPENDED") is True
            state = {"state": "SUSPENDED" if suspended else "STARTED", "updated_s": context.now_s}
            made = catalogue.put(replace(made, facts=state))
            _check_clusters(made)
        case "DATABASE ROLE":
            # A database role may use its database from the start, without anyone granting it.
            granted = Granted(privilege="USAGE", on=made.parent, grantee=made.number, created_s=context.now_s)
            catalogue.grant(granted)
        case "USER":
            made = catalogue.put(keys.with_credentials(made, context.now_s))
        case "NETWORK POLICY":
            _check_network_policy(made)
        case "STORAGE INTEGRATION":
            if made.properties.get("STORAGE_AWS_EXTERNAL_ID") is None:
                made = catalogue.put(replace(made, facts={"external_id": accounts.external_id(made.number)}))
        case "STAGE":
            stages.check_stage(context, made)
        case "TABLE":
            made = relations.create_table(context, statement, made, reading)
        case "VIEW":
            made = relations.create_view(context, statement, made, reading)
    return made


def _schema(context: Context, database: SqlObject, name: str, facts: Mapping[str, Kept]) -> None:
    made = context.catalogue.put(
        SqlObject(
            number=context.catalogue.new_number(),
            kind="SCHEMA",
            name=name,
            parent=database.number,
            owner=database.owner,
            created_s=context.now_s,
            facts=facts,
        )
    )
    context.storage.execute(f"CREATE SCHEMA {relations.physical_name(context.catalogue, made)}")


def _check_clusters(made: SqlObject) -> None:
    least, most = made.value("MIN_CLUSTER_COUNT"), made.value("MAX_CLUSTER_COUNT")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        raise refusals.invalid_value(least, "MIN_CLUSTER_COUNT")


def _check_network_policy(made: SqlObject) -> None:
    for key in ("ALLOWED_NETWORK_RULE_LIST", "BLOCKED_NETWORK_RULE_LIST"):
        if made.value(key):
            raise refusals.unsupported("network rules")
    for key in ("ALLOWED_IP_LIST", "BLOCKED_IP_LIST"):
        keys.parse_networks(key, made.value(key))


def _apply_futures(context: Context, made: SqlObject) -> None:
    """Give a new object what was promised for its kind."""
    if made.parent == 0 or made.kind not in ("SCHEMA", "TABLE", "VIEW", "STAGE", "FILE FORMAT"):
        return
    catalogue = context.catalogue
    parent = catalogue.objects[made.parent]
    schema = parent if parent.kind == "SCHEMA" else None
    for future in futures_for(catalogue, made.kind, schema, catalogue.database_of(made)):
        if future.privilege == "OWNERSHIP":
            catalogue.put(replace(catalogue.objects[made.number], owner=future.grantee))
            continue
        catalogue.grant(
            Granted(
                privilege=future.privilege,
                on=made.number,
                grantee=future.grantee,
                option=future.option,
                granted_by=made.owner,
                created_s=context.now_s,
            )
        )


def _enter(context: Context, made: SqlObject) -> None:
    """A session stands in the database, schema or warehouse that it just made."""
    session = context.session
    match made.kind:
        case "DATABASE":
            session.database = made.number
            public = context.catalogue.find(BY_WORDS["SCHEMA"], "PUBLIC", made.number)
            session.schema = public.number if public is not None else 0
        case "SCHEMA":
            session.database, session.schema = made.parent, made.number
        case "WAREHOUSE":
            session.warehouse = made.number


def drop(context: Context, statement: s.Drop) -> Rows:
    """DROP.

    Raises:
        RefusedError: 2003 when it is not there or not seen, 3001 when it is not the role's own.
    """
    kind, name = statement.kind, statement.name
    found = context.find(kind, name)
    wrong_kind = found is not None and found.kind != kind.words
    if found is None or wrong_kind or not context.authority.sees(found):
        if statement.if_exists and not wrong_kind:
            return message(f"Drop statement executed successfully ({render_part(name[-1])} already dropped).")
        raise refusals.missing(kind.words, render_name(name))
    context.authority.require_ownership(found)
    _refuse_while_in_use(context, found)
    with context.catalogue.transaction():
        removed = _forget(context, found)
        relations.close_data(context, found)
    for item, full in removed:
        relations.drop_data(context, item, full)
    return message(f"{render_part(found.name)} successfully dropped.")


def _refuse_while_in_use(context: Context, found: SqlObject) -> None:
    if found.kind == "NETWORK POLICY":
        users = context.catalogue.of_kind("USER")
        if any(user.properties.get("NETWORK_POLICY") == render_part(found.name) for user in users):
            raise refusals.RefusedError(
                1492,
                "42601",
                f"SQL compilation error:\nCannot perform Drop operation on network policy {found.name}."
                " The policy is attached to a user.",
            )


def _forget(context: Context, item: SqlObject) -> tuple[tuple[SqlObject, tuple[str, ...]], ...]:
    """Take an object and all within it out of the catalogue; what has data is answered, with its full name."""
    catalogue = context.catalogue
    doomed = (*catalogue.below(item.number), item)
    named = tuple((each, catalogue.full_name(each)) for each in doomed)
    for each in doomed:
        if each.kind in ("ROLE", "DATABASE ROLE"):
            # The dropping role inherits what the dropped one owned.
            for owned in catalogue.owned_by(each.number):
                catalogue.put(replace(owned, owner=context.session.role))
        catalogue.remove(catalogue.objects[each.number])
    if item.kind in ("DATABASE", "SCHEMA"):
        # The container takes its contents with it.
        return named[-1:]
    return named


def alter(context: Context, statement: s.Alter) -> Rows:
    """ALTER.

    Raises:
        RefusedError: 2003 or 2043 when it is not there, 3001 without the privilege.
    """
    kind = statement.kind
    if not statement.name:
        found = context.session.current(context.catalogue, context.session.warehouse)
        if found is None:
            raise refusals.no_warehouse()
    else:
        seen = context.find(kind, statement.name)
        if seen is None or seen.kind != kind.words or not context.authority.sees(seen):
            if statement.if_exists:
                return _ALTERED
            raise refusals.missing(kind.words, render_name(statement.name))
        found = seen
    with context.catalogue.transaction():
        _act(context, found, statement.action)
    return _ALTERED


def _act(context: Context, item: SqlObject, action: s.Action) -> None:
    """One action of ALTER, with the privilege that it needs."""
    authority, catalogue = context.authority, context.catalogue
    match action:
        case s.Suspend(verb, if_suspended):
            authority.require(item, "OPERATE")
            _suspend(context, item, verb, if_suspended)
        case s.SetProperties(properties):
            authority.require(item, *(("MODIFY",) if item.kind in ("WAREHOUSE", "DATABASE", "SCHEMA") else ()))
            _set(context, item, properties)
        case s.UnsetProperties(names):
            authority.require(item, *(("MODIFY",) if item.kind in ("WAREHOUSE", "DATABASE", "SCHEMA") else ()))
            _unset(context, item, names)
        case s.Rename(to):
            authority.require_ownership(item)
            _rename(context, item, to)
        case s.ManagedAccess(enabled):
            authority.require_ownership(item)
            catalogue.put(replace(item, facts={**item.facts, "managed_access": enabled}))
        case s.AddToList(name, items, remove):
            authority.require_ownership(item)
            _change_list(context, item, name, items, remove=remove)
        case s.AddColumns() | s.DropColumns() | s.RenameColumn() | s.AlterColumns() | s.ClusterBy() | s.PrimaryKey():
            authority.require_ownership(item)
            relations.alter_table(context, item, action)


def _suspend(context: Context, item: SqlObject, verb: str, if_suspended: bool) -> None:
    state = item.facts.get("state")
    wanted = "SUSPENDED" if verb == "SUSPEND" else "STARTED" if verb == "RESUME" else state
    if wanted == state and verb != "ABORT" and not if_suspended:
        words = "has already been suspended" if verb == "SUSPEND" else "cannot be resumed: it is not suspended"
        raise refusals.RefusedError(90064, "22000", f"Invalid state. Warehouse '{item.name}' {words}.")
    context.catalogue.put(replace(item, facts={**item.facts, "state": wanted, "updated_s": context.now_s}))


def _set(context: Context, item: SqlObject, written: Mapping[str, Raw]) -> None:
    declared = item.declared.properties
    for key in written:
        if declared[key].fixed and not (item.kind == "FILE FORMAT" and key == "TYPE"):
            raise refusals.invalid_property(key, item.kind)
    kept = {key: keep(key, declared[key], raw) for key, raw in written.items()}
    changed = replace(item, properties={**item.properties, **kept}, facts={**item.facts, "updated_s": context.now_s})
    _put_checked(context, item, changed)


def _unset(context: Context, item: SqlObject, names: tuple[str, ...]) -> None:
    declared = item.declared.properties
    for name in names:
        if name not in declared or declared[name].fixed:
            raise refusals.invalid_property(name, item.kind)
    left = {key: value for key, value in item.properties.items() if key not in names}
    _put_checked(context, item, replace(item, properties=left))


def _put_checked(context: Context, before: SqlObject, changed: SqlObject) -> None:
    """Store a changed object after its kind's own rules."""
    match changed.kind:
        case "USER":
            changed = keys.with_credentials(changed, context.now_s, before)
            policy = changed.properties.get("NETWORK_POLICY")
            if isinstance(policy, str) and policy != before.properties.get("NETWORK_POLICY"):
                context.get(BY_WORDS["NETWORK POLICY"], parse_name(policy))
        case "WAREHOUSE":
            _check_clusters(changed)
        case "NETWORK POLICY":
            _check_network_policy(changed)
        case "STORAGE INTEGRATION":
            if changed.properties.get("STORAGE_AWS_EXTERNAL_ID") is None and "external_id" not in changed.facts:
                generated = accounts.external_id(changed.number)
                changed = replace(changed, facts={**changed.facts, "external_id": generated})
        case "STAGE":
            stages.check_stage(context, changed)
    context.catalogue.put(changed)


def _rename(context: Context, item: SqlObject, to: tuple[str, ...]) -> None:
    catalogue = context.catalogue
    container = context.container(item.declared, to)
    parent = container.number if item.declared.scope is not Scope.ACCOUNT else 0
    # An unqualified new name stays where the object is.
    if len(to) == 1:
        parent = item.parent
    if parent != item.parent and item.kind == "SCHEMA":
        raise refusals.unsupported("moving a schema to another database")
    if catalogue.database_of(item).number != (
        catalogue.database_of(catalogue.objects[parent]).number if parent else item.number
    ):
        raise refusals.unsupported("moving an object to another database")
    other = catalogue.find(item.declared, to[-1], parent)
    if other is not None and other.number != item.number:
        raise refusals.exists(catalogue.shown_name(other))
    if parent != item.parent and not context.authority.may_create(item.declared, catalogue.objects[parent]):
        raise refusals.denied(catalogue.objects[parent].kind, catalogue.shown_name(catalogue.objects[parent]))
    _refuse_a_second_spelling(context, item.declared, to[-1], parent, item)
    renamed = catalogue.put(replace(item, name=to[-1], parent=parent))
    relations.rename_data(context, item, renamed)


def _change_list(context: Context, item: SqlObject, name: str, items: tuple[str, ...], *, remove: bool) -> None:
    value = item.value(name)
    current = [str(each) for each in value] if isinstance(value, list) else []
    left: list[Kept] = [each for each in current if not (remove and each in items)]
    if not remove:
        left.extend(each for each in items if each not in current)
    _put_checked(context, item, replace(item, properties={**item.properties, name: left}))
