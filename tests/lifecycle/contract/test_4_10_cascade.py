"""§4.10: what a delete-first replacement takes along."""

from __future__ import annotations

import pytest
from contract_rows import case, row

OLD, NEW = "x", "y"
ROOT = 'u = Unique("u", name="n", zone="{}")\n'


@pytest.mark.parametrize(
    ("dependent", "is_taken"),
    [
        case("4.10 a property that its provider says replaces: taken", 'Thing("a", zone=u.serial)', True),
        case("4.10 a property that can change in place: not taken", 'Thing("a", source=u.serial)', False),
        case("4.10 dependsOn alone: not taken", 'Thing("a", opts=Options(depends_on=[u]))', False),
        case("4.10 deletedWith: taken", 'Thing("a", opts=Options(deleted_with=u))', True),
        case("4.10 replaceWith: taken", 'Thing("a", opts=Options(replace_with=[u]))', True),
        case(
            "4.10 replaceOnChanges as recorded is applied: taken",
            'Thing("a", source=u.serial, opts=Options(replace_on_changes=["source"]))',
            True,
        ),
        case(
            "4.10 ignoreChanges as recorded is applied: not taken",
            'Thing("a", zone=u.serial, opts=Options(ignore_changes=["zone"]))',
            False,
        ),
    ],
)
def test_a_dependent(stack, dependent, is_taken):
    stack.up(ROOT.format(OLD) + dependent)

    ran = stack.up(ROOT.format(NEW) + dependent)

    assert ran.errors == []
    assert (ran.ops[0] == "delete-replaced a") is is_taken
    if is_taken:
        assert ran.ops[:2] == ["delete-replaced a", "delete-replaced u"]
        assert ran.ops[-2:] == ["replace a", "create-replacement a"]
        assert ran.left == ["u=id-3", "a=id-4"]


@row("4.10 what is taken takes its own dependents, last ones first")
def test_the_cascade_is_transitive(stack):
    rest = 'a = Thing("a", zone=u.serial)\nb = Thing("b", zone=a.serial)\nThing("c", zone=b.serial)'
    stack.up(ROOT.format(OLD) + rest)

    ran = stack.up(ROOT.format(NEW) + rest)

    assert ran.ops[:4] == [f"delete-replaced {name}" for name in "cbau"]
    assert ran.left == ["u=id-5", "a=id-6", "b=id-7", "c=id-8"]


@row("4.10 what its provider manages is taken")
def test_what_a_replaced_provider_manages_is_taken(stack):
    program = 'p = TestProvider("p", account="{}", opts=Options(delete_before_replace=True))\n'
    program += 'Thing("a", opts=Options(provider=p))'
    stack.up(program.format("one"))

    ran = stack.up(program.format("two"))

    assert ran.ops[:2] == ["delete-replaced a", "delete-replaced p"]
    assert [item.split("=")[0] for item in ran.left] == ["p", "a"]
    assert list(stack.service.objects) == ["id-2"]


@row("4.10 components and what was only read are not taken")
def test_components_and_readings_are_not_taken(stack):
    stack.service.make("", {"size": 1})
    rest = 'pulumi.ComponentResource("test:index:Group", "g", {"at": u.serial})\n'
    rest += 'pulumi.CustomResource("test:index:Thing", "r", {"zone": u.serial}, Options(id="id-1"))'
    stack.up(ROOT.format(OLD) + rest)

    ran = stack.up(ROOT.format(NEW) + rest)

    assert ran.ops[0] == "delete-replaced u"
    assert "delete-replaced g" not in ran.ops
    assert "delete-replaced r" not in ran.ops


@row("4.10 a protected dependent: an error, nothing deleted")
def test_a_protected_dependent(stack):
    dependent = 'Thing("a", zone=u.serial, opts=Options(protect=True))'
    stack.up(ROOT.format(OLD) + dependent)

    ran = stack.up(ROOT.format(NEW) + dependent)

    assert ran.summary.result == "failed"
    assert ran.ops == []
    assert sorted(stack.service.objects) == ["id-1", "id-2"]


@row("4.10 a dependent that the program dropped is deleted, not made again")
def test_a_dependent_that_was_dropped(stack):
    stack.up(ROOT.format(OLD) + 'Thing("a", zone=u.serial)')

    ran = stack.up(ROOT.format(NEW))

    assert ran.ops == [
        "delete-replaced a",
        "delete-replaced u",
        "replace u",
        "create-replacement u",
        "remove-pending-replace a",
    ]
    assert ran.left == ["u=id-3"]
