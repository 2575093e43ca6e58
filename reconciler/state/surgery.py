"""Edits of a snapshot in which no provider takes part: which records go, change their name or their marks. Pure.

Each verb either raises a StateEditError or gives a snapshot that breaks no rule
that the one before kept. `surgery_moves` takes resources to another stack,
`surgery_repair` makes a broken snapshot sound.

Source: pulumi/pulumi pkg/resource/edit/operations.go, pkg/cmd/pulumi/state.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler import errors
from reconciler.model import urns
from reconciler.model.graphs import edges
from reconciler.model.renaming import renamed
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.state.snapshots import Snapshot


def places(snapshot: Snapshot, urn: str) -> tuple[int, ...]:
    """Where in the snapshot the records of a URN stand.

    Raises:
        ResourceNotInStateError: there is none.
    """
    found = tuple(index for index, resource in enumerate(snapshot.resources) if resource.urn == urn)
    if not found:
        known = [resource.urn for resource in snapshot.resources]
        close = difflib.get_close_matches(urn, known, n=1, cutoff=0.8)
        hint = f"did you mean '{close[0]}'?" if close else "`pulumi stack --show-urns` lists them"
        raise errors.ResourceNotInStateError(urn, hint=hint)
    return found


def place(snapshot: Snapshot, urn: str) -> int:
    """Where the one record of a URN stands.

    Raises:
        ResourceNotInStateError: there is none.
        AmbiguousResourceError: there are several.
    """
    found = places(snapshot, urn)
    if len(found) > 1:
        raise errors.AmbiguousResourceError(urn, [snapshot.resources[index].id for index in found])
    return found[0]


def delete(
    snapshot: Snapshot, condemned: Collection[int], *, force: bool = False, target_dependents: bool = False
) -> Snapshot:
    """The snapshot without the records at these places; their objects stay as they are.

    What was under way on an object that is forgotten is forgotten, too; a create whose outcome is not known
    stays pending.

    Args:
        force: protected records may go.
        target_dependents: what depends on them goes as well.

    Raises:
        DependentResourcesError: others depend on one of them.
        StateEditError: one of them is protected.
    """
    gone = set(condemned)
    needing = dependents(snapshot, gone)
    if needing and not target_dependents:
        culprit = next((index for index in sorted(gone) if dependents(snapshot, {index}) - gone), min(gone))
        raise errors.DependentResourcesError(
            snapshot.resources[culprit].urn, [snapshot.resources[index].urn for index in sorted(needing)]
        )
    gone |= needing
    for index in sorted(gone):
        if snapshot.resources[index].protect and not force:
            urn = snapshot.resources[index].urn
            raise errors.StateEditError(
                f"{urn} can't be safely deleted because it is protected",
                urn=urn,
                hint="Re-run this command with --force to force deletion",
            )
    kept = tuple(resource for index, resource in enumerate(snapshot.resources) if index not in gone)
    left = {resource.urn for resource in kept}
    forgotten = {snapshot.resources[index].urn for index in gone} - left
    pending = tuple(one for one in snapshot.pending if one.resource.urn not in forgotten or _is_creation(one))
    return replace(snapshot, resources=kept, pending=pending)


def dependents(snapshot: Snapshot, gone: Collection[int]) -> set[int]:
    """Places of the records that cannot stay without those, directly or not."""
    missing = set(gone)
    earlier: dict[str, list[int]] = defaultdict(list)
    for index, resource in enumerate(snapshot.resources):
        if index not in missing and any(meant <= missing for meant in _needs(snapshot.resources, resource, earlier)):
            missing.add(index)
        earlier[resource.urn].append(index)
    return missing - set(gone)


def _needs(
    resources: Sequence[Recorded], resource: Recorded, earlier: Mapping[str, Sequence[int]]
) -> Iterator[set[int]]:
    """For each resource that a record names, the places of the earlier records that can be meant."""
    reference = urns.parse_reference(resource.provider)
    for urn in {*edges(replace(resource, provider=""))} - {resource.urn}:
        # Of an old and a new object of one URN, what stays in use was made with the new one.
        found = earlier.get(urn, ())
        current = {index for index in found if not resources[index].delete}
        yield from [current if current and not resource.delete else set(found)] if found else []
    served = {index for index in earlier.get(reference.urn, ()) if resources[index].id == reference.id}
    if served and not resource.pending_replacement:
        yield served


def _is_creation(operation: PendingOperation) -> bool:
    return operation.type in (PendingType.CREATING, PendingType.IMPORTING)


def mark(
    snapshot: Snapshot, wanted: Collection[str] | None, *, protect: bool | None = None, taint: bool | None = None
) -> Snapshot:
    """The snapshot with resources protected, tainted, or no longer so; None leaves a mark as it is.

    Args:
        wanted: URNs; None for all. Records that wait for their deletion are left alone.

    Raises:
        ResourceNotInStateError: a URN is not there.
    """
    current = snapshot.current()
    for urn in wanted or ():
        if urn not in current:
            places(snapshot, urn)
            raise errors.ResourceNotInStateError(urn, hint="what there is of it waits for its deletion")

    def marked(resource: Recorded) -> Recorded:
        if resource.delete or (wanted is not None and resource.urn not in wanted):
            return resource
        return replace(
            resource,
            protect=resource.protect if protect is None else protect,
            taint=resource.taint if taint is None else taint,
        )

    return replace(snapshot, resources=tuple(map(marked, snapshot.resources)))


def rename(snapshot: Snapshot, urn: str, name: str) -> Snapshot:
    """The snapshot with a resource under another name, in everything that names it as well.

    URNs of children stay: they hold the types of their ancestors, not their names.

    Raises:
        ResourceNotInStateError: there is none of that URN.
        StateEditError: the name is empty or taken, or it is the stack itself.
    """
    places(snapshot, urn)
    if urns.type_token(urn) == urns.STACK_TYPE:
        raise errors.StateEditError(
            "the stack's own resource is named after the stack", urn=urn, hint="`pulumi stack rename` renames both"
        )
    if not name.strip():
        raise errors.StateEditError("a resource needs a name", urn=urn)
    new = f"{urn[: len(urn) - len(urns.name(urn))]}{name}"
    if new == urn:
        return snapshot
    if any(resource.urn == new for resource in snapshot.resources):
        raise errors.StateEditError(
            f"{new} is there already", urn=urn, hint="choose another name, or delete that one first"
        )
    return with_urns(snapshot, {urn: new})


def rename_stack(snapshot: Snapshot, project: str, stack: str) -> Snapshot:
    """The snapshot as the state of another stack: every URN in it names that one."""
    named = {
        urn
        for resource in (*snapshot.resources, *(operation.resource for operation in snapshot.pending))
        for urn in (resource.urn, resource.view_of, *edges(resource))
        if urns.is_urn(urn)
    }
    return with_urns(snapshot, {urn: rebased(urn, project, stack) for urn in named})


def rebased(urn: str, project: str, stack: str) -> str:
    """A resource's URN in another stack; the stack's own resource is named after it.

    >>> rebased("urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "shop", "prod")
    'urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod'
    """
    types = urns.qualified_type(urn)
    name = f"{project}-{stack}" if types == urns.STACK_TYPE else urns.name(urn)
    return f"{urns.PREFIX}{stack}::{project}::{types}::{name}"


def with_urns(snapshot: Snapshot, names: dict[str, str]) -> Snapshot:
    """The snapshot with these URNs replaced, wherever they stand."""

    def moved(resource: Recorded) -> Recorded:
        return replace(renamed(resource, names), urn=names.get(resource.urn, resource.urn))

    return replace(
        snapshot,
        resources=tuple(map(moved, snapshot.resources)),
        pending=tuple(replace(operation, resource=moved(operation.resource)) for operation in snapshot.pending),
    )
