"""What the person says of creates that were cut off: forget them, or the objects that they made. Pure.

Source: facts/engine-contract.md §4.12; pulumi/pulumi pkg/cmd/pulumi/operations/refresh.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler import errors
from reconciler.model.resources import PendingOperation, PendingType


def creates(pending: Sequence[PendingOperation]) -> tuple[PendingOperation, ...]:
    """The operations that may have made an object that nobody knows the id of."""
    return tuple(operation for operation in pending if operation.type is PendingType.CREATING)


def without_creates(pending: Sequence[PendingOperation]) -> tuple[PendingOperation, ...]:
    """What is left when every create is taken to have failed."""
    return tuple(operation for operation in pending if operation.type is not PendingType.CREATING)


def read_pairs(given: Sequence[str]) -> dict[str, str]:
    """URN -> id, of words that take turns.

    Raises:
        UsageError: an id is missing.
    """
    if len(given) % 2:
        raise errors.UsageError("each URN must be followed by an ID: found an odd number of entries")
    return dict(zip(given[::2], given[1::2], strict=True))


def as_imports(
    pending: Sequence[PendingOperation], ids: Mapping[str, str]
) -> tuple[tuple[PendingOperation, ...], tuple[str, ...]]:
    """Creates whose objects are known become imports of these, which the refresh reads.

    Returns:
        The operations, and the URNs in `ids` that no pending create has.
    """
    changed = tuple(
        replace(
            operation,
            type=PendingType.IMPORTING,
            resource=replace(operation.resource, id=ids[operation.resource.urn]),
        )
        if operation.type is PendingType.CREATING and operation.resource.urn in ids
        else operation
        for operation in pending
    )
    known = {operation.resource.urn for operation in creates(pending)}
    return changed, tuple(urn for urn in ids if urn not in known)
