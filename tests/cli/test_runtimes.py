"""The program runs in the interpreter that its project asks for, by an engine of a version that it asks for."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reconciler.cli.exits import Exit

WHERE = "import sys\nimport pulumi\nprint('printed')\npulumi.export('prefix', sys.prefix)\n"

pytestmark = pytest.mark.slow


def _with_virtualenv(stack) -> Path:
    folder = stack.project / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "installed.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    stack.write("Pulumi.yaml", "name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n")
    return folder


def _wait_until(holds, timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


def test_a_virtualenv_of_the_project_runs_the_program(stack):
    folder = _with_virtualenv(stack)
    stack.write("__main__.py", WHERE)

    done = stack.ok("up", "--yes")

    assert "printed" in done.out
    assert stack.ok("stack", "output", "prefix").out.strip() == str(folder)


HOLDS_A_LOCK = """
import fcntl, pathlib, time

held = open("held", "w")
fcntl.flock(held, fcntl.LOCK_EX)
pathlib.Path("ready").touch()
time.sleep(60)
"""


def test_a_program_ends_when_its_engine_is_killed(stack):
    _with_virtualenv(stack)
    stack.write("__main__.py", HOLDS_A_LOCK)
    process = stack.subprocess("preview", "--non-interactive", stdout=subprocess.DEVNULL)
    _wait_until((stack.project / "ready").exists)

    process.kill()
    process.wait()

    with (stack.project / "held").open("w") as held:
        _wait_until(lambda: _is_free(held))


def test_ctrl_c_interrupts_the_program_when_what_is_under_way_is_done(stack):
    _with_virtualenv(stack)
    stack.write("__main__.py", HOLDS_A_LOCK)
    process = stack.subprocess("up", "--yes", "--skip-preview", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    _wait_until((stack.project / "ready").exists)

    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=30)

    assert process.returncode == Exit.CANCELLED
    assert b"Traceback" not in told
    with (stack.project / "held").open("w") as held:
        assert _is_free(held)


def _is_free(held) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize(
    ("project", "words"),
    [
        pytest.param("runtime: nodejs", "programs in 'nodejs' are not in this version", id="another-language"),
        pytest.param(
            "runtime: {name: python, options: {virtualenv: venv}}",
            "there is no virtual environment at venv",
            id="no-such-virtualenv",
        ),
        pytest.param(
            "runtime: {name: python, options: {toolchain: conda}}", "there is no toolchain 'conda'", id="no-toolchain"
        ),
        pytest.param(
            "runtime: python\nrequiredPulumiVersion: '>=99.0.0'",
            "does not satisfy the version range '>=99.0.0'",
            id="newer-engine",
        ),
        pytest.param("runtime: python\nrequiredPulumiVersion: newest", "'newest' is no range", id="no-version-range"),
    ],
)
def test_what_cannot_run_the_program_is_refused_by_name(stack, project, words):
    stack.write("Pulumi.yaml", f"name: shop\n{project}\n")
    stack.write("__main__.py", "raise SystemExit('it ran')\n")

    done = stack("preview")

    assert done.code != 0
    assert words in done.out + done.err
    assert "it ran" not in done.out + done.err


def test_a_version_range_that_fits_is_no_hindrance(stack):
    stack.write("Pulumi.yaml", "name: shop\nruntime: python\nrequiredPulumiVersion: '>=3.1.0 <4.0.0'\n")

    stack.ok("preview")
