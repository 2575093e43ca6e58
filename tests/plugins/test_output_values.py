"""Output values: plugins that take them are told what arguments come from; others get plain values."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from stacks import HEADER

from reconciler.contract.wire import OUTPUT, SIGNATURE
from reconciler.model import urns
from reconciler.model.values import Secret

PROGRAM = '''
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

class Box(pulumi.ComponentResource):
    second: pulumi.Output[str]
    seen: pulumi.Output[str]

    def __init__(self, name, **inputs):
        super().__init__("outputs:index:Box", name, {"second": None, "seen": None, **inputs}, None, remote=True)

a, b = Thing("a", size=1), Thing("b", size=2)
box = Box("box", first=a.size, second=pulumi.Output.secret(b.size))
called = pulumi.runtime.call("outputs:index:Box/method", {"__self__": box, "first": a.size, "second": b.size}, box)
class Item(pulumi.CustomResource):
    def __init__(self, name, **inputs):
        super().__init__("outputs:index:Item", name, inputs)

Item("item", second=b.size)
pulumi.export("constructed", box.seen)
pulumi.export("called", called["seen"])
Thing("after", size=called["second"])

def ask(urn, accepts):
    """An invoke as an SDK makes it that keeps output values; Python's own does not yet."""
    args = struct_pb2.Struct()
    args["second"] = {
        "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": 7, "dependencies": [urn],
    }
    request = resource_pb2.ResourceInvokeRequest(
        tok="outputs:index:pick", args=args, accept_output_values=accepts, acceptResources=True
    )
    answer = get_monitor().Invoke(request)
    returned = json_format.MessageToDict(getattr(answer, "return"))
    return [returned["second"], returned["seen"]] if returned else "unknown"

# As text: an export would read the signature.
import json

def call_with_bytes(accepts):
    args = struct_pb2.Struct()
    args["second"] = {"4dabf18193072939515e22adb298388d": "803fd3297a5875dc03ca845dda5d2a98", "value": "6Q=="}
    request = resource_pb2.ResourceCallRequest(tok="outputs:index:Box/method", args=args, accepts_byte_string=accepts)
    try:
        return json_format.MessageToDict(getattr(get_monitor().Call(request), "return"))["second"]["value"]
    except Exception as error:
        return error.details()

pulumi.export("bytes", [call_with_bytes(True), call_with_bytes(False)])
pulumi.export("kept", b.urn.apply(lambda urn: json.dumps(ask(urn, True))))
pulumi.export("dropped", b.urn.apply(lambda urn: json.dumps(ask(urn, False))))
'''


@pytest.fixture
def stack(stack):
    stack.places = replace(
        stack.places,
        project_paths={**stack.places.project_paths, "outputs": Path(__file__).parent / "outputs"},
    )
    return stack


def output_of(text: str) -> dict[str, object]:
    read = json.loads(text)
    assert read.pop(SIGNATURE) == OUTPUT
    return read


@pytest.mark.slow
def test_a_plugin_that_takes_output_values_is_told_what_its_arguments_come_from(stack):
    stack.places = replace(stack.places, environment={**stack.places.environment, "TAKES_OUTPUTS": "1"})
    made = stack.up(PROGRAM)

    assert made.errors == []
    b = next(item.urn for item in made.snapshot.resources if urns.name(item.urn) == "b")
    outputs = made.summary.outputs
    assert output_of(reveal(outputs["constructed"])) == {"value": 2.0, "secret": True, "dependencies": [b]}
    assert output_of(outputs["called"]) == {"value": 2.0, "dependencies": [b]}
    assert made.recorded("box").outputs["second"] == Secret(2)
    # The plugin registers it with the handle of its caller's trace, and with none of its own.
    line = (HEADER + textwrap.dedent(PROGRAM)).split("box = Box(")[0].count("\n") + 1
    assert made.recorded("box").stack_trace == (f"project:///__main__.py#{line}",)
    assert b in made.recorded("after").dependencies
    kept, seen = json.loads(outputs["kept"])
    assert output_of(json.dumps(kept)) == output_of(seen) == {"value": 7.0, "dependencies": [b]}
    item = made.recorded("item")
    assert item.inputs["second"] == 2.0
    assert output_of(item.inputs["seen"]) == {"value": 2.0, "dependencies": [b]}
    assert outputs["bytes"] == ("6Q==", "a property holds text that is not UTF-8, which this SDK does not take")
    dropped, seen = json.loads(outputs["dropped"])
    assert dropped == 7.0
    assert output_of(seen) == {"value": 7.0, "dependencies": [b]}


@pytest.mark.slow
def test_a_plugin_that_takes_no_output_values_gets_plain_ones_and_the_program_is_still_told(stack):
    previewed = stack.preview(PROGRAM)
    made = stack.up(PROGRAM)

    assert previewed.errors == made.errors == []
    b = next(item.urn for item in made.snapshot.resources if urns.name(item.urn) == "b")
    outputs = made.summary.outputs
    assert json.loads(outputs["called"]) == json.loads(made.recorded("item").inputs["seen"]) == 2.0
    assert OUTPUT not in reveal(outputs["constructed"])
    refused = "a property holds text that is not UTF-8, which the plugin of 'outputs' does not take"
    assert [refused in told for told in outputs["bytes"]] == [True, True]
    kept, seen = json.loads(outputs["kept"])
    # Each property of the result may come from any argument.
    assert output_of(json.dumps(kept)) == {"value": 7.0, "dependencies": [b]}
    assert output_of(json.dumps(seen)) == {"value": "7.0", "dependencies": [b]}


def reveal(value: object) -> str:
    revealed = value.value if isinstance(value, Secret) else value
    assert isinstance(revealed, str)
    return revealed
