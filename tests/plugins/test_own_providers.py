"""Each provider of ours starts as a plugin from its folder, answers what an engine asks first, and ends when told."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from reconciler import errors
from reconciler.contract import wire
from reconciler.contract.extensions import WATCH_STDIN
from reconciler.providers.plugins.connection import Connection
from reconciler.providers.plugins.discovery import Launch
from reconciler.providers.plugins.process import PluginProcess

PLUGINS = Path(__file__).parents[2] / "plugins"
CASES = {
    "aws": ("aws:s3/bucket:Bucket", {"bucket": "logs"}, {"region": "eu-west-1"}),
    "prefect": ("prefect:index/variable:Variable", {"name": "limit", "value": 1}, {"apiUrl": "http://127.0.0.1:1/api"}),
    "snowflake": (
        "snowflake:index/warehouse:Warehouse",
        {"name": "ETL"},
        {"accountName": "a", "organizationName": "o", "user": "u", "password": "p"},
    ),
}


async def started(package: str) -> tuple[PluginProcess, Connection]:
    folder = PLUGINS / package
    assert (folder / "PulumiPlugin.yaml").is_file()
    process = await PluginProcess.start(
        package,
        # As another engine starts it: only our own says that the end of standard input is its end.
        Launch(command=("env", "-u", WATCH_STDIN, sys.executable, "-u", str(folder)), folder=folder),
        engine_address="127.0.0.1:1",
        folder=folder,
        environment=os.environ,
    )
    return process, await Connection.connect(
        package, process.port, process, engine_address="127.0.0.1:1", folder=folder
    )


@pytest.mark.slow
@pytest.mark.parametrize("package", CASES)
def test_a_plugin_of_ours_answers_what_an_engine_asks(package):
    token, inputs, settings = CASES[package]
    urn = f"urn:pulumi:dev::p::{token}::n"

    async def ask():
        process, connection = await started(package)
        info = await connection.call("GetPluginInfo", empty_pb2.Empty(), plugin_pb2.PluginInfo)
        configure = provider_pb2.ConfigureRequest(args=wire.write_map(settings))
        await connection.call("Configure", configure, provider_pb2.ConfigureResponse)
        check = provider_pb2.CheckRequest(urn=urn, news=wire.write_map(inputs), randomSeed=b"1" * 32)
        checked = await connection.call("Check", check, provider_pb2.CheckResponse)
        bad = provider_pb2.CheckRequest(urn=urn, news=wire.write_map({"nonsense": 1}))
        failures = (await connection.call("Check", bad, provider_pb2.CheckResponse)).failures
        create = provider_pb2.CreateRequest(urn=urn, properties=checked.inputs, preview=True)
        previewed = await connection.call("Create", create, provider_pb2.CreateResponse)
        await connection.call("Cancel", empty_pb2.Empty(), empty_pb2.Empty)
        ended = await process.wait_s(5)
        await connection.close()
        return info, wire.read_map(checked.inputs), failures, previewed, ended

    info, checked, failures, previewed, ended = asyncio.run(ask())

    assert info.version
    assert checked.items() >= inputs.items()
    assert failures
    assert wire.read_map(previewed.properties).items() >= inputs.items()
    assert ended


@pytest.mark.slow
def test_the_prefect_plugin_hands_out_its_schema_and_the_others_leave_it_to_the_public_sdk():
    async def ask(package):
        _, connection = await started(package)
        try:
            request = provider_pb2.GetSchemaRequest()
            return (await connection.call("GetSchema", request, provider_pb2.GetSchemaResponse)).schema
        finally:
            await connection.close()

    assert json.loads(asyncio.run(ask("prefect")))["name"] == "prefect"
    with pytest.raises(errors.PermanentError, match="public SDK"):
        asyncio.run(ask("snowflake"))
