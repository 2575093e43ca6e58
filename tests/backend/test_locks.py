"""Lock files: one holder at a time, dead owners, other engines."""

import json
import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.backend import locks, processes
from reconciler.backend.disk import Disk

NOW = "2026-11-22T10:00:00Z"
OFFICIAL = {"pid": 1, "username": "ann", "hostname": "laptop", "timestamp": "2026-11-22T09:00:00+01:00"}


def folder_of(tmp_path):
    return tmp_path / "locks" / "organization" / "shop" / "dev"


def put_lock(tmp_path, content, name="other"):
    folder = folder_of(tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_lock_file_has_upstreams_keys_and_is_gone_after_release(tmp_path):
    disk = Disk(tmp_path)

    lock = locks.acquire(disk, folder_of(tmp_path), timestamp=NOW)

    data = json.loads(lock.path.read_text())
    assert {"pid", "username", "hostname", "timestamp"} < data.keys()
    assert data["pid"] == os.getpid()
    assert data["timestamp"] == NOW
    locks.release(disk, lock)
    assert locks.holders(disk, folder_of(tmp_path)) == ()


def test_a_second_holder_is_told_who_holds_the_stack(tmp_path):
    path = put_lock(tmp_path, OFFICIAL)

    with pytest.raises(errors.StackLockedError) as caught:
        locks.acquire(Disk(tmp_path), folder_of(tmp_path), timestamp=NOW)

    assert caught.value.holders == (f"{path.as_uri()}: created by ann@laptop (pid 1) at 2026-11-22T09:00:00+01:00",)
    assert "the stack is currently locked by 1 lock(s)" in str(caught.value)
    assert "pulumi cancel" in caught.value.hint
    assert list(folder_of(tmp_path).iterdir()) == [path], "one's own lock is not left behind"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x", "process": {}}'])
def test_a_lock_that_cannot_be_read_still_locks(tmp_path, content):
    put_lock(tmp_path, content)

    with pytest.raises(errors.StackLockedError):
        locks.acquire(Disk(tmp_path), folder_of(tmp_path), timestamp=NOW)


def test_cancel_removes_every_lock(tmp_path):
    put_lock(tmp_path, OFFICIAL, "a")
    put_lock(tmp_path, OFFICIAL, "b")
    disk = Disk(tmp_path)

    assert locks.remove_all(disk, folder_of(tmp_path)) == 2
    locks.release(disk, locks.acquire(disk, folder_of(tmp_path), timestamp=NOW))


def dead_process():
    """The identity of a process that has just ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return replace(processes.this_process(), pid=ended.pid)


def test_the_lock_of_a_dead_process_of_ours_is_taken_over_with_a_finding(tmp_path):
    put_lock(tmp_path, dead_process().to_json() | {"timestamp": NOW})

    lock = locks.acquire(Disk(tmp_path), folder_of(tmp_path), timestamp=NOW)

    assert len(lock.findings) == 1
    assert "runs no more" in lock.findings[0]
    assert list(folder_of(tmp_path).iterdir()) == [lock.path]


def test_the_lock_of_a_dead_process_of_another_engine_is_never_taken_over(tmp_path):
    dead = dead_process()
    put_lock(tmp_path, {"pid": dead.pid, "username": dead.username, "hostname": dead.hostname, "timestamp": NOW})

    with pytest.raises(errors.StackLockedError):
        locks.acquire(Disk(tmp_path), folder_of(tmp_path), timestamp=NOW)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, False, id="this-very-process"),
        pytest.param({"started": "1"}, True, id="its-number-was-given-again"),
        pytest.param({"hostname": "elsewhere", "started": "1"}, False, id="another-host"),
        pytest.param({"machine": "m2", "started": "1"}, False, id="another-machine-of-that-name"),
        pytest.param({"boot": "b2"}, True, id="before-the-machine-was-started-anew"),
        pytest.param({"namespace": "pid:[2]", "started": "1"}, False, id="another-container"),
        pytest.param({"pid": 2**22 + 1}, True, id="no-such-process"),
    ],
)
def test_only_a_process_that_is_certainly_gone_is_dead(changes, expected):
    here = replace(processes.this_process(), machine="m1", boot="b1", namespace="pid:[1]")

    assert processes.is_dead(replace(here, **changes), here) is expected


def test_without_a_machines_identity_another_boot_proves_nothing():
    here = replace(processes.this_process(), machine="", boot="b1")

    assert not processes.is_dead(replace(here, boot="b2"), here)


def test_an_owner_survives_its_lock_file():
    here = processes.this_process()

    assert processes.parse_owner(here.to_json()) == here


def test_one_that_comes_while_another_writes_its_lock_gives_way(tmp_path):
    class Racing(Disk):
        """Another process's lock appears just after one's own was written."""

        def write(self, path, content):
            super().write(path, content)
            put_lock(tmp_path, OFFICIAL)

    with pytest.raises(errors.StackLockedError):
        locks.acquire(Racing(tmp_path), folder_of(tmp_path), timestamp=NOW)

    assert [path.stem for path in folder_of(tmp_path).iterdir()] == ["other"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells when a process began")
def test_this_process_is_described_in_full():
    here = processes.this_process()

    assert here.pid == os.getpid()
    assert all((here.hostname, here.username, here.boot, here.namespace))
    assert here.started.isdigit()


def race(folder, rounds, log):
    disk = Disk(folder)
    for _ in range(rounds):
        try:
            lock = locks.acquire(disk, folder_of(folder), timestamp=NOW)
        except errors.StackLockedError:
            continue
        with log.open("ab", buffering=0) as file:
            file.write(b"+")
            file.write(b"-")
        locks.release(disk, lock)


@pytest.mark.slow
def test_of_many_at_once_never_two_hold_the_lock(tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    racers = [context.Process(target=race, args=(tmp_path, 40, log)) for _ in range(3)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)

    assert [racer.exitcode for racer in racers] == [0, 0, 0]
    turns = log.read_text()
    assert turns
    assert turns == "+-" * (len(turns) // 2)
    assert locks.holders(Disk(tmp_path), folder_of(tmp_path)) == ()
