"""§4.3: which steps a registration leads to, first match."""

from __future__ import annotations

import pytest
from contract_rows import case, row

from reconciler.deploy.options import Kind

READ = 'pulumi.CustomResource("test:index:Thing", "a", {}, Options(id="id-1"))'


@row("4.3-0a a refresh that runs the program refreshes and does nothing else")
def test_a_refresh_that_runs_the_program_makes_nothing(stack):
    stack.up('Thing("a", size=1)')
    stack.service.objects["id-1"]["size"] = 7

    ran = stack.run(Kind.REFRESH, 'Thing("a", size=2)\nThing("new")', runs_program=True)

    assert ran.ops == ["refresh a"]
    assert ran.recorded("a").inputs["size"] == 7
    assert ran.left == ["a=id-1"]


@row("4.3-0b a destroy that runs the program deletes what is recorded and skips what is not")
def test_a_destroy_that_runs_the_program_makes_nothing(stack):
    stack.up('a = Thing("a", size=1)\nThing("b", source=a.serial)')

    ran = stack.run(
        Kind.DESTROY, 'a = Thing("a", size=2)\nThing("b", source=a.serial)\nThing("new")', runs_program=True
    )

    assert [op for op in ran.ops if not op.startswith("same")] == ["delete b", "delete a"]
    assert ran.errors == []
    assert ran.snapshot.resources == ()
    assert "create" not in [verb for verb, _ in stack.service.calls[2:]]


@row("4.3-1 nothing recorded: import")
def test_an_import_of_what_is_not_recorded(stack):
    stack.service.make("", {"size": 5})

    ran = stack.up('Thing("a", size=5, opts=Options(import_="id-1"))')

    assert ran.ops == ["import a"]
    assert ran.story.index("done import a") - ran.story.index("begin import a") >= 1
    assert ran.left == ["a=id-1"]
    assert ran.recorded("a").import_id == "id-1"


@row("4.3-1 only read before: import")
def test_an_import_of_what_was_only_read(stack):
    stack.service.make("", {"size": 5})
    stack.up(READ)

    ran = stack.up('Thing("a", size=5, opts=Options(import_="id-1"))')

    assert ran.ops == ["import a"]
    assert ran.left == ["a=id-1"]
    assert stack.up("").ops == ["delete a"]
    assert stack.service.objects == {}


@row("4.3-1 another object recorded: import-replacement and replace")
def test_an_import_in_place_of_what_is_recorded(stack):
    stack.up('Thing("a", size=5)')
    stack.service.make("", {"size": 5})

    ran = stack.up('Thing("a", size=5, opts=Options(import_="id-2"))')

    assert ran.ops == ["import-replacement a", "replace a", "delete-replaced a"]
    assert ran.left == ["a=id-2"]
    assert list(stack.service.objects) == ["id-2"]


def test_a_preview_shows_an_import_that_protection_forbids_and_goes_on(stack):
    stack.up('Thing("a", size=5, opts=Options(protect=True))')
    stack.service.make("", {"size": 5})
    program = (
        'a = Thing("a", size=5, opts=Options(protect=True, import_="id-2"))\nThing("b", opts=Options(depends_on=a))'
    )

    previewed, ran = stack.preview(program), stack.up(program)

    assert previewed.ops == ["import-replacement a", "replace a", "create b", "delete-replaced a"]
    assert previewed.summary.result == ran.summary.result == "failed"
    assert ran.left == ["a=id-1 protect"]


def test_an_import_of_the_recorded_object_by_another_form_of_its_id_does_not_delete_it(stack):
    stack.service.spelled["ID-1"] = "id-1"
    stack.up('Thing("a", size=5)')

    ran = stack.up('Thing("a", size=5, opts=Options(import_="ID-1"))')

    assert ran.left == ["a=id-1"]
    assert list(stack.service.objects) == ["id-1"]


@row("4.3-1 the same import id as before: no import, though ids may differ in form")
def test_an_import_id_is_compared_with_the_recorded_import_id_first(stack):
    stack.service.make("", {"size": 5})
    stack.service.spelled["some/other/form"] = "id-1"
    program = 'Thing("a", size=5, opts=Options(import_="some/other/form"))'

    first, second = stack.up(program), stack.up(program)

    assert first.ops == ["import a"]
    assert second.ops == ["same a"]
    assert (second.recorded("a").id, second.recorded("a").import_id) == ("id-1", "some/other/form")


@row("4.3-1 the id that is recorded anyway: no import")
def test_an_import_of_the_recorded_object_changes_nothing(stack):
    stack.up('Thing("a", size=5)')

    ran = stack.up('Thing("a", size=5, opts=Options(import_="id-1"))')

    assert ran.ops == ["same a"]
    assert ran.recorded("a").import_id == "id-1"


@row("4.3-1 the difference is taken against what was imported")
def test_the_program_must_say_what_is_imported(stack):
    stack.service.make("", {"size": 5})

    previewed = stack.preview('Thing("a", size=6, opts=Options(import_="id-1"))')
    ran = stack.up('Thing("a", size=6, opts=Options(import_="id-1"))')

    assert previewed.summary.result == "succeeded"
    assert "warning a" in previewed.story
    assert ran.story[-4:] == ["error a", "failed import a", "outputs stack", "summary failed"]
    assert ran.left == []


@row("4.3-2 deleted earlier in this run: replace and create-replacement")
def test_a_dependent_that_a_replacement_deleted_is_made_again(stack):
    program = 'u = Unique("u", name="n", zone="{}")\nThing("a", zone=u.serial)'
    stack.up(program.format("x"))

    ran = stack.up(program.format("y"))

    assert ran.ops == [
        "delete-replaced a",
        "delete-replaced u",
        "replace u",
        "create-replacement u",
        "replace a",
        "create-replacement a",
    ]
    assert ran.left == ["u=id-3", "a=id-4"]


@row("4.3-3 was only read: create-replacement and replace, the reading discarded")
def test_what_was_read_is_made_by_the_stack_from_now_on(stack):
    stack.service.make("", {"size": 5})
    stack.up(READ)

    ran = stack.up('Thing("a", size=6)')

    assert ran.ops == ["create-replacement a", "replace a", "discard-replaced a"]
    assert ran.left == ["a=id-2"]
    assert sorted(stack.service.objects) == ["id-1", "id-2"]


@row("4.3-4 recorded and no target: same, with the old state")
def test_what_is_no_target_keeps_its_state(stack):
    stack.up('Thing("a", size=1)\nThing("b")')
    before = set(map(repr, stack.snapshot.resources))

    ran = stack.up('Thing("a", size=2, opts=Options(protect=True))\nThing("b")', targets=("**::b",))

    assert sorted(ran.ops) == ["same a", "same b"]
    assert repr(ran.recorded("a")) in before


@pytest.mark.parametrize(
    ("after", "expected", "left"),
    [
        case("4.3-5 recorded: the difference decides", 'Thing("a", size=2)', ["update a"], ["a=id-1"]),
        case("4.4 no difference: same", 'Thing("a", size=1)', ["same a"], ["a=id-1"]),
    ],
)
def test_the_difference_decides_over_what_is_recorded(stack, after, expected, left):
    stack.up('Thing("a", size=1)')

    ran = stack.up(after)

    assert ran.ops == expected
    assert ran.left == left


@row("4.3-6 not recorded and no target: skipped, and a target that depends on it is refused")
def test_a_target_that_depends_on_what_is_skipped_names_it(stack):
    program = 'a = Thing("a")\nThing("b", source=a.serial)\nThing("c")'

    skipped = stack.up(program.replace("source=a.serial", ""), targets=("**::b",))
    refused = stack.up(program.replace('"b"', '"d"'), targets=("**::d",))

    assert skipped.ops == ["create b"]
    assert skipped.left == ["b=id-1"]
    assert any("::a" in message for message in refused.errors)
    assert refused.left == ["b=id-1"]


@row("4.3-6 a preview reports every target that depends on what is skipped")
def test_a_preview_reports_them_all(stack):
    program = 'a = Thing("a")\nThing("b", source=a.serial)\nThing("c", source=a.serial)'

    ran = stack.preview(program, targets=("**::b", "**::c"))

    assert ran.summary.result == "failed"
    assert ran.story.count("error b") == 1
    assert ran.story.count("error c") == 1


@row("4.3-7 not recorded: create")
def test_what_is_not_recorded_is_made(stack):
    ran = stack.up('Thing("a")')

    assert ran.ops == ["create a"]
    assert ran.left == ["a=id-1"]
    assert ran.recorded("a").created == ran.recorded("a").modified != ""
