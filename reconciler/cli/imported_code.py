"""Python code that declares what was imported, so that the next run finds nothing to change. Pure.

Names are those of the installed SDKs (`host.sdks`); where there is none for a type, the convention of all Pulumi SDKs.
A secret is never in the code: it is read from the stack's config, and a comment says which key to set.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.host.sdk_arguments import sdk_package
from reconciler.host.sdks import Names, ResourceClass, Shape
from reconciler.model import urns, values
from reconciler.model.resources import Recorded
from reconciler.model.values import Asset, Secret, Value
from reconciler.plan.imports import Import

_WIDTH: Final = 100
_INDENT: Final = "    "
_CONFIG: Final = "config"
_RESERVED: Final = frozenset({*keyword.kwlist, *dir(builtins), "pulumi", _CONFIG})


@dataclass(frozen=True, slots=True)
class Imported:
    """One resource as it was asked for, and as state has it now."""

    asked: Import
    recorded: Recorded


def render_program(
    imported: Sequence[Imported], names: Names, is_secret: Callable[[str], bool] = lambda _text: False
) -> str:
    """The declarations, imports first; "" when there is nothing to declare.

    Args:
        is_secret: is this text one of the stack's secrets, though it is not marked as one?
    """
    return _Writer(imported, names, is_secret).program() if imported else ""


class _Writer:
    def __init__(self, imported: Sequence[Imported], names: Names, is_secret: Callable[[str], bool]) -> None:
        self._imported = imported
        self._names = names
        self._is_secret = is_secret
        packages = dict.fromkeys(urns.package(one.recorded.type) for one in imported if one.recorded.custom)
        self._aliases = {package: sdk_package(package).removeprefix("pulumi_") for package in packages}
        taken = {*_RESERVED, *self._aliases.values()}
        self._variables: dict[str, str] = {}
        for one in imported:
            self._variables[one.asked.urn] = _free(_identifier(one.asked.label), taken)
        self._secrets: list[str] = []

    def program(self) -> str:
        declared = [self._resource(one) for one in self._imported]
        lines = ["import pulumi"]
        lines += (f"import {sdk_package(package)} as {alias}" for package, alias in sorted(self._aliases.items()))
        if self._secrets:
            lines += ["", f"{_CONFIG} = pulumi.Config()"]
        return "\n".join([*lines, "", "\n\n".join(declared)]) + "\n"

    def _resource(self, one: Imported) -> str:
        recorded, asked = one.recorded, one.asked
        variable = self._variables[asked.urn]
        if not recorded.custom:
            return f"# {variable}: declare the component {recorded.type} '{asked.name}' here, by its own class"
        first_secret = len(self._secrets)
        known = self._names.classes.get(recorded.type)
        resource = known or _by_convention(recorded.type)
        properties = self._names.types.get(resource.type, {})
        arguments = [self._text(asked.name)]
        for pulumi, value in recorded.inputs.items():
            if value is None or pulumi.startswith("__"):
                continue
            name, shape = properties.get(pulumi) or (_snake(pulumi), None)
            written = self._value(value, shape, f"{asked.name}-{pulumi}", 1)
            arguments.append(f"{name}={written}")
        if options := self._options(asked, recorded):
            arguments.append(f"opts=pulumi.ResourceOptions({options})")
        path = ".".join(part for part in (self._aliases[urns.package(recorded.type)], resource.module) if part)
        body = _broken(f"{variable} = {path}.{resource.name}(", arguments, ")", 0)
        comments = [] if known else [f"# no SDK for {recorded.type} is installed here: the names are by convention"]
        comments += (f"# pulumi config set --secret {key}" for key in self._secrets[first_secret:])
        return "\n".join([*comments, body])

    def _options(self, asked: Import, recorded: Recorded) -> str:
        options = ["protect=True"] if recorded.protect else []
        for role, urn, label in (
            ("parent", asked.parent, asked.parent_label),
            ("provider", asked.provider, asked.provider_label),
        ):
            if urn:
                options.append(f"{role}={self._variables.get(urn) or _identifier(label)}")
        return ", ".join(options)

    def _value(self, value: Value, shape: Shape | None, place: str, depth: int) -> str:
        match value:
            case Secret():
                return self._secret(value.value, place)
            case str():
                return self._secret(value, place) if self._is_secret(value) else self._text(value)
            case bool() | None:
                return str(value)
            case int() | float():
                return _number(value)
            case tuple():
                inner = shape.items if shape is not None else None
                items = [self._value(item, inner, f"{place}-{index}", depth + 1) for index, item in enumerate(value)]
                return _broken("[", items, "]", depth)
            case Mapping():
                return self._map(value, shape, place, depth)
            case Asset():
                return self._asset(value)
            case _:
                # An archive, or a reference to a resource: there is no text that would make it again.
                return f"None  # put the {type(value).__name__.lower()} of the object here"

    def _map(self, value: Mapping[str, Value], shape: Shape | None, place: str, depth: int) -> str:
        properties = self._names.types.get(shape.type, {}) if shape is not None else {}
        of_all = shape.values if shape is not None else None
        items = []
        for key, item in value.items():
            if item is None:
                continue
            name, inner = properties.get(key) or (key, of_all)
            items.append(f"{self._text(name)}: {self._value(item, inner, f'{place}-{key}', depth + 1)}")
        return _broken("{", items, "}", depth)

    def _asset(self, asset: Asset) -> str:
        if asset.path is not None:
            return f"pulumi.FileAsset({self._text(asset.path)})"
        if asset.uri is not None:
            return f"pulumi.RemoteAsset({self._text(asset.uri)})"
        return f"pulumi.StringAsset({self._text(asset.text or '')})"

    def _secret(self, value: Value, place: str) -> str:
        key = re.sub(r"[^A-Za-z0-9_-]+", "-", place).strip("-")
        self._secrets.append(key)
        match values.reveal(value):
            case str():
                getter = "require_secret"
            case bool():
                getter = "require_secret_bool"
            case int():
                getter = "require_secret_int"
            case float():
                getter = "require_secret_float"
            case _:
                getter = "require_secret_object"
        return f"{_CONFIG}.{getter}({self._text(key)})"

    @staticmethod
    def _text(text: str) -> str:
        # What JSON takes for a text, Python does too, but for halves of characters that no file can hold.
        return json.dumps(text, ensure_ascii=not text.isprintable())


def _broken(opening: str, items: Sequence[str], closing: str, depth: int) -> str:
    """On one line where it fits, else an item a line."""
    flat = f"{opening}{', '.join(items)}{closing}"
    if "\n" not in flat and depth * len(_INDENT) + len(flat) <= _WIDTH and (depth or len(items) <= 1):
        return flat
    inner, outer = _INDENT * (depth + 1), _INDENT * depth
    return "\n".join([opening, *(f"{inner}{item}," for item in items), f"{outer}{closing}"])


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _by_convention(token: str) -> ResourceClass:
    _, middle, name = token.split(":", 2)
    module = middle.split("/", 1)[0]
    return ResourceClass(module="" if module == "index" else module.lower(), name=name, type="")


def _identifier(label: str) -> str:
    """A name of Python's.

    >>> _identifier("raw-Lake.1"), _identifier("2nd")
    ('raw_lake_1', '_2nd')
    """
    name = re.sub(r"\W+", "_", _snake(label)).strip("_") or "resource"
    return f"_{name}" if name[0].isdigit() else name


def _free(name: str, taken: set[str]) -> str:
    free = next(one for one in _numbered(name) if one not in taken)
    taken.add(free)
    return free


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        number += 1
        yield f"{name}_{number}"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
