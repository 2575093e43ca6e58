"""What the daemon runs: the services of one sandbox behind one small interface."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from moto.server import ThreadedMotoServer

from reconciler import errors
from reconciler.sandbox.prefect.server import PrefectServer
from reconciler.sandbox.prefect.workers import Workers
from reconciler.sandbox.settings import Settings


class Service(Protocol):
    """One service. Its state outlives `stop`."""

    name: str

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


class Aws:
    """AWS, in the daemon's process."""

    name = "aws"
    pid = None
    log = None

    def __init__(self, state_dir: Path, port: int) -> None:
        self.port = port
        self._state_dir = state_dir
        self._server: ThreadedMotoServer | None = None

    @property
    def url(self) -> str:
        """The endpoint of every service."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start serving."""
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def is_ready(self) -> bool:
        """It is ready once it was started."""
        return self._server is not None

    def is_alive(self) -> bool:
        """Was it started and not stopped?"""
        return self._server is not None

    def tend(self) -> None:
        """Nothing is due."""

    def counters(self) -> Mapping[str, int]:
        """Nothing is counted."""
        return {}

    def stop(self) -> None:
        """Stop serving."""
        if self._server is not None:
            self._server.stop()
            self._server = None


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
    """Every service of a sandbox, not started.

    Raises:
        SandboxError: a service's library is not installed.
    """
    services: tuple[Service, ...] = (Prefect(settings), Aws(settings.state_dir / "aws", settings.ports["aws"]))
    if unknown := [service.name for service in services if service.name not in settings.ports]:
        raise errors.BugError(f"services without a port: {unknown}")
    return services
