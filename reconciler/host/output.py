"""What the program prints becomes diagnostics, line by line; what we print ourselves does not."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TextIO

from reconciler.deploy import events

LAST_LINES_S: Final = 1.0
"""How long after a program's end its lines may come; what it has started may go on and print for ever."""


@asynccontextmanager
async def captured(emit: Callable[[events.Event], None]) -> AsyncIterator[None]:
    """While inside, what this process prints is emitted: a program's threads and the processes that it starts included.

    They have the file descriptors 1 and 2. Our own command line keeps itself apart from these (`cli/main`).
    """
    before = sys.stdout, sys.stderr
    level = logging.root.level
    out = await _Diverted.begin(1, emit, events.Severity.INFO)
    err = await _Diverted.begin(2, emit, events.Severity.STDERR)
    sys.stdout, sys.stderr = out.stream, err.stream
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        logging.root.setLevel(level)
        _detach((out.stream, err.stream))
        await asyncio.gather(out.end(), err.end())


@dataclass(frozen=True, slots=True)
class _Diverted:
    """A file descriptor that leads to `emit` until it is led back.

    Attributes:
        kept: where it led before.
        stream: writes there. It is not closed: a program that was left to itself may hold it.
    """

    descriptor: int
    kept: int
    stream: TextIO
    pipe: asyncio.BaseTransport
    lines: asyncio.Task[None]

    @staticmethod
    async def begin(descriptor: int, emit: Callable[[events.Event], None], severity: events.Severity) -> _Diverted:
        read_end, write_end = os.pipe()
        reader = asyncio.StreamReader()
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb")
        )
        kept = os.dup(descriptor)
        os.dup2(write_end, descriptor)
        os.close(write_end)
        return _Diverted(
            descriptor=descriptor,
            kept=kept,
            stream=os.fdopen(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False),
            pipe=pipe,
            lines=asyncio.create_task(relay(reader, emit, severity)),
        )

    async def end(self) -> None:
        # The pipe may be full, and it is this loop that empties it.
        await asyncio.to_thread(self.stream.flush)
        os.dup2(self.kept, self.descriptor)
        os.close(self.kept)
        await asyncio.wait({self.lines}, timeout=LAST_LINES_S)
        self.lines.cancel()
        self.pipe.close()


def _detach(streams: Sequence[object]) -> None:
    """Log handlers of the program write where its run printed: the next run makes its own."""
    for logger in (logging.root, *logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            for handler in [item for item in logger.handlers if getattr(item, "stream", None) in streams]:
                logger.removeHandler(handler)


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
