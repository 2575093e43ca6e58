"""Package extensions in the state file: once for all under `extensions`; in memory at each resource that needs one.

Source: facts/engine-contract.md §5.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import replace
from typing import Final

from reconciler.model.resources import EXTENSION, EXTENSION_REF, Recorded

EXTENSIONS: Final = "extensions"
"""Key of a deployment: reference -> name, version and value (base64) of an extension."""


def handed_out(resource: Recorded, extensions: Mapping[str, object]) -> Recorded:
    """A resource of a file, with the extension that it refers to."""
    extension = extensions.get(str(resource.extra.get(EXTENSION_REF, "")))
    return replace(resource, extra={**resource.extra, EXTENSION: extension}) if extension is not None else resource


def collected(resources: Iterable[MutableMapping[str, object]]) -> dict[str, object]:
    """What `extensions` is to hold of encoded resources, which keep but references."""
    found: dict[str, object] = {}
    for resource in resources:
        if (extension := resource.pop(EXTENSION, None)) is not None:
            found[str(resource[EXTENSION_REF])] = extension
    return dict(sorted(found.items()))
