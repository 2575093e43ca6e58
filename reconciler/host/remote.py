"""Components that a provider builds: from a program's registration to Construct, from its calls to Call.

The provider registers the component and its children at this run's own monitor,
which is served on a port of its own while there is somebody who needs it.

Source: facts/engine-contract.md §1.3, §1.5, §7.3.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import alias_pb2, provider_pb2, resource_pb2

from reconciler import errors
from reconciler.contract import output_values, wire
from reconciler.contract.remote import ComponentProvider
from reconciler.deploy.deployment import Deployment
from reconciler.deploy.unconfigured import UnconfiguredProvider
from reconciler.host.about import About
from reconciler.host.positions import Positions
from reconciler.model import codec


class Endpoint:
    """The address at which providers reach this run's monitor, served when first asked for."""

    def __init__(self, monitor: object, deployment: Deployment) -> None:
        self._monitor = monitor
        self._deployment = deployment
        self._address: asyncio.Future[str] | None = None

    async def address(self) -> str:
        """Where the monitor is."""
        if self._address is None:
            self._address = asyncio.ensure_future(self._serve())
        return await asyncio.shield(self._address)

    async def _serve(self) -> str:
        # A program without remote components pays for no server.
        from reconciler.host.serve import serving

        stack = AsyncExitStack()
        address = await stack.enter_async_context(serving(self._monitor))
        self._deployment.on_close(stack.aclose)
        return address


class Remote:
    """The remote components of one program run."""

    def __init__(self, monitor: object, deployment: Deployment, about: About, positions: Positions) -> None:
        self._deployment = deployment
        self._about = about
        self._positions = positions
        self._endpoint = Endpoint(monitor, deployment)

    async def construct(
        self, request: Any, urn: str, reference: str, providers: dict[str, str]
    ) -> resource_pb2.RegisterResourceResponse | None:
        """Have a provider build a component.

        Args:
            providers: package -> reference, of the component and of what it stands in.

        Returns:
            None when the provider's settings are not known yet, so that nothing can be built.
        """
        provider = await self._deployment.provider(reference)
        if isinstance(provider, UnconfiguredProvider):
            return None
        if not isinstance(provider, ComponentProvider):
            raise errors.PlanError("its provider has no components", urn=urn)
        message = self._construct_message(request, await self._endpoint.address(), providers)
        try:
            built = await provider.construct(message)
            self._refuse_unregistered(built.urn)
        except errors.ProviderError as error:
            self._deployment.fail(error, urn)
            return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)
        _check_texts(request, built.state)
        told = {name: entry.urns for name, entry in built.stateDependencies.items()}
        return resource_pb2.RegisterResourceResponse(
            urn=built.urn,
            object=output_values.plain(built.state),
            propertyDependencies={
                name: resource_pb2.RegisterResourceResponse.PropertyDependencies(urns=urns)
                for name, urns in _joined(told, output_values.dependencies_by_property(built.state)).items()
            },
        )

    def _refuse_unregistered(self, urn: str) -> None:
        if not self._deployment.is_registered(urn):
            raise errors.ProviderError(
                f"it answered Construct with the URN {urn!r}, under which nothing was registered", op="construct"
            )

    async def call(self, request: Any, reference: str) -> provider_pb2.CallResponse:
        """Have a provider answer a component's method.

        What the result comes from is told beside it, and in it where the caller takes output values.

        Raises:
            PlanError: the provider has no methods.
            ProviderError: the method failed.
        """
        provider = await self._deployment.provider(reference)
        if isinstance(provider, UnconfiguredProvider):
            return provider_pb2.CallResponse()
        if not isinstance(provider, ComponentProvider):
            raise errors.PlanError(f"its provider has no methods, so none named {request.tok}")
        about = self._about
        told = {name: entry.urns for name, entry in request.argDependencies.items()}
        answer = await provider.call(
            provider_pb2.CallRequest(
                tok=request.tok,
                args=request.args,
                argDependencies={
                    name: provider_pb2.CallRequest.ArgumentDependencies(urns=urns)
                    for name, urns in _joined(told, output_values.dependencies_by_property(request.args)).items()
                },
                project=about.project,
                stack=about.stack,
                organization=about.organization,
                config=dict(about.config),
                configSecretKeys=about.secret_keys,
                dryRun=self._deployment.preview,
                parallel=about.parallel,
                monitorEndpoint=await self._endpoint.address(),
                accepts_output_values=True,
                stack_trace_handle=self._positions.hand_over(request),
            )
        )
        return _answered(request, answer)

    def _construct_message(
        self, request: Any, monitor_address: str, providers: dict[str, str]
    ) -> provider_pb2.ConstructRequest:
        about = self._about
        message = provider_pb2.ConstructRequest(
            project=about.project,
            stack=about.stack,
            organization=about.organization,
            config=dict(about.config),
            configSecretKeys=about.secret_keys,
            dryRun=self._deployment.preview,
            parallel=about.parallel,
            monitorEndpoint=monitor_address,
            type=request.type,
            name=request.name,
            parent=request.parent,
            inputs=request.object,
            inputDependencies={
                name: provider_pb2.ConstructRequest.PropertyDependencies(urns=entry.urns)
                for name, entry in request.propertyDependencies.items()
            },
            providers=providers,
            dependencies=request.dependencies,
            aliases=[*(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs), *request.aliases],
            additionalSecretOutputs=request.additionalSecretOutputs,
            deletedWith=request.deletedWith,
            ignoreChanges=request.ignoreChanges,
            replaceOnChanges=request.replaceOnChanges,
            replace_with=request.replace_with,
            accepts_output_values=True,
            stack_trace_handle=self._positions.hand_over(request),
        )
        for option in ("protect", "retainOnDelete"):
            if request.HasField(option):
                setattr(message, option, getattr(request, option))
        if request.deleteBeforeReplaceDefined:
            message.deleteBeforeReplace = request.deleteBeforeReplace
        if request.HasField("replacement_trigger"):
            message.replacement_trigger.CopyFrom(request.replacement_trigger)
        for option, field in (("customTimeouts", message.customTimeouts), ("hooks", message.resource_hooks)):
            if request.HasField(option):
                field.ParseFromString(getattr(request, option).SerializeToString())
        return message


def _answered(request: Any, answer: provider_pb2.CallResponse) -> provider_pb2.CallResponse:
    """A provider's answer as the caller of the method takes it."""
    # `return` is a keyword of Python's, so the field cannot be had by name.
    returned = getattr(answer, "return")
    _check_texts(request, returned)
    told = {name: entry.urns for name, entry in answer.returnDependencies.items()}
    joined = _joined(told, output_values.dependencies_by_property(returned))
    for name, urns in joined.items():
        entry = provider_pb2.CallResponse.ReturnDependencies(urns=urns)
        answer.returnDependencies[name].CopyFrom(entry)
    if request.accept_output_values:
        returned.CopyFrom(output_values.with_dependencies(returned, joined))
    else:
        returned.CopyFrom(output_values.plain(returned))
    return answer


def _check_texts(request: Any, answered: struct_pb2.Struct) -> None:
    """Refuse an answer that the asker cannot read.

    Raises:
        ValueError: a text in it is not UTF-8, and the asker knows no such texts.
    """
    if not request.accepts_byte_string and codec.has_byte_string(wire.read_map(answered)):
        raise ValueError("a property holds text that is not UTF-8, which this SDK does not take")


def _joined(one: Mapping[str, Iterable[str]], other: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {name: sorted({*one.get(name, ()), *other.get(name, ())}) for name in sorted({*one, *other})}
