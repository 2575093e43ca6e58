"""Asks the SDKs of a project's Python, in this process or in the interpreter that the project names.

What is asked, and how an SDK is read, is `host.sdk_arguments`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from reconciler import errors
from reconciler.host import sdk_arguments

_TIMEOUT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Release:
    """The plugin that an installed SDK asks for: its version and where it would be downloaded, "" for not told."""

    version: str
    server: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a property holds: a type with named properties, or a list or map of something. All "" and None: anything."""

    type: str = ""
    items: Shape | None = None
    values: Shape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceClass:
    """The class of a type token. `module` is below the package's own, "" for that; `type` is of its arguments."""

    module: str
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the SDKs know: token -> class; type -> Pulumi's name -> Python's name and shape."""

    classes: Mapping[str, ResourceClass] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, tuple[str, Shape | None]]] = field(default_factory=dict)


def find_releases(python: Path | None, packages: Sequence[str]) -> dict[str, Release]:
    """Package -> release, for those packages whose SDK is installed.

    Args:
        python: the project's interpreter; None for the one that runs this.

    Raises:
        ProgramError: the interpreter cannot be asked.
    """
    wanted = sorted(set(packages))
    said = sdk_arguments.releases(wanted) if python is None else _ask(python, "releases", wanted)
    return {package: Release(one["version"], one["server"]) for package, one in said.items()}


def find_names(python: Path | None, tokens: Sequence[str]) -> Names:
    """What the installed SDKs call these types and their arguments; what none of them knows is left out.

    Raises:
        ProgramError: the interpreter cannot be asked.
    """
    wanted = sorted(set(tokens))
    said = sdk_arguments.describe(wanted) if python is None else _ask(python, "describe", wanted)
    return Names(
        classes={
            token: ResourceClass(module=one["module"], name=one["class"], type=one["type"])
            for token, one in said["tokens"].items()
        },
        types={
            name: {pulumi: (python_name, _read_shape(shape)) for pulumi, (python_name, shape) in properties.items()}
            for name, properties in said["types"].items()
        },
    )


def _read_shape(data: Any) -> Shape | None:
    if data is None:
        return None
    if "type" in data:
        return Shape(type=data["type"])
    inner = _read_shape(data.get("items", data.get("values"))) or Shape()
    return Shape(items=inner) if "items" in data else Shape(values=inner)


def _ask(python: Path, what: str, about: Sequence[str]) -> Any:
    asked = subprocess.run(
        [str(python), sdk_arguments.__file__, what, json.dumps(about)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
        stdin=subprocess.DEVNULL,
    )
    try:
        return json.loads(asked.stdout)
    except ValueError:
        last = (asked.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise errors.ProgramError(f"{python} cannot say what its SDKs call things: {last}") from None
