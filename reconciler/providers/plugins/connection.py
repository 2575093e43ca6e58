"""The line to one plugin process: connect, negotiate, call, and tell what a broken call means.

Source: facts/engine-contract.md §7.2.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from reconciler import errors
from reconciler.contract.extensions import OFFERED
from reconciler.contract.protocol import Parameter
from reconciler.providers.plugins.failures import STATUS_DETAILS, Refusal, as_error
from reconciler.providers.plugins.process import PluginProcess

AnswerT = TypeVar("AnswerT", bound=Message)
Metadata = Sequence[tuple[str, str]]
Trailer = dict[str, str | bytes]

UNIMPLEMENTED: Final = grpc.StatusCode.UNIMPLEMENTED.name
_CONNECT_TIMEOUT_S: Final = 10.0
_CANCEL_TIMEOUT_S: Final = 5.0
# A broken line is looked at this long for the death that broke it.
_DEATH_TIMEOUT_S: Final = 2.0
_MESSAGE_BYTES: Final = 400 << 20
CHANNEL_OPTIONS: Final = (
    ("grpc.max_send_message_length", _MESSAGE_BYTES),
    ("grpc.max_receive_message_length", _MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
    # A call that went out is never sent twice behind our back.
    ("grpc.enable_retries", 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was negotiated.

    Attributes:
        names: the plugin takes `pulumi:autonaming`.
        shook_hands: the plugin knows Handshake; else the answer to Configure decides.
        extended: the plugin is one of ours (`contract.extensions`).
        outputs: it takes output values in Construct and Call; `outputs_in_call`, `outputs_in_invoke`,
            `outputs_in_check`: and there.
        byte_strings: it takes texts that are not UTF-8.
    """

    secrets: bool = False
    references: bool = False
    outputs: bool = False
    outputs_in_call: bool = False
    outputs_in_invoke: bool = False
    outputs_in_check: bool = False
    byte_strings: bool = False
    previews: bool = False
    names: bool = False
    shook_hands: bool = False
    extended: bool = False

    @property
    def of_settings(self) -> Terms:
        """The terms of CheckConfig and DiffConfig: plugins get settings in plain there, whatever else they take."""
        return replace(self, secrets=False, references=False)

    def configured(self, answer: provider_pb2.ConfigureResponse) -> Terms:
        """The terms after Configure was answered."""
        if self.shook_hands:
            return self
        return replace(
            self,
            secrets=answer.acceptSecrets,
            references=answer.acceptResources,
            outputs=answer.acceptOutputs,
            previews=answer.supportsPreview,
            names=answer.supports_autonaming_configuration,
        )


class Connection:
    """A plugin that answers. Make it by `connect`."""

    def __init__(self, package: str, address: str, process: PluginProcess | None) -> None:
        self.package = package
        self.terms = Terms()
        self.is_configured = False
        self.users = 0
        self.extensions: set[Parameter] = set()
        self._process = process
        self._channel = grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    @classmethod
    async def connect(
        cls, package: str, port: int, process: PluginProcess | None, *, engine_address: str, folder: Path | None
    ) -> Connection:
        """Connect and shake hands.

        Raises:
            ConfigureError: it does not answer within 10 s, or refuses.
        """
        connection = cls(package, f"127.0.0.1:{port}", process)
        try:
            await connection._wait_for_answer(port)
            if process is None:
                attach = plugin_pb2.PluginAttach(address=engine_address)
                await connection.call("Attach", attach, empty_pb2.Empty)
            await connection._shake_hands(engine_address, folder)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def call(
        self,
        method: str,
        request: Message,
        answer: type[AnswerT],
        *,
        changes: bool = False,
        metadata: Metadata = (),
    ) -> AnswerT:
        """Make a call. `changes`: it may change the object, so that a broken line leaves its outcome open.

        Raises:
            ProviderError: as `failures.as_error` has it.
        """
        return (await self.call_with_trailer(method, request, answer, changes=changes, metadata=metadata))[0]

    async def call_with_trailer(
        self,
        method: str,
        request: Message,
        answer: type[AnswerT],
        *,
        changes: bool = False,
        metadata: Metadata = (),
    ) -> tuple[AnswerT, Trailer]:
        """As `call`, with the answer's trailing metadata."""
        message, trailer = await self._call(method, request, changes=changes, metadata=metadata)
        assert isinstance(message, answer), "the stub reads this message"
        return message, trailer

    async def parameterize(self, parameter: Parameter) -> None:
        """Make the plugin serve another package.

        Raises:
            ConfigureError: it does not take the parameter, or makes something else of it.
        """
        own = provider_pb2.ParameterizeRequest.ParametersValue(
            name=parameter.name, version=parameter.version, value=parameter.value
        )
        request = provider_pb2.ParameterizeRequest(value=own)
        try:
            answer = await self.call("Parameterize", request, provider_pb2.ParameterizeResponse)
        except errors.ProviderError as error:
            detail = f"the plugin of '{self.package}' cannot be made to serve '{parameter.name}': {error.detail}"
            raise errors.ConfigureError(detail, code=error.code) from error
        if answer.name != parameter.name:
            raise errors.ConfigureError(
                f"the plugin of '{self.package}' serves '{answer.name}', not '{parameter.name}'"
            )

    async def cancel(self) -> None:
        """Tell the plugin to end what it has under way; one that is attached to or knows no Cancel goes on."""
        with contextlib.suppress(errors.ProviderError):
            if self._process is not None and not self._process.has_died:
                await self._call("Cancel", empty_pb2.Empty(), changes=False, metadata=(), timeout_s=_CANCEL_TIMEOUT_S)

    async def close(self) -> None:
        """Tell the plugin to end, hang up and see that it ends."""
        await self.cancel()
        await self._channel.close()
        if self._process is not None:
            await self._process.stop()

    async def _call(
        self, method: str, request: Message, *, changes: bool, metadata: Metadata, timeout_s: float | None = None
    ) -> tuple[Message, Trailer]:
        if self._process is not None and self._process.has_died:
            raise errors.ProviderError(f"cannot call {method}: {self._process.last_output()}")
        call = getattr(self._stub, method)(request, metadata=tuple(metadata), timeout=timeout_s)
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            raise as_error(await self._refusal(method, error, changes=changes)) from error
        return cast("Message", answer), dict(await call.trailing_metadata() or ())

    async def _refusal(self, method: str, error: grpc.aio.AioRpcError, *, changes: bool) -> Refusal:
        death = ""
        process = self._process if error.code() is grpc.StatusCode.UNAVAILABLE else None
        if process is not None and await process.wait_s(_DEATH_TIMEOUT_S):
            death = process.last_output()
        status = dict(error.trailing_metadata() or ()).get(STATUS_DETAILS, b"")
        return Refusal(
            method=method,
            code=error.code(),
            message=error.details() or "",
            status=status if isinstance(status, bytes) else b"",
            death=death,
            changes=changes,
        )

    async def _wait_for_answer(self, port: int) -> None:
        ready = self._channel.channel_ready()
        who = f"the plugin of '{self.package}'"
        if self._process is not None:
            if not await self._process.lives_until(ready, _CONNECT_TIMEOUT_S):
                raise errors.ConfigureError(f"{who} does not answer on port {port}; {self._process.last_output()}")
            return
        try:
            await asyncio.wait_for(ready, _CONNECT_TIMEOUT_S)
        except TimeoutError:
            raise errors.ConfigureError(
                f"{who} does not answer on port {port}, which PULUMI_DEBUG_PROVIDERS names for it",
                hint="start it there first, or take it out of PULUMI_DEBUG_PROVIDERS",
            ) from None

    async def _shake_hands(self, engine_address: str, folder: Path | None) -> None:
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine_address,
            configure_with_urn=True,
            supports_views=True,
            supports_refresh_before_update=True,
            invoke_with_preview=True,
            accepts_byte_string=True,
            accepts_outputs_in_invoke=True,
            accepts_outputs_in_call=True,
            accepts_outputs_in_check=True,
        )
        if folder is not None:
            request.root_directory = request.program_directory = str(folder)
        try:
            answer, trailing = await self._call("Handshake", request, changes=False, metadata=())
        except errors.ProviderError as error:
            if error.code == UNIMPLEMENTED:
                return
            raise errors.ConfigureError(error.detail, op="configure", code=error.code) from error
        assert isinstance(answer, provider_pb2.ProviderHandshakeResponse), "the stub reads this message"
        self.terms = Terms(
            secrets=answer.accept_secrets,
            references=answer.accept_resources,
            outputs=answer.accept_outputs,
            outputs_in_call=answer.accepts_outputs_in_call,
            outputs_in_invoke=answer.accepts_outputs_in_invoke,
            outputs_in_check=answer.accepts_outputs_in_check,
            byte_strings=answer.accepts_byte_string,
            previews=True,
            names=answer.supports_autonaming_configuration,
            shook_hands=True,
            extended=OFFERED in trailing,
        )
