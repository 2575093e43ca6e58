"""Files that are there whole or not at all."""

import os

import pytest

from reconciler import errors
from reconciler.backend.disk import Disk


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path):
    disk = Disk(tmp_path)
    path = tmp_path / "a" / "b" / "file"

    disk.write(path, b"one")
    disk.write(path, b"two")

    assert disk.read(path) == b"two"
    assert disk.names(tmp_path) == ("a",)
    assert disk.names(path.parent) == ("file",)


def test_what_is_not_there_is_none_and_may_be_removed(tmp_path):
    disk = Disk(tmp_path)
    (tmp_path / "file").write_bytes(b"")

    disk.remove(tmp_path / "x")
    disk.remove(tmp_path / "file" / "x")

    assert disk.read(tmp_path / "x") is None
    assert disk.read(tmp_path / "file" / "x") is None
    assert disk.names(tmp_path / "x") == ()
    assert disk.names(tmp_path / "file") == ()


def test_what_the_system_refuses_names_the_file(tmp_path):
    disk = Disk(tmp_path)
    folder = tmp_path / "folder"
    (folder / "inside").mkdir(parents=True)

    with pytest.raises(errors.BackendError) as caught:
        disk.write(folder, b"")

    assert str(folder) in caught.value.detail
    assert disk.names(tmp_path) == ("folder",), "no temporary file is left"
    for refused in (disk.read, disk.remove):
        with pytest.raises(errors.BackendError):
            refused(folder)


def test_an_interrupted_write_leaves_the_old_content(tmp_path, monkeypatch):
    disk = Disk(tmp_path)
    path = tmp_path / "file"
    disk.write(path, b"old")

    def interrupt(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        disk.write(path, b"new")

    assert disk.read(path) == b"old"
    assert disk.names(tmp_path) == ("file",)


def test_a_file_is_for_its_owners_eyes_only(tmp_path):
    Disk(tmp_path).write(tmp_path / "state", b"{}")

    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
