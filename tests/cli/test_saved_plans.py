"""`preview --save-plan` and `up --plan`, as a person uses them."""

from __future__ import annotations

import subprocess

import pytest

PROGRAM = """
import pulumi
class Lake(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Lake", name)
for name in {names}:
    Lake(name)
pulumi.export("key", pulumi.Output.secret("hunter2-of-plan"))
"""


@pytest.fixture
def planned(stack):
    """A stack whose program is changed since a plan of it was saved."""
    stack.write("__main__.py", PROGRAM.format(names=["a"]))
    stack.ok("preview", "--save-plan", "plan.json")
    return stack


def test_a_saved_plan_is_carried_out(planned):
    done = planned.ok("up", "--yes", "--skip-preview", "--plan", "plan.json")

    assert "+ 2 created" in done.out


def test_what_a_saved_plan_does_not_have_is_refused(planned):
    planned.write("__main__.py", PROGRAM.format(names=["a", "b"]))

    done = planned("up", "--yes", "--skip-preview", "--plan", "plan.json")

    assert done.code != 0
    assert "does not stay within the saved plan" in done.out
    assert "preview again with --save-plan" in done.out


def test_a_saved_plan_shows_no_secret_and_is_for_its_owner_only(planned):
    file = planned.project / "plan.json"

    assert "hunter2" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "--plan names plan.json: No such file", id="missing"),
        pytest.param("{", "not an update plan: it is not JSON", id="half-written"),
        pytest.param("{}", "not an update plan", id="something-else"),
    ],
)
def test_a_plan_that_cannot_be_read_is_one_clear_error_and_touches_nothing(stack, content, words):
    if content is not None:
        stack.write("plan.json", content)
    before = stack.stored()

    done = stack("up", "--yes", "--plan", "plan.json")

    assert done.code != 0
    assert words in done.err
    assert stack.stored() == before


def test_the_preview_before_an_update_is_held_to_the_plan_too(planned):
    planned.write("__main__.py", PROGRAM.format(names=["a", "b"]))
    before = planned.stored()

    done = planned("up", "--yes", "--plan", "plan.json")

    assert "does not stay within the saved plan" in done.out
    assert "hint: preview again with --save-plan" in done.out
    assert "Updating (dev):" not in done.out
    assert planned.stored() == before


def test_a_plan_of_an_older_state_is_refused(planned):
    planned.ok("up", "--yes", "--skip-preview", "--plan", "plan.json")
    before = planned.stored()

    again = planned("up", "--yes", "--skip-preview", "--plan", "plan.json")

    assert again.code == 1
    assert "The saved plan is out of date: it was made for another stack, or the stack was changed since" in again.err
    assert "preview again with --save-plan" in again.err
    assert planned.stored() == before


def test_a_plan_of_another_commits_program_is_refused_and_the_same_content_is_taken(stack):
    def git(*arguments):
        identity = ("-c", "user.name=me", "-c", "user.email=me@example.com")
        subprocess.run(["git", *identity, *arguments], cwd=stack.project, check=True, capture_output=True)

    stack.write(".gitignore", "plan.json\n")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    stack.ok("preview", "--save-plan", "plan.json")
    stack.write("notes", "the preview of another commit\n")
    git("add", "-A")
    git("commit", "-q", "-m", "two")
    refused = stack("up", "--yes", "--skip-preview", "--plan", "plan.json")
    git("rm", "-q", "notes")
    git("commit", "-q", "-m", "as one was")

    assert refused.code == 1
    assert "The saved plan is out of date: it was made for another commit" in refused.err
    stack.ok("up", "--yes", "--skip-preview", "--plan", "plan.json")
