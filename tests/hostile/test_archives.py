"""Archives that climb out of their folder, lie about themselves or are cut short, given as plugins."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import errors
from reconciler.host.assets import hash_of
from reconciler.model.values import Archive
from reconciler.providers.plugins import cache

BINARY = "pulumi-resource-evil"


def tarred(*members: tuple[str, bytes | str, bytes], mode: str = "w:gz") -> bytes:
    """A tar of (name, content or the target of a link, type)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content, kind in ((BINARY, b"#!/bin/sh\n", tarfile.REGTYPE), *members):
            info = tarfile.TarInfo(name)
            info.type = kind
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.linkname = content
                archive.addfile(info)
    return out.getvalue()


def zipped(*names: str) -> bytes:
    """A zip of files of these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (BINARY, *names):
            archive.writestr(name, "content" * 20, zipfile.ZIP_DEFLATED)
    return out.getvalue()


ARCHIVES = {
    "a tar that climbs": tarred(("../../climbed", b"x", tarfile.REGTYPE)),
    "a tar that climbs from below": tarred(("a/../../../climbed", b"x", tarfile.REGTYPE)),
    "a link that leads out": tarred(("out", "../../..", tarfile.SYMTYPE)),
    "a file behind a link that leads out": tarred(
        ("out", "..", tarfile.SYMTYPE), ("out/../climbed", b"x", tarfile.REGTYPE)
    ),
    "an absolute link": tarred(("out", "/etc/passwd", tarfile.SYMTYPE)),
    "a hard link to a file outside": tarred(("out", "../../victim", tarfile.LNKTYPE)),
    "a device": tarred(("device", "", tarfile.CHRTYPE)),
    "a pipe": tarred(("pipe", "", tarfile.FIFOTYPE)),
    "a zip that climbs": zipped("../../climbed"),
    "a zip that climbs from below": zipped("a/../../../climbed"),
    "an absolute zip": zipped("/tmp/climbed-from-a-zip"),
    "a zip cut short": zipped("a")[:-30],
    "a tar cut short": tarred(("a", bytes(range(256)) * 40, tarfile.REGTYPE))[:-200],
    "a plugin of another name": zipped("pulumi-resource-good").replace(b"evil", b"good"),
    "nothing": b"PK\x05\x06" + bytes(18),
}


def install(folder: Path, content: bytes, name: str = "evil") -> Path | None:
    """Install an archive as a plugin."""
    source = folder / "plugin.tar.gz"
    source.write_bytes(content)
    return cache.install(folder / "home", "resource", name, "1.0.0", source)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_that_is_not_what_it_should_be_is_refused_and_leaves_nothing(tmp_path, name):
    (tmp_path / "victim").write_text("untouched")

    with pytest.raises(errors.ReconcilerError) as caught:
        install(tmp_path, ARCHIVES[name])

    assert not isinstance(caught.value, errors.BugError)
    assert files_of(tmp_path) == {"victim", "plugin.tar.gz"}
    assert (tmp_path / "victim").read_text() == "untouched"
    assert not Path("/tmp/climbed-from-a-zip").exists()


def test_an_absolute_name_in_a_tar_lands_inside_or_is_refused(tmp_path):
    with contextlib.suppress(errors.ReconcilerError):
        install(tmp_path, tarred(("/climbed", b"x", tarfile.REGTYPE)))

    assert not Path("/climbed").exists()
    assert all(name == "plugin.tar.gz" or name.startswith("home/plugins/resource-evil-v1.0.0/")
               for name in files_of(tmp_path))  # fmt: skip


@pytest.mark.parametrize("content", [zipped("a"), tarred(("a", b"x" * 500, tarfile.REGTYPE))], ids=["zip", "tar"])
def test_what_unpacks_to_too_much_is_refused_and_leaves_nothing(tmp_path, monkeypatch, content):
    monkeypatch.setattr(cache, "MOST_BYTES", 100)

    with pytest.raises(errors.ReconcilerError, match="more than any plugin has"):
        install(tmp_path, content)

    assert files_of(tmp_path) == {"plugin.tar.gz"}


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([zipped("a", "b/c"), tarred(("a", bytes(range(200)), tarfile.REGTYPE)), tarred(mode="w")]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=6)), max_size=3),
    st.integers(0, 100),
)
def test_no_bytes_of_an_archive_do_more_than_be_refused(content, spoilt, cut):
    damaged = bytearray(content)
    for at, replacement in spoilt:
        damaged[at : at + len(replacement)] = replacement
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.suppress(errors.ReconcilerError):
            install(Path(folder), bytes(damaged[: len(damaged) - cut]))

        assert all(name == "plugin.tar.gz" or name.startswith("home/plugins/resource-evil-v1.0.0/")
                   for name in files_of(Path(folder)))  # fmt: skip
        for ending in (".zip", ".tar.gz"):
            # The same file, as an asset that a program names inside an archive of its own.
            source = Path(folder) / f"asset{ending}"
            source.write_bytes(bytes(damaged))
            with contextlib.suppress(errors.ReconcilerError):
                hash_of(Archive(hash="", assets={"inner": Archive(hash="", path=source.name)}), Path(folder))
