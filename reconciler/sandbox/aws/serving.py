"""The HTTP server in front of the services: quiet, threaded, on a socket that is already bound."""

from __future__ import annotations

import socket

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from reconciler.sandbox.aws.service import Service


class _Handler(MotoRequestHandler):
    # An answer leaves in two pieces; without this the second waits for the first one's acknowledgement.
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the sandbox counts requests."""


def make_loopback_server(listener: socket.socket, service: Service) -> BaseWSGIServer:
    """A server that answers on the listener, which it takes over."""
    host, port = listener.getsockname()
    with listener:
        # The server duplicates the descriptor.
        return make_server(host, port, service, threaded=True, request_handler=_Handler, fd=listener.fileno())
