"""Stacks in a folder, laid out as upstream does it."""

import gzip
import json
import os

import pytest

from reconciler import errors
from reconciler.backend.addresses import open_backend
from reconciler.backend.compression import Compression
from reconciler.backend.folders import folder_of
from reconciler.backend.operations import operation
from reconciler.backend.references import StackReference
from reconciler.model.values import Secret
from reconciler.state.snapshots import Snapshot
from tests.backend.stacks import DEV, START_NS, UP, backend, create, files, new_stack, thing
from tests.state.arbitrary import cipher


def test_a_new_stack_has_upstreams_layout(tmp_path):
    store = new_stack(tmp_path)

    written = files(store)

    assert written.keys() == {"meta.yaml", "stacks/shop/dev.json"}
    assert written["meta.yaml"] == b"version: 1\n"
    checkpoint = json.loads(written["stacks/shop/dev.json"])
    assert checkpoint["version"] == 3
    assert checkpoint["checkpoint"]["stack"] == "organization/shop/dev"
    assert checkpoint["checkpoint"]["latest"].keys() == {"manifest", "secrets_providers", "metadata"}
    assert store.load(DEV, cipher()).snapshot == Snapshot()


def test_a_stack_without_secrets_manager_is_written_without_state(tmp_path):
    store = backend(tmp_path)

    store.create_stack(DEV)

    assert files(store)["stacks/shop/dev.json"] == b'{"version":3,"checkpoint":{"stack":"organization/shop/dev"}}'
    assert store.load(DEV).snapshot == Snapshot()


def test_a_stack_is_made_once(tmp_path):
    store = new_stack(tmp_path)

    with pytest.raises(errors.StackExistsError):
        store.create_stack(DEV)
    assert store.has_stack(DEV)
    assert store.lock_holders(DEV) == ()


def test_stacks_are_listed_by_project_and_other_files_are_not(tmp_path):
    store = new_stack(tmp_path)
    store.save(DEV, Snapshot(resources=(thing(1),)), cipher())
    store.write_tags(DEV, {"owner": "ann"})
    store.create_stack(StackReference("shop", "prod"))
    store.create_stack(StackReference("alpha", "dev"))

    assert [str(stack) for stack in store.stacks()] == [
        "organization/alpha/dev",
        "organization/shop/dev",
        "organization/shop/prod",
    ]
    assert store.stacks("alpha") == (StackReference("alpha", "dev"),)
    assert store.stacks("none") == ()


def test_a_stack_that_is_not_there_is_named(tmp_path):
    with pytest.raises(errors.StackNotFoundError) as caught:
        backend(tmp_path).load(DEV)

    assert "no stack named 'dev' found" in str(caught.value)


def test_saving_keeps_the_previous_content_and_writes_nothing_when_nothing_changed(tmp_path):
    store = new_stack(tmp_path)
    before = files(store)["stacks/shop/dev.json"]
    snapshot = Snapshot(resources=(thing(1, inputs={"password": Secret("hunter2")}),))

    assert store.save(DEV, snapshot, cipher())
    after = files(store)
    loaded = cipher()
    assert not store.save(DEV, store.load(DEV, loaded).snapshot, loaded)

    assert after["stacks/shop/dev.json.bak"] == before
    assert files(store) == after
    assert b"hunter2" not in b"".join(after.values())


def test_the_same_resources_in_another_order_are_no_change(tmp_path):
    store = new_stack(tmp_path)
    one, two = thing(1, inputs={"password": Secret("hunter2")}), thing(2, inputs={"password": Secret("hunter3")})
    store.save(DEV, Snapshot(resources=(one, two)), cipher())
    before = files(store)
    loaded = cipher()
    first, second = store.load(DEV, loaded).snapshot.resources

    assert not store.save(DEV, Snapshot(resources=(second, first)), loaded)
    assert files(store) == before

    swapped = (thing(1, inputs=second.inputs), thing(2, inputs=first.inputs))
    assert store.save(DEV, Snapshot(resources=swapped), loaded)


def test_what_another_engine_wrote_is_not_touched_when_only_version_and_time_differ(tmp_path):
    store = new_stack(tmp_path)
    path = store.store.root / "stacks" / "shop" / "dev.json"
    magic = "f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2"
    old = json.loads(path.read_text())
    old["checkpoint"]["latest"]["manifest"] = {"time": "2020-01-01T00:00:00+02:00", "magic": magic, "version": "test\n"}
    path.write_text(json.dumps(old, separators=(",", ":")))

    assert not store.save(DEV, store.load(DEV, cipher()).snapshot, cipher())


def test_a_snapshot_that_breaks_the_rules_is_saved_and_then_reported(tmp_path):
    store = new_stack(tmp_path)
    broken = Snapshot(resources=(thing(1, parent="urn:pulumi:dev::shop::t::nobody"),))

    with pytest.raises(errors.SnapshotIntegrityError):
        store.save(DEV, broken, cipher())

    with pytest.raises(errors.SnapshotIntegrityError) as caught:
        store.load(DEV, cipher())
    assert "snapshot integrity failure; refusing to use it" in str(caught.value)
    assert store.load(DEV, cipher(), check_integrity=False).snapshot == broken


def test_a_secret_is_never_written_without_a_manager(tmp_path):
    store = backend(tmp_path)
    store.create_stack(DEV)

    with pytest.raises(errors.StateError):
        store.save(DEV, Snapshot(resources=(thing(1, inputs={"password": Secret("hunter2")}),)))

    assert b"hunter2" not in b"".join(files(store).values())


@pytest.mark.parametrize("content", [b"", b"{", b"\0\0", b'{"version":9,"checkpoint":{}}'])
def test_a_damaged_stack_file_is_named(tmp_path, content):
    store = new_stack(tmp_path)
    path = store.store.root / "stacks" / "shop" / "dev.json"
    path.write_bytes(content)

    with pytest.raises(errors.CheckpointFormatError) as caught:
        store.load(DEV, cipher())

    assert path.as_uri() in caught.value.detail


def test_a_stack_with_resources_is_removed_only_by_force(tmp_path):
    store = new_stack(tmp_path)
    with operation(store, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        run.finish("succeeded")
    store.write_tags(DEV, {"a": "b"})

    with pytest.raises(errors.BackendError) as caught:
        store.remove_stack(DEV)
    assert "still has resources" in caught.value.detail
    store.remove_stack(DEV, force=True)

    left = files(store).keys()
    assert {path.rpartition(".")[0] for path in left if path.startswith("stacks")} == {"stacks/shop/dev.json"}
    assert not any(path.startswith(("history", "locks", "journals")) for path in left)
    assert any(path.startswith("backups") for path in left)
    assert store.stacks() == ()


def test_a_stack_can_be_removed_with_its_backups(tmp_path):
    store = new_stack(tmp_path)
    with operation(store, DEV, cipher(), UP) as run:
        run.finish("succeeded")

    store.remove_stack(DEV, remove_backups=True)

    assert files(store).keys() == {"meta.yaml"}


def test_a_stack_whose_run_died_is_removed_only_by_force(tmp_path):
    store = new_stack(tmp_path)
    store.open_journal(DEV, store.read(DEV), cipher(), "update").close()

    with pytest.raises(errors.BackendError):
        store.remove_stack(DEV)
    store.remove_stack(DEV, force=True)

    assert not store.has_stack(DEV)


def test_tags_survive(tmp_path):
    store = new_stack(tmp_path)
    assert store.tags(DEV) == {}

    store.write_tags(DEV, {"b": "2", "a": "1"})

    assert store.tags(DEV) == {"a": "1", "b": "2"}
    assert files(store)["stacks/shop/dev.pulumi-tags"] == b'{"version":1,"tags":{"a":"1","b":"2"}}'


def test_compressed_stacks_are_read_and_written(tmp_path):
    plain = new_stack(tmp_path)
    compressing = backend(tmp_path, compression=Compression.GZIP)

    compressing.save(DEV, Snapshot(resources=(thing(1),)), cipher())

    assert {path for path in files(plain) if path.startswith("stacks")} == {
        "stacks/shop/dev.json.gz",
        "stacks/shop/dev.json.bak",
    }
    assert plain.load(DEV, cipher()).snapshot.resources == (thing(1),)
    assert plain.stacks() == (DEV,)
    plain.save(DEV, Snapshot(resources=(thing(2),)), cipher())
    assert "stacks/shop/dev.json.gz" not in files(plain)


def test_of_two_variants_the_newest_wins(tmp_path):
    store = new_stack(tmp_path)
    path = store.store.root / "stacks" / "shop" / "dev.json"
    path.with_suffix(".json.gz").write_bytes(gzip.compress(b"not a checkpoint"))
    os.utime(path.with_suffix(".json.gz"), ns=(0, 0))

    store.load(DEV, cipher())
    os.utime(path, ns=(0, 0))
    os.utime(path.with_suffix(".json.gz"))

    with pytest.raises(errors.CheckpointFormatError):
        store.load(DEV, cipher())


def test_a_compressed_file_that_is_cut_short_is_refused(tmp_path):
    store = new_stack(tmp_path)
    path = store.store.root / "stacks" / "shop" / "dev.json"
    path.with_suffix(".json.gz").write_bytes(gzip.compress(path.read_bytes())[:20])
    path.unlink()

    with pytest.raises(errors.CheckpointFormatError):
        store.read(DEV)


def test_other_layouts_are_refused(tmp_path):
    old = tmp_path / "old" / ".pulumi"
    (old / "stacks").mkdir(parents=True)
    (old / "stacks" / "dev.json").write_text("{}")
    new = tmp_path / "new" / ".pulumi"
    new.mkdir(parents=True)
    (new / "meta.yaml").write_text("version: 2\n")

    for folder in (old, new):
        with pytest.raises(errors.BackendError):
            open_backend(f"file://{folder.parent}", {})


def test_urls_name_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    assert folder_of("file://~") == tmp_path
    assert folder_of("file://~/a b") == tmp_path / "a b"
    assert folder_of("file://./state") == tmp_path / "state"
    assert folder_of("file:///x%20y?no_tmp_dir=true") == folder_of("file:///x y")
    assert folder_of("file://") == tmp_path
    for other in ("s3://bucket", "https://api.pulumi.com", "/path"):
        with pytest.raises(errors.BackendError):
            folder_of(other)


def test_upstreams_switches_are_honoured(tmp_path):
    environment = {"PULUMI_DIY_BACKEND_GZIP": "true", "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "1"}
    store = open_backend(f"file://{tmp_path}", environment)
    store.create_stack(DEV, cipher().state)

    with operation(store, DEV, cipher(), UP) as run:
        run.finish("succeeded")

    assert "stacks/shop/dev.json.gz" in files(store)
    assert all(path.endswith(".json.gz") for path in files(store) if path.startswith("history"))
    assert not any(path.startswith("backups") for path in files(store))


def test_cancel_frees_a_stack(tmp_path):
    store = new_stack(tmp_path)

    with store.lock(DEV) as lock:
        assert lock.findings == ()
        assert len(store.lock_holders(DEV)) == 1
        with pytest.raises(errors.StackLockedError), store.lock(DEV):
            pass
        assert store.remove_locks(DEV) == 1

    assert store.lock_holders(DEV) == ()


def test_times_are_written_with_nanoseconds_in_utc(tmp_path):
    store = backend(tmp_path, now_ns=lambda: START_NS + 5)

    assert store.timestamp() == "2026-11-18T11:06:40.000000005Z"
