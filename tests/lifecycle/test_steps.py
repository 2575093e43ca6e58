"""Program x operation -> steps, state and calls."""

from __future__ import annotations

import pytest


def test_a_first_up_creates_in_dependency_order(stack):
    ran = stack.up("""
        a = Thing("a", size=1)
        b = Thing("b", source=a.echo)
        pulumi.export("echo", b.source)
    """)

    assert ran.errors == []
    assert ran.ops == ["create a", "create b"]
    assert ran.summary.outputs == {"echo": "size is 1"}
    assert ran.recorded("b").dependencies == (ran.recorded("a").urn,)


def test_a_second_up_of_the_same_program_is_all_same(stack):
    program = """
        group = Group("g")
        a = Thing("a", size=1, opts=Options(parent=group))
        Thing("b", source=a.echo, opts=Options(protect=True))
    """
    first = stack.up(program)
    calls = len(stack.service.calls)

    second = stack.up(program)

    assert {ran.split()[0] for ran in second.ops} == {"same"}
    assert second.snapshot == first.snapshot
    assert len(stack.service.calls) == calls


def test_a_preview_shows_what_up_would_do_and_changes_nothing(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.preview('a = Thing("a", size=2)\nThing("b", source=a.echo)\npulumi.export("echo", a.echo)')

    assert ran.ops == ["update a", "create b"]
    assert [verb for verb, _ in stack.service.calls] == ["create"]
    assert repr(ran.summary.outputs["echo"]) == "[unknown]"


def test_an_update_keeps_the_object(stack):
    first = stack.up('Thing("a", size=1)')

    second = stack.up('Thing("a", size=2)')

    assert second.ops == ["update a"]
    assert second.recorded("a").id == first.recorded("a").id
    assert second.recorded("a").outputs["echo"] == "size is 2"


def test_a_replacement_makes_the_new_object_before_the_old_one_goes(stack):
    stack.up('a = Thing("a", zone="x")\nThing("b", source=a.serial)')

    ran = stack.up('a = Thing("a", zone="y")\nThing("b", source=a.serial)')

    assert ran.ops == ["create-replacement a", "replace a", "update b", "delete-replaced a"]
    assert len(stack.service.objects) == 2


def test_a_unique_object_goes_before_its_successor_is_made(stack):
    stack.up('Unique("a", name="n", zone="x")')

    ran = stack.up('Unique("a", name="n", zone="y")')

    assert ran.ops == ["delete-replaced a", "replace a", "create-replacement a"]


def test_a_delete_first_replacement_takes_along_what_must_be_replaced_with_it(stack):
    program = 'a = Unique("a", name="n", zone="{}")\nThing("b", zone=a.serial)\nThing("c", source=a.serial)'
    stack.up(program.format("x"))

    ran = stack.up(program.format("y"))

    assert ran.ops[:4] == ["delete-replaced b", "delete-replaced a", "replace a", "create-replacement a"]
    assert sorted(ran.ops[4:]) == ["create-replacement b", "replace b", "update c"]


def test_the_program_decides_whether_a_replacement_deletes_first(stack):
    stack.up('Unique("a", name="n", zone="x")')

    ran = stack.up('Unique("a", name="m", zone="y", opts=Options(delete_before_replace=False))')

    assert ran.ops == ["create-replacement a", "replace a", "delete-replaced a"]


def test_what_the_program_drops_is_deleted_dependents_first(stack):
    stack.up('a = Thing("a")\nb = Thing("b", source=a.serial)\nThing("c", opts=Options(depends_on=[b]))')

    ran = stack.up("")

    assert ran.ops == ["delete c", "delete b", "delete a"]
    assert stack.service.objects == {}


def test_destroy_leaves_nothing(stack):
    stack.up('g = Group("g")\nThing("a", opts=Options(parent=g))\nTestProvider("p", account="x")')

    ran = stack.destroy()

    assert ran.errors == []
    assert stack.service.objects == {}
    assert ran.snapshot.resources == ()


def test_an_explicit_provider_serves_what_names_it(stack):
    ran = stack.up("""
        p = TestProvider("p", account="other")
        Thing("a", opts=Options(provider=p))
        where = pulumi.runtime.invoke("test:index:where", {}, pulumi.InvokeOptions(provider=p))
        pulumi.export("account", where.value["account"])
    """)

    assert ran.errors == []
    assert ran.summary.outputs == {"account": "other"}
    assert "::p::" in ran.recorded("a").provider


def test_another_account_behind_the_provider_replaces_what_it_manages(stack):
    program = 'p = TestProvider("p", account="{}")\nThing("a", opts=Options(provider=p))'
    stack.config["test:account"] = "one"
    stack.up('Thing("a")')

    ran = stack.up(program.format("two"))

    assert "create-replacement a" in ran.ops
    assert "delete-replaced a" in ran.ops


def test_a_default_provider_takes_the_stack_configuration(stack):
    stack.config["test:account"] = "from-config"

    ran = stack.up('pulumi.export("account", pulumi.runtime.invoke("test:index:where", {}).value["account"])')

    assert ran.errors == []
    assert ran.summary.outputs == {"account": "from-config"}


def test_a_read_resource_is_recorded_but_never_deleted(stack):
    stack.up('Thing("a", size=4)')
    program = """
        class Existing(pulumi.CustomResource):
            echo: pulumi.Output[str]
        Thing("a", size=4)
        r = Existing("test:index:Thing", "r", {"echo": None}, Options(id="id-1"))
        pulumi.export("echo", r.echo)
    """

    ran = stack.up(program)
    after = stack.up('Thing("a", size=4)')

    assert "read r" in ran.ops
    assert ran.summary.outputs == {"echo": "size is 4"}
    assert ran.recorded("r").external
    assert "discard r" in after.ops
    assert list(stack.service.objects) == ["id-1"]


def test_a_protected_resource_is_neither_replaced_nor_deleted(stack):
    stack.up('Thing("a", zone="x", opts=Options(protect=True))')

    replaced = stack.up('Thing("a", zone="y", opts=Options(protect=True))')
    dropped = stack.up("")
    destroyed = stack.destroy()

    for ran in (replaced, dropped, destroyed):
        assert ran.summary.result == "failed"
        assert "protected" in ran.errors[0]
    assert len(stack.service.objects) == 1


def test_dropping_protect_in_the_same_run_allows_the_replacement(stack):
    stack.up('Thing("a", zone="x", opts=Options(protect=True))')

    ran = stack.up('Thing("a", zone="y")')

    assert "replace a" in ran.ops


def test_ignored_changes_keep_what_is_recorded(stack):
    stack.up('Thing("a", size=1, tags={"team": "x", "cost": "1"})')

    ran = stack.up(
        'Thing("a", size=9, tags={"team": "y", "cost": "2"}, opts=Options(ignore_changes=["size", "tags.team"]))'
    )

    assert ran.ops == ["update a"]
    assert ran.recorded("a").inputs == {"size": 1, "tags": {"team": "x", "cost": "2"}}


def test_replace_on_changes_turns_an_update_into_a_replacement(stack):
    stack.up('Thing("a", tags={"team": "x"})')

    ran = stack.up('Thing("a", tags={"team": "y"}, opts=Options(replace_on_changes=["tags.*"]))')

    assert "replace a" in ran.ops


def test_an_alias_continues_the_recorded_object(stack):
    stack.up('Thing("old", size=1)\nThing("child", opts=Options(depends_on=[]))')

    ran = stack.up('Thing("new", size=1, opts=Options(aliases=[pulumi.Alias(name="old")]))\nThing("child")')

    assert sorted(ran.ops) == ["same child", "same new"]
    assert len(stack.service.objects) == 2


def test_retain_on_delete_forgets_without_deleting(stack):
    stack.up('Thing("a", opts=Options(retain_on_delete=True))')

    ran = stack.up("")

    assert ran.ops == ["delete a"]
    assert len(stack.service.objects) == 1


def test_deleted_with_needs_no_call_of_its_own(stack):
    stack.up('a = Thing("a")\nThing("b", opts=Options(deleted_with=a))')

    ran = stack.up("")

    assert ran.ops == ["delete b", "delete a"]
    assert ("delete", "b") not in stack.service.calls


def test_secret_inputs_stay_secret_in_outputs(stack):
    ran = stack.up("""
        a = Thing("a", password=pulumi.Output.secret("hunter2"))
        pulumi.export("password", a.password)
    """)

    assert repr(ran.recorded("a").outputs["password"]) == "[secret]"
    assert repr(ran.recorded("a").inputs["password"]) == "[secret]"
    assert repr(ran.summary.outputs["password"]) == "[secret]"
    assert "hunter2" not in repr(ran.snapshot)


def test_additional_secret_outputs_are_marked(stack):
    ran = stack.up('Thing("a", size=3, opts=Options(additional_secret_outputs=["echo"]))')

    assert repr(ran.recorded("a").outputs["echo"]) == "[secret]"


def test_independent_resources_are_made_side_by_side_within_the_limit(stack):
    stack.service.delay_s = 0.02

    stack.up("for i in range(12): Thing(f't{i}')", parallel=4)

    assert stack.service.busiest == 4


@pytest.mark.parametrize(
    ("program", "words"),
    [
        pytest.param('Thing("a", colour="red")', "unknown property", id="unknown-property"),
        pytest.param('Thing("a")\nThing("a")', "same type, name and parent", id="duplicate-urn"),
        pytest.param("1 / 0", "ZeroDivisionError", id="program-raises"),
        pytest.param('Thing("a", fault="no create")', "create is refused", id="provider-refuses"),
        pytest.param("import sys; sys.exit(3)", "exited with code 3", id="program-exits"),
    ],
)
def test_what_goes_wrong_is_one_error_and_a_failed_run(stack, program, words):
    ran = stack.up(program)

    assert ran.summary.result == "failed"
    assert any(words in message for message in ran.errors)


def test_a_failure_keeps_what_was_done_and_skips_what_depends_on_it(stack):
    program = 'a = Thing("a")\nb = Thing("b", source=a.serial, fault="{}")\nThing("c", source=b.serial)'

    failed = stack.up(program.format("no create"))
    mended = stack.up(program.format(""))

    assert failed.ops == ["create a"]
    assert failed.snapshot.pending == ()
    assert sorted(mended.ops) == ["create b", "create c", "same a"]


def test_continue_on_error_goes_on_with_what_does_not_depend_on_the_failure(stack):
    ran = stack.up('a = Thing("a", fault="no create")\nThing("b", source=a.serial)\nThing("c")', continue_on_error=True)

    assert ran.ops == ["create c"]
    assert ran.summary.result == "failed"


@pytest.mark.parametrize("options", [{"refresh": True}, {"refresh": True, "runs_program": True}])
def test_what_is_gone_and_cannot_be_made_again_takes_nothing_with_it(stack, options):
    program = """
        a = Thing("a", fault="{}")
        b = Thing("b", source=a.serial)
        b.serial.apply(lambda _: Thing("c", opts=Options(depends_on=[b])))
    """
    first = stack.up(program.format(""))
    for name in ("a", "b"):
        del stack.service.objects[first.recorded(name).id]

    failed = stack.up(program.format("no create"), continue_on_error=True, **options)
    mended = stack.up(program.format(""), **options)

    assert failed.ops == []
    assert sorted(mended.ops) == ["create a", "create b", "same c"]


def test_a_program_that_raises_deletes_nothing(stack):
    stack.up('Thing("a")\nThing("b")')

    ran = stack.up('Thing("a")\nraise ValueError("no")')

    assert ran.ops == ["same a"]
    assert len(stack.service.objects) == 2
    assert len([item for item in ran.snapshot.resources if item.type == "test:index:Thing"]) == 2


def test_a_half_made_object_is_kept_and_finished_by_the_next_run(stack):
    failed = stack.up('Thing("a", fault="half made")')
    mended = stack.up('Thing("a", fault="")')

    assert failed.recorded("a").init_errors == ("half made",)
    assert mended.ops == ["update a"]
    assert mended.recorded("a").init_errors == ()


def test_what_the_program_prints_is_told(stack):
    ran = stack.up('print("hello from the program")\npulumi.warn("careful")')

    assert "hello from the program" in ran.messages
    assert "careful" in ran.messages


def test_outputs_that_hang_on_a_failure_stay_as_they_were(stack):
    program = 'a = Thing("a", size={})\nb = Thing("b", source=a.echo, fault="{}")\n'
    program += 'pulumi.export("a", a.echo)\npulumi.export("b", b.serial)'
    stack.up(program.format(1, ""))

    failed = stack.up(program.format(2, "no update"))

    assert failed.summary.outputs == {"a": "size is 2", "b": 2}
    assert "04da6b54" not in repr(failed.snapshot)
    assert "[unknown]" not in repr(failed.snapshot)
