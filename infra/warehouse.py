"""Where data lives and what computes on it: the database's layers, and a warehouse per workload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_snowflake as snowflake

from infra.settings import Settings, WarehouseSettings

NUMBER: Final = "NUMBER(38,0)"
TEXT: Final = "VARCHAR(16777216)"

# The landing contract of bronze.FLIGHTS, in the source's order. BATCH names the
# delivery that a row came with, so that a delivery can be replaced as a whole.
FLIGHT_COLUMNS: Final = {
    "YEAR": NUMBER,
    "MONTH": NUMBER,
    "DAY": NUMBER,
    "DEP_TIME": NUMBER,
    "SCHED_DEP_TIME": NUMBER,
    "DEP_DELAY": NUMBER,
    "ARR_TIME": NUMBER,
    "SCHED_ARR_TIME": NUMBER,
    "ARR_DELAY": NUMBER,
    "CARRIER": TEXT,
    "FLIGHT": NUMBER,
    "TAILNUM": TEXT,
    "ORIGIN": TEXT,
    "DEST": TEXT,
    "AIR_TIME": NUMBER,
    "DISTANCE": NUMBER,
    "HOUR": NUMBER,
    "MINUTE": NUMBER,
    "TIME_HOUR": "TIMESTAMP_NTZ(9)",
    "BATCH": TEXT,
}


@dataclass(frozen=True, slots=True)
class Layers:
    """The database, its three schemas, and the one table that files are loaded into."""

    database: snowflake.Database
    bronze: snowflake.Schema
    silver: snowflake.Schema
    gold: snowflake.Schema
    flights: snowflake.Table


@dataclass(frozen=True, slots=True)
class Warehouses:
    """One warehouse per workload, so that none waits for, or pays for, another."""

    load: snowflake.Warehouse
    transform: snowflake.Warehouse
    serve: snowflake.Warehouse


def layers(settings: Settings) -> Layers:
    """Declare the database and its layers.

    Tables of silver and gold belong to the flow that builds them. Bronze's are
    declared here: they are the contract with the files that arrive, and the
    loader then needs no right to create any.
    """
    database = snowflake.Database(
        "database",
        name=settings.prefix,
        comment=f"Flights platform, environment {settings.stack}",
        # Nobody is granted anything in PUBLIC; without it nothing can land there by accident.
        drop_public_schema_on_creation=True,
        opts=pulumi.ResourceOptions(protect=settings.protect),
    )
    bronze = _schema(database, "bronze", "As delivered: one table per kind of file, rows as they came")
    silver = _schema(database, "silver", "Cleaned: typed, with meaning, one row per fact")
    gold = _schema(database, "gold", "For readers: figures that answer a question")
    flights = snowflake.Table(
        "bronze-flights",
        database=database.name,
        schema=bronze.name,
        name="FLIGHTS",
        columns=[{"name": name, "type": type_} for name, type_ in FLIGHT_COLUMNS.items()],
        comment="Departures from New York's airports, loaded from Parquet",
    )
    return Layers(database, bronze, silver, gold, flights)


def warehouses(settings: Settings) -> Warehouses:
    """Declare one warehouse per workload, all suspended until used."""
    return Warehouses(
        load=_warehouse(settings, "load", settings.load),
        transform=_warehouse(settings, "transform", settings.transform),
        serve=_warehouse(settings, "serve", settings.serve),
    )


def _schema(database: snowflake.Database, layer: str, comment: str) -> snowflake.Schema:
    return snowflake.Schema(
        layer,
        database=database.name,
        name=layer.upper(),
        comment=comment,
        # Only the schema's owner grants here: a table's owner cannot let others in.
        with_managed_access="true",
    )


def _warehouse(settings: Settings, workload: str, chosen: WarehouseSettings) -> snowflake.Warehouse:
    return snowflake.Warehouse(
        f"{workload}-warehouse",
        name=f"{settings.prefix}_{workload.upper()}",
        warehouse_size=chosen.size,
        auto_suspend=chosen.auto_suspend_s,
        auto_resume="true",
        initially_suspended=True,
        comment=f"Workload: {workload}",
    )
