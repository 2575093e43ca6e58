"""The services that plugins call back: for their log lines, and for what they do to views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_status_pb2_grpc

from reconciler.providers.plugins.status import StatusService


@dataclass(frozen=True, slots=True)
class Said:
    """What a plugin logs or prints.

    Attributes:
        severity: debug, info, info#err, warning, error.
        ephemeral: it is progress, not for keeps.
        stream: messages of one stream belong together; 0 is none.
    """

    severity: str
    message: str
    urn: str = ""
    ephemeral: bool = False
    stream: int = 0


Tell = Callable[[Said], None]

_SEVERITIES: Final = ("debug", "info", "warning", "error")


class EngineService(engine_pb2_grpc.EngineServicer):
    """Hears what plugins log."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    async def Log(  # noqa: N802  # wire name
        self, request: engine_pb2.LogRequest, _context: object
    ) -> empty_pb2.Empty:
        severity = _SEVERITIES[request.severity] if request.severity < len(_SEVERITIES) else "info"
        self._tell(Said(severity, request.message, request.urn, request.ephemeral, request.streamId))
        return empty_pb2.Empty()


class EngineServer:
    """The engine service on a port of its own."""

    def __init__(self, tell: Tell) -> None:
        self._service = EngineService(tell)
        self.status = StatusService()
        self._server: grpc.aio.Server | None = None
        self.address = ""

    async def start(self) -> None:
        """Begin to listen, once."""
        if self._server is None:
            self._server = grpc.aio.server()
            engine_pb2_grpc.add_EngineServicer_to_server(self._service, self._server)
            resource_status_pb2_grpc.add_ResourceStatusServicer_to_server(self.status, self._server)
            port = self._server.add_insecure_port("127.0.0.1:0")
            await self._server.start()
            self.address = f"127.0.0.1:{port}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            await self._server.stop(None)
            self._server = None
