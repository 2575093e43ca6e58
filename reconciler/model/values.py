"""Property values: what flows between programs, the engine, providers and state.

A property value is one of

- `None`, `bool`, `int`, `float`, `str`;
- a `tuple` of values, or a `Mapping` from `str` to values (keys in camelCase);
- `Secret`, `Unknown`, `Asset`, `Archive`, `ResourceReference`.

Values are never modified. Numbers cross the wire as doubles, so whole floats
become `int` when they enter (`freeze`): 1 and 1.0 are the same number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

MAX_WHOLE: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class Secret:
    """A value to be encrypted in state and masked wherever it is shown."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


class Unknown:
    """A value that only an update can tell. There is one: `UNKNOWN`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "[unknown]"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file's content by `text`, `path` or `uri`; equal when the hashes are."""

    hash: str
    text: str | None = None
    path: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A bundle of files by `assets`, `path` or `uri`; equal when the hashes are."""

    hash: str
    assets: Mapping[str, Asset | Archive] | None = None
    path: str | None = None
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceReference:
    """A resource passed as a value. `id` is None for components, may be `UNKNOWN`."""

    urn: str
    id: str | Unknown | None = None
    package_version: str = ""


Value: TypeAlias = (
    "None | bool | int | float | str | tuple[Value, ...] | Mapping[str, Value] | Secret | Unknown | Asset | Archive"
    " | ResourceReference"
)
PropertyMap: TypeAlias = "Mapping[str, Value]"

EMPTY: Final[PropertyMap] = {}

# What most values are. Whether something is a Mapping takes Python ten times as long to say.
_PLAIN: Final = (str, int, float, type(None))


def freeze(value: object) -> Value:
    """Turn plain Python data (lists, dicts, whole floats) into a property value.

    >>> freeze({"a": [1.0, 2.5]})
    {'a': (1, 2.5)}
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < MAX_WHOLE else value
    if isinstance(value, dict):
        return {str(key): freeze(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(freeze(item) for item in value)
    if isinstance(value, Secret):
        return Secret(freeze(value.value))
    return cast("Value", value)


def freeze_map(value: Mapping[str, object]) -> PropertyMap:
    """`freeze` for a property map."""
    return {key: freeze(item) for key, item in value.items()}


def thaw(value: Value) -> object:
    """Turn a property value into plain Python data (lists and dicts), secrets opened.

    Raises:
        ValueError: an unknown is inside; test with `has_unknown` first.
    """
    match value:
        case Secret():
            return thaw(value.value)
        case Unknown():
            raise ValueError("an unknown value has no plain form")
        case Mapping():
            return {key: thaw(item) for key, item in value.items()}
        case tuple():
            return [thaw(item) for item in value]
        case ResourceReference():
            return value.id if isinstance(value.id, str) else value.urn
        case _:
            return value


def reveal(value: Value) -> Value:
    """The same value with every secret opened, at any depth.

    >>> reveal({"a": Secret("x")})
    {'a': 'x'}
    """
    return _rebuild(value, lambda secret: reveal(secret.value))


def reveal_map(properties: PropertyMap) -> PropertyMap:
    """`reveal` for a property map."""
    return {key: reveal(item) for key, item in properties.items()}


def mask(value: Value, text: str = "[secret]") -> Value:
    """The same value with every secret replaced by `text`."""
    return _rebuild(value, lambda _secret: text)


def lift_secrets(value: Value) -> Value:
    """Wrap the whole value when a secret sits anywhere inside it."""
    return Secret(reveal(value)) if has_secret(value) and not isinstance(value, Secret) else value


def walk(value: Value) -> Sequence[Value]:
    """The value itself and everything inside it, secrets' insides included; what is further in comes later."""
    found = [value]
    for part in found:
        if isinstance(part, _PLAIN):
            continue
        if isinstance(part, Secret):
            found.append(part.value)
        elif isinstance(part, tuple):
            found.extend(part)
        elif isinstance(part, Mapping):
            found.extend(part.values())
    return found


def has_unknown(value: Value) -> bool:
    """Is any part not known yet?"""
    return not isinstance(value, _PLAIN) and any(isinstance(part, Unknown) for part in walk(value))


def has_secret(value: Value) -> bool:
    """Is any part secret?"""
    return not isinstance(value, _PLAIN) and any(isinstance(part, Secret) for part in walk(value))


def same(left: Value, right: Value) -> bool:
    """Are two values equal once secrets are opened? Assets compare by hash, unknowns never equal, NaN equals NaN.

    >>> same(Secret((1,)), (1,))
    True
    """
    left, right = _open(left), _open(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return False
    if isinstance(left, (Asset, Archive)) and isinstance(right, (Asset, Archive)):
        return type(left) is type(right) and left.hash == right.hash
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return left == right


def _open(value: Value) -> Value:
    while isinstance(value, Secret):
        value = value.value
    return value


def _rebuild(value: Value, on_secret: Callable[[Secret], Value]) -> Value:
    match value:
        case Secret():
            return on_secret(value)
        case Mapping():
            return {key: _rebuild(item, on_secret) for key, item in value.items()}
        case tuple():
            return tuple(_rebuild(item, on_secret) for item in value)
        case _:
            return value
