"""Child processes: they end when asked, when they will not, and when their parent dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from reconciler.sandbox import children

pytestmark = pytest.mark.slow

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)
WILLING = "import time; print('ready', flush=True); time.sleep(60)"


def wait_until(is_so, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path):
    started = []

    def start_one(code):
        child = children.Child(
            [sys.executable, "-c", code],
            environment=children.clean_environment(),
            working_directory=tmp_path,
            log=tmp_path / "child.log",
            pid_file=tmp_path / "pids" / f"{len(started)}.pid",
        )
        started.append(child)
        wait_until(lambda: "ready" in child.log_tail() or child.poll() is not None)
        return child

    yield start_one
    for child in started:
        child.stop(grace_s=0.1)


def test_a_child_stops_when_asked_and_its_pid_file_goes(start, tmp_path):
    child = start(WILLING)
    identity = children.read_pid_file(tmp_path / "pids" / "0.pid")
    assert children.is_alive(identity)

    child.stop()

    assert not children.is_alive(identity)
    assert list((tmp_path / "pids").iterdir()) == []


def test_a_child_that_will_not_stop_is_killed(start):
    child = start(STUBBORN)

    child.stop(grace_s=0.2)

    assert child.poll() == -signal.SIGKILL


def test_strays_are_found_by_identity_and_stopped(start, tmp_path):
    child = start(WILLING)
    # Another process has the pid of a dead one: it is not ours to stop.
    own = children.find_identity(os.getpid())
    children.write_pid_file(
        tmp_path / "pids" / "other.pid", children.Identity(pid=own.pid, born="0", command=own.command)
    )

    stopped = children.stop_strays(tmp_path / "pids")

    assert [identity.pid for identity in stopped] == [child.pid]
    assert list((tmp_path / "pids").iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path):
    code = f"""
import pathlib, sys, time
from reconciler.sandbox import children
folder = pathlib.Path({str(tmp_path)!r})
children.Child([sys.executable, "-c", {WILLING!r}], environment=children.clean_environment(), working_directory=folder,
               log=folder / "log", pid_file=folder / "child.pid")
print("started", flush=True)
time.sleep(60)
"""
    environment = os.environ | children.own_modules()
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout.readline() == "started\n"
        child = children.read_pid_file(tmp_path / "child.pid")
        parent.kill()

    wait_until(lambda: not children.is_alive(child))


def test_a_child_sees_nothing_of_the_clouds_that_this_shell_is_set_up_for(monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "PREFECT_API_URL", "PULUMI_CONFIG_PASSPHRASE", "SNOWFLAKE_PASSWORD"):
        monkeypatch.setenv(name, "x")

    environment = children.clean_environment()

    assert not {name for name in environment if name.startswith(("AWS_", "PREFECT_", "PULUMI_", "SNOWFLAKE_"))}
    assert environment["DO_NOT_TRACK"] == "1"
