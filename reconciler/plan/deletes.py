"""What is left over at the end of a run, and in which order it goes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reconciler.model.graphs import antichains, edges
from reconciler.model.resources import Recorded
from reconciler.plan import steps


def decide_delete(prior: Recorded, *, going: Collection[str], replaced: Collection[str] = ()) -> steps.Step:
    """The step that takes one leftover out of the stack.

    Args:
        going: URNs that are deleted in the same run; what is `deletedWith` one of them needs no call.
        replaced: URNs whose old objects are deleted in the same run; no more do old objects that are with those.
    """
    if prior.external:
        return steps.DiscardReplaced(prior) if prior.delete else steps.Discard(prior)
    if prior.pending_replacement:
        return steps.RemovePendingReplace(prior)
    makes_call = prior.custom and not prior.retain_on_delete
    if prior.delete:
        return steps.DeleteReplaced(prior, makes_call=makes_call and prior.deleted_with not in {*going, *replaced})
    return steps.Delete(prior, makes_call and prior.deleted_with not in going)


def held(groups: Sequence[Sequence[Recorded]], needed: Collection[str], *, heeds_protection: bool) -> frozenset[str]:
    """The URNs that are known to stay: needed, protected, and what these need.

    Args:
        groups: as `in_order` has them.
    """
    staying = set(needed)
    for resource in (resource for group in groups for resource in group):
        if heeds_protection and resource.protect and not resource.delete:
            staying.add(resource.urn)
        if resource.urn in staying:
            staying.update(edges(resource))
    return frozenset(staying)


def in_order(leftover: Sequence[Recorded]) -> tuple[tuple[Recorded, ...], ...]:
    """Groups to delete one after another; members of a group do not depend on each other."""
    return tuple(reversed(antichains(leftover)))
