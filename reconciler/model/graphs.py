"""Dependencies among recorded resources: edges, antichains, closures. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.model.resources import Recorded
from reconciler.model.urns import ProviderReference, is_provider_type, parse_reference


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


def in_dependency_order(resources: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """The same resources, each after what it depends on; those that are so already keep their places.

    An edge to a URN means its current record, not one that waits for deletion.
    """
    current = {resource.urn: index for index, resource in enumerate(resources) if not resource.delete}
    providers = {
        str(ProviderReference(resource.urn, resource.id)): index
        for index, resource in enumerate(resources)
        if is_provider_type(resource.type)
    }
    placed: set[int] = set()
    ordered: list[Recorded] = []
    for start in range(len(resources)):
        # Depth first without recursion: a chain of dependencies may be as long as the list.
        waiting = [start]
        entered: set[int] = set()
        while waiting:
            index = waiting[-1]
            needed = [current[urn] for urn in edges(resources[index]) if urn in current and index not in entered]
            # The provider that a resource names may have been replaced: the old one comes before it, too.
            if resources[index].provider in providers and index not in entered:
                needed.append(providers[resources[index].provider])
            entered.add(index)
            missing = [need for need in needed if need not in placed and need not in entered]
            if missing:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            if index not in placed:
                placed.add(index)
                ordered.append(resources[index])
    return tuple(ordered)


def without_gone(resource: Recorded, gone: Collection[str], parents: Mapping[str, str]) -> Recorded:
    """The same resource, naming nothing that is gone; a child of what is gone goes to its grandparent.

    Args:
        parents: URN -> its parent, of what is gone.
    """
    parent = resource.parent
    while parent in gone:
        parent = parents.get(parent, "")
    return replace(
        resource,
        parent=parent,
        dependencies=tuple(urn for urn in resource.dependencies if urn not in gone),
        property_dependencies={
            key: tuple(urn for urn in urns if urn not in gone) for key, urns in resource.property_dependencies.items()
        },
        deleted_with="" if resource.deleted_with in gone else resource.deleted_with,
        replace_with=tuple(urn for urn in resource.replace_with if urn not in gone),
    )
