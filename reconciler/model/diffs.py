"""Structural difference of two values, by property path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model import paths as property_paths
from reconciler.model.values import PropertyMap, Secret, Value, same


def paths(root: str, old: Value, new: Value) -> dict[str, str]:
    """Changed paths under `root` -> `add`, `delete` or `update`, in a stable order.

    >>> paths("tags", {"a": 1, "b": 2}, {"a": 1, "c": 3})
    {'tags.b': 'delete', 'tags.c': 'add'}
    """
    return dict(_walk(property_paths.render_step("", root), old, new))


def of_maps(old: PropertyMap, new: PropertyMap) -> dict[str, str]:
    """Changed paths between two property maps; an absent key and None are the same."""
    found: dict[str, str] = {}
    for name in sorted({*old, *new}):
        found.update(_walk(property_paths.render_step("", name), old.get(name), new.get(name)))
    return found


def _walk(path: str, old: Value, new: Value) -> Iterator[tuple[str, str]]:
    if isinstance(old, Secret) or isinstance(new, Secret):
        # The inside of a secret is nobody's business: the whole path changes or does not.
        if not same(old, new):
            yield path, _verb(old, new)
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted({*old, *new}):
            yield from _walk(property_paths.render_step(path, key), old.get(key), new.get(key))
    elif isinstance(old, tuple) and isinstance(new, tuple):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else None
            after = new[index] if index < len(new) else None
            yield from _walk(f"{path}[{index}]", before, after)
    elif not same(old, new):
        yield path, _verb(old, new)


def _verb(old: Value, new: Value) -> str:
    if old is None:
        return "add"
    return "delete" if new is None else "update"
