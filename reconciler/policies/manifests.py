"""Which packs is a run to obey? What a pack's folder says of it, and the Python that it runs in.

Source: facts/engine-contract.md §7.1; pulumi/pulumi, sdk/go/common/workspace (PolicyPackProject) and
sdk/python/dist/pulumi-analyzer-policy-python.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reconciler import errors
from reconciler.host.virtualenvs import find_interpreter
from reconciler.policies.settings import Setting, read_settings

FILE: Final = "PulumiPolicy.yaml"
_MAIN: Final = "__main__.py"
_OWN_ENVIRONMENTS: Final = ("venv", ".venv")
_CHOOSING: Final = ("virtualenv", "toolchain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A pack's folder. `path` is it as the person gave it; `options` are those of the runtime."""

    path: str
    folder: Path
    version: str = ""
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """A pack that a run is to obey. Make it by `find_pack`."""

    manifest: Manifest
    python: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    has_settings: bool = False


def find_pack(path: str, folder: Path, config: Path | None, fallback_python: str) -> Pack:
    """The pack in a folder, with the settings in a file; nothing is started.

    Args:
        path: the folder as the person gave it.
        fallback_python: what runs a pack that names no Python and brings none.

    Raises:
        PolicyPackError: there is none, or it cannot be run.
    """
    manifest = read_manifest(path, folder)
    return Pack(
        manifest=manifest,
        python=find_python(manifest, fallback_python),
        settings={} if config is None else read_settings(config, path),
        has_settings=config is not None,
    )


def read_manifest(path: str, folder: Path) -> Manifest:
    """The manifest in a pack's folder.

    Raises:
        PolicyPackError: there is no pack, or none that this version runs.
    """
    file = folder / FILE
    if not folder.is_dir():
        raise errors.PolicyPackError(
            path, "there is no such folder", hint=f"--policy-pack takes the folder of a {FILE}"
        )
    if not file.is_file():
        raise errors.PolicyPackError(path, f"there is no {FILE} in it", hint="a pack begins with `runtime: python`")
    try:
        # Every scalar as it is written: a version 1.10 is not the number 1.1.
        data: object = YAML(typ="base", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise errors.PolicyPackError(path, f"{FILE} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise errors.PolicyPackError(path, f"{FILE} is not a mapping")
    runtime = data.get("runtime")
    name, options = (runtime.get("name"), runtime.get("options")) if isinstance(runtime, dict) else (runtime, None)
    if not name:
        raise errors.PolicyPackError(path, f"{FILE} is missing a 'runtime' attribute", hint="`runtime: python`")
    if name != "python":
        raise errors.PolicyPackError(path, f"its runtime is {name!r}; this version runs packs of runtime python")
    if options and not isinstance(options, dict):
        raise errors.PolicyPackError(path, f"{FILE}: runtime.options is not a mapping")
    if not (folder / _MAIN).is_file():
        raise errors.PolicyPackError(path, f"there is no {_MAIN} in it")
    return Manifest(path=path, folder=folder, version=str(data.get("version") or ""), options=options or {})


def find_python(manifest: Manifest, fallback: str) -> str:
    """The Python of a pack: what `runtime.options` name, else a `venv` or `.venv` in its folder, else the program's.

    Raises:
        PolicyPackError: the options name one that is not there.
    """
    folder = manifest.folder
    try:
        named = find_interpreter(folder, folder, manifest.options)
    except errors.ProjectError as error:
        told = error.detail.removeprefix(f"{error.file}: ")
        raise errors.PolicyPackError(manifest.path, f"{FILE}: {told}", hint=error.hint) from error
    if named is not None:
        return str(named)
    if any(manifest.options.get(option) for option in _CHOOSING):
        return sys.executable
    own = (folder / environment / "bin" / "python" for environment in _OWN_ENVIRONMENTS)
    return next((str(python) for python in own if python.exists()), fallback)
