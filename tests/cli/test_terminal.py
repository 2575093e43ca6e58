"""What happens on a real terminal: the tree, the question, Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.slow

DEADLINE_S = 60


class Person:
    """Sits at a terminal on which a `pulumi` command runs."""

    def __init__(self, cli, *arguments, **environment):
        self.seen = ""
        inner, outer = pty.openpty()
        self._terminal = inner
        wanted = cli.process_environment() | {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"} | environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "reconciler.cli.main", *arguments],
            cwd=cli.project,
            env={name: value for name, value in wanted.items() if value is not None},
            stdin=outer,
            stdout=outer,
            stderr=outer,
            start_new_session=True,
        )
        os.close(outer)

    def sees(self, text):
        """Read until the text is on the screen."""
        deadline = time.monotonic() + DEADLINE_S
        while text not in self.seen:
            assert time.monotonic() < deadline, f"{text!r} never came after:\n{self.seen}"
            self._read(deadline)
        return self

    def types(self, line):
        """Type a line."""
        os.write(self._terminal, f"{line}\n".encode())
        return self

    def leaves(self):
        """Read to the end; the exit code."""
        deadline = time.monotonic() + DEADLINE_S
        while self._read(deadline):
            assert time.monotonic() < deadline, self.seen
        os.close(self._terminal)
        return self.process.wait(DEADLINE_S)

    def _read(self, deadline):
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))
        try:
            part = os.read(self._terminal, 65536) if ready else b""
        except OSError:
            # The other side has closed.
            part = b""
        self.seen += part.decode(errors="replace")
        return bool(part)


def words(screen):
    """What is on the screen, without colours."""
    return re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", screen).replace("\r", "")


def test_up_shows_a_tree_answers_with_details_and_goes_ahead_on_yes(stack):
    person = Person(stack, "up")
    person.sees("[yes/no/details] (no): ").types("details")
    person.sees("shop:index:Lake: (create)").sees("[yes/no/details] (no): ")
    before = len(person.seen)
    person.types("yes")

    assert person.leaves() == 0
    preview, update = words(person.seen[:before]), words(person.seen[before:])
    assert " +   └─ shop:index:Lake   raw       create\n" in preview
    assert re.search(r" \+   └─ shop:index:Lake   raw       created \(\S+\)\n", update)
    assert "\x1b[38;5;2m" in person.seen
    assert stack.ok("stack", "ls", "-j").data[0]["resourceCount"] == 2


def test_no_is_the_default_and_changes_nothing(stack):
    before = stack.stored()
    person = Person(stack, "up").sees("(no): ").types("perhaps").sees("Please answer").types("")

    assert person.leaves() == 8
    assert "nothing was changed" in person.seen
    assert stack.stored() == before


def test_a_passphrase_is_asked_for_and_not_shown(stack):
    person = Person(stack, "preview", PULUMI_CONFIG_PASSPHRASE=None).sees("Enter your passphrase").types("opensesame")

    assert person.leaves() == 0
    assert "opensesame" not in person.seen


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_may_be_refused(stack, environment):
    person = Person(stack, "preview", **environment)

    assert person.leaves() == 0
    assert "\x1b[38;5" not in person.seen


WAITING = """\
import pathlib
import time

import pulumi

print("begun")
while not pathlib.Path("go").exists():
    time.sleep(0.01)
pulumi.export("done", True)
"""


def test_a_second_interrupt_ends_the_run_at_once_and_the_next_run_goes_on(stack):
    stack.write("__main__.py", WAITING)
    person = Person(stack, "up", "--yes", "--skip-preview").sees("begun")

    person.process.send_signal(signal.SIGINT)
    person.sees("^C received")
    person.process.send_signal(signal.SIGINT)

    assert person.leaves() == -signal.SIGINT
    (stack.project / "go").touch()
    assert "took over the lock" in stack.ok("up", "--yes", "--skip-preview").out


def test_one_interrupt_ends_the_run_well(stack):
    stack.write("__main__.py", WAITING)
    person = Person(stack, "up", "--yes", "--skip-preview").sees("begun")

    person.process.send_signal(signal.SIGINT)
    person.sees("^C received")
    (stack.project / "go").touch()

    assert person.leaves() == 8
    assert "update was cancelled; what was done is saved" in words(person.seen)
    assert "took over the lock" not in stack.ok("up", "--yes", "--skip-preview").out


GATED = """\
import os, time
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Gated(ResourceProvider):
    def create(self, props):
        while not os.path.exists(props["gate"]):
            time.sleep(0.02)
        return CreateResult(props["gate"], props)

class Gate(Resource):
    pass

for index in range(int(pulumi.Config().require("many"))):
    Gate(Gated(), f"r{index}", {"gate": os.path.abspath("gate")})
"""


def test_a_run_says_how_far_it_is_and_how_long_earlier_ones_took(cli):
    cli.write("__main__.py", GATED)
    gate = cli.write("gate", "")
    cli.ok("stack", "init", "dev")
    cli.ok("config", "set", "many", "2")
    cli.ok("up", "--yes", "--skip-preview")
    cli.ok("config", "set", "many", "5")
    gate.unlink()

    person = Person(cli, "up", "--yes").sees("0 of 3 changes done, ")
    gate.touch()

    assert person.leaves() == 0
    assert "changes done" not in person.seen.rpartition("Duration:")[2]
