"""Which of a preview's stack outputs are shown: a resource that is exported is a map with a mark on it.

The SDK marks such a map in previews alone, since a preview knows little of a resource.

Source: pulumi's Python SDK, `runtime/stack.py`; pulumi/pulumi, `pkg/backend/display/object_diff.go`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.model.values import UNKNOWN, PropertyMap, Value

MARK: Final = "@isPulumiResource"


def shown(old: Value, new: Value) -> Value:
    """An output without marks, and without what an exported resource will have and did not have before.

    >>> shown({"id": "i"}, {MARK: True, "id": "i", "arn": UNKNOWN})
    {'id': 'i'}
    """
    match new:
        case Mapping():
            return shown_map(old if isinstance(old, Mapping) else None, new)
        case tuple():
            before = old if isinstance(old, tuple) else ()
            return tuple(shown(before[i] if i < len(before) else None, item) for i, item in enumerate(new))
        case _:
            return new


def shown_map(old: PropertyMap | None, new: PropertyMap) -> PropertyMap:
    """`shown` of each value; `old` is None where there was no such map."""
    before = {} if old is None else old
    is_known_resource = MARK in new and old is not None
    return {
        name: shown(before.get(name), value)
        for name, value in new.items()
        if name != MARK and not (is_known_resource and value is UNKNOWN and _is_nothing(before.get(name)))
    }


def _is_nothing(value: Value) -> bool:
    return value is None or value in ("", (), {})
