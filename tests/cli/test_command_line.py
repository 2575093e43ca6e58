"""How the command line is read: verbs, flags, typos, what is not there, how fast it starts."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest
from semver import VersionInfo

from reconciler.cli import main
from reconciler.cli.flags import plain_switches

VERBS = [
    *(["up"], ["preview"], ["refresh"], ["destroy"], ["cancel"], ["login"], ["logout"], ["whoami"], ["about"]),
    *(["version"], ["stack"], ["stack", "init"], ["stack", "select"], ["stack", "ls"], ["stack", "output"]),
    *(["stack", "history"], ["stack", "export"], ["stack", "import"], ["stack", "rm"], ["config"]),
    *(["config", "get"], ["config", "set"], ["config", "rm"], ["config", "set-all"], ["config", "rm-all"]),
]


def test_the_version_is_one_that_the_automation_api_takes(cli):
    version = VersionInfo.parse(cli.ok("version").out.strip().removeprefix("v"))

    assert (version.major, version.minor) == (3, 272)
    assert VersionInfo(3, 205, 0) < version


def test_the_version_costs_no_import_of_the_engine():
    heavy = "pulumi", "grpc", "rich", "prefect", "boto3", "ruamel", "cryptography", "reconciler.wiring"
    found = f"[name for name in {heavy} if name in sys.modules]"
    script = f"import sys, reconciler.cli.main as main; main.run(['version']); sys.exit(str({found}))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout.startswith("v3.")
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_the_help_of_every_verb_has_an_example_and_needs_no_project(cli, verb):
    done = cli.ok(*verb, "--help", PULUMI_BACKEND_URL="")

    assert "Example: " in done.out
    assert f"pulumi {' '.join(verb)}" in done.out


@pytest.mark.parametrize("group", [(), ("stack",), ("state",), ("config",), ("plugin",)], ids=" ".join)
def test_lists_of_commands_say_whole_sentences_and_options_are_no_arguments(cli, group):
    listed = cli.ok(*group, "--help").out

    assert "..." not in listed.partition("Commands:")[2]
    assert "\n  [NAME]\n" not in cli.ok("stack", "init", "--help").out


def test_every_verb_is_listed_in_the_help(cli):
    listed = re.findall(r"^  ([a-z]+) ", cli.ok("--help").out.partition("Commands:")[2], re.MULTILINE)

    assert {verb[0] for verb in VERBS} <= set(listed)


NO_PROFILES = "error: --profiling is not in this version: it writes no profiles\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(["ai"], "error: 'pulumi ai' is not in this version: it needs Pulumi Cloud\n", id="a-later-verb"),
        pytest.param(
            ["stack", "webhook"], "error: 'pulumi stack webhook' is not in this version\n", id="a-later-verb-below"
        ),
        pytest.param(["up", "--profiling", "x"], NO_PROFILES, id="a-later-flag"),
        pytest.param(
            ["up", "--remote"], "error: --remote is not in this version: it needs Pulumi Cloud\n", id="a-later-switch"
        ),
        pytest.param(["preview", "--profiling=x"], NO_PROFILES, id="with-a-value"),
    ],
)
def test_what_this_version_lacks_is_refused_in_one_line(cli, line, expected):
    done = cli(*line)

    assert (done.code, done.err, done.out) == (2, expected, "")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        (["stak", "ls"], "stack"),
        (["prevew"], "preview"),
        (["stack", "slect"], "select"),
        (["config", "gte"], "get"),
    ],
)
def test_a_typo_is_answered_with_what_was_meant(cli, line, meant):
    done = cli(*line)

    assert done.code == 2
    assert f'did you mean "{meant}"?' in done.err


def test_an_unknown_flag_is_refused(cli):
    done = cli("up", "--yess")

    assert done.code == 2
    assert "--yess" in done.err


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["--yes=true", "x"], ["--yes", "x"]),
        (["--yes=false", "x"], ["x"]),
        (["--name=true"], ["--name=true"]),
        (["--", "--yes=true"], ["--", "--yes=true"]),
        (["-v=9", "-nx=y", "-n=a=b"], ["-v", "9", "-nx=y", "-n", "a=b"]),
    ],
)
def test_a_switch_may_be_given_a_value(given, expected):
    parameters = [
        click.Option(["--yes"], is_flag=True),
        click.Option(["--name", "-n"]),
        click.Option(["--verbose", "-v"]),
    ]

    assert plain_switches(parameters, given) == expected


def test_a_later_switch_that_is_turned_off_changes_nothing(stack):
    stack.ok("preview", "--run-program=false")


def test_every_flag_may_come_from_the_environment(stack):
    done = stack.ok(
        "preview", PULUMI_OPTION_JSON="true", PULUMI_OPTION_STACK="dev", PULUMI_OPTION_CONFIG="size=L,lake=x"
    )

    assert any(step["urn"].endswith("::x") for step in done.data["steps"])
    assert stack.ok("config", "get", "size").out == "L\n"


def test_shared_flags_stand_before_or_after_the_verb(cli):
    cli.ok("-C", "..", "--non-interactive", "version")
    assert "no Pulumi.yaml project file found" in cli("--cwd", "..", "stack", "ls").err
    assert "no Pulumi.yaml project file found" in cli("stack", "ls", "--cwd", "..").err


def test_output_json_means_json(stack):
    assert stack.ok("stack", "ls", "--output", "json").data[0]["name"] == "dev"


def test_nothing_but_the_error_line_is_printed_for_a_usage_error(cli):
    done = cli("stack", "ls", "--nope")

    assert done.err.splitlines()[0].startswith("error: ")
    assert "Traceback" not in done.err


def test_a_bug_shows_where_it_is(cli, monkeypatch):
    monkeypatch.setattr("reconciler.cli.about.full_version", lambda: 1 / 0)

    assert main.run(["version"]) == 255


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(cli):
    with cli.subprocess("--help", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def test_the_version_is_the_one_that_programs_are_told():
    from importlib import metadata

    from reconciler.cli import about

    assert about.full_version().startswith(f"v{metadata.version('pulumi')}+")


def test_what_this_version_lacks_is_not_suggested(cli):
    assert "console" not in cli("consol").err


def test_no_verb_at_all_shows_the_help_and_no_error(cli):
    done = cli()

    assert done.code == 2
    assert done.err.startswith("Usage: pulumi")


def test_a_passphrase_file_that_is_not_there_is_not_called_incorrect(stack, monkeypatch):
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE")

    done = stack("config", "set", "--secret", "token", "x", PULUMI_CONFIG_PASSPHRASE_FILE="nowhere.txt")

    assert done.code != 0
    assert "PULUMI_CONFIG_PASSPHRASE_FILE names nowhere.txt: No such file or directory" in done.err
    assert "incorrect" not in done.err


@pytest.mark.parametrize("words", [(), ("up",), ("stack", "init")], ids=" ".join)
def test_help_of_a_command_is_the_same_before_it_and_after_it(cli, words):
    assert cli.ok("help", *words).out == cli.ok(*words, "--help").out


def test_help_of_what_there_is_not_says_what_may_be_meant(cli):
    done = cli("help", "stak")

    assert done.code == 2
    assert 'did you mean "stack"?' in done.err
    assert "has no commands below it" in cli("help", "up", "now").err
