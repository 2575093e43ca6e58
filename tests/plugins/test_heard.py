"""What a plugin is told in each call, as the official engine tells it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model import urns
from reconciler.model.values import Secret

pytestmark = pytest.mark.slow

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@pytest.fixture
def stack(stack):
    stack.places = replace(stack.places, project_paths={"test": Path(__file__).parent / "heard"})
    return stack


def heard(stack, method):
    lines = Path(stack.places.environment["TEST_SERVICE"]).read_text().splitlines()
    return [message for name, message in map(json.loads, lines) if name == method]


def test_a_plugin_is_configured_with_all_settings_and_who_it_is(stack):
    program = """
        mine = TestProvider("mine", token=pulumi.Output.secret("t"), opts=Options(version="1.2.3"))
        Thing("a", opts=Options(provider=mine))
    """
    stack.preview(program)
    ran = stack.up(program)

    previewed, done = heard(stack, "Configure")
    assert previewed["id"] == UNKNOWN
    assert done["id"] == urns.parse_reference(ran.recorded("a").provider).id
    assert (done["name"], done["type"]) == ("mine", "pulumi:providers:test")
    assert done["variables"] == {"test:config:token": "t"}
    assert done["args"]["version"] == "1.2.3"
    assert done["args"]["token"]["value"] == "t"


def test_settings_are_checked_in_plain_and_stay_secret(stack):
    stack.up('TestProvider("mine", token=pulumi.Output.secret("t"), list=["x", pulumi.Output.secret("y")])')
    ran = stack.up('TestProvider("mine", token=pulumi.Output.secret("u"), list=["x", pulumi.Output.secret("y")])')

    checked, (diffed,) = heard(stack, "CheckConfig"), heard(stack, "DiffConfig")
    assert [request["news"]["token"] for request in checked] == ["t", "u"]
    assert (checked[1]["olds"]["token"], checked[1]["news"]["list"]) == ("t", ["x", "y"])
    assert (diffed["olds"]["token"], diffed["old_inputs"]["token"], diffed["news"]["token"]) == ("t", "t", "u")
    (mine,) = (item for item in ran.snapshot.resources if urns.is_provider_type(item.type))
    assert (mine.inputs["token"], mine.inputs["list"]) == (Secret("u"), Secret(("x", "y")))


def test_assets_are_read_by_their_hashes_and_keep_their_contents(stack):
    stack.up('Thing("a", file=pulumi.StringAsset("hello"))')
    refreshed = stack.refresh()

    (read,) = heard(stack, "Read")
    assert "text" not in read["inputs"]["file"]
    assert "text" not in read["properties"]["file"]
    assert refreshed.recorded("a").inputs["file"].text == "hello"
    assert refreshed.recorded("a").outputs["file"].text == "hello"


def test_what_is_half_made_says_why(stack):
    ran = stack.up('Thing("a", reasons=["no quota", "no image"])')

    assert "not ready; no quota; no image" in ran.errors[0]
    assert ran.recorded("a").init_errors == ("no quota", "no image")


def test_a_read_of_what_is_not_ready_records_what_is_live(stack):
    stack.up('Thing("a", ails=["no quota"], file=pulumi.StringAsset("hello"), password=pulumi.Output.secret("p"))')
    refreshed = stack.refresh().recorded("a")

    assert refreshed.init_errors == ("no quota",)
    assert refreshed.inputs["live"] is True
    assert (refreshed.inputs["file"].text, refreshed.outputs["file"].text) == ("hello", "hello")
    assert (refreshed.inputs["password"], refreshed.outputs["password"]) == (Secret("p"), Secret("p"))
    assert refreshed.refresh_before_update


def test_what_a_plugin_does_not_know_is_an_error_and_not_recorded(stack):
    previewed = stack.preview('Thing("a", forgets="size")')
    ran = stack.up('Thing("a", forgets="size")')
    invoked = stack.up('pulumi.runtime.invoke("test:index:get", {})')

    assert previewed.errors == []
    assert "does not know what it made: size" in ran.errors[0]
    assert (ran.recorded("a").id, ran.recorded("a").outputs) == ("a", {"forgets": "size"})
    assert "values that are not known" in invoked.errors[0]
