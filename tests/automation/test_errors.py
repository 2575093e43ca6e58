"""What goes wrong: the SDK's error classes, two runs of one stack, and a run that is cancelled."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from pulumi import automation
from pulumi.automation import CommandError, errors

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_a_stack_has_one_run_at_a_time_and_one_that_is_cancelled_writes_nothing_over_the_next(place):
    stack = place.stack("busy", a={"size": 1}, wait={}, b={"size": 1})
    waiting, go = place.project / "waiting", place.project / "go"

    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(stack.up)
        while not waiting.exists() and not run.done():
            wait([run], timeout=0.05)
        with pytest.raises(errors.ConcurrentUpdateError):
            automation.select_stack("busy", work_dir=str(place.project), opts=place.options("busy")).destroy()
        in_progress = {one.name: one.update_in_progress for one in stack.workspace.list_stacks()}
        stack.cancel()
        place.declare("busy", a={"size": 1}, b={"size": 2})
        next_one = stack.up()
        go.touch()
        cancelled = run.exception(timeout=60)

    assert in_progress["busy"]
    assert isinstance(cancelled, CommandError)
    assert next_one.summary.result == "succeeded"
    # What the cancelled run had made was found, and nothing was made twice.
    assert sorted(item["size"] for item in place.objects("busy").values()) == [1, 2]
    assert stack.info().version == 1
    stack.cancel()


def test_a_program_that_raises_is_an_error_of_the_class_that_fits_where_it_runs(place):
    local = place.stack("raising", **{"raise": "a local mistake"})

    def program() -> None:
        raise KeyError("an inline mistake")

    inline = automation.create_stack("raising", project_name="inline", program=program, opts=place.options("inline"))
    heard = []

    with pytest.raises(CommandError, match="ValueError: a local mistake"):
        local.preview()
    with pytest.raises(errors.InlineSourceRuntimeError, match="an inline mistake"):
        inline.up(on_event=heard.append)
    messages = [event.diagnostic_event.message for event in heard if event.diagnostic_event]
    assert any("python inline source runtime error" in message for message in messages)


def test_a_backend_that_cannot_be_used_is_a_plain_command_error(place):
    elsewhere = place.environment() | {"PULUMI_BACKEND_URL": "https://api.example.com"}

    with pytest.raises(CommandError, match="Pulumi Cloud is not in this version") as raised:
        place.command.run(["whoami"], str(place.project), elsewhere)
    with pytest.raises(CommandError, match="passphrase"):
        place.command.run(
            ["stack", "init", "locked"],
            str(place.project),
            {name: value for name, value in place.environment().items() if name != "PULUMI_CONFIG_PASSPHRASE"},
        )

    assert type(raised.value) is CommandError
