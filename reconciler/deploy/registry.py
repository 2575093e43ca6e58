"""The providers of one run: made when first needed, configured once, found by reference.

Provider resources are resources too: towards them the registry acts as the
provider, so that check, diff, create and delete of a provider need no case of
their own in the engine.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from reconciler import errors
from reconciler.contract.protocol import (
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    Diff,
    DiffRequest,
    FindRequest,
    InvokeRequest,
    InvokeResponse,
    Parameter,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)
from reconciler.contract.remote import ExtensibleProvider
from reconciler.deploy.packages import INTERNAL, origin_of
from reconciler.deploy.ports import Ids, ProviderConfig, ProviderFactories
from reconciler.deploy.unconfigured import UnconfiguredProvider
from reconciler.model import urns, values
from reconciler.model.resources import Recorded
from reconciler.model.values import PropertyMap, Value

DISABLED: Final = "disable-default-providers"
"""Key of the stack's config, in the namespace `pulumi`."""


class Registry:
    """Providers by reference; itself the provider of `pulumi:providers:*`."""

    def __init__(
        self,
        factories: ProviderFactories,
        config: ProviderConfig,
        ids: Ids,
        recorded: Mapping[str, Recorded],
        extensions: Mapping[str, Sequence[Parameter]] | None = None,
    ) -> None:
        """Begin with no provider.

        Args:
            recorded: reference -> provider resources of the base snapshot, for what the program does not register.
            extensions: reference -> extensions of its package that recorded resources need.
        """
        self._needed = extensions or {}
        self._extended: dict[tuple[str, Parameter], asyncio.Future[None]] = {}
        self._factories = factories
        self._config = config
        self._ids = ids
        self._recorded = recorded
        self._ready: dict[str, asyncio.Future[Provider]] = {}
        self._superseded: list[asyncio.Future[Provider]] = []
        self._latest: dict[str, str] = {}
        self._inputs: dict[str, PropertyMap] = {}
        self._closing: list[Callable[[], Awaitable[None]]] = []

    async def get(self, reference: str) -> Provider:
        """The configured provider of a reference, of this run or of the recorded state.

        Raises:
            ConfigureError: no such provider, or its settings are refused.
        """
        parsed = urns.parse_reference(reference)
        key = str(parsed) if parsed.id else self._latest.get(parsed.urn, str(parsed))
        if key not in self._ready:
            recorded = self._recorded.get(key)
            if recorded is None:
                raise errors.ConfigureError(f"there is no provider {reference} in this stack", urn=parsed.urn)
            # Only what the program registers is what a reference without an id means.
            await self._install(recorded.urn, recorded.id, self._current_inputs(recorded))
        return await self._ready[key]

    async def extend(self, reference: str, provider: Provider, extension: Parameter) -> None:
        """Have a provider serve an extension of its package; the second time round it does already.

        Raises:
            ConfigureError: it does not take the extension.
        """
        if isinstance(provider, UnconfiguredProvider):
            return
        if not isinstance(provider, ExtensibleProvider):
            raise errors.ConfigureError(f"its provider takes no extensions, so not '{extension.name}'")
        key = (reference, extension)
        if key not in self._extended:
            self._extended[key] = asyncio.ensure_future(provider.extend(extension))
        await asyncio.shield(self._extended[key])

    def inputs(self, reference: str) -> PropertyMap | None:
        """The settings of a provider of this run, else of the recorded state."""
        parsed = urns.parse_reference(reference)
        key = str(parsed) if parsed.id else self._latest.get(parsed.urn, str(parsed))
        if key in self._inputs:
            return self._inputs[key]
        return self._recorded[key].inputs if key in self._recorded else None

    async def install(self, urn: str, id: str, inputs: PropertyMap) -> None:
        """Configure a provider under a reference; with the same settings the first one's outcome holds."""
        self._latest[urn] = str(urns.ProviderReference(urn, id))
        await self._install(urn, id, inputs)

    async def _install(self, urn: str, id: str, inputs: PropertyMap) -> None:
        reference = str(urns.ProviderReference(urn, id))
        earlier = self._inputs.get(reference)
        self._inputs[reference] = inputs
        if reference in self._ready:
            if earlier == inputs:
                await self._ready[reference]
                return
            # State's settings were good for a refresh; from here on the program's hold.
            self._superseded.append(self._ready[reference])
            self._extended = {key: told for key, told in self._extended.items() if key[0] != reference}
        future: asyncio.Future[Provider] = asyncio.get_running_loop().create_future()
        self._ready[reference] = future
        try:
            provider = await self._configured(urn, id, inputs)
            for extension in self._needed.get(reference, ()):
                await self.extend(reference, provider, extension)
            future.set_result(provider)
        except Exception as error:
            # Kept for whoever asks next; read here so that asyncio does not complain when nobody does.
            future.set_exception(error)
            future.exception()
            raise

    def default_inputs(self, package: str, version: str, internal: Value = None) -> PropertyMap:
        """The settings of a package's default provider: its stack configuration.

        Args:
            internal: the engine's own input, as `packages.Package.internal` has it.
        """
        given = {**self._config(package), **({"version": version} if version else {})}
        return {**given, INTERNAL: internal or {}}

    def is_default_disabled(self, package: str) -> bool:
        """Does `pulumi:disable-default-providers` say that resources of a package must name their provider?

        Raises:
            PlanError: the setting is no list of packages.
        """
        text = values.reveal(self._config("pulumi").get(DISABLED))
        if package == "pulumi" or not isinstance(text, str) or not text:
            return False
        try:
            disabled: object = json.loads(text)
        except ValueError:
            disabled = None
        if not isinstance(disabled, list):
            raise errors.PlanError(f"pulumi:{DISABLED} must be a list of packages, or of `*`; it is {text}")
        return package in disabled or "*" in disabled

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        return CheckResponse(inputs=request.news)

    async def diff_config(self, request: DiffRequest) -> Diff:
        return Diff()

    async def configure(self, request: ConfigureRequest) -> None:
        return None

    async def check(self, request: CheckRequest) -> CheckResponse:
        news = {name: value for name, value in request.news.items() if name != INTERNAL}
        provider = self._new(request.token, request.news)
        try:
            response = await provider.check_config(_with(request, news))
        finally:
            await provider.close()
        return CheckResponse(
            inputs={**response.inputs, INTERNAL: request.news.get(INTERNAL) or {}}, failures=response.failures
        )

    async def diff(self, request: DiffRequest) -> Diff:
        provider = self._new(request.token, request.news)
        try:
            return await provider.diff_config(
                DiffRequest(
                    urn=request.urn,
                    token=request.token,
                    id=request.id,
                    old_inputs=_stripped(request.old_inputs),
                    outputs=_stripped(request.outputs),
                    news=_stripped(request.news),
                )
            )
        finally:
            await provider.close()

    async def create(self, request: CreateRequest) -> CreateResponse:
        id = "" if request.preview else self._ids.uuid()
        await self.install(request.urn, id, request.inputs)
        return CreateResponse(id=id, outputs=_stripped(request.inputs))

    async def find(self, request: FindRequest) -> ReadResponse | None:
        return None

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        raise errors.PermanentError("providers cannot be read", urn=request.urn, op="read")

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        await self.install(request.urn, request.id, request.news)
        return UpdateResponse(outputs=_stripped(request.news))

    async def delete(self, request: DeleteRequest) -> None:
        ready = self._ready.pop(str(urns.ProviderReference(request.urn, request.id)), None)
        if ready is not None and ready.done() and ready.exception() is None:
            await ready.result().close()

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        raise errors.PermanentError("providers have no functions", op="invoke")

    async def cancel(self) -> None:
        """The person stopped the run: calls under way may end early, each with an outcome of its own."""
        await self._factories.cancel()

    async def close(self) -> None:
        """Close every provider of the run, and what they shared."""
        for ready in (*self._superseded, *self._ready.values()):
            if ready.done() and ready.exception() is None:
                await ready.result().close()
        await self._factories.close()
        while self._closing:
            await self._closing.pop()()

    def on_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have something closed after the providers, which may need it to their end."""
        self._closing.append(close)

    async def _configured(self, urn: str, id: str, inputs: PropertyMap) -> Provider:
        if values.has_unknown(inputs):
            return UnconfiguredProvider()
        provider = self._new(urns.type_token(urn), inputs)
        await provider.configure(ConfigureRequest(urn=urn, id=id, inputs=_stripped(inputs)))
        return provider

    def _new(self, token: str, inputs: PropertyMap) -> Provider:
        return self._factories.create(origin_of(urns.package(token), inputs))

    def _current_inputs(self, recorded: Recorded) -> PropertyMap:
        # A default provider has no settings but the stack's configuration, and that is newer than state.
        if not re.match(r"default(_|$)", urns.name(recorded.urn)):
            return recorded.inputs
        version = recorded.inputs.get("version")
        package = urns.package(recorded.type)
        return self.default_inputs(package, version if isinstance(version, str) else "", recorded.inputs.get(INTERNAL))


def _stripped(inputs: PropertyMap) -> PropertyMap:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}


def _with(request: CheckRequest, news: PropertyMap) -> CheckRequest:
    olds = None if request.olds is None else _stripped(request.olds)
    return CheckRequest(
        urn=request.urn,
        token=request.token,
        name=request.name,
        news=news,
        olds=olds,
        seed=request.seed,
        preview=request.preview,
    )
