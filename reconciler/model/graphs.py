"""Dependencies among recorded resources: edges, antichains, closures. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from reconciler.model.resources import Recorded
from reconciler.model.urns import parse_reference


def edges(resource: Recorded) -> Iterator[str]:
    """URNs that must exist as long as this resource does."""
    if resource.parent:
        yield resource.parent
    if resource.provider:
        yield parse_reference(resource.provider).urn
    yield from resource.dependencies
    for urns in resource.property_dependencies.values():
        yield from urns
    if resource.deleted_with:
        yield resource.deleted_with
    yield from resource.replace_with


def antichains(resources: Sequence[Recorded]) -> tuple[tuple[Recorded, ...], ...]:
    """Layers of resources: each depends only on layers before its own.

    Several records may share a URN (an old object that waits for its deletion);
    an edge to a URN means every record of it that stands earlier in the list.
    """
    depth_of: dict[str, int] = defaultdict(lambda: -1)
    layers: dict[int, list[Recorded]] = defaultdict(list)
    for resource in resources:
        depth = 1 + max((depth_of[urn] for urn in edges(resource) if urn != resource.urn), default=-1)
        layers[depth].append(resource)
        depth_of[resource.urn] = max(depth_of[resource.urn], depth)
    return tuple(tuple(layers[depth]) for depth in sorted(layers))
