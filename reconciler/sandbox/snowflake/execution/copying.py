"""COPY INTO <table> and LIST: files of an external stage, into tables.

Parquet only. What was loaded is remembered inside the database's own file, in
the same transaction as the rows, so that a killed process neither loses nor
repeats a load. Source: Snowflake SQL reference, COPY INTO <table>.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Final

import duckdb

from reconciler.sandbox.snowflake.account import objects
from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.account.locations import Location, parse_location
from reconciler.sandbox.snowflake.account.trust import Document
from reconciler.sandbox.snowflake.execution import relations, stages, warehouses
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.execution.storage import DataSession, alias_of
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.parsing.scanner import Scanner, Sort
from reconciler.sandbox.snowflake.parsing.staging import COPY_OPTIONS
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import parse_name, quoted, render_quoted
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS
from reconciler.sandbox.snowflake.vocabulary.properties import Kept, Raw, Word, keep, plain
from reconciler.sandbox.snowflake.vocabulary.results import Cell, Column, Rows, Work

_COPY_COLUMNS: Final = (
    Column("file"),
    Column("status"),
    Column("rows_parsed", "fixed"),
    Column("rows_loaded", "fixed"),
    Column("error_limit", "fixed"),
    Column("errors_seen", "fixed"),
    Column("first_error"),
    Column("first_error_line", "fixed"),
    Column("first_error_character", "fixed"),
    Column("first_error_column_name"),
)
_COPY_TYPE: Final = 0x3600
_ROW: Final = "ff_row_number"


@dataclass(frozen=True, slots=True)
class Source:
    """An external stage that the session may use, and as whom Snowflake goes there."""

    store: objects.ObjectStore
    location: Location
    stage: SqlObject
    role_arn: str
    user_arn: str
    external_id: str

    def enter(self) -> tuple[Document, ...]:
        """The policies that apply there, once AWS lets Snowflake in.

        Raises:
            RefusedError: 3167 or 91003.
        """
        policies = self.store.policies(self.role_arn, self.user_arn, self.external_id)
        objects.require(policies, "s3:ListBucket", self.location)
        return policies


@dataclass(frozen=True, slots=True)
class Plan:
    """How a COPY loads its files.

    Attributes:
        target: the table's name in the data engine.
        history: the name there of the record of loaded files.
        declared: the table's columns.
        columns: the target columns, when they were named.
        match: MATCH_BY_COLUMN_NAME.
        skip_files: ON_ERROR = SKIP_FILE: a file that fails is left out instead of ending the load.
    """

    number: int
    target: str
    history: str
    declared: tuple[str, ...]
    columns: tuple[str, ...]
    select: tuple[str, ...]
    alias: str
    match: str
    skip_files: bool
    force: bool
    purge: bool


def list_stage(context: Context, statement: s.ListStage) -> Work:
    """LIST @stage."""
    return partial(_list, _open(context, statement.source), statement)


def _list(source: Source, statement: s.ListStage) -> Rows:
    source.enter()
    test = re.compile(statement.pattern) if statement.pattern is not None else None
    rows: list[tuple[Cell, ...]] = []
    for file in source.store.files(source.location, statement.source.path):
        if test is None or test.fullmatch(file.key):
            url = f"s3://{source.location.bucket}/{file.key}"
            rows.append((url, file.size_bytes, file.tag, formatdate(file.modified_s, usegmt=True)))
    columns = (Column("name"), Column("size", "fixed"), Column("md5"), Column("last_modified"))
    return Rows(columns, tuple(rows))


def copy_into(context: Context, statement: s.CopyInto) -> Work:
    """COPY INTO a table: what it may do is clear when this returns; the rest is work without the account's lock.

    Raises:
        RefusedError: a missing privilege, or options that do not fit.
    """
    table = context.relation(statement.table)
    if table.kind != "TABLE":
        raise refusals.missing("Table", ".".join(statement.table))
    context.authority.require(table, "INSERT")
    source = _open(context, statement.source)
    _check_format(context, source.stage, statement.file_format)
    plan = _plan(context, table, statement, _options(statement.options))
    warehouses.start(context)
    return partial(_copy, context.session.data, source, plan, statement)


def _copy(data: DataSession, source: Source, plan: Plan, statement: s.CopyInto) -> Rows:
    """Load what is new.

    Raises:
        RefusedError: AWS does not let Snowflake in, or a file cannot be loaded.
    """
    policies = source.enter()
    done = frozenset() if plan.force else _loaded(data, plan.history, plan.number)
    files = [file for file in _chosen(source, statement) if (file.key, file.tag) not in done]
    if not files:
        return Rows((Column("status"),), (("Copy executed with 0 files processed.",),), _COPY_TYPE)
    for file in files:
        objects.require(policies, "s3:GetObject", source.location, file.key)
        if plan.purge:
            objects.require(policies, "s3:DeleteObject", source.location, file.key)
    with tempfile.TemporaryDirectory(prefix="flowforge-copy-") as directory:
        rows = _load_all(data, plan, source, files, Path(directory))
    if plan.purge:
        for file, row in zip(files, rows, strict=True):
            if row[1] == "LOADED":
                source.store.delete(source.location, file.key)
    return Rows(_COPY_COLUMNS, tuple(rows), _COPY_TYPE)


def _open(context: Context, named: s.StagePath) -> Source:
    """The stage that a statement names.

    Raises:
        RefusedError: no USAGE, an internal stage, or a location that the integration does not allow.
    """
    stage = context.get(BY_WORDS["STAGE"], named.name)
    context.authority.require(stage, "USAGE", "READ")
    url = stage.properties.get("URL")
    if not isinstance(url, str):
        raise refusals.unsupported("files of internal stages")
    integration = stages.integration_of(context, stage)
    if integration is None:
        raise refusals.unsupported("external stages without a storage integration that exists")
    if context.aws is None:
        raise refusals.unsupported("external stages when the sandbox runs without AWS")
    if integration.value("ENABLED") is not True:
        raise refusals.RefusedError(
            3168, "42601", f"SQL compilation error:\nStorage integration '{integration.name}' is not enabled."
        )
    location = parse_location(url)
    stages.check_location(integration, location.url + named.path)
    return Source(
        context.aws,
        location,
        stage,
        str(integration.value("STORAGE_AWS_ROLE_ARN")),
        stages.iam_user_arn(context.catalogue),
        stages.external_id(integration),
    )


def _options(written: Mapping[str, Raw]) -> dict[str, Kept]:
    """The options with their defaults.

    Raises:
        RefusedError: a value that the sandbox does not do.
    """
    found: dict[str, Kept] = {}
    for name, declared in COPY_OPTIONS.items():
        found[name] = keep(name, declared, written[name]) if name in written else declared.default
    on_error = str(found["ON_ERROR"]).upper()
    if on_error not in ("ABORT_STATEMENT", "SKIP_FILE"):
        raise refusals.unsupported(f"ON_ERROR = {on_error}")
    if found["SIZE_LIMIT"] is not None:
        raise refusals.unsupported("SIZE_LIMIT")
    return found


def _check_format(context: Context, stage: SqlObject, written: Mapping[str, Raw]) -> None:
    """The files must be Parquet, by the statement's file format or else by the stage's.

    Raises:
        RefusedError: another format, or a named one without USAGE.
    """
    stored = stage.properties.get("FILE_FORMAT")
    chosen = {name: _plain(raw) for name, raw in written.items()} or (stored if isinstance(stored, dict) else {})
    if "FORMAT_NAME" in chosen:
        name = parse_name(str(chosen["FORMAT_NAME"]))
        context.authority.require(context.get(BY_WORDS["FILE FORMAT"], name), "USAGE")
        return
    kind = str(chosen.get("TYPE", "CSV")).upper()
    if kind != "PARQUET":
        raise refusals.unsupported(f"loading {kind} files")
    known = BY_WORDS["FILE FORMAT"].properties
    for key, raw in written.items():
        if key not in known:
            raise refusals.invalid_property(key, "FILE FORMAT")
        keep(key, known[key], raw)


def _plain(raw: Raw) -> Kept:
    if isinstance(raw, Word) and len(raw.name) > 1:
        return render_quoted(raw.name)
    return plain(raw)


def _chosen(source: Source, statement: s.CopyInto) -> list[objects.StoredFile]:
    """The files of the stage that the statement means."""
    path = statement.source.path
    files = list(source.store.files(source.location, path))
    root = len(source.location.prefix)
    if statement.files:
        folder = path if not path or path.endswith("/") else path + "/"
        wanted = {source.location.prefix + folder + name for name in statement.files}
        if missing := wanted - {file.key for file in files}:
            raise refusals.RefusedError(
                91016, "22000", f"Remote file '{min(missing)}' was not found. There are several potential root causes."
            )
        return [file for file in files if file.key in wanted]
    if statement.pattern is not None:
        test = re.compile(statement.pattern)
        return [file for file in files if test.fullmatch(file.key) or test.fullmatch(file.key[root:])]
    return files


def _plan(context: Context, table: SqlObject, statement: s.CopyInto, options: Mapping[str, Kept]) -> Plan:
    declared = relations.columns_of(table)
    if unknown := set(statement.columns) - {column.name for column in declared}:
        raise refusals.RefusedError(904, "42000", f"SQL compilation error:\ninvalid identifier '{min(unknown)}'")
    match = str(options["MATCH_BY_COLUMN_NAME"])
    if not statement.select and match == "NONE" and [column.type for column in declared] != ["VARIANT"]:
        raise refusals.RefusedError(
            2023,
            "22000",
            "SQL compilation error:\nPARQUET file format can produce one and only one column of type variant, object,"
            " or array. Load data into separate columns using the MATCH_BY_COLUMN_NAME copy option or copy with"
            " transformation.",
        )
    if statement.select and match != "NONE":
        raise refusals.syntax("MATCH_BY_COLUMN_NAME cannot be used with a transformation")
    return Plan(
        number=table.number,
        target=relations.physical_name(context.catalogue, table),
        history=_history(context, table),
        declared=tuple(column.name for column in declared),
        columns=statement.columns,
        select=statement.select,
        alias=statement.alias,
        match=match,
        skip_files=str(options["ON_ERROR"]).upper() == "SKIP_FILE",
        force=options["FORCE"] is True,
        purge=options["PURGE"] is True,
    )


# What was loaded is recorded in the database's file, out of sight of its users.


def _history(context: Context, table: SqlObject) -> str:
    database = context.catalogue.database_of(table)
    return f"{quoted(alias_of(database.name))}._fs_sandbox.loads"


def _loaded(data: DataSession, history: str, number: int) -> frozenset[tuple[str, str]]:
    """What was loaded into a table: keys with entity tags."""
    duck = data.duckdb()
    duck.execute(f"CREATE SCHEMA IF NOT EXISTS {history.removesuffix('.loads')}")
    duck.execute(f"CREATE TABLE IF NOT EXISTS {history} (table_number BIGINT, url VARCHAR, tag VARCHAR)")
    rows = duck.execute(f"SELECT url, tag FROM {history} WHERE table_number = ?", [number]).fetchall()
    return frozenset((url, tag) for url, tag in rows)


def forget_loads(context: Context, tables: tuple[SqlObject, ...]) -> None:
    """A table that is emptied has loaded nothing."""
    data = context.session.data
    for table in tables:
        history = _history(context, table)
        _loaded(data, history, table.number)
        data.duckdb().execute(f"DELETE FROM {history} WHERE table_number = ?", [table.number])


def _load_all(
    data: DataSession, plan: Plan, source: Source, files: list[objects.StoredFile], directory: Path
) -> list[tuple[Cell, ...]]:
    """Load all files in one transaction, or each in its own when failing ones are skipped."""
    if plan.skip_files and data.in_transaction:
        raise refusals.unsupported("ON_ERROR = SKIP_FILE inside a transaction")
    _loaded(data, plan.history, plan.number)
    rows: list[tuple[Cell, ...]] = []
    with nullcontext() if plan.skip_files else data.transaction():
        for index, file in enumerate(files):
            local = directory / f"{index}.parquet"
            source.store.fetch(source.location, file.key, local)
            rows.append(_load_one(data, plan, source, file, local))
            local.unlink()
    return rows


def _load_one(data: DataSession, plan: Plan, source: Source, file: objects.StoredFile, local: Path) -> tuple[Cell, ...]:
    """Load one file; the row that COPY answers about it.

    Raises:
        RefusedError: it cannot be loaded, and failing files are not skipped.
    """
    name = f"s3://{source.location.bucket}/{file.key}"
    try:
        with data.transaction() if plan.skip_files else nullcontext():
            rows = _insert(data, plan, name, local)
            data.duckdb().execute(
                f"INSERT INTO {plan.history} VALUES (?, ?, ?)",
                [plan.number, file.key, file.tag],
            )
    except (refusals.RefusedError, duckdb.Error) as error:
        refusal = (
            error if isinstance(error, refusals.RefusedError) else refusals.RefusedError(100071, "22000", str(error))
        )
        text = refusal.text
        if not plan.skip_files:
            raise refusals.RefusedError(refusal.errno, refusal.sqlstate, f"{text}\n  File '{name}'") from error
        return (name, "LOAD_FAILED", 0, 0, 1, 1, text, None, None, None)
    return (name, "LOADED", rows, rows, 1, 0, None, None, None, None)


def _insert(data: DataSession, plan: Plan, name: str, local: Path) -> int:
    """Insert one file's rows; how many there were."""
    view = "ff_load"
    escaped = str(local).replace("'", "''")
    data.duckdb().execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM read_parquet('{escaped}')"
        if not _wants_row_number(plan)
        else f"CREATE OR REPLACE TEMP VIEW {view} AS"
        f" SELECT * RENAME (file_row_number AS {_ROW}) FROM read_parquet('{escaped}', file_row_number = true)"
    )
    described = data.duckdb().execute(f"DESCRIBE {view}").fetchall()
    present = tuple(row[0] for row in described)
    parsed = data.count(f"SELECT count(*) FROM {view}")
    if plan.select:
        columns, expressions = plan.columns, tuple(_expression(plan, each, present, name) for each in plan.select)
        into = f" ({', '.join(quoted(each) for each in columns)})" if columns else ""
        data.run(f"INSERT INTO {plan.target}{into} SELECT {', '.join(expressions)} FROM temp.main.{view}", None, ())
    else:
        pairs = _pairs(plan, present)
        into = ", ".join(quoted(column) for column, _ in pairs)
        chosen = ", ".join(expression for _, expression in pairs)
        data.duckdb().execute(f"INSERT INTO {plan.target} ({into}) SELECT {chosen} FROM {view}")
    return parsed


def _wants_row_number(plan: Plan) -> bool:
    return any("METADATA$FILE_ROW_NUMBER" in each.upper() for each in plan.select)


def _pairs(plan: Plan, present: tuple[str, ...]) -> list[tuple[str, str]]:
    """Target columns with the file's columns that fill them.

    Raises:
        RefusedError: nothing fits.
    """
    if plan.match == "NONE":
        fields = ", ".join(f"{quoted(each)} := {quoted(each)}" for each in present)
        return [(plan.declared[0], f"to_json(struct_pack({fields}))")]
    exact = plan.match == "CASE_SENSITIVE"
    by_name = {each if exact else each.upper(): each for each in present}
    pairs = [
        (column, quoted(by_name[key]))
        for column in plan.declared
        if (key := column if exact else column.upper()) in by_name
    ]
    if not pairs:
        raise refusals.RefusedError(
            100069, "22000", "None of the file's columns matches a column of the table by name."
        )
    return pairs


def _expression(plan: Plan, text: str, present: tuple[str, ...], file: str) -> str:
    """One expression of a transforming COPY, its `$1:name` turned into the file's column.

    A name that the file does not have is NULL, as an absent key of a VARIANT is.

    Raises:
        RefusedError: `$1` by itself or a path into a nested value.
    """
    scanner = Scanner(text)
    edits: list[tuple[int, int, str]] = []
    while (token := scanner.peek()) is not None:
        if token.sort is Sort.WORD and token.text.upper() == "METADATA$FILENAME":
            key = file.removeprefix("s3://").partition("/")[2].replace("'", "''")
            edits.append((token.start, token.end, f"'{key}'"))
            scanner.take()
        elif token.sort is Sort.WORD and token.text.upper() == "METADATA$FILE_ROW_NUMBER":
            edits.append((token.start, token.end, f'("{_ROW}" + 1)'))
            scanner.take()
        elif token.sort is Sort.SYMBOL and token.text == "$":
            edits.append(_reference(plan, scanner, present))
        else:
            scanner.take()
    for start, end, replacement in reversed(edits):
        text = text[:start] + replacement + text[end + 1 :]
    return text


def _reference(plan: Plan, scanner: Scanner, present: tuple[str, ...]) -> tuple[int, int, str]:
    start = scanner.take().start
    alias, dot = scanner.peek(-3), scanner.peek(-2)
    if plan.alias and alias is not None and dot is not None and dot.text == ".":
        start = alias.start
    if scanner.take_integer() != 1 or not scanner.accept_symbol(":"):
        raise refusals.unsupported("$1 without a name: write $1:column")
    token = scanner.take()
    if token.sort not in (Sort.WORD, Sort.QUOTED):
        raise scanner.unexpected()
    if scanner.is_symbol(".") or scanner.is_symbol("[") or scanner.is_symbol(":"):
        raise refusals.unsupported("paths into nested values of a file")
    return start, token.end, quoted(token.text) if token.text in present else "NULL"
