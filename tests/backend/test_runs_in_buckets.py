"""Runs on an object store: the same promises as in a folder, and a death between any two writes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.backend import leases, locks
from reconciler.backend.addresses import open_backend, open_store
from reconciler.backend.operations import operation
from reconciler.model.resources import PendingType
from reconciler.state import integrity, journals
from reconciler.state.snapshots import Snapshot
from tests.backend.stacks import DEV, UP, backend, create, creating, files, new_stack, thing
from tests.backend.test_locks import HandClock
from tests.state.arbitrary import cipher

# A lease that is over as soon as somebody waits; its holder's clock stands still.
SHORT = {"terms": leases.Terms(lease_s=0.001, beat_s=1000)}


def patient(store):
    """A later run, which waits until the lease of a dead one is over."""
    later = backend(store, clock=HandClock(), **SHORT)
    later.patience = locks.Patience(wait_s=60)
    return later


class Mortal:
    """A store that this process reaches until it dies at its `at`-th write, before it is done or after."""

    def __init__(self, store, at, *, is_done):
        self._store, self._left, self._is_done, self.is_dead = store, at, is_done, False

    def __getattr__(self, name):
        method = getattr(self._store, name)

        def call(*arguments):
            if self.is_dead:
                raise errors.BackendError("dead")
            if name not in ("write", "create", "replace", "remove"):
                return method(*arguments)
            if self._left:
                self._left -= 1
                return method(*arguments)
            self.is_dead = True
            if self._is_done:
                method(*arguments)
            raise errors.BackendError("dead")

        return method if name == "locate" else call


def two_creates(store, calls):
    with operation(backend(store, clock=HandClock(), **SHORT), DEV, cipher(), UP) as run:
        for number in (1, 2):
            run.journal.write(journals.Began(10 * number, creating(number)))
            calls.append(f"id-{number}")
            run.journal.write(journals.Put(10 * number + 1, thing(number), ends=10 * number))
        run.finish("succeeded", {"create": 2})


def check_nothing_is_lost(store, calls):
    with operation(patient(store), DEV, cipher(), UP) as run:
        known = {resource.id for resource in run.snapshot.resources}
        doubtful = {pending.resource.id for pending in run.snapshot.pending}
        assert set(calls) <= known | doubtful
        assert known & doubtful == set()
        assert all(pending.type is PendingType.CREATING for pending in run.snapshot.pending)
        assert integrity.violations(run.snapshot) == ()
        run.finish("succeeded")
    with operation(patient(store), DEV, cipher(), UP) as run:
        assert run.findings == ()
        assert {resource.id for resource in run.snapshot.resources} == known
        run.finish("succeeded")
    assert [key for key in files(backend(store)) if key.startswith(("journals", "locks"))] == []
    return known


def deaths(new_store, each=1):
    """A store after each run that died at each `each`-th of its writes, and after one that did not."""
    for is_done in (False, True):
        for at in range(0, 1000, each):
            store, calls = new_store(), []
            new_stack(store)
            mortal = Mortal(store, at, is_done=is_done)
            try:
                two_creates(mortal, calls)
            except errors.BackendError:
                assert mortal.is_dead
            yield store, calls, mortal.is_dead
            if not mortal.is_dead:
                assert at > 15, "the deaths went through the whole run"
                break


def test_a_death_at_any_write_of_a_run_loses_nothing():
    for store, calls, is_dead in deaths(lambda: open_store("mem://", {})):
        known = check_nothing_is_lost(store, calls)
        assert is_dead or known == {"id-1", "id-2"}


@pytest.mark.slow
def test_a_death_at_any_write_of_the_recovery_loses_nothing():
    for is_done in (False, True):
        for at in range(1000):
            store, calls = open_store("mem://", {}), []
            new_stack(store)
            with pytest.raises(errors.BackendError):
                two_creates(Mortal(store, 10, is_done=True), calls)
            assert calls
            mortal = Mortal(store, at, is_done=is_done)
            try:
                check_nothing_is_lost(mortal, calls)
            except errors.BackendError:
                assert mortal.is_dead
            check_nothing_is_lost(store, calls)
            if not mortal.is_dead:
                break
        assert at > 15


@pytest.mark.slow
def test_a_death_at_any_write_to_s3_loses_nothing(s3):
    def new_store():
        return open_store(s3.new_bucket(), s3.environment)

    for store, calls, is_dead in deaths(new_store, each=3):
        known = check_nothing_is_lost(store, calls)
        assert is_dead or known == {"id-1", "id-2"}


CHILD = """
import sys
from reconciler.backend.addresses import open_backend
from reconciler.backend.operations import Intent, operation
from reconciler.state import journals
from tests.backend.stacks import DEV, creating, thing
from tests.state.arbitrary import cipher
with operation(open_backend(sys.argv[1], {}), DEV, cipher(), Intent(kind="update")) as run:
    for number in range(1, 9):
        run.journal.write(journals.Began(10 * number, creating(number)))
        print(f"id-{number}", flush=True)
        run.journal.write(journals.Put(10 * number + 1, thing(number), ends=10 * number))
    run.finish("succeeded")
"""


@pytest.mark.slow
@pytest.mark.parametrize("at", [7, 12, 24])
def test_a_process_killed_while_it_puts_leaves_all_it_began(s3, at):
    open_backend(s3.url, s3.environment).create_stack(DEV, cipher().state)
    puts = iter(range(at))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, s3.url],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | s3.environment,
        # A program of another test that hangs keeps this process where it works.
        cwd=Path(__file__).parents[2],
    )

    def kill(method, _path):
        if method == "PUT" and next(puts, None) is None:
            os.kill(child.pid, signal.SIGKILL)

    s3.fault = kill
    calls = child.communicate(timeout=60)[0].split()
    s3.fault = lambda method, path: None

    assert child.returncode == -signal.SIGKILL
    with operation(open_backend(s3.url, s3.environment), DEV, cipher(), UP) as run:
        known = {resource.id for resource in run.snapshot.resources}
        assert set(calls) <= known | {pending.resource.id for pending in run.snapshot.pending}
        assert "that process runs no more" in run.findings[0]
        run.finish("succeeded")


def test_an_official_engine_finds_its_own_layout_in_the_bucket(s3):
    store = new_stack(open_store(s3.url, s3.environment))
    with operation(store, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        keys = files(store)
        (lock,) = (key for key in keys if key.startswith("locks"))
        assert lock.startswith("locks/organization/shop/dev/")
        assert json.loads(keys[lock])["pid"] == os.getpid()
        run.finish("succeeded", {"create": 1})

    written = files(store)
    assert all(
        path.startswith("/bucket-") and "/team/one/.pulumi/" in path
        for method, path in s3.requests
        if method == "PUT" and path.count("/") > 1
    )
    assert sorted(key.partition("/")[0] for key in written) == [
        *("backups", "history", "history", "meta.yaml", "stacks", "stacks"),
    ]
    assert written["meta.yaml"] == b"version: 1\n"
    assert written["stacks/shop/dev.json.bak"] != written["stacks/shop/dev.json"]
    assert json.loads(written["stacks/shop/dev.json"])["checkpoint"]["latest"]["resources"][0]["id"] == "id-1"
    assert b"hunter2" not in b"".join(written.values())
    assert store.stacks() == (DEV,)
    assert store.history(DEV)[0]["result"] == "succeeded"


def test_a_run_that_lost_its_lock_writes_nothing_more(s3_store):
    new_stack(s3_store)
    clock = HandClock()
    slow = backend(s3_store, clock=clock, **SHORT)

    def lose_it():
        with operation(slow, DEV, cipher(), UP) as late:
            create(late.journal, 1, 1)
            with operation(patient(s3_store), DEV, cipher(), UP) as next_run:
                assert "gave no sign of life" in next_run.findings[0]
                assert [resource.id for resource in next_run.snapshot.resources] == ["id-1"]
                create(next_run.journal, 2, 1)
                next_run.finish("succeeded")
            after.update(files(slow))
            clock.s += 1
            late.finish("succeeded")

    after = {}
    with pytest.raises(errors.LockLostError) as caught:
        lose_it()

    assert "writes no more" in caught.value.detail
    assert files(slow) == after
    assert {resource.id for resource in slow.load(DEV, cipher()).snapshot.resources} == {"id-1", "id-2"}
    assert "gave no sign of life" in slow.history(DEV)[0]["environment"]["lock.takenOver"]


def test_a_late_checkpoint_is_refused_by_the_version_it_was_made_from(store):
    first = new_stack(store)
    stored = first.read(DEV)
    first.save(DEV, Snapshot(resources=(thing(1),)), cipher())
    before = files(first)

    with pytest.raises(errors.LockLostError) as caught:
        first.replace_file(DEV, stored, first.render(stored, Snapshot(resources=(thing(2),)), cipher()))

    assert "was left as it is" in caught.value.detail
    assert files(first)["stacks/shop/dev.json"] == before["stacks/shop/dev.json"]


def test_reading_and_previewing_write_nothing(s3):
    new_stack(open_store(s3.url, s3.environment))
    s3.requests.clear()

    store = open_backend(s3.url, s3.environment)
    store.load(DEV, cipher())
    store.history(DEV)
    store.lock_holders(DEV)

    assert {method for method, _ in s3.requests} == {"GET"}
