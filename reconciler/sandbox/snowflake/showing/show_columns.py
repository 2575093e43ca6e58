"""SHOW COLUMNS.

Source: Snowflake SQL reference, SHOW COLUMNS.
"""

from __future__ import annotations

from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.execution.relations import columns_of
from reconciler.sandbox.snowflake.parsing import statements as s
from reconciler.sandbox.snowflake.parsing.statements import Column
from reconciler.sandbox.snowflake.showing.show import place_of
from reconciler.sandbox.snowflake.showing.wildcards import like
from reconciler.sandbox.snowflake.vocabulary.results import Rows, answer


def show_columns(context: Context, statement: s.ShowColumns) -> Rows:
    """SHOW COLUMNS of one table, or of all in a container."""
    matches = like(statement.like)
    container = statement.container
    if container is not None and container.kind.words in ("TABLE", "VIEW"):
        tables: tuple[SqlObject, ...] = (context.relation(container.name),)
    else:
        account = container is not None and container.kind.words == "ACCOUNT"
        place = None if account else place_of(context, container)
        inside = None if place is None else {item.number for item in context.catalogue.below(place.number)}
        tables = tuple(
            item
            for words in ("TABLE", "VIEW")
            for item in context.catalogue.of_kind(words)
            if (inside is None or item.number in inside) and context.authority.sees(item)
        )
    rows = [
        {
            "table_name": table.name,
            "schema_name": context.catalogue.full_name(table)[1],
            "column_name": column.name,
            "data_type": _data_type(column),
            "null?": "true" if column.nullable else "NOT_NULL",
            "default": column.default or "",
            "kind": "COLUMN",
            "expression": "",
            "comment": column.comment or "",
            "database_name": context.catalogue.full_name(table)[0],
            "autoincrement": _autoincrement(column),
        }
        for table in tables
        for column in columns_of(table)
        if matches(column.name)
    ]
    return answer(
        rows,
        "table_name, schema_name, column_name, data_type, null?, default, kind, expression, comment, database_name,"
        " autoincrement",
    )


def _autoincrement(column: Column) -> str:
    if column.autoincrement is None:
        return ""
    return f"IDENTITY START {column.autoincrement[0]} INCREMENT {column.autoincrement[1]} NOORDER"


def _data_type(column: Column) -> str:
    """The type as SHOW COLUMNS has it: JSON text."""
    word, _, arguments = column.type.rstrip(")").partition("(")
    nullable = "true" if column.nullable else "false"
    match word:
        case "NUMBER":
            precision, scale = arguments.split(",")
            return f'{{"type":"FIXED","precision":{precision},"scale":{scale},"nullable":{nullable}}}'
        case "VARCHAR":
            length = f'"length":{arguments},"byteLength":{min(int(arguments) * 4, 16777216)}'
            return f'{{"type":"TEXT",{length},"nullable":{nullable},"fixed":false}}'
        case "FLOAT":
            return f'{{"type":"REAL","nullable":{nullable}}}'
        case "BINARY":
            return f'{{"type":"BINARY","length":{arguments},"byteLength":{arguments},"nullable":{nullable}}}'
        case "TIME" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ" | "TIMESTAMP_TZ":
            return f'{{"type":"{word}","precision":0,"scale":{arguments},"nullable":{nullable}}}'
        case _:
            return f'{{"type":"{word}","nullable":{nullable}}}'
