"""The wire of the installed SDK against what is served: every call, every feature, every field of a request."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2, resource_pb2

import reconciler.host
from reconciler.host.engine import Engine
from reconciler.host.monitor import FEATURES, Monitor

UNREAD = {
    # What an SDK says of itself, and we treat all alike.
    "supportsPartialValues",
    # Of an experiment of Pulumi's own editor.
    "snippetId",
}
REQUESTS = (
    "RegisterResourceRequest",
    "RegisterResourceOutputsRequest",
    "ReadResourceRequest",
    "ExistsResourceRequest",
    "ResourceInvokeRequest",
    "ResourceCallRequest",
    "RegisterPackageRequest",
    "RegisterResourceHookRequest",
    "RegisterErrorHookRequest",
    "SupportsFeatureRequest",
    "TransformResourceOptions",
    "TransformInvokeOptions",
)


@pytest.mark.parametrize(
    ("service", "served"),
    [
        (resource_pb2.DESCRIPTOR.services_by_name["ResourceMonitor"], Monitor),
        (engine_pb2.DESCRIPTOR.services_by_name["Engine"], Engine),
    ],
    ids=["monitor", "engine"],
)
def test_every_call_of_the_service_is_served(service, served):
    assert [method.name for method in service.methods if not callable(getattr(served, method.name, None))] == []


def test_every_feature_that_the_sdk_knows_is_told_of():
    assert sorted(FEATURES) == sorted(resource_pb2.ResourceMonitorFeature.values())


def test_an_older_sdk_is_told_of_the_features_it_asks_for():
    asked = settings._LEGACY_FEATURE_MAPPING

    async def ask(id):
        return await Monitor.SupportsFeature(None, resource_pb2.SupportsFeatureRequest(id=id))

    assert [id for id in asked if not asyncio.run(ask(id)).hasSupport] == []
    assert not asyncio.run(ask("somethingElse")).hasSupport


def test_every_field_of_a_request_is_read_somewhere():
    source = "\n".join(file.read_text() for file in Path(reconciler.host.__file__).parent.glob("*.py"))
    words = set(re.findall(r"\w+", source))
    messages = resource_pb2.DESCRIPTOR.message_types_by_name
    fields = {field.name for name in REQUESTS for field in messages[name].fields}

    assert fields - words == UNREAD
