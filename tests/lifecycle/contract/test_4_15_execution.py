"""§4.15: failures, what state says after them, and how a run goes on or ends."""

from __future__ import annotations

import pytest
from contract_rows import case, row


@row("4.15 create fails: nothing recorded, nothing pending")
def test_a_create_that_fails(stack):
    ran = stack.up('Thing("a", fault="no create")')

    assert "failed create a" in ran.story
    assert ran.left == []
    assert not ran.summary.may_be_corrupt


@row("4.15 create fails partially: recorded with id, outputs, new inputs and init errors")
def test_a_create_that_fails_partially(stack):
    ran = stack.up('Thing("a", size=1, fault="half made")')

    recorded = ran.recorded("a")
    assert "failed create a" in ran.story
    assert ran.summary.result == "failed"
    assert ran.left == ["a=id-1 initErrors"]
    assert (recorded.inputs["size"], recorded.outputs["echo"]) == (1, "size is 1")
    assert recorded.init_errors == ("half made",)


@row("4.15 create returns no id: an error, nothing recorded")
def test_a_create_without_an_id(stack):
    ran = stack.up('Thing("a", fault="no id")')

    assert "failed create a" in ran.story
    assert ran.left == []


@row("4.15 update fails: the old state is kept")
def test_an_update_that_fails(stack):
    stack.up('Thing("a", size=1)')
    before = stack.snapshot.resources

    ran = stack.up('Thing("a", size=2, fault="no update")')

    assert "failed update a" in ran.story
    assert ran.left == ["a=id-1"]
    assert ran.recorded("a") == next(item for item in before if item.urn == ran.recorded("a").urn)


@row("4.15 update fails partially: old inputs, new outputs, init errors")
def test_an_update_that_fails_partially(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up('Thing("a", size=2, fault="half updated")')
    mended = stack.up('Thing("a", size=2)')

    recorded = ran.recorded("a")
    assert ran.summary.result == "failed"
    assert ran.left == ["a=id-1 initErrors"]
    assert (recorded.inputs["size"], recorded.outputs["size"]) == (1, 2)
    assert mended.ops == ["update a"]
    assert mended.left == ["a=id-1"]


@row("4.15 delete fails: the old state is kept")
def test_a_delete_that_fails(stack):
    stack.up('Thing("a", fault="cannot delete")')
    before = stack.snapshot.resources

    ran = stack.up("")

    assert "failed delete a" in ran.story
    assert ran.snapshot.resources == before
    assert ran.snapshot.pending == ()


@row("4.15 created and modified: set by create and import, modified by update, kept by same")
def test_when_a_resource_was_made_and_changed(stack):
    stack.service.make("", {"size": 1})
    imported = stack.up('Thing("i", size=1, opts=Options(import_="id-1"))').recorded("i")
    made = stack.up('Thing("a", size=1)').recorded("a")
    same = stack.up('Thing("a", size=1)').recorded("a")
    updated = stack.up('Thing("a", size=2)').recorded("a")

    assert imported.created == imported.modified != ""
    assert made.created == made.modified != ""
    assert (same.created, same.modified) == (made.created, made.modified)
    assert updated.created == made.created
    assert updated.modified > made.modified
    assert updated.modified.endswith("Z")


@pytest.mark.parametrize(
    ("fault", "corrupt", "left"),
    [
        case("4.15 an error that is the provider's word: the object did not change", "no create", False, []),
        case("4.15 an error that says nothing: the status is unknown", "bug in create", True, ["creating a"]),
    ],
)
def test_what_an_error_says_of_the_object(stack, fault, corrupt, left):
    ran = stack.up(f'Thing("a", fault="{fault}")')

    assert ran.summary.may_be_corrupt is corrupt
    assert ran.left == left


@row("4.15 steps of one registration are serial")
def test_steps_of_one_registration_are_serial(stack):
    stack.up('Unique("a", name="n", zone="x")')

    ran = stack.up('Unique("a", name="n", zone="y")')

    ours = [line for line in ran.story if line.endswith(" a")]
    assert ours == [
        "begin delete-replaced a",
        "done delete-replaced a",
        "begin replace a",
        "done replace a",
        "begin create-replacement a",
        "done create-replacement a",
    ]


@pytest.mark.parametrize(
    ("parallel", "busiest"),
    [
        case("4.15 registrations run side by side up to --parallel", 3, 3),
        case("4.15 --parallel 1 is one after another", 1, 1),
    ],
)
def test_registrations_side_by_side(stack, parallel, busiest):
    stack.service.delay_s = 0.03 if busiest > 1 else 0.002

    stack.up('for name in "abcdef": Thing(name)', parallel=parallel)

    assert stack.service.busiest == busiest


@row("4.15 the first failure begins no new step, calls under way finish")
def test_the_first_failure_ends_scheduling(stack):
    stack.service.after = {"create a": "begin create b", "create b": "end create a"}

    ran = stack.up("""
        a = Thing("a", fault="no create")
        b = Thing("b")
        Thing("c", opts=Options(depends_on=[b]))
    """)

    assert ran.summary.result == "failed"
    assert ran.left == ["b=id-1"]
    assert "begin create c" not in ran.story


@row("4.15 continue-on-error: dependents of a failure are skipped, others go on")
def test_continue_on_error(stack):
    ran = stack.up(
        """
        a = Thing("a", fault="no create")
        Thing("b", source=a.serial)
        c = Thing("c")
        Thing("d", source=c.serial)
        """,
        continue_on_error=True,
    )

    assert sorted(ran.ops) == ["create c", "create d"]
    assert ran.summary.result == "failed"
    assert not any(line.endswith(" b") for line in ran.story)


@row("4.15 a program that raises: what was done stays, nothing is deleted")
def test_a_program_that_raises(stack):
    stack.up('Thing("gone")')

    ran = stack.up('Thing("a")\nraise ValueError("no")')

    assert ran.summary.result == "failed"
    assert ran.left == ["a=id-2", "gone=id-1"]


@row("4.15 a preview decides as an update does and writes nothing")
def test_a_preview_decides_as_an_update_does(stack):
    before = 'a = Thing("a", zone="x")\nThing("b", source=a.serial)\nUnique("u", name="n", zone="x")\nThing("gone")'
    after = 'a = Thing("a", zone="y")\nThing("b", source=a.serial)\nUnique("u", name="n", zone="y")\nThing("new")'
    stack.up(before)
    calls = len(stack.service.calls)

    previewed = stack.preview(after, parallel=1)
    assert len(stack.service.calls) == calls
    ran = stack.up(after, parallel=1)

    assert sorted(previewed.ops) == sorted(ran.ops)
    assert previewed.summary.changes == ran.summary.changes


@row("4.15 in a preview, what a provider leaves out is unknown")
def test_unknown_outputs_of_a_preview(stack):
    ran = stack.preview('a = Thing("a", size=1)\npulumi.export("s", a.serial)\npulumi.export("n", a.size)')

    assert repr(ran.summary.outputs["s"]) == "[unknown]"


@row("4.15 a run that is stopped finishes calls under way, begins no step, saves")
def test_a_run_that_is_stopped(stack):
    stack.service.when["create a"] = stack.stop.set

    ran = stack.up('a = Thing("a")\nThing("b", source=a.serial)')

    assert ran.summary.result == "canceled"
    assert ran.ops == ["create a"]
    assert ran.left == ["a=id-1"]
