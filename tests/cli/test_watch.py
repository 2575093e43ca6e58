"""`pulumi watch`: an update for each change, until Ctrl-C."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.cli.conftest import PROGRAM


def read_until(process, words):
    """The lines up to one that holds the words."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"it ended before {words!r}: {''.join(lines)}")


@pytest.mark.slow
def test_each_change_is_an_update_and_ctrl_c_ends_it(stack):
    with stack.subprocess("watch", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert f"Watching (dev): {stack.project}" in read_until(process, "Watching")

            stack.write("__main__.py", PROGRAM.replace('"raw"', '"ripe"'))
            first = read_until(process, "Duration")
            assert "shop:index:Lake ripe create" in first
            assert "Previewing" not in first

            # What is wrong is told, and the next change puts it right.
            stack.write("__main__.py", "import pulumi\n1 / 0\n")
            assert "ZeroDivisionError" in read_until(process, "Duration")
            stack.write("Pulumi.yaml", "name: shop\nruntime: go\n")
            assert "programs in 'go'" in read_until(process, "programs in")
            stack.write("Pulumi.yaml", "name: shop\nruntime: python\n")
            read_until(process, "Duration")
            stack.write("__main__.py", PROGRAM)
            assert "shop:index:Lake raw create" in read_until(process, "Duration")

            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            assert process.wait(timeout=30) == 0
            # Its own writes are no changes.
            assert "Updating" not in rest
        finally:
            process.kill()

    kinds = [one["result"] for one in stack.ok("stack", "history", "--json").data]
    assert kinds == ["succeeded", "failed", "failed", "succeeded"]


def test_a_path_that_is_not_there_is_refused(stack):
    done = stack("watch", "--path", "nowhere")

    assert done.code == 2
    assert "there is nothing at" in done.err
