"""Files that are there whole or not at all."""

import os

import pytest

from reconciler import errors
from reconciler.backend.folders import FolderStore


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_replaced_file_leaves_nothing_else_behind(tmp_path):
    store = FolderStore(tmp_path)

    store.write("a/b/file", b"one")
    store.write("a/b/file", b"two")

    assert store.find("a/b/file").content == b"two"
    assert names(tmp_path) == ["a"]
    assert names(tmp_path / "a" / "b") == ["file"]


def test_what_stands_below_a_file_is_not_there(tmp_path):
    store = FolderStore(tmp_path)
    (tmp_path / "file").write_bytes(b"")

    store.remove("file/x")

    assert store.find("file/x") is None
    assert store.entries("file") == ()


def test_what_the_system_refuses_names_the_file(tmp_path):
    store = FolderStore(tmp_path)
    folder = tmp_path / "folder"
    (folder / "inside").mkdir(parents=True)

    with pytest.raises(errors.BackendError) as caught:
        store.write("folder", b"")

    assert str(folder) in caught.value.detail
    assert names(tmp_path) == ["folder"], "no temporary file is left"
    for refused in (store.find, store.remove):
        with pytest.raises(errors.BackendError):
            refused("folder")


def test_an_interrupted_write_leaves_the_old_content(tmp_path, monkeypatch):
    store = FolderStore(tmp_path)
    tag = store.write("file", b"old")

    def interrupt(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.write("file", b"new")
    with pytest.raises(KeyboardInterrupt):
        store.replace("file", b"new", tag)

    assert store.find("file").content == b"old"
    assert names(tmp_path) == ["file"]


def test_a_file_is_for_its_owners_eyes_only(tmp_path):
    store = FolderStore(tmp_path)
    store.create("state", b"{}")

    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
