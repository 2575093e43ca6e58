"""Typed reads of JSON objects: each raises CheckpointFormatError when the key holds something else."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler import errors


def string(data: Mapping[str, object], key: str) -> str:
    """The text at a key; "" where there is none."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise errors.CheckpointFormatError(f"{key!r} is not a text")
    return value


def flag(data: Mapping[str, object], key: str) -> bool:
    """The flag at a key; False where there is none."""
    value = data.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise errors.CheckpointFormatError(f"{key!r} is neither true nor false")
    return value


def array(data: Mapping[str, object], key: str) -> list[object]:
    """The list at a key; empty where there is none."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise errors.CheckpointFormatError(f"{key!r} is not a list")
    return value


def strings(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    """The list of texts at a key; empty where there is none."""
    items = array(data, key)
    if not all(isinstance(item, str) for item in items):
        raise errors.CheckpointFormatError(f"{key!r} holds something else than texts")
    return tuple(item for item in items if isinstance(item, str))


def find_object(data: Mapping[str, object], key: str) -> Mapping[str, object] | None:
    """The object at a key; None where there is none."""
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise errors.CheckpointFormatError(f"{key!r} is not an object")
    return value
