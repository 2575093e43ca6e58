"""Errors as answers: what a program's SDK is told when a call cannot be served."""

from __future__ import annotations

import grpc

from reconciler import errors
from reconciler.deploy.deployment import ShutdownError


class RefusedError(grpc.RpcError):
    """An answer that is an error, with the code and words that the SDK looks at."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        self._code = code
        self._details = details
        super().__init__(details)

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> tuple[()]:
        return ()

    def initial_metadata(self) -> tuple[()]:
        return ()


def unserved(name: str) -> RefusedError:
    """The answer to an RPC that this version does not have."""
    return RefusedError(grpc.StatusCode.UNIMPLEMENTED, f"{name} is not served by this version of the engine")


def refusal(error: Exception) -> RefusedError:
    """The answer to a call that raised."""
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, ShutdownError):
        return RefusedError(grpc.StatusCode.UNAVAILABLE, "the run was stopped")
    if isinstance(error, (errors.DuplicateUrnError, errors.InvalidRequestError)):
        return RefusedError(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    if isinstance(error, (errors.ReconcilerError, ValueError)):
        hint = getattr(error, "hint", "") or (error.help if isinstance(error, errors.ProviderError) else "")
        return RefusedError(grpc.StatusCode.UNKNOWN, f"{error}\nhint: {hint}" if hint else str(error))
    return RefusedError(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
