"""Resource hooks and error hooks: when they are called, what they are told, what their failures do."""

from __future__ import annotations

import pytest

HOOKS = """
from pulumi import ErrorHook, ResourceHook, ResourceHookBinding as Hooks, ResourceHookOptions

def note(moment):
    def call(args):
        with open("notes.txt", "a") as file:
            sides = ("new_inputs", "old_inputs", "new_outputs", "old_outputs")
            told = [name for name in sides if getattr(args, name, None)]
            print(moment, args.name, args.id or "-", *told, file=file)
    return call

def fail(args):
    raise ValueError("the hook says no")
"""
EVERY = """
every = Hooks(
    before_create=[note("before-create")], after_create=[note("after-create")],
    before_update=[note("before-update")], after_update=[note("after-update")],
    before_delete=[ResourceHook("going", note("before-delete"))],
    after_delete=[ResourceHook("gone", note("after-delete"))],
)
"""


def program(text: str) -> str:
    return HOOKS + text


@pytest.fixture
def notes(stack):
    def read() -> list[str]:
        file = stack.folder / "notes.txt"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    return read


def test_hooks_are_called_around_a_create_with_new_values(stack, notes):
    ran = stack.up(program(EVERY + 'Thing("a", size=1, opts=Options(hooks=every))'))

    assert ran.errors == []
    assert notes() == ["before-create a - new_inputs", "after-create a id-1 new_inputs new_outputs"]


def test_hooks_are_called_around_an_update_with_old_and_new_values(stack, notes):
    stack.up(program(EVERY + 'Thing("a", size=1, opts=Options(hooks=every))'))
    notes()

    stack.up(program(EVERY + 'Thing("a", size=2, opts=Options(hooks=every))'))

    assert notes() == [
        "before-update a id-1 new_inputs old_inputs old_outputs",
        "after-update a id-1 new_inputs old_inputs new_outputs old_outputs",
    ]


def test_hooks_are_called_around_a_delete_while_the_program_still_runs(stack, notes):
    stack.up(program(EVERY + 'Thing("a", size=1, opts=Options(hooks=every))'))
    notes()

    ran = stack.up(program(EVERY))

    assert ran.errors == []
    assert ran.ops == ["delete a"]
    assert notes() == ["before-delete a id-1 old_inputs old_outputs", "after-delete a id-1 old_inputs old_outputs"]


def test_a_replacement_calls_the_hooks_of_its_create_and_of_its_delete(stack, notes):
    stack.up(program(EVERY + 'Thing("a", zone="x", opts=Options(hooks=every))'))
    notes()

    stack.up(program(EVERY + 'Thing("a", zone="y", opts=Options(hooks=every))'))

    assert [line.split()[0] for line in notes()] == ["before-create", "after-create", "before-delete", "after-delete"]


def test_what_stays_the_same_calls_no_hook(stack, notes):
    text = program(EVERY + 'Thing("a", size=1, opts=Options(hooks=every))')
    first = stack.up(text)
    notes()

    second = stack.up(text)

    assert notes() == []
    assert second.snapshot == first.snapshot


def test_state_keeps_the_names_of_hooks(stack):
    ran = stack.up(program(EVERY + 'Thing("a", opts=Options(hooks=every))'))

    hooks = ran.recorded("a").resource_hooks
    assert hooks["BeforeDelete"] == ("going",)
    assert hooks["BeforeCreate"] == ("test:index:Thing_a_before_create_0",)


def test_changed_hooks_are_recorded_without_a_call(stack):
    stack.up(program('Thing("a")'))
    calls = len(stack.service.calls)

    ran = stack.up(program(EVERY + 'Thing("a", opts=Options(hooks=every))'))

    assert ran.ops == ["same a"]
    assert ran.recorded("a").resource_hooks["AfterDelete"] == ("gone",)
    assert len(stack.service.calls) == calls


def test_a_failing_hook_before_a_create_keeps_the_provider_from_being_called(stack):
    ran = stack.up(program('Thing("a", size=1, opts=Options(hooks=Hooks(before_create=[fail])))'))

    assert stack.service.calls == []
    assert any("the hook says no" in message for message in ran.errors)
    assert ran.summary.result == "failed"
    assert not any(item.urn.endswith("::a") for item in ran.snapshot.resources)


def test_a_failing_hook_before_an_update_keeps_the_old_state(stack):
    stack.up(program('Thing("a", size=1)'))

    ran = stack.up(program('Thing("a", size=2, opts=Options(hooks=Hooks(before_update=[fail])))'))

    assert ran.recorded("a").inputs["size"] == 1
    assert ran.summary.result == "failed"
    assert [verb for verb, _ in stack.service.calls] == ["create"]


def test_a_failing_hook_before_a_delete_keeps_the_object(stack):
    text = program('going = ResourceHook("going", fail)\n')
    stack.up(text + 'Thing("a", opts=Options(hooks=Hooks(before_delete=[going])))')

    ran = stack.up(text)

    assert ran.recorded("a").id == "id-1"
    assert "id-1" in stack.service.objects
    assert any("before-delete hook 'going'" in message for message in ran.errors)


def test_a_failing_hook_after_a_create_keeps_the_state_and_stops_the_run(stack):
    ran = stack.up(
        program('a = Thing("a", size=1, opts=Options(hooks=Hooks(after_create=[fail])))\nThing("b", source=a.echo)\n')
    )

    assert ran.recorded("a").id == "id-1"
    assert stack.service.calls == [("create", "a")]
    assert ran.summary.result == "failed"


def test_a_failing_hook_after_a_create_lets_others_go_on_with_continue_on_error(stack):
    text = program(
        'a = Thing("a", size=1, opts=Options(hooks=Hooks(after_create=[fail])))\nThing("b", source=a.echo)\n'
    )

    ran = stack.up(text, continue_on_error=True)

    assert stack.service.calls == [("create", "a"), ("create", "b")]
    assert ran.summary.result == "failed"


def test_an_error_of_a_hook_that_ignores_errors_is_a_warning(stack):
    ran = stack.up(
        program(
            'soft = ResourceHook("soft", fail, ResourceHookOptions(ignore_errors=True))\n'
            'Thing("a", opts=Options(hooks=Hooks(before_create=[soft], after_create=[soft])))'
        )
    )

    assert ran.errors == []
    assert sum("the hook says no" in message for message in ran.messages) == 2
    assert ran.recorded("a").id == "id-1"


def test_previews_call_only_hooks_that_ask_for_it(stack, notes):
    stack.preview(
        program(
            'dry = ResourceHook("dry", note("dry"), ResourceHookOptions(on_dry_run=True))\n'
            'Thing("a", size=1, opts=Options(hooks=Hooks(before_create=[dry, note("wet")])))'
        )
    )

    assert notes() == ["dry a - new_inputs"]


def test_hooks_of_a_component_are_called_when_its_outputs_are_told(stack, notes):
    ran = stack.up(
        program(
            EVERY + "class Pair(pulumi.ComponentResource):\n"
            "    def __init__(self, name, opts=None):\n"
            '        super().__init__("test:index:Pair", name, None, opts)\n'
            '        a = Thing("a", size=1, opts=Options(parent=self, hooks=Hooks(after_create=[note("child")])))\n'
            '        self.register_outputs({"echo": a.echo})\n'
            'Pair("p", Options(hooks=Hooks(before_create=every.before_create, after_create=every.after_create)))\n'
        )
    )

    assert ran.errors == []
    assert [line.split()[0] for line in notes()] == ["before-create", "child", "after-create"]


def test_the_hook_after_a_component_is_told_its_outputs(stack, notes):
    stack.up(
        program(
            'g = Group("g", Options(hooks=Hooks(after_create=[note("after")])))\ng.register_outputs({"answer": 42})\n'
        )
    )

    assert notes() == ["after g - new_outputs"]


def test_a_delete_whose_hook_the_program_does_not_register_is_refused_by_name(stack):
    stack.up(program(EVERY + 'Thing("a", opts=Options(hooks=every))'))

    ran = stack.up("")

    assert any("'going' was not registered" in message for message in ran.errors)
    assert ran.recorded("a").id == "id-1"


def test_a_destroy_without_the_program_is_refused_where_there_are_delete_hooks(stack):
    stack.up(program(EVERY + 'Thing("a", opts=Options(hooks=every))'))

    ran = stack.destroy()

    assert any("'going' was not registered" in message for message in ran.errors)
    assert "id-1" in stack.service.objects


def test_two_hooks_of_one_name_are_refused(stack):
    ran = stack.up(
        program(
            'one = ResourceHook("h", note("x"))\ntwo = ResourceHook("h", note("y"))\n'
            'Thing("a", opts=Options(hooks=Hooks(before_create=[one, two])))'
        )
    )

    assert any("'h' was registered already" in message for message in ran.errors)


def test_an_asynchronous_hook_may_invoke(stack, notes):
    ran = stack.up(
        program(
            "async def ask(args):\n"
            '    found = await pulumi.runtime.invoke_async("test:index:find", {"size": 7})\n'
            '    with open("notes.txt", "a") as file:\n'
            '        print(int(found["size"]), file=file)\n'
            'Thing("a", opts=Options(hooks=Hooks(before_create=[ask])))'
        ),
        parallel=1,
    )

    assert ran.errors == []
    assert notes() == ["7"]


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("create", None, 'Thing("a", fault="no create", opts=on_error)'),
        ("update", 'Thing("a", opts=on_error)', 'Thing("a", fault="no update", size=2, opts=on_error)'),
        ("delete", 'Thing("a", fault="cannot delete", opts=on_error)', ""),
    ],
)
def test_an_error_hook_has_a_failed_operation_tried_again(stack, notes, verb, before, after):
    hook = (
        "def again(args):\n"
        '    with open("notes.txt", "a") as file:\n'
        "        print(args.failed_operation, args.name, len(args.errors), file=file)\n"
        "    return len(args.errors) < 3\n"
        'on_error = Options(hooks=Hooks(on_error=[ErrorHook("again", again)]))\n'
    )
    if before is not None:
        stack.up(program(hook + before))

    ran = stack.up(program(hook + after))

    assert notes() == [f"{verb} a 1", f"{verb} a 2", f"{verb} a 3"]
    assert stack.service.calls.count((verb, "a")) == 3
    assert len(ran.errors) == 1


def test_all_error_hooks_run_and_one_that_wants_a_retry_is_enough(stack, notes):
    stack.up(
        program(
            "def first(args):\n"
            '    note("first")(args)\n'
            "    return len(args.errors) < 2\n"
            "def second(args):\n"
            '    note("second")(args)\n'
            "    return False\n"
            'both = [ErrorHook("first", first), ErrorHook("second", second)]\n'
            'Thing("a", fault="no create", opts=Options(hooks=Hooks(on_error=both)))'
        )
    )

    assert [line.split()[0] for line in notes()] == ["first", "second", "first", "second"]
    assert stack.service.calls == [("create", "a"), ("create", "a")]


def test_retries_end_after_a_hundred_with_a_warning(stack):
    ran = stack.up(
        program(
            'Thing("a", fault="no create", opts=Options(hooks=Hooks(on_error=[ErrorHook("h", lambda args: True)])))'
        )
    )

    assert stack.service.calls.count(("create", "a")) == 101
    assert any("tried again 100 times" in message for message in ran.messages)
    assert ran.summary.result == "failed"


def test_a_half_made_object_is_not_made_again(stack):
    ran = stack.up(
        program(
            'Thing("a", fault="half made", opts=Options(hooks=Hooks(on_error=[ErrorHook("h", lambda args: True)])))'
        )
    )

    assert stack.service.calls == [("create", "a")]
    assert ran.recorded("a").init_errors == ("half made",)


def test_an_error_hook_that_raises_is_told_and_tries_nothing(stack):
    ran = stack.up(program('Thing("a", fault="no create", opts=Options(hooks=Hooks(on_error=[ErrorHook("h", fail)])))'))

    assert stack.service.calls == [("create", "a")]
    assert any("error hook 'h' failed: the hook says no" in message for message in ran.messages)


def test_a_program_that_raises_deletes_nothing_and_ends(stack):
    stack.up('Thing("a")\nThing("b")')

    ran = stack.up('Thing("a")\nraise ValueError("no")')

    assert ran.summary.result == "failed"
    assert "id-2" in stack.service.objects


def test_a_second_signal_of_the_end_is_an_error(stack, notes):
    ran = stack.up(
        program(
            "from google.protobuf import empty_pb2\n"
            "from pathlib import Path\n"
            "monitor = pulumi.runtime.settings.get_monitor()\n"
            "def twice(args):\n"
            "    try:\n"
            "        monitor.SignalAndWaitForShutdown(empty_pb2.Empty())\n"
            "    except Exception as error:\n"
            '        Path("notes.txt").write_text(str(error))\n'
            'going = ResourceHook("going", twice)\n'
            'if not Path("second").exists():\n'
            '    Thing("a", opts=Options(hooks=Hooks(before_delete=[going])))\n'
            'Path("second").touch()\n'
        )
    )
    again = stack.up((stack.folder / "__main__.py").read_text())

    assert ran.errors == again.errors == []
    assert "signalled its end twice" in notes()[0]


def test_a_stop_during_deletes_lets_the_running_one_and_its_hook_finish(stack, notes):
    class Calls(list):
        def append(self, call):
            super().append(call)
            if call[0] == "delete":
                stack.stop.set()

    stack.up(program(EVERY + 'a = Thing("a")\nThing("b", source=a.echo, opts=Options(hooks=every))'))
    notes()
    stack.service.calls = Calls()

    ran = stack.up(program(EVERY))

    assert ran.summary.result == "canceled"
    assert ran.errors == []
    assert ran.ops == ["delete b"]
    assert [line.split()[0] for line in notes()] == ["before-delete", "after-delete"]
    assert ran.recorded("a").id == "id-1"


def test_a_retained_object_calls_no_delete_hooks(stack, notes):
    stack.up(program(EVERY + 'Thing("a", opts=Options(hooks=every, retain_on_delete=True))'))
    notes()

    stack.up(program(EVERY))

    assert notes() == []
    assert "id-1" in stack.service.objects


def test_a_delete_first_replacement_calls_delete_hooks_before_create_hooks(stack, notes):
    stack.up(program(EVERY + 'Unique("a", name="x", opts=Options(hooks=every))'))
    notes()

    stack.up(program(EVERY + 'Unique("a", name="x", zone="z", opts=Options(hooks=every))'))

    assert [line.split()[0] for line in notes()] == ["before-delete", "after-delete", "before-create", "after-create"]
