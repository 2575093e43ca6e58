"""COPY INTO, LIST and the `@stage/path` notation: their grammar.

Source: Snowflake SQL reference, COPY INTO <table>, LIST.
"""

from __future__ import annotations

from typing import Final

from reconciler.sandbox.snowflake.parsing import statements
from reconciler.sandbox.snowflake.parsing.scanner import Scanner, Sort
from reconciler.sandbox.snowflake.parsing.settings import take_group, take_settings
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name
from reconciler.sandbox.snowflake.vocabulary.properties import Property, Raw, choice
from reconciler.sandbox.snowflake.vocabulary.properties import Sort as PropertySort
from reconciler.sandbox.snowflake.vocabulary.refusals import unsupported

COPY_OPTIONS: Final = {
    "ON_ERROR": Property(PropertySort.TEXT, "ABORT_STATEMENT"),
    "SIZE_LIMIT": Property(PropertySort.INTEGER, None),
    "PURGE": Property(PropertySort.FLAG, False),
    "RETURN_FAILED_ONLY": Property(PropertySort.FLAG, False),
    "MATCH_BY_COLUMN_NAME": choice("CASE_SENSITIVE", "CASE_INSENSITIVE", "NONE", default="NONE"),
    "ENFORCE_LENGTH": Property(PropertySort.FLAG, True),
    "TRUNCATECOLUMNS": Property(PropertySort.FLAG, False),
    "FORCE": Property(PropertySort.FLAG, False),
    "LOAD_UNCERTAIN_FILES": Property(PropertySort.FLAG, False),
}


def take_stage(scanner: Scanner) -> statements.StagePath:
    """`@db.schema.stage/path/to`, or the same in a string literal."""
    token = scanner.peek()
    if token is not None and token.sort is Sort.STRING:
        if not token.text.startswith("@"):
            raise unsupported("COPY from a URL instead of a stage")
        inner = Scanner(token.text)
        scanner.position += 1
        return take_stage(inner)
    scanner.expect_symbol("@")
    if scanner.is_symbol("~") or scanner.is_symbol("%"):
        raise unsupported("user and table stages")
    name: Name = scanner.take_name()
    before = scanner.peek(-1)
    path: list[str] = []
    end = before.end if before is not None else 0
    # A path is whatever follows without a blank.
    while (token := scanner.peek()) is not None and token.start == end + 1 and token.text not in (")", ",", ";"):
        path.append(scanner.sql[token.start : token.end + 1])
        end = token.end
        scanner.position += 1
    return statements.StagePath(name, "".join(path).lstrip("/"))


def parse_list(scanner: Scanner) -> statements.Statement:
    """LIST @stage [PATTERN = '…']."""
    scanner.take()
    source = take_stage(scanner)
    pattern = None
    if scanner.accept("PATTERN"):
        scanner.expect_symbol("=")
        pattern = scanner.take_string()
    return statements.ListStage(source, pattern)


def parse_copy(scanner: Scanner) -> statements.Statement:
    """COPY INTO <table>; unloading (COPY INTO @stage) is not known."""
    scanner.expect("COPY INTO")
    target = scanner.peek()
    if scanner.is_symbol("@") or (target is not None and target.sort is Sort.STRING):
        raise unsupported("COPY INTO a location (unloading)")
    table = scanner.take_name()
    columns: list[str] = []
    if scanner.accept_symbol("("):
        while not scanner.accept_symbol(")"):
            columns.append(scanner.take_part())
            scanner.accept_symbol(",")
    scanner.expect("FROM")
    select: tuple[str, ...] = ()
    alias = ""
    if scanner.accept_symbol("("):
        select = _select_list(scanner)
        source = take_stage(scanner)
        scanner.accept("AS")
        if not scanner.is_symbol(")"):
            alias = scanner.take_part()
        scanner.expect_symbol(")")
    else:
        source = take_stage(scanner)
    return _with_options(scanner, table, tuple(columns), source, alias, select)


def _with_options(
    scanner: Scanner,
    table: Name,
    columns: tuple[str, ...],
    source: statements.StagePath,
    alias: str,
    select: tuple[str, ...],
) -> statements.CopyInto:
    files: tuple[str, ...] = ()
    pattern = None
    file_format: dict[str, Raw] = {}
    options: dict[str, Raw] = {}
    while not scanner.at_end():
        if scanner.word() == "FILES":
            (raw,) = take_settings(scanner, "COPY", None, once=True).values()
            files = tuple(str(item) for item in raw) if isinstance(raw, tuple) else (str(raw),)
        elif scanner.accept("PATTERN"):
            scanner.expect_symbol("=")
            pattern = scanner.take_string()
        elif scanner.accept("FILE_FORMAT"):
            scanner.expect_symbol("=")
            file_format = take_group(scanner)
        elif scanner.word() == "VALIDATION_MODE":
            raise unsupported("COPY INTO … VALIDATION_MODE")
        else:
            options.update(take_settings(scanner, "COPY", COPY_OPTIONS, once=True))
    return statements.CopyInto(
        table=table,
        columns=columns,
        source=source,
        alias=alias,
        select=select,
        files=files,
        pattern=pattern,
        file_format=file_format,
        options=options,
    )


def _select_list(scanner: Scanner) -> tuple[str, ...]:
    """The texts of the select list of a transforming COPY, up to FROM."""
    scanner.expect("SELECT")
    found: list[str] = []
    depth = 0
    start = scanner.peek()
    end = start
    while not (depth == 0 and scanner.word() == "FROM"):
        token = scanner.take()
        symbol = token.text if token.sort is Sort.SYMBOL else ""
        if symbol == "," and depth == 0:
            if start is None or end is None:
                raise scanner.unexpected()
            found.append(scanner.sql[start.start : end.end + 1])
            start = scanner.peek()
            continue
        depth += (symbol == "(") - (symbol == ")")
        end = token
    if start is not None and end is not None:
        found.append(scanner.sql[start.start : end.end + 1])
    scanner.expect("FROM")
    return tuple(found)
