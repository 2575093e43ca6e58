"""Lock files: one holder at a time, dead owners, other engines."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.backend import leases, locks, processes
from reconciler.backend.folders import FolderStore
from reconciler.backend.references import StackReference

NOW = "2026-11-22T10:00:00Z"
OFFICIAL = {"pid": 1, "username": "ann", "hostname": "laptop", "timestamp": "2026-11-22T09:00:00+01:00"}
DEV = StackReference("shop", "dev")


class HandClock(leases.Clock):
    """Goes on when somebody pauses; `during` may do something meanwhile."""

    def __init__(self, during=lambda: None):
        self.s = 1000.0
        self.during = during

    def now_s(self):
        return self.s

    def pause(self, seconds):
        self.s += seconds
        self.during()


def place_of(tmp_path, store=None, **options):
    return locks.Place(store=store or FolderStore(tmp_path), stack=DEV, now=lambda: NOW, **options)


def folder_of(tmp_path):
    return tmp_path / "locks" / "organization" / "shop" / "dev"


def put_lock(tmp_path, content, name="other"):
    folder = folder_of(tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def put_lease(tmp_path, owner, **fields):
    """A lease that another process holds."""
    record = leases.Record(**({"token": 7, "holder": "h", "owner": owner, "since": NOW, "lease_s": 40.0} | fields))
    FolderStore(tmp_path).write("leases/shop/dev.json", record.render())
    return record


def elsewhere():
    """A process that nobody here can see."""
    return replace(processes.this_process(), hostname="runner-7", username="ci", pid=4242)


def test_a_lock_file_has_upstreams_keys_and_is_gone_after_release(tmp_path):
    lock = locks.acquire(place_of(tmp_path))

    data = json.loads((tmp_path / lock.key).read_text())
    assert {"pid", "username", "hostname", "timestamp"} < data.keys()
    assert data["pid"] == os.getpid()
    assert data["timestamp"] == NOW
    lock.release()
    assert locks.holders(place_of(tmp_path)) == ()
    assert list(folder_of(tmp_path).iterdir()) == []


def test_a_second_holder_is_told_who_holds_the_stack(tmp_path):
    path = put_lock(tmp_path, OFFICIAL)

    with pytest.raises(errors.StackLockedError) as caught:
        locks.acquire(place_of(tmp_path))

    assert caught.value.holders == (
        f"{path.as_uri()}: created by ann@laptop (pid 1) at 2026-11-22T09:00:00+01:00, 2h0m0s ago",
    )
    assert "the stack is currently locked by 1 lock(s)" in str(caught.value)
    assert "pulumi cancel" in caught.value.hint
    assert list(folder_of(tmp_path).iterdir()) == [path], "one's own lock is not left behind"
    path.unlink()
    locks.acquire(place_of(tmp_path)).release()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x", "process": {}}'])
def test_a_lock_that_cannot_be_read_still_locks(tmp_path, content):
    put_lock(tmp_path, content)

    with pytest.raises(errors.StackLockedError):
        locks.acquire(place_of(tmp_path))


def test_cancel_removes_every_lock(tmp_path):
    put_lock(tmp_path, OFFICIAL, "a")
    put_lock(tmp_path, OFFICIAL, "b")
    put_lease(tmp_path, elsewhere())

    assert locks.remove_all(place_of(tmp_path)) == 3
    assert locks.remove_all(place_of(tmp_path)) == 0
    locks.acquire(place_of(tmp_path)).release()


def test_who_comes_after_has_the_greater_number(tmp_path):
    tokens = []
    for _ in range(3):
        lock = locks.acquire(place_of(tmp_path))
        tokens.append(lock.token)
        lock.release()

    assert tokens == [1, 2, 3]


def test_a_lease_holds_though_its_lock_file_is_removed_by_hand(tmp_path):
    lock = locks.acquire(place_of(tmp_path))
    (tmp_path / lock.key).unlink()

    with pytest.raises(errors.StackLockedError) as caught:
        locks.acquire(place_of(tmp_path))

    assert f"(pid {os.getpid()}) at {NOW}" in caught.value.holders[0]
    lock.check()
    lock.release()


def test_a_run_whose_lock_was_cancelled_is_refused(tmp_path):
    clock = HandClock()
    lock = locks.acquire(place_of(tmp_path, clock=clock))
    locks.remove_all(place_of(tmp_path))
    other = locks.acquire(place_of(tmp_path))
    clock.s += 41

    with pytest.raises(errors.LockLostError) as caught:
        lock.check()

    assert f"has held the stack's lock since {NOW}" in caught.value.detail
    assert not lock.is_fresh
    lock.release()
    assert len(locks.holders(place_of(tmp_path))) == 1, "the other's lock is left alone"
    other.release()


def test_a_lock_that_nobody_took_meanwhile_is_renewed(tmp_path):
    clock = HandClock()
    lock = locks.acquire(place_of(tmp_path, clock=clock))
    clock.s += 4000

    assert not lock.is_fresh
    lock.check()

    assert lock.is_fresh
    lock.release()


def test_the_lease_is_renewed_while_its_holder_works(tmp_path):
    lock = locks.acquire(place_of(tmp_path, terms=leases.Terms(lease_s=30, beat_s=0.01)))
    store = FolderStore(tmp_path)

    for _ in range(500):
        if (beat := leases.read(store, "leases/shop/dev.json").beat) > 2:
            break
        lock._lease._over.wait(0.01)

    assert beat > 2
    lock.release()
    assert leases.read(store, "leases/shop/dev.json").holder == ""


def test_a_lease_without_a_sign_of_life_is_taken_over_after_it_was_watched_for_that_long(tmp_path):
    put_lease(tmp_path, elsewhere())
    put_lock(tmp_path, elsewhere().to_json() | {"timestamp": NOW}, "h")
    os.utime(tmp_path / "leases" / "shop" / "dev.json", (0, 0))
    told, clock = [], HandClock()

    lock = locks.acquire(place_of(tmp_path, clock=clock), locks.Patience(tell=told.append))

    assert clock.s - 1000 >= 40
    assert "shows no sign of life; watching it for 40 s" in told[0]
    assert lock.token == 8
    assert "took over the lock of ci@runner-7 (pid 4242)" in lock.findings[0]
    assert "no sign of life" in lock.findings[0]
    (audit,) = leases.read(FolderStore(tmp_path), "leases/shop/dev.json").takeovers
    assert audit["from"] == "ci@runner-7 (pid 4242)"
    assert f"(pid {os.getpid()})" in audit["by"]
    assert audit["at"] == NOW
    assert list(folder_of(tmp_path).iterdir()) == [tmp_path / lock.key], "its lock file went with its lease"
    lock.release()


def test_a_lock_file_that_a_dead_heir_left_goes_with_its_lease(tmp_path):
    put_lock(tmp_path, elsewhere().to_json() | {"timestamp": NOW}, "first")
    put_lease(tmp_path, elsewhere(), holder="heir", token=8, takeovers=({"holder": "first", "token": 8},))

    lock = locks.acquire(place_of(tmp_path, clock=HandClock()), locks.Patience(wait_s=60))

    assert list(folder_of(tmp_path).iterdir()) == [tmp_path / lock.key]
    lock.release()


def test_a_live_lease_is_not_taken_over_whatever_the_clocks_say(tmp_path):
    owner = elsewhere()

    def beats():
        put_lease(tmp_path, owner, beat=next(numbers))
        # The store's clock is years behind, or ours ahead.
        os.utime(tmp_path / "leases" / "shop" / "dev.json", (next(numbers), 0))

    numbers = iter(range(1, 10_000))
    beats()

    clock = HandClock(during=beats)
    with pytest.raises(errors.StackLockedError):
        locks.acquire(place_of(tmp_path, clock=clock))

    assert clock.s < 1010, "one sign of life is enough"


def test_a_fresh_lease_of_another_machine_is_refused_at_once(tmp_path):
    put_lease(tmp_path, elsewhere())
    clock = HandClock()

    with pytest.raises(errors.StackLockedError) as caught:
        locks.acquire(place_of(tmp_path, clock=clock))

    assert clock.s == 1000
    assert "ci@runner-7 (pid 4242)" in caught.value.holders[0]
    assert "--lock-wait" in caught.value.hint


def test_who_waits_hears_for_whom_and_gets_the_lock_when_it_is_free(tmp_path):
    path = put_lock(tmp_path, OFFICIAL)
    told, clock = [], HandClock()
    clock.during = lambda: path.unlink(missing_ok=True) if clock.s > 1025 else None

    lock = locks.acquire(place_of(tmp_path, clock=clock), locks.Patience(wait_s=600, tell=told.append))

    assert told[0].startswith("waiting for the lock of dev, created by ann@laptop (pid 1) at")
    assert told[0].endswith("2h0m0s ago; 0 of 600 s")
    assert [text.rpartition("; ")[2] for text in told] == ["0 of 600 s", "10 of 600 s", "20 of 600 s"]
    lock.release()


def test_who_waited_in_vain_is_refused(tmp_path):
    put_lock(tmp_path, OFFICIAL)
    clock = HandClock()

    with pytest.raises(errors.StackLockedError):
        locks.acquire(place_of(tmp_path, clock=clock), locks.Patience(wait_s=30))

    assert clock.s == 1030


def dead_process():
    """The identity of a process that has just ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return replace(processes.this_process(), pid=ended.pid)


def test_the_lock_of_a_dead_process_of_ours_is_taken_over_with_a_finding(tmp_path):
    put_lock(tmp_path, dead_process().to_json() | {"timestamp": NOW})

    lock = locks.acquire(place_of(tmp_path))

    assert len(lock.findings) == 1
    assert "runs no more" in lock.findings[0]
    assert list(folder_of(tmp_path).iterdir()) == [tmp_path / lock.key]
    lock.release()


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_over_at_once(tmp_path):
    put_lease(tmp_path, dead_process())

    lock = locks.acquire(place_of(tmp_path, clock=HandClock()))

    assert "that process runs no more" in lock.findings[0]
    lock.release()


def test_the_lock_of_a_dead_process_of_another_engine_is_never_taken_over(tmp_path):
    dead = dead_process()
    put_lock(tmp_path, {"pid": dead.pid, "username": dead.username, "hostname": dead.hostname, "timestamp": NOW})

    with pytest.raises(errors.StackLockedError):
        locks.acquire(place_of(tmp_path))


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
    class Racing(FolderStore):
        """Another process's lock appears just after one's own was written."""

        def write(self, key, content):
            super().write(key, content)
            put_lock(tmp_path, OFFICIAL)

    with pytest.raises(errors.StackLockedError):
        locks.acquire(place_of(tmp_path, Racing(tmp_path)))

    assert [path.stem for path in folder_of(tmp_path).iterdir()] == ["other"]
    (folder_of(tmp_path) / "other.json").unlink()
    locks.acquire(place_of(tmp_path)).release()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells when a process began")
def test_this_process_is_described_in_full():
    here = processes.this_process()

    assert here.pid == os.getpid()
    assert all((here.hostname, here.username, here.boot, here.namespace))
    assert here.started.isdigit()


def race(folder, rounds, log):
    for _ in range(rounds):
        try:
            lock = locks.acquire(place_of(folder))
        except errors.StackLockedError:
            continue
        with log.open("ab", buffering=0) as file:
            file.write(b"+")
            file.write(b"-")
        lock.release()


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
    assert locks.holders(place_of(tmp_path)) == ()


@pytest.mark.slow
def test_a_process_stopped_past_its_lease_finds_on_waking_that_it_may_not_write(tmp_path):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            lock = locks.acquire(place_of(tmp_path, terms=leases.Terms(lease_s=0.5, beat_s=0.1)))
            os.write(write, b"held")
            os.kill(os.getpid(), signal.SIGSTOP)
            try:
                lock.check()
            except errors.LockLostError as error:
                code = 42 if "took it over at" in error.detail else 43
        finally:
            os._exit(code)
    assert os.read(read, 4) == b"held"
    os.waitpid(child, os.WUNTRACED)

    taken = locks.acquire(place_of(tmp_path), locks.Patience(wait_s=20))
    os.kill(child, signal.SIGCONT)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    assert "gave no sign of life" in taken.findings[0]
    taken.release()
