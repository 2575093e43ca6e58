"""What the program prints becomes diagnostics, line by line; what we print ourselves does not."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from reconciler.deploy import events

THREAD_PREFIX = "pulumi-program"
"""Threads of the program have names that begin so."""


class _ProgramStream(io.TextIOBase):
    """Takes lines of program threads; passes on what other threads write."""

    def __init__(self, own: TextIO, emit: Callable[[events.Event], None], severity: events.Severity) -> None:
        self._own = own
        self._emit = emit
        self._severity = severity
        self._rest = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has an attribute where we have a property
        return "utf-8"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> int:
        if not threading.current_thread().name.startswith(THREAD_PREFIX):
            return self._own.write(text)
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._emit(events.Diagnostic(line, self._severity))
        return len(text)

    def flush(self) -> None:
        self._own.flush()

    def finish(self) -> None:
        """Emit a last line that had no end."""
        if self._rest:
            self._emit(events.Diagnostic(self._rest, self._severity))
            self._rest = ""


@contextmanager
def captured(emit: Callable[[events.Event], None]) -> Iterator[None]:
    """While inside, what program threads print is emitted instead."""
    out = _ProgramStream(sys.stdout, emit, events.Severity.INFO)
    err = _ProgramStream(sys.stderr, emit, events.Severity.STDERR)
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        out.finish()
        err.finish()


async def relay(
    stream: asyncio.StreamReader | None, emit: Callable[[events.Event], None], severity: events.Severity
) -> None:
    """What another process prints, until it prints no more."""
    assert stream is not None, "the process was given a pipe"
    rest = b""
    while chunk := await stream.read(1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            emit(events.Diagnostic(line.decode(errors="replace"), severity))
    if rest:
        emit(events.Diagnostic(rest.decode(errors="replace"), severity))
