"""`pulumi preview`, `up`, `refresh`, `destroy` with a real program, engine and backend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from reconciler.cli import main

CANARY = "c4n4ry-0f-the-mine"


@pytest.mark.slow
def test_up_previews_then_updates_and_a_second_one_says_that_nothing_changes(stack):
    stack.ok("config", "set", "size", "L")
    first = stack.ok("up", "--yes", "--message", "begin").out

    assert first.index("Previewing update (dev):") < first.index("+ 2 to create") < first.index("Updating (dev):")
    assert " +  shop:index:Lake raw created (" in first
    assert '  + size: "L"' in first
    assert "Permalink: file://" in first
    assert stack.ok("stack", "history", "-j").data[0]["message"] == "begin"
    assert stack.ok("stack", "ls", "-j").data[0]["resourceCount"] == 2

    second = stack.ok("up", "--yes", "--skip-preview").out
    assert "Previewing" not in second
    assert "    2 unchanged\n" in second
    assert "No changes: every resource is as the program declares it, nothing changed." in second


def test_a_preview_changes_nothing(stack):
    before = stack.stored()

    shown = stack.ok("preview").out

    assert "    + 2 to create\n" in shown
    assert stack.stored() == before


def test_a_preview_in_json_is_one_document_on_stdout(stack):
    data = stack.ok("preview", "--json").data

    assert [step["op"] for step in data["steps"]] == ["create", "create"]
    assert data["changeSummary"] == {"create": 2}


def test_an_update_in_json_is_a_line_per_event(stack):
    lines = [json.loads(line) for line in stack.ok("up", "--yes", "--json").out.splitlines()]

    assert [line["sequence"] for line in lines] == list(range(len(lines)))
    assert [line["summaryEvent"]["isPreview"] for line in lines if "summaryEvent" in line] == [True, False]
    assert [index for index, line in enumerate(lines) if "cancelEvent" in line] == [len(lines) - 1]


def test_what_the_program_starts_prints_into_no_document(stack):
    stack.write("__main__.py", 'import subprocess\nsubprocess.run(["echo", "hello"])\n')

    ran = subprocess.run(
        [sys.executable, "-m", "reconciler.cli.main", "preview", "--json"],
        cwd=stack.project,
        env=stack.process_environment(),
        capture_output=True,
        check=True,
    )

    assert json.loads(ran.stdout)["diagnostics"] == [{"message": "hello", "severity": "info"}]


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_stops_no_run(stack, closed):
    line = f'exec "$0" -m reconciler.cli.main up --yes --skip-preview {closed}'

    command = ["sh", "-c", line, sys.executable]
    ran = subprocess.run(command, cwd=stack.project, env=stack.process_environment(), check=False)

    assert ran.returncode == 0
    assert len(stack.ok("stack", "export").data["deployment"]["resources"]) > 1


def test_an_event_log_may_be_a_file(stack):
    stack.ok("up", "--yes", "--skip-preview", "--event-log", "events.json")

    lines = [json.loads(line) for line in (stack.project / "events.json").read_text().splitlines()]
    assert "summaryEvent" in lines[-2]
    assert "cancelEvent" in lines[-1]


@pytest.mark.parametrize("verb", ["up", "update", "refresh", "destroy", "down", "dn"])
def test_off_a_terminal_a_changing_verb_must_be_told_to_go_ahead(stack, verb):
    before = stack.stored()

    done = stack(verb)

    assert done.code == 2
    assert "--yes or --skip-preview or --preview-only must be passed in" in done.err
    assert stack.stored() == before


def test_the_environment_may_say_yes_to_every_question(stack):
    stack.ok("up", PULUMI_SKIP_CONFIRMATIONS="true")


def test_preview_only_stops_after_the_preview(stack):
    stack.ok("up", "--yes", "--skip-preview")

    shown = stack.ok("destroy", "--preview-only").out

    assert "    - 2 to delete\n" in shown
    assert "Destroying" not in shown


@pytest.mark.slow
def test_expect_no_changes_fails_when_there_are_some(stack):
    assert stack("preview", "--expect-no-changes").code == 7
    assert "2 are planned" in stack("preview", "--expect-no-changes").err
    stack.ok("up", "--yes", "--skip-preview")

    stack.ok("up", "--yes", "--expect-no-changes")
    stack.ok("refresh", "--yes", "--expect-no-changes")


@pytest.mark.slow
def test_refresh_with_nothing_to_read_says_so(stack):
    stack.ok("up", "--yes", "--skip-preview")

    assert "No changes: the state already says what is live." in stack.ok("refresh", "--yes").out


def test_config_on_the_line_is_for_this_run_and_later_ones(stack):
    assert '  + size: "XL"' in stack.ok("preview", "-c", "size=XL", "--config", "lake=a=b").out

    assert stack.ok("config", "get", "size").out == "XL\n"
    assert stack.ok("config", "get", "lake").out == "a=b\n"


@pytest.mark.slow
def test_destroy_deletes_everything_and_can_take_the_stack_along(stack):
    stack.ok("up", "--yes", "--skip-preview")

    shown = stack.ok("destroy", "--yes", "--remove").out

    assert "    - 2 deleted\n" in shown
    assert "the stack itself has been removed" in shown
    assert stack.ok("stack", "ls", "-j").data == []


def test_a_destroy_of_some_resources_does_not_say_that_all_are_gone(stack):
    stack.ok("up", "--yes", "--skip-preview")

    shown = stack.ok("destroy", "--yes", "--skip-preview", "--target", "**::raw").out

    assert "    - 1 deleted\n" in shown
    assert "have been deleted" not in shown
    assert '    size: "' in shown


@pytest.mark.slow
def test_a_program_that_raises_is_told_and_the_state_stays(stack):
    stack.ok("up", "--yes", "--skip-preview")
    before = stack.ok("stack", "export").data["deployment"]["resources"]
    stack.write("__main__.py", "import pulumi\nraise ValueError('out of cheese')\n")

    done = stack("up", "--yes", "--skip-preview")

    assert done.code == 1
    assert "ValueError: out of cheese" in done.out
    assert 'File "__main__.py", line 2' in done.out
    assert "error: update failed" in done.out
    # What the Automation API looks for.
    assert "failed with an unhandled exception" in done.out
    assert stack.ok("stack", "export").data["deployment"]["resources"] == before
    assert stack.ok("stack", "history", "-j").data[0]["result"] == "failed"


def test_a_preview_that_fails_is_not_followed_by_an_update(stack):
    stack.write("__main__.py", "raise SystemExit(3)\n")

    done = stack("up", "--yes")

    assert done.code == 1
    assert "Updating" not in done.out


@pytest.mark.parametrize(("spoil", "code", "told"), [
    pytest.param(lambda cli: cli.write("Pulumi.yaml", "name: ["), 2, "line 1, column", id="broken-yaml"),
    pytest.param(lambda cli: cli.write("Pulumi.yaml", "name: shop\n"), 2, "runtime", id="no-runtime"),
    pytest.param(lambda cli: cli.write("Pulumi.yaml", "name: shop\nruntime: go\n"), 2, "'go'", id="other-runtime"),
    pytest.param(lambda cli: cli.write("Pulumi.dev.yaml", "config: [\n"), 2, "Pulumi.dev.yaml", id="broken-config"),
    pytest.param(lambda cli: next(cli.state.rglob("dev.json")).write_text("{"), 1, "not JSON", id="broken-state"),
    pytest.param(lambda cli: (cli.project / "Pulumi.yaml").unlink(), 2, "no Pulumi.yaml", id="no-project"),
])  # fmt: skip
def test_what_is_wrong_before_a_run_is_one_clear_error_and_touches_nothing(stack, spoil, code, told):
    stack.ok("up", "--yes", "--skip-preview")
    spoil(stack)
    before = stack.stored()

    done = stack("up", "--yes")

    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error: ")
    assert told in done.err
    assert "Traceback" not in done.err
    assert stack.stored() == before


@pytest.mark.slow
def test_a_wrong_passphrase_is_one_clear_error_and_touches_nothing(stack):
    stack.ok("up", "--yes", "--skip-preview")
    before = stack.stored()

    done = stack("up", "--yes", PULUMI_CONFIG_PASSPHRASE="wrong")

    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error: incorrect passphrase\n")
    assert stack.stored() == before


def test_a_missing_passphrase_names_both_variables(stack):
    done = stack("up", "--yes", PULUMI_CONFIG_PASSPHRASE="")

    assert done.code == 3
    assert "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE" in done.err


def test_a_config_value_that_is_required_is_named(stack):
    stack.write("Pulumi.yaml", "name: shop\nruntime: python\nconfig:\n  zone:\n    type: string\n")

    done = stack("preview")

    assert done.code == 2
    assert "Stack 'dev' is missing configuration value 'zone'" in done.err


LEAKY = """\
import pulumi

token = pulumi.Config().require("token")
print("token is", token)
pulumi.log.warn("careful with " + token)
pulumi.export("token", pulumi.Output.secret({"inner": [token]}))
if pulumi.Config().get_bool("fails"):
    raise ValueError("cannot use " + token)
"""


@pytest.mark.slow
@pytest.mark.parametrize("fails", ["true", "false"])
def test_a_secret_is_in_nothing_that_is_printed_or_stored(stack, fails):
    stack.write("__main__.py", LEAKY)
    stack.ok("config", "set", "--secret", "token", CANARY)
    stack.ok("config", "set", "fails", fails)

    runs = [
        stack("preview", "--diff"),
        stack("preview", "--json"),
        stack("up", "--yes", "--event-log", "events.json", "--debug"),
        stack("up", "--yes", "--json"),
        stack("stack"),
        stack("stack", "export"),
        stack("refresh", "--yes", "--diff"),
        stack("destroy", "--yes", "--diff"),
    ]

    assert "token is [secret]" in runs[0].out
    for done in runs:
        assert CANARY not in done.out + done.err
    assert CANARY not in (stack.project / "events.json").read_text()
    assert all(CANARY.encode() not in content for content in stack.stored().values())


@pytest.fixture
def workspace(stack, tmp_path):
    """The public Automation API on this CLI: `pulumi` on a search path of its own."""
    from pulumi import automation

    folder = tmp_path / "cli" / "bin"
    folder.mkdir(parents=True)
    script = folder / "pulumi"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m {main.__name__} "$@"\n')
    script.chmod(0o755)
    environment = stack.process_environment()
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    return automation.LocalWorkspace(
        work_dir=str(stack.project),
        env_vars=environment,
        pulumi_command=automation.PulumiCommand(root=str(folder.parent)),
    )


@pytest.mark.slow
def test_the_public_automation_api_drives_it(workspace):
    from pulumi import automation

    stack = automation.Stack.create("auto", workspace)
    token = automation.ConfigValue(CANARY, secret=True)
    stack.set_all_config({"size": automation.ConfigValue("XL"), "token": token})
    found = stack.get_all_config()
    assert (found["shop:size"].value, found["shop:token"].value, found["shop:token"].secret) == ("XL", CANARY, True)

    assert stack.preview().change_summary == {"create": 2}
    heard = []
    result = stack.up(on_event=heard.append)
    assert result.summary.result == "succeeded"
    assert result.summary.resource_changes == {"create": 2}
    assert result.summary.start_time.date() == datetime.now(UTC).date()
    assert result.outputs["token"].secret
    assert result.outputs["token"].value == CANARY
    assert any(event.summary_event for event in heard)

    assert {one.name for one in workspace.list_stacks()} == {"auto", "dev"}
    with pytest.raises(automation.errors.StackAlreadyExistsError):
        workspace.create_stack("auto")
    with pytest.raises(automation.errors.StackNotFoundError):
        workspace.select_stack("nope")
    assert stack.destroy().summary.resource_changes == {"delete": 2}
    workspace.remove_stack("auto")


def _git(folder, *arguments):
    identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.slow
def test_history_tells_the_commit_and_takes_its_title_for_a_message(stack):
    for arguments in (["init", "-b", "main"], ["add", "."], ["commit", "-m", "Larger warehouse\n\nbecause"]):
        _git(stack.project, *arguments)

    stack.ok("up", "--yes", "--skip-preview", "--exec-agent", "robot")

    (record,) = stack.ok("stack", "history", "-j").data
    assert record["message"] == "Larger warehouse"
    told = record["environment"]
    assert (told["git.author"], told["git.headName"], told["exec.kind"]) == ("Ann", "refs/heads/main", "cli")
    assert (told["exec.agent"], len(told["git.head"])) == ("robot", 40)


def test_a_preview_in_json_may_stream(stack):
    out = stack.ok("preview", "--json", PULUMI_ENABLE_STREAMING_JSON_PREVIEW="1").out

    assert all(json.loads(line) for line in out.splitlines())


def test_about_describes_what_runs_where(stack):
    shown = stack.ok("about").out

    assert "version     v3.272.0" in shown
    assert f"url   file://{stack.state}" in shown
    assert "Stack\nname  dev\n" in shown


@pytest.mark.slow
def test_a_project_may_ask_for_a_refresh_each_time(stack):
    stack.write("Pulumi.yaml", "name: shop\nruntime: python\noptions:\n  refresh: always\n")

    stack.ok("up", "--yes")
    stack.ok("up", "--yes", "--parallel", "0", "--expect-no-changes")


@pytest.mark.slow
def test_what_libraries_log_is_not_printed_and_the_programs_own_log_is(stack):
    lines = [
        "import logging, stamina",
        "for attempt in stamina.retry_context(on=ValueError, attempts=2, wait_initial=0, wait_jitter=0):",
        "    with attempt:",
        "        if attempt.num == 1:",
        "            raise ValueError('library')",
        "logging.getLogger('snowflake.connector').error('library')",
        "logging.getLogger('mine').warning('of the program')",
    ]
    stack.write("__main__.py", "\n".join(lines) + "\n")

    # A process of its own: in this one pytest listens to every logger.
    with stack.subprocess("preview", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        printed, _ = process.communicate(timeout=60)

    assert process.returncode == 0, printed
    assert "stamina" not in printed
    assert "library" not in printed
    assert "of the program" in printed
