"""Where a backend keeps its objects: what a folder, a bucket and a process's memory must all be able to do.

Keys are paths below `.pulumi`, as upstream lays them out: `stacks/shop/dev.json`. Two writers are told
apart by tags: whoever replaces an object names the version that it has read. What else may go wrong is
raised as BackendError, which leaves the object as it was, or written: a write is never half done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """An object as it was read.

    Attributes:
        tag: names this version of it, for `Store.replace`.
        modified_s: when it was written, seconds since 1970 by the store's clock.
    """

    content: bytes
    tag: str
    modified_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What a folder holds: an object, or a folder. `modified_ns` is 0 for a folder."""

    name: str
    is_folder: bool = False
    modified_ns: int = 0


class Store(Protocol):
    """Objects by key. Every change is atomic, and durable when the call returns."""

    def locate(self, key: str) -> str:
        """The URL of an object, for messages."""

    def find(self, key: str) -> Found | None:
        """An object, None where there is none."""

    def entries(self, folder: str) -> tuple[Entry, ...]:
        """What a folder holds, by name; nothing where there is no folder."""

    def keys(self, folder: str) -> tuple[str, ...]:
        """Every object in a folder and in those below it, sorted."""

    def write(self, key: str, content: bytes) -> str:
        """Write an object, whatever is there; its tag."""

    def create(self, key: str, content: bytes) -> str | None:
        """Write an object where there is none; its tag, or None where there is one."""

    def replace(self, key: str, content: bytes, tag: str) -> str | None:
        """Write an object over the version of that tag; the new tag, or None where it is another by now."""

    def remove(self, *keys: str) -> None:
        """Remove objects, in any order, those that are there."""


def read(store: Store, key: str) -> bytes | None:
    """The content of an object, None where there is none."""
    found = store.find(key)
    return None if found is None else found.content


def names(store: Store, folder: str) -> tuple[str, ...]:
    """Names of the objects of a folder, sorted."""
    return tuple(entry.name for entry in store.entries(folder) if not entry.is_folder)
