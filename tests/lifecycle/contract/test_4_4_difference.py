"""§4.4: what makes a difference, and what makes it a replacement, in order of precedence."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest
from contract_rows import case, row
from service import ServiceProvider

from reconciler import errors
from reconciler.contract import protocol
from reconciler.deploy import events
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.model.values import UNKNOWN
from reconciler.plan import replacements, steps

TRIGGER = 'Thing("a", opts=Options(replacement_trigger={}))'


def keys(ran, name: str = "a") -> tuple[str, ...]:
    """Why a resource was replaced."""
    return next(
        event.step.keys
        for event in ran.events
        if isinstance(event, events.StepDone)
        and isinstance(event.step, steps.Replace)
        and event.step.urn.endswith(f"::{name}")
    )


@row("4.4-1 a resource named by --replace is replaced, key id")
def test_a_named_resource_is_replaced(stack):
    stack.up('Thing("a")')

    ran = stack.up('Thing("a")', replace=("**::a",))

    assert ran.ops == ["create-replacement a", "replace a", "delete-replaced a"]
    assert keys(ran) == ("id",)


@row("4.4-1 a tainted resource is replaced, key id, and is tainted no more")
def test_a_tainted_resource_is_replaced(stack):
    stack.up('Thing("a")')
    stack.amend("a", taint=True)

    ran = stack.up('Thing("a")')

    assert ran.ops == ["create-replacement a", "replace a", "delete-replaced a"]
    assert keys(ran) == ("id",)
    assert ran.left == ["a=id-2"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        case("4.4-2 the trigger changed: replace", "1", "2", True),
        case("4.4-2 the trigger is as it was: no difference", "1", "1", False),
        case("4.4-2 a trigger that is new replaces nothing", "None", "1", False),
        case("4.4-2 a trigger that went replaces nothing", "1", "None", False),
        case("4.4-2 secrecy of a trigger is no change", "pulumi.Output.secret('1')", "'1'", False),
    ],
)
def test_a_replacement_trigger(stack, old, new, expected):
    stack.up(TRIGGER.format(old))

    ran = stack.up(TRIGGER.format(new))

    assert ("replace a" in ran.ops) is expected
    if expected:
        assert keys(ran) == ("replacementTrigger",)


@row("4.4-2 an unknown trigger replaces in a preview")
def test_an_unknown_trigger_replaces_in_a_preview(stack):
    stack.up(TRIGGER.format("1"))

    ran = stack.preview('b = Thing("b")\n' + TRIGGER.format("b.serial"))

    assert "replace a" in ran.ops


@row("4.4-3 what is replaced with another goes with it, key replaceWith")
def test_replace_with(stack):
    program = 'a = Thing("a", zone="{}")\nThing("b", opts=Options(replace_with=[a]))'
    stack.up(program.format("x"))

    ran = stack.up(program.format("y"))

    assert keys(ran, "b") == ("replaceWith",)
    assert ran.left == ["a=id-3", "b=id-4"]


@row("4.4-4 what is deleted with another is replaced with it, key deletedWith")
def test_deleted_with(stack):
    program = 'a = Thing("a", zone="{}")\nThing("b", opts=Options(deleted_with=a))'
    stack.up(program.format("x"))

    ran = stack.up(program.format("y"))

    assert keys(ran, "b") == ("deletedWith",)
    assert ran.left == ["a=id-3", "b=id-4"]
    assert ("delete", "b") not in stack.service.calls


@row("4.4-5 a provider of another account replaces, key provider")
def test_a_provider_of_another_account(stack):
    stack.up('p = TestProvider("p", account="one")\nThing("a", opts=Options(provider=p))')

    ran = stack.up('q = TestProvider("q", account="two")\nThing("a", opts=Options(provider=q))')

    assert keys(ran) == ("provider",)
    assert ran.left == ["q=" + ran.recorded("q").id, "a=id-2"]


def test_a_preview_of_a_provider_whose_account_is_not_known_yet(stack):
    program = """
        a = Thing("a", zone="{}")
        p = TestProvider("p", account=a.serial.apply(str))
        Thing("b", opts=Options(provider=p))
    """
    stack.up(program.format("x"))

    previewed, ran = stack.preview(program.format("y")), stack.up(program.format("y"))

    assert keys(previewed, "b") == keys(ran, "b") == ("provider",)
    assert previewed.ops == ran.ops


@row("4.4-5 a provider of the same account changes nothing but the reference")
def test_a_provider_of_the_same_account(stack):
    stack.up('p = TestProvider("p", account="one")\nThing("a", opts=Options(provider=p))')

    ran = stack.up('q = TestProvider("q", account="one")\nThing("a", opts=Options(provider=q))')

    assert ran.ops == ["create q", "same a", "delete p"]
    assert "::q::" in ran.recorded("a").provider


@row("4.4-5 a provider known by an alias is no other provider")
def test_an_aliased_provider(stack):
    stack.up('p = TestProvider("p", account="one")\nThing("a", opts=Options(provider=p))')

    ran = stack.up("""
        q = TestProvider("q", account="one", opts=Options(aliases=[pulumi.Alias(name="p")]))
        Thing("a", opts=Options(provider=q))
    """)

    assert ran.ops == ["same q", "same a"]
    assert "::q::" in ran.recorded("a").provider


@row("4.4-6 PULUMI_ENABLE_LEGACY_DIFF: equal inputs are no difference")
def test_the_legacy_difference(stack):
    stack.up('Thing("a", size=1)')
    stack.service.objects["id-1"]["size"] = 7
    stack.refresh()
    stack.amend("a", inputs={"size": 1})

    legacy = stack.preview('Thing("a", size=1)', legacy_diff=True)
    usual = stack.preview('Thing("a", size=1)')

    assert legacy.ops == ["same a"]
    assert usual.ops == ["update a"]


@row("4.4-7 a component with other inputs is updated")
def test_a_component(stack):
    program = 'pulumi.ComponentResource("test:index:Group", "g", {{"size": {}}})'
    stack.up(program.format(1))

    same, updated = stack.up(program.format(1)), stack.up(program.format(2))

    assert same.ops == ["same g"]
    assert updated.ops == ["update g"]


GROUPS = """
    a = Thing("a", zone="{zone}")
    c = Group("c", Options(replacement_trigger={trigger}, protect={protect}, {option}))
    Thing("b", opts=Options(replace_with=[c]))
"""


def groups(*, zone="x", trigger=1, option="", protect=False):
    return GROUPS.format(zone=zone, trigger=trigger, option=option, protect=protect)


@row("4.4-7 a component is replaced for what comes before: named, tainted, trigger, replaceWith, deletedWith")
@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ({}, {"trigger": 2}, "replacementTrigger"),
        ({"option": "replace_with=[a]"}, {"option": "replace_with=[a]", "zone": "y"}, "replaceWith"),
        ({"option": "deleted_with=a"}, {"option": "deleted_with=a", "zone": "y"}, "deletedWith"),
        ({}, {}, "named"),
        ({}, {}, "tainted"),
    ],
)
def test_a_component_is_replaced(stack, before, after, key):
    stack.up(groups(**before))
    if key == "tainted":
        stack.amend("c", taint=True)

    ran = stack.up(groups(**after), replace=("**::c",) if key == "named" else ())

    assert ran.errors == []
    assert keys(ran, "c") == ("id" if key in ("named", "tainted") else key,)
    made, marked, gone = (ran.ops.index(f"{op} c") for op in ("create-replacement", "replace", "delete-replaced"))
    assert made < marked < gone
    assert [item for item in ran.left if item.startswith("c")] == ["c"]
    assert set(stack.up(groups(**after)).ops) == {"same a", "same c", "same b"}


@row("4.4-7 a protected component is not replaced")
def test_a_protected_component(stack):
    stack.up(groups(protect=True))

    ran = stack.up(groups(protect=True, trigger=2))

    assert ran.summary.result == "failed"
    assert "replace c" not in ran.ops


@row("4.4-7 what is replaced with a component goes with it")
def test_what_is_replaced_with_a_component(stack):
    child = 'Thing("child", opts=Options(parent=c))'
    stack.up(f"{textwrap.dedent(groups())}\n{child}")

    ran = stack.up(f"{textwrap.dedent(groups(trigger=2))}\n{child}")

    assert keys(ran, "b") == ("replaceWith",)
    assert "same child" in ran.ops


@pytest.mark.parametrize("option", ["replace_with=[a]", "deleted_with=a"])
def test_what_goes_with_a_resource_goes_with_it_under_a_new_name(stack, option):
    stack.up(f'a = Thing("a", zone="x")\nThing("b", opts=Options({option}))')

    ran = stack.up(f"""
        a = Thing("new", zone="y", opts=Options(aliases=[pulumi.Alias(name="a")]))
        Thing("b", opts=Options({option}))
    """)

    assert "replace b" in ran.ops


@pytest.mark.parametrize("verb", ["check", "diff"])
def test_a_bug_of_a_provider_is_told_of_its_resource(stack, monkeypatch, verb):
    async def buggy(self, request):
        if request.urn.endswith("::a"):
            raise RuntimeError("a provider's bug")
        return await whole(self, request)

    whole = getattr(ServiceProvider, verb)
    stack.up('Thing("a", size=1)\nThing("b", size=1)')
    monkeypatch.setattr(ServiceProvider, verb, buggy)

    ran = stack.up('Thing("a", size=2)\nThing("b", size=2)', continue_on_error=True)

    assert ran.ops == ["update b"]
    assert [urns.name(event.urn) for event in ran.events if getattr(event, "severity", "") == "error"] == ["a"]
    assert "RuntimeError: a provider's bug" in ran.errors[0]


def test_a_path_that_only_the_provider_understands_is_no_failure(stack, monkeypatch):
    async def diff(self, request):
        told = {"we[ird": protocol.PropertyDiff(kind=protocol.DiffKind.UPDATE)}
        return protocol.Diff(changes=protocol.Changes.SOME, detailed=told)

    stack.up('Thing("a", size=1)')
    monkeypatch.setattr(ServiceProvider, "diff", diff)

    ran = stack.up('Thing("a", size=2, opts=Options(replace_on_changes=["size"]))')

    assert ran.errors == []
    assert ran.ops == ["update a"]


def test_a_replace_on_changes_that_is_no_path_is_an_error_of_its_resource(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up('Thing("a", size=2, opts=Options(replace_on_changes=["a["]))\nThing("b")', continue_on_error=True)

    assert [urns.name(event.urn) for event in ran.events if getattr(event, "severity", "") == "error"] == ["a"]
    assert "replaceOnChanges" in ran.errors[0]
    assert "create b" in ran.ops


@row("4.4-8 a provider is asked with old inputs, old outputs, new inputs and what is ignored")
def test_what_a_provider_is_asked(stack):
    stack.up('Thing("a", size=1, source="x")')
    stack.service.asked.clear()

    stack.up('Thing("a", size=2, source="y", opts=Options(ignore_changes=["source"]))')

    asked = next(request for request in stack.service.asked if type(request).__name__ == "DiffRequest")
    assert (asked.id, asked.old_inputs["size"], asked.news["size"]) == ("id-1", 1, 2)
    assert asked.outputs["echo"] == "size is 1"
    assert asked.news["source"] == "x"
    assert asked.ignore_changes == ("source",)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        case("4.4 DIFF_UNKNOWN: equal inputs are no difference", 1, "same a"),
        case("4.4 DIFF_UNKNOWN: other inputs are an update", 2, "update a"),
    ],
)
def test_a_provider_that_cannot_tell(stack, size, expected):
    stack.up('Thing("a", size=1, fault="cannot tell")')

    ran = stack.up(f'Thing("a", size={size}, fault="cannot tell")')

    assert ran.ops == [expected]


@row("4.4 a diff that is not available is an update with a warning")
def test_a_provider_that_is_not_configured_yet(stack):
    stack.up('p = TestProvider("p")\nThing("a", opts=Options(provider=p))')

    ran = stack.preview("""
        b = Thing("b")
        p = TestProvider("p", setting=b.echo)
        Thing("a", opts=Options(provider=p))
    """)

    assert "update a" in ran.ops
    assert ran.story.count("warning a") == 1


@row("4.4 a diff that fails fails the registration")
def test_a_diff_that_fails(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up('Thing("a", size=2, fault="no diff")\n')

    assert ran.ops == []
    assert ran.story[-3:] == ["error a", "outputs stack", "summary failed"]
    assert ran.recorded("a").inputs["size"] == 1


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        case("4.4 replaceOnChanges: the path itself", "tags.team", True),
        case("4.4 replaceOnChanges: a path that holds it", "tags", True),
        case("4.4 replaceOnChanges: a wildcard", "*", True),
        case("4.4 replaceOnChanges: another path", "tags.cost", False),
    ],
)
def test_replace_on_changes(stack, rule, expected):
    stack.up('Thing("a", tags={"team": "x"})')

    ran = stack.up(f'Thing("a", tags={{"team": "y"}}, opts=Options(replace_on_changes=["{rule}"]))')

    assert ("replace a" in ran.ops) is expected
    if expected:
        assert keys(ran) == ("tags",)


@row("4.4 replaceOnChanges #initerror: what is half made is replaced")
def test_replace_on_init_errors(stack):
    stack.up('Thing("a", fault="half made")')

    ran = stack.up('Thing("a", opts=Options(replace_on_changes=["#initerror"]))')
    again = stack.up('Thing("a", opts=Options(replace_on_changes=["#initerror"]))')

    assert ran.ops == ["create-replacement a", "replace a", "delete-replaced a"]
    assert keys(ran) == ("#initerror",)
    assert ran.left == ["a=id-2"]
    assert again.ops == ["same a"]


@row("4.4 a pending replacement is a replacement though nothing differs")
def test_a_pending_replacement(stack):
    stack.up('Unique("a", name="n", zone="x")')
    stack.up('Unique("a", name="n", zone="y", fault="no create")')

    ran = stack.up('Unique("a", name="n", zone="x")')

    assert ran.ops == ["replace a", "create-replacement a"]
    assert ran.left == ["a=id-2"]


@row("4.4-2 an unknown trigger at an update is an error")
def test_an_unknown_trigger_at_an_update():
    recorded = Recorded(urn="urn:pulumi:dev::proj::a:b:C::x", type="a:b:C", custom=True, replacement_trigger=1)

    with pytest.raises(errors.PlanError):
        replacements.forced_reason(
            recorded, replace(recorded, replacement_trigger=UNKNOWN), (), asked=False, preview=False
        )
