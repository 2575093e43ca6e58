"""`--policy-pack` on the command line: what a person sees, what programs read, how the command ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

PROGRAM = """\
import pulumi

pulumi.Stash("good", input="plain")
pulumi.Stash("bad", input=pulumi.Output.secret("hunter2-hunter2"))
"""
PACK = """\
import os
import time

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy


def good(args, report):
    if args.name == "bad":
        report(f"{args.props['input']} is no good")
    if args.name == "hangs":
        open("here", "w").write(str(os.getpid()))
        time.sleep(60)


PolicyPack(
    "rules",
    [ResourceValidationPolicy("good", "Names are good.", good, enforcement_level=EnforcementLevel.MANDATORY)],
)
"""


@pytest.fixture
def policed(stack):
    """The command with a stack and a pack beside the project."""
    stack.write("__main__.py", PROGRAM)
    folder = stack.project.parent / "rules"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 2.0.1\n")
    (folder / "__main__.py").write_text(PACK)
    return stack


@pytest.mark.slow
def test_a_mandatory_violation_is_shown_and_fails_the_preview_with_the_code_of_policies(policed):
    before = policed.stored()

    done = policed("preview", "--policy-pack", "../rules", PULUMI_OPTION_EVENT_LOG="events.json")

    assert done.code == 5
    assert "error" not in done.err
    assert done.out.endswith("""
Policies:
    ❌ rules@v2.0.1 (local: ../rules)
        - [mandatory]  good  (pulumi:index:Stash: bad)
          Names are good.
          [secret] is no good

Diagnostics:
  pulumi:pulumi:Stack (shop-dev):
    error: preview failed
""")
    assert "    pulumi:index:Stash bad mandatory: good (rules@v2.0.1)\n" in done.out
    assert policed.stored() == before
    log = (policed.project / "events.json").read_text()
    assert "hunter2" not in log
    told = [json.loads(line) for line in log.splitlines()]
    assert [event["policyLoadEvent"] for event in told if "policyLoadEvent" in event] == [{}]
    (violated,) = (event["policyEvent"] for event in told if "policyEvent" in event)
    assert violated == {
        "resourceUrn": "urn:pulumi:dev::shop::pulumi:index:Stash::bad",
        "message": "Names are good.\n[secret] is no good\n",
        "color": "never",
        "policyName": "good",
        "policyPackName": "rules",
        "policyPackVersion": "2.0.1",
        "policyPackVersionTag": "2.0.1",
        "enforcementLevel": "mandatory",
    }
    (summary,) = (event["summaryEvent"] for event in told if "summaryEvent" in event)
    assert summary["PolicyPacks"] == {"rules|local|../rules": "2.0.1"}
    assert summary["result"] == "failed"


@pytest.mark.slow
def test_levels_can_be_set_for_a_run(policed):
    policed.write("levels.json", '{"all": "advisory"}')

    done = policed.ok(
        "up", "--yes", "--skip-preview", "--policy-pack", "../rules", "--policy-pack-config", "levels.json"
    )

    assert "⚠️ rules@v2.0.1 (local: ../rules)\n        - [advisory]  good  (pulumi:index:Stash: bad)\n" in done.out
    assert "    + 3 created\n" in done.out


@pytest.mark.slow
def test_a_pack_that_does_not_start_is_one_error_and_nothing_is_done(policed):
    (policed.project.parent / "rules" / "__main__.py").write_text("import there_is_no_such_module\n")
    state = policed.stored()[".pulumi/stacks/shop/dev.json"]

    done = policed("up", "--yes", "--skip-preview", "--policy-pack", "../rules")

    assert done.code == 1
    assert done.err.count("error: The policy pack cannot be used: policy pack '../rules': it exited with 1;") == 1
    assert "No module named 'there_is_no_such_module'" in done.err
    assert "  hint: install pulumi-policy and what else it imports for " in done.err
    assert "Stash" not in done.out
    assert policed.stored()[".pulumi/stacks/shop/dev.json"] == state


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_pack_outlives_the_command(policed, number):
    policed.write("__main__.py", 'import pulumi\npulumi.Stash("hangs", input="x")\n')
    here = policed.project.parent / "rules" / "here"
    running = policed.subprocess(
        "preview", "--policy-pack", "../rules", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    pack = int(_awaited(lambda: here.is_file() and here.read_text()))

    running.send_signal(number)

    assert running.wait(20) == (8 if number is signal.SIGINT else -signal.SIGKILL)
    _awaited(lambda: not _is_running(pack))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--policy-pack", "../none"], 1, "policy pack '../none': there is no such folder"),
        (["--policy-pack", "."], 1, "policy pack '.': there is no PulumiPolicy.yaml in it"),
        (["--policy-pack-config", "a.json"], 2, '"--policy-pack-config" must be specified with "--policy-pack"'),
        (
            ["--policy-pack", "../rules,../rules", "--policy-pack-config", "a.json"],
            2,
            'the number of "--policy-pack-config" flags must match the number of "--policy-pack" flags',
        ),
        (["--policy-pack", "../rules", "--policy-pack-config", "a.json"], 1, "its config a.json cannot be read"),
    ],
)
def test_flags_that_name_no_usable_pack_are_refused_before_anything_runs(policed, arguments, code, message):
    done = policed("preview", *arguments)

    assert done.code == code
    assert done.out == ""
    assert message in done.err


@pytest.mark.parametrize("verb", ["refresh", "destroy"])
def test_verbs_that_ask_for_nothing_take_no_packs(policed, verb):
    done = policed(verb, "--yes", "--policy-pack", "../rules")

    assert done.code == 2
    assert "No such option '--policy-pack'" in done.err


@pytest.mark.parametrize("command", [["ls"], ["publish", "acme"], ["enable", "acme/rules", "latest", "--force"]])
def test_what_only_pulumi_cloud_knows_is_said_in_one_line(cli, command):
    done = cli("policy", *command)

    assert done.code == 2
    assert f"`pulumi policy {command[0]}` needs Pulumi Cloud, which is not in this version\n" in done.err


def test_a_new_pack_is_one_that_can_be_used(cli):
    done = cli.ok("policy", "new", "--dir", "house rules")

    assert "Created policy pack 'house rules'." in done.out
    folder = cli.project / "house rules"
    source = (folder / "__main__.py").read_text()
    compile(source, "__main__.py", "exec")
    assert 'name="house-rules"' in source
    again = cli("policy", "new", "--dir", "house rules")
    assert again.code == 2
    assert "--force overwrites" in again.err
    assert cli("policy", "new", "aws-typescript").code == 2


def _awaited(look):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
