"""What do two stacks look like after resources went from one to the other? Pure.

Children go with their parents, providers are copied, and what one stack named
in the other is dropped and told: a program has to make an output and a stack
reference of it.

Source: pulumi/pulumi pkg/cmd/pulumi/state/state_move.go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from reconciler import errors
from reconciler.model import urns
from reconciler.model.graphs import edges
from reconciler.model.renaming import renamed
from reconciler.model.resources import Recorded
from reconciler.model.values import same
from reconciler.state.snapshots import Snapshot
from reconciler.state.surgery import rebased


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Both stacks after a move.

    Attributes:
        moved: URNs in the source of what goes, in its order.
        broken_source, broken_destination: sentences on references from what stays to what goes, and the other way.
        unmatched: URNs asked for that the source does not have.
    """

    source: Snapshot
    destination: Snapshot
    moved: tuple[str, ...]
    broken_source: tuple[str, ...] = ()
    broken_destination: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()


def move(
    source: Snapshot,
    destination: Snapshot,
    wanted: Collection[str],
    *,
    project: str,
    stack: str,
    include_parents: bool = False,
) -> Move:
    """Both snapshots after resources went to the stack of that project and name.

    Args:
        wanted: URNs in the source; the stack's own resource stands for all that is in it.
        include_parents: the ancestors of the wanted go as well, and with them their other children.

    Raises:
        StateEditError: nothing matches; a provider is wanted, or is needed on both sides; an operation on one of
            them is under way; the destination has a resource or another provider of that URN.
    """
    moving = _moving(source, wanted, include_parents=include_parents)
    going = [resource for resource in source.resources if resource.urn in moving]
    staying = [resource for resource in source.resources if resource.urn not in moving]
    _refuse_torn(source, moving, staying)
    kept, broken_source = _detached(staying, moving)
    arrived, broken_destination = _arrived(source, destination, moving, project, stack)
    return Move(
        source=replace(source, resources=tuple(kept)),
        destination=replace(destination, resources=tuple(arrived)),
        moved=tuple(resource.urn for resource in going),
        broken_source=tuple(broken_source),
        broken_destination=tuple(broken_destination),
        unmatched=tuple(sorted(set(wanted) - {resource.urn for resource in source.resources})),
    )


def _moving(source: Snapshot, wanted: Collection[str], *, include_parents: bool) -> set[str]:
    matched = {resource.urn for resource in source.resources if resource.urn in wanted}
    if provider := next((urn for urn in sorted(matched) if urns.is_provider_type(urns.type_token(urn))), ""):
        raise errors.StateEditError(
            "cannot move providers. Only resources can be moved, and providers will be included automatically",
            urn=provider,
        )
    if not matched:
        raise errors.StateEditError("no resources found to move", hint="`pulumi stack --show-urns` lists them")
    parents = {resource.urn: resource.parent for resource in source.resources}
    if include_parents:
        for urn in tuple(matched):
            parent = parents[urn]
            while parent and not _is_stack(parent) and parent not in matched:
                matched.add(parent)
                parent = parents.get(parent, "")
    for resource in source.resources:
        if resource.parent in matched:
            matched.add(resource.urn)
    # The destination has, or is given, a stack resource of its own.
    return {urn for urn in matched if not _is_stack(urn)}


def _refuse_torn(source: Snapshot, moving: set[str], staying: Sequence[Recorded]) -> None:
    for operation in source.pending:
        if operation.resource.urn in moving:
            raise errors.StateEditError(
                f"it is not known how the {operation.type.value} of {operation.resource.urn} ended",
                urn=operation.resource.urn,
                hint="`pulumi refresh` looks it up; move it then",
            )
    for resource in staying:
        provider = urns.parse_reference(resource.provider).urn
        if provider in moving:
            raise errors.StateEditError(
                f"the provider {provider} belongs to what is moved, and {resource.urn} stays and uses it",
                urn=resource.urn,
                hint="move that resource as well",
            )


def _arrived(
    source: Snapshot, destination: Snapshot, moving: set[str], project: str, stack: str
) -> tuple[list[Recorded], list[str]]:
    root = rebased(f"{urns.PREFIX}s::p::{urns.STACK_TYPE}::p-s", project, stack)
    arrived = list(destination.resources)
    if not any(_is_stack(resource.urn) for resource in arrived):
        arrived.insert(0, Recorded(urn=root, type=urns.STACK_TYPE, custom=False))
    else:
        root = next(resource.urn for resource in arrived if _is_stack(resource.urn))
    taken = {resource.urn: resource for resource in arrived}
    used = {resource.provider for resource in source.resources if resource.urn in moving}
    all_there = {resource.urn for resource in source.resources}
    broken: list[str] = []
    providers: dict[str, str] = {}
    for resource in source.resources:
        is_copy = resource.urn not in moving and f"{resource.urn}::{resource.id}" in used
        if resource.urn not in moving and not is_copy:
            continue
        (inside,), cut = _detached([resource], all_there - moving)
        if not is_copy:
            broken += cut
        new = _rebased(inside, project, stack, root if inside.parent not in moving else "", providers)
        there = taken.get(new.urn)
        if is_copy and there is not None:
            if there.id != new.id and not _alike(there, new):
                raise errors.StateEditError(f"provider {new.urn} already exists in destination stack", urn=new.urn)
            providers[f"{new.urn}::{resource.id}"] = f"{there.urn}::{there.id}"
            continue
        if there is not None:
            raise errors.StateEditError(f"resource {new.urn} already exists in destination stack", urn=new.urn)
        arrived.append(new)
    return arrived, broken


def _rebased(resource: Recorded, project: str, stack: str, parent: str, providers: dict[str, str]) -> Recorded:
    """A record as its new stack has it; below `parent` where one is named."""
    named = {urn for urn in (resource.urn, resource.view_of, *edges(resource)) if urn}
    names = {urn: rebased(urn, project, stack) for urn in named}
    new = replace(renamed(resource, names), urn=names[resource.urn])
    provider = providers.get(new.provider, new.provider)
    return replace(new, provider=provider, parent=parent or new.parent)


def _detached(resources: Sequence[Recorded], gone: Collection[str]) -> tuple[list[Recorded], list[str]]:
    """The records without references to those that are elsewhere (but for parents), and a sentence on each."""
    kept = [
        replace(
            resource,
            dependencies=tuple(urn for urn in resource.dependencies if urn not in gone),
            property_dependencies={
                key: tuple(urn for urn in listed if urn not in gone)
                for key, listed in resource.property_dependencies.items()
            },
            deleted_with="" if resource.deleted_with in gone else resource.deleted_with,
            replace_with=tuple(urn for urn in resource.replace_with if urn not in gone),
            view_of="" if resource.view_of in gone else resource.view_of,
        )
        for resource in resources
    ]
    return kept, [sentence for resource in resources for sentence in _broken(resource, gone)]


def _broken(resource: Recorded, gone: Collection[str]) -> Iterator[str]:
    for urn in resource.dependencies:
        if urn in gone:
            yield f"{resource.urn} has a dependency on {urn}"
    for key, listed in resource.property_dependencies.items():
        for urn in listed:
            if urn in gone:
                yield f"{resource.urn} ({key}) has a property dependency on {urn}"
    if resource.deleted_with in gone:
        yield f"{resource.urn} is marked as deleted with {resource.deleted_with}"
    for urn in resource.replace_with:
        if urn in gone:
            yield f"{resource.urn} is marked as replaced with {urn}"


def _alike(one: Recorded, other: Recorded) -> bool:
    """Are two providers configured alike?"""
    return same(dict(one.inputs), dict(other.inputs))


def _is_stack(urn: str) -> bool:
    return urns.is_urn(urn) and urns.qualified_type(urn) == urns.STACK_TYPE
