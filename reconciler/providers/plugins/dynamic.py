"""Dynamic providers: code that the program pickled into the input `__provider`.

A pickle is code. What the program sends in this run is its own; what comes from
state alone is run only when the project opted in. Where state holds another
version than the program (the code changed), the program's own version works.

Source: facts/engine-contract.md §7.4.
"""

from __future__ import annotations

from dataclasses import replace
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
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)
from reconciler.model import values
from reconciler.model.values import PropertyMap
from reconciler.providers.plugins.discovery import TRUST_OPTION, TRUST_VARIABLE

PICKLE: Final = "__provider"


class Trust:
    """Which pickles may be run: those that the program sent in this run, or all."""

    def __init__(self, *, trusts_state: bool) -> None:
        self._trusts_state = trusts_state
        self._sent: set[str] = set()
        self._by_urn: dict[str, values.Value] = {}

    def sent(self, urn: str, properties: PropertyMap) -> None:
        """The program sent these inputs."""
        code = values.reveal(properties.get(PICKLE))
        if isinstance(code, str):
            self._sent.add(code)
            self._by_urn[urn] = properties[PICKLE]

    def admit(self, urn: str, op: str, properties: PropertyMap) -> PropertyMap:
        """Recorded properties whose code may be run.

        Raises:
            PermanentError: their code is from state alone, and the project did not opt in.
        """
        code = values.reveal(properties.get(PICKLE))
        if self._trusts_state or not isinstance(code, str) or code in self._sent:
            return properties
        if urn in self._by_urn:
            return {**properties, PICKLE: self._by_urn[urn]}
        raise errors.PermanentError(
            "this dynamic resource's provider is code that was pickled into the state, and the program did not send it",
            urn=urn,
            op=op,
            hint="a refresh or destroy with --run-program has the program send it;"
            f" to run code from the state, set `runtime: {{name: python, options: {{{TRUST_OPTION}: true}}}}`"
            f" in Pulumi.yaml, or {TRUST_VARIABLE}=1 for one run; only do so when nobody else can write the state",
        )


class DynamicProvider:
    """The provider of `pulumi-python`, guarded."""

    def __init__(self, provider: Provider, trust: Trust) -> None:
        self._provider = provider
        self._trust = trust

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        return await self._provider.check_config(request)

    async def diff_config(self, request: DiffRequest) -> Diff:
        return await self._provider.diff_config(request)

    async def configure(self, request: ConfigureRequest) -> None:
        await self._provider.configure(request)

    def hears(self, urn: str, inputs: PropertyMap) -> None:
        """The program sends a resource's code in a run that only listens: it may be run to read or delete it."""
        self._trust.sent(urn, inputs)

    async def check(self, request: CheckRequest) -> CheckResponse:
        self._trust.sent(request.urn, request.news)
        if request.olds is not None and _is_open(request.news):
            request = replace(request, olds=self._trust.admit(request.urn, "check", request.olds))
        return await self._provider.check(request)

    async def diff(self, request: DiffRequest) -> Diff:
        # Of two versions the plugin runs the new one. That, too, may be a recorded one: when it is asked what would
        # become of a resource if another were replaced.
        if _is_open(request.news):
            return await self._provider.diff(
                replace(request, outputs=self._trust.admit(request.urn, "diff", request.outputs))
            )
        news = self._trust.admit(request.urn, "diff", request.news)
        return await self._provider.diff(replace(request, news=news))

    async def create(self, request: CreateRequest) -> CreateResponse:
        return await self._provider.create(request)

    async def find(self, request: FindRequest) -> ReadResponse | None:
        return await self._provider.find(request)

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        inputs = self._trust.admit(request.urn, "read", request.inputs)
        outputs = self._trust.admit(request.urn, "read", request.outputs)
        return await self._provider.read(replace(request, inputs=inputs, outputs=outputs))

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        return await self._provider.update(request)

    async def delete(self, request: DeleteRequest) -> None:
        outputs = self._trust.admit(request.urn, "delete", request.outputs)
        await self._provider.delete(replace(request, outputs=outputs))

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        return await self._provider.invoke(request)

    async def close(self) -> None:
        await self._provider.close()


def _is_open(news: PropertyMap) -> bool:
    return values.has_unknown(news.get(PICKLE))
