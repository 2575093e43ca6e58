"""Where a plugin is: attached to, named by the project, on the PATH, part of the SDK, or installed.

The choices are pure functions over names; the file system is only listed here.
Nothing is downloaded.

Source: facts/engine-contract.md §7.1.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from reconciler import errors

DYNAMIC: Final = "pulumi-python"
"""The package of `pulumi.dynamic`: its plugin is a module of the SDK."""

TRUST_OPTION: Final = "trustPickledState"
"""Key of Pulumi.yaml's `runtime.options`: code that was pickled into state may be run."""

TRUST_VARIABLE: Final = "FLOWFORGE_TRUST_PICKLED_STATE"
"""Environment variable: the same, for one run."""

FindInterpreter = Callable[[Path, Path, Mapping[str, object]], Path | None]
"""Folder, where it begins, `runtime.options` -> a Python; None for the one that runs this."""

PLUGIN_FILE: Final = "PulumiPlugin.yaml"
_TRUE: Final = frozenset({"1", "true"})
_INSTALLED: Final = re.compile(
    r"resource-(?P<name>.+)-v(?P<version>\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where to look, and what plugins are told of the run.

    Attributes:
        project_paths: package, or package@version, -> folder (or file) that Pulumi.yaml names for it.
        home: `PULUMI_HOME`.
        program: folder of the program; plugins start there.
        environment: of plugins; `PATH` and the `PULUMI_…` settings are read from it.
        interpreter: the Python that runs the program; dynamic providers run in it.
        trusts_state: may code that was pickled into state be run?
        find_interpreter: the Python of a folder with a `toolchain`, as `host.virtualenvs` finds it.
    """

    home: Path
    program: Path
    environment: Mapping[str, str]
    project_paths: Mapping[str, Path] = field(default_factory=dict)
    interpreter: str = sys.executable
    trusts_state: bool = False
    find_interpreter: FindInterpreter = field(default=lambda _root, _entry, _options: None)


@dataclass(frozen=True, slots=True)
class Attached:
    """A provider that somebody started already, to be attached to."""

    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A process to start. The engine's address is added to `command`. `folder` holds the plugin."""

    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


Found = Attached | Launch


def find_plugin(package: str, version: str, places: Places) -> Found:
    """The plugin of a package.

    Raises:
        ConfigureError: there is none, or its `PulumiPlugin.yaml` cannot be used.
    """
    attached = parse_debug_providers(places.environment.get("PULUMI_DEBUG_PROVIDERS", "")).get(package)
    if attached is not None:
        return Attached(attached)
    found = (
        _in_project(package, version, places)
        or _on_path(package, places.environment)
        or _in_sdk(package, places)
        or _installed(package, version, places)
    )
    if found is None:
        raise missing(package, version)
    return found


def is_named(package: str, places: Places) -> bool:
    """Does somebody ask for a plugin of this package: Pulumi.yaml by its path, or the environment to attach to it?"""
    debugged = parse_debug_providers(places.environment.get("PULUMI_DEBUG_PROVIDERS", ""))
    return package in debugged or any(key.partition("@")[0] == package for key in places.project_paths)


def missing(package: str, version: str) -> errors.ConfigureError:
    """The error of a package that no plugin serves, in Pulumi's words."""
    at = f" at version v{version}" if version else ""
    wanted = f"{package} {version or 'VERSION'}"
    return errors.ConfigureError(
        f"no resource plugin 'pulumi-resource-{package}' found in the workspace{at} or on your $PATH",
        hint="this version downloads no plugins: install one that you have with"
        f" `pulumi plugin install resource {wanted} --file PATH`, put its binary on the PATH, or name its folder under"
        " `plugins.providers` in Pulumi.yaml",
    )


def parse_debug_providers(text: str) -> dict[str, int]:
    """`PULUMI_DEBUG_PROVIDERS`: package -> port of a running provider.

    >>> parse_debug_providers("aws:1234, test:5678")
    {'aws': 1234, 'test': 5678}

    Raises:
        ConfigureError: a part is not `name:port`.
    """
    ports = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, port = part.rpartition(":")
        if not name or not port.isdigit():
            raise errors.ConfigureError(f"PULUMI_DEBUG_PROVIDERS: expected name:port, got {part!r}")
        ports[name] = int(port)
    return ports


def choose_installed(names: Iterable[str], package: str, version: str) -> str | None:
    """The folder of the plugin cache to use: the version asked for, else the newest stable one.

    >>> choose_installed(["resource-aws-v7.9.0", "resource-aws-v7.10.0", "resource-aws-v8.0.0-rc.1"], "aws", "")
    'resource-aws-v7.10.0'
    """
    present = set(names)
    best: tuple[tuple[int, ...], str] | None = None
    for name in present:
        match = _INSTALLED.fullmatch(name)
        if match is None or match["name"] != package or f"{name}.partial" in present:
            continue
        found = match["version"].partition("+")[0]
        if version and found == version.removeprefix("v").partition("+")[0]:
            return name
        if not version and "-" not in found:
            rank = tuple(map(int, found.split(".")))
            best = max(best, (rank, name)) if best else (rank, name)
    return best[1] if best else None


def choose_named(paths: Mapping[str, Path], package: str, version: str) -> Path | None:
    """The first that the project names for a package and a version; either side may leave the version open.

    >>> choose_named({"x@1.0.0": Path("one"), "x@2.0.0": Path("two")}, "x", "2.0.0")
    PosixPath('two')
    """
    asked = version.removeprefix("v")
    for key, path in paths.items():
        name, _, own = key.partition("@")
        if name == package and (not own or not asked or own.removeprefix("v") == asked):
            return path
    return None


def _in_project(package: str, version: str, places: Places) -> Found | None:
    path = choose_named(places.project_paths, package, version)
    if path is None:
        return None
    found = _in_folder(package, path, places) if path.is_dir() else _executable(path)
    if found is None:
        raise errors.ConfigureError(
            f"the project names {path} for the plugin of '{package}', and there is no pulumi-resource-{package}"
            f" and no {PLUGIN_FILE}",
            hint="correct `plugins.providers` or `packages` in Pulumi.yaml",
        )
    return found


def _on_path(package: str, environment: Mapping[str, str]) -> Found | None:
    if environment.get("PULUMI_IGNORE_AMBIENT_PLUGINS", "").lower() in _TRUE:
        return None
    for folder in filter(None, environment.get("PATH", "").split(os.pathsep)):
        found = _executable(Path(folder) / _binary(package))
        if found is not None:
            return found
    return None


def _in_sdk(package: str, places: Places) -> Found | None:
    if package != DYNAMIC:
        return None
    return Launch(command=(places.interpreter, "-u", "-c", _DYNAMIC_MAIN), folder=places.program)


def _installed(package: str, version: str, places: Places) -> Found | None:
    cache = places.home / "plugins"
    names = os.listdir(cache) if cache.is_dir() else []  # noqa: PTH208  # the names are what is chosen from
    chosen = choose_installed(names, package, version)
    return None if chosen is None else _in_folder(package, cache / chosen, places)


def _in_folder(package: str, folder: Path, places: Places) -> Found | None:
    found = _executable(folder / _binary(package))
    return found or (_python_plugin(folder, places) if (folder / PLUGIN_FILE).is_file() else None)


def _binary(package: str) -> str:
    return f"pulumi-resource-{package}.exe" if os.name == "nt" else f"pulumi-resource-{package}"


def _executable(path: Path) -> Launch | None:
    usable = path.is_file() and os.access(path, os.X_OK)
    return Launch(command=(str(path),), folder=path.parent) if usable else None


def _python_plugin(folder: Path, places: Places) -> Launch:
    """How `PulumiPlugin.yaml` with runtime python is run.

    The interpreter is that of the option `virtualenv` or `toolchain`, of a `venv` or `.venv` inside the folder,
    else the program's.
    """
    try:
        data: object = YAML(typ="safe", pure=True).load((folder / PLUGIN_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise errors.ConfigureError(f"{folder / PLUGIN_FILE} cannot be read: {error}") from error
    runtime = data.get("runtime") if isinstance(data, dict) else None
    name, options = (runtime.get("name"), runtime.get("options")) if isinstance(runtime, dict) else (runtime, None)
    if name != "python":
        raise errors.ConfigureError(
            f"{folder / PLUGIN_FILE}: runtime {name!r}; this version runs plugins of runtime python, and binaries"
        )
    interpreter = _interpreter(folder, options if isinstance(options, dict) else {}, places)
    if (folder / "__main__.py").is_file():
        return Launch(command=(interpreter, "-u", str(folder)), folder=folder)
    distribution = _distribution(folder)
    if distribution is None:
        raise errors.ConfigureError(f"{folder} holds neither __main__.py nor a pyproject.toml with a project's name")
    path = os.pathsep.join(filter(None, (str(folder), places.environment.get("PYTHONPATH", ""))))
    command = (interpreter, "-u", "-m", "pulumi.run.plugin", distribution)
    return Launch(command=command, folder=folder, environment={"PYTHONPATH": path})


def _interpreter(folder: Path, options: Mapping[str, object], places: Places) -> str:
    if str(options.get("toolchain") or "pip").lower() != "pip":
        try:
            found = places.find_interpreter(folder, folder, options)
        except errors.ProjectError as error:
            detail = error.detail.removeprefix(f"{error.file}: ")
            raise errors.ConfigureError(f"{folder / PLUGIN_FILE}: {detail}", hint=error.hint) from error
        return str(found or sys.executable)
    named = options.get("virtualenv")
    for environment in (str(named),) if named else ("venv", ".venv"):
        python = folder / environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if python.exists():
            return str(python)
    if named:
        raise errors.ConfigureError(
            f"{folder / PLUGIN_FILE}: there is no virtual environment at {folder / str(named)}",
            hint="make it, and install what the plugin needs into it",
        )
    return places.interpreter


def _distribution(folder: Path) -> str | None:
    try:
        data = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    project = data.get("project")
    name = project.get("name") if isinstance(project, dict) else None
    return name if isinstance(name, str) else None


EXITS: Final = """
import concurrent.futures, traceback
class Pool(concurrent.futures.ThreadPoolExecutor):
    def submit(self, call, /, *args, **named):
        return super().submit(self.carry_out, call, args, named)
    def carry_out(self, call, args, named):
        try:
            return call(*args, **named)
        except SystemExit as exit:
            traceback.print_exc()
            os._exit(exit.code if isinstance(exit.code, int) else 1)
concurrent.futures.ThreadPoolExecutor = Pool
"""
"""For a process of the SDK's that serves code of the user's: `sys.exit` there ends the process.

gRPC would leave the call without an answer, and the run waiting for it for ever.
"""

# `python -u -m pulumi.dynamic`, which would outlive an engine that is killed: the end of standard input ends it.
_DYNAMIC_MAIN: Final = f"""
import os, runpy, sys, threading
{EXITS}
def watch():
    while os.read(0, 4096):
        pass
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
sys.path[0] = os.getcwd()
runpy.run_module("pulumi.dynamic", run_name="__main__", alter_sys=True)
"""
