"""What a provider's answer owes to the request: secretness and asset contents that it could not give back. Pure.

Source: facts/engine-contract.md §2 (secretness rules, placeholders of assets).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from reconciler.model import values
from reconciler.model.values import Archive, Asset, PropertyMap, Secret, Value


def with_secrets(answer: PropertyMap, given: PropertyMap) -> PropertyMap:
    """Mark what was secret in the request, for a provider that knows no secrets.

    >>> with_secrets({"a": "x", "b": {"c": 1, "d": 2}}, {"a": Secret("y"), "b": {"c": Secret(1)}})
    {'a': [secret], 'b': {'c': [secret], 'd': 2}}
    """
    return {name: _marked(value, given[name]) if name in given else value for name, value in answer.items()}


def with_contents(answer: PropertyMap, given: PropertyMap) -> PropertyMap:
    """Give assets that came back as hashes the contents that the request named for the same hash."""
    known = {
        part.hash: part for value in given.values() for part in _contents(value) if part.hash and not _is_bare(part)
    }
    return {name: _restored(value, known) for name, value in answer.items()} if known else answer


def _contents(value: Value) -> Iterator[Asset | Archive]:
    for part in values.walk(value):
        if isinstance(part, (Asset, Archive)):
            yield part
        if isinstance(part, Archive):
            for member in (part.assets or {}).values():
                yield from _contents(member)


def _marked(answer: Value, given: Value) -> Value:
    if isinstance(answer, Secret):
        return answer
    if isinstance(answer, Mapping) and isinstance(given, Mapping):
        return with_secrets(answer, given)
    return Secret(values.reveal(answer)) if values.has_secret(given) else answer


def _is_bare(value: Asset | Archive) -> bool:
    parts = (value.text, value.path, value.uri) if isinstance(value, Asset) else (value.assets, value.path, value.uri)
    return all(part is None for part in parts)


def _restored(value: Value, known: Mapping[str, Asset | Archive]) -> Value:
    match value:
        case Asset() | Archive() if _is_bare(value) and type(known.get(value.hash)) is type(value):
            return known[value.hash]
        case Archive() if value.assets is not None:
            members = {name: _restored(item, known) for name, item in value.assets.items()}
            return replace(
                value, assets={name: item for name, item in members.items() if isinstance(item, (Asset, Archive))}
            )
        case Secret():
            return Secret(_restored(value.value, known))
        case Mapping():
            return {name: _restored(item, known) for name, item in value.items()}
        case tuple():
            return tuple(_restored(item, known) for item in value)
        case _:
            return value
