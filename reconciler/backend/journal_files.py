"""The journal of a run as one file: append and flush.

Who takes over writes a seal with its number beside the file before it reads what is there, and removes the file before
the seal. A run looks after each flush that a call waits for: what it wrote before a seal is read by who sealed; after
one, or once the file is gone, no call goes out.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import Final

from reconciler import errors
from reconciler.backend.folders import FolderStore, refusals, sync_folder
from reconciler.backend.references import StackReference
from reconciler.backend.run_journals import Guard, aside_key, file_key, must_sync
from reconciler.backend.stores import read
from reconciler.model.codec import Cipher
from reconciler.state import journal_records, journals

_QUICK_S: Final = 0.001
"""A flush that takes less is not worth a thread: handing over and back takes as long, and nothing else is done."""


class FileJournals:
    """Journals as files of a folder; implements `run_journals.Journals`."""

    def __init__(self, store: FolderStore) -> None:
        self._store = store

    def find(self, stack: StackReference) -> bytes | None:
        return read(self._store, file_key(stack))

    def seal(self, stack: StackReference, guard: Guard) -> None:
        if self._store.path(file_key(stack)).exists():
            self._store.write(_seal_key(file_key(stack)), str(guard.token).encode())

    def open(
        self, stack: StackReference, header: journal_records.Header, cipher: Cipher, guard: Guard | None
    ) -> JournalFile:
        return JournalFile(self._store, file_key(stack), header, cipher, guard)

    def finish(self, stack: StackReference, content: bytes, closing: bytes) -> None:
        self._store.write(file_key(stack), content + closing)

    def set_aside(self, stack: StackReference, content: bytes, moment_ns: int) -> None:
        self._store.write(aside_key(stack, moment_ns), content)

    def remove(self, stack: StackReference) -> None:
        self._store.remove(file_key(stack))
        self._store.remove(_seal_key(file_key(stack)))


class JournalFile:
    """Appends entries to one file, from any thread; implements `run_journals.RunJournal`.

    The engine appends, and waits (`durable`) where a call is about to go out. For others, entries before
    which or after which a provider acts are flushed to disk before `write` returns, and the rest wait for
    the next flush: a file keeps its order, so that a flushed entry never lacks the ones before it.
    What says that a call will go out is written with the flush that the call waits for, so that the engine's
    loop writes once per call and not twice.
    """

    def __init__(
        self,
        store: FolderStore,
        key: str,
        header: journal_records.Header,
        cipher: Cipher,
        guard: Guard | None = None,
    ) -> None:
        path = store.path(key)
        store.make_folder(path.parent)
        self._store = store
        self._key = key
        self._cipher = cipher
        self._guard = guard
        self._entries: list[journals.Entry] = []
        self._appending = threading.Lock()
        self._flushing = threading.Lock()
        self._waiting = bytearray()
        self._appended = 0
        self._flushed = 0
        self._settled = 0
        self._settling_s = _QUICK_S
        self._is_superseded = False
        self._flight: asyncio.Future[None] | None = None
        self._path = path
        self._seal_path = store.path(_seal_key(key))
        with refusals(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            self._identity = os.fstat(self._descriptor)
        self._append(journal_records.render_header(header), None)
        self.flush()
        sync_folder(path.parent)

    @property
    def entries(self) -> tuple[journals.Entry, ...]:
        with self._appending:
            return tuple(self._entries)

    def write(self, entry: journals.Entry, *, sync: bool | None = None) -> None:
        position = self._append(journal_records.render_entry(entry, self._cipher), entry)
        if must_sync(entry) if sync is None else sync:
            self._flush_to(position)

    def append(self, entry: journals.Entry) -> None:
        line = journal_records.render_entry(entry, self._cipher)
        self._append(line, entry, waits=isinstance(entry, journals.Began))

    async def durable(self) -> None:
        """Who waits at the same time shares a flush."""
        position = self._appended
        while self._settled < position and not self._is_superseded:
            if self._flight is None or self._flight.done():
                self._flight = self._begin_settling(asyncio.get_running_loop())
            await asyncio.shield(self._flight)
        if self._is_superseded:
            raise errors.LockLostError(f"{self._path}: another run has taken over; this one writes no more")
        if self._guard is not None and not self._guard.is_fresh:
            await asyncio.to_thread(self._guard.check)

    def flush(self) -> None:
        self._flush_to(self._appended)

    def end(self, closing: journal_records.Closing) -> None:
        self._flush_to(self._append(journal_records.render_closing(closing), None))

    def close(self) -> None:
        if self._descriptor < 0:
            return
        try:
            self.flush()
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def discard(self) -> None:
        self.close()
        # Another run's, once it has taken over.
        if self._is_ours():
            self._store.remove(self._key)
            self._store.remove(_seal_key(self._key))

    def _begin_settling(self, loop: asyncio.AbstractEventLoop) -> asyncio.Future[None]:
        if self._settling_s >= _QUICK_S:
            return loop.run_in_executor(None, self._settle)
        flight = loop.create_future()

        def settle() -> None:
            try:
                self._settle()
            except Exception as error:  # noqa: BLE001  # told where it is awaited
                flight.set_exception(error)
            else:
                flight.set_result(None)

        # Not at once: what else the loop has to do now may wait for the same flush.
        loop.call_soon(settle)
        return flight

    def _settle(self) -> None:
        """Flush, then see whether somebody may have read the file before that."""
        began_s = time.perf_counter()
        self._flush_to(self._appended)
        flushed = self._flushed
        if self._guard is not None and (not self._is_ours() or self._seal() > self._guard.token):
            self._is_superseded = True
        self._settled = flushed
        self._settling_s = time.perf_counter() - began_s

    def _is_ours(self) -> bool:
        try:
            return os.path.samestat(self._path.stat(), self._identity)
        except FileNotFoundError:
            return False

    def _seal(self) -> int:
        # Looked for at every call that goes out: there hardly ever is one.
        if not self._seal_path.exists():
            return 0
        content = read(self._store, _seal_key(self._key)) or b""
        return int(content) if content.isdigit() else 0

    def _append(self, line: bytes, entry: journals.Entry | None, *, waits: bool = False) -> int:
        with self._appending:
            self._waiting += line
            self._appended += len(line)
            if not waits:
                self._write_waiting()
            if entry is not None:
                self._entries.append(entry)
            return self._appended

    def _write_waiting(self) -> None:
        with refusals(self._path):
            while self._waiting:
                del self._waiting[: os.write(self._descriptor, self._waiting)]

    def _flush_to(self, position: int) -> None:
        with self._flushing:
            if self._flushed >= position:
                # Another thread's flush took this entry along.
                return
            with self._appending:
                self._write_waiting()
                appended = self._appended
            with refusals(self._path):
                os.fsync(self._descriptor)
            self._flushed = appended


def _seal_key(journal_key: str) -> str:
    return f"{journal_key}.seal"
