"""What the daemon runs: the services of one sandbox behind one small interface."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from reconciler.sandbox.aws.server import AwsSandbox
from reconciler.sandbox.prefect.server import PrefectServer
from reconciler.sandbox.prefect.workers import Workers
from reconciler.sandbox.settings import Settings
from reconciler.sandbox.snowflake.serving.server import SnowflakeSandbox


class Service(Protocol):
    """One service. Its state outlives `stop`."""

    name: str

    @property
    def note(self) -> str:
        """What to tell a person who waits for its start; "" for nothing."""

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""

    @property
    def url(self) -> str:
        """The address that clients are given."""

    @property
    def pid(self) -> int | None:
        """Its own process, or None when it lives in the daemon's."""

    @property
    def log(self) -> Path | None:
        """Its own log file, or None when it writes to the daemon's."""

    def begin(self) -> None:
        """Start it; it may not be ready yet."""

    def is_ready(self) -> bool:
        """Does it answer? Raises SandboxError when it died."""

    def is_alive(self) -> bool:
        """Does it run?"""

    def tend(self) -> None:
        """Do what is due from time to time."""

    def counters(self) -> Mapping[str, int]:
        """What it counted since its start."""

    def stop(self) -> None:
        """Stop it; a stopped one stays stopped."""


class Server(Protocol):
    """What a server that lives in the daemon's process offers."""

    port: int

    @property
    def url(self) -> str:
        """Its address."""

    def start(self) -> object:
        """Serve, and return when requests are answered."""

    def stop(self) -> None:
        """Stop serving."""

    def statistics(self) -> Mapping[str, object]:
        """What it counted."""


class InProcess:
    """A server in a thread of the daemon."""

    note = ""
    pid = None
    log = None

    def __init__(self, name: str, server: Server, counted: Mapping[str, str]) -> None:
        """`counted` picks the server's counts that are shown, and says what they count."""
        self.name = name
        self._server = server
        self._counted = counted
        self._started = False

    @property
    def port(self) -> int:
        """The server's port."""
        return self._server.port

    @property
    def url(self) -> str:
        """The server's address."""
        return self._server.url

    def begin(self) -> None:
        """Start serving; it is ready when this returns."""
        self._server.start()
        self._started = True

    def is_ready(self) -> bool:
        """Does it take connections? Nobody else can: the port is this process's."""
        return self.is_alive()

    def is_alive(self) -> bool:
        """Was it started, and does it take connections?"""
        if not self._started:
            return False
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return True

    def tend(self) -> None:
        """Nothing is due."""

    def counters(self) -> Mapping[str, int]:
        """The server's own counts."""
        counts = self._server.statistics()
        return {word: count for name, word in self._counted.items() if isinstance(count := counts.get(name), int)}

    def stop(self) -> None:
        """Stop serving."""
        self._started = False
        self._server.stop()


class Prefect:
    """The Prefect server, and the workers of its pools, as child processes."""

    name = "prefect"

    def __init__(self, settings: Settings) -> None:
        state_dir = settings.state_dir / "prefect"
        self._server = PrefectServer(state_dir, settings.ports["prefect"], template_dir=settings.cache)
        self._workers = Workers(
            self._server.url, root=settings.root, state_dir=state_dir / "workers", pids=settings.pids
        )

    @property
    def note(self) -> str:
        """The first start ever takes longer."""
        return "" if self._server.has_database else "makes its database first, once"

    @property
    def port(self) -> int:
        """The server's port."""
        return self._server.port

    @property
    def url(self) -> str:
        """The API's address."""
        return self._server.url

    @property
    def pid(self) -> int | None:
        """The server's process."""
        return self._server.pid

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._server.log

    def begin(self) -> None:
        """Start the server."""
        self._server.begin()

    def is_ready(self) -> bool:
        """Does our server answer?"""
        return self._server.is_ready()

    def is_alive(self) -> bool:
        """Does the server's process run?"""
        return self._server.is_alive()

    def tend(self) -> None:
        """Give every process pool a worker."""
        self._workers.keep()

    def counters(self) -> Mapping[str, int]:
        """Requests served, workers running."""
        return {**self._server.counters(), **self._workers.counters()}

    def stop(self) -> None:
        """Stop the workers first: they report the end of their runs to the server."""
        self._workers.stop()
        self._server.stop()


def build(settings: Settings) -> tuple[Service, ...]:
    """Every service of a sandbox, not started, in the order to start and stop them.

    Prefect comes first: its process starts while the others do, and its workers
    must end before what their flows use.
    """
    aws = AwsSandbox(settings.state_dir / "aws", settings.ports["aws"])
    snowflake = SnowflakeSandbox(settings.state_dir / "snowflake", settings.ports["snowflake"], aws.url)
    return (
        Prefect(settings),
        InProcess("aws", aws, {"requests": "requests", "writes": "writes"}),
        InProcess("snowflake", snowflake, {"total": "statements", "sessions": "sessions"}),
    )
