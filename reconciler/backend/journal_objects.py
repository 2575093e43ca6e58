"""The journal of a run in a bucket: numbered objects, each written once, a group of entries in each.

Below `journals/<project>/<stack>/` a run has a folder of its own, named by its lock's number. Objects count
from 1, which begins with the header. A few are on their way at a time: while they are, entries gather and
make up the next one. An entry is durable when its object and all before it are there, so that what a reader
finds up to the first gap holds all that a provider was called for.

An object is never written over. Who takes over from a run puts a seal at the first number that is free: the
run that lost its lock, woken, finds its number taken, and writes no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from reconciler import errors
from reconciler.backend.references import StackReference
from reconciler.backend.run_journals import Guard, aside_key, must_sync
from reconciler.backend.stores import Store, read
from reconciler.model.codec import Cipher
from reconciler.state import journal_records, journals

_WINDOW: Final = 6
_READERS: Final = 16
_FIRST: Final = 1
_SEAL: Final = b"sealed by lock "
_CLOSING: Final = "closing"
# Follows what is whole where something is missing; no record looks so.
_GAP: Final = b"\0\n"
_SEAL_ATTEMPTS: Final = 10


class ObjectJournals:
    """Journals as objects of a bucket; implements `run_journals.Journals`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, stack: StackReference) -> bytes | None:
        runs = _runs(self._store.keys(_folder(stack)))
        if not runs:
            return None
        folder = max(runs)
        numbers = sorted(number for name in runs[folder] if (number := _number(name)) is not None)
        with ThreadPoolExecutor(_READERS) as readers:
            keys = [_object_key(folder, number) for number in numbers]
            found = dict(zip(numbers, readers.map(lambda key: read(self._store, key), keys), strict=True))
        whole, number = [], _FIRST
        while (content := found.pop(number, None)) is not None and not content.startswith(_SEAL):
            whole.append(content)
            number += 1
        closing = read(self._store, f"{folder}/{_CLOSING}") if _CLOSING in runs[folder] else None
        if closing is not None:
            return b"".join((*whole, closing))
        rest = [found[number] or b"" for number in sorted(found)]
        return b"".join((*whole, _GAP, *rest) if rest else whole)

    def seal(self, stack: StackReference, guard: Guard) -> None:
        keys = self._store.keys(_folder(stack))
        runs = _runs(keys)
        folder = max(runs, default="")
        # Half removed, or of a run that never got its lock back.
        self._store.remove(*(key for key in keys if key.rpartition("/")[0] != folder))
        if not folder:
            return
        numbers = {number for name in runs[folder] if (number := _number(name)) is not None}
        for _ in range(_SEAL_ATTEMPTS):
            free = next(number for number in range(_FIRST, len(numbers) + 2) if number not in numbers)
            content = _SEAL + f"{guard.token} of {guard.holder}\n".encode()
            if self._store.create(_object_key(folder, free), content) is not None:
                return
            numbers.add(free)
        raise errors.BackendError(
            f"{self._store.locate(folder)}: another run writes there all the time", hint="end it, then try again"
        )

    def open(
        self, stack: StackReference, header: journal_records.Header, cipher: Cipher, guard: Guard | None
    ) -> JournalObjects:
        token, holder = (guard.token, guard.holder) if guard is not None else (0, "nobody")
        return JournalObjects(self._store, f"{_folder(stack)}/{token:08d}-{holder[:8]}", header, cipher, guard)

    def finish(self, stack: StackReference, content: bytes, closing: bytes) -> None:
        self._store.write(f"{max(_runs(self._store.keys(_folder(stack))))}/{_CLOSING}", closing)

    def set_aside(self, stack: StackReference, content: bytes, moment_ns: int) -> None:
        self._store.write(aside_key(stack, moment_ns), content)

    def remove(self, stack: StackReference) -> None:
        keys = self._store.keys(_folder(stack))
        # Without its header the rest is nothing: a kill in between leaves no half a journal.
        headers = [key for key in keys if key.rpartition("/")[2] == _name(_FIRST)]
        self._store.remove(*headers)
        self._store.remove(*(key for key in keys if key not in headers))


class JournalObjects:
    """Puts entries in groups, from any thread; implements `run_journals.RunJournal`."""

    def __init__(
        self, store: Store, folder: str, header: journal_records.Header, cipher: Cipher, guard: Guard | None = None
    ) -> None:
        self._store = store
        self._folder = folder
        self._cipher = cipher
        self._guard = guard
        self._entries: list[journals.Entry] = []
        self._changed = threading.Condition()
        self._waiting: list[bytes] = []
        self._written = 0
        self._durable = 0
        # Number -> how far entries reach with it, until it and all before it are there.
        self._sent: dict[int, int] = {}
        self._there: set[int] = set()
        self._last = 0
        self._failure: Exception | None = None
        self._waiters: list[tuple[int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._senders: ThreadPoolExecutor | None = ThreadPoolExecutor(_WINDOW, thread_name_prefix="journal")
        self._append(journal_records.render_header(header), None)
        self.flush()

    @property
    def entries(self) -> tuple[journals.Entry, ...]:
        with self._changed:
            return tuple(self._entries)

    def write(self, entry: journals.Entry, *, sync: bool | None = None) -> None:
        self._append(journal_records.render_entry(entry, self._cipher), entry)
        if must_sync(entry) if sync is None else sync:
            self.flush()
        elif isinstance(entry, journals.Began | journals.Kept):
            # Who waits for the one sends it; what says nothing of a provider goes with what does.
            return
        else:
            with self._changed:
                if not self._sent:
                    self._send()

    def append(self, entry: journals.Entry) -> None:
        self.write(entry, sync=False)

    async def durable(self) -> None:
        """Who waits at the same time shares an object."""
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        with self._changed:
            if len(self._sent) < _WINDOW:
                self._send()
            if self._failure is None and self._durable < self._written:
                self._waiters.append((self._written, loop, arrived))
            else:
                arrived.set_result(None)
        await arrived
        self._raise_failure()
        if self._guard is not None and not self._guard.is_fresh:
            await asyncio.to_thread(self._guard.check)

    def flush(self) -> None:
        with self._changed:
            position = self._written
            while self._durable < position and self._failure is None:
                if len(self._sent) < _WINDOW:
                    self._send()
                self._changed.wait()
        self._raise_failure()

    def end(self, closing: journal_records.Closing) -> None:
        self._append(journal_records.render_closing(closing), None)
        self.flush()

    def close(self) -> None:
        if self._senders is None:
            return
        try:
            if self._failure is None:
                self.flush()
        finally:
            self._senders.shutdown()
            self._senders = None

    def discard(self) -> None:
        with self._changed:
            self._waiting.clear()
            self._written = max(self._sent.values(), default=self._durable)
        self.close()
        # As in `ObjectJournals.remove`.
        self._store.remove(_object_key(self._folder, _FIRST))
        self._store.remove(*(_object_key(self._folder, number) for number in range(_FIRST + 1, self._last + 1)))

    def _append(self, line: bytes, entry: journals.Entry | None) -> None:
        with self._changed:
            if self._senders is None:
                raise errors.BackendError(f"{self._store.locate(self._folder)}: the journal is closed")
            self._waiting.append(line)
            self._written += 1
            if entry is not None:
                self._entries.append(entry)

    def _send(self) -> None:
        """Put what waits on its way. The condition's lock is held."""
        if not self._waiting or self._failure is not None or self._senders is None:
            return
        content = b"".join(self._waiting)
        self._waiting.clear()
        self._last += 1
        self._sent[self._last] = self._written
        self._senders.submit(self._put, self._last, content)

    def _put(self, number: int, content: bytes) -> None:
        failure: Exception | None = None
        key = _object_key(self._folder, number)
        try:
            if self._store.create(key, content) is None:
                failure = errors.LockLostError(
                    f"another run has put an end to this run's journal ({self._store.locate(key)}): it writes no more",
                    hint="what it began stands in the journal; the next run looks what came of it",
                )
        except Exception as error:  # noqa: BLE001  # told to who waits for it
            failure = error
        with self._changed:
            self._there.add(number)
            self._failure = self._failure or failure
            while self._failure is None and self._sent and (first := min(self._sent)) in self._there:
                self._durable = self._sent.pop(first)
                self._there.remove(first)
            self._send()
            self._changed.notify_all()
            arrived = [waiter for waiter in self._waiters if waiter[0] <= self._durable or self._failure is not None]
            self._waiters = [waiter for waiter in self._waiters if waiter not in arrived]
        for _, loop, future in arrived:
            # Who waited may be gone, and its loop with it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_arrive, future)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def _arrive(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _runs(keys: Sequence[str]) -> dict[str, set[str]]:
    """Folder of a run -> names of its objects, of runs whose journal has a beginning."""
    runs: defaultdict[str, set[str]] = defaultdict(set)
    for key in keys:
        folder, _, name = key.rpartition("/")
        runs[folder].add(name)
    return {folder: names for folder, names in runs.items() if _name(_FIRST) in names}


def _folder(stack: StackReference) -> str:
    return f"journals/{stack.project}/{stack.stack}"


def _name(number: int) -> str:
    return f"{number:08d}"


def _number(name: str) -> int | None:
    return int(name) if name.isdigit() else None


def _object_key(folder: str, number: int) -> str:
    return f"{folder}/{_name(number)}"
