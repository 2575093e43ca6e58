"""The record of begun and finished steps of one run, and how it changes a snapshot.

Entries are numbered in the order in which they were written. An entry refers to
a resource of the base snapshot by its index there (`Old`), and to one that this
run put by the number of the entry that did (`New`). `replay` is pure: a run cut
after any entry leaves a snapshot that is true, with the operations in doubt in
`pending`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, assert_never

from reconciler import errors
from reconciler.model.graphs import in_dependency_order
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

    `retires` are the resources whose objects it replaces: from now on they wait for their deletion.
    `ends` is the number of the `Began` entry whose operation is now known to have happened.
    """

    number: int
    resource: Recorded
    forgets: tuple[Place, ...] = ()
    retires: tuple[Place, ...] = ()
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
    ends: int | None = None


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
class Together:
    """Changes that are made all at once, or not at all. Each part has a number of its own."""

    number: int
    parts: tuple[Put | Amended, ...]


Entry: TypeAlias = "Began | Put | Kept | Amended | Forgot | Failed | Together"


def replay(base: Snapshot, entries: Sequence[Entry]) -> Snapshot:
    """The snapshot after these entries: what the run put, in order, then what it never touched."""
    table = _Table(base)
    for entry in entries:
        table.take(entry)
    return table.snapshot()


def in_doubt(base: Snapshot, entries: Sequence[Entry]) -> tuple[PendingOperation, ...]:
    """What has begun, in an earlier run or this one, and whose outcome is not known."""
    flat = [part for entry in entries for part in (entry.parts if isinstance(entry, Together) else (entry,))]
    ended = {entry.ends for entry in flat if isinstance(entry, (Put, Amended, Forgot, Failed))}
    begun = (entry for entry in flat if isinstance(entry, Began) and entry.number not in ended)
    return (*base.pending, *(entry.operation for entry in begun))


class _Table:
    """The resources of a base snapshot and a run's changes to them, while entries are replayed."""

    def __init__(self, base: Snapshot) -> None:
        self._base = base
        self._old: dict[int, Recorded] = dict(enumerate(base.resources))
        self._new: dict[int, Recorded] = {}
        self._pending: dict[int, PendingOperation] = {}
        self._renamed: dict[str, str] = {}

    def take(self, entry: Entry) -> None:
        match entry:
            case Began():
                self._pending[entry.number] = entry.operation
            case Put():
                for place in entry.forgets:
                    forgotten = self._forget(place)
                    if forgotten is not None and forgotten.urn != entry.resource.urn:
                        self._renamed[forgotten.urn] = entry.resource.urn
                for place in entry.retires:
                    retired = self._retire(place)
                    if retired is not None and retired.urn != entry.resource.urn:
                        self._renamed[retired.urn] = entry.resource.urn
                self._new[entry.number] = entry.resource
                self._end(entry.ends)
            case Kept():
                if entry.index not in self._old:
                    raise errors.StateError(f"the journal keeps resource {entry.index}, which the state does not have")
                self._new[entry.number] = self._old.pop(entry.index)
            case Amended():
                self._amend(entry.place, entry.resource)
                self._end(entry.ends)
            case Forgot():
                for place in entry.forgets:
                    self._forget(place)
                self._end(entry.ends)
            case Failed():
                self._end(entry.ends)
            case Together():
                for part in entry.parts:
                    self.take(part)
            case _:
                assert_never(entry)

    def snapshot(self) -> Snapshot:
        # What this run did not touch may still name an old URN of a resource that an alias renamed; so may what
        # it put as it was, because it is no target. An old object that waits for its deletion keeps its names.
        present = {resource.urn for resource in self._new.values() if not resource.delete}
        providers = {
            f"{resource.urn}::{resource.id}"
            for resource in (*self._old.values(), *self._new.values())
            if resource.delete
        }
        lost = {old: new for old, new in self._renamed.items() if old not in present}
        untouched = (_renamed(resource, self._renamed, providers) for resource in self._old.values())
        touched = (_renamed(resource, lost, providers) for resource in self._new.values())
        return replace(
            self._base,
            # A run on some targets leaves behind what it did not touch but may have built upon.
            resources=in_dependency_order((*touched, *untouched)),
            pending=(*self._base.pending, *self._pending.values()),
        )

    def _forget(self, place: Place) -> Recorded | None:
        match place:
            case Old():
                return self._old.pop(place.index, None)
            case New():
                return self._new.pop(place.number, None)

    def _amend(self, place: Place, resource: Recorded) -> None:
        match place:
            case Old():
                self._old[place.index] = resource
            case New():
                self._new[place.number] = resource

    def _retire(self, place: Place) -> Recorded | None:
        match place:
            case Old() if place.index in self._old:
                self._old[place.index] = retired = replace(self._old[place.index], delete=True)
            case New() if place.number in self._new:
                self._new[place.number] = retired = replace(self._new[place.number], delete=True)
            case _:
                return None
        return retired

    def _end(self, number: int | None) -> None:
        if number is not None:
            self._pending.pop(number, None)


def _renamed(resource: Recorded, names: dict[str, str], providers: Collection[str]) -> Recorded:
    if not names:
        return resource

    def new(urn: str) -> str:
        return names.get(urn, urn)

    provider_urn, separator, provider_id = resource.provider.rpartition("::")
    # A provider that was replaced is recorded under its old name until it is deleted.
    kept_provider = resource.provider in providers
    return replace(
        resource,
        parent=new(resource.parent),
        view_of=new(resource.view_of),
        provider=resource.provider if kept_provider else f"{new(provider_urn)}{separator}{provider_id}",
        dependencies=tuple(map(new, resource.dependencies)),
        property_dependencies={key: tuple(map(new, urns)) for key, urns in resource.property_dependencies.items()},
        deleted_with=new(resource.deleted_with),
        replace_with=tuple(map(new, resource.replace_with)),
    )
