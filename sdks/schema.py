"""From a package's catalogue to its Pulumi package schema: the form that every SDK generator reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconciler.catalog import spec

Json = dict[str, object]
ANY: Json = {"$ref": "pulumi.json#/Any"}


def package_schema(name: str, version: str, kinds: Iterable[spec.Kind], settings: Iterable[spec.Field]) -> Json:
    """The schema of one package, with everything in a fixed order."""
    types: Json = {}
    resources: Json = {kind.token: _resource(name, kind, types) for kind in sorted(kinds, key=lambda kind: kind.token)}
    config = {field.name: _property(name, "", field, types) for field in settings}
    return {
        "name": name,
        "version": version,
        "description": f"Manage {name.title()} as code.",
        "keywords": ["pulumi", name, "kind/native"],
        "language": {"python": {"packageName": f"pulumi_{name}", "pyproject": {"enabled": True}}},
        "config": {"variables": config},
        "provider": {
            "description": f"The settings of the {name.title()} provider.",
            "inputProperties": config,
            "properties": config,
        },
        "types": dict(sorted(types.items())),
        "resources": resources,
    }


def _resource(package: str, kind: spec.Kind, types: Json) -> Json:
    class_name = kind.token.rpartition(":")[2]
    inputs = {field.name: _property(package, class_name, field, types) for field in kind.fields}
    for field in kind.fields:
        if field.change is spec.Change.REPLACE:
            inputs[field.name]["willReplaceOnChanges"] = True
    outputs: dict[str, Json] = {
        output.name: _described({"type": _output_type(output)}, output.doc, secret=output.secret)
        for output in kind.outputs
    }
    properties = {field.name: _property(package, class_name, field, types) for field in kind.fields} | outputs
    required = [field.name for field in kind.fields if field.required]
    return {
        "description": kind.doc,
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": properties,
        "required": [*required, *outputs],
    }


def _output_type(output: spec.Output) -> str:
    return "boolean" if output.name == "adopted" else "string"


def _property(package: str, owner: str, field: spec.Field, types: Json) -> Json:
    return _described(_type(package, owner, field.name, field.type, types), field.doc, secret=field.secret)


def _described(described: Json, doc: str, *, secret: bool) -> Json:
    return {**described, **({"description": doc} if doc else {}), **({"secret": True} if secret else {})}


def _type(package: str, owner: str, name: str, kind: spec.Type, types: Json) -> Json:
    """A type in schema words; nested blocks become types of the package, named `<Owner><Field>`."""
    match kind:
        case spec.Flag():
            return {"type": "boolean"}
        case spec.Integer():
            return {"type": "integer"}
        case spec.Text() | spec.TriState() | spec.OneOf() | spec.Ref():
            return {"type": "string"}
        case spec.ListOf() | spec.SetOf():
            return {"type": "array", "items": _type(package, owner, _singular(name), kind.item, types)}
        case spec.MapOf():
            return {"type": "object", "additionalProperties": _type(package, owner, name, kind.item, types)}
        case spec.Block():
            class_name = f"{owner}{name[0].upper()}{name[1:]}"
            token = f"{package}:index/{class_name}:{class_name}"
            types[token] = {
                "type": "object",
                "properties": {field.name: _property(package, class_name, field, types) for field in kind.fields},
                "required": [field.name for field in kind.fields if field.required],
            }
            return {"$ref": f"#/types/{token}"}
        case spec.Json():
            return {"type": "string"} if kind.text else dict(ANY)
        case spec.Anything():
            return dict(ANY)
        case _:
            assert_never(kind)


def _singular(name: str) -> str:
    return name.removesuffix("s")
