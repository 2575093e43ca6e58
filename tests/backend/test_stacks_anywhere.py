"""A backend does the same whatever its store is."""

import pytest

from reconciler import errors
from reconciler.backend.addresses import open_backend, open_store
from reconciler.backend.compression import Compression
from reconciler.backend.operations import operation
from reconciler.backend.references import StackReference
from reconciler.model.values import Secret
from reconciler.state.snapshots import Snapshot
from tests.backend.object_services import azure
from tests.backend.stacks import DEV, UP, backend, create, files, new_stack, thing
from tests.state.arbitrary import cipher


def test_stacks_are_made_listed_and_removed(store):
    stacks = new_stack(store)
    stacks.create_stack(StackReference("shop", "prod"))
    stacks.write_tags(DEV, {"owner": "ann"})

    assert [str(stack) for stack in stacks.stacks()] == ["organization/shop/dev", "organization/shop/prod"]
    assert stacks.tags(DEV) == {"owner": "ann"}
    with pytest.raises(errors.StackExistsError):
        stacks.create_stack(DEV)
    stacks.remove_stack(DEV)
    assert stacks.stacks() == (StackReference("shop", "prod"),)
    with pytest.raises(errors.StackNotFoundError):
        stacks.load(DEV)
    assert stacks.lock_holders(DEV) == ()


def test_a_run_leaves_state_backup_and_history(store):
    stacks = new_stack(store)
    before = files(stacks)["stacks/shop/dev.json"]

    with operation(stacks, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        with pytest.raises(errors.StackLockedError), operation(backend(store), DEV, cipher(), UP):
            pass
        seen = backend(store).load(DEV, cipher())
        assert [resource.id for resource in seen.snapshot.resources] == ["id-1"], "a reader sees a run under way"
        run.finish("succeeded", {"create": 1})

    written = files(stacks)
    assert written["stacks/shop/dev.json.bak"] == before
    (kept,) = (content for key, content in written.items() if key.startswith("backups/shop/dev/dev."))
    assert kept == before
    (copied,) = (content for key, content in written.items() if key.endswith(".checkpoint.json"))
    assert copied == written["stacks/shop/dev.json"]
    assert stacks.version(DEV, 1).content == copied
    assert stacks.history(DEV)[0]["resourceChanges"] == {"create": 1}
    assert not any(key.startswith(("journals", "locks")) for key in written)
    assert b"hunter2" not in b"".join(written.values())


@pytest.mark.parametrize("compression", [Compression.GZIP, Compression.ZSTD])
def test_packed_and_plain_stacks_take_turns(compression):
    store = open_store("mem://", {})
    plain, packing = new_stack(store), backend(store, compression=compression)

    packing.save(DEV, Snapshot(resources=(thing(1),)), cipher())
    assert [key for key in files(plain) if key.startswith("stacks") and not key.endswith(".bak")] == [
        f"stacks/shop/dev.json{compression}"
    ]
    assert plain.load(DEV, cipher()).snapshot.resources == (thing(1),)
    assert plain.stacks() == (DEV,)
    with operation(packing, DEV, cipher(), UP) as run:
        create(run.journal, 2, 1)
        run.finish("succeeded")
    assert packing.history(DEV)[0]["result"] == "succeeded"
    assert len(packing.version(DEV, 1).checkpoint.deployment["resources"]) == 2
    plain.save(DEV, Snapshot(resources=(thing(2),)), cipher())

    assert f"stacks/shop/dev.json{compression}" not in files(plain)
    assert plain.load(DEV, cipher()).snapshot.resources == (thing(2),)


@pytest.mark.parametrize("cut", [5, 20])
def test_a_packed_stack_that_is_cut_short_is_refused(cut):
    store = open_store("mem://", {})
    stacks = new_stack(store, compression=Compression.ZSTD)
    store.write("stacks/shop/dev.json.zst", store.find("stacks/shop/dev.json.zst").content[:cut])

    with pytest.raises(errors.CheckpointFormatError) as caught:
        stacks.load(DEV)

    assert "Zstandard" in caught.value.detail


@pytest.mark.parametrize("spelling", ["PULUMI_DIY_BACKEND_", "PULUMI_SELF_MANAGED_STATE_", "PULUMI_"])
def test_upstreams_switches_are_known_by_all_their_names(tmp_path, spelling):
    environment = {
        f"{spelling}RETAIN_CHECKPOINTS": "true",
        f"{spelling}GZIP": "true",
        f"{spelling}DISABLE_CHECKPOINT_BACKUPS": "true",
    }
    stacks = open_backend(f"file://{tmp_path}", environment)
    stacks.create_stack(DEV, cipher().state)
    with operation(stacks, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        run.finish("succeeded")

    kept = [key for key in files(stacks) if key.startswith("stacks/shop/dev.json.gz.") and not key.endswith(".bak")]
    assert len(kept) == 2
    assert not any(key.startswith("backups") for key in files(stacks))
    assert stacks.stacks() == (DEV,)
    with pytest.raises(errors.BackendError):
        open_backend(f"file://{tmp_path}", environment | {f"{spelling}ZSTD": "1"})


def test_memory_is_empty_each_time():
    open_backend("mem://", {}).create_stack(DEV)

    assert open_backend("mem://", {}).stacks() == ()


def test_azures_connection_string_names_account_key_and_place():
    with azure() as (url, _):
        address = url.rpartition("domain=")[2]
        given = f"AccountName=account;AccountKey=a2V5;BlobEndpoint=http://{address}/account/;"
        store = open_store("azblob://bucket/team", {"AZURE_STORAGE_CONNECTION_STRING": given})

        store.write("a", b"x")

        assert store.find("a").content == b"x"


def test_a_profile_gives_credentials_and_region(s3, tmp_path, monkeypatch):
    for name in list(s3.environment):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "credentials").write_text("[work]\naws_access_key_id = AKID\naws_secret_access_key = s\n")
    (tmp_path / "config").write_text("[profile work]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    store = open_store(f"{s3.url}&profile=work", {})

    store.write("a", b"x")

    assert store.find("a").content == b"x"
    with pytest.raises(errors.BucketAccessError) as caught:
        open_store(f"{s3.url}&profile=nobody", {})
    assert "nobody" in caught.value.detail


def test_secrets_are_not_in_any_object_while_a_run_is_under_way(store):
    stacks = new_stack(store)
    with operation(stacks, DEV, cipher(), UP) as run:
        create(run.journal, 1, 1)
        assert b"hunter2" not in b"".join(files(stacks).values())
        run.finish("succeeded", snapshot=Snapshot(resources=(thing(1, inputs={"p": Secret("hunter2")}),)))

    assert b"hunter2" not in b"".join(files(stacks).values())
