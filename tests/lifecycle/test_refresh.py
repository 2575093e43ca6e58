"""State is made to say what is live, and the next up repairs what drifted."""

from __future__ import annotations


def test_a_refresh_after_up_finds_nothing(stack):
    stack.up('a = Thing("a", size=1, tags={"x": "y"})\nThing("b", source=a.echo)')
    before = stack.snapshot

    ran = stack.refresh()

    assert ran.summary.changes == {"same": 2}
    assert stack.snapshot == before


def test_drift_is_reported_and_then_repaired(stack):
    program = 'Thing("a", size=1)'
    stack.up(program)
    stack.service.objects["id-1"]["size"] = 7

    refreshed = stack.refresh()
    repaired = stack.up(program)

    assert refreshed.summary.changes == {"update": 1}
    assert refreshed.recorded("a").inputs["size"] == 7
    assert repaired.ops == ["update a"]
    assert stack.service.objects["id-1"]["size"] == 1


def test_up_with_refresh_repairs_in_one_run(stack):
    program = 'Thing("a", size=1)'
    stack.up(program)
    stack.service.objects["id-1"]["size"] = 7

    ran = stack.up(program, refresh=True)

    assert ran.ops == ["update a"]
    assert stack.service.objects["id-1"]["size"] == 1


def test_what_was_deleted_by_hand_is_made_again(stack):
    program = 'a = Thing("a", size=1)\nThing("b", opts=Options(depends_on=[a]))'
    stack.up(program)
    del stack.service.objects["id-1"]

    refreshed = stack.refresh()
    repaired = stack.up(program)

    assert refreshed.summary.changes == {"delete": 1, "same": 1}
    assert refreshed.recorded("b").dependencies == ()
    assert sorted(repaired.ops) == ["create a", "same b"]


def test_a_preview_of_a_refresh_reads_but_writes_nothing(stack):
    stack.up('Thing("a", size=1)')
    before = stack.snapshot
    stack.service.objects["id-1"]["size"] = 7

    ran = stack.refresh(preview=True)

    assert ran.summary.changes == {"update": 1}
    assert stack.snapshot is before


def test_a_drifted_value_that_the_program_never_set_is_left_alone(stack):
    program = 'Thing("a")'
    stack.up(program)
    stack.service.objects["id-1"]["size"] = 7

    stack.refresh()
    ran = stack.up(program)

    assert ran.ops == ["same a"]
    assert stack.service.objects["id-1"]["size"] == 7
