"""What a program says in a run that only listens to it, for providers that need it, beyond Pulumi's protocol."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from reconciler.model.values import PropertyMap


@runtime_checkable
class Listens(Protocol):
    """A provider whose reading or deleting of an object hangs on what the program sends of it."""

    def hears(self, urn: str, inputs: PropertyMap) -> None:
        """The program registers a resource with these inputs; nothing is asked."""
