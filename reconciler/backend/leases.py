"""Who may write to a stack, for how long: a lease that its holder renews, with a number that only grows.

The lease is one object beside upstream's lock files. It is taken, renewed and given back by writing over
the version that was read, so that of two writers one is refused. Each holder's number (`token`) is
greater than the last one's.

No decision depends on what time it is. A holder counts from the last renewal that it knows of, by a clock
that only goes forward, also while the machine sleeps. Who wants the lease of a holder that it cannot see
watches the lease itself for that long: it takes over what did not change. The time that the store says the
lease was written at only decides whether watching is worth it.

Held by a process that stopped (SIGSTOP, a sleeping laptop) past its end, the lease is renewed on waking, or
found to be somebody else's: then nothing more is written.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

from reconciler import errors
from reconciler.backend import processes
from reconciler.backend.stores import Found, Store

_KEPT_TAKEOVERS: Final = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a lease lasts without a sign of life, and how often there is one. Seconds."""

    lease_s: float = 40.0
    beat_s: float = 10.0


class Clock:
    """Time that passes, of this machine, whatever its wall clock is set to."""

    def now_s(self) -> float:
        """Seconds since some moment; sleeping machines count, where the system can tell."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the lease's object says.

    Attributes:
        holder: names one taking of the lease; "" while nobody has it.
        since: RFC 3339.
        beat: how often the holder has renewed it.
        takeovers: who took over from whom, when, oldest first.
    """

    token: int = 0
    holder: str = ""
    owner: processes.Owner | None = None
    since: str = ""
    beat: int = 0
    lease_s: float = 0.0
    takeovers: tuple[Mapping[str, object], ...] = ()

    def to_json(self) -> dict[str, object]:
        """As the object holds it."""
        return {
            "token": self.token,
            "holder": self.holder,
            **(self.owner.to_json() if self.owner is not None else {}),
            "since": self.since,
            "beat": self.beat,
            "leaseSeconds": self.lease_s,
            "takeovers": list(self.takeovers),
        }

    def render(self) -> bytes:
        """The object's content."""
        return json.dumps(self.to_json(), separators=(",", ":")).encode()

    @property
    def who(self) -> str:
        """The holder, for people."""
        owner = self.owner
        return f"{owner.username}@{owner.hostname} (pid {owner.pid})" if owner is not None else "nobody"


def parse_record(content: bytes) -> Record:
    """What a lease's object says; one that cannot be read says that nobody holds it, as of number 0."""
    try:
        data = cast("object", json.loads(content))
    except ValueError:
        return Record()
    if not isinstance(data, dict):
        return Record()
    token, beat, lease_s, takeovers = (data.get(key) for key in ("token", "beat", "leaseSeconds", "takeovers"))
    return Record(
        token=token if isinstance(token, int) else 0,
        holder=str(data.get("holder", "")),
        owner=processes.parse_owner(data),
        since=str(data.get("since", "")),
        beat=beat if isinstance(beat, int) else 0,
        lease_s=float(lease_s) if isinstance(lease_s, (int, float)) else 0.0,
        takeovers=tuple(one for one in takeovers if isinstance(one, dict)) if isinstance(takeovers, list) else (),
    )


@dataclass(slots=True)
class Watch:
    """How long a lease's version has been seen unchanged.

    Attributes:
        is_alive: was there a sign of life since the first look?
    """

    tag: str = ""
    since_s: float = 0.0
    is_alive: bool = False

    def unchanged_s(self, tag: str, now_s: float) -> float:
        """Seconds since this version was seen first."""
        if tag != self.tag:
            self.is_alive = self.tag != ""
            self.tag, self.since_s = tag, now_s
        return now_s - self.since_s


@dataclass(frozen=True, slots=True)
class Held:
    """The lease is another's.

    Attributes:
        looks_expired: by the store's clock it has shown no sign of life for long; watching tells.
    """

    record: Record
    looks_expired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a stack's lease is, and who asks for it."""

    store: Store
    key: str
    terms: Terms = field(default_factory=Terms)
    clock: Clock = field(default_factory=Clock)


class Lease:
    """A lease that this process holds, and renews from a thread of its own until it is given back.

    Attributes:
        taken_from: whom it was taken over from.
    """

    def __init__(self, place: Place, record: Record, tag: str, valid_until_s: float, taken_from: Record | None) -> None:
        self.record = record
        self.taken_from = taken_from
        self._place = place
        self._tag = tag
        self._valid_until_s = valid_until_s
        self._lost = ""
        self._renewing = threading.Lock()
        self._over = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="lease", daemon=True)
        self._beating.start()

    @property
    def is_fresh(self) -> bool:
        """Is it certain, without asking the store, that the lease is still this holder's?"""
        return not self._lost and self._place.clock.now_s() < self._valid_until_s

    def check(self) -> None:
        """Return if the lease is still this holder's; asks the store where too long has passed.

        Raises:
            LockLostError: it is another's by now.
            BackendError: the store cannot be asked.
        """
        if not self.is_fresh:
            self._renew()

    def confirm(self) -> None:
        """As `check`, but always asks the store.

        Raises:
            LockLostError, BackendError: as `check`.
        """
        self._renew()

    def give_back(self) -> None:
        """Let another take it. Does nothing where it is another's already."""
        self._over.set()
        self._beating.join()
        with self._renewing:
            if not self._lost:
                record = replace(self.record, holder="", owner=None, since="", lease_s=0.0)
                self._place.store.replace(self._place.key, record.render(), self._tag)

    def stop(self) -> None:
        """Renew it no more, without giving it back: as if the process had died."""
        self._over.set()
        self._beating.join()

    def _beat(self) -> None:
        while not self._over.wait(self._place.terms.beat_s):
            try:
                self._renew()
            except errors.LockLostError:
                return
            except errors.BackendError:
                # The next beat, or the next write, asks again.
                continue

    def _renew(self) -> None:
        with self._renewing:
            if self._lost:
                raise errors.LockLostError(self._lost, hint=_LOST_HINT)
            began_s = self._place.clock.now_s()
            record = replace(self.record, beat=self.record.beat + 1)
            tag = self._place.store.replace(self._place.key, record.render(), self._tag)
            if tag is None:
                self._lost = _tell_loss(self._place, self.record)
                raise errors.LockLostError(self._lost, hint=_LOST_HINT)
            self.record, self._tag = record, tag
            self._valid_until_s = began_s + self._place.terms.lease_s


_LOST_HINT: Final = "what this run began stands in its journal; the next run looks what came of it"


def take(place: Place, watch: Watch, now: str) -> Lease | Held:
    """Take the lease, or say who has it.

    Args:
        watch: what earlier attempts of this process have seen.
        now: RFC 3339, for people.
    """
    began_s = place.clock.now_s()
    found = place.store.find(place.key)
    current = parse_record(found.content) if found is not None else Record()
    taken_from, how = None, ""
    if found is not None and current.holder:
        how = _why_over(current, watch.unchanged_s(found.tag, began_s))
        if not how:
            return Held(current, _looks_expired(current, found))
        taken_from = current
    here = processes.this_process()
    record = Record(
        token=current.token + 1,
        holder=str(uuid.uuid4()),
        owner=here,
        since=now,
        lease_s=place.terms.lease_s,
        takeovers=current.takeovers,
    )
    if taken_from is not None:
        record = replace(record, takeovers=(*current.takeovers, _audit(record, taken_from, how))[-_KEPT_TAKEOVERS:])
    content = record.render()
    if found is None:
        tag = place.store.create(place.key, content)
    else:
        tag = place.store.replace(place.key, content, found.tag)
    if tag is None:
        # Somebody was faster in this very moment.
        found = place.store.find(place.key)
        return Held(parse_record(found.content) if found is not None else Record())
    return Lease(place, record, tag, began_s + place.terms.lease_s, taken_from)


def read(store: Store, key: str) -> Record:
    """What the lease says."""
    found = store.find(key)
    return parse_record(found.content) if found is not None else Record()


def revoke(store: Store, key: str) -> bool:
    """Take the lease away from whoever holds it, who is refused from then on; False when nobody does."""
    for _ in range(10):
        found = store.find(key)
        record = parse_record(found.content) if found is not None else Record()
        if found is None or not record.holder:
            return False
        freed = replace(record, token=record.token + 1, holder="", owner=None, since="", beat=0, lease_s=0.0)
        if store.replace(key, freed.render(), found.tag) is not None:
            return True
    raise errors.BackendError(f"{store.locate(key)} changes all the time", hint="try again")


def _why_over(record: Record, unchanged_s: float) -> str:
    """Why the lease may be taken over, "" when it may not."""
    if record.owner is not None and processes.is_dead(record.owner, processes.this_process()):
        return "that process runs no more"
    if 0 < record.lease_s <= unchanged_s:
        return f"it gave no sign of life for {round(unchanged_s)} s"
    return ""


def _looks_expired(record: Record, found: Found) -> bool:
    return 0 < record.lease_s < time.time() - found.modified_s


def _audit(record: Record, before: Record, why: str) -> Mapping[str, object]:
    return {
        "token": record.token,
        "at": record.since,
        "by": record.who,
        "from": before.who,
        "holder": before.holder,
        "heldSince": before.since,
        "why": why,
    }


def _tell_loss(place: Place, mine: Record) -> str:
    found = place.store.find(place.key)
    current = parse_record(found.content) if found is not None else Record()
    where = place.store.locate(place.key)
    audit = next((one for one in current.takeovers if one.get("holder") == mine.holder), None)
    if audit is not None:
        how = f"{audit.get('by')} took it over at {audit.get('at')} ({audit.get('why')})"
    elif current.holder:
        how = f"{current.who} has held the stack's lock since {current.since}"
    else:
        how = "it was taken away by `pulumi cancel` or by hand"
    return f"{how}: this run ({mine.who}, since {mine.since}) writes no more ({where})"
