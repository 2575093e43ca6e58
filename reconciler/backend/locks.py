"""The lock of a stack: a lease among ourselves, and upstream's lock files for everybody.

Upstream's are one per holder, in a folder per stack: list, write one's own, list again; of two that come
at once, at least one sees the other and gives way. They have no end: one that another engine wrote stays
until that engine, or `pulumi cancel`, removes it. One of ours goes with its lease (`leases`), or when its
process certainly runs no more.

Source: facts/engine-contract.md §5.3.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast

from reconciler import errors
from reconciler.backend import leases, processes
from reconciler.backend.references import ORGANIZATION, StackReference
from reconciler.backend.stores import Store, names, read

_HINT: Final = (
    "wait for the other process(es) to end (`--lock-wait 10m` does), or remove the lock file(s) with `pulumi cancel`"
)
_LOOK_S: Final = 2.0
_TELL_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a lock that is another's, and whom to tell."""

    wait_s: float = 0.0
    tell: Callable[[str], None] = lambda _text: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the locks of one stack are.

    Attributes:
        now: the time, RFC 3339.
    """

    store: Store
    stack: StackReference
    now: Callable[[], str]
    terms: leases.Terms = field(default_factory=leases.Terms)
    clock: leases.Clock = field(default_factory=leases.Clock)

    @property
    def folder(self) -> str:
        """Of upstream's lock files."""
        return f"locks/{ORGANIZATION}/{self.stack.project}/{self.stack.stack}"

    @property
    def lease_key(self) -> str:
        """Of the lease."""
        return f"leases/{self.stack.project}/{self.stack.stack}.json"

    @property
    def lease(self) -> leases.Place:
        """The lease's own place."""
        return leases.Place(store=self.store, key=self.lease_key, terms=self.terms, clock=self.clock)


class Lock:
    """A lock that this process holds.

    Attributes:
        findings: whose locks it took over, and why.
    """

    def __init__(self, place: Place, lease: leases.Lease, findings: tuple[str, ...]) -> None:
        self.findings = findings
        self._place = place
        self._lease = lease

    @property
    def key(self) -> str:
        """Upstream's lock file."""
        return _file(self._place, self._lease)

    @property
    def token(self) -> int:
        """Greater than that of every holder before."""
        return self._lease.record.token

    @property
    def holder(self) -> str:
        """Names this taking of the lock."""
        return self._lease.record.holder

    @property
    def is_fresh(self) -> bool:
        """Would `check` return at once?"""
        return self._lease.is_fresh

    def check(self) -> None:
        """Return if the lock is still held.

        Raises:
            LockLostError: it is another's by now, or nobody's.
        """
        self._lease.check()

    def confirm(self) -> None:
        """As `check`, but looks: for what is written once, and must not be written by a run that was cancelled.

        Raises:
            LockLostError: as `check`.
        """
        self._lease.confirm()

    def release(self) -> None:
        """Give the lock back."""
        try:
            self._place.store.remove(self.key)
        finally:
            self._lease.give_back()

    def desert(self) -> None:
        """Show no sign of life any more, as a process that died does."""
        self._lease.stop()


def acquire(place: Place, patience: Patience | None = None) -> Lock:
    """Take the lock of a stack, waiting for it as long as `patience` says.

    Raises:
        StackLockedError: somebody else holds it.
    """
    patience = patience or Patience()
    clock, watch = place.clock, leases.Watch()
    start_s, wait_s = clock.now_s(), patience.wait_s
    told_s: float | None = None
    while True:
        taken = _try(place, watch)
        if isinstance(taken, Lock):
            return taken
        waited_s = clock.now_s() - start_s
        if watch.is_alive:
            wait_s = patience.wait_s
        if taken.looks_expired and wait_s < taken.lease_s and not watch.is_alive:
            # Its holder seems to be gone; to be sure of it takes as long as a lease.
            wait_s = taken.lease_s + 2 * _LOOK_S
            patience.tell(f"{taken.holders[0]} shows no sign of life; watching it for {taken.lease_s:.0f} s")
        elif patience.wait_s and (told_s is None or clock.now_s() - told_s >= _TELL_S):
            told_s = clock.now_s()
            patience.tell(_progress(place, taken, waited_s, wait_s))
        if waited_s >= wait_s:
            raise errors.StackLockedError(taken.holders, hint=_HINT)
        clock.pause(min(_LOOK_S, wait_s - waited_s))


def holders(place: Place) -> tuple[str, ...]:
    """A line per lock: its URL, and who made it when."""
    files = _files(place)
    lines = tuple(_describe(place, key) for key in files)
    record = leases.read(place.store, place.lease_key)
    if record.holder and f"{place.folder}/{record.holder}.json" not in files:
        return (*lines, _describe_lease(place, record))
    return lines


def remove_all(place: Place) -> int:
    """Remove every lock, whoever holds it (`pulumi cancel`); how many there were. A holder of ours writes no more."""
    count = len(holders(place))
    leases.revoke(place.store, place.lease_key)
    place.store.remove(*_files(place))
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    holders: tuple[str, ...]
    looks_expired: bool = False
    lease_s: float = 0.0


def _try(place: Place, watch: leases.Watch) -> Lock | _Refusal:
    files = _files(place)
    owners = {key: processes.parse_owner(_read(place, key)) for key in files}
    if foreign := tuple(key for key, owner in owners.items() if owner is None):
        # Nothing is written where another engine is at work.
        return _Refusal(holders=tuple(_describe(place, key) for key in foreign))
    lease = leases.take(place.lease, watch, place.now())
    if isinstance(lease, leases.Held):
        lines = holders(place) or (_describe_lease(place, lease.record),)
        return _Refusal(holders=lines, looks_expired=lease.looks_expired, lease_s=lease.record.lease_s)
    try:
        findings = _take_over(place, lease, {key: owner for key, owner in owners.items() if owner is not None})
        content = (lease.record.owner or processes.this_process()).to_json() | {"timestamp": lease.record.since}
        place.store.write(_file(place, lease), json.dumps(content, separators=(",", ":")).encode())
        others = tuple(key for key in _files(place) if key != _file(place, lease))
        if not others:
            return Lock(place, lease, findings)
        lines = tuple(_describe(place, key) for key in others)
        place.store.remove(_file(place, lease))
    except BaseException:
        lease.give_back()
        raise
    lease.give_back()
    return _Refusal(holders=lines)


def _take_over(place: Place, lease: leases.Lease, owners: Mapping[str, processes.Owner]) -> tuple[str, ...]:
    """Remove lock files of ours whose owners are gone; says so."""
    findings: list[str] = []
    here, before = processes.this_process(), lease.taken_from
    if before is not None:
        audit = lease.record.takeovers[-1]
        findings.append(
            f"took over the lock of {before.who}, held since {before.since}: {audit['why']}"
            f" (lock {before.token}, now {lease.record.token})"
        )
    # Not the last one alone: who took over before may have died before it came to this.
    gone = {f"{place.folder}/{audit.get('holder')}.json" for audit in lease.record.takeovers}
    for key, owner in owners.items():
        if key in gone:
            place.store.remove(key)
        elif processes.is_dead(owner, here):
            findings.append(f"took over the lock of a process that runs no more: {_describe(place, key)}")
            place.store.remove(key)
    return tuple(findings)


def _files(place: Place) -> tuple[str, ...]:
    return tuple(f"{place.folder}/{name}" for name in names(place.store, place.folder))


def _file(place: Place, lease: leases.Lease) -> str:
    return f"{place.folder}/{lease.record.holder}.json"


def _read(place: Place, key: str) -> Mapping[str, object]:
    try:
        data = cast("object", json.loads(read(place.store, key) or b"{}"))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _describe(place: Place, key: str) -> str:
    data = _read(place, key)
    who = f"{data.get('username', '?')}@{data.get('hostname', '?')}"
    since = str(data.get("timestamp", "?"))
    return f"{place.store.locate(key)}: created by {who} (pid {data.get('pid', '?')}) at {since}{_age(place, since)}"


def _describe_lease(place: Place, record: leases.Record) -> str:
    who, since = record.who, record.since or "?"
    return f"{place.store.locate(place.lease_key)}: created by {who} at {since}{_age(place, since)}"


def _progress(place: Place, refusal: _Refusal, waited_s: float, wait_s: float) -> str:
    who = refusal.holders[0].partition(": ")[2]
    return f"waiting for the lock of {place.stack.stack}, {who}; {waited_s:.0f} of {wait_s:.0f} s"


def _age(place: Place, since: str) -> str:
    """`, 3m20s ago`; "" where one of the clocks is wrong."""
    try:
        age = datetime.fromisoformat(place.now()) - datetime.fromisoformat(since)
    except (ValueError, TypeError):
        return ""
    minutes, seconds = divmod(int(age.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if age.total_seconds() < 0:
        return ""
    return f", {f'{hours}h' if hours else ''}{f'{minutes}m' if hours or minutes else ''}{seconds}s ago"
