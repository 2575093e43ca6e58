"""AWS on loopback: start, stop, empty, count. What the services are stands in `service`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import errors
from reconciler.sandbox.aws.writes import WriteLog

if TYPE_CHECKING:
    from werkzeug.serving import BaseWSGIServer

    from reconciler.sandbox.aws.service import Service

HOST = "127.0.0.1"


class AwsSandbox:
    """One account's services at one address, its state in `state_dir`. One per process: moto's state is global."""

    def __init__(self, state_dir: Path, port: int) -> None:
        self.port = port
        self._state_dir = state_dir
        self._log: WriteLog | None = None
        self._service: Service | None = None
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._replay_ms = 0

    @property
    def url(self) -> str:
        """The endpoint of every service."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Bring the state back, then listen; ready when it returns. Port 0 takes a free one.

        Raises:
            SandboxError: the port is taken.
        """
        from reconciler.sandbox.aws.service import Service
        from reconciler.sandbox.aws.serving import make_loopback_server

        listener = _listen(self.port)
        self.port = listener.getsockname()[1]
        self._log = WriteLog(self._state_dir)
        self._service = Service(self._log)
        began = time.perf_counter()
        self._service.replay()
        self._replay_ms = round((time.perf_counter() - began) * 1000)
        self._server = make_loopback_server(listener, self._service)
        self._thread = threading.Thread(target=self._server.serve_forever, name="aws-sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; the state stays on disk. Stopping twice does nothing."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        if self._log is not None:
            self._log.close()
        self._server = self._thread = self._log = self._service = None

    def reset(self) -> None:
        """Empty every service, on disk too.

        Raises:
            SandboxError: it is not started.
        """
        if self._service is None:
            raise errors.SandboxError("the AWS services are not started", hint="run `flowforge sandbox up`")
        self._service.reset()

    def statistics(self) -> Mapping[str, int]:
        """Requests and writes since the start; writes that the start repeated or could not, and how long it took."""
        service = self._service
        return {
            "requests": service.requests if service else 0,
            "writes": service.writes if service else 0,
            "replayed": service.replayed if service else 0,
            "failed_replays": service.failed_replays if service else 0,
            "replay_ms": self._replay_ms,
        }


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    # A port that a stopped sandbox used a moment ago can be taken again.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        listener.close()
        raise errors.SandboxError(
            f"port {port} of the AWS services is taken: {error.strerror}",
            hint=f"see who listens on {port}, or give the sandbox another port",
        ) from error
    listener.listen(128)
    return listener
