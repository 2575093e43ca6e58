"""§4.12: refresh: what is read, what state says afterwards, what is shown."""

from __future__ import annotations

import pytest
from contract_rows import case, row

from reconciler.deploy import events
from reconciler.deploy.options import Kind


def drift(ran, name: str) -> dict[str, str]:
    """path -> kind, as the step of a refresh shows it."""
    done = next(
        event for event in ran.events if isinstance(event, events.StepDone) and event.step.urn.endswith(f"::{name}")
    )
    return {path: entry.kind.value for path, entry in (done.step.diff.detailed or {}).items()}


def steps_of(*steps: str) -> list[str]:
    """Each step's beginning and end."""
    return [f"{word} {step}" for step in steps for word in ("begin", "done")]


@row("4.12 components, providers and pending replacements are not read; external ones are")
def test_what_is_read(stack):
    stack.service.make("", {"size": 1})
    program = 'g = Group("g")\nTestProvider("p")\nThing("a", opts=Options(parent=g))\nThing("u")\n'
    stack.up(program + 'pulumi.CustomResource("test:index:Thing", "r", {}, Options(id="id-1"))\n')
    stack.amend("u", pending_replacement=True)
    stack.service.calls.clear()

    ran = stack.refresh()

    assert sorted(ran.ops) == ["refresh a", "refresh r"]
    assert sorted(stack.service.calls) == [("read", "a"), ("read", "r")]
    assert any(item.startswith("u=") and item.endswith(" pendingReplacement") for item in ran.left)


@row("4.12 what waits for its deletion is read, too, and forgotten when it is gone")
def test_what_waits_for_its_deletion(stack):
    stack.up('Thing("a", zone="x", fault="cannot delete")')
    stack.up('a = Thing("a", zone="y")\nThing("b", source=a.serial)')
    stack.service.objects["id-1"]["size"] = 7

    drifted = stack.refresh()
    stack.service.objects.pop("id-1")
    forgotten = stack.refresh()

    assert sorted(drifted.left) == ["a=id-1 delete", "a=id-2", "b=id-3"]
    assert sorted(drifted.ops) == ["refresh a", "refresh a", "refresh b"]
    assert forgotten.left == ["a=id-2", "b=id-3"]
    assert forgotten.recorded("b").dependencies == (forgotten.recorded("a").urn,)


@row("4.12 objects are read side by side")
def test_objects_are_read_side_by_side(stack):
    stack.up('for name in "abcd": Thing(name)')
    stack.service.delay_s, stack.service.busiest = 0.005, 0

    stack.refresh()

    assert stack.service.busiest == 4


@row("4.12 a read gets the recorded inputs, outputs and timeout")
def test_what_a_read_is_asked_with(stack):
    ran = stack.up('Thing("a", size=1, opts=Options(custom_timeouts=pulumi.CustomTimeouts("1m", "1m", "1m")))')
    recorded = ran.recorded("a")

    stack.refresh()

    asked = next(request for request in stack.service.asked if type(request).__name__ == "ReadRequest")
    assert (asked.id, asked.inputs, asked.outputs) == ("id-1", recorded.inputs, recorded.outputs)


@row("4.12 what is gone is removed, its dependencies pruned, its children given to its parent")
def test_what_is_gone(stack):
    stack.up("""
        g = Thing("g")
        a = Thing("a", opts=Options(parent=g))
        b = Thing("b", source=a.serial, opts=Options(parent=a, depends_on=[a], deleted_with=a, replace_with=[a]))
    """)
    del stack.service.objects["id-2"]

    ran = stack.refresh()
    left = ran.recorded("b")

    assert ran.left == ["g=id-1", "b=id-3"]
    assert left.parent == ran.recorded("g").urn
    assert (left.dependencies, left.deleted_with, left.replace_with) == ((), "", ())
    assert left.property_dependencies.get("source", ()) == ()


@row("4.12 returned inputs and outputs replace what is recorded, modified is updated")
def test_what_state_says_of_drift(stack):
    before = stack.up('Thing("a", size=1)').recorded("a")
    stack.service.objects["id-1"]["size"] = 7

    after = stack.refresh().recorded("a")

    assert (after.inputs["size"], after.outputs["size"], after.outputs["echo"]) == (7, 7, "size is 7")
    assert after.modified > before.modified
    assert after.created == before.created


@row("4.12 what did not change keeps its record")
def test_what_did_not_change_keeps_its_record(stack):
    stack.up('Thing("a", size=1)')
    before = stack.snapshot

    assert stack.refresh().snapshot == before


@row("4.12 an init failure is a warning: new state and init errors are recorded, the refresh goes on")
def test_an_object_that_is_not_ready(stack):
    stack.up('a = Thing("a", size=1)\nThing("b", size=1, opts=Options(depends_on=[a]))')
    stack.service.objects["id-1"] |= {"fault": "half read", "size": 7}

    ran = stack.refresh()

    assert ran.summary.result == "succeeded"
    assert ran.story.count("warning a") == 1
    assert sorted(ran.left) == ["a=id-1 initErrors", "b=id-2"]
    assert ran.recorded("a").outputs["size"] == 7
    assert ran.recorded("a").init_errors == ("half read",)


@pytest.mark.parametrize(
    ("made", "live", "expected"),
    [
        case("4.12 drift is shown against what is desired: changed", "size=1", {"size": 7}, {"size": "update"}),
        case("4.12 drift is shown against what is desired: taken away", "size=1", {"size": None}, {"size": "delete"}),
        case(
            "4.12 drift is shown against what is desired: added",
            'tags={"x": "1"}',
            {"tags": {"x": "1", "y": "2"}},
            {"tags.y": "add"},
        ),
        case("4.12 what was never set has no drift", "", {"size": 7}, {}),
    ],
)
def test_the_difference_that_is_shown(stack, made, live, expected):
    stack.up(f'Thing("a", {made})')
    stack.service.objects["id-1"] |= live

    assert drift(stack.refresh(), "a") == expected


@row("4.12 PULUMI_ENABLE_LEGACY_REFRESH_DIFF: the outputs are compared")
def test_the_legacy_difference(stack):
    stack.up('Thing("a")')
    stack.service.objects["id-1"]["size"] = 7

    assert drift(stack.refresh(legacy_refresh_diff=True), "a") == {"size": "add", "echo": "update"}


@row("4.12 of what was only read the outputs are compared")
def test_the_difference_of_what_was_only_read(stack):
    stack.service.make("", {"size": 1})
    stack.up('pulumi.CustomResource("test:index:Thing", "r", {}, Options(id="id-1"))')
    stack.service.objects["id-1"]["size"] = 7

    ran = stack.refresh()

    assert drift(ran, "r") == {"size": "update", "echo": "update"}
    assert ran.left == ["r=id-1 external"]


@row("4.12 a refresh that runs the program uses the settings of today")
def test_settings_of_today(stack):
    program = 'p = TestProvider("p", account="{}")\nThing("a", opts=Options(provider=p))'
    stack.up(program.format("old"))
    stack.service.refuses = "old"

    ran = stack.run(Kind.REFRESH, program.format("new"), runs_program=True)

    assert ran.errors == []
    assert ran.ops == ["refresh a"]


@row("4.12 up --refresh refreshes, then updates, in one operation")
def test_up_with_refresh(stack):
    stack.up('Thing("a", size=1)')
    stack.service.objects["id-1"]["size"] = 7

    ran = stack.up('Thing("a", size=1)', refresh=True)

    assert ran.story[:2] == ["begin refresh a", "done refresh a"]
    assert "done update a" in ran.story
    assert dict(ran.summary.changes) == {"same": 1, "update": 1}


@row("4.3-0a up --refresh --run-program reads each object as it registers, the rest at the end")
def test_an_update_that_refreshes_as_the_program_runs(stack):
    program = 'p = TestProvider("p")\nThing("a", size=1, opts=Options(provider=p))\n'
    first = stack.up(program + 'Thing("gone", opts=Options(provider=p))')
    stack.amend("p", inputs={**first.recorded("p").inputs, "refuse": "the settings of yesterday"})
    stack.service.objects[first.recorded("a").id]["size"] = 7

    ran = stack.run(Kind.UPDATE, program, refresh=True, runs_program=True)

    assert ran.errors == []
    assert [line for line in ran.story if line.endswith((" a", " gone"))] == steps_of(
        "refresh a", "update a", "refresh gone", "delete gone"
    )
    assert [item.split("=")[0] for item in ran.left] == ["p", "a"]


@row("4.3-0a destroy --refresh --run-program reads with the settings of today, then deletes")
def test_a_destroy_that_refreshes_as_the_program_runs(stack):
    program = 'p = TestProvider("p", account="{}")\na = Thing("a", opts=Options(provider=p))\n'
    program += 'Thing("b", source=a.serial, opts=Options(provider=p))'
    first = stack.up(program.format("old"))
    stack.service.refuses = "old"
    del stack.service.objects[first.recorded("b").id]

    ran = stack.run(Kind.DESTROY, program.format("new"), refresh=True, runs_program=True)

    assert ran.errors == []
    assert [line for line in ran.story if line.endswith(" b")] == steps_of("refresh b")
    assert [line for line in ran.story if line.endswith(" a")] == steps_of("refresh a", "delete a")
    assert ran.snapshot.resources == ()


@row("4.12 a read that fails fails the refresh, state stays")
def test_a_read_that_fails(stack):
    stack.up('Thing("a", size=1)')
    before = stack.snapshot
    stack.service.faults["read a"] = "refused"

    ran = stack.refresh()

    assert ran.story == ["begin refresh a", "error a", "failed refresh a", "summary failed"]
    assert ran.summary.result == "failed"
    assert ran.snapshot == before


@row("4.12 a read that fails keeps no other from being read")
def test_the_others_are_read_all_the_same(stack):
    stack.up('for name in "abcd": Thing(name)', parallel=1)
    stack.service.faults["read a"] = "refused"
    stack.service.calls.clear()

    ran = stack.refresh(parallel=1)

    assert ran.summary.result == "failed"
    assert sorted(name for _, name in stack.service.calls) == ["a", "b", "c", "d"]
