"""From our answers and errors to Pulumi's messages. Pure.

Source: facts/engine-contract.md §7.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from reconciler import errors
from reconciler.contract import wire
from reconciler.contract.protocol import Changes, CheckFailure, CheckResponse, Diff, DiffKind
from reconciler.model import paths, values

_CHANGES: Final = {
    Changes.UNKNOWN: provider_pb2.DiffResponse.DIFF_UNKNOWN,
    Changes.NONE: provider_pb2.DiffResponse.DIFF_NONE,
    Changes.SOME: provider_pb2.DiffResponse.DIFF_SOME,
}
_KINDS: Final = {
    DiffKind.ADD: provider_pb2.PropertyDiff.ADD,
    DiffKind.ADD_REPLACE: provider_pb2.PropertyDiff.ADD_REPLACE,
    DiffKind.DELETE: provider_pb2.PropertyDiff.DELETE,
    DiffKind.DELETE_REPLACE: provider_pb2.PropertyDiff.DELETE_REPLACE,
    DiffKind.UPDATE: provider_pb2.PropertyDiff.UPDATE,
    DiffKind.UPDATE_REPLACE: provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


def check_response(response: CheckResponse) -> provider_pb2.CheckResponse:
    """The answer to Check and CheckConfig."""
    return provider_pb2.CheckResponse(
        inputs=wire.write_map(values.freeze_map(response.inputs)), failures=failures(response.failures)
    )


def failures(refused: Iterable[CheckFailure]) -> list[provider_pb2.CheckFailure]:
    """Refused properties."""
    return [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in refused]


def diff_response(diff: Diff) -> provider_pb2.DiffResponse:
    """The answer to Diff and DiffConfig."""
    detailed = diff.detailed or {}
    return provider_pb2.DiffResponse(
        changes=_CHANGES[diff.changes],
        replaces=diff.replaces,
        stables=diff.stables,
        deleteBeforeReplace=diff.delete_before_replace,
        diffs=sorted({paths.top_level(path) for path in detailed}),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=_KINDS[item.kind], inputDiff=item.input_diff)
            for path, item in detailed.items()
        },
        hasDetailedDiff=diff.detailed is not None,
    )


def code(error: errors.ProviderError) -> grpc.StatusCode:
    """The status of a refusal. Internal says that the outcome is not known; only an open outcome may have it."""
    match error:
        case errors.AmbiguousError():
            return grpc.StatusCode.INTERNAL
        case errors.PartialError():
            return grpc.StatusCode.UNKNOWN
        case errors.InvalidInputsError():
            return grpc.StatusCode.INVALID_ARGUMENT
        case errors.NotFoundError():
            return grpc.StatusCode.NOT_FOUND
        case errors.TransientError():
            return grpc.StatusCode.UNAVAILABLE
        case _:
            return grpc.StatusCode.FAILED_PRECONDITION


def text(error: errors.ProviderError) -> str:
    """What a person reads of a refusal. The engine says itself what sort of failure it was."""
    words = error.detail or error.summary
    return f"{words}\nhint: {error.hint}" if error.hint else words


def status(error: errors.PartialError) -> status_pb2.Status:
    """The status that carries what was half made."""
    outputs = values.freeze_map(error.outputs if isinstance(error.outputs, dict) else {})
    failed = provider_pb2.ErrorResourceInitFailed(
        id=error.id, properties=wire.write_map(outputs), reasons=error.reasons
    )
    detail = any_pb2.Any()
    detail.Pack(failed)
    return status_pb2.Status(code=code(error).value[0], message=text(error), details=[detail])
