"""The source's data, as read."""

import pyarrow as pa
import pytest

from flows.tasks import source

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def flights():
    return source.read_flights()


def test_every_flight_of_2013_is_there(flights):
    assert flights.num_rows == 336_776
    assert len(flights.column_names) == 19


def test_absent_values_are_null_and_not_empty_texts(flights):
    # Counted in the package's CSV file: flights without a departure, and without a tail number.
    assert flights["dep_time"].null_count == 8_255
    assert flights["tailnum"].null_count == 2_512


def test_hours_are_utc_without_a_zone(flights):
    assert flights.schema.field("time_hour").type == pa.timestamp("us")
    assert str(flights["time_hour"][0].as_py()) == "2013-01-01 10:00:00"


def test_months_part_the_flights_without_rest(flights):
    parts = [source.select_month(flights, month).num_rows for month in source.MONTHS]

    assert sum(parts) == flights.num_rows
    assert parts[0] == 27_004


def test_carriers_are_counted_by_code(flights):
    counts = source.carrier_counts(flights)

    assert list(counts) == sorted(counts)
    assert counts["UA"] == 58_665
    assert sum(counts.values()) == flights.num_rows
