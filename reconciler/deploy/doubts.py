"""Before a run: look up every operation that an earlier run began and did not finish.

An object that a cut-off create made is adopted; one that it did not make is
made again by the program. Nothing is created twice, nothing is forgotten.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace

from reconciler import errors
from reconciler.contract.protocol import FindRequest, ReadRequest, ReadResponse
from reconciler.deploy import events
from reconciler.deploy.registry import Registry
from reconciler.model import urns, values
from reconciler.model.graphs import edges, in_dependency_order, without_gone
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import EMPTY
from reconciler.plan import wanted as wanting
from reconciler.state.snapshots import Snapshot


async def settle(
    snapshot: Snapshot,
    registry: Registry,
    emit: Callable[[events.Event], None],
    now: str,
    *,
    adopts_imports: bool = False,
) -> Snapshot:
    """The snapshot with every operation in doubt looked up.

    An operation that cannot be looked up (its provider fails) stays pending, with a warning.

    Args:
        adopts_imports: an import that did not end is ended, as a refresh does; else the program asks for it again.
    """
    for operation in snapshot.pending:
        try:
            if adopts_imports and operation.type is PendingType.IMPORTING:
                snapshot = await _import(snapshot, operation, registry, emit, now)
                continue
            snapshot = await _settle_one(snapshot, operation, registry, emit, now)
        except Exception as error:  # noqa: BLE001  # a provider's bug must not keep the stack from every further run
            what = str(error) if isinstance(error, errors.ReconcilerError) else f"{type(error).__name__}: {error}"
            emit(
                events.Diagnostic(
                    f"interrupted while {operation.type.value}, and its provider cannot tell what came of it: {what}",
                    events.Severity.WARNING,
                    operation.resource.urn,
                )
            )
    return snapshot


async def _settle_one(
    snapshot: Snapshot,
    operation: PendingOperation,
    registry: Registry,
    emit: Callable[[events.Event], None],
    now: str,
) -> Snapshot:
    settled = replace(snapshot, pending=tuple(item for item in snapshot.pending if item is not operation))
    resource = _under_its_name(operation.resource, settled.resources)
    if operation.type in (PendingType.READING, PendingType.IMPORTING) or urns.is_provider_type(resource.type):
        return settled
    provider = await registry.get(resource.provider)
    if operation.type is PendingType.CREATING:
        found = await provider.find(
            FindRequest(
                urn=resource.urn, token=resource.type, inputs=resource.inputs, operation_id=operation.operation_id
            )
        )
        if found is None:
            _tell(emit, operation, "it had not been made; it is made now if it is still wanted")
            return settled
        _tell(emit, operation, f"it had been made, and is adopted as {found.id}")
        return _adopted(settled, _live(resource, found), now)
    found = await provider.read(
        ReadRequest(
            urn=resource.urn, token=resource.type, id=resource.id, inputs=resource.inputs, outputs=resource.outputs
        )
    )
    if operation.type is PendingType.UPDATING:
        if found is None:
            # A rename may have gone through: the object is then found by what was wanted, if its provider can look.
            with contextlib.suppress(errors.PermanentError):
                found = await provider.find(
                    FindRequest(urn=resource.urn, token=resource.type, inputs=resource.inputs, operation_id="")
                )
        if found is None:
            _tell(emit, operation, "it is gone")
            return _without(settled, resource)
        _tell(emit, operation, "its live state is taken over")
        recorded = next((other for other in settled.resources if _is_record_of(other, resource)), resource)
        return _with(settled, resource, _live(resource, found, recorded.outputs))
    if found is None:
        _tell(emit, operation, "it had been deleted")
        return _without(settled, resource)
    _tell(emit, operation, "it still exists")
    return settled


async def _import(
    snapshot: Snapshot,
    operation: PendingOperation,
    registry: Registry,
    emit: Callable[[events.Event], None],
    now: str,
) -> Snapshot:
    resource = _under_its_name(operation.resource, snapshot.resources)
    provider = await registry.get(resource.provider)
    request = ReadRequest(urn=resource.urn, token=resource.type, id=resource.id, inputs=resource.inputs)
    found = await provider.read(request)
    if found is None:
        raise errors.NotFoundError(
            f"there is no {urns.short_type(resource.type)} with id {resource.id}", urn=resource.urn, op="import"
        )
    _tell(emit, operation, f"it is imported as {found.id}")
    settled = replace(snapshot, pending=tuple(item for item in snapshot.pending if item is not operation))
    return _adopted(settled, _live(resource, found), now)


def _live(resource: Recorded, found: ReadResponse, before: values.PropertyMap = EMPTY) -> Recorded:
    hidden = {name: value for name, value in resource.inputs.items() if name.startswith("__")}
    inputs = {**hidden, **values.freeze_map(found.inputs)}
    outputs = wanting.with_secrets(resource, values.freeze_map(found.outputs), before)
    return replace(resource, id=found.id, inputs=inputs, outputs=outputs)


def _adopted(snapshot: Snapshot, resource: Recorded, now: str) -> Snapshot:
    """Add an object that was made; what it was to replace waits for its deletion from now on."""
    others = tuple(
        replace(other, delete=True) if other.urn == resource.urn and not other.delete else other
        for other in snapshot.resources
        if not (other.urn == resource.urn and other.pending_replacement)
    )
    adopted = replace(_without_lost(resource, others), created=now, modified=now)
    resources = in_dependency_order((*others, adopted))
    return replace(snapshot, resources=resources)


def _with(snapshot: Snapshot, prior: Recorded, live: Recorded) -> Snapshot:
    live = _without_lost(live, snapshot.resources)
    resources = tuple(
        replace(live, delete=other.delete) if _is_record_of(other, prior) else other for other in snapshot.resources
    )
    return replace(snapshot, resources=in_dependency_order(resources))


def _without_lost(resource: Recorded, others: tuple[Recorded, ...]) -> Recorded:
    """A resource as an operation had it, less what was found to be gone since, or waits for its deletion alone."""
    there = {other.urn for other in others if resource.delete or not other.delete}
    return without_gone(resource, set(edges(resource)) - there, {})


def _without(snapshot: Snapshot, prior: Recorded) -> Snapshot:
    # Its own parent may have been found gone since.
    parents = {other.urn: other.parent for other in snapshot.resources if _is_record_of(other, prior)}
    kept: list[Recorded] = []
    for other in snapshot.resources:
        if not _is_record_of(other, prior):
            # A record of the same URN may wait for its deletion: who comes after and waits, too, can mean that one.
            gone = {prior.urn} - {resource.urn for resource in kept if other.delete or not resource.delete}
            kept.append(without_gone(other, gone, parents))
    return replace(snapshot, resources=tuple(kept))


def _under_its_name(resource: Recorded, others: tuple[Recorded, ...]) -> Recorded:
    """A resource as an operation had it, under the names that it and its provider got since: by alias or rename."""
    resource = replace(resource, provider=_provider_now(resource.provider, others))
    if not resource.id or any(_is_record_of(other, resource) for other in others):
        return resource
    same = (resource.type, resource.id, resource.provider)
    renamed = next((other for other in others if (other.type, other.id, other.provider) == same), resource)
    return replace(resource, urn=renamed.urn)


def _provider_now(reference: str, others: tuple[Recorded, ...]) -> str:
    """The reference by which a provider is known now; ids of providers are no two alike."""
    providers = (other for other in others if urns.is_provider_type(other.type))
    recorded = {str(urns.ProviderReference(provider.urn, provider.id)): provider.id for provider in providers}
    if not reference or reference in recorded:
        return reference
    id = urns.parse_reference(reference).id
    return next((known for known, its in recorded.items() if its == id), reference)


def _is_record_of(other: Recorded, resource: Recorded) -> bool:
    return other.urn == resource.urn and other.id == resource.id


def _tell(emit: Callable[[events.Event], None], operation: PendingOperation, what: str) -> None:
    emit(
        events.Diagnostic(
            f"an earlier run was interrupted while {operation.type.value} this resource: {what}",
            events.Severity.WARNING,
            operation.resource.urn,
        )
    )
