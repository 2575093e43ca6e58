"""Ctrl-C twice while a plugin does what it will not let go of."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

BARE = Path(__file__).parents[1] / "plugins" / "bare"
PROGRAM = """\
import pulumi

pulumi.CustomResource("test:index:Thing", "a", {"waits": "for ever"})
"""


# Takes calls and answers none. Says which process it is to whoever reads the pipe.
SILENT = """\
#!{python}
import os, pathlib, socket, time
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
pathlib.Path({pipe!r}).write_text(str(os.getpid()))
time.sleep(600)
"""


def up(stack, plugin):
    """An `up` under way, of a project with this plugin."""
    stack.write("__main__.py", PROGRAM)
    stack.write(
        "Pulumi.yaml",
        f"name: shop\nruntime: python\nplugins:\n  providers:\n    - {{name: test, path: {plugin}}}\n",
    )
    environment = stack.process_environment() | {"TEST_SERVICE": str(stack.home / "service.json")}
    stack.process_environment = lambda: environment
    return stack.subprocess(
        "up",
        "--yes",
        "--skip-preview",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background of a script inherits that SIGINT is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # no threads yet
    )


def interrupt_twice(process):
    process.send_signal(signal.SIGINT)
    next(line for line in process.stderr if "^C received" in line)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


def has_ended(process_descriptor):
    """Does a process end, now or soon?"""
    return bool(select.select([process_descriptor], [], [], 20)[0])


@pytest.mark.slow
def test_a_second_interrupt_leaves_no_plugin_behind_and_the_operation_in_doubt(stack, monkeypatch):
    monkeypatch.setenv("TEST_SERVICE", str(stack.home / "service.json"))
    process = up(stack, BARE)
    line = next(line for line in process.stdout if "create of process" in line)
    plugin = os.pidfd_open(int(re.search(r"process (\d+)", line)[1]))

    interrupt_twice(process)

    assert process.returncode == -signal.SIGINT
    assert has_ended(plugin)
    os.close(plugin)
    assert "interrupted while creating" in stack.ok("preview").out


@pytest.mark.slow
def test_a_second_interrupt_leaves_no_plugin_behind_that_never_shook_hands(stack):
    pipe = stack.home / "pipe"
    os.mkfifo(pipe)
    binary = stack.write("pulumi-resource-test", SILENT.format(python=sys.executable, pipe=str(pipe)))
    binary.chmod(0o755)
    process = up(stack, binary.parent)
    plugin = os.pidfd_open(int(pipe.read_text()))

    interrupt_twice(process)

    assert process.returncode == -signal.SIGINT
    assert has_ended(plugin)
    os.close(plugin)
