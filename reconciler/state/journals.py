"""The record of begun and finished steps of one run, and how it changes a snapshot.

Entries are numbered in the order in which they were written. An entry refers to
a resource of the base snapshot by its index there (`Old`), and to one that this
run put by the number of the entry that did (`New`). `replay` is pure: a run cut
after any entry leaves a snapshot that is true, with the operations in doubt in
`pending`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from reconciler.model.resources import PendingOperation, Recorded
from reconciler.state.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Old:
    """A resource of the base snapshot, by index."""

    index: int


@dataclass(frozen=True, slots=True)
class New:
    """A resource put by this run, by the number of its entry."""

    number: int


Place: TypeAlias = "Old | New"


@dataclass(frozen=True, slots=True)
class Began:
    """A provider call is about to go out."""

    number: int
    operation: PendingOperation


@dataclass(frozen=True, slots=True)
class Put:
    """A resource is as recorded here, after everything put before; `forgets` is what it stands in for.

    `ends` is the number of the `Began` entry whose operation is now known to have happened.
    """

    number: int
    resource: Recorded
    forgets: tuple[Place, ...] = ()
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource of the base snapshot is as it was, and takes its place after everything put before."""

    number: int
    index: int


@dataclass(frozen=True, slots=True)
class Amended:
    """A resource changed where it stands, with no change of its place in the order."""

    number: int
    place: Place
    resource: Recorded


@dataclass(frozen=True, slots=True)
class Forgot:
    """Resources are gone from the stack."""

    number: int
    forgets: tuple[Place, ...]
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The operation that `ends` began is known to have changed nothing."""

    number: int
    ends: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A pending operation of the base snapshot, by index, is no longer in doubt."""

    number: int
    pending_index: int


Entry: TypeAlias = "Began | Put | Kept | Amended | Forgot | Failed | Settled"


def replay(base: Snapshot, entries: Sequence[Entry]) -> Snapshot:
    """The snapshot after these entries: what the run put, in order, then what it never touched."""
    old: dict[int, Recorded] = dict(enumerate(base.resources))
    new: dict[int, Recorded] = {}
    pending: dict[int, PendingOperation] = {}
    unsettled = dict(enumerate(base.pending))
    for entry in entries:
        match entry:
            case Began():
                pending[entry.number] = entry.operation
            case Put():
                _forget(old, new, entry.forgets)
                new[entry.number] = entry.resource
                _end(pending, entry.ends)
            case Kept():
                new[entry.number] = old.pop(entry.index)
            case Amended():
                match entry.place:
                    case Old():
                        old[entry.place.index] = entry.resource
                    case New():
                        new[entry.place.number] = entry.resource
            case Forgot():
                _forget(old, new, entry.forgets)
                _end(pending, entry.ends)
            case Failed():
                _end(pending, entry.ends)
            case Settled():
                unsettled.pop(entry.pending_index, None)
            case _:
                assert_never(entry)
    return replace(
        base,
        resources=(*new.values(), *old.values()),
        pending=(*unsettled.values(), *pending.values()),
    )


def _forget(old: dict[int, Recorded], new: dict[int, Recorded], places: Sequence[Place]) -> None:
    for place in places:
        match place:
            case Old():
                old.pop(place.index, None)
            case New():
                new.pop(place.number, None)


def _end(pending: dict[int, PendingOperation], number: int | None) -> None:
    if number is not None:
        pending.pop(number, None)
