"""Files that are there whole or not at all, also after a power cut."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler import errors


class Disk:
    """Writes and removes files below a root so that each change is atomic and durable.

    Temporary files stand in the root, not beside their target: other engines
    take every file of a lock folder for a lock. What the system refuses (no
    space, no permission) is raised as BackendError.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: Path) -> bytes | None:
        """The content of a file, None where there is none."""
        with refusals(path):
            try:
                return path.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def write(self, path: Path, content: bytes) -> None:
        """Replace a file; on return the new content survives a power cut."""
        with refusals(path):
            self.make_folder(path.parent)
            self._replace(path, content)
            sync_folder(path.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there."""
        with refusals(path):
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return
            sync_folder(path.parent)

    def make_folder(self, folder: Path) -> None:
        """Make a folder and what leads to it, durably."""
        with refusals(folder):
            missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            for made in missing:
                sync_folder(made.parent)

    def names(self, folder: Path) -> tuple[str, ...]:
        """Names of what a folder holds, sorted; none where there is no folder."""
        with refusals(folder):
            try:
                return tuple(sorted(path.name for path in folder.iterdir()))
            except (FileNotFoundError, NotADirectoryError):
                return ()

    def _replace(self, path: Path, content: bytes) -> None:
        temporary = self.root / f".writing-{uuid.uuid4().hex}"
        try:
            # State tells how an estate is built: it is for its owner's eyes only.
            with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


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
