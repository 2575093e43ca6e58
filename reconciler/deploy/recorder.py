"""Writes down what a run does: numbers the journal's entries, and knows the snapshot that they make."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.deploy.ports import Journal
from reconciler.model.resources import PendingOperation, Recorded
from reconciler.state.journals import (
    Amended,
    Began,
    Entry,
    Failed,
    Forgot,
    Kept,
    New,
    Old,
    Place,
    Put,
    Together,
    in_doubt,
    replay,
)
from reconciler.state.snapshots import Snapshot


class Recorder:
    """The entries of one run, in memory and in the journal. A preview has no journal."""

    def __init__(self, base: Snapshot, journal: Journal | None) -> None:
        self._base = base
        self._journal = journal
        self._entries: list[Entry] = []
        self._numbers = itertools.count()
        self._parts: list[Put | Amended] | None = None

    def began(self, operation: PendingOperation) -> int:
        """A provider call is about to go out; the number is what its outcome refers to."""
        return self._write(Began(self._number(), operation))

    async def durable(self) -> None:
        """Return when what was written survives a power cut: before a call goes out that it speaks of."""
        if self._journal is not None:
            await self._journal.durable()

    def put(
        self,
        resource: Recorded,
        *,
        forgets: tuple[Place, ...] = (),
        retires: tuple[Place, ...] = (),
        ends: int | None = None,
    ) -> New:
        """A resource is as recorded here."""
        return New(self._write(Put(self._number(), resource, forgets, retires, ends)))

    def kept(self, place: Old) -> New:
        """A resource of the base snapshot is as it was."""
        return New(self._write(Kept(self._number(), place.index)))

    def amended(self, place: Place, resource: Recorded, *, ends: int | None = None) -> None:
        """A resource changed where it stands."""
        self._write(Amended(self._number(), place, resource, ends))

    def forgot(self, place: Place, *, ends: int | None = None) -> None:
        """A resource is gone from the stack."""
        self._write(Forgot(self._number(), (place,), ends))

    def failed(self, number: int) -> None:
        """The operation is known to have changed nothing."""
        self._write(Failed(self._number(), number))

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is put and amended inside is written as one entry: all of it counts, or nothing."""
        assert self._parts is None, "groups do not nest"
        self._parts = []
        try:
            yield
            parts, number = tuple(self._parts), self._number()
        finally:
            self._parts = None
        if parts:
            self._write(Together(number, parts))

    def in_doubt(self) -> tuple[PendingOperation, ...]:
        """Operations that have begun and whose outcome is not known."""
        return in_doubt(self._base, self._entries)

    def snapshot(self) -> Snapshot:
        """What state says after everything written so far."""
        return replay(self._base, self._entries)

    def _number(self) -> int:
        return next(self._numbers)

    def _write(self, entry: Entry) -> int:
        if self._parts is not None:
            assert isinstance(entry, (Put, Amended)), "a group holds changes of resources only"
            self._parts.append(entry)
            return entry.number
        if self._journal is not None:
            self._journal.append(entry)
        self._entries.append(entry)
        return entry.number
