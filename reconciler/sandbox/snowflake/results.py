"""What a statement answers: a table of our own making, or one that the data engine encoded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Cell: TypeAlias = "str | int | float | bool | None"


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
