"""A folder as a store: files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from reconciler import errors
from reconciler.backend.stores import Entry, Found

try:
    import fcntl
except ImportError:  # Windows; there, two that replace a file in the same instant are told apart by locks alone.
    fcntl = None  # type: ignore[assignment]  # the module is not there

SCHEME: Final = "file://"


class FolderStore:
    """Keeps objects as files below a root, so that each change is atomic and durable.

    Temporary files stand in the root, not beside their target: other engines
    take every file of a lock folder for a lock. What the system refuses (no
    space, no permission) is raised as BackendError.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def locate(self, key: str) -> str:
        return self.path(key).as_uri()

    def path(self, key: str) -> Path:
        """The file of a key."""
        return self.root / key

    def find(self, key: str) -> Found | None:
        path = self.path(key)
        with refusals(path):
            try:
                with path.open("rb") as file:
                    status = os.fstat(file.fileno())
                    return Found(file.read(), _tag(status), status.st_mtime)
            except (FileNotFoundError, NotADirectoryError):
                return None

    def entries(self, folder: str) -> tuple[Entry, ...]:
        path = self.path(folder)
        with refusals(path):
            try:
                return tuple(sorted((_entry(found) for found in os.scandir(path)), key=lambda entry: entry.name))
            except (FileNotFoundError, NotADirectoryError):
                return ()

    def keys(self, folder: str) -> tuple[str, ...]:
        path = self.path(folder)
        with refusals(path):
            return tuple(
                sorted(found.relative_to(self.root).as_posix() for found in path.rglob("*") if found.is_file())
            )

    def write(self, key: str, content: bytes) -> str:
        path = self.path(key)
        with refusals(path):
            self.make_folder(path.parent)
            return self._put(path, content) or ""

    def create(self, key: str, content: bytes) -> str | None:
        path = self.path(key)
        with refusals(path):
            self.make_folder(path.parent)
            return self._put(path, content, lambda: not path.exists())

    def replace(self, key: str, content: bytes, tag: str) -> str | None:
        path = self.path(key)
        with refusals(path):
            return self._put(path, content, lambda: path.exists() and _tag(path.stat()) == tag)

    def remove(self, *keys: str) -> None:
        for key in keys:
            path = self.path(key)
            with refusals(path):
                try:
                    path.unlink()
                except (FileNotFoundError, NotADirectoryError):
                    continue
                sync_folder(path.parent)

    def make_folder(self, folder: Path) -> None:
        """Make a folder and what leads to it, durably."""
        with refusals(folder):
            missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            for made in missing:
                sync_folder(made.parent)

    def _put(self, path: Path, content: bytes, may: Callable[[], bool] | None = None) -> str | None:
        """Write a file whole; None, and nothing written, where `may` says no just before."""
        if may is not None and not may():
            return None
        temporary = self.root / f".writing-{uuid.uuid4().hex}"
        try:
            # State tells how an estate is built: it is for its owner's eyes only.
            with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                tag = _tag(os.fstat(file.fileno()))
            if may is None:
                temporary.replace(path)
            else:
                with self._alone():
                    if not may():
                        temporary.unlink()
                        return None
                    temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
        return tag

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Between a look and the write that depends on it, no other process of ours does the same in this folder."""
        if fcntl is None:
            yield
            return
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def folder_of(url: str) -> Path:
    """The folder that a `file://` URL names; `~` is the home, a path without `/` is relative.

    Raises:
        BackendError: another scheme.
    """
    if not url.startswith(SCHEME):
        raise errors.BackendError(f"{url!r} is not a file:// URL", hint="`pulumi login file://~` keeps stacks at home")
    path = unquote(url[len(SCHEME) :].partition("?")[0])
    return Path(path or ".").expanduser().absolute()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Raise what the system refuses inside as BackendError, naming the file."""
    try:
        yield
    except OSError as error:
        raise errors.BackendError(f"{path}: {error.strerror or error}") from error


def _entry(found: os.DirEntry[str]) -> Entry:
    if found.is_dir():
        return Entry(found.name, is_folder=True)
    with contextlib.suppress(FileNotFoundError):
        return Entry(found.name, modified_ns=found.stat().st_mtime_ns)
    return Entry(found.name)


def _tag(status: os.stat_result) -> str:
    # A file is replaced by another one, never written over.
    return f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"
