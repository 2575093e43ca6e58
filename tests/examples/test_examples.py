"""Programs of the kinds that Pulumi's docs, examples and tests show: from the first preview to an empty stack.

Each folder is one program and an `expected.yaml`, which names the public program that it is modelled after and says, by
step: `changes` of an up (and `preview`, where a preview cannot know), `outputs`, which of them are `secret`, parts of
resources in `state`, what is said (`says`), or the words of a failure (`fails`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLES = sorted(path.parent.name for path in Path(__file__).parent.glob("*/expected.yaml"))


def has(whole, part):
    """Does `whole` have all that `part` says, at any depth? Lists are compared as they are."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(has(whole.get(name), value) for name, value in part.items())
    return whole == part


def take(example, step):
    """One step: previewed, done, looked at, done again, refreshed."""
    flags = step.get("flags", [])
    if folder := step.get("folder"):
        example.lay_over(folder)
    expected = step["changes"]
    if not step.get("fails"):
        assert example.previewed(*flags) == step.get("preview", expected)

    ran = example.up(*flags)

    if words := step.get("fails"):
        assert ran.code != 0
        assert words in ran.said
        assert ran.changes == expected
        check_state(example, step)
        return
    assert ran.code == 0, ran.text
    assert ran.changes == expected
    for words in step.get("says", []):
        assert words in ran.said
    check_state(example, step)

    if step.get("once"):  # where each run starts processes, one step of an example is looked at twice
        return
    again = example.up(*flags)

    assert again.code == 0, again.text
    assert again.changed == []
    assert "No changes" in example.ok("refresh", "--yes", "--skip-preview", "--stack", "dev").out


def check_state(example, step):
    if "outputs" in step:
        assert example.outputs == step["outputs"]
        assert example.secrets == sorted(step.get("secret", []))
    if "state" in step:
        resources = example.resources
        for name, part in step["state"].items():
            assert name in resources, sorted(resources)
            assert has(resources[name], part), resources[name]
        for name in step.get("absent", []):
            assert name not in resources


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_lives_and_leaves_nothing(open_example, name):
    expected, projects = open_example(name)

    for example, steps in projects:
        example.ok("stack", "init", "dev")
        for arguments in expected.get("config", []):
            example.ok("config", "set", "--stack", "dev", *map(str, arguments))
        for step in steps:
            take(example, step)

    for example, _steps in reversed(projects):
        if expected.get("unprotect"):
            example.ok("state", "unprotect", "--all", "--yes", "--stack", "dev")
        example.ok("destroy", "--yes", "--skip-preview", "--stack", "dev")
        assert example.resources == {}
