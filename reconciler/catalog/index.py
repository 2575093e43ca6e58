"""Collects every kind and function of a package from its catalogue modules; refuses duplicates."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from reconciler.catalog.spec import Function, Kind


def kinds(package: str) -> Mapping[str, Kind]:
    """Type token -> kind, for one package of the catalogue (`snowflake`, `aws`, `prefect`).

    Raises:
        ValueError: two kinds share a token.
    """
    found: dict[str, Kind] = {}
    for value in _declared(package):
        if isinstance(value, Kind) and found.setdefault(value.token, value) is not value:
            raise ValueError(f"two kinds are declared for {value.token}")
    return found


def functions(package: str) -> Mapping[str, Function]:
    """Token -> function (invoke), for one package of the catalogue.

    Raises:
        ValueError: two functions share a token.
    """
    found: dict[str, Function] = {}
    for value in _declared(package):
        if isinstance(value, Function) and found.setdefault(value.token, value) is not value:
            raise ValueError(f"two functions are declared for {value.token}")
    return found


def _declared(package: str) -> Iterator[object]:
    folder = importlib.import_module(f"reconciler.catalog.{package}")
    for module_info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{folder.__name__}.{module_info.name}")
        yield from vars(module).values()
