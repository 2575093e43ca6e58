"""The engine service of a program: its log lines become diagnostics, its demands on our version are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2

from reconciler.deploy import events
from reconciler.host.refusals import RefusedError
from reconciler.model import versions

_SEVERITY: Final = {
    0: events.Severity.DEBUG,
    1: events.Severity.INFO,
    2: events.Severity.WARNING,
    3: events.Severity.ERROR,
}
# What the SDK makes of UNAVAILABLE, our answer after the person stopped the run: who did that knows it.
_STOPPED: Final = "Resource monitor has terminated, shutting down"


class Engine:
    """What `pulumi.log` and `pulumi.require_pulumi_version` call. Thread-safe; does not wait."""

    def __init__(self, emit: Callable[[events.Event], None], version: str) -> None:
        self._emit = emit
        self._version = version
        self._root = ""

    # Method names are those of the wire.

    def Log(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        severity = _SEVERITY.get(request.severity, events.Severity.INFO)
        if severity is not events.Severity.DEBUG and request.message != _STOPPED:
            self._emit(events.Diagnostic(request.message, severity, request.urn, request.ephemeral, request.streamId))
        return empty_pb2.Empty()

    def GetRootResource(self, _request: object) -> engine_pb2.GetRootResourceResponse:  # noqa: N802  # wire name
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def SetRootResource(self, request: Any) -> engine_pb2.SetRootResourceResponse:  # noqa: N802  # wire name
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()

    def StartDebugging(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        self._emit(events.Diagnostic(request.message, events.Severity.INFO))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> engine_pb2.RequirePulumiVersionResponse:  # noqa: N802  # wire name
        wanted = request.pulumi_version_range
        try:
            fits = versions.parse_range(wanted).has(versions.parse_version(self._version))
        except ValueError as error:
            raise RefusedError(
                grpc.StatusCode.INVALID_ARGUMENT, f"invalid version range {wanted!r}: {error}"
            ) from error
        if not fits:
            raise RefusedError(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"Pulumi CLI version {self._version} does not satisfy the version range {wanted!r}",
            )
        return engine_pb2.RequirePulumiVersionResponse()
