"""Files in the lake, as S3 holds them."""

import io
import uuid

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import parquet

from flows.tasks import landing, source
from infra.warehouse import FLIGHT_COLUMNS

pytestmark = pytest.mark.slow


@pytest.fixture
def s3(monkeypatch):
    """An S3 service, found through the variables that a worker gets."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "sandbox")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    client = boto3.client("s3", region_name="us-east-1")
    yield client
    client.close()
    server.stop()


@pytest.fixture
def lake(s3):
    """A bucket of the test's own: all moto servers of a process share what they hold."""
    name = f"lake-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    return name


def stored(client, bucket):
    return {
        entry["Key"]: client.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        for entry in client.list_objects_v2(Bucket=bucket)["Contents"]
    }


def test_twelve_files_hold_every_flight_in_the_columns_of_bronze(s3, lake):
    flights = source.read_flights()

    folder = landing.put_months(flights, "batch-1", f"s3://{lake}/bronze/")

    files = stored(s3, lake)
    tables = [parquet.read_table(io.BytesIO(body)) for body in files.values()]
    assert sorted(files) == [f"bronze/{folder}2013-{month:02}.parquet" for month in range(1, 13)]
    assert sum(table.num_rows for table in tables) == flights.num_rows
    assert all(table.column_names == list(FLIGHT_COLUMNS) for table in tables)
    assert tables[0]["BATCH"].unique().to_pylist() == ["batch-1"]


def test_a_second_run_writes_the_same_bytes(s3, lake):
    january = source.select_month(source.read_flights(), 1)

    landing.put_months(january, "batch-1", f"s3://{lake}/")
    first = stored(s3, lake)
    landing.put_months(january, "batch-1", f"s3://{lake}/")

    assert stored(s3, lake) == first
