"""Which recorded resources a delete-first replacement takes with it. Pure.

Whether a dependent must really be replaced is for its provider to say; this
module names who has to be asked, and with which inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reconciler.model.resources import Recorded
from reconciler.model.urns import parse_reference
from reconciler.model.values import UNKNOWN, PropertyMap


def is_certain(resource: Recorded, going: Collection[str]) -> bool:
    """Does it go for sure, because its provider goes or the object that it is deleted with?"""
    return bool(
        (resource.provider and parse_reference(resource.provider).urn in going) or resource.deleted_with in going
    )


def touched_properties(resource: Recorded, going: Collection[str]) -> tuple[str, ...]:
    """Input names that were computed from what goes; bare `dependsOn` touches none."""
    return tuple(name for name, urns in resource.property_dependencies.items() if any(urn in going for urn in urns))


def can_be_taken(resource: Recorded) -> bool:
    """Has it an object of the stack's own that could have to be replaced?"""
    return resource.custom and not resource.external and not resource.delete and not resource.pending_replacement


def probe(resource: Recorded, touched: Sequence[str]) -> PropertyMap:
    """Its inputs with the touched ones not known: what its provider is asked to compare."""
    return {name: UNKNOWN if name in touched else value for name, value in resource.inputs.items()}
