"""Tables and views: their columns in the catalogue, and the same in the data engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

from reconciler.sandbox.snowflake.account.catalogue import Catalogue, SqlObject
from reconciler.sandbox.snowflake.execution import analysis, warehouses
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.execution.storage import Storage, physical, render_column
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.parsing.statements import Column
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, quoted
from reconciler.sandbox.snowflake.vocabulary.properties import Kept


def physical_name(catalogue: Catalogue, item: SqlObject) -> str:
    """The object's full name in the data engine."""
    return physical(catalogue.full_name(item))


def columns_of(item: SqlObject) -> tuple[Column, ...]:
    """The columns as the catalogue has them."""
    stored = item.facts.get("columns")
    return tuple(_column(each) for each in stored if isinstance(each, dict)) if isinstance(stored, list) else ()


def _column(stored: Mapping[str, Kept]) -> Column:
    pair = stored.get("autoincrement")
    return Column(
        name=str(stored["name"]),
        type=str(stored["type"]),
        nullable=stored["nullable"] is True,
        default=_text(stored.get("default")),
        comment=_text(stored.get("comment")),
        autoincrement=(int(str(pair[0])), int(str(pair[1]))) if isinstance(pair, list) else None,
        primary_key=stored.get("primary_key") is True,
        unique_key=stored.get("unique_key") is True,
    )


def _text(value: Kept) -> str | None:
    return value if isinstance(value, str) else None


def with_columns(item: SqlObject, found: tuple[Column, ...]) -> SqlObject:
    """The same table with these columns."""
    stored: list[Kept] = [
        {**asdict(column), "autoincrement": list(column.autoincrement) if column.autoincrement else None}
        for column in found
    ]
    return replace(item, facts={**item.facts, "columns": stored})


def read_query(context: Context, statement: s.Create) -> analysis.Analysis | None:
    """What the query of a CREATE … AS reads, which the session must be allowed to; None without a query."""
    if statement.query is None:
        return None
    reading = analysis.analyse(context, statement.query)
    analysis.require(context, reading)
    if statement.kind.words == "TABLE" and reading.uses:
        warehouses.start(context)
    return reading


def create_table(
    context: Context, statement: s.Create, made: SqlObject, reading: analysis.Analysis | None
) -> SqlObject:
    """The table in the data engine, with the rows of its query if it has one."""
    full = context.catalogue.full_name(made)
    made = replace(made, facts={"transient": "TRANSIENT" in statement.modifiers})
    data, place = context.session.data, context.session.place(context.catalogue)
    # What a killed process left under this name is not in the catalogue, hence OR REPLACE.
    if reading is None:
        define_table(context.storage, full, statement.columns)
    elif not statement.columns:
        data.run(f"CREATE OR REPLACE TABLE {physical(full)} AS {reading.sql}", None, place)
    else:
        filling = (*full[:-1], f"_fs_filling_{made.number}")
        define_table(context.storage, filling, statement.columns)
        data.run(f"INSERT INTO {physical(filling)} {reading.sql}", None, place)
        context.storage.execute(f"DROP TABLE IF EXISTS {physical(full)}")
        context.storage.execute(f"ALTER TABLE {physical(filling)} RENAME TO {quoted(full[-1])}")
    found = statement.columns or context.storage.columns(full)
    return context.catalogue.put(with_columns(made, found))


def define_table(storage: Storage, full: Name, found: tuple[Column, ...]) -> None:
    """Make an empty table. Keys are not enforced by Snowflake, so they are left out."""
    name = physical(full)
    storage.define(f"CREATE OR REPLACE TABLE {name} ({', '.join(render_column(column) for column in found)})")
    for column in found:
        if column.autoincrement is not None:
            start, step = column.autoincrement
            sequence = physical((*full[:-1], f"_fs_sequence_{full[-1]}_{column.name}"))
            storage.execute(f"CREATE OR REPLACE SEQUENCE {sequence} START {start} INCREMENT {step}")
            default = "nextval('" + sequence.replace("'", "''") + "')"
            storage.execute(f"ALTER TABLE {name} ALTER COLUMN {quoted(column.name)} SET DEFAULT {default}")


def create_view(context: Context, statement: s.Create, made: SqlObject, reading: analysis.Analysis | None) -> SqlObject:
    """The view in the data engine."""
    if reading is None:
        raise refusals.syntax("a view needs a query")
    reads: list[Kept] = [use.item.number for use in reading.uses]
    names = f" ({', '.join(quoted(name) for name in statement.column_names)})" if statement.column_names else ""
    made = replace(
        made,
        facts={
            "text": statement.source_text,
            "secure": "SECURE" in statement.modifiers,
            "reads": reads,
            "definition": f"{names} AS {reading.sql}",
        },
    )
    name = physical_name(context.catalogue, made)
    context.storage.define(f"CREATE OR REPLACE VIEW {name}{made.facts['definition']}")
    return context.catalogue.put(with_columns(made, context.storage.columns(context.catalogue.full_name(made))))


def drop_data(context: Context, item: SqlObject, full: Name) -> None:
    """Remove from the data engine what left the catalogue; databases are closed before that (`close_data`)."""
    match item.kind:
        case "DATABASE":
            context.storage.delete(item.number)
        case "SCHEMA" | "TABLE" | "VIEW":
            cascade = " CASCADE" if item.kind == "SCHEMA" else ""
            context.storage.execute(f"DROP {item.kind} IF EXISTS {physical(full)}{cascade}")


def close_data(context: Context, item: SqlObject) -> None:
    """Close the file of a database that is about to leave the catalogue.

    Raises:
        RefusedError: somebody's transaction is still open in it.
    """
    if item.kind == "DATABASE":
        context.storage.detach(item.name)


def rename_data(context: Context, before: SqlObject, after: SqlObject) -> None:
    """Rename in the data engine what was renamed in the catalogue."""
    storage, catalogue = context.storage, context.catalogue
    match after.kind:
        case "DATABASE":
            _refuse_views(context, after)
            storage.rename(before.name, after.name, after.number)
        case "SCHEMA":
            _refuse_views(context, after)
            database = catalogue.full_name(after)[:1]
            storage.execute(f"CREATE SCHEMA {physical_name(catalogue, after)}")
            for table in catalogue.children(after.number):
                if table.kind == "TABLE":
                    _move(storage, table, (*database, before.name, table.name), (*database, after.name, table.name))
            storage.execute(f"DROP SCHEMA {physical((*database, before.name))} CASCADE")
        case "TABLE":
            old = (*catalogue.full_name(catalogue.objects[before.parent]), before.name)
            if before.parent != after.parent:
                _move(storage, after, old, catalogue.full_name(after))
            else:
                storage.execute(f"ALTER TABLE {physical(old)} RENAME TO {quoted(after.name)}")
        case "VIEW":
            old = (*catalogue.full_name(catalogue.objects[before.parent]), before.name)
            storage.execute(f"DROP VIEW {physical(old)}")
            storage.define(f"CREATE VIEW {physical_name(catalogue, after)}{after.facts['definition']}")


def _move(storage: Storage, table: SqlObject, old: Name, new: Name) -> None:
    define_table(storage, new, columns_of(table))
    storage.execute(f"INSERT INTO {physical(new)} SELECT * FROM {physical(old)}")
    storage.execute(f"DROP TABLE {physical(old)}")


def _refuse_views(context: Context, container: SqlObject) -> None:
    if any(item.kind == "VIEW" for item in context.catalogue.below(container.number)):
        raise refusals.unsupported(f"renaming a {container.kind.lower()} that holds views")


def alter_table(context: Context, item: SqlObject, action: s.Action) -> None:
    """The forms of ALTER TABLE that change columns or clustering."""
    found = columns_of(item)
    name = physical_name(context.catalogue, item)
    storage = context.storage
    match action:
        case s.AddColumns():
            found = _with_added(storage, name, found, action)
        case s.DropColumns():
            found = _without_dropped(storage, name, found, action)
        case s.RenameColumn(old, new):
            _require_column(found, old)
            storage.execute(f"ALTER TABLE {name} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
            found = tuple(replace(column, name=new) if column.name == old else column for column in found)
        case s.AlterColumns(changes):
            for change in changes:
                _require_column(found, change.name)
                found = tuple(
                    _altered(storage, name, column, change) if column.name == change.name else column
                    for column in found
                )
        case s.PrimaryKey(names):
            for each in names:
                _require_column(found, each)
            # A dropped key leaves its columns NOT NULL.
            found = tuple(
                replace(column, primary_key=column.name in names, nullable=column.nullable and column.name not in names)
                for column in found
            )
        case s.ClusterBy(expressions):
            item = replace(item, properties={**item.properties, "CLUSTER_BY": list(expressions)})
    context.catalogue.put(with_columns(item, found))


def _with_added(storage: Storage, name: str, found: tuple[Column, ...], action: s.AddColumns) -> tuple[Column, ...]:
    for column in action.columns:
        if column.name not in {each.name for each in found}:
            _add_column(storage, name, column)
            found = (*found, column)
        elif not action.if_not_exists:
            raise refusals.RefusedError(1430, "42711", f"SQL compilation error:\ncolumn '{column.name}' already exists")
    return found


def _without_dropped(
    storage: Storage, name: str, found: tuple[Column, ...], action: s.DropColumns
) -> tuple[Column, ...]:
    for each in action.names:
        if action.if_exists and each not in {column.name for column in found}:
            continue
        _require_column(found, each)
        if len(found) == 1:
            raise refusals.RefusedError(1432, "42601", "SQL compilation error:\nCannot drop all columns of a table")
        storage.execute(f"ALTER TABLE {name} DROP COLUMN {quoted(each)}")
        found = tuple(column for column in found if column.name != each)
    return found


def _require_column(found: tuple[Column, ...], name: str) -> None:
    if name not in {column.name for column in found}:
        raise refusals.RefusedError(904, "42000", f"SQL compilation error: error line 1\ninvalid identifier '{name}'")


def _add_column(storage: Storage, name: str, column: Column) -> None:
    if column.autoincrement is not None:
        raise refusals.unsupported("adding an identity column to a table")
    storage.define(f"ALTER TABLE {name} ADD COLUMN {render_column(replace(column, nullable=True))}")
    if not column.nullable:
        storage.execute(f"ALTER TABLE {name} ALTER COLUMN {quoted(column.name)} SET NOT NULL")


def _altered(storage: Storage, name: str, column: Column, change: s.AlterColumn) -> Column:
    if change.type is not None:
        _refuse_incompatible(column, change.type)
        storage.define(f"ALTER TABLE {name} ALTER COLUMN {quoted(column.name)} SET DATA TYPE {change.type}")
        return replace(column, type=change.type)
    if change.nullable is not None:
        verb = "DROP" if change.nullable else "SET"
        storage.execute(f"ALTER TABLE {name} ALTER COLUMN {quoted(column.name)} {verb} NOT NULL")
        return replace(column, nullable=change.nullable)
    if change.drop_default:
        storage.execute(f"ALTER TABLE {name} ALTER COLUMN {quoted(column.name)} DROP DEFAULT")
        return replace(column, default=None)
    return replace(column, comment=change.comment or None)


def _refuse_incompatible(column: Column, wanted: str) -> None:
    """Snowflake changes lengths and precision, never the sort of type nor the scale."""
    old, new = _split(column.type), _split(wanted)
    if old[0] != new[0] or (old[0] == "NUMBER" and old[1][1] != new[1][1]):
        raise refusals.RefusedError(
            2108,
            "22000",
            f"SQL compilation error: cannot change column {column.name} from type {column.type} to {wanted}",
        )


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    word, _, arguments = text.partition("(")
    return word, tuple(arguments.rstrip(")").split(","))


def repair(storage: Storage, catalogue: Catalogue) -> None:
    """After a start: open every database and bring its files to what the catalogue says.

    A process may have been killed between the data engine and the catalogue. What the
    catalogue does not know is removed; what it knows and the files lack is made, empty.
    """
    for database in catalogue.of_kind("DATABASE"):
        storage.attach(database.name, database.number)
        schemas = [item for item in catalogue.children(database.number) if item.kind == "SCHEMA"]
        for name in storage.schemas(database.name) - {schema.name for schema in schemas}:
            storage.execute(f"DROP SCHEMA {physical((database.name, name))} CASCADE")
        for schema in schemas:
            storage.execute(f"CREATE SCHEMA IF NOT EXISTS {physical_name(catalogue, schema)}")
        _repair_relations(storage, catalogue, database, schemas)


def _repair_relations(storage: Storage, catalogue: Catalogue, database: SqlObject, schemas: list[SqlObject]) -> None:
    live = {(schema.upper(), name.upper()): (schema, name) for schema, name in storage.relations(database.name)}
    kinds = storage.relations(database.name)
    wanted = {
        (schema.name.upper(), item.name.upper()): item
        for schema in schemas
        for item in catalogue.children(schema.number)
        if item.kind in ("TABLE", "VIEW")
    }
    for key, found in live.items():
        if key not in wanted or kinds[found] != wanted[key].kind:
            storage.execute(f"DROP {kinds[found]} {physical((database.name, *found))}")
    for key, item in wanted.items():
        name = physical_name(catalogue, item)
        present = key in live and kinds[live[key]] == item.kind
        if item.kind == "VIEW" and not present:
            storage.define(f"CREATE VIEW {name}{item.facts['definition']}")
        elif item.kind == "TABLE" and not present:
            define_table(storage, catalogue.full_name(item), columns_of(item))
        elif item.kind == "TABLE":
            _repair_columns(storage, name, columns_of(item), storage.columns(catalogue.full_name(item)))


def _repair_columns(storage: Storage, name: str, wanted: tuple[Column, ...], live: tuple[Column, ...]) -> None:
    there = {column.name for column in live}
    for column in wanted:
        if column.name not in there:
            _add_column(storage, name, replace(column, nullable=True))
    for extra in there - {column.name for column in wanted}:
        storage.execute(f"ALTER TABLE {name} DROP COLUMN {quoted(extra)}")
