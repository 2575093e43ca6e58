"""Ctrl-C twice while a plugin makes an object that it will not let go of."""

from __future__ import annotations

import re
import signal
import subprocess
from pathlib import Path

import pytest

BARE = Path(__file__).parents[1] / "plugins" / "bare"
PROGRAM = """\
import pulumi

pulumi.CustomResource("test:index:Thing", "a", {"waits": "for ever"})
"""


@pytest.mark.slow
def test_a_second_interrupt_leaves_no_plugin_behind_and_the_operation_in_doubt(stack, monkeypatch):
    monkeypatch.setenv("TEST_SERVICE", str(stack.home / "service.json"))
    stack.write("__main__.py", PROGRAM)
    stack.write(
        "Pulumi.yaml",
        f"name: shop\nruntime: python\nplugins:\n  providers:\n    - {{name: test, path: {BARE}}}\n",
    )
    environment = stack.process_environment() | {"TEST_SERVICE": str(stack.home / "service.json")}
    stack.process_environment = lambda: environment
    process = stack.subprocess(
        "up",
        "--yes",
        "--skip-preview",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background of a script inherits that SIGINT is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # no threads yet
    )
    line = next(line for line in process.stdout if "create of process" in line)
    plugin = Path("/proc") / re.search(r"process (\d+)", line)[1]
    assert plugin.exists()

    process.send_signal(signal.SIGINT)
    next(line for line in process.stderr if "^C received" in line)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    assert process.returncode == -signal.SIGINT
    assert not plugin.exists() or " Z " in (plugin / "stat").read_text()
    assert "interrupted while creating" in stack.ok("preview").out
