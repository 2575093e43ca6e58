"""One resource, or one pending operation, to and from its entry in the state file.

Source: facts/engine-contract.md §5.1 (field order, omissions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

from reconciler import errors
from reconciler.model import codec
from reconciler.model.redaction import Redactor
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import Value
from reconciler.state.json_fields import array, find_object, flag, string, strings

_TIMEOUTS: Final = ("create", "update", "delete", "read")
_NEVER_EMPTY: Final = ("type", "replacementTrigger")
# Key -> the attribute that it holds, in upstream's order. `aliases` are read and never written: references carry the
# new URNs.
_WRITTEN: Final = {
    "delete": "delete",
    "id": "id",
    "type": "type",
    "inputs": "inputs",
    "outputs": "outputs",
    "parent": "parent",
    "protect": "protect",
    "taint": "taint",
    "external": "external",
    "dependencies": "dependencies",
    "initErrors": "init_errors",
    "provider": "provider",
    "propertyDependencies": "property_dependencies",
    "pendingReplacement": "pending_replacement",
    "additionalSecretOutputs": "additional_secret_outputs",
    "customTimeouts": "custom_timeouts",
    "importID": "import_id",
    "retainOnDelete": "retain_on_delete",
    "deletedWith": "deleted_with",
    "replaceWith": "replace_with",
    "created": "created",
    "modified": "modified",
    "sourcePosition": "source_position",
    "stackTrace": "stack_trace",
    "ignoreChanges": "ignore_changes",
    "hideDiff": "hide_diff",
    "replaceOnChanges": "replace_on_changes",
    "replacementTrigger": "replacement_trigger",
    "refreshBeforeUpdate": "refresh_before_update",
    "viewOf": "view_of",
    "resourceHooks": "resource_hooks",
}
_WRITTEN_KEYS: Final = tuple(_WRITTEN)
_written_values: Final = attrgetter(*_WRITTEN.values())
_KEYS: Final = frozenset({"urn", "custom", "aliases", *_WRITTEN})


def encode_pending(operation: PendingOperation, cipher: codec.Cipher | None) -> dict[str, object]:
    """One entry of `pending_operations`; `operationID` is ours, and other engines pass over it."""
    data: dict[str, object] = {"resource": encode_resource(operation.resource, cipher), "type": operation.type.value}
    if operation.operation_id:
        data["operationID"] = operation.operation_id
    return data


def decode_pending(data: object, cipher: codec.Cipher | None) -> PendingOperation:
    """The operation of one entry of `pending_operations`."""
    if not isinstance(data, dict):
        raise errors.CheckpointFormatError("a pending operation is not an object")
    try:
        type = PendingType(string(data, "type"))
    except ValueError as error:
        raise errors.CheckpointFormatError(f"{error} of pending operation") from error
    return PendingOperation(
        type=type,
        resource=decode_resource(data.get("resource"), cipher),
        operation_id=string(data, "operationID"),
    )


def encode_resource(resource: Recorded, cipher: codec.Cipher | None) -> dict[str, object]:
    """One entry of `resources`: keys in upstream's order, empty ones left out."""
    place: codec.Place = (resource.urn, resource.id)
    data: dict[str, object] = {"urn": resource.urn, "custom": resource.custom}
    for key, value in zip(_WRITTEN_KEYS, _written_values(resource), strict=True):
        written = _ENCODERS[key](value) if value and key in _ENCODERS else value
        # A trigger may be 0, false or "" and still is one.
        if written or (key in _NEVER_EMPTY and written is not None):
            data[key] = written
    if resource.inputs:
        data["inputs"] = codec.encode_map(resource.inputs, cipher, (place, "inputs"))
    if resource.outputs:
        data["outputs"] = codec.encode_map(resource.outputs, cipher, (place, "outputs"))
    if resource.init_errors:
        data["initErrors"] = _masked_errors(resource)
    if resource.replacement_trigger is not None:
        data["replacementTrigger"] = codec.encode(resource.replacement_trigger, cipher, (place, "trigger"))
    data.update(resource.extra)
    return data


def decode_resource(data: object, cipher: codec.Cipher | None) -> Recorded:
    """The resource of one entry of `resources`.

    Raises:
        CheckpointFormatError: a field is missing or of the wrong type.
        DecryptError: one of its secrets cannot be decrypted.
    """
    if not isinstance(data, dict):
        raise errors.CheckpointFormatError("a resource is not an object")
    urn = string(data, "urn")
    if not urn:
        raise errors.CheckpointFormatError("a resource has no urn")
    try:
        return _decode_fields(data, cipher, (urn, string(data, "id")))
    except errors.CheckpointFormatError as error:
        raise errors.CheckpointFormatError(f"{urn}: {error.detail}") from error
    except errors.DecryptError as error:
        raise errors.DecryptError(f"{urn}: {error.detail}", hint=error.hint) from error


def _decode_fields(data: Mapping[str, object], cipher: codec.Cipher | None, place: codec.Place) -> Recorded:
    trigger: Value = codec.decode(data.get("replacementTrigger"), cipher, (place, "trigger"))
    extra = {key: value for key, value in data.items() if key not in _KEYS}
    if extra:
        codec.check_depth(extra)
    return Recorded(
        urn=string(data, "urn"),
        type=string(data, "type"),
        custom=flag(data, "custom"),
        id=string(data, "id"),
        delete=flag(data, "delete"),
        inputs=codec.decode_map(data.get("inputs"), cipher, (place, "inputs")),
        outputs=codec.decode_map(data.get("outputs"), cipher, (place, "outputs")),
        parent=string(data, "parent"),
        protect=flag(data, "protect"),
        taint=flag(data, "taint"),
        external=flag(data, "external"),
        dependencies=strings(data, "dependencies"),
        init_errors=strings(data, "initErrors"),
        provider=string(data, "provider"),
        property_dependencies=_decode_lists(data, "propertyDependencies"),
        pending_replacement=flag(data, "pendingReplacement"),
        additional_secret_outputs=strings(data, "additionalSecretOutputs"),
        aliases=strings(data, "aliases"),
        custom_timeouts=_decode_timeouts(data),
        import_id=string(data, "importID"),
        retain_on_delete=flag(data, "retainOnDelete"),
        deleted_with=string(data, "deletedWith"),
        replace_with=strings(data, "replaceWith"),
        created=string(data, "created"),
        modified=string(data, "modified"),
        source_position=string(data, "sourcePosition"),
        stack_trace=_decode_trace(data),
        ignore_changes=strings(data, "ignoreChanges"),
        hide_diff=strings(data, "hideDiff"),
        replace_on_changes=strings(data, "replaceOnChanges"),
        replacement_trigger=trigger,
        refresh_before_update=flag(data, "refreshBeforeUpdate"),
        view_of=string(data, "viewOf"),
        resource_hooks=_decode_lists(data, "resourceHooks"),
        extra=extra,
    )


def _masked_errors(resource: Recorded) -> list[str]:
    """What the provider said, in its words: these may repeat a secret, and are written readable."""
    redactor = Redactor()
    redactor.learn_resources(resource)
    return [redactor.mask(error) for error in resource.init_errors]


def _encode_lists(lists: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    return {key: list(lists[key]) for key in sorted(lists)}


def _encode_timeouts(timeouts: Mapping[str, float]) -> dict[str, object]:
    return {key: codec.encode(timeouts[key], None) for key in _TIMEOUTS if timeouts.get(key)}


def _encode_trace(positions: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"sourcePosition": position} for position in positions]


# What is written in another form than it is kept in; what may hold secrets, `encode_resource` writes.
_ENCODERS: Final[Mapping[str, Callable[[Any], object]]] = {
    **dict.fromkeys(
        ("dependencies", "additionalSecretOutputs", "replaceWith", "ignoreChanges", "hideDiff", "replaceOnChanges"),
        list,
    ),
    "propertyDependencies": _encode_lists,
    "resourceHooks": _encode_lists,
    "customTimeouts": _encode_timeouts,
    "stackTrace": _encode_trace,
}


def _decode_timeouts(data: Mapping[str, object]) -> Mapping[str, float]:
    timeouts: dict[str, float] = {}
    for key, seconds in (find_object(data, "customTimeouts") or {}).items():
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise errors.CheckpointFormatError(f"the timeout {key!r} is not a number")
        timeouts[key] = seconds
    return timeouts


def _decode_lists(data: Mapping[str, object], key: str) -> Mapping[str, tuple[str, ...]]:
    lists = find_object(data, key) or {}
    return {name: strings(lists, name) for name in lists}


def _decode_trace(data: Mapping[str, object]) -> tuple[str, ...]:
    frames = array(data, "stackTrace")
    if not all(isinstance(frame, dict) for frame in frames):
        raise errors.CheckpointFormatError("'stackTrace' holds something else than objects")
    return tuple(string(frame, "sourcePosition") for frame in frames if isinstance(frame, dict))
