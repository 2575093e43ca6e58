"""One plugin process: started, its port read from its first line, its output kept, stopped.

What it prints later is shown only when it dies, or as it is printed where the program's own code runs in it. It runs in
a group of its own, so that Ctrl-C at the terminal reaches the engine alone, which stops it in order.

Source: facts/engine-contract.md §7.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.contract.extensions import WATCH_STDIN
from reconciler.providers.plugins.discovery import Launch

PORT_TIMEOUT_S: Final = 60.0
"""How long a plugin may take to say its port. Pulumi's engine waits for ever."""

_STOP_TIMEOUT_S: Final = 5.0
_KEPT_LINES: Final = 200
_READ_BYTES: Final = 65536

Show = Callable[[str, str], None]
"""Severity (info, info#err), line."""


class PluginProcess:
    """A running plugin. Make it by `start`."""

    def __init__(self, who: str, process: asyncio.subprocess.Process, show: Show | None) -> None:
        self._who = who
        self._process = process
        self._show = show
        self._output: deque[str] = deque(maxlen=_KEPT_LINES)
        self._readers: list[asyncio.Task[None]] = []
        self.port = 0

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
            process = await asyncio.create_subprocess_exec(
                *launch.command,
                engine_address,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
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
            await asyncio.wait_for(self._process.wait(), timeout_s)
            await asyncio.wait(self._readers, timeout=1.0)
        return self.has_died

    def last_output(self) -> str:
        """Its last lines and how it ended, for an error."""
        code = self._process.returncode
        ended = "is running" if code is None else f"was killed by signal {-code}" if code < 0 else f"exited with {code}"
        said = "".join(f"\n  {line}" for line in self._output)
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
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    async def _read_port(self, timeout_s: float) -> None:
        out, err = self._process.stdout, self._process.stderr
        assert out is not None, "stdout is a pipe"
        assert err is not None, "stderr is a pipe"
        self._readers.append(asyncio.ensure_future(self._keep(err, "info#err")))
        try:
            line = await asyncio.wait_for(out.readline(), timeout_s)
        except TimeoutError:
            raise errors.ConfigureError(
                f"{self._who} did not say its port within {timeout_s:g} s; {self.last_output()}"
            ) from None
        except ValueError:
            line = b"(a line without end)\n"
        text = line.decode(errors="replace").strip()
        if not line:
            await self.wait_s(_STOP_TIMEOUT_S)
            raise errors.ConfigureError(f"the plugin did not start: {self.last_output()}")
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            self._output.append(text)
            raise errors.ConfigureError(
                f"{self._who} wrote an invalid port to stdout: {text[:200]!r}; {self.last_output()}",
                hint="a plugin's first line on stdout is its port; print everything else to stderr",
            )
        self.port = int(text)
        self._readers.append(asyncio.ensure_future(self._keep(out, "info")))

    async def _keep(self, stream: asyncio.StreamReader, severity: str) -> None:
        rest = ""
        while chunk := await stream.read(_READ_BYTES):
            *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
            self._said(lines, severity)
        if rest:
            self._said([rest], severity)

    def _said(self, lines: list[str], severity: str) -> None:
        self._output.extend(lines)
        if self._show is not None:
            for line in filter(str.strip, lines):
                self._show(severity, line)
