"""The Snowflake sandbox as a server on loopback, in a thread of this process.

>>> sandbox = SnowflakeSandbox(directory, port=0)      # doctest: +SKIP
>>> sandbox.start(); sandbox.url; sandbox.stop()       # doctest: +SKIP
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from pathlib import Path
from typing import Any, Final

import uvicorn

from reconciler.errors import BackendError
from reconciler.sandbox.snowflake.serving.faults import Faults
from reconciler.sandbox.snowflake.serving.service import Service
from reconciler.sandbox.snowflake.serving.wire import create_app, tracking

HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 18710
START_TIMEOUT_S: Final = 30.0


class SnowflakeSandbox:
    """One account, served.

    Args:
        state_dir: where the account is kept; made when it is not there.
        port: 0 for any free one, known after `start`.
        aws_endpoint: URL of the S3 and IAM that external stages and storage integrations mean; None for none.
    """

    def __init__(self, state_dir: Path, port: int = DEFAULT_PORT, aws_endpoint: str | None = None) -> None:
        self._state_dir = state_dir
        self._aws_endpoint = aws_endpoint
        self.port = port
        self.faults = Faults()
        self._service: Service | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it is served."""
        return f"http://{HOST}:{self.port}"

    @property
    def account(self) -> str:
        """The account name that a connector is given."""
        return "FLOWFORGE-SANDBOX"

    def start(self) -> SnowflakeSandbox:
        """Serve, and return when requests are answered.

        Raises:
            OSError: the port is taken.
            BackendError: the server did not come up.
        """
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, self.port))
            self._service = Service(self._state_dir, self._aws_endpoint)
        except BaseException:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        transports: dict[Any, asyncio.BaseTransport] = {}
        app = create_app(self._service, self.faults, transports)
        config = uvicorn.Config(
            app, http=tracking(transports), log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="snowflake-sandbox", daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise BackendError("the Snowflake sandbox did not start")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Stop serving and close the files. Nothing happens when it does not run."""
        if self._server is None or self._thread is None or self._service is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._service.close()
        self._server = self._thread = self._service = None

    def statistics(self) -> dict[str, Any]:
        """Counts of statements, as GET /sandbox/statistics answers them."""
        return self._running().statistics()

    def reset(self) -> None:
        """Empty the account; all sessions end."""
        self._running().reset()

    def _running(self) -> Service:
        if self._service is None:
            raise BackendError("the Snowflake sandbox does not run")
        return self._service


def serve(state_dir: Path, port: int = DEFAULT_PORT, aws_endpoint: str | None = None) -> SnowflakeSandbox:
    """A running sandbox."""
    return SnowflakeSandbox(state_dir, port, aws_endpoint).start()
