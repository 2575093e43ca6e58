"""Libraries that only some secrets providers need."""

from __future__ import annotations

import importlib
from typing import Any

from reconciler import errors


def import_extra(module: str, extra: str, subject: str) -> Any:
    """Import a library that may not be installed.

    Raises:
        SecretsProviderError: it is not; the hint names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise errors.SecretsProviderError(
            f"{subject} needs {module}, which is not installed", hint=f"install the extra {extra!r}"
        ) from error
