"""What a statement answers: a table of our own making, or one that the data engine encoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from reconciler.sandbox.snowflake.vocabulary.properties import Kept

Cell: TypeAlias = "str | int | float | bool | None"


SHOW_TYPE: Final = 0x4400
_TIMES: Final = dict.fromkeys(("created_on", "resumed_on", "updated_on", "last_success_login"), "timestamp_ltz")
Row: TypeAlias = "Mapping[str, Cell]"
"""A row by column name."""


@dataclass(frozen=True, slots=True)
class Column:
    """A result column; `type` in the wire's words (text, fixed, boolean, timestamp_ltz)."""

    name: str
    type: str = "text"


@dataclass(frozen=True, slots=True)
class Rows:
    """A small result, sent as JSON. `statement_type` is the wire's statement type id."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    statement_type: int = 0x4000


@dataclass(frozen=True, slots=True)
class Encoded:
    """A result of the data engine, already in the wire's form (rowtype, rowset or rowsetBase64, total)."""

    body: Mapping[str, Any]


Result: TypeAlias = Rows | Encoded
Work: TypeAlias = Callable[[], Result]
"""Reading or changing rows: what is left to do once it is clear that it may be done."""
Outcome: TypeAlias = Result | Work


def message(text: str) -> Rows:
    """The one-cell answer of most statements."""
    return Rows((Column("status"),), ((text,),), 0x6000)


def timestamp(seconds: float) -> str:
    """A point in time as the wire carries it: seconds with as many decimals as the column's scale, three."""
    return f"{seconds:.3f}"


def answer(rows: Sequence[Row], names: str, types: Mapping[str, str] | None = None) -> Rows:
    """Rows as a result; columns that a row lacks are NULL."""
    order = names.split(", ")
    kinds = {**_TIMES, **(types or {})}
    columns = tuple(Column(name, kinds.get(name, "text")) for name in order)
    return Rows(columns, tuple(tuple(row.get(name) for name in order) for row in rows), SHOW_TYPE)


def flag(value: Kept) -> str:
    """A boolean as SHOW prints most of them."""
    return "true" if value is True else "false"
