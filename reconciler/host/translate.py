"""Between the wire's requests and the engine's goals; property values are `contract.wire`'s."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from reconciler import errors
from reconciler.contract.wire import SIGNATURE, UNKNOWNS, read_map, read_value, write_map, write_value
from reconciler.host.hook_messages import read_binding
from reconciler.model.goals import Alias, Goal
from reconciler.model.resources import NO_URNS
from reconciler.model.values import PropertyMap

__all__ = [
    "SIGNATURE",
    "UNKNOWNS",
    "read_duration",
    "read_goal",
    "read_map",
    "read_value",
    "write_map",
    "write_value",
]

_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")
_DURATIONS: Final = re.compile(rf"(?:{_DURATION.pattern})+")
_UNIT_S: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def read_goal(
    request: Any,
    *,
    urn: str,
    provider: str,
    inputs: PropertyMap | None = None,
    source_position: str = "",
    stack_trace: tuple[str, ...] = (),
    extra: Mapping[str, object] = MappingProxyType({}),
) -> Goal:
    """The goal of a RegisterResourceRequest; what the request does not settle is handed in.

    Args:
        inputs: None for those of the request, as they are.

    Raises:
        InvalidRequestError: a timeout is no duration.
    """
    return Goal(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        inputs=read_map(request.object) if inputs is None else inputs,
        parent=request.parent,
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies=_property_dependencies(request),
        provider=provider,
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=(*(Alias(urn=urn) for urn in request.aliasURNs), *map(read_alias, request.aliases)),
        custom_timeouts=_timeouts(request.customTimeouts, urn) if request.HasField("customTimeouts") else {},
        import_id=request.importId,
        deleted_with=request.deletedWith,
        replace_with=tuple(request.replace_with),
        replacement_trigger=(
            read_value(request.replacement_trigger) if request.HasField("replacement_trigger") else None
        ),
        hide_diffs=tuple(request.hideDiffs),
        resource_hooks=read_binding(request.hooks) if request.HasField("hooks") else NO_URNS,
        source_position=source_position,
        stack_trace=stack_trace,
        extra=extra,
    )


def _timeouts(told: Any, urn: str) -> dict[str, float]:
    texts = {name: getattr(told, name) for name in ("create", "update", "delete", "read")}
    try:
        return {name: read_duration(text) for name, text in texts.items() if text}
    except ValueError as error:
        raise errors.InvalidRequestError(f"customTimeouts: {error}", urn=urn) from error


def _property_dependencies(request: Any) -> dict[str, tuple[str, ...]]:
    told = {name: tuple(sorted(set(entry.urns))) for name, entry in sorted(request.propertyDependencies.items())}
    if told or request.remote:
        return told
    # An SDK that tells of none: each property may come from everything.
    every = tuple(sorted(set(request.dependencies)))
    return dict.fromkeys(sorted(request.object.fields), every) if every else {}


def read_alias(alias: Any) -> Alias:
    """An alias of a request: a whole URN, or the parts that differ."""
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name or None,
        type=spec.type or None,
        stack=spec.stack or None,
        project=spec.project or None,
        parent=spec.parentUrn or None,
        no_parent=spec.noParent,
    )


def read_duration(text: str) -> float:
    """Seconds of a Go duration.

    >>> read_duration("1h5m")
    3900.0

    Raises:
        ValueError: it is none.
    """
    if text != "0" and _DURATIONS.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a duration such as 90s, 5m or 1h30m")
    return sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION.findall(text))
