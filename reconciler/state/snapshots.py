"""Snapshot: all resources of a stack at one moment, and what was under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.resources import PendingOperation, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Resources in an order in which everything named comes before who names it.

    Attributes:
        metadata, extra: parts of the deployment that we carry along unread.
    """

    resources: tuple[Recorded, ...] = ()
    pending: tuple[PendingOperation, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)

    def current(self) -> Mapping[str, Recorded]:
        """urn -> the resource that is not waiting for deletion."""
        return {resource.urn: resource for resource in self.resources if not resource.delete}


EMPTY_SNAPSHOT = Snapshot()
