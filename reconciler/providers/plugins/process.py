"""One plugin process: started, its port read from its first line, its output kept, stopped.

What it prints later is shown only when it dies, or as it is printed where the program's own code runs in it. It runs in
a group of its own, so that Ctrl-C at the terminal reaches the engine alone, which stops it in order.

Source: facts/engine-contract.md §7.1.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import IO, Final

from reconciler import errors
from reconciler.contract.extensions import WATCH_STDIN
from reconciler.providers.plugins.discovery import Launch

PORT_TIMEOUT_S: Final = 60.0
"""How long a plugin may take to say its port. Pulumi's engine waits for ever."""

_STOP_TIMEOUT_S: Final = 5.0
_KEPT_LINES: Final = 200
_READ_BYTES: Final = 65536
# What is printed without an end of line is cut into lines of this length; an error shows less of each.
_LINE_LENGTH: Final = 65536
_SHOWN_LENGTH: Final = 1000
# How long a process that hung up is waited for, and its last words once it has ended: what it started may hold them.
_LAST_WORDS_S: Final = 1.0

Show = Callable[[str, str], None]
"""Severity (info, info#err), line."""


class PluginProcess:
    """A running plugin. Make it by `start`."""

    def __init__(self, who: str, process: subprocess.Popen[bytes], show: Show | None) -> None:
        self._who = who
        self._process = process
        self._ended = asyncio.Event()
        self._show = show
        self._output: deque[str] = deque(maxlen=_KEPT_LINES)
        self._pipes: list[asyncio.ReadTransport] = []
        self._readers: list[asyncio.Task[None]] = []
        self.port = 0
        threading.Thread(target=self._watch, args=(asyncio.get_running_loop(),), daemon=True).start()

    @classmethod
    async def start(
        cls,
        package: str,
        launch: Launch,
        *,
        engine_address: str,
        folder: Path,
        environment: Mapping[str, str],
        timeout_s: float = PORT_TIMEOUT_S,
        who: str = "",
        show: Show | None = None,
        began: Callable[[PluginProcess], None] = lambda _process: None,
    ) -> PluginProcess:
        """Start a plugin and wait for its port. `who` is it in errors, "the plugin of '<package>'" unless given.

        `show` is told each line that it prints; `began` is given the process before it has said its port.

        Raises:
            ConfigureError: it cannot be started, dies, says something else or nothing; with its output.
        """
        who = who or f"the plugin of '{package}'"
        try:
            # Not the event loop's processes: uvloop's hold copies of their pipes, so that their end is not seen, and
            # asyncio takes a process for running as long as what it started holds one.
            process = subprocess.Popen(  # noqa: ASYNC220  # it returns as soon as the process is there
                [*launch.command, engine_address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=folder,
                env={**environment, **launch.environment, WATCH_STDIN: "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise errors.ConfigureError(f"{who} cannot be started: {error}") from error
        started = cls(who, process, show)
        began(started)
        try:
            await started._read_port(timeout_s)
        except BaseException:
            await started.stop()
            raise
        return started

    @property
    def has_died(self) -> bool:
        """Has it exited?"""
        return self._process.returncode is not None

    async def wait_s(self, timeout_s: float) -> bool:
        """Wait for its end; says whether it came."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ended.wait(), timeout_s)
            if self._readers:
                await asyncio.wait(self._readers, timeout=_LAST_WORDS_S)
        return self.has_died

    async def lives_until(self, told: Awaitable[object], timeout_s: float) -> bool:
        """Wait for something that it does; says whether it came, before its death and the timeout."""
        came, ended = asyncio.ensure_future(told), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({came, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            return came.done()
        finally:
            came.cancel()
            ended.cancel()

    def last_output(self) -> str:
        """Its last lines and how it ended, for an error."""
        code = self._process.returncode
        ended = "is running" if code is None else f"was killed by signal {-code}" if code < 0 else f"exited with {code}"
        said = "".join(f"\n  {line[:_SHOWN_LENGTH]}" for line in self._output)
        return f"{self._who} {ended}" + (f"; its last output:{said}" if said else "")

    def kill(self) -> None:
        """Kill its group, if it has not died, and wait for nothing."""
        if not self.has_died:
            self._signal(signal.SIGKILL)

    async def stop(self) -> None:
        """Interrupt it, wait, then kill its group."""
        if not self.has_died:
            self._signal(signal.SIGINT)
            if not await self.wait_s(_STOP_TIMEOUT_S):
                self._signal(signal.SIGKILL)
        # What it started goes with it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._ended.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        for pipe in self._pipes:
            pipe.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        self._process.wait()
        # The loop may be gone, of a run that was cut off.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._ended.set)

    async def _opened(self, pipe: IO[bytes] | None) -> asyncio.StreamReader:
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        self._pipes.append(transport)
        return reader

    async def _read_port(self, timeout_s: float) -> None:
        self._readers.append(asyncio.ensure_future(self._keep(await self._opened(self._process.stderr), "info#err")))
        out = await self._opened(self._process.stdout)
        line = await self._first_line(out, timeout_s)
        text = line.decode(errors="replace").strip()
        if not line:
            closed = "" if await self.wait_s(_LAST_WORDS_S) else f"{self._who} closed its stdout and said no port; "
            raise errors.ConfigureError(f"the plugin did not start: {closed}{self.last_output()}")
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            self._output.append(text)
            raise errors.ConfigureError(
                f"{self._who} wrote an invalid port to stdout: {text[:200]!r}; {self.last_output()}",
                hint="a plugin's first line on stdout is its port; print everything else to stderr",
            )
        self.port = int(text)
        self._readers.append(asyncio.ensure_future(self._keep(out, "info")))

    async def _first_line(self, out: asyncio.StreamReader, timeout_s: float) -> bytes:
        """The first line; empty if it ended without one, or hung up."""
        line, ended = asyncio.ensure_future(out.readline()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({line, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                await asyncio.wait({line}, timeout=_LAST_WORDS_S)
            if line.done():
                return line.result()
            if ended.done():
                return b""
        except ValueError:
            return b"(a line without end)\n"
        finally:
            line.cancel()
            ended.cancel()
        raise errors.ConfigureError(f"{self._who} did not say its port within {timeout_s:g} s; {self.last_output()}")

    async def _keep(self, stream: asyncio.StreamReader, severity: str) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        rest = ""
        while chunk := await stream.read(_READ_BYTES):
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            if len(rest) >= _LINE_LENGTH:
                lines, rest = [*lines, rest], ""
            self._said(lines, severity)
        if rest:
            self._said([rest], severity)

    def _said(self, lines: list[str], severity: str) -> None:
        self._output.extend(lines)
        if self._show is not None:
            for line in filter(str.strip, lines):
                self._show(severity, line)
