"""Hashes of what assets and archives of the program hold: state and providers compare them by nothing else.

Source: facts/engine-contract.md §2, asset hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Final, TypeAlias
from urllib.error import URLError
from urllib.parse import urlparse
from urllib.request import urlopen

from reconciler import errors
from reconciler.host import tar_stream
from reconciler.model import values
from reconciler.model.values import Archive, Asset, PropertyMap, Secret, Value

_ARCHIVES: Final = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")
# What the libraries raise over an archive that is damaged, encrypted or packed in another way.
_DAMAGE: Final = (EOFError, ValueError, RuntimeError, tarfile.TarError, zipfile.BadZipFile, zlib.error)
_KEPT_OUT: Final = ".pulumi"
_CHUNK: Final = 1 << 20
_SCHEMES: Final = ("file", "http", "https")
_TIMEOUT_S: Final = 60.0

Member: TypeAlias = tuple[str, int, Iterable[bytes]]


async def hashed(properties: PropertyMap, folder: Path) -> PropertyMap:
    """The same properties, each asset and archive with the hash of its content.

    Args:
        folder: what relative paths begin at.

    Raises:
        InvalidRequestError: what one names cannot be read.
    """
    if not any(isinstance(part, (Asset, Archive)) and not part.hash for part in values.walk(properties)):
        return properties
    return await asyncio.to_thread(_hashed_map, properties, folder)


def _hashed_map(properties: Mapping[str, Value], folder: Path) -> dict[str, Value]:
    return {name: _hashed(value, folder) for name, value in properties.items()}


def _hashed(value: Value, folder: Path) -> Value:
    match value:
        case Secret():
            return Secret(_hashed(value.value, folder))
        case Asset() | Archive() if not value.hash:
            return replace(value, hash=hash_of(value, folder))
        case Mapping():
            return _hashed_map(value, folder)
        case tuple():
            return tuple(_hashed(item, folder) for item in value)
        case _:
            return value


def hash_of(bundle: Asset | Archive, folder: Path) -> str:
    """SHA-256 of an asset's bytes, of an archive file's, or of the tar stream of an archive's members.

    Raises:
        InvalidRequestError: what it names cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for chunk in _content(bundle, folder) if isinstance(bundle, Asset) else _archived(bundle, folder):
            digest.update(chunk)
    except (OSError, URLError, *_DAMAGE) as error:
        named = bundle.path or bundle.uri or "a bundle of assets"
        raise errors.InvalidRequestError(f"the asset {named} cannot be read: {error}") from error
    return digest.hexdigest()


def _content(asset: Asset, folder: Path) -> Iterator[bytes]:
    if asset.path is not None:
        yield from _chunks(partial(_file, folder / asset.path))
    elif asset.uri is not None:
        yield from _chunks(partial(_opened, asset.uri))
    else:
        yield (asset.text or "").encode("utf-8", "surrogateescape")


def _archived(archive: Archive, folder: Path) -> Iterator[bytes]:
    if archive.uri is not None:
        return _chunks(partial(_opened, archive.uri))
    if archive.path is not None and archive.path.endswith(_ARCHIVES) and (folder / archive.path).is_file():
        return _chunks(partial(_file, folder / archive.path))
    return tar_stream.stream(_members(archive, folder))


def _members(archive: Archive, folder: Path) -> Iterator[Member]:
    """(name, size, content) of each file, in upstream's order."""
    if archive.assets is not None:
        for name, member in sorted(archive.assets.items()):
            if isinstance(member, Asset):
                content = b"".join(_content(member, folder))
                yield name, len(content), (content,)
            else:
                yield from ((f"{name}/{inner}", size, rest) for inner, size, rest in _members(member, folder))
        return
    path = folder / (archive.path or "")
    if path.is_dir():
        yield from _files(path, "")
    elif path.name.endswith((".zip", ".jar")):
        yield from _zipped(path)
    else:
        yield from _tarred(path)


def _files(folder: Path, above: str) -> Iterator[Member]:
    for path in sorted(folder.iterdir(), key=lambda entry: entry.name.encode("utf-8", "surrogateescape")):
        name = f"{above}{path.name}"
        if path.name == _KEPT_OUT:
            continue
        if path.is_dir():
            # What a link to a folder holds is somewhere else.
            if not path.is_symlink():
                yield from _files(path, f"{name}/")
        else:
            yield name, path.stat().st_size, _chunks(partial(_file, path))


def _zipped(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as bundle:
        for info in bundle.infolist():
            if not info.is_dir():
                yield info.filename, info.file_size, _chunks(partial(bundle.open, info))


def _tarred(path: Path) -> Iterator[Member]:
    with tarfile.open(path) as bundle:
        for info in bundle:
            if info.isreg():
                yield info.name, info.size, _chunks(partial(_extracted, bundle, info))


def _file(path: Path) -> IO[bytes]:
    return path.open("rb")


def _opened(uri: str) -> IO[bytes]:
    if urlparse(uri).scheme not in _SCHEMES:
        raise errors.InvalidRequestError(f"the asset {uri} is at none of {', '.join(_SCHEMES)}")
    opened: IO[bytes] = urlopen(uri, timeout=_TIMEOUT_S)
    return opened


def _extracted(bundle: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = bundle.extractfile(info)
    assert file is not None, "a regular file has content"
    return file


def _chunks(open_file: Callable[[], IO[bytes]]) -> Iterator[bytes]:
    """The content, opened when it is wanted: of two members of one name only one is."""
    with open_file() as file:
        while chunk := file.read(_CHUNK):
            yield chunk
