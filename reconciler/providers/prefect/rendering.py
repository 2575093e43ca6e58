"""Requests and outputs as they follow from a kind: paths, bodies, what an answer means. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from reconciler.catalog import rest, spec
from reconciler.contract import declared
from reconciler.model import values
from reconciler.model.values import PropertyMap, Secret, Value


def path(template: str, properties: PropertyMap) -> str:
    """A path with its placeholders filled in and URL-encoded.

    >>> path("/work_pools/{name}", {"name": "a b"})
    '/work_pools/a%20b'
    """
    return template.format_map({name: quote(_text(value), safe="") for name, value in properties.items()})


def identity(kind: rest.RestKind, outputs: PropertyMap) -> str:
    """The provider's id of an object."""
    return kind.identity.format_map({name: _text(value) for name, value in outputs.items()})


def body(kind: rest.RestKind, inputs: PropertyMap, names: Iterable[str]) -> dict[str, object]:
    """A request body of the named fields, spelled and defaulted for the service.

    What stands in the collection's path does not stand in the body too.
    """
    wanted = {name for name in names if f"{{{name}}}" not in kind.collection} - {rest.ADOPT.name}
    rendered = {}
    for field in kind.fields:
        if field.name in wanted:
            rendered[field.sent_as or spec.snake(field.name)] = _rendered(field, inputs.get(field.name))
    return rendered


def shown(kind: rest.RestKind, answer: Mapping[str, object]) -> dict[str, Value]:
    """An answer of the service by wire name: every field that it shows, and every output."""
    live = kind.live(answer) if kind.live is not None else answer
    fields = {
        field.name: values.freeze(live.get(field.shown_as or spec.snake(field.name)))
        for field in kind.fields
        if field.shown_as is not None
    }
    computed = {
        output.name: values.freeze(live.get(output.shown_as or spec.snake(output.name))) for output in kind.outputs
    }
    return {**fields, **computed}


def outputs(kind: rest.RestKind, inputs: PropertyMap, answer: Mapping[str, object]) -> dict[str, Value]:
    """What to record of an object: live values, in the program's spelling where they mean the same.

    What is secret in the inputs is secret in the outputs. For an import, `inputs` is empty.
    """
    live: PropertyMap = shown(kind, answer)
    if kind.own is not None:
        live = kind.own(inputs, live)
    recorded: dict[str, Value] = {}
    for field in kind.fields:
        wanted = inputs.get(field.name)
        if field.shown_as is None:
            if wanted is not None:
                recorded[field.name] = wanted
            continue
        value = live[field.name]
        if wanted is None:
            if value is not None and (not inputs or field.name not in kind.quiet):
                recorded[field.name] = Secret(value) if field.secret else value
        elif declared.means_same(field, wanted, value):
            recorded[field.name] = wanted
        else:
            recorded[field.name] = Secret(value) if values.has_secret(wanted) else value
    return recorded | {output.name: live[output.name] for output in kind.outputs}


def is_same_object(kind: rest.RestKind, left: PropertyMap, right: PropertyMap) -> bool:
    """Do two property maps have the same natural key, as far as it is known?"""
    return all(values.same(left.get(name), right.get(name)) for name in kind.key)


def _rendered(field: spec.Field, value: Value) -> object:
    value = values.reveal(value)
    if value is None or (value == "" and field.default is not None):
        value = field.default
    if value is None:
        return None
    match field.type:
        case spec.SetOf():
            return sorted({_text(item) for item in value}) if isinstance(value, (tuple, list)) else value
        case spec.Flag():
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case spec.Integer():
            return int(value) if isinstance(value, str) else value
        case spec.Block() if isinstance(value, Mapping):
            return {spec.snake(name): values.thaw(item) for name, item in value.items()}
        case _:
            return values.thaw(value)


def _text(value: Value) -> str:
    return str(values.reveal(value))
