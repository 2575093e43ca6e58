"""One run from lock to save, and a kill between any two of its writes."""

import gzip
import json
import os
import signal
from dataclasses import replace

import pytest

from reconciler import errors
from reconciler.backend.operations import Intent, operation
from reconciler.backend.run_journals import file_key
from reconciler.model.resources import PendingType
from reconciler.state import integrity, journals
from reconciler.state.snapshots import Snapshot
from tests.backend.stacks import DEV, UP, backend, create, creating, files, new_stack, thing
from tests.state.arbitrary import cipher


def test_a_run_is_saved_once_with_history_and_backup(tmp_path):
    store = new_stack(tmp_path)
    before = files(store)["stacks/shop/dev.json"]

    with operation(store, DEV, cipher(), UP) as run:
        assert run.findings == ()
        assert len(store.lock_holders(DEV)) == 1
        create(run.journal, 1, 1)
        create(run.journal, 2, 3)
        assert files(store)["stacks/shop/dev.json"] == before, "while the run lasts there is only the journal"
        final = run.finish("succeeded", {"create": 2})

    written = files(store)
    assert [resource.id for resource in final.resources] == ["id-1", "id-2"]
    assert store.load(DEV, cipher()).snapshot == final
    assert written["stacks/shop/dev.json.bak"] == before
    assert [content for path, content in written.items() if path.startswith("backups/shop/dev/dev.")] == [before]
    (checkpoint,) = (content for path, content in written.items() if path.endswith(".checkpoint.json"))
    assert checkpoint == written["stacks/shop/dev.json"]
    assert not any(path.startswith(("journals", "locks")) for path in written)
    assert b"hunter2" not in b"".join(written.values())


def test_the_history_record_says_what_upstreams_says(tmp_path):
    store = new_stack(tmp_path)

    for result in ("succeeded", "failed"):
        with operation(store, DEV, cipher(), UP) as run:
            run.finish(result, {"same": 1, "create": 2})

    newest, oldest = store.history(DEV)
    assert (newest["result"], oldest["result"]) == ("failed", "succeeded")
    assert list(oldest) == [
        "kind",
        "startTime",
        "message",
        "environment",
        "config",
        "version",
        "result",
        "endTime",
        "resourceChanges",
    ]
    assert oldest["startTime"] <= oldest["endTime"]
    assert oldest["kind"] == "update"
    assert oldest["message"] == "first"
    assert oldest["environment"] == {"git.head": "abc"}
    assert oldest["config"] == {"shop:a": "b"}
    assert oldest["version"] == 0
    assert oldest["resourceChanges"] == {"create": 2, "same": 1}


def test_records_that_upstream_compressed_are_read_and_damaged_ones_named(tmp_path):
    store = new_stack(tmp_path)
    folder = store.store.root / "history" / "shop" / "dev"
    folder.mkdir(parents=True)
    (folder / "dev-5.history.json.gz").write_bytes(gzip.compress(b'{"result":"failed"}'))
    (folder / "dev-x.history.json").write_bytes(b'{"result":"succeeded"}')
    (folder / "dev-5.checkpoint.json").write_bytes(b"")

    assert [record["result"] for record in store.history(DEV)] == ["failed", "succeeded"]
    for name, content in (("dev-1.history.json", b"{"), ("dev-1.history.json.gz", b"{"), ("dev-1.history.json", b"[]")):
        (folder / name).write_bytes(content)
        with pytest.raises(errors.CheckpointFormatError) as caught:
            store.history(DEV)
        assert (folder / name).as_uri() in caught.value.detail
        (folder / name).unlink()


def test_a_run_that_changes_nothing_leaves_the_stack_file_as_it_was(tmp_path):
    store = new_stack(tmp_path)
    with operation(store, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        run.finish("succeeded")
    before = {path: content for path, content in files(store).items() if path.startswith("stacks")}

    with operation(store, DEV, cipher(), UP) as run:
        run.journal.write(journals.Kept(1, 0))
        run.finish("succeeded")

    assert {path: content for path, content in files(store).items() if path.startswith("stacks")} == before


def test_true_is_another_value_than_one(tmp_path):
    store = new_stack(tmp_path)
    store.save(DEV, Snapshot(resources=(thing(1, inputs={"a": 1.0}),)), cipher())

    with operation(store, DEV, cipher(), UP) as run:
        run.journal.write(journals.Put(1, thing(1, inputs={"a": True}), forgets=(journals.Old(0),)))
        run.finish("succeeded")

    assert store.load(DEV, cipher()).snapshot.resources[0].inputs["a"] is True


def test_a_run_that_raises_is_saved_as_failed(tmp_path):
    store = new_stack(tmp_path)

    def interrupted():
        with operation(store, DEV, cipher(), UP) as run:
            create(run.journal, 1, 1)
            run.journal.write(journals.Began(3, creating(2)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    snapshot = store.load(DEV, cipher()).snapshot
    assert [resource.id for resource in snapshot.resources] == ["id-1"]
    assert [operation.operation_id for operation in snapshot.pending] == ["op-2"]
    assert store.history(DEV)[0]["result"] == "failed"
    assert store.lock_holders(DEV) == ()


def test_an_edited_state_can_be_saved(tmp_path):
    store = new_stack(tmp_path)

    with operation(store, DEV, cipher(), Intent(kind="import")) as run:
        run.finish("succeeded", snapshot=Snapshot(resources=(thing(5),)))

    assert store.load(DEV, cipher()).snapshot.resources == (thing(5),)


def test_a_run_can_begin_anew_from_what_it_settled_first(tmp_path):
    store = new_stack(tmp_path)
    store.save(DEV, Snapshot(pending=(creating(1),)), cipher())

    with operation(store, DEV, cipher(), UP) as run:
        run.rebase(Snapshot(resources=(thing(1),)))
        assert store.load(DEV, cipher()).snapshot == Snapshot(resources=(thing(1),))
        run.journal.write(journals.Kept(1, 0))
        create(run.journal, 2, 2)
        run.finish("succeeded")

    snapshot = store.load(DEV, cipher()).snapshot
    assert [resource.id for resource in snapshot.resources] == ["id-1", "id-2"]
    assert snapshot.pending == ()


def test_a_broken_result_is_saved_and_then_reported(tmp_path):
    store = new_stack(tmp_path)
    orphan = thing(1, parent="urn:pulumi:dev::shop::t::nobody")

    def broken():
        with operation(store, DEV, cipher(), UP) as run:
            run.journal.write(journals.Put(1, orphan))
            run.finish("succeeded")

    with pytest.raises(errors.SnapshotIntegrityError):
        broken()

    assert store.load(DEV, cipher(), check_integrity=False).snapshot.resources == (orphan,)
    with pytest.raises(errors.SnapshotIntegrityError), operation(store, DEV, cipher(), UP):
        pass
    with operation(store, DEV, cipher(), UP, check_integrity=False) as run:
        run.finish("succeeded", snapshot=Snapshot())


def test_two_runs_at_once_are_refused(tmp_path):
    store = new_stack(tmp_path)

    with operation(store, DEV, cipher(), UP) as run:
        with pytest.raises(errors.StackLockedError), operation(backend(tmp_path), DEV, cipher(), UP):
            pass
        run.finish("succeeded")


def die_in_child(work, at):
    """Run `work` in a process that is killed at its `at`-th flush to disk; did it come to its end?"""
    child = os.fork()
    if child == 0:
        flushes = iter(range(at))

        def flush(_descriptor):
            if next(flushes, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        os.fsync = flush
        try:
            work()
        finally:
            os._exit(0)
    return os.WIFEXITED(os.waitpid(child, 0)[1])


@pytest.fixture
def _no_flush(monkeypatch):
    """A killed process loses nothing that it wrote; only a power cut needs the flushes, and they take long."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


def two_creates(folder):
    """A run that makes two objects; the file `calls` says which calls went out."""
    calls = folder / "calls"

    def call(number):
        with calls.open("a") as file:
            file.write(f"{number}\n")

    with operation(backend(folder), DEV, cipher(), UP) as run:
        entry = 100
        for number in (1, 2):
            run.journal.write(journals.Began(entry, creating(number)))
            call(number)
            run.journal.write(journals.Put(entry + 1, thing(number), ends=entry))
            entry += 2
        run.finish("succeeded", {"create": 2})


def check_nothing_is_lost(folder):
    """The next run knows every call that went out, and the one after it finds nothing amiss."""
    path = folder / "calls"
    calls = set(path.read_text().split()) if path.exists() else set()
    with operation(backend(folder), DEV, cipher(), UP) as run:
        known = {resource.id for resource in run.snapshot.resources}
        doubtful = {pending.resource.id for pending in run.snapshot.pending}
        assert {f"id-{number}" for number in calls} <= known | doubtful
        assert known & doubtful == set()
        assert all(pending.type is PendingType.CREATING for pending in run.snapshot.pending)
        assert integrity.violations(run.snapshot) == ()
        run.finish("succeeded")
    with operation(backend(folder), DEV, cipher(), UP) as run:
        assert run.findings == ()
        assert {resource.id for resource in run.snapshot.resources} == known
        run.finish("succeeded")
    written = files(backend(folder))
    assert not any(name.startswith(("journals", "locks")) for name in written), "nothing is left behind or set aside"
    return known


@pytest.mark.slow
@pytest.mark.usefixtures("_no_flush")
def test_a_kill_at_any_flush_of_a_run_loses_nothing(tmp_path):
    ended = False
    for at in range(1000):
        folder = tmp_path / str(at)
        new_stack(folder)
        ended = die_in_child(lambda folder=folder: two_creates(folder), at)
        known = check_nothing_is_lost(folder)
        if ended:
            break

    assert ended
    assert at > 15, "the kills went through the whole run"
    assert known == {"id-1", "id-2"}


@pytest.mark.slow
@pytest.mark.usefixtures("_no_flush")
def test_a_kill_at_any_flush_of_the_recovery_loses_nothing(tmp_path):
    ended = False
    for at in range(1000):
        folder = tmp_path / str(at)
        new_stack(folder)
        # Dies after the second object's Began was flushed.
        assert not die_in_child(lambda folder=folder: two_creates(folder), 14)
        dead = backend(folder).load(DEV, cipher())
        assert dead.snapshot.resources
        assert dead.findings
        ended = die_in_child(lambda folder=folder: check_nothing_is_lost(folder), at)
        known = check_nothing_is_lost(folder)
        if ended:
            break

    assert ended
    assert known


def test_a_dead_run_is_told_of_and_its_lock_taken_over(tmp_path):
    new_stack(tmp_path)
    die_in_child(lambda: two_creates(tmp_path), 14)

    with operation(backend(tmp_path), DEV, cipher(), UP) as run:
        assert len(run.findings) == 2
        assert "runs no more" in run.findings[0]
        assert "the update of" in run.findings[1]
        run.finish("succeeded")


def leave_journal(store, entries=(), base=None):
    stored = store.read(DEV)
    journal = store.open_journal(DEV, replace(stored, hash=base or stored.hash), cipher(), "update")
    for entry in entries:
        journal.write(entry)
    journal.close()
    return store.store.path(file_key(DEV))


def test_a_journal_of_another_state_file_is_never_replayed_and_never_destroyed(tmp_path):
    store = new_stack(tmp_path)
    entries = [journals.Kept(1, 0), journals.Began(2, creating(1))]
    path = leave_journal(store, entries, base="0" * 64)
    content = path.read_bytes()

    with operation(store, DEV, cipher(), UP) as run:
        assert run.snapshot == Snapshot()
        assert "was not used" in run.findings[0]
        assert f"{creating(1).resource.urn} (creating)" in run.findings[0]
        run.finish("succeeded")

    (aside,) = (kept for name, kept in files(store).items() if name.startswith("journals"))
    assert aside == content


@pytest.mark.parametrize("size", [0, 10])
def test_a_journal_without_a_whole_header_is_dropped(tmp_path, size):
    store = new_stack(tmp_path)
    path = leave_journal(store)
    path.write_bytes(path.read_bytes()[:size])

    with operation(store, DEV, cipher(), UP) as run:
        assert run.snapshot == Snapshot()
        assert len(run.findings) == min(size, 1)
        run.finish("succeeded")

    assert not any(name.startswith("journals") for name in files(store))


def test_a_torn_tail_is_dropped_with_a_finding(tmp_path):
    store = new_stack(tmp_path)
    path = leave_journal(store, [journals.Put(1, thing(1))])
    path.write_bytes(path.read_bytes() + b"\0" * 100)

    with operation(store, DEV, cipher(), UP) as run:
        assert run.snapshot.resources == (thing(1),)
        assert "dropped 100 byte(s)" in run.findings[1]
        run.finish("succeeded")

    assert not any(name.startswith("journals") for name in files(store))


def test_a_journal_damaged_in_its_middle_is_kept_aside(tmp_path):
    store = new_stack(tmp_path)
    path = leave_journal(store, [journals.Put(1, thing(1)), journals.Put(2, thing(2)), journals.Put(3, thing(3))])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"#" + lines[2][1:], lines[3]]))
    content = path.read_bytes()

    with operation(store, DEV, cipher(), UP) as run:
        assert run.snapshot.resources == (thing(1),)
        assert "1 whole record(s) among them" in run.findings[1]
        run.finish("succeeded")

    assert [kept for name, kept in files(store).items() if name.startswith("journals")] == [content]


def test_a_died_run_that_had_changed_nothing_is_put_away(tmp_path):
    store = new_stack(tmp_path)
    before = files(store)
    leave_journal(store)

    with operation(store, DEV, cipher(), UP) as run:
        assert run.snapshot == Snapshot()
        run.finish("succeeded")

    assert files(store)["stacks/shop/dev.json"] == before["stacks/shop/dev.json"]


def test_a_reader_without_lock_sees_what_a_running_run_has_done(tmp_path):
    store = new_stack(tmp_path)

    with operation(store, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        run.journal.write(journals.Began(3, creating(2)))

        seen = backend(tmp_path).load(DEV, cipher())

        assert [resource.id for resource in seen.snapshot.resources] == ["id-1"]
        assert [pending.resource.id for pending in seen.snapshot.pending] == ["id-2"]
        run.finish("succeeded")


def test_the_official_engine_sees_an_ordinary_state_after_a_run(tmp_path):
    store = new_stack(tmp_path)
    with operation(store, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        run.journal.write(journals.Began(3, creating(2)))
        run.finish("failed")

    latest = json.loads(files(store)["stacks/shop/dev.json"])["checkpoint"]["latest"]

    assert list(latest) == ["manifest", "secrets_providers", "resources", "pending_operations", "metadata"]
    assert latest["pending_operations"][0]["type"] == "creating"
