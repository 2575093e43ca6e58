"""The journal of a run on disk: append and flush."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import assert_never

from reconciler.backend.disk import Disk, refusals, sync_folder
from reconciler.model.codec import Cipher
from reconciler.state import journal_records, journals


class JournalFile:
    """Appends entries to one file, from any thread; implements `deploy.ports.Journal`.

    The engine appends, and waits (`durable`) where a call is about to go out. For others, entries before
    which or after which a provider acts are flushed to disk before `write` returns, and the rest wait for
    the next flush: a file keeps its order, so that a flushed entry never lacks the ones before it.
    """

    def __init__(self, disk: Disk, path: Path, header: journal_records.Header, cipher: Cipher) -> None:
        disk.make_folder(path.parent)
        self._cipher = cipher
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
        """What was written so far, in order."""
        with self._appending:
            return tuple(self._entries)

    def write(self, entry: journals.Entry, *, sync: bool | None = None) -> None:
        """Append one entry.

        Args:
            sync: must it survive a power cut before this returns? None leaves it to the entry's kind.
        """
        position = self._append(journal_records.render_entry(entry, self._cipher), entry)
        if must_sync(entry) if sync is None else sync:
            self._flush_to(position)

    def append(self, entry: journals.Entry) -> None:
        """Append one entry, to be flushed with others."""
        self.write(entry, sync=False)

    async def durable(self) -> None:
        """Return when everything written so far survives a power cut; who waits at the same time shares a flush."""
        position = self._written
        while self._flushed < position:
            if self._flight is None or self._flight.done():
                self._flight = asyncio.ensure_future(asyncio.to_thread(self.flush))
            await asyncio.shield(self._flight)

    def flush(self) -> None:
        """Return when everything written so far survives a power cut."""
        self._flush_to(self._written)

    def end(self, closing: journal_records.Closing) -> None:
        """Say which checkpoint comes of this run."""
        self._flush_to(self._append(journal_records.render_closing(closing), None))

    def close(self) -> None:
        """Flush and let go of the file; a second time does nothing."""
        if self._descriptor < 0:
            return
        self.flush()
        os.close(self._descriptor)
        self._descriptor = -1

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


def must_sync(entry: journals.Entry) -> bool:
    """Would losing this entry lose sight of something that a provider does or did?"""
    match entry:
        case journals.Began():
            return True
        case journals.Put() | journals.Forgot() | journals.Amended():
            return entry.ends is not None
        case journals.Failed() | journals.Kept() | journals.Together():
            return False
        case _:
            assert_never(entry)
