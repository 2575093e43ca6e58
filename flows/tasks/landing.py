"""Puts files where the external stage finds them."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import boto3
import pyarrow as pa
from pyarrow import parquet

from flows.tasks.source import MONTHS, select_month


def put_months(flights: pa.Table, batch: str, landing_url: str, environment: Mapping[str, str] = os.environ) -> str:
    """Write one Parquet file per month, each row marked with its batch.

    A second run writes the same files again, byte for byte.

    Args:
        landing_url: `s3://bucket/prefix/`. Address and identity come from the
            usual AWS variables and files.

    Returns:
        The folder, relative to `landing_url`, with a slash at its end.
    """
    place = urlsplit(landing_url)
    folder = f"flights/{batch}/"
    client = boto3.client("s3", region_name=environment.get("AWS_REGION"))
    for month in MONTHS:
        client.put_object(
            Bucket=place.netloc,
            Key=f"{place.path.lstrip('/')}{folder}2013-{month:02}.parquet",
            Body=render_parquet(select_month(flights, month), batch),
        )
    return folder


def render_parquet(flights: pa.Table, batch: str) -> bytes:
    """Flights as a Parquet file whose columns are named as bronze's are."""
    marked = flights.append_column("batch", pa.array([batch] * flights.num_rows, pa.string()))
    buffer = io.BytesIO()
    parquet.write_table(marked.rename_columns([name.upper() for name in marked.column_names]), buffer)
    return buffer.getvalue()
