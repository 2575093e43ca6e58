"""The engine service of a program: its log lines become diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2

from reconciler.deploy import events
from reconciler.host.refusals import RefusedError

_SEVERITY = {
    0: events.Severity.DEBUG,
    1: events.Severity.INFO,
    2: events.Severity.WARNING,
    3: events.Severity.ERROR,
}


class Engine:
    """What `pulumi.log` and `pulumi.require_pulumi_version` call."""

    def __init__(self, emit: Callable[[events.Event], None], version: str) -> None:
        self._emit = emit
        self._version = version

    # One coroutine per RPC, named as on the wire.

    async def Log(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        severity = _SEVERITY.get(request.severity, events.Severity.INFO)
        if severity is not events.Severity.DEBUG:
            self._emit(events.Diagnostic(request.message, severity, request.urn, request.ephemeral))
        return empty_pb2.Empty()

    async def RequirePulumiVersion(self, request: Any) -> engine_pb2.RequirePulumiVersionResponse:  # noqa: N802  # wire name
        raise RefusedError(
            grpc.StatusCode.UNIMPLEMENTED,
            f"require_pulumi_version({request.pulumi_version_range!r}) is not checked by this version of the engine",
        )
