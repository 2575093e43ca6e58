"""What a plugin's refusal means: gRPC status to our errors. Pure.

Source: facts/engine-contract.md §7.3, §4.15.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import grpc
from google.protobuf import struct_pb2
from google.protobuf.message import DecodeError
from pulumi.runtime.proto import errors_pb2, provider_pb2, status_pb2

from reconciler import errors
from reconciler.contract import wire
from reconciler.model import values
from reconciler.model.values import EMPTY, PropertyMap

# The plugin answered, but not what happened to the object. UNKNOWN is not among them: it is what every plain
# exception in a provider becomes, and Pulumi's engine, too, takes such a create for one that made nothing.
_IN_DOUBT: Final = frozenset(
    {
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
)
STATUS_DETAILS: Final = "grpc-status-details-bin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A call that ended in an error. `death` is the process's last output when it died."""

    method: str
    code: grpc.StatusCode
    message: str
    status: bytes = b""
    death: str = ""
    changes: bool = False


def as_error(refusal: Refusal) -> errors.ProviderError:
    """The error of ours that a refused call stands for."""
    if refusal.death:
        return _died(refusal)
    details = _details(refusal.status)
    if refusal.method in ("Create", "Update", "Read") and (partial := _partial(details, refusal.message)) is not None:
        return partial
    code = refusal.code.name
    message = refusal.message
    if refusal.method == "Configure":
        return errors.ConfigureError(_missing_keys(details) or message, op="configure", code=code)
    if failures := _input_failures(details):
        return errors.InvalidInputsError(failures)
    if refusal.code in _IN_DOUBT:
        return _lost(refusal, message)
    if refusal.code is grpc.StatusCode.UNAVAILABLE:
        return errors.TransientError(message, code=code)
    if refusal.code is grpc.StatusCode.NOT_FOUND:
        return errors.NotFoundError(message, code=code)
    return errors.PermanentError(message, code=code)


def _died(refusal: Refusal) -> errors.ProviderError:
    message, code = f"in the middle of {refusal.method}, {refusal.death}", refusal.code.name
    if refusal.changes:
        return errors.AmbiguousError(message, code=code)
    if refusal.method == "Configure":
        return errors.ConfigureError(message, op="configure", code=code)
    return errors.ProviderError(message, code=code)


def _input_failures(details: Mapping[str, bytes]) -> list[tuple[str, str]]:
    found = details.get("pulumirpc.InputPropertiesError")
    items = errors_pb2.InputPropertiesError.FromString(found).errors if found is not None else ()
    return [(item.property_path, item.reason) for item in items]


def _lost(refusal: Refusal, message: str) -> errors.ProviderError:
    if refusal.changes:
        return errors.AmbiguousError(message, code=refusal.code.name)
    return errors.PermanentError(message, code=refusal.code.name)


def _partial(details: Mapping[str, bytes], message: str) -> errors.PartialError | None:
    found = details.get("pulumirpc.ErrorResourceInitFailed")
    if found is None:
        return None
    failed = provider_pb2.ErrorResourceInitFailed.FromString(found)
    return errors.PartialError(
        # People read the error; what ails the object is in the reasons.
        "; ".join((message, *(reason for reason in failed.reasons if reason not in message))),
        id=failed.id,
        outputs=_recordable(failed.properties),
        inputs=_recordable(failed.inputs) if failed.HasField("inputs") else None,
        reasons=tuple(failed.reasons),
        refresh_before_update=failed.refresh_before_update,
    )


def _recordable(properties: struct_pb2.Struct) -> PropertyMap:
    """What can be recorded of an object that is there, whatever else its plugin says of it."""
    try:
        found = wire.read_map(properties, nulls=True)
    except ValueError:
        return EMPTY
    return {name: value for name, value in found.items() if not values.has_unknown(value)}


def _missing_keys(details: Mapping[str, bytes]) -> str:
    found = details.get("pulumirpc.ConfigureErrorMissingKeys")
    if found is None:
        return ""
    missing = provider_pb2.ConfigureErrorMissingKeys.FromString(found).missingKeys
    return "; ".join(f"missing required configuration key '{key.name}': {key.description}" for key in missing)


def _details(status: bytes) -> dict[str, bytes]:
    try:
        found = status_pb2.Status.FromString(status)
    except DecodeError:
        return {}
    return {detail.type_url.rpartition("/")[2]: detail.value for detail in found.details}
