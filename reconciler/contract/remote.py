"""What a provider with components promises: to build them, and to answer their methods.

A component of a provider is a program of its own that registers resources with
the engine's monitor. The engine hands the request on and reads none of it, so
these calls keep the form of the wire.

Source: facts/engine-contract.md §7.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pulumi.runtime.proto import provider_pb2

    from reconciler.contract.protocol import Parameter


@runtime_checkable
class ComponentProvider(Protocol):
    """A configured provider instance that has components."""

    async def construct(self, request: provider_pb2.ConstructRequest) -> provider_pb2.ConstructResponse:
        """Build a component: it and its children are registered at the request's monitor.

        Raises:
            ProviderError: it could not be built; what was registered until then stands.
        """

    async def call(self, request: provider_pb2.CallRequest) -> provider_pb2.CallResponse:
        """Call a component's method."""


@runtime_checkable
class ExtensibleProvider(Protocol):
    """A configured provider instance whose package can be extended."""

    async def extend(self, extension: Parameter) -> None:
        """Serve what the extension adds, from now on.

        Raises:
            ConfigureError: the provider does not take it.
        """
