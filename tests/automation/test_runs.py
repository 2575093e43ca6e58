"""Runs: preview, up, refresh, destroy and their options, and the engine's events as the SDK parses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pulumi import automation
from pulumi.automation import CommandError, OpType

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PACK = Path(__file__).parents[1] / "policies" / "packs" / "guard"


def kinds(events):
    """The names of the events' one field, in order of arrival."""
    return [
        next(name for name, value in vars(event).items() if value is not None and name not in ("sequence", "timestamp"))
        for event in events
    ]


def urn(stack, name):
    return f"urn:pulumi:{stack}::shop::test:index:Thing::{name}"


def assert_told_in_order(events):
    assert [event.sequence for event in events] == list(range(len(events)))
    assert kinds(events)[0] == "prelude_event"
    assert kinds(events)[-2:] == ["summary_event", "cancel_event"]
    assert events[0].prelude_event.config == {"shop:size": "L", "shop:token": "[secret]"}


def assert_told_what_was_made(events):
    begun = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    begun = [one for one in begun if not one.type.startswith("pulumi:providers:")]
    made = [event.res_outputs_event.metadata for event in events if event.res_outputs_event]
    assert [(one.op, one.urn.rpartition("::")[2]) for one in begun] == [
        (OpType.CREATE, "shop-life"),
        (OpType.CREATE, "a"),
        (OpType.CREATE, "b"),
    ]
    assert {one.new.outputs["echo"] for one in made if one.type == "test:index:Thing"} == {"size is 1", "size is 2"}
    [outputs] = [one.new.outputs for one in made if one.new.outputs and one.type == "pulumi:pulumi:Stack"]
    assert outputs["size"] == "L"
    assert "[secret]" in str(outputs["token"])
    assert "hush" not in str(outputs)


def test_a_stack_is_planned_made_found_drifted_and_destroyed(place):
    stack = place.stack("life", a={"size": 1}, b={"size": 2})
    stack.set_all_config({"size": automation.ConfigValue("L"), "token": automation.ConfigValue("hush", secret=True)})
    plan = str(place.folder / "plan.json")
    foreseen, heard, lines = [], [], []

    preview = stack.preview(plan=plan, on_event=foreseen.append, message="look")
    up = stack.up(plan=plan, message="first", on_event=heard.append, on_output=lines.append, parallel=1)

    assert preview.change_summary == {OpType.CREATE: 3}
    for events in (foreseen, heard):
        assert_told_in_order(events)
    assert_told_what_was_made(heard)
    assert up.stdout.splitlines() == lines
    assert "hush" not in up.stdout
    assert up.outputs["size"].value == "L"
    assert (up.outputs["token"].value, up.outputs["token"].secret) == ("hush", True)
    summary = up.summary
    assert (summary.kind, summary.result, summary.message, summary.version) == ("update", "succeeded", "first", 1)
    assert summary.environment["exec.kind"] == "auto.local"
    assert summary.resource_changes == {"create": 3}
    assert summary.end_time >= summary.start_time
    assert (summary.config["shop:token"].value, summary.config["shop:token"].secret) == ("hush", True)
    assert {item["size"] for item in place.objects("life").values()} == {1, 2}

    place.change_objects("life", size=7)
    drift = stack.preview_refresh(show_secrets=False)
    with pytest.raises(CommandError, match="no changes were expected"):
        stack.refresh(expect_no_changes=True)
    refreshed = stack.info(show_secrets=False)
    back = stack.up(run_program=True, refresh=True, show_secrets=False)
    place.declare("life", a={"size": 3})
    with pytest.raises(CommandError, match="code: 7"):
        stack.preview(expect_no_changes=True)

    assert drift.change_summary == {OpType.UPDATE: 2}
    assert refreshed.kind == "refresh"
    assert refreshed.config["shop:token"].value == "[secret]"
    assert back.summary.resource_changes == {"update": 2, "same": 1}
    assert {item["size"] for item in place.objects("life").values()} == {1, 2}

    doomed = stack.preview_destroy()
    destroyed = stack.destroy(remove=True, message="enough")

    assert doomed.change_summary == {OpType.DELETE: 3}
    assert (destroyed.summary.kind, destroyed.summary.message) == ("destroy", "enough")
    assert place.objects("life") == {}
    assert "life" not in [one.name for one in stack.workspace.list_stacks()]


def test_runs_touch_what_their_options_name(place):
    stack = place.stack("some", a={"size": 1}, b={"size": 1}, c={"size": 1, "protect": True})
    heard, complaints = [], []

    stack.up(
        target=[urn("some", "a"), urn("some", "c")], on_error=complaints.append, log_to_std_err=True, log_verbosity=9
    )
    place.declare("some", a={"size": 2}, b={"size": 2}, c={"size": 2, "protect": True})
    preview = stack.preview(exclude=["**::c"], exclude_dependents=True, replace=[urn("some", "a")], json=True)
    stack.up(exclude=["**::b"], replace=[urn("some", "a")], on_event=heard.append, suppress_outputs=True)
    sizes = sorted(item["size"] for item in place.objects("some").values())
    exported = stack.export_stack()
    stack.destroy(exclude_protected=True, suppress_progress=True, color="always")

    assert any(" DEBUG " in line for line in complaints)
    assert preview.change_summary == {OpType.CREATE: 1, OpType.REPLACE: 1, OpType.SAME: 2}
    document = json.loads(preview.stdout)
    assert document["changeSummary"] == {"same": 2, "create": 1, "replace": 1}
    assert {(step["op"], step["urn"]) for step in document["steps"]} >= {("create", urn("some", "b"))}
    replaced = [event.res_outputs_event.metadata for event in heard if event.res_outputs_event]
    assert [one.op for one in replaced if one.urn == urn("some", "a")][:2] == [
        OpType.CREATE_REPLACEMENT,
        OpType.REPLACE,
    ]
    assert sizes == [2, 2]
    assert {one["urn"] for one in exported.deployment["resources"]} >= {urn("some", "a"), urn("some", "c")}
    assert len(place.objects("some")) == 1


def test_a_failed_run_is_told_by_events_and_what_does_not_depend_on_it_goes_on(place):
    stack = place.stack("bad", a={"fault": "no create"}, b={"size": 1})
    heard = []

    with pytest.raises(CommandError, match="create is refused"):
        stack.up(on_event=heard.append, continue_on_error=True)

    failed = [event.res_op_failed_event for event in heard if event.res_op_failed_event]
    assert [(one.metadata.op, one.metadata.urn, one.status) for one in failed] == [(OpType.CREATE, urn("bad", "a"), 0)]
    told = [event.diagnostic_event for event in heard if event.diagnostic_event]
    assert any(one.severity == "error" and "create is refused" in one.message for one in told)
    assert kinds(heard)[-1] == "cancel_event"
    assert len(place.objects("bad")) == 1
    assert stack.history(page_size=1)[0].result == "failed"


def test_objects_that_exist_are_imported_with_the_code_that_declares_them(place):
    stack = place.stack("imported", a={"size": 1})
    imports = place.folder / "imports.json"
    stack.preview(import_file=str(imports))
    listed = [one for one in json.loads(imports.read_text())["resources"] if one["type"] == "test:index:Thing"]
    place.add_object("imported", "id-1", size=1)

    imported = stack.import_resources(resources=[listed[0] | {"id": "id-1"}], message="taken over", protect=False)
    after = stack.up(expect_no_changes=True)

    assert [one["name"] for one in listed] == ["a"]
    assert (imported.summary.kind, imported.summary.message) == ("resource-import", "taken over")
    assert "size=1" in imported.generated_code
    assert after.summary.resource_changes == {"same": 2}
    assert list(place.objects("imported")) == ["id-1"]


def test_policy_packs_look_at_a_preview(place):
    stack = place.stack("policed", big={"size": 50}, x={"size": 1})
    limits = place.write("limits.json", json.dumps({"small": {"limit": 10}}))
    heard = []

    with pytest.raises(CommandError, match="50 is more than 10"):
        stack.preview(policy_packs=[str(PACK)], policy_pack_configs=[str(limits)], on_event=heard.append)

    found = {(one.policy_name, one.enforcement_level) for one in (event.policy_event for event in heard) if one}
    assert found >= {("small", "mandatory"), ("named", "advisory")}
