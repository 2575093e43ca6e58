"""What the program prints becomes diagnostics, line by line; what we print ourselves does not."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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
    async with _emitted(1, emit, events.Severity.INFO) as out, _emitted(2, emit, events.Severity.STDERR) as err:
        sys.stdout, sys.stderr = out, err
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


@asynccontextmanager
async def _emitted(
    descriptor: int, emit: Callable[[events.Event], None], severity: events.Severity
) -> AsyncIterator[TextIO]:
    """A text stream on a file descriptor that leads to `emit` for as long as this lasts."""
    read_end, write_end = os.pipe()
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb")
    )
    lines = asyncio.ensure_future(relay(reader, emit, severity))
    kept = os.dup(descriptor)
    os.dup2(write_end, descriptor)
    os.close(write_end)
    # It is not closed: a program that was left to itself may hold it.
    stream = os.fdopen(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
    try:
        yield stream
    finally:
        # The pipe may be full, and it is this loop that empties it.
        await asyncio.to_thread(stream.flush)
        os.dup2(kept, descriptor)
        os.close(kept)
        await asyncio.wait({lines}, timeout=LAST_LINES_S)
        lines.cancel()
        transport.close()


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
