"""Plugins that answer wrongly or die: who did what is said, and state stays as sound as it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.deploy import events
from reconciler.state.integrity import violations

pytestmark = pytest.mark.slow

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NO_SORT = "with what cannot be read: a value of a sort that this version does not know was sent (nonsense)"


@pytest.fixture
def stack(stack):
    stack.places = replace(stack.places, project_paths={"test": Path(__file__).parent / "wrong"})
    return stack


def assert_failed(ran, said, left):
    (error,) = ran.errors
    assert ran.summary.result is events.Result.FAILED
    assert said in error
    assert ran.left == left
    assert violations(ran.snapshot) == ()
    assert UNKNOWN not in str([(item.id, item.inputs, item.outputs) for item in ran.snapshot.resources])


@pytest.mark.parametrize(
    ("wrong", "said", "left"),
    [
        ("Check dies", "in the middle of Check, the plugin of 'test' exited with 7; its last output:", []),
        ("Check unknown", "the plugin of 'test' answered Check with inputs that are not known: size", []),
        ("Check of no sort", f"the plugin of 'test' answered Check {NO_SORT}", []),
        ("Check empty secret", "answered Check with what cannot be read: a secret without a value was sent", []),
        ("Create dies", "in the middle of Create, the plugin of 'test' exited with 7", ["creating a"]),
        ("Create unknown id", "the provider returned no id", []),
        ("Create of no sort", f"the plugin of 'test' answered Create {NO_SORT}", ["a=one initErrors"]),
        ("Create half", "not ready; no quota", ["a=one initErrors"]),
    ],
)
def test_a_create_that_goes_wrong(stack, wrong, said, left):
    ran = stack.up(f'Thing("a", size=1, wrong="{wrong}")')

    assert_failed(ran, said, left)


@pytest.mark.parametrize(
    ("wrong", "said", "left"),
    [
        ("Diff dies", "in the middle of Diff, the plugin of 'test' exited with 7", ["a=one"]),
        ("Update dies", "in the middle of Update, the plugin of 'test' exited with 7", ["a=one", "updating a"]),
        ("Update of no sort", f"the plugin of 'test' answered Update {NO_SORT}", ["a=one initErrors"]),
    ],
)
def test_an_update_that_goes_wrong(stack, wrong, said, left):
    stack.up('Thing("a", size=1)')

    ran = stack.up(f'Thing("a", size=2, wrong="{wrong}")')

    assert_failed(ran, said, left)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("Read dies", "in the middle of Read, the plugin of 'test' exited with 7"),
        ("Read unknown", "the plugin of 'test' answered Read with inputs that are not known: size"),
        ("Read unknown id", "the plugin of 'test' answered Read with an id that is not known"),
        ("Read of no sort", f"the plugin of 'test' answered Read {NO_SORT}"),
    ],
)
def test_a_refresh_that_goes_wrong(stack, wrong, said):
    before = stack.up(f'Thing("a", size=1, wrong="{wrong}")')

    ran = stack.refresh()

    assert_failed(ran, said, ["a=one"])
    assert ran.recorded("a").inputs == before.recorded("a").inputs


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("Construct dies", "in the middle of Construct, the plugin of 'test' exited with 7"),
        ("Construct of no sort", f"the plugin of 'test' answered Construct {NO_SORT}"),
        ("Construct rubbish", "answered Construct with the URN 'rubbish', under which nothing was registered"),
        ("Construct ", "answered Construct with the URN '', under which nothing was registered"),
    ],
)
def test_a_component_that_goes_wrong(stack, wrong, said):
    ran = stack.up(f'pulumi.ComponentResource("test:index:Part", "c", {{"wrong": "{wrong}"}}, remote=True)')

    assert_failed(ran, said, [])
