"""What must change in a snapshot that breaks its rules? Order and dangling references, as upstream repairs them. Pure.

Nothing is guessed: two current records of one URN, a provider that is not there
and a circle are for a person to decide.

Source: pulumi/pulumi pkg/resource/deploy/snapshot.go, Toposort and Prune.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler import errors
from reconciler.model import urns
from reconciler.model.graphs import edges
from reconciler.model.renaming import renamed
from reconciler.model.resources import Recorded
from reconciler.state import integrity
from reconciler.state.snapshots import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """One record that named what is not there.

    Attributes:
        old, new: its URN before and after; it loses its parent's type with its parent.
        removed: (role, URN) of each reference that was dropped.
    """

    old: str
    new: str
    removed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A sound snapshot and how it came about.

    Attributes:
        reordered: URNs of the records that were moved.
        repeated: URNs of records that were there twice, alike in everything, and are there once now.
    """

    snapshot: Snapshot
    reordered: tuple[str, ...] = ()
    pruned: tuple[Pruned, ...] = ()
    repeated: tuple[str, ...] = ()


def repair(snapshot: Snapshot) -> Repair:
    """The snapshot with its records in order and without references that lead nowhere.

    A sound snapshot comes back as it is.

    Raises:
        SnapshotIntegrityError: it cannot be repaired; the findings are those that would remain.
    """
    if not integrity.violations(snapshot):
        return Repair(snapshot=snapshot)
    single, repeated = _without_repeats(snapshot.resources)
    ordered = _ordered(single)
    resources, pruned = _prune(ordered)
    repaired = replace(snapshot, resources=tuple(resources))
    findings = integrity.violations(repaired)
    if findings:
        raise errors.SnapshotIntegrityError(
            findings,
            hint="it cannot be repaired automatically: `pulumi stack export --disable-integrity-checking --file"
            " state.json`, keep a copy, mend it, and `pulumi stack import --file state.json`",
        )
    return Repair(snapshot=repaired, reordered=_moved(single, ordered), pruned=tuple(pruned), repeated=repeated)


def _without_repeats(resources: Sequence[Recorded]) -> tuple[list[Recorded], tuple[str, ...]]:
    kept: list[Recorded] = []
    first: dict[str, Recorded] = {}
    repeated: list[str] = []
    for resource in resources:
        if not resource.delete and first.get(resource.urn) == resource:
            repeated.append(resource.urn)
            continue
        if not resource.delete:
            first.setdefault(resource.urn, resource)
        kept.append(resource)
    return kept, tuple(repeated)


def _ordered(resources: Sequence[Recorded]) -> list[Recorded]:
    """Each after what it names; what stands right already keeps its place."""
    olds = {resource.urn: index for index, resource in enumerate(resources) if resource.delete}
    news = {resource.urn: index for index, resource in enumerate(resources) if not resource.delete}
    done: set[int] = set()
    ordered: list[Recorded] = []
    for start in range(len(resources)):
        # Depth first without recursion: a chain of references may be as long as the list.
        path: list[int] = [start] if start not in done else []
        entered = set(path)
        while path:
            index = path[-1]
            # What waits for its deletion was made with what waits for it, too.
            chosen = (olds, news) if resources[index].delete else (news, olds)
            named = [chosen[0].get(urn, chosen[1].get(urn)) for urn in edges(resources[index])]
            missing = next((other for other in named if other is not None and other not in done), None)
            if missing is None:
                entered.discard(path.pop())
                done.add(index)
                ordered.append(resources[index])
            elif missing in entered:
                circle = [resources[other].urn for other in path[path.index(missing) :]]
                raise errors.SnapshotIntegrityError(
                    [f"resources depend on one another in a circle: {' -> '.join([*circle, circle[0]])}"],
                    hint="decide which of them does not need the other: `pulumi stack export`, mend it,"
                    " and `pulumi stack import`",
                )
            else:
                path.append(missing)
                entered.add(missing)
    return ordered


def _moved(before: Sequence[Recorded], after: Sequence[Recorded]) -> tuple[str, ...]:
    """URNs of those whose neighbours both changed: they moved, the others were only shifted."""

    def neighbours(resources: Sequence[Recorded]) -> dict[int, tuple[int, int]]:
        ids = [0, *map(id, resources), 0]
        return {ids[at]: (ids[at - 1], ids[at + 1]) for at in range(1, len(ids) - 1)}

    old, new = neighbours(before), neighbours(after)
    return tuple(
        resource.urn
        for resource in after
        if old[id(resource)][0] != new[id(resource)][0] and old[id(resource)][1] != new[id(resource)][1]
    )


def _prune(resources: Sequence[Recorded]) -> tuple[list[Recorded], list[Pruned]]:
    names: dict[str, str] = {}
    kept: list[Recorded] = []
    pruned: list[Pruned] = []
    for resource in resources:
        removed = tuple(_dangling(resource, names))
        sound = _without(resource, {urn for _role, urn in removed})
        own = resource.urn
        if resource.parent and urns.is_urn(own):
            parent = names.get(resource.parent, "")
            if not parent or parent != resource.parent:
                own = urns.build(urns.stack(own), urns.project(own), parent, urns.type_token(own), urns.name(own))
        names[resource.urn] = own
        kept.append(replace(renamed(sound, names), urn=own))
        if removed or own != resource.urn:
            pruned.append(Pruned(old=resource.urn, new=own, removed=removed))
    return kept, pruned


def _dangling(resource: Recorded, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    named = [("parent", resource.parent), ("deleted with", resource.deleted_with)]
    named += [("dependency", urn) for urn in resource.dependencies]
    named += [
        (f"property dependency: {key}", urn) for key, listed in resource.property_dependencies.items() for urn in listed
    ]
    named += [("replace with", urn) for urn in resource.replace_with]
    yield from ((role, urn) for role, urn in named if urn and urn not in known)


def _without(resource: Recorded, gone: set[str]) -> Recorded:
    if not gone:
        return resource
    return replace(
        resource,
        parent="" if resource.parent in gone else resource.parent,
        deleted_with="" if resource.deleted_with in gone else resource.deleted_with,
        dependencies=tuple(urn for urn in resource.dependencies if urn not in gone),
        property_dependencies={
            key: tuple(urn for urn in listed if urn not in gone)
            for key, listed in resource.property_dependencies.items()
        },
        replace_with=tuple(urn for urn in resource.replace_with if urn not in gone),
    )
