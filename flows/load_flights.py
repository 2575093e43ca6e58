"""The flow `load-flights`: from the source through bronze and silver to gold, checked against the source.

    source ─► Parquet in the lake ─► COPY INTO bronze ─► silver ─► gold ─► counts compared ─► artifact
              └──────── as the loader ─────────────┘  └──── as the transformer ────┘

Run again, it ends in the same state. What it finds in the layers at its end is
kept as the artifact `load-flights`.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows import connections
from flows.settings import Target, Workload
from flows.tasks import bronze, landing, models, quality, source

ARTIFACT = "load-flights"


# No step is cached: each can be run again, and its arguments hold the login.
@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def deliver(flights: pa.Table, batch: str, landing_url: str) -> str:
    """Put the files where the stage finds them."""
    folder = landing.put_months(flights, batch, landing_url)
    print(f"{flights.num_rows:,} flights written to {landing_url}{folder}")
    return folder


@task(cache_policy=NO_CACHE, retries=2, retry_delay_seconds=5)
def load(login: connections.Login, workload: Workload, target: Target, batch: str, folder: str) -> int:
    """Load the delivered files into bronze."""
    with connections.session(login, workload, target.database) as cursor:
        loaded = bronze.replace_batch(cursor, target, batch, folder)
    print(f"{loaded:,} rows loaded into bronze by {workload.role}")
    return loaded


@task(cache_policy=NO_CACHE)
def transform(login: connections.Login, workload: Workload, target: Target) -> None:
    """Build silver and gold."""
    with connections.session(login, workload, target.database) as cursor:
        models.build_silver(cursor, target)
        models.build_gold(cursor, target)
    print(f"silver and gold built by {workload.role}")


@task(cache_policy=NO_CACHE)
def verify(
    login: connections.Login, workload: Workload, target: Target, expected: Mapping[str, int]
) -> Mapping[str, int]:
    """Compare the layers with the source; returns the layers' row counts.

    Raises:
        QualityError: they disagree.
    """
    with connections.session(login, workload, target.database) as cursor:
        rows = quality.count_rows(cursor, target)
        by_carrier = quality.count_by_carrier(cursor, target)
    if found := quality.violations(expected, rows, by_carrier):
        raise quality.QualityError("; ".join(found))
    return rows


@flow(name="load-flights", log_prints=True)
def load_flights(
    connection: str,
    database: str,
    flights_table: str,
    stage: str,
    file_format: str,
    landing_url: str,
    silver_schema: str,
    gold_schema: str,
    load_role: str,
    load_warehouse: str,
    transform_role: str,
    transform_warehouse: str,
) -> None:
    """Load the flights of 2013.

    Args:
        connection: name of the Prefect block (`snowflake-connector`) to sign in with.
        flights_table: bronze's table, fully qualified; likewise stage, file format and schemas.
        landing_url: where files are put, `s3://bucket/prefix/`.
    """
    target = Target(
        database=database,
        flights_table=flights_table,
        stage=stage,
        file_format=file_format,
        landing_url=landing_url,
        silver_schema=silver_schema,
        gold_schema=gold_schema,
    )
    login = connections.read_login(connection)
    transformer = Workload(transform_role, transform_warehouse)
    flights, batch = source.read_flights(), source.batch_name()

    folder = deliver(flights, batch, landing_url)
    loaded = load(login, Workload(load_role, load_warehouse), target, batch, folder)
    transform(login, transformer, target)
    rows = verify(login, transformer, target, source.carrier_counts(flights))

    create_table_artifact(
        table=[{"table": "rows loaded", "rows": loaded}] + [{"table": name, "rows": n} for name, n in rows.items()],
        key=ARTIFACT,
        description="What the last load left in the layers; every count was compared with the source.",
    )
