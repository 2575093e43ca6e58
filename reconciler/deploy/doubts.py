"""Before a run: look up every operation that an earlier run began and did not finish.

An object that a cut-off create made is adopted; one that it did not make is
made again by the program. Nothing is created twice, nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reconciler import errors
from reconciler.contract.protocol import FindRequest, ReadRequest, ReadResponse
from reconciler.deploy import events
from reconciler.deploy.registry import Registry
from reconciler.model import urns, values
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.plan import wanted as wanting
from reconciler.state.snapshots import Snapshot


async def settle(snapshot: Snapshot, registry: Registry, emit: Callable[[events.Event], None], now: str) -> Snapshot:
    """The snapshot with every operation in doubt looked up.

    An operation that cannot be looked up (its provider fails) stays pending, with a warning.
    """
    for operation in snapshot.pending:
        try:
            snapshot = await _settle_one(snapshot, operation, registry, emit, now)
        except errors.ReconcilerError as error:
            emit(
                events.Diagnostic(
                    f"interrupted while {operation.type.value}, and its provider cannot tell what came of it: {error}",
                    events.Severity.WARNING,
                    operation.resource.urn,
                )
            )
            snapshot = replace(snapshot, pending=(*snapshot.pending, operation))
    return snapshot


async def _settle_one(
    snapshot: Snapshot,
    operation: PendingOperation,
    registry: Registry,
    emit: Callable[[events.Event], None],
    now: str,
) -> Snapshot:
    settled = replace(snapshot, pending=tuple(item for item in snapshot.pending if item is not operation))
    resource = operation.resource
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
            # A rename may have gone through: the object is then found by what was wanted.
            found = await provider.find(
                FindRequest(urn=resource.urn, token=resource.type, inputs=resource.inputs, operation_id="")
            )
        if found is None:
            _tell(emit, operation, "it is gone")
            return _without(settled, resource)
        _tell(emit, operation, "its live state is taken over")
        return _with(settled, resource, _live(resource, found))
    if found is None:
        _tell(emit, operation, "it had been deleted")
        return _without(settled, resource)
    _tell(emit, operation, "it still exists")
    return settled


def _live(resource: Recorded, found: ReadResponse) -> Recorded:
    hidden = {name: value for name, value in resource.inputs.items() if name.startswith("__")}
    inputs = {**hidden, **values.freeze_map(found.inputs)}
    outputs = wanting.with_secrets(resource, values.freeze_map(found.outputs))
    return replace(resource, id=found.id, inputs=inputs, outputs=outputs)


def _adopted(snapshot: Snapshot, resource: Recorded, now: str) -> Snapshot:
    """Add an object that was made; what it was to replace waits for its deletion from now on."""
    others = tuple(
        replace(other, delete=True) if other.urn == resource.urn and not other.delete else other
        for other in snapshot.resources
        if not (other.urn == resource.urn and other.pending_replacement)
    )
    return replace(snapshot, resources=(*others, replace(resource, created=now, modified=now)))


def _with(snapshot: Snapshot, prior: Recorded, live: Recorded) -> Snapshot:
    resources = tuple(
        replace(live, delete=other.delete) if _is_record_of(other, prior) else other for other in snapshot.resources
    )
    return replace(snapshot, resources=resources)


def _without(snapshot: Snapshot, prior: Recorded) -> Snapshot:
    kept = tuple(other for other in snapshot.resources if not _is_record_of(other, prior))
    present = {resource.urn for resource in kept}
    return replace(snapshot, resources=tuple(_pruned(resource, present) for resource in kept))


def _is_record_of(other: Recorded, resource: Recorded) -> bool:
    return other.urn == resource.urn and other.id == resource.id


def _pruned(resource: Recorded, present: set[str]) -> Recorded:
    return replace(
        resource,
        dependencies=tuple(urn for urn in resource.dependencies if urn in present),
        property_dependencies={
            key: tuple(urn for urn in names if urn in present) for key, names in resource.property_dependencies.items()
        },
    )


def _tell(emit: Callable[[events.Event], None], operation: PendingOperation, what: str) -> None:
    emit(
        events.Diagnostic(
            f"an earlier run was interrupted while {operation.type.value} this resource: {what}",
            events.Severity.WARNING,
            operation.resource.urn,
        )
    )
