"""§4.5: what a difference comes to."""

from __future__ import annotations

import pytest
from contract_rows import case, row

PROTECTED = 'Thing("a", zone="{}", opts=Options(protect={}))\n'


@row("4.5 protected before and now: an update fails, naming it")
def test_a_protected_resource_is_not_replaced(stack):
    stack.up(PROTECTED.format("x", True))

    ran = stack.up(PROTECTED.format("y", True) + 'Thing("b")', parallel=1)

    assert ran.ops == []
    assert ran.story[-3:] == ["error a", "outputs stack", "summary failed"]
    assert ran.left == ["a=id-1 protect"]


@row("4.5 protected before and now: a preview shows the replacement, fails, and goes on")
def test_a_preview_of_a_protected_replacement_goes_on(stack):
    stack.up(PROTECTED.format("x", True))

    ran = stack.preview(PROTECTED.format("y", True) + 'Thing("b")')

    assert ran.summary.result == "failed"
    assert ran.story.count("error a") == 1
    assert "replace a" in ran.ops
    assert "create b" in ran.ops


@row("4.5 protection dropped in the same run allows the replacement")
def test_protection_may_be_dropped_in_the_same_run(stack):
    stack.up(PROTECTED.format("x", True))

    ran = stack.up(PROTECTED.format("y", False))

    assert ran.ops == ["create-replacement a", "replace a", "delete-replaced a"]
    assert ran.left == ["a=id-2"]


@row("4.5 a replacement of what still has an import id: an error, in a preview a warning")
def test_what_is_imported_is_not_replaced(stack):
    stack.service.make("", {"zone": "x"})
    program = 'Thing("a", zone="{}", opts=Options(import_="id-1"))'
    stack.up(program.format("x"))

    previewed, ran = stack.preview(program.format("y")), stack.up(program.format("y"))

    assert "warning a" in previewed.story
    assert "replace a" in previewed.ops
    assert previewed.summary.result == "succeeded"
    assert ran.story[-3:] == ["error a", "outputs stack", "summary failed"]
    assert ran.left == ["a=id-1"]


@pytest.mark.parametrize(
    ("option", "kind", "expected"),
    [
        case(
            "4.5 the provider says create first",
            "None",
            "Thing",
            ["create-replacement a", "replace a", "delete-replaced a"],
        ),
        case(
            "4.5 the provider says delete first",
            "None",
            "Unique",
            ["delete-replaced a", "replace a", "create-replacement a"],
        ),
        case(
            "4.5 the program says delete first",
            "True",
            "Thing",
            ["delete-replaced a", "replace a", "create-replacement a"],
        ),
        case(
            "4.5 the program says create first",
            "False",
            "Unique",
            ["create-replacement a", "replace a", "delete-replaced a"],
        ),
    ],
)
def test_which_half_goes_first(stack, option, kind, expected):
    program = f'{kind}("a", {"name=NAME," if kind == "Unique" else ""} zone=ZONE, '
    program += f"opts=Options(delete_before_replace={option}))"
    stack.up("NAME, ZONE = 'n', 'x'\n" + program)

    ran = stack.up("NAME, ZONE = 'm', 'y'\n" + program)

    assert ran.ops == expected
    assert ran.left == ["a=id-2"]


@row("4.5 create first: the old copy stays, flagged delete, until the end")
def test_the_old_copy_stays_when_its_delete_fails(stack):
    stack.up('Thing("a", zone="x", fault="cannot delete")')

    failed = stack.up('Thing("a", zone="y")')
    again = stack.up('Thing("a", zone="y")')

    assert failed.ops == ["create-replacement a", "replace a"]
    assert failed.summary.result == "failed"
    assert sorted(failed.left) == ["a=id-1 delete", "a=id-2"]
    assert again.ops == ["same a"]
    assert again.summary.result == "failed"


@row("4.5 delete first: what fails to be made again is pending replacement")
def test_a_failed_create_leaves_a_pending_replacement(stack):
    program = 'u = Unique("u", name="n", zone="{}", fault="{}")\nThing("a", zone=u.serial)'
    stack.up(program.format("x", ""))

    failed = stack.up(program.format("y", "no create"))
    mended = stack.up(program.format("y", ""))

    assert failed.ops == ["delete-replaced a", "delete-replaced u", "replace u"]
    assert failed.left == ["u=id-1 pendingReplacement", "a=id-2 pendingReplacement"]
    assert sorted(mended.ops) == ["create-replacement a", "create-replacement u", "replace a", "replace u"]
    assert mended.left == ["u=id-3", "a=id-4"]


@row("4.5 an update keeps the object")
def test_an_update(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up('Thing("a", size=2)')

    assert ran.ops == ["update a"]
    assert ran.left == ["a=id-1"]
    assert ran.recorded("a").modified > ran.recorded("a").created


@row("4.5 no difference but init errors: update")
def test_what_is_half_made_is_finished(stack):
    failed = stack.up('Thing("a", fault="half made")')

    ran = stack.up('Thing("a", fault="half made")')

    assert failed.left == ["a=id-1 initErrors"]
    assert ran.ops == ["update a"]
    assert ran.left == ["a=id-1"]


@row("4.5 same: metadata is the program's, outputs and id are the recorded ones")
def test_same_takes_metadata_from_the_program(stack):
    first = stack.up('g = Group("g")\nb = Thing("b")\nThing("a", size=1)')

    ran = stack.up("""
        g = Group("g")
        b = Thing("b")
        Thing("a", size=1, opts=Options(protect=True, depends_on=[b], retain_on_delete=True, hide_diffs=["size"]))
    """)

    assert ran.ops == ["same g", "same b", "same a"]
    before, after = first.recorded("a"), ran.recorded("a")
    assert (after.protect, after.retain_on_delete, after.hide_diff) == (True, True, ("size",))
    assert after.dependencies == (ran.recorded("b").urn,)
    assert after.source_position != before.source_position
    assert (after.id, after.outputs, after.created) == (before.id, before.outputs, before.created)
