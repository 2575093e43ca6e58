"""Tables and views: the grammar of their definitions, and what their types are really called.

Source: Snowflake SQL reference, CREATE TABLE, CREATE VIEW, ALTER TABLE, data types.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from reconciler.sandbox.snowflake.parsing import statements
from reconciler.sandbox.snowflake.parsing.scanner import Scanner, Sort
from reconciler.sandbox.snowflake.parsing.settings import take_settings
from reconciler.sandbox.snowflake.parsing.statements import Column
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name
from reconciler.sandbox.snowflake.vocabulary.kinds import SandboxKind
from reconciler.sandbox.snowflake.vocabulary.properties import Raw
from reconciler.sandbox.snowflake.vocabulary.refusals import syntax, unsupported

_NUMBERS: Final = frozenset({"NUMBER", "DECIMAL", "DEC", "NUMERIC"})
_INTEGERS: Final = frozenset({"INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "BYTEINT"})
_FLOATS: Final = frozenset({"FLOAT", "FLOAT4", "FLOAT8", "DOUBLE", "DOUBLE PRECISION", "REAL"})
_TEXTS: Final = frozenset({"VARCHAR", "STRING", "TEXT", "NVARCHAR", "NVARCHAR2", "CHAR VARYING", "NCHAR VARYING"})
_TIMES: Final = {
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "DATETIME": "TIMESTAMP_NTZ",
    "TIMESTAMP_NTZ": "TIMESTAMP_NTZ",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMP_LTZ": "TIMESTAMP_LTZ",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ",
    "TIMESTAMPTZ": "TIMESTAMP_TZ",
    "TIME": "TIME",
}
_SINGLE: Final = frozenset({"BOOLEAN", "DATE", "VARIANT", "OBJECT", "ARRAY"})


def canonical_type(word: str, arguments: tuple[int, ...]) -> str:
    """A data type as DESC TABLE prints it.

    >>> canonical_type("INT", ()), canonical_type("STRING", ()), canonical_type("DECIMAL", (10, 2))
    ('NUMBER(38,0)', 'VARCHAR(16777216)', 'NUMBER(10,2)')

    Raises:
        RefusedError: a type that the sandbox does not know.
    """
    first = arguments[0] if arguments else None
    if word in _NUMBERS and len(arguments) <= 2:
        return f"NUMBER({first if first is not None else 38},{arguments[1] if len(arguments) > 1 else 0})"
    if word in _INTEGERS and not arguments:
        return "NUMBER(38,0)"
    if word in _FLOATS and not arguments:
        return "FLOAT"
    if word in _TEXTS and len(arguments) <= 1:
        return f"VARCHAR({first if first is not None else 16777216})"
    if word in ("CHAR", "CHARACTER", "NCHAR") and len(arguments) <= 1:
        return f"VARCHAR({first if first is not None else 1})"
    if word in ("BINARY", "VARBINARY") and len(arguments) <= 1:
        return f"BINARY({first if first is not None else 8388608})"
    if word in _TIMES and len(arguments) <= 1:
        return f"{_TIMES[word]}({first if first is not None else 9})"
    if word == "BOOL" and not arguments:
        return "BOOLEAN"
    if word in _SINGLE and not arguments:
        return word
    raise unsupported(f"data type {word}{arguments or ''}")


def take_type(scanner: Scanner) -> str:
    """A data type, canonical."""
    word = scanner.accept_one("DOUBLE PRECISION", "CHAR VARYING", "NCHAR VARYING") or scanner.take_part()
    arguments: list[int] = []
    if scanner.accept_symbol("("):
        while not scanner.accept_symbol(")"):
            arguments.append(scanner.take_integer())
            scanner.accept_symbol(",")
    return canonical_type(word, tuple(arguments))


def take_column(scanner: Scanner) -> Column:
    """One column definition with its inline constraints."""
    name = scanner.take_part()
    column = Column(name, take_type(scanner))
    while not scanner.at_end() and not scanner.is_symbol(",") and not scanner.is_symbol(")"):
        column = _column_option(scanner, column)
    return column


def _column_option(scanner: Scanner, column: Column) -> Column:
    if scanner.accept("NOT NULL"):
        return replace(column, nullable=False)
    if scanner.accept("NULL"):
        return column
    if scanner.accept("COMMENT"):
        return replace(column, comment=scanner.take_string())
    if scanner.accept("DEFAULT"):
        return replace(column, default=_expression(scanner))
    if scanner.accept_one("AUTOINCREMENT", "IDENTITY"):
        return replace(column, autoincrement=_autoincrement(scanner), nullable=False)
    if scanner.accept("PRIMARY KEY"):
        return replace(column, primary_key=True, nullable=False)
    if scanner.accept("UNIQUE"):
        return replace(column, unique_key=True)
    raise unsupported(f"column option {scanner.word()} {scanner.word(1)}".rstrip())


def _autoincrement(scanner: Scanner) -> tuple[int, int]:
    start, step = 1, 1
    if scanner.accept_symbol("("):
        start = scanner.take_integer()
        scanner.expect_symbol(",")
        step = scanner.take_integer()
        scanner.expect_symbol(")")
    elif scanner.accept("START"):
        scanner.accept_one("WITH")
        scanner.accept_symbol("=")
        start = scanner.take_integer()
        scanner.expect("INCREMENT")
        scanner.accept_one("BY")
        scanner.accept_symbol("=")
        step = scanner.take_integer()
    scanner.accept_one("ORDER", "NOORDER")
    return start, step


def _expression(scanner: Scanner) -> str:
    """The text of an expression up to the next option, comma or closing bracket."""
    first = scanner.take()
    last, depth = first, 0
    depth += first.text == "(" and first.sort is Sort.SYMBOL
    while token := scanner.peek():
        symbol = token.text if token.sort is Sort.SYMBOL else ""
        if depth == 0 and (
            symbol in (",", ")") or scanner.word() in ("NOT", "NULL", "COMMENT", "PRIMARY", "UNIQUE", "COLLATE")
        ):
            break
        depth += (symbol == "(") - (symbol == ")")
        last = scanner.take()
    return scanner.sql[first.start : last.end + 1]


def parse_relation(
    scanner: Scanner,
    kind: SandboxKind,
    name: Name,
    *,
    or_replace: bool,
    if_not_exists: bool,
    modifiers: Iterable[str],
    text: str,
) -> statements.Create:
    """CREATE TABLE or VIEW after the name."""
    found: list[Column] = []
    names: list[str] = []
    if scanner.accept_symbol("("):
        if kind.words == "TABLE":
            found = _definitions(scanner)
        else:
            names = _view_columns(scanner)
    settings: dict[str, Raw] = {}
    copy_grants, query = False, None
    while not scanner.at_end():
        if scanner.accept("AS"):
            query = scanner.rest()
            scanner.position = len(scanner.tokens)
        elif scanner.accept("COPY GRANTS"):
            copy_grants = True
        elif scanner.accept("CLUSTER BY"):
            settings["CLUSTER_BY"] = take_expressions(scanner)
        elif scanner.word() in ("CLONE", "LIKE", "USING", "WITH", "ROW", "AGGREGATION", "STAGE_FILE_FORMAT"):
            raise unsupported(f"CREATE {kind.words} … {scanner.word()}")
        else:
            settings.update(take_settings(scanner, kind.words, kind.properties, once=True))
    if (kind.words == "VIEW" and query is None) or (kind.words == "TABLE" and not found and query is None):
        raise scanner.unexpected()
    return statements.Create(
        kind=kind,
        name=name,
        or_replace=or_replace,
        if_not_exists=if_not_exists,
        modifiers=frozenset(modifiers),
        properties=settings,
        columns=tuple(found),
        column_names=tuple(names),
        query=query,
        copy_grants=copy_grants,
        source_text=text,
    )


def _view_columns(scanner: Scanner) -> list[str]:
    names: list[str] = []
    while not scanner.accept_symbol(")"):
        names.append(scanner.take_part())
        if scanner.accept("COMMENT"):
            scanner.take_string()
        scanner.accept_symbol(",")
    return names


def _definitions(scanner: Scanner) -> list[Column]:
    """Columns and table constraints, after the opening bracket."""
    found: list[Column] = []
    keys: list[tuple[str, list[str]]] = []
    while not scanner.accept_symbol(")"):
        if scanner.accept("CONSTRAINT"):
            scanner.take_part()
        if constraint := scanner.accept_one("PRIMARY KEY", "UNIQUE"):
            scanner.expect_symbol("(")
            keys.append((constraint, _view_columns(scanner)))
        elif scanner.word() == "FOREIGN":
            raise unsupported("FOREIGN KEY")
        else:
            found.append(take_column(scanner))
        if not scanner.accept_symbol(",") and not scanner.is_symbol(")"):
            raise scanner.unexpected()
    for constraint, names in keys:
        if missing := set(names) - {column.name for column in found}:
            raise syntax(f"invalid identifier '{min(missing)}'")
        found = [
            (
                replace(column, primary_key=True, nullable=False)
                if constraint == "PRIMARY KEY"
                else replace(column, unique_key=True)
            )
            if column.name in names
            else column
            for column in found
        ]
    if len({column.name for column in found}) != len(found):
        raise syntax("duplicate column name")
    return found


def take_expressions(scanner: Scanner) -> tuple[str, ...]:
    """A bracketed list of expressions, as texts."""
    scanner.accept("LINEAR")
    scanner.expect_symbol("(")
    found: list[str] = []
    while not scanner.accept_symbol(")"):
        found.append(_expression(scanner))
        scanner.accept_symbol(",")
    return tuple(found)


def parse_table_action(scanner: Scanner) -> statements.Action | None:
    """The forms of ALTER TABLE that are about columns and clustering; None for the others."""
    if (scanner.word(), scanner.word(1)) in (("ADD", "PRIMARY"), ("ADD", "CONSTRAINT"), ("DROP", "PRIMARY")):
        return _primary_key(scanner)
    if scanner.accept("ADD"):
        scanner.accept("COLUMN")
        if scanner.word() in ("PRIMARY", "UNIQUE", "CONSTRAINT", "FOREIGN", "ROW", "SEARCH"):
            raise unsupported(f"ALTER TABLE … ADD {scanner.word()}")
        if_not_exists = scanner.accept("IF NOT EXISTS")
        added = [take_column(scanner)]
        while scanner.accept_symbol(","):
            scanner.accept("COLUMN")
            added.append(take_column(scanner))
        return statements.AddColumns(tuple(added), if_not_exists)
    if scanner.accept("CLUSTER BY"):
        return statements.ClusterBy(take_expressions(scanner))
    if scanner.accept("DROP CLUSTERING KEY"):
        return statements.ClusterBy(())
    if scanner.word() == "DROP" and scanner.word(1) in ("PRIMARY", "UNIQUE", "CONSTRAINT", "FOREIGN", "ROW", "SEARCH"):
        raise unsupported(f"ALTER TABLE … DROP {scanner.word(1)}")
    if scanner.accept("DROP"):
        scanner.accept("COLUMN")
        if_exists = scanner.accept("IF EXISTS")
        names = [scanner.take_part()]
        while scanner.accept_symbol(","):
            scanner.accept("COLUMN")
            names.append(scanner.take_part())
        return statements.DropColumns(tuple(names), if_exists)
    if scanner.accept("RENAME COLUMN"):
        name = scanner.take_part()
        scanner.expect("TO")
        return statements.RenameColumn(name, scanner.take_part())
    if scanner.accept_one("ALTER", "MODIFY"):
        return statements.AlterColumns(_column_changes(scanner))
    return None


def _primary_key(scanner: Scanner) -> statements.PrimaryKey:
    if scanner.accept("DROP PRIMARY KEY"):
        return statements.PrimaryKey(())
    scanner.expect("ADD")
    if scanner.accept("CONSTRAINT"):
        scanner.take_part()
    if not scanner.accept("PRIMARY KEY"):
        raise unsupported(f"ALTER TABLE … ADD {scanner.word()}")
    scanner.expect_symbol("(")
    return statements.PrimaryKey(tuple(_view_columns(scanner)))


def _column_changes(scanner: Scanner) -> tuple[statements.AlterColumn, ...]:
    bracket = scanner.accept_symbol("(")
    found: list[statements.AlterColumn] = []
    while True:
        scanner.accept("COLUMN")
        name = scanner.take_part()
        found.append(_column_change(scanner, name))
        if not scanner.accept_symbol(","):
            break
    if bracket:
        scanner.expect_symbol(")")
    return tuple(found)


def _column_change(scanner: Scanner, name: str) -> statements.AlterColumn:
    if scanner.accept("DROP DEFAULT"):
        return statements.AlterColumn(name, drop_default=True)
    if scanner.accept("DROP NOT NULL"):
        return statements.AlterColumn(name, nullable=True)
    if scanner.accept("COMMENT"):
        return statements.AlterColumn(name, comment=scanner.take_string())
    if scanner.accept("UNSET COMMENT"):
        return statements.AlterColumn(name, comment="")
    if scanner.word() == "UNSET" or (scanner.word() == "SET" and scanner.word(1) in ("MASKING", "PROJECTION", "TAG")):
        raise unsupported(f"ALTER TABLE … ALTER COLUMN … {scanner.word()} {scanner.word(1)}")
    if scanner.accept("SET DEFAULT"):
        raise unsupported("ALTER TABLE … ALTER COLUMN … SET DEFAULT")
    if scanner.accept_one("SET NOT NULL", "NOT NULL"):
        return statements.AlterColumn(name, nullable=False)
    scanner.accept("SET DATA")
    scanner.accept("TYPE")
    return statements.AlterColumn(name, type=take_type(scanner))
