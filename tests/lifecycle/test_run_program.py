"""Refresh and destroy with the program: providers of today, hooks at hand, nothing made."""

from __future__ import annotations

import pytest

from reconciler.deploy.options import Kind

PROGRAM = 'p = TestProvider("p", {settings})\nThing("a", size=1, opts=Options(provider=p))\n'


def test_a_refresh_uses_the_settings_of_today(stack):
    stack.up(PROGRAM.format(settings="account='x'"))
    stack.service.refuses = "x"

    without = stack.refresh()
    ran = stack.run("refresh", PROGRAM.format(settings="account='y'"), runs_program=True)

    assert any("these settings are refused" in message for message in without.errors)
    assert ran.errors == []
    assert ran.summary.changes == {"same": 1}


def test_a_destroy_uses_the_settings_of_today(stack):
    stack.up(PROGRAM.format(settings="account='x'"))
    stack.service.refuses = "x"

    ran = stack.run("destroy", PROGRAM.format(settings="account='y'"), runs_program=True)

    assert ran.errors == []
    assert stack.service.objects == {}
    assert ran.snapshot.resources == ()


@pytest.mark.parametrize("kind", ["refresh", "destroy"])
def test_nothing_that_the_program_asks_for_is_made_or_changed(stack, kind):
    stack.up('Thing("a", size=1)')

    ran = stack.run(kind, 'Thing("a", size=2)\nThing("new")', runs_program=True)

    assert ran.errors == []
    assert {verb for verb, _ in stack.service.calls[1:]} <= {"read", "delete"}


def test_a_program_that_raises_leaves_everything_as_it_is(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.run("destroy", 'raise ValueError("no")', runs_program=True)

    assert ran.summary.result == "failed"
    assert len(stack.service.objects) == 1


def test_a_destroy_calls_the_hooks_that_the_program_has(stack):
    program = """
        def gone(args):
            print("gone: " + args.name)
        hook = pulumi.ResourceHook("gone", gone)
        Thing("a", opts=Options(hooks=pulumi.ResourceHookBinding(after_delete=[hook])))
    """
    stack.up(program)

    without = stack.destroy()
    ran = stack.run("destroy", program, runs_program=True)

    assert any("pass --run-program" in message for message in without.errors)
    assert ran.errors == []
    assert "gone: a" in ran.messages


def test_a_destroy_gives_up_what_its_program_reads_by_an_id_that_it_does_not_know(stack):
    stack.service.make("", {"size": 1})
    read = 'pulumi.CustomResource("test:index:Thing", "r", {{"echo": None}}, Options(id={}))'
    stack.up(read.format("'id-1'"))
    new = 'a = Thing("a")\n' + read.format('a.serial.apply(lambda _: "id-1")')

    ran = stack.run(Kind.DESTROY, new, runs_program=True)

    assert ran.errors == []
    assert ran.ops == ["discard r"]
    assert ran.left == []


def test_a_preview_that_reads_by_the_old_provider_decides_by_the_new_one(stack):
    stack.up(PROGRAM.format(settings="account='x'"))
    moved = PROGRAM.format(settings="account='y'")

    foreseen = stack.preview(moved, refresh=True, runs_program=True)
    ran = stack.up(moved, refresh=True, runs_program=True)

    assert "create-replacement a" in foreseen.ops
    assert sorted(foreseen.ops) == sorted(ran.ops)
