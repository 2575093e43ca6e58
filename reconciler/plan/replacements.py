"""Which recorded resources a delete-first replacement takes with it. Pure.

Whether a dependent must really be replaced is for its provider to say; this
module names who has to be asked, and with which inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reconciler import errors
from reconciler.model.resources import Recorded
from reconciler.model.urns import parse_reference
from reconciler.model.values import UNKNOWN, PropertyMap, has_unknown, same


def is_certain(resource: Recorded, going: Collection[str]) -> bool:
    """Does it go for sure: its provider goes, or an object that it is deleted or replaced with?"""
    named = (resource.deleted_with, *resource.replace_with)
    provider = parse_reference(resource.provider).urn if resource.provider else ""
    return provider in going or any(urn in going for urn in named)


def forced_reason(prior: Recorded, wanted: Recorded, replaced: Collection[str], *, asked: bool, preview: bool) -> str:
    """Why a recorded resource is replaced whatever its provider says, as replacement keys spell it; "" for no reason.

    Args:
        replaced: URNs that this run replaces.
        asked: the person named it (`--replace`).

    Raises:
        PlanError: the trigger is not known, and this is no preview.
    """
    if asked or prior.taint:
        return "id"
    if wanted.replacement_trigger is not None and has_unknown(wanted.replacement_trigger):
        if not preview:
            raise errors.PlanError("its replacement_trigger is not known", urn=wanted.urn)
        return "replacementTrigger"
    triggers = (prior.replacement_trigger, wanted.replacement_trigger)
    if None not in triggers and not same(*triggers):
        return "replacementTrigger"
    if any(urn in replaced for urn in wanted.replace_with):
        return "replaceWith"
    return "deletedWith" if wanted.deleted_with in replaced else ""


def touched_properties(resource: Recorded, going: Collection[str]) -> tuple[str, ...]:
    """Input names that were computed from what goes; bare `dependsOn` touches none."""
    return tuple(name for name, urns in resource.property_dependencies.items() if any(urn in going for urn in urns))


def can_be_taken(resource: Recorded) -> bool:
    """Has it an object of the stack's own that could have to be replaced?"""
    return resource.custom and not resource.external and not resource.delete and not resource.pending_replacement


def probe(resource: Recorded, touched: Sequence[str]) -> PropertyMap:
    """Its inputs with the touched ones not known: what its provider is asked to compare."""
    return {name: UNKNOWN if name in touched else value for name, value in resource.inputs.items()}
