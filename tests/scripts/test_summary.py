"""The table that ends `make up`."""

import io
import json

import httpx
from rich.console import Console

from scripts.summary import count_by_provider, read_layers, render


def api(response):
    return httpx.Client(transport=httpx.MockTransport(lambda request: response), base_url="http://prefect/api")


def test_resources_are_counted_by_provider_without_the_stack_itself():
    types = ["pulumi:pulumi:Stack", "pulumi:providers:aws", "aws:s3/bucket:Bucket", "snowflake:index/role:Role"]

    assert count_by_provider([{"type": type_} for type_ in types]) == {"aws": 1, "snowflake": 1}


def test_the_layers_are_read_from_the_artifact_of_the_last_load():
    rows = [{"table": "rows loaded", "rows": 336_776}, {"table": "gold.MONTHS", "rows": 12}]

    assert read_layers(api(httpx.Response(200, json={"data": json.dumps(rows)}))) == (
        ("rows loaded", 336_776),
        ("gold.MONTHS", 12),
    )


def test_before_the_first_load_there_are_no_layers():
    assert read_layers(api(httpx.Response(404))) == ()


def test_the_table_shows_counts_and_where_prefect_is():
    console = Console(width=80, record=True, file=io.StringIO())

    console.print(render({"aws": 25}, [("bronze.FLIGHTS", 336_776)], "http://127.0.0.1:18730/api"))

    text = console.export_text()
    assert "336,776" in text
    assert "aws resources" in text
    assert "18730/api" not in text
