"""Builds silver from bronze and gold from silver, each table anew in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.connections import quoted
from flows.settings import Target

if TYPE_CHECKING:
    from snowflake.connector.cursor import SnowflakeCursor

SILVER_FLIGHTS = """
SELECT
  DATE_FROM_PARTS(YEAR, MONTH, DAY) AS FLIGHT_DATE,
  TIME_HOUR AS SCHEDULED_HOUR_UTC,
  CARRIER,
  FLIGHT AS FLIGHT_NUMBER,
  TAILNUM AS TAIL_NUMBER,
  ORIGIN,
  DEST AS DESTINATION,
  DEP_TIME IS NULL AS IS_CANCELLED,
  DEP_DELAY AS DEPARTURE_DELAY_MIN,
  ARR_DELAY AS ARRIVAL_DELAY_MIN,
  AIR_TIME AS AIR_TIME_MIN,
  DISTANCE AS DISTANCE_MILES
FROM {flights}
"""

# Late as aviation counts it: a quarter of an hour or more after schedule.
FIGURES = """
  COUNT(*) AS FLIGHTS,
  COUNT_IF(IS_CANCELLED) AS CANCELLED,
  COUNT_IF(ARRIVAL_DELAY_MIN >= 15) AS LATE,
  ROUND(AVG(DEPARTURE_DELAY_MIN), 2) AS MEAN_DEPARTURE_DELAY_MIN,
  ROUND(AVG(ARRIVAL_DELAY_MIN), 2) AS MEAN_ARRIVAL_DELAY_MIN
"""

GOLD = {
    "CARRIERS": "SELECT CARRIER," + FIGURES + "FROM {flights} GROUP BY CARRIER",
    "MONTHS": (
        "SELECT DATE_TRUNC('MONTH', FLIGHT_DATE)::DATE AS MONTH,"
        + FIGURES
        + "FROM {flights} GROUP BY DATE_TRUNC('MONTH', FLIGHT_DATE)::DATE"
    ),
}


def silver_flights(target: Target) -> str:
    """The qualified name of silver's table of flights."""
    return f"{target.silver_schema}.{quoted('FLIGHTS')}"


def gold_table(target: Target, name: str) -> str:
    """The qualified name of one of gold's tables."""
    return f"{target.gold_schema}.{quoted(name)}"


def build_silver(cursor: SnowflakeCursor, target: Target) -> None:
    """Build silver's flights: one row per flight, with names and types that say what they mean."""
    select = SILVER_FLIGHTS.format(flights=target.flights_table)
    cursor.execute(f"CREATE OR REPLACE TABLE {silver_flights(target)} AS{select}")


def build_gold(cursor: SnowflakeCursor, target: Target) -> None:
    """Build gold's tables: figures per carrier and per month."""
    for name, select in GOLD.items():
        source = select.format(flights=silver_flights(target))
        cursor.execute(f"CREATE OR REPLACE TABLE {gold_table(target, name)} AS {source}")
