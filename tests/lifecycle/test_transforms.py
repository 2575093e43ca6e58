"""Transforms: in which order they run, what they may change, what they do to dependencies."""

from __future__ import annotations

import pytest

from reconciler.deploy import events
from reconciler.model.values import Secret

HEADER = """
from pulumi import ResourceTransformArgs as Args, ResourceTransformResult as Result

def set_tag(name):
    def transform(args):
        if args.type_ != "test:index:Thing":
            return None
        props = {**args.props, "tags": {**args.props.get("tags", {}), name: str(len(args.props.get("tags", {})))}}
        return Result(props=props, opts=args.opts)
    return transform

def with_options(**options):
    def transform(args):
        if args.type_ == "test:index:Thing" and args.name == "a":
            return Result(props=args.props, opts=Options.merge(args.opts, Options(**options)))
    return transform

everywhere = pulumi.runtime.register_resource_transform
"""


def program(text: str) -> str:
    return HEADER + text


def test_own_transforms_run_first_then_ancestors_nearest_first_then_the_stacks(stack):
    ran = stack.up(
        program("""
everywhere(set_tag("stack"))
outer = Group("outer", Options(transforms=[set_tag("outer")]))
inner = Group("inner", Options(parent=outer, transforms=[set_tag("inner")]))
Thing("a", opts=Options(parent=inner, transforms=[set_tag("own-1"), set_tag("own-2")]))
""")
    )

    assert ran.errors == []
    assert ran.recorded("a").inputs["tags"] == {"own-1": "0", "own-2": "1", "inner": "2", "outer": "3", "stack": "4"}


def test_stack_transforms_run_in_the_order_of_their_registration(stack):
    ran = stack.up(program('everywhere(set_tag("x"))\neverywhere(set_tag("y"))\nThing("a")'))

    assert ran.recorded("a").inputs["tags"] == {"x": "0", "y": "1"}


def test_a_transform_is_told_what_is_registered(stack):
    stack.up(
        program("""
def look(args):
    with open("seen.txt", "a") as file:
        print(args.name, args.type_, args.custom, args.props, args.opts.protect, args.opts.ignore_changes, file=file)
everywhere(look)
Thing("a", size=1, opts=Options(protect=False, ignore_changes=["zone"]))
""")
    )

    assert (stack.folder / "seen.txt").read_text() == "a test:index:Thing True {'size': 1.0} False ['zone']\n"


def test_a_transform_that_gives_nothing_changes_nothing(stack):
    plain = stack.up('Thing("a", size=1, opts=Options(ignore_changes=["zone"], delete_before_replace=True))')

    ran = stack.up(
        program(
            "everywhere(lambda args: None)\n"
            'Thing("a", size=1, opts=Options(ignore_changes=["zone"], delete_before_replace=True))'
        )
    )

    assert ran.ops == ["same a"]
    assert ran.recorded("a").ignore_changes == plain.recorded("a").ignore_changes


def test_an_asynchronous_transform_is_waited_for(stack):
    ran = stack.up(
        program("""
import asyncio
async def later(args):
    await asyncio.sleep(0.01)
    return Result(props={**args.props, "size": 9}, opts=args.opts)
Thing("a", size=1, opts=Options(transforms=[later]))
""")
    )

    assert ran.recorded("a").inputs["size"] == 9


def test_a_transform_that_raises_fails_the_program_with_its_words(stack):
    ran = stack.up(
        program("""
def refuse(args):
    raise ValueError("not like this")
Thing("a", opts=Options(transforms=[refuse]))
""")
    )

    assert ran.summary.result == "failed"
    assert any("not like this" in message for message in ran.errors)
    assert stack.service.calls == []


def test_secrets_stay_secret_through_a_transform(stack):
    ran = stack.up(
        program('Thing("a", password=pulumi.Output.secret("x"), opts=Options(transforms=[set_tag("seen")]))')
    )

    assert ran.recorded("a").inputs["password"] == Secret("x")
    assert ran.recorded("a").inputs["tags"] == {"seen": "0"}


@pytest.mark.parametrize("door", ["own", "stack"])
@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        ("protect=True", "protect", True),
        ('ignore_changes=["size"]', "ignore_changes", ("size",)),
        ('replace_on_changes=["size"]', "replace_on_changes", ("size",)),
        ("custom_timeouts=pulumi.CustomTimeouts(create='5m')", "custom_timeouts", {"create": 300.0}),
        ("retain_on_delete=True", "retain_on_delete", True),
        ("deleted_with=other", "deleted_with", "urn:pulumi:dev::proj::test:index:Thing::other"),
        ('additional_secret_outputs=["echo"]', "additional_secret_outputs", ("echo",)),
        ("replace_with=[other]", "replace_with", ("urn:pulumi:dev::proj::test:index:Thing::other",)),
        (
            'hooks=pulumi.ResourceHookBinding(before_create=[pulumi.ResourceHook("h", lambda args: None)])',
            "resource_hooks",
            {"BeforeCreate": ("h",)},
        ),
        (
            "provider=special",
            "provider",
            "urn:pulumi:dev::proj::pulumi:providers:test::special::00000000-0000-4000-8000-",
        ),
    ],
)
def test_a_transform_sets_an_option(stack, door, option, field, value):
    register = {
        "own": 'Thing("a", opts=Options(transforms=[change]))',
        "stack": 'everywhere(change)\nThing("a")',
    }[door]
    ran = stack.up(
        program(
            f'other = Thing("other")\nspecial = TestProvider("special")\nchange = with_options({option})\n{register}\n'
        )
    )

    assert ran.errors == []
    found = getattr(ran.recorded("a"), field)
    assert found.startswith(value) if field == "provider" else found == value


def test_a_transform_gives_an_alias(stack):
    first = stack.up('Thing("old", size=1)')

    ran = stack.up(program('everywhere(with_options(aliases=[pulumi.Alias(name="old")]))\nThing("a", size=1)'))

    assert ran.ops == ["same a"]
    assert ran.recorded("a").id == first.recorded("old").id


def test_a_transform_asks_for_an_import(stack):
    stack.service.objects["id-9"] = {"size": 1, "serial": 9}

    ran = stack.up(program('everywhere(with_options(import_="id-9"))\nThing("a", size=1)'))

    assert ran.errors == []
    assert ran.recorded("a").id == "id-9"


def test_a_transform_has_the_old_object_deleted_first(stack):
    stack.up('Thing("a", zone="x")')

    ran = stack.up(program('everywhere(with_options(delete_before_replace=True))\nThing("a", zone="y")'))

    assert ran.ops == ["delete-replaced a", "replace a", "create-replacement a"]


def test_an_own_transform_adds_a_dependency(stack):
    ran = stack.up(
        program('other = Thing("other")\nThing("a", opts=Options(transforms=[with_options(depends_on=[other])]))')
    )

    assert ran.recorded("a").dependencies == (ran.recorded("other").urn,)


def test_what_an_own_transform_leaves_alone_keeps_its_dependencies(stack):
    ran = stack.up(
        program('other = Thing("other")\nThing("a", source=other.echo, opts=Options(transforms=[set_tag("t")]))')
    )

    other = ran.recorded("other").urn
    assert ran.recorded("a").dependencies == (other,)
    assert ran.recorded("a").property_dependencies == {"source": (other,), "tags": ()}


def test_a_stack_transform_does_not_change_dependencies(stack):
    ran = stack.up(
        program("""
other = Thing("other")
third = Thing("third")
everywhere(with_options(depends_on=[third]))
Thing("a", source=other.echo)
""")
    )

    assert ran.recorded("a").dependencies == (ran.recorded("other").urn,)


def test_previews_run_transforms(stack):
    ran = stack.preview(program('everywhere(set_tag("t"))\nThing("a")'))

    (created,) = [
        event.step.wanted
        for event in ran.events
        if isinstance(event, events.StepDone) and event.step.urn.endswith("::a")
    ]
    assert created.inputs["tags"] == {"t": "0"}
    assert stack.service.calls == []


def test_a_second_up_with_the_same_transforms_is_all_same(stack):
    text = program(
        'everywhere(set_tag("t"))\nother = Thing("other")\n'
        'Thing("a", source=other.echo, opts=Options(transforms=[with_options(protect=True)]))'
    )
    first = stack.up(text)

    second = stack.up(text)

    assert {op.split()[0] for op in second.ops} == {"same"}
    assert second.snapshot == first.snapshot


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        ("retain_on_delete=True", "retain_on_delete", True),
        ("protect=True", "protect", True),
        ("deleted_with=other", "deleted_with", "urn:pulumi:dev::proj::test:index:Thing::other"),
    ],
)
def test_children_take_an_option_from_their_parent_unless_they_say_otherwise(stack, option, field, value):
    ran = stack.up(
        f'other = Thing("other")\n'
        f'group = Group("g", Options({option}))\n'
        f'Thing("child", opts=Options(parent=group))\n'
        f'Thing("free", opts=Options(parent=group, protect=False, retain_on_delete=False))\n'
    )

    assert getattr(ran.recorded("child"), field) == value
    if field != "deleted_with":
        assert getattr(ran.recorded("free"), field) is False
