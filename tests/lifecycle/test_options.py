"""Resource options, each with the steps that it leads to."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('Thing("old")', 'Thing("new", opts=Options(aliases=[pulumi.Alias(name="old")]))', id="name"),
        pytest.param(
            'Thing("a")',
            'g = Group("g")\nroot = pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)\n'
            'Thing("a", opts=Options(parent=g, aliases=[root]))',
            id="parent-was-the-stack",
        ),
        pytest.param(
            'g = Group("g")\nThing("a", opts=Options(parent=g))',
            'g = Group("g")\nThing("a", opts=Options(aliases=[pulumi.Alias(parent=g)]))',
            id="parent-was-a-component",
        ),
        pytest.param(
            'g = Group("g")\nThing("a", opts=Options(parent=g))',
            'g = Group("h", opts=Options(aliases=[pulumi.Alias(name="g")]))\nThing("a", opts=Options(parent=g))',
            id="parent-was-renamed",
        ),
        pytest.param(
            'g = Group("g")\nThing("g-a", opts=Options(parent=g))',
            'g = Group("h", opts=Options(aliases=[pulumi.Alias(name="g")]))\nThing("h-a", opts=Options(parent=g))',
            id="child-is-named-after-its-parent",
        ),
        pytest.param(
            'g = Group("g")\nThing("x", opts=Options(parent=g))',
            'g = Group("h", opts=Options(aliases=[pulumi.Alias(name="g")]))\n'
            'Thing("y", opts=Options(parent=g, aliases=[pulumi.Alias(name="x")]))',
            id="parent-and-child-renamed",
        ),
        pytest.param(
            'Unique("a", name="n")',
            'Thing("b", opts=Options(aliases=[pulumi.Alias(name="a", type_="test:index:Unique")]))',
            id="type",
        ),
        pytest.param(
            'Thing("a")',
            'Thing("b", opts=Options(aliases=["urn:pulumi:dev::proj::test:index:Thing::a"]))',
            id="urn",
        ),
    ],
)
def test_an_alias_continues_what_was_recorded_under_another_urn(stack, before, after):
    first = stack.up(before)

    second = stack.up(after)

    assert second.errors == []
    assert {op.split()[0] for op in second.ops if op != "create g"} <= {"same", "update"}
    assert list(stack.service.objects) == ["id-1"]
    assert len(second.snapshot.resources) <= len(first.snapshot.resources) + 1
    assert {op.split()[0] for op in stack.up(after).ops} == {"same"}


def test_two_resources_cannot_continue_the_same_one(stack):
    stack.up('Thing("a")')

    ran = stack.up(
        'Thing("b", opts=Options(aliases=[pulumi.Alias(name="a")]))\n'
        'Thing("c", opts=Options(aliases=[pulumi.Alias(name="a")]))'
    )

    assert any("continues the same recorded resource" in message for message in ran.errors)


def test_references_follow_a_renamed_resource_though_the_run_fails(stack):
    stack.up('a = Thing("a")\nThing("z", opts=Options(depends_on=[a]))')

    ran = stack.up('b = Thing("b", opts=Options(aliases=[pulumi.Alias(name="a")]))\nraise ValueError("no")')

    assert ran.recorded("z").dependencies == (ran.recorded("b").urn,)


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        pytest.param("1", "1", False, id="equal"),
        pytest.param("1", "2", True, id="other"),
        pytest.param(None, "1", False, id="new"),
        pytest.param("1", None, False, id="dropped"),
        pytest.param('pulumi.Output.secret("1")', "'1'", False, id="secrecy-alone"),
    ],
)
def test_a_replacement_trigger_replaces_when_it_changes(stack, old, new, replaced):
    stack.up(f'Thing("a", opts=Options(replacement_trigger={old}))')

    ran = stack.up(f'Thing("a", opts=Options(replacement_trigger={new}))')

    assert ("replace a" in ran.ops) is replaced


def test_a_trigger_that_is_not_known_replaces_in_a_preview(stack):
    stack.up('Thing("a", opts=Options(replacement_trigger="1"))')

    ran = stack.preview('b = Thing("b")\nThing("a", opts=Options(replacement_trigger=b.serial))')

    assert "replace a" in ran.ops


def test_replace_with_follows_another_resource(stack):
    program = 'a = Thing("a", zone="{}")\nThing("b", opts=Options(replace_with=[a]))'
    stack.up(program.format("x"))

    ran = stack.up(program.format("y"))

    assert "replace a" in ran.ops
    assert "replace b" in ran.ops


def test_deleted_with_follows_a_replacement(stack):
    program = 'a = Thing("a", zone="{}")\nThing("b", opts=Options(deleted_with=a))'
    stack.up(program.format("x"))

    ran = stack.up(program.format("y"))

    assert "replace b" in ran.ops


def test_a_named_resource_is_replaced_though_nothing_differs(stack):
    stack.up('Thing("a")\nThing("b")')

    ran = stack.up('Thing("a")\nThing("b")', replace=("urn:pulumi:dev::proj::**::a",))

    assert "replace a" in ran.ops
    assert "same b" in ran.ops


def test_an_import_takes_an_existing_object_into_the_stack(stack):
    stack.service.make("", {"size": 5})
    program = 'Thing("a", size=5, opts=Options(import_="id-1"))'

    previewed = stack.preview(program)
    ran = stack.up(program)
    again = stack.up(program)
    without = stack.up('Thing("a", size=5)')

    assert previewed.ops == ran.ops == ["import a"]
    assert ran.recorded("a").import_id == "id-1"
    assert ran.recorded("a").created
    assert again.ops == without.ops == ["same a"]
    assert without.recorded("a").import_id == ""
    assert list(stack.service.objects) == ["id-1"]


def test_an_import_in_place_of_an_object_of_the_stack_replaces_it(stack):
    stack.up('Thing("a", size=5)')
    stack.service.make("", {"size": 5})

    ran = stack.up('Thing("a", size=5, opts=Options(import_="id-2"))')

    assert ran.ops == ["import-replacement a", "replace a", "delete-replaced a"]
    assert list(stack.service.objects) == ["id-2"]


def test_what_the_program_says_of_an_import_must_be_true_of_it(stack):
    stack.service.make("", {"size": 5})
    program = 'Thing("a", size=6, opts=Options(import_="id-1"))'

    previewed = stack.preview(program)
    ran = stack.up(program)

    assert previewed.summary.result == "succeeded"
    assert any("importing this resource will fail" in message for message in previewed.messages)
    assert any("do not match the existing resource (size)" in message for message in ran.errors)
    assert ran.snapshot.pending == ()
    assert [item.type for item in ran.snapshot.resources if item.type.startswith("test:")] == []


def test_an_import_of_nothing_is_an_error(stack):
    ran = stack.up('Thing("a", opts=Options(import_="id-9"))')

    assert any("there is no test:index:Thing with id id-9" in message for message in ran.errors)


def test_an_imported_resource_is_not_replaced_while_the_program_imports_it(stack):
    stack.service.make("", {"zone": "x"})
    program = 'Thing("a", zone="{}", opts=Options(import_="id-1"))'
    stack.up(program.format("x"))

    previewed = stack.preview(program.format("y"))
    ran = stack.up(program.format("y"))

    assert any("cannot be replaced" in message for message in previewed.messages)
    assert any("cannot be replaced" in message for message in ran.errors)


def test_what_an_import_took_in_is_managed_from_then_on(stack):
    stack.service.make("", {"size": 5})
    stack.up('Thing("a", size=5, opts=Options(import_="id-1"))')

    updated = stack.up('Thing("a", size=6)')
    destroyed = stack.destroy()

    assert updated.ops == ["update a"]
    assert destroyed.errors == []
    assert stack.service.objects == {}


@pytest.mark.parametrize(
    "program",
    [
        'Thing("a", opts=Options(version="newest"))',
        'Thing("a", opts=Options(version="newest", provider=TestProvider("own")))',
        'TestProvider("own", opts=Options(version="newest"))',
        'pulumi.runtime.invoke("test:index:lookup", {}, pulumi.InvokeOptions(version="newest"))',
    ],
    ids=["resource", "with-a-provider", "provider", "invoke"],
)
def test_a_version_that_is_none_is_refused(stack, program):
    ran = stack.up(program)

    assert ran.summary.result == "failed"
    assert "version: 'newest' is not a version of the form 1.2.3" in ran.errors[0]
    assert not stack.service.objects


def test_a_timeout_that_is_no_duration_is_refused_by_name(stack):
    # The SDK's own documentation speaks of `1d`, which Go does not read.
    ran = stack.up('Thing("a", opts=Options(custom_timeouts=pulumi.CustomTimeouts(delete="1d")))')

    assert any("Thing::a" in error and "'1d' is not a duration" in error for error in ran.errors)
    assert stack.service.objects == {}
