"""Does what came out agree with what went in?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flows.settings import Target
from flows.tasks import models

if TYPE_CHECKING:
    from snowflake.connector.cursor import SnowflakeCursor


class QualityError(Exception):
    """The layers disagree with the source; says every disagreement."""


def count_rows(cursor: SnowflakeCursor, target: Target) -> Mapping[str, int]:
    """Table, as `layer.TABLE` -> its number of rows."""
    tables = {
        "bronze.FLIGHTS": target.flights_table,
        "silver.FLIGHTS": models.silver_flights(target),
        **{f"gold.{name}": models.gold_table(target, name) for name in models.GOLD},
    }
    return {name: _one(cursor, f"SELECT COUNT(*) FROM {table}") for name, table in tables.items()}


def count_by_carrier(cursor: SnowflakeCursor, target: Target) -> Mapping[str, int]:
    """What gold says of each carrier: code -> flights."""
    cursor.execute(f"SELECT CARRIER, FLIGHTS FROM {models.gold_table(target, 'CARRIERS')}")
    return {str(carrier): int(flights) for carrier, flights in cursor.fetchall()}


def violations(expected: Mapping[str, int], rows: Mapping[str, int], by_carrier: Mapping[str, int]) -> tuple[str, ...]:
    """Every disagreement between the source and the layers, as sentences; () when there is none.

    Args:
        expected: carrier -> flights, counted in the source.
        rows: as `count_rows` gives them.
        by_carrier: carrier -> flights, as gold has them.
    """
    total = sum(expected.values())
    found = [
        f"{table} has {rows[table]} rows, the source {total}"
        for table in ("bronze.FLIGHTS", "silver.FLIGHTS")
        if rows[table] != total
    ]
    found += [
        f"carrier {carrier}: gold has {by_carrier.get(carrier, 0)} flights, the source {expected.get(carrier, 0)}"
        for carrier in sorted(expected.keys() | by_carrier.keys())
        if by_carrier.get(carrier, 0) != expected.get(carrier, 0)
    ]
    return tuple(found)


def _one(cursor: SnowflakeCursor, statement: str) -> int:
    cursor.execute(statement)
    (row,) = cursor.fetchall()
    return int(row[0])
