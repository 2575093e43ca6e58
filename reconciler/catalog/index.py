"""Collects every kind of a package from its catalogue modules; refuses duplicates."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from reconciler.catalog.spec import Kind


def kinds(package: str) -> Mapping[str, Kind]:
    """Type token -> kind, for one package of the catalogue (`snowflake`, `aws`, `prefect`).

    Raises:
        ValueError: two kinds share a token.
    """
    folder = importlib.import_module(f"reconciler.catalog.{package}")
    found: dict[str, Kind] = {}
    for module_info in sorted(pkgutil.iter_modules(folder.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{folder.__name__}.{module_info.name}")
        for value in vars(module).values():
            if not isinstance(value, Kind):
                continue
            if found.setdefault(value.token, value) is not value:
                raise ValueError(f"two kinds are declared for {value.token}")
    return found
