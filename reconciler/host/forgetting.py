"""What a run of a program left in this process that the next run must not find.

The official engine runs a program in a process of its own each time. Here a
preview and the update after it share one: a module that declares resources when
it is imported would declare them once, and one that keeps a resource, an output
or the engine's reference to a package would hand out that of a run that is over.
So whatever works with Pulumi is imported anew, wherever it lies; what does not
(a database driver, say) is kept, and so are generated SDKs: they are large,
and hold nothing of a run, unless a parameter makes their package.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

_KEPT = frozenset({"pulumi", __name__.partition(".")[0]})
"""The SDK, of which each run configures what it keeps, and the engine."""
_OF_ONE_RUN = ("parameterization", "extensionParameterization")


def forget(names: Iterable[str], folder: Path) -> None:
    """Have modules imported anew: those of the program's `folder`, and those that work with Pulumi."""
    imported = {name: module for name in names if (module := sys.modules.get(name)) is not None}
    own = {name for name, module in imported.items() if _is_inside(module, folder)}
    forgotten = own | _working_with_pulumi(imported, own)
    for name in forgotten:
        del sys.modules[name]
    _unregister(forgotten)


def _working_with_pulumi(imported: Mapping[str, ModuleType], own: set[str]) -> set[str]:
    """The modules that refer to the SDK, or to one that does."""
    is_generated = cache(_is_generated)

    def is_sdk(package: str) -> bool:
        return package == "pulumi" or is_generated(package)

    referred = {
        name: _referred(module)
        for name, module in imported.items()
        if (root := name.partition(".")[0]) not in _KEPT and not is_generated(root)
    }
    found = {name for name, others in referred.items() if any(is_sdk(other.partition(".")[0]) for other in others)}
    spreading = found | own
    while spreading:
        spreading = {
            name for name, others in referred.items() if name not in found and not others.isdisjoint(spreading)
        }
        found |= spreading
    return found


def _referred(module: ModuleType) -> set[str]:
    """Names of the modules that a module's names come from."""
    found: set[object] = set()
    for value in tuple(getattr(module, "__dict__", {}).values()):
        kind = type(value)
        if kind is ModuleType:
            found.add(value.__name__)
        elif kind is FunctionType or issubclass(kind, type):
            found.add(value.__module__)
        else:
            found.add(kind.__module__)
    return {name for name in found if isinstance(name, str)}


def _is_generated(package: str) -> bool:
    """Is it the SDK of a provider, as such?"""
    file = getattr(sys.modules.get(package), "__file__", None)
    if file is None:
        return False
    try:
        said = json.loads(Path(file).with_name("pulumi-plugin.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return not any(said.get(key) for key in _OF_ONE_RUN)


def _is_inside(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).is_relative_to(folder) and "site-packages" not in file


def _unregister(forgotten: set[str]) -> None:
    """Let the modules say anew which resources they construct: the SDK takes that once for each version."""
    from pulumi.runtime import rpc

    modules = rpc._RESOURCE_MODULES  # noqa: SLF001  # the SDK has no way to take a registration back
    packages = rpc._RESOURCE_PACKAGES  # noqa: SLF001  # likewise
    for key, constructors in modules.items():
        modules[key] = [item for item in constructors if type(item).__module__ not in forgotten]
    for key, providers in packages.items():
        packages[key] = [item for item in providers if type(item).__module__ not in forgotten]
