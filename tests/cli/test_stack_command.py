"""`pulumi login`, `stack` and `cancel`, over a real file backend."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import datetime

import pytest

CANARY = "c4n4ry-0f-the-mine"


def test_login_remembers_where_stacks_are_kept(cli):
    assert "no backend was chosen" in cli("whoami", PULUMI_BACKEND_URL="").err

    cli.ok("login", f"file://{cli.state}", PULUMI_BACKEND_URL="")

    assert cli.ok("whoami", "--json", PULUMI_BACKEND_URL="").data["url"] == f"file://{cli.state}"
    assert f"Backend URL: file://{cli.state}\n" in cli.ok("whoami", "-v", PULUMI_BACKEND_URL="").out


def test_login_local_keeps_stacks_at_home_and_logout_forgets_it(cli):
    cli.ok("login", "--local", PULUMI_BACKEND_URL="")
    assert cli.ok("whoami", "-j", PULUMI_BACKEND_URL="").data["url"] == "file://~"

    cli.ok("logout", PULUMI_BACKEND_URL="")

    assert cli("whoami", PULUMI_BACKEND_URL="").code == 1


@pytest.mark.parametrize("url", ["s3://bucket", "https://api.pulumi.com", "file:///nowhere/at/all"])
def test_login_to_what_cannot_be_used_changes_nothing(cli, url):
    done = cli("login", url)

    assert done.code == 1
    assert "hint: " in done.err
    assert not (cli.home / ".pulumi" / "credentials.json").exists()


@pytest.mark.slow
def test_a_new_stack_is_empty_current_and_has_its_salt_in_its_file(cli):
    (cli.project / "Pulumi.dev.yaml").unlink()

    assert cli.ok("stack", "init", "dev").out == "Created stack 'dev'\n"

    assert (cli.project / "Pulumi.dev.yaml").read_text().startswith("encryptionsalt: v1:")
    assert cli.ok("stack", "ls").out == "NAME  LAST UPDATE  RESOURCE COUNT\ndev*  n/a          n/a\n"
    assert cli.ok("stack", "ls", "--json").data == [{"name": "dev", "current": True, "updateInProgress": False}]


def test_a_stack_that_exists_is_not_made_again(stack):
    before = stack.stored()

    done = stack("stack", "init", "dev")

    assert done.code == 1
    assert "stack 'dev' already exists" in done.err
    assert stack.stored() == before


def test_without_a_passphrase_no_stack_is_made(cli):
    done = cli("stack", "init", "dev", PULUMI_CONFIG_PASSPHRASE="")

    assert done.code == 3
    assert "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE" in done.err
    assert not any(name.endswith(".json") for name in cli.stored())


def test_the_passphrase_may_come_from_a_file(cli):
    file = cli.write("passphrase", "opensesame\n")

    cli.ok("stack", "init", "dev", PULUMI_CONFIG_PASSPHRASE="", PULUMI_CONFIG_PASSPHRASE_FILE=str(file))


@pytest.mark.slow
def test_select_finds_or_makes_and_says_when_there_is_none(stack):
    done = stack("stack", "select", "prod")
    assert (done.code, "no stack named 'prod' found" in done.err) == (6, True)

    stack.ok("stack", "select", "prod", "--create")
    assert stack.ok("stack", "--show-name").out == "prod\n"
    stack.ok("stack", "select", "--stack", "organization/shop/dev")

    assert stack.ok("stack", "--show-name").out == "dev\n"
    assert stack.ok("stack", "--show-name", "-Q").out == "organization/shop/dev\n"
    assert stack.ok("stack", "--show-name", PULUMI_STACK="prod").out == "prod\n"


def test_a_command_without_any_stack_says_how_to_choose_one(cli):
    done = cli("stack", "output")

    assert done.code == 6
    assert "pulumi stack select" in done.err


@pytest.mark.slow
def test_rm_refuses_while_resources_remain_then_removes_stack_and_config(stack):
    stack.ok("up", "--yes", "--skip-preview")
    done = stack("stack", "rm", "--yes")
    assert (done.code, "still has resources" in done.err) == (1, True)
    stack.ok("destroy", "--yes", "--skip-preview")

    assert stack.ok("stack", "rm", "dev", "--yes").out == "Stack 'dev' has been removed!\n"

    assert not (stack.project / "Pulumi.dev.yaml").exists()
    assert stack.ok("stack", "ls", "--json").data == []


def test_rm_needs_a_yes_off_a_terminal(stack):
    assert stack("stack", "rm").code == 2
    stack.ok("stack", "rm", "--preserve-config", PULUMI_SKIP_CONFIRMATIONS="1")
    assert (stack.project / "Pulumi.dev.yaml").exists()


@pytest.fixture
def deployed(stack):
    """A stack with two outputs, one of them secret."""
    stack.ok("config", "set", "--secret", "token", CANARY)
    stack.ok("config", "set", "size", "XL it's")
    stack.ok("up", "--yes", "--skip-preview")
    return stack


def test_outputs_are_masked_unless_asked_for(deployed):
    assert deployed.ok("stack", "output", "--json").data == {"size": "XL it's", "token": "[secret]"}
    assert deployed.ok("stack", "output", "-j", "--show-secrets").data == {"size": "XL it's", "token": CANARY}
    assert deployed.ok("stack", "output", "token").out == "[secret]\n"
    assert deployed.ok("stack", "output", "token", "--show-secrets").out == f"{CANARY}\n"
    assert deployed.ok("stack", "output", "--shell").out == "size='XL it'\"'\"'s'\ntoken='[secret]'\n"
    assert deployed.ok("stack", "output").out == (
        "Current stack outputs (2):\n    OUTPUT  VALUE\n    size    XL it's\n    token   [secret]\n"
    )


def test_masked_outputs_need_no_passphrase(deployed):
    assert deployed.ok("stack", "output", "size", PULUMI_CONFIG_PASSPHRASE="").out == "XL it's\n"


def test_an_output_that_is_not_there_is_an_error(deployed):
    done = deployed("stack", "output", "nope")

    assert (done.code, done.out) == (1, "")
    assert "does not have output property 'nope'" in done.err


def test_the_summary_draws_resources_and_outputs(deployed):
    shown = deployed.ok("stack", "--show-urns").out

    assert "    pulumi:pulumi:Stack" in shown
    assert "    └─ shop:index:Lake" in shown
    assert "URN: urn:pulumi:dev::shop::shop:index:Lake::raw" in shown
    assert CANARY not in shown


@pytest.mark.slow
def test_an_export_comes_back_as_it_was(deployed):
    exported = deployed.ok("stack", "export", "--show-secrets").out
    assert CANARY in exported
    assert CANARY not in deployed.ok("stack", "export").out
    file = deployed.write("state.json", exported)
    deployed.ok("destroy", "--yes", "--skip-preview")

    assert deployed.ok("stack", "import", "--file", str(file)).out.startswith("Import complete.\n")

    assert deployed.ok("stack", "output", "token", "--show-secrets").out == f"{CANARY}\n"
    assert all(CANARY.encode() not in content for content in deployed.stored().values())
    assert deployed.ok("stack", "history", "--json", "--page-size", "1").data[0]["kind"] == "import"


def test_an_import_may_come_from_stdin(deployed, monkeypatch):
    exported = deployed.ok("stack", "export").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(exported.encode())))

    assert deployed.ok("stack", "import").out.startswith("Import complete.\n")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        pytest.param(
            lambda text: text.replace("urn:pulumi:dev::", "urn:pulumi:prod::"), "refers to stack", id="foreign"
        ),
        pytest.param(lambda text: text.replace('"parent": "urn', '"parent": "urn:gone'), "integrity", id="broken"),
        pytest.param(lambda text: text[:-40], "not JSON", id="cut-short"),
    ],
)
def test_an_import_that_is_not_right_leaves_the_state_alone(deployed, spoil, told):
    file = deployed.write("state.json", spoil(deployed.ok("stack", "export").out))
    before = deployed.stored()

    done = deployed("stack", "import", "--file", str(file))

    assert done.code == 1
    assert told in done.err
    assert deployed.stored() == before


def test_history_has_what_the_automation_api_reads(deployed):
    (record,) = deployed.ok("stack", "history", "--json", "--show-secrets").data

    assert record["kind"] == "update"
    assert record["version"] == 1
    assert record["result"] == "succeeded"
    assert record["resourceChanges"] == {"create": 2}
    assert record["config"]["shop:token"] == {"value": CANARY, "secret": True}
    datetime.strptime(record["startTime"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert CANARY not in deployed.ok("stack", "history", "--json").out
    shown = deployed.ok("stack", "history", "--full-dates").out
    assert shown.startswith("Version: 1\nUpdateKind: update\nStatus: succeeded\nMessage: \n+2-0~0 0 Updated 20")
    assert "    exec.kind: cli\n" in shown
    assert deployed.ok("stack", "history", "--page", "2").out == "No stack updates found on page '2'\n"


def test_cancel_removes_locks(stack):
    folder = stack.state / ".pulumi" / "locks" / "organization" / "shop" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "x.json"
    lock.write_text(
        json.dumps({"pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"})
    )
    done = stack("up", "--yes", "--skip-preview")
    assert (done.code, "the stack is currently locked by 1 lock(s)" in done.err) == (1, True)
    assert "ann@elsewhere (pid 1)" in done.err

    assert "has been canceled" in stack.ok("cancel", "--yes").out

    stack.ok("up", "--yes", "--skip-preview")


def test_about_says_what_is_wrong_rather_than_failing(cli):
    found = cli.ok("about", "--json").data

    assert found["currentProject"]["name"] == "shop"
    assert "No stack is selected" in found["currentStack"]["error"]


def test_an_output_that_a_failed_run_left_open_is_shown_as_unknown(deployed):
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    state = deployed.ok("stack", "export").out.replace('"size": "XL it\'s"', f'"size": ["{unknown}"]')
    deployed.ok("stack", "import", "--file", str(deployed.write("state.json", state)))

    assert deployed.ok("stack", "output", "size").out == '["[unknown]"]\n'


def test_a_damaged_stack_does_not_hide_the_others(stack):
    stack.ok("stack", "init", "other")
    (stack.state / ".pulumi/stacks/shop/other.json").write_text('{"version": 3, "check')

    shown = stack.ok("stack", "ls").out

    assert re.search(r"other\*? +damaged", shown)
    assert "dev" in shown
