"""A provider written with the SDK's own classes, `pulumi.provider.experimental`: no handshake, no extensions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parent / "experimental"


@pytest.fixture
def stack(stack):
    stack.places = replace(stack.places, project_paths={"test": PLUGIN})
    return stack


@pytest.mark.slow
def test_the_whole_life_of_a_resource(stack):
    created = stack.up(
        't = Thing("a", size=3, zone="x", password=pulumi.Output.secret("p"))\npulumi.export("e", t.echo)'
    )
    same = stack.up('t = Thing("a", size=3, zone="x", password=pulumi.Output.secret("p"))\npulumi.export("e", t.echo)')
    previewed = stack.preview('Thing("a", size=4, zone="x", password=pulumi.Output.secret("p"))')
    updated = stack.up('Thing("a", size=4, zone="x", password=pulumi.Output.secret("p"))')
    replaced = stack.up('Thing("a", size=4, zone="y")')
    refreshed = stack.refresh()
    destroyed = stack.destroy()

    assert created.errors == []
    assert created.summary.outputs == {"e": "size is 3"}
    assert created.recorded("a").outputs["password"].value == "p"
    assert [same.ops, previewed.ops, updated.ops] == [["same a"], ["update a"], ["update a"]]
    assert replaced.ops == ["create-replacement a", "replace a", "delete-replaced a"]
    assert refreshed.errors == []
    assert destroyed.ops == ["delete a"]


@pytest.mark.slow
def test_refused_inputs_functions_and_failures(stack):
    refused = stack.up('Thing("a", size=-1)')
    raised = stack.up('Thing("a", fault="raise")')
    invoked = stack.up('pulumi.export("x", pulumi.runtime.invoke("test:index:get", {"x": "y"}).value["x"])')

    assert refused.errors == ["The inputs are not valid: size: must not be negative"]
    assert "the cloud said no" in raised.errors[0]
    assert raised.snapshot.pending == ()
    assert invoked.summary.outputs == {"x": "y"}


@pytest.mark.slow
def test_equal_settings_share_a_process_and_others_do_not(stack):
    program = """
        for name, account in (("one", "a"), ("two", "a"), ("three", "b")):
            Thing(f"of-{name}", size=1, opts=Options(provider=TestProvider(name, account=account)))
    """
    ran = stack.up(program)

    assert ran.errors == []
    assert len([op for op in ran.ops if op.startswith("create of-")]) == 3
    assert len(stack.processes) == 2
