"""What do the SDKs that a project has installed call a type, and each of its arguments?

A script of its own: another interpreter may run it, so it imports nothing of ours. The SDKs' own tables are read
(`pulumi._types`), so that a name is never guessed where an SDK knows it.
"""

from __future__ import annotations

import collections.abc
import contextlib
import importlib
import importlib.metadata
import importlib.util
import json
import re
import sys
import typing
from pathlib import Path
from typing import Any


def sdk_package(package: str) -> str:
    """The Python package of a Pulumi package.

    >>> sdk_package("aws-native")
    'pulumi_aws_native'
    """
    return f"pulumi_{re.sub(r'[^A-Za-z0-9_]', '_', package)}"


def releases(packages: list[str]) -> dict[str, dict[str, str]]:
    """Package -> version and download server of the plugin that its installed SDK asks for; nothing is imported."""
    found: dict[str, dict[str, str]] = {}
    for package in packages:
        module = sdk_package(package)
        spec = importlib.util.find_spec(module)
        if spec is None or not spec.origin:
            continue
        said: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):
            said = json.loads(Path(spec.origin).with_name("pulumi-plugin.json").read_text(encoding="utf-8"))
        version = said.get("version") or ""
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            version = version or importlib.metadata.version(module)
        found[package] = {"version": str(version), "server": str(said.get("server") or "")}
    return found


def describe(tokens: list[str]) -> dict[str, Any]:
    """Token -> its class (`module`, `class`) and the `type` of its arguments, for tokens that an SDK knows.

    `types` has each type's properties: Pulumi's name -> Python's name and shape. A shape is None for anything, or a
    map with one key: `type` (a name in `types`), `items` or `values` (a shape).
    """
    types: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for token in tokens:
        located = _locate(token)
        if located is not None:
            module, resource, arguments = located
            name = _describe_type(arguments, types) if arguments is not None else ""
            found[token] = {"module": module, "class": resource.__name__, "type": name}
    return {"tokens": found, "types": types}


def _locate(token: str) -> tuple[str, Any, Any] | None:
    package, middle, name = token.split(":", 2)
    module = middle.split("/", 1)[0]
    root = sdk_package(package)
    for below in dict.fromkeys(["" if module in ("index", "") else module, module.lower(), _snake(module)]):
        full = f"{root}.{below}" if below else root
        try:
            resource = getattr(importlib.import_module(full), name, None)
        except ImportError:
            continue
        if isinstance(resource, type):
            home = sys.modules[resource.__module__]
            arguments = getattr(home, f"{name}InitArgs", None) or getattr(home, f"{name}Args", None)
            return below, resource, arguments
    return None


def _describe_type(cls: Any, types: dict[str, Any]) -> str:
    from pulumi import _types

    name = f"{cls.__module__}.{cls.__qualname__}"
    if name not in types:
        # Some types hold themselves.
        types[name] = properties = {}
        shapes = _types.input_type_types(cls)
        for python, pulumi in _types.input_type_py_to_pulumi_names(cls).items():
            properties[pulumi] = [python, _shape(shapes.get(pulumi), types)]
    return name


def _shape(hint: Any, types: dict[str, Any]) -> Any:
    from pulumi import _types

    if isinstance(hint, type) and _types.is_input_type(hint):
        return {"type": _describe_type(hint, types)}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (list, collections.abc.Sequence) and arguments:
        return {"items": _shape(arguments[0], types)}
    if origin in (dict, collections.abc.Mapping) and len(arguments) == 2:
        return {"values": _shape(arguments[1], types)}
    if origin in (collections.abc.Awaitable, None):
        return None
    # A union: of the value itself, promises of it, and a map that stands for it.
    return next((shape for shape in (_shape(each, types) for each in arguments) if shape is not None), None)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    # This folder's modules are ours, and must not stand in for those of the project.
    sys.path.pop(0)
    asked = json.loads(sys.argv[2])
    sys.stdout.write(json.dumps(describe(asked) if sys.argv[1] == "describe" else releases(asked)))
