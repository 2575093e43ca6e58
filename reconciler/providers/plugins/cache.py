"""The plugins that are installed below `PULUMI_HOME`, as upstream lays them out: `plugins/<kind>-<name>-v<version>/`.

Source: facts/engine-contract.md §7.1, §9.2.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.providers.plugins.discovery import PLUGIN_FILE

KINDS: Final = ("analyzer", "converter", "language", "resource", "tool")
_FOLDER: Final = re.compile(
    rf"(?P<kind>{'|'.join(KINDS)})-(?P<name>.+)-v(?P<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)"
)
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_ARCHIVES: Final = (".tar.gz", ".tgz", ".tar", ".zip")
# What the libraries raise over an archive that is damaged, encrypted or packed in another way.
_DAMAGE: Final = (OSError, EOFError, ValueError, RuntimeError, tarfile.TarError, zipfile.BadZipFile, zlib.error)
# The largest public plugin unpacks to about 1.3 GB.
MOST_BYTES: Final = 4 * 1024**3
MOST_FILES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One plugin in the cache. Times in seconds since 1970."""

    kind: str
    name: str
    version: str
    folder: Path
    size_bytes: int
    installed_s: float
    last_used_s: float


def installed(home: Path) -> tuple[Installed, ...]:
    """What is installed, by kind, name and version."""
    cache = home / "plugins"
    folders = sorted(cache.iterdir()) if cache.is_dir() else []
    found = [_read(folder, match) for folder in folders if (match := _FOLDER.fullmatch(folder.name))]
    return tuple(sorted(found, key=lambda plugin: (plugin.kind, plugin.name, _rank(plugin.version))))


def install(home: Path, kind: str, name: str, version: str, source: Path, *, again: bool = False) -> Path | None:
    """Put a plugin into the cache: a folder, an archive (.tar.gz, .zip), or its binary.

    The cache has it whole or not at all.

    Args:
        again: also where this version is installed already.

    Returns:
        Its folder; None where it was there already.

    Raises:
        PluginFileError: the source cannot be used.
    """
    if not _NAME.fullmatch(name) or not _VERSION.fullmatch(version):
        raise errors.PluginFileError(f"{name!r} at version {version!r} names no plugin", hint="a version is like 1.2.3")
    folder = home / "plugins" / f"{kind}-{name}-v{version.removeprefix('v')}"
    if folder.exists() and not again:
        return None
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".installing-", dir=folder.parent) as workspace:
        unpacked = Path(workspace) / folder.name
        try:
            _unpack(source, unpacked, f"pulumi-{kind}-{name}")
        except _DAMAGE as error:
            raise errors.PluginFileError(f"{source}: {error}") from error
        if not (unpacked / PLUGIN_FILE).is_file() and not any(unpacked.glob(f"pulumi-{kind}-{name}*")):
            raise errors.PluginFileError(
                f"{source} holds neither pulumi-{kind}-{name} nor a {PLUGIN_FILE}", hint="is it this plugin's?"
            )
        if folder.exists():
            folder.rename(Path(workspace) / "replaced")
        unpacked.rename(folder)
    return folder


def remove(plugins: Sequence[Installed]) -> None:
    """Take plugins out of the cache."""
    for plugin in plugins:
        shutil.rmtree(plugin.folder)


def _unpack(source: Path, target: Path, binary: str) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=False)
        return
    target.mkdir()
    if zipfile.is_zipfile(source):
        _unpack_zip(source, target)
    elif tarfile.is_tarfile(source):
        _unpack_tar(source, target)
    elif source.name.endswith(_ARCHIVES):
        raise errors.PluginFileError(f"{source} is no archive, or is cut short")
    elif source.is_file():
        copied = target / binary
        shutil.copyfile(source, copied)
        copied.chmod(copied.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    else:
        raise FileNotFoundError("there is no such file")


def _unpack_tar(source: Path, target: Path) -> None:
    with tarfile.open(source) as archive:
        size = many = 0
        for member in archive:
            size, many = size + member.size, many + 1
            _limit(source, size, many)
            # The filter refuses what would land outside: absolute paths, `..`, links that lead out, devices.
            archive.extract(member, target, filter="data")


def _unpack_zip(source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
        _limit(source, sum(member.file_size for member in members), len(members))
        for member in members:
            if not (target / member.filename).resolve().is_relative_to(target.resolve()):
                raise errors.PluginFileError(f"{source}: {member.filename!r} would land outside the plugin's folder")
            extracted = Path(archive.extract(member, target))
            if extracted.is_file():
                extracted.chmod(0o644 | (member.external_attr >> 16 & 0o111))


def _limit(source: Path, size: int, many: int) -> None:
    if size > MOST_BYTES or many > MOST_FILES:
        raise errors.PluginFileError(f"{source} unpacks to more than any plugin has", hint="it is not unpacked")


def _read(folder: Path, match: re.Match[str]) -> Installed:
    size, used = 0, 0.0
    for path, _, files in os.walk(folder):
        for file in files:
            status = (Path(path) / file).lstat()
            size, used = size + status.st_size, max(used, status.st_atime)
    return Installed(
        **match.groupdict(), folder=folder, size_bytes=size, installed_s=folder.stat().st_mtime, last_used_s=used
    )


def _rank(version: str) -> tuple[tuple[int, ...], bool, str]:
    stable, _, rest = version.partition("-")
    return tuple(int(part) for part in stable.partition("+")[0].split(".")), not rest, rest
