"""§4.7: the end of a run: what goes, in which order, and what stays."""

from __future__ import annotations

import pytest
from contract_rows import case, row

THREE = 'a = Thing("a")\nb = Thing("b", source=a.serial)\nThing("c")'


@row("4.7 a program that raised deletes nothing")
def test_a_program_that_raised_deletes_nothing(stack):
    stack.up(THREE)

    ran = stack.up('Thing("a")\nraise ValueError("no")')

    assert ran.ops == ["same a"]
    assert sorted(item.split("=")[0] for item in ran.left) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("goes_on", "expected"),
    [
        case("4.7 after a failed step nothing is deleted", False, []),
        case("4.7 after a failed step deletes go on with continue-on-error", True, ["delete gone"]),
    ],
)
def test_deletes_after_a_failed_step(stack, goes_on, expected):
    stack.up('Thing("a", size=1)\nThing("gone")')

    ran = stack.up('Thing("a", size=2, fault="no update")', continue_on_error=goes_on)

    assert ran.ops == expected
    assert ran.summary.result == "failed"


@row("4.7 what waits for its deletion: delete-replaced")
def test_what_an_earlier_run_left_is_deleted(stack):
    stack.up('Thing("a", zone="x", fault="cannot delete")')
    stack.up('Thing("a", zone="y")')
    stack.amend("a", inputs={"zone": "x"}, of_old=True)

    ran = stack.up('Thing("a", zone="y")')

    assert ran.ops == ["same a", "delete-replaced a"]
    assert ran.left == ["a=id-2"]


@row("4.7 what was not registered: delete")
def test_what_was_not_registered_is_deleted(stack):
    stack.up(THREE)

    ran = stack.up('Thing("c")')

    assert ran.ops == ["same c", "delete b", "delete a"]
    assert [item.split("=")[0] for item in ran.left] == ["c"]


@row("4.7 what is pending replacement and not wanted any more: remove-pending-replace")
def test_a_pending_replacement_is_dropped_without_a_call(stack):
    stack.up('Unique("a", name="n", zone="x")')
    stack.up('Unique("a", name="n", zone="y", fault="no create")')
    stack.service.calls.clear()

    ran = stack.up("")

    assert ran.ops == ["remove-pending-replace a"]
    assert stack.service.calls == []
    assert ran.left == []


@pytest.mark.parametrize(
    "dependent",
    [
        case("4.7 order: dependencies", 'Thing("b", opts=Options(depends_on=[a]))'),
        case("4.7 order: parent", 'Thing("b", opts=Options(parent=a))'),
        case("4.7 order: propertyDependencies", 'Thing("b", source=a.serial)'),
        case("4.7 order: deletedWith", 'Thing("b", opts=Options(deleted_with=a))'),
        case("4.7 order: replaceWith", 'Thing("b", opts=Options(replace_with=[a]))'),
    ],
)
def test_dependents_go_first(stack, dependent):
    stack.up(f'a = Thing("a")\n{dependent}')

    ran = stack.up("")

    assert ran.ops == ["delete b", "delete a"]
    assert ran.story.index("done delete b") < ran.story.index("begin delete a")
    assert ran.left == []


@row("4.7 order: provider")
def test_a_provider_goes_after_what_it_manages(stack):
    stack.up('p = TestProvider("p")\nThing("a", opts=Options(provider=p))')

    ran = stack.up("")

    assert ran.ops == ["delete a", "delete p"]


@row("4.7 what does not depend on each other is deleted side by side")
def test_independent_objects_are_deleted_side_by_side(stack):
    stack.up('for name in "abcd": Thing(name)')
    stack.service.delay_s, stack.service.busiest = 0.005, 0

    stack.up("")

    assert stack.service.busiest == 4


@pytest.mark.parametrize(
    ("program", "expected", "remain"),
    [
        case("4.7 no call: components", 'Group("g")', ["delete g"], []),
        case("4.7 no call: retainOnDelete", 'Thing("a", opts=Options(retain_on_delete=True))', ["delete a"], ["id-1"]),
        case(
            "4.7 no call: deletedWith whose target goes too",
            'a = Thing("a")\nThing("b", opts=Options(deleted_with=a))',
            ["delete b", "delete a"],
            ["id-2"],
        ),
    ],
)
def test_what_is_forgotten_without_a_call(stack, program, expected, remain):
    stack.up(program)

    ran = stack.up("")

    assert ran.ops == expected
    assert ran.left == []
    assert list(stack.service.objects) == remain


@row("4.7 no call: external")
def test_what_was_read_is_forgotten_without_a_call(stack):
    stack.service.make("", {})
    stack.up('pulumi.CustomResource("test:index:Thing", "r", {}, Options(id="id-1"))')

    assert stack.destroy().ops == ["discard r"]
    assert list(stack.service.objects) == ["id-1"]


@row("4.7 a call where the deletedWith target stays")
def test_what_is_deleted_with_what_stays_is_deleted(stack):
    stack.up('a = Thing("a")\nThing("b", opts=Options(deleted_with=a))')

    ran = stack.up('Thing("a")')

    assert ran.ops == ["same a", "delete b"]
    assert list(stack.service.objects) == ["id-1"]


@row("4.7 a call where the deletedWith target is protected, or needed by what is")
@pytest.mark.parametrize(
    "program",
    [
        'a = Thing("a", opts=Options(protect=True))\nThing("b", opts=Options(deleted_with=a))',
        'a = Thing("a")\nThing("b", opts=Options(deleted_with=a))\nThing("c", opts=Options(parent=a, protect=True))',
    ],
)
def test_what_is_deleted_with_what_is_protected_is_deleted(stack, program):
    stack.up(program)

    ran = stack.destroy()

    assert "delete b" in ran.ops
    assert set(stack.service.objects) == {
        item.id for item in stack.snapshot.resources if item.type == "test:index:Thing"
    }


@row("4.7 every protected resource is told, others are deleted")
def test_every_protected_resource_is_told(stack):
    stack.up('Thing("a", opts=Options(protect=True))\nThing("b", opts=Options(protect=True))\nThing("c")')

    ran = stack.destroy()

    assert ran.story.count("error a") == ran.story.count("error b") == 1
    assert ran.ops == ["delete c"]
    assert sorted(item.split("=")[0] for item in ran.left) == ["a", "b"]


@row("4.7 destroy is an update to an empty program")
def test_a_destroy_is_an_update_to_nothing(stack):
    stack.up(THREE)

    ran = stack.destroy()

    assert sorted(ran.ops) == ["delete a", "delete b", "delete c"]
    assert ran.ops.index("delete b") < ran.ops.index("delete a")
    assert ran.snapshot.resources == ()


@row("4.7 under continue-on-error what a failed delete depends on is kept")
def test_what_a_failed_delete_depends_on_is_kept(stack):
    stack.up('a = Thing("a")\nb = Thing("b", source=a.serial, fault="cannot delete")\nThing("c")')

    ran = stack.destroy(continue_on_error=True)

    assert ran.ops == ["delete c"]
    assert "failed delete b" in ran.story
    assert [item.split("=")[0] for item in ran.left] == ["a", "b"]
