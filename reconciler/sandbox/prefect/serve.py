"""The process of the sandbox's Prefect server: the real application on a socket handed down by the parent.

Run as `python -m reconciler.sandbox.prefect.serve DESCRIPTOR`. The parent has
bound the socket already, so that no foreign server can answer in our place.
Beside Prefect's own paths it answers `GET /flowforge` with the sandbox's token
and the number of requests served: how a client tells our server from another.
"""

from __future__ import annotations

import json
import os
import socket
import sys

import uvicorn
from prefect.server.api.server import create_app
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox.prefect.server import MARKER_PATH


class Marked:
    """Wraps an application: counts its requests, answers `MARKER_PATH` itself."""

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application = application
        self._token = token
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's event stream."""
        if scope["type"] == "http":
            if scope["path"] == MARKER_PATH:
                await self._answer(send)
                return
            self._requests += 1
        await self._application(scope, receive, send)

    async def _answer(self, send: Send) -> None:
        body = json.dumps({"service": "prefect", "token": self._token, "requests": self._requests}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main(descriptor: int) -> None:
    """Serve until SIGTERM."""
    application = create_app(webserver_only=os.environ.get("FLOWFORGE_PREFECT_SERVICES") == "off", final=True)
    marked = Marked(application, os.environ.get("FLOWFORGE_SANDBOX_TOKEN", ""))
    server = uvicorn.Server(uvicorn.Config(marked, lifespan="on", log_level="warning", timeout_graceful_shutdown=2))
    server.run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
