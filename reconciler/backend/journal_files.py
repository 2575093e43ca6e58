"""The journal of a run as one file: append and flush."""

from __future__ import annotations

import asyncio
import os
import threading

from reconciler.backend.folders import FolderStore, refusals, sync_folder
from reconciler.backend.references import StackReference
from reconciler.backend.run_journals import Guard, aside_key, file_key, must_sync
from reconciler.backend.stores import read
from reconciler.model.codec import Cipher
from reconciler.state import journal_records, journals


class FileJournals:
    """Journals as files of a folder; implements `run_journals.Journals`."""

    def __init__(self, store: FolderStore) -> None:
        self._store = store

    def find(self, stack: StackReference) -> bytes | None:
        return read(self._store, file_key(stack))

    def seal(self, stack: StackReference, guard: Guard) -> None:
        """Nothing: who lost its lock has the file open, and the file is removed once it is read."""

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


class JournalFile:
    """Appends entries to one file, from any thread; implements `run_journals.RunJournal`.

    The engine appends, and waits (`durable`) where a call is about to go out. For others, entries before
    which or after which a provider acts are flushed to disk before `write` returns, and the rest wait for
    the next flush: a file keeps its order, so that a flushed entry never lacks the ones before it.
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
        self._written = 0
        self._flushed = 0
        self._flight: asyncio.Future[None] | None = None
        self._path = path
        with refusals(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
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
        self.write(entry, sync=False)

    async def durable(self) -> None:
        """Who waits at the same time shares a flush."""
        position = self._written
        while self._flushed < position:
            if self._flight is None or self._flight.done():
                self._flight = asyncio.ensure_future(asyncio.to_thread(self.flush))
            await asyncio.shield(self._flight)
        if self._guard is not None and not self._guard.is_fresh:
            await asyncio.to_thread(self._guard.check)

    def flush(self) -> None:
        self._flush_to(self._written)

    def end(self, closing: journal_records.Closing) -> None:
        self._flush_to(self._append(journal_records.render_closing(closing), None))

    def close(self) -> None:
        if self._descriptor < 0:
            return
        self.flush()
        os.close(self._descriptor)
        self._descriptor = -1

    def discard(self) -> None:
        self.close()
        self._store.remove(self._key)

    def _append(self, line: bytes, entry: journals.Entry | None) -> int:
        with self._appending, refusals(self._path):
            view = memoryview(line)
            while view:
                view = view[os.write(self._descriptor, view) :]
            if entry is not None:
                self._entries.append(entry)
            self._written += len(line)
            return self._written

    def _flush_to(self, position: int) -> None:
        with self._flushing:
            if self._flushed >= position:
                # Another thread's flush took this entry along.
                return
            written = self._written
            with refusals(self._path):
                os.fsync(self._descriptor)
            self._flushed = written
