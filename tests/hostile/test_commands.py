"""Spoilt files as a person meets them: one clear line, an exit code, nothing run and nothing changed."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import cli, stack  # noqa: F401  # fixtures

PROGRAM = """\
import pathlib
pathlib.Path("ran").write_text("yes")
import pulumi
pulumi.export("a", pulumi.Output.secret("x-1"))
"""
STATE = ".pulumi/stacks/shop/dev.json"
HACK = "!!python/object/apply:pathlib.Path.touch [hacked]"


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


def spoilt_states(good: str):
    """What is wrong -> the content of the state file."""
    data = json.loads(good)
    twice = json.loads(good)
    twice["checkpoint"]["latest"]["resources"] *= 2
    return {
        "empty": "",
        "cut short": good[:-30],
        "zeros": "\0" * 64,
        "a newer version": json.dumps(data | {"version": 9}),
        "NaN": good.replace('"resources":', '"future":NaN,"resources":', 1),
        "deep": good.replace('"resources":', f'"future":{deep(600)},"resources":', 1),
        "very deep": good.replace('"resources":', f'"future":{deep(20_000)},"resources":', 1),
        "a resource twice": json.dumps(twice),
    }


@pytest.mark.slow
def test_a_spoilt_state_stops_every_command_before_anything_happens(stack):  # noqa: F811  # a fixture
    stack.write("__main__.py", PROGRAM)
    stack.ok("up", "--yes")
    ran, state = stack.project / "ran", stack.state / STATE
    for wrong, content in spoilt_states(state.read_text()).items():
        ran.unlink(missing_ok=True)
        state.write_text(content)
        for command in (("preview",), ("up", "--yes"), ("destroy", "--yes"), ("stack", "export"), ("stack", "output")):
            if wrong == "a resource twice" and command[0] == "stack":
                # What breaks the rules may be looked at, so that it can be mended.
                continue
            done = stack(*command)
            assert done.code == 1, (wrong, command, done)
            assert done.err.startswith("error: "), (wrong, command, done)
            assert "Traceback" not in done.err, (wrong, command, done)
        assert not ran.exists(), wrong
        assert state.read_text() == content, wrong


@pytest.mark.slow
@pytest.mark.parametrize(("file", "content", "code"), [
    ("Pulumi.dev.yaml", f"config: {{a: {HACK}}}", 2),
    ("Pulumi.dev.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nconfig: {a: *nobody}", 2),
    ("Pulumi.dev.yaml", f"config: {{a: {deep(400)}}}", 2),
    ("Pulumi.dev.yaml", "config: {a: .nan}", 2),
    ("Pulumi.dev.yaml", "encryptionsalt: v1:AA", 1),
    ("Pulumi.dev.yaml", "secretsprovider: rot13://x", 2),
    ("Pulumi.dev.yaml", "secretsprovider: awskms://k\nencryptedkey: '%'", 1),
    ("Pulumi.dev.yaml", "previoussecrets: '{'\nconfig: {<<: 5}", 2),
    ("Pulumi.yaml", f"name: shop\nruntime: {HACK}", 2),
    ("Pulumi.yaml", "name: shop\nruntime: python\nconfig: &a {b: *a}", 2),
    ("Pulumi.yaml", "name: ../../shop\nruntime: python", 2),
])  # fmt: skip
def test_a_spoilt_project_stops_a_run_before_anything_happens(stack, file, content, code):  # noqa: F811  # a fixture
    stack.write("__main__.py", PROGRAM)
    before = stack.stored()
    stack.write(file, content)

    done = stack("up", "--yes")

    assert done.code == code, done
    assert done.err.startswith("error: ")
    assert "Traceback" not in done.err
    assert not (stack.project / "ran").exists()
    assert not (stack.project / "hacked").exists()
    assert stack.stored() == before


@pytest.mark.slow
@pytest.mark.parametrize("plan", ["", "[]", '{"resourcePlans": {"u": {"steps": ["jump"]}}}', deep(5000), "\0"])
def test_a_spoilt_plan_stops_a_run_before_anything_happens(stack, plan):  # noqa: F811  # a fixture
    stack.write("__main__.py", PROGRAM)
    stack.write("plan.json", plan)

    done = stack("up", "--yes", "--plan", "plan.json")

    assert done.code == 1, done
    assert done.err.startswith("error: The file is not an update plan")
    assert not (stack.project / "ran").exists()
