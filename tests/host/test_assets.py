"""Assets and archives are hashed as upstream hashes them, to the byte."""

from __future__ import annotations

import asyncio
import hashlib
import io
import tarfile
import zipfile

import pytest

from reconciler import errors
from reconciler.host import tar_stream
from reconciler.host.assets import hash_of, hashed
from reconciler.model.values import Archive, Asset, Secret

EMPTY_TEXT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
EMPTY_ARCHIVE = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
ONE_ASSET = "27ab4a14a617df10cff3e1cf4e30cf510302afe56bf4cc91f84041c9f7b62fd8"


def text(content: str) -> Asset:
    return Asset(hash="", text=content)


def bundle(**members: Asset | Archive) -> Archive:
    return Archive(hash="", assets=members)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(text(""), EMPTY_TEXT, id="no-text"),
        pytest.param(bundle(), EMPTY_ARCHIVE, id="no-members"),
        pytest.param(bundle(foo=text("a test asset")), ONE_ASSET, id="one-text"),
    ],
)
def test_the_published_hashes_hold(tmp_path, value, expected):
    assert hash_of(value, tmp_path) == expected


def test_a_folder_is_hashed_as_its_files_in_order(tmp_path):
    folder = tmp_path / "code"
    for name, content in (("b/c.txt", "1"), ("b.txt", "2"), ("a", "3"), (".pulumi/kept-out", "4")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "linked").symlink_to(folder / "a")
    (folder / "elsewhere").symlink_to(tmp_path)

    content = [("a", b"3"), ("b/c.txt", b"1"), ("b.txt", b"2"), ("linked", b"3")]
    stream = tar_stream.stream((name, len(data), (data,)) for name, data in content)
    assert hash_of(Archive(hash="", path="code"), tmp_path) == hashlib.sha256(b"".join(stream)).hexdigest()


def test_a_bundle_of_bundles_is_flat(tmp_path):
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as file:
        file.writestr("x", "1")
    with tarfile.open(tmp_path / "inner.tar", "w") as file:
        info = tarfile.TarInfo("x")
        info.size = 1
        file.addfile(info, io.BytesIO(b"1"))

    flat = Archive(hash="", assets={"in/x": text("1")})

    for path in ("inner.zip", "inner.tar"):
        assert hash_of(bundle(**{"in": Archive(hash="", path=path)}), tmp_path) == hash_of(flat, tmp_path)


def test_a_file_of_an_archive_is_hashed_as_it_is(tmp_path):
    (tmp_path / "code.zip").write_bytes(b"whatever")

    assert hash_of(Archive(hash="", path="code.zip"), tmp_path) == hashlib.sha256(b"whatever").hexdigest()
    assert hash_of(Asset(hash="", path="code.zip"), tmp_path) == hashlib.sha256(b"whatever").hexdigest()
    assert hash_of(Asset(hash="", uri=(tmp_path / "code.zip").as_uri()), tmp_path) == (
        hashlib.sha256(b"whatever").hexdigest()
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a", id="short"),
        pytest.param(f"{'d' * 60}/{'f' * 90}", id="split-at-a-slash"),
        pytest.param("f" * 130, id="too-long-to-split"),
        pytest.param("grün/ä.txt", id="not-ascii"),
        pytest.param(f"{'d' * 200}/f", id="a-long-folder"),
    ],
)
def test_the_stream_is_a_tar_file(name):
    content = b"".join(tar_stream.stream([(name, 3, (b"abc",)), (name, 1, (b"x",))]))

    with tarfile.open(fileobj=io.BytesIO(content)) as file:
        assert [(member.name, member.size, member.mode) for member in file] == [(name, 3, 0o600)]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Asset(hash="", path="missing"), id="asset"),
        pytest.param(Archive(hash="", path="missing"), id="archive"),
        pytest.param(Archive(hash="", path="missing.zip"), id="archive-file"),
        pytest.param(Asset(hash="", uri="ftp://nowhere/x"), id="scheme"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, value):
    with pytest.raises(errors.InvalidRequestError) as caught:
        hash_of(value, tmp_path)

    assert str(value.path or value.uri) in str(caught.value)


def test_hashes_are_filled_in_at_any_depth_and_known_ones_kept(tmp_path):
    known = Asset(hash="known", text="x")

    result = asyncio.run(hashed({"a": 0, "b": (Secret({"c": text("")}),), "d": known}, tmp_path))

    assert result["b"][0].value["c"].hash == EMPTY_TEXT
    assert result["d"] is known
