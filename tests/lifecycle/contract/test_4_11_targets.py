"""§4.11: targets and excludes, beyond what tests/lifecycle/test_targets.py shows."""

from __future__ import annotations

import textwrap

import pytest
from contract_rows import row

from reconciler import errors
from reconciler.cli.wishes import Wishes
from reconciler.deploy.options import Kind
from reconciler.model import urns

TWO = 'a = Thing("a", size={0})\nThing("b", size={0}, source=a.serial)'


@row("4.11 providers and the stack are always included")
def test_providers_are_always_included(stack):
    program = 'p = TestProvider("p", account="{}")\nThing("a", size={}, opts=Options(provider=p))\nThing("b", size={})'
    stack.up(program.format("one", 1, 1))

    ran = stack.up(program.format("one", 2, 2), targets=("**::a",))
    new = stack.up('q = TestProvider("q")\n' + program.format("one", 2, 2), targets=("**::b",))

    assert sorted(ran.ops) == ["same b", "same p", "update a"]
    assert sorted(new.ops) == ["create q", "same a", "same p", "update b"]


WITH_PROVIDER = 'p = TestProvider("p")\nThing("a", opts=Options(provider=p))\nThing("b")'


@row("4.11 providers and the stack are deleted only where they are targets, or follow one")
@pytest.mark.parametrize(
    ("options", "left"),
    [
        ({"targets": ("**::a", "**::b")}, {"proj-dev", "p", "default"}),
        ({"targets": ("**::p",), "with_dependents": True}, {"proj-dev", "default", "b"}),
        ({"targets": ("**::proj-dev",), "with_dependents": True}, {"default"}),
        ({"excludes": ("**::p",)}, {"proj-dev", "p"}),
        ({"excludes": ("**::p",), "with_dependents": True}, {"proj-dev", "p", "a"}),
        ({"excludes": ("**::a",)}, {"proj-dev", "p", "a"}),
    ],
)
def test_a_destroy_of_some_resources(stack, options, left):
    stack.up(WITH_PROVIDER)

    ran = stack.destroy(**options)

    assert ran.errors == []
    assert {urns.name(item.urn) for item in stack.snapshot.resources} == left


def test_a_destroy_of_some_resources_keeps_the_stacks_outputs(stack):
    stack.up('Thing("a")\nThing("b")\npulumi.export("out", 1)')

    some, rest = stack.destroy(targets=("**::a",)), stack.destroy()

    assert (some.summary.old_outputs, some.summary.outputs) == ({"out": 1}, {"out": 1})
    assert (rest.summary.old_outputs, rest.summary.outputs) == ({"out": 1}, {})


def test_a_dropped_provider_that_is_no_target_stays(stack):
    stack.up(WITH_PROVIDER)

    ran = stack.up('Thing("b")', targets=("**::a", "**::b"))

    assert ran.ops == ["same b", "delete a"]


CHAIN = """
    a = Thing("a", zone="{}", opts=Options(delete_before_replace=True))
    b = Thing("b", zone=a.serial.apply(str))
    Thing("c", zone=b.serial.apply(str))
"""


def test_dependents_of_a_target_go_with_its_delete_first_replacement(stack):
    stack.up(CHAIN.format("x"))

    ran = stack.up(CHAIN.format("y"), targets=("**::a",), with_dependents=True)

    assert ran.errors == []
    assert ran.ops[:3] == ["delete-replaced c", "delete-replaced b", "delete-replaced a"]


def test_what_is_excluded_does_not_go_with_a_replacement(stack):
    stack.up(CHAIN.format("x"))

    ran = stack.up(CHAIN.format("y"), excludes=("**::c",))

    assert ran.ops == []
    assert "c would be deleted with it and is excluded" in ran.errors[0]
    assert "out of --exclude" in ran.errors[0]


def test_what_needs_an_excluded_new_resource_says_so(stack):
    ran = stack.up(CHAIN.format("x"), excludes=("**::a",))

    assert "a, which does not exist yet and is excluded" in ran.errors[0]
    assert "out of --exclude" in ran.errors[0]


def test_outputs_of_what_is_not_made_stay_as_they_were_or_are_left_out(stack):
    component = """
        class Tool(pulumi.ComponentResource):
            def __init__(self, name, echo):
                super().__init__("test:index:Tool", name)
                self.register_outputs({"old": echo, "new": [echo], "size": 2})
    """
    stack.up(textwrap.dedent(component) + 'Tool("c", "x")\nThing("a", size=1)\npulumi.export("old", 1)')
    program = """
        n = Thing("n")
        Thing("a", size=2)
        Tool("c", n.echo)
        pulumi.export("old", n.echo)
        pulumi.export("new", n.echo)
        pulumi.export("size", 2)
    """

    ran = stack.up(textwrap.dedent(component) + textwrap.dedent(program), targets=("**::a", "**::c"))

    assert ran.errors == []
    assert stack.snapshot.resources[0].outputs == ran.summary.outputs == {"old": 1, "size": 2}
    assert ran.recorded("c").outputs == {"old": "x", "new": ("x",), "size": 2}


@row("4.11 * is any run without a colon, ** is anything")
def test_patterns(stack):
    stack.up(TWO.format(1))

    one_star = stack.up(TWO.format(2), targets=("urn:*::a",))
    two_stars = stack.up(TWO.format(2), targets=("urn:**::a",))

    assert any("matches no resource" in message for message in one_star.errors)
    assert "update a" in two_stars.ops


@row("4.11 --target and --exclude are not given together")
def test_targets_and_excludes_exclude_each_other():
    with pytest.raises(errors.UsageError):
        Wishes(kind=Kind.UPDATE, target=("a",), exclude=("b",)).run_options(refreshes=False)


@row("4.11 a target that names nothing: the error says how the shell takes URNs apart")
def test_a_target_that_names_nothing_hints_at_the_shell(stack):
    ran = stack.up(TWO.format(1), targets=("urn:pulumi:dev::proj::test:index:Group::a",))

    assert any("single quotes" in message for message in ran.errors)
    assert ran.left == []


@pytest.mark.parametrize("keeps_on", [False, True])
def test_a_replacement_of_what_is_not_there_is_refused_before_anything_is_done(stack, keeps_on):
    stack.up(TWO.format(1))

    ran = stack.up(TWO.format(2), replace=("**::c",), continue_on_error=keeps_on)

    assert any("**::c matches no resource" in message for message in ran.errors)
    assert ran.ops == []
    assert ran.left == ["a=id-1", "b=id-2"]


def test_what_an_alias_renames_is_replaced_by_its_recorded_name(stack):
    stack.up('Thing("a")')

    ran = stack.up('Thing("b", opts=Options(aliases=[pulumi.Alias(name="a")]))', replace=("**::a",))

    assert ran.ops == ["create-replacement b", "replace b", "delete-replaced a"]


@row("4.11 --replace alone does not restrict other resources")
def test_replace_does_not_restrict(stack):
    stack.up('Thing("a", size=1)\nThing("b", size=1)')

    ran = stack.up('Thing("a", size=1)\nThing("b", size=2)', replace=("**::a",))

    assert "replace a" in ran.ops
    assert "update b" in ran.ops


@row("4.11 --target-replace is a target and a replacement")
def test_target_replace(stack):
    stack.up('Thing("a", size=1)\nThing("b", size=1)')

    ran = stack.up('Thing("a", size=1)\nThing("b", size=2)', replace=("**::a",), targets=("**::a",))

    assert sorted(ran.ops) == ["create-replacement a", "delete-replaced a", "replace a", "same b"]
    assert ran.recorded("b").inputs["size"] == 1


@row("4.11 a replaced target's dependents keep their state")
def test_what_depends_on_a_replaced_target_keeps_its_state(stack):
    stack.up('a = Thing("a", zone="x")\nThing("b", source=a.serial)')

    ran = stack.up('a = Thing("a", zone="y")\nThing("b", source=a.serial)', targets=("**::a",))

    assert ran.ops == ["create-replacement a", "replace a", "same b", "delete-replaced a"]
    assert ran.recorded("b").inputs["source"] == 1
