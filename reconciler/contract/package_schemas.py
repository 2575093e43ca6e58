"""Is a package's schema one that SDKs can be made of?

The rules of Pulumi's metaschema, and that every reference leads somewhere. Pure: takes the schema as plain data,
gives findings with the JSON pointer of each.

Source: Pulumi, "Package schema" and pkg/codegen/schema/pulumi.json.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

_NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9_]*")
_TOKEN: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9_]*:([^0-9][a-zA-Z0-9._/-]*)?:[^0-9][a-zA-Z0-9._/-]*")
_VERSION: Final = re.compile(
    r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
_PRIMITIVES: Final = ("boolean", "integer", "number", "string")
_BUILT_IN: Final = frozenset(f"pulumi.json#/{name}" for name in ("Any", "Archive", "Asset", "Json"))
_TEXTS: Final = (
    *("name", "displayName", "version", "description", "homepage", "license", "attribution", "repository", "logoUrl"),
    *("pluginDownloadURL", "publisher", "namespace", "configurationDocsUrl"),
)
_MAPS: Final = ("meta", "config", "types", "provider", "resources", "functions", "language", "parameterization")
_LISTS: Final = ("keywords", "dependencies", "allowedPackageNames")
_KNOWN: Final = (*_TEXTS, *_MAPS, *_LISTS, "validateCredentialsOnNew", "$schema")
# Resources have an id and a urn of their own, as outputs and as arguments of every SDK.
_RESERVED: Final = frozenset({"id", "urn", "pulumi"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, and where: a JSON pointer into the schema, "" for the whole."""

    pointer: str
    message: str


def violations(schema: object) -> tuple[Finding, ...]:
    """Every rule that the schema breaks, in its order.

    >>> violations({"name": "shop", "resources": {"shop:Thing": {}}})[0].pointer
    '/resources/shop:Thing'
    """
    if not isinstance(schema, Mapping):
        return (Finding("", "a package schema is an object"),)
    return tuple(_Checker(schema).all())


class _Checker:
    def __init__(self, schema: Mapping[str, object]) -> None:
        self._schema = schema
        self._types, self._resources = (_map(schema.get(name)) for name in ("types", "resources"))
        self._name = schema.get("name")

    def all(self) -> Iterator[Finding]:
        yield from self._heads()
        config = _map(self._schema.get("config"))
        yield from self._properties(config.get("variables"), "/config/variables")
        for token, spec in self._types.items():
            yield from self._token(token, f"/types/{_part(token)}")
            yield from self._type_definition(spec, f"/types/{_part(token)}")
        if "provider" in self._schema:
            yield from self._resource(self._schema["provider"], "/provider", is_provider=True)
        for token, spec in self._resources.items():
            yield from self._token(token, f"/resources/{_part(token)}")
            yield from self._resource(spec, f"/resources/{_part(token)}")
        for token, spec in _map(self._schema.get("functions")).items():
            yield from self._token(token, f"/functions/{_part(token)}")
            yield from self._function(spec, f"/functions/{_part(token)}")

    def _heads(self) -> Iterator[Finding]:
        if "name" not in self._schema:
            yield Finding("/name", "it is required")
        elif not isinstance(self._name, str) or not _NAME.fullmatch(self._name):
            yield Finding("/name", f"{self._name!r} is no package name: a letter, then letters, digits, - and _")
        version = self._schema.get("version")
        if isinstance(version, str) and not _VERSION.fullmatch(version):
            yield Finding("/version", f"{version!r} is no semantic version, such as 1.2.0")
        for key, value in self._schema.items():
            sort = Mapping if key in _MAPS else list if key in _LISTS else str if key in _TEXTS else object
            if key not in _KNOWN:
                close = difflib.get_close_matches(key, _KNOWN, n=1)
                meant = f"; did you mean '{close[0]}'?" if close else ""
                yield Finding(f"/{_part(key)}", f"a schema has no such key{meant}")
            elif not isinstance(value, sort):
                wanted = {Mapping: "an object", list: "a list", str: "a text"}[sort]
                yield Finding(f"/{_part(key)}", f"expected {wanted}")

    def _token(self, token: str, at: str) -> Iterator[Finding]:
        if not _TOKEN.fullmatch(token):
            yield Finding(at, f"'{token}' is no type token (package:module:name)")
            return
        allowed = {self._name, *_list(self._schema.get("allowedPackageNames")), "pulumi"}
        if isinstance(self._name, str) and token.split(":", 1)[0] not in allowed:
            yield Finding(at, f"'{token}' is of another package than '{self._name}', and not in allowedPackageNames")

    def _type_definition(self, spec: object, at: str) -> Iterator[Finding]:
        if not isinstance(spec, Mapping):
            yield Finding(at, "expected an object")
        elif "enum" in spec:
            yield from self._enum(spec, at)
        elif spec.get("type") != "object":
            yield Finding(f"{at}/type", "expected 'object', or the primitive type of an 'enum'")
        else:
            yield from self._object(spec, at)

    def _enum(self, spec: Mapping[str, object], at: str) -> Iterator[Finding]:
        if spec.get("type") not in _PRIMITIVES:
            yield Finding(f"{at}/type", f"an enum's type is one of {', '.join(_PRIMITIVES)}")
        for index, item in enumerate(_list(spec.get("enum"))):
            if not isinstance(item, Mapping) or "value" not in item:
                yield Finding(f"{at}/enum/{index}", "each value of an enum is an object with a 'value'")

    def _object(self, spec: object, at: str) -> Iterator[Finding]:
        if not isinstance(spec, Mapping):
            yield Finding(at, "expected an object")
            return
        yield from self._properties(spec.get("properties"), f"{at}/properties")
        yield from _required(spec, "required", "properties", at)

    def _resource(self, spec: object, at: str, *, is_provider: bool = False) -> Iterator[Finding]:
        if not isinstance(spec, Mapping):
            yield Finding(at, "expected an object")
            return
        yield from self._object(spec, at)
        yield from self._properties(spec.get("inputProperties"), f"{at}/inputProperties")
        yield from _required(spec, "requiredInputs", "inputProperties", at)
        for part in ("stateInputs", "listInputs"):
            if part in spec:
                yield from self._object(spec[part], f"{at}/{part}")
        for group in () if is_provider else ("properties", "inputProperties"):
            for name in _RESERVED & set(_map(spec.get(group))):
                # An input may be called `id`; SDKs then have no getter of that name, and say so.
                if group == "properties" or name != "id":
                    yield Finding(f"{at}/{group}/{name}", f"'{name}' is a property of every resource already")
        functions = _map(self._schema.get("functions"))
        for name, token in _map(spec.get("methods")).items():
            if token not in functions:
                yield Finding(f"{at}/methods/{_part(name)}", f"there is no function {token!r}")

    def _function(self, spec: object, at: str) -> Iterator[Finding]:
        if not isinstance(spec, Mapping):
            yield Finding(at, "expected an object")
            return
        if "inputs" in spec:
            yield from self._object(spec["inputs"], f"{at}/inputs")
        inputs = _map(_map(spec.get("inputs")).get("properties"))
        for index, name in enumerate(_list(spec.get("multiArgumentInputs"))):
            if name not in inputs:
                yield Finding(f"{at}/multiArgumentInputs/{index}", f"there is no input {name!r}")
        for part in ("outputs", "returnType"):
            answer = spec.get(part)
            if isinstance(answer, Mapping) and ("properties" in answer or not answer):
                yield from self._object(answer, f"{at}/{part}")
            elif answer is not None:
                yield from self._type(answer, f"{at}/{part}")

    def _properties(self, properties: object, at: str) -> Iterator[Finding]:
        if properties is not None and not isinstance(properties, Mapping):
            yield Finding(at, "expected an object")
        for name, spec in _map(properties).items():
            here = f"{at}/{_part(name)}"
            yield from self._type(spec, here)
            for key in ("const", "default"):
                if isinstance(value := _map(spec).get(key), (Mapping, list)):
                    yield Finding(f"{here}/{key}", f"expected a primitive value, not a {type(value).__name__}")
            for key in ("secret", "replaceOnChanges", "willReplaceOnChanges", "plain"):
                if not isinstance(_map(spec).get(key, False), bool):
                    yield Finding(f"{here}/{key}", "expected true or false")

    def _type(self, spec: object, at: str) -> Iterator[Finding]:
        if not isinstance(spec, Mapping):
            yield Finding(at, "expected an object that says a type")
        elif "$ref" in spec:
            yield from self._reference(spec["$ref"], f"{at}/$ref")
        elif "oneOf" in spec:
            choices = _list(spec["oneOf"])
            if len(choices) < 2:
                yield Finding(f"{at}/oneOf", "a union has at least two types")
            for index, choice in enumerate(choices):
                yield from self._type(choice, f"{at}/oneOf/{index}")
        elif spec.get("type") == "array":
            if "items" not in spec:
                yield Finding(at, "an array says the type of its 'items'")
            else:
                yield from self._type(spec["items"], f"{at}/items")
        elif spec.get("type") == "object":
            if "additionalProperties" in spec:
                yield from self._type(spec["additionalProperties"], f"{at}/additionalProperties")
        elif spec.get("type") not in _PRIMITIVES:
            named = ", ".join((*_PRIMITIVES, "array", "object"))
            yield Finding(f"{at}/type", f"{spec.get('type')!r} is no type: one of {named}, or a $ref or oneOf")

    def _reference(self, reference: object, at: str) -> Iterator[Finding]:
        if not isinstance(reference, str) or "#/" not in reference:
            yield Finding(at, f"{reference!r} is no reference, such as #/types/package:module:Name")
            return
        document, _, path = reference.partition("#/")
        if document:
            if document == "pulumi.json" and reference not in _BUILT_IN:
                yield Finding(at, f"there is no {reference}: {', '.join(sorted(_BUILT_IN))}")
            return
        group, _, token = path.partition("/")
        token = unquote(token)
        if path == "provider":
            return
        known = {"types": self._types, "resources": self._resources}.get(group)
        if known is None:
            yield Finding(at, f"{reference} leads to neither types nor resources")
        elif token not in known:
            close = difflib.get_close_matches(token, known, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            yield Finding(at, f"there is no {token} among the {group}{meant}")


def _required(spec: Mapping[str, object], key: str, group: str, at: str) -> Iterator[Finding]:
    known = _map(spec.get(group))
    for index, name in enumerate(_list(spec.get(key))):
        if name not in known:
            yield Finding(f"{at}/{key}/{index}", f"{name!r} is required, and not among the {group}")


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _part(key: object) -> str:
    """One step of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")
