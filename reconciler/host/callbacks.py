"""Calls back into the program: transforms and hooks are functions of its own, behind a small gRPC service.

A channel per address, made when first needed. The calls are the synchronous
API's futures and not `grpc.aio`: the program serves with `grpc.aio` on its own
event loop, and two loops that share one aio poller wake each other for nothing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.message import Message
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from reconciler import errors
from reconciler.deploy.hooks import ErrorHook, Hook
from reconciler.deploy.migrating import Migration
from reconciler.host.hook_messages import error_request, hook_request
from reconciler.model import codec
from reconciler.model.resources import Recorded
from reconciler.plan.hooks import Occasion
from reconciler.plan.migrations import Migrated
from reconciler.state.resource_records import decode_resource, encode_resource

T = TypeVar("T")

_MOST_BYTES: Final = 400 * 1024 * 1024
_OPTIONS: Final = (("grpc.max_receive_message_length", _MOST_BYTES), ("grpc.max_send_message_length", _MOST_BYTES))


class Callbacks:
    """The program's functions, by address and token."""

    def __init__(self) -> None:
        # gRPC's core says on stderr that a program stopped serving. It reads this when it is first used.
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
        self._channels: dict[str, grpc.Channel] = {}

    async def call(self, callback: callback_pb2.Callback, request: Message, read: Callable[[bytes], T]) -> T:
        """Call one function and wait for its answer.

        Raises:
            ProgramError: it raised, or nobody listens there any more.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[None] = loop.create_future()
        message = callback_pb2.CallbackInvokeRequest(token=callback.token, request=request.SerializeToString())
        try:
            call = self._stub(callback.target).Invoke.future(message)
        except ValueError as error:
            raise errors.ProgramError("its callbacks are not served any more") from error
        call.add_done_callback(lambda _: loop.call_soon_threadsafe(_settle, answered))
        try:
            await answered
            response: callback_pb2.CallbackInvokeResponse = call.result()
        except asyncio.CancelledError:
            call.cancel()
            raise
        except grpc.RpcError:
            raise errors.ProgramError(_without_token(call.details(), callback.token)) from None
        return read(response.response)

    def hook(self, request: resource_pb2.RegisterResourceHookRequest) -> Hook:
        """A registered hook as the engine calls it."""

        async def call(occasion: Occasion) -> str:
            answer = await self.call(
                request.callback, hook_request(occasion), resource_pb2.ResourceHookResponse.FromString
            )
            return answer.error

        return Hook(name=request.name, call=call, on_dry_run=request.on_dry_run, ignore_errors=request.ignore_errors)

    def error_hook(self, request: resource_pb2.RegisterErrorHookRequest) -> ErrorHook:
        """A registered error hook as the engine calls it."""

        async def call(occasion: Occasion) -> bool:
            answer = await self.call(
                request.callback, error_request(occasion), resource_pb2.ErrorHookResponse.FromString
            )
            if answer.error:
                raise errors.ProgramError(answer.error)
            return answer.retry

        return ErrorHook(name=request.name, call=call)

    def migration(self, callback: callback_pb2.Callback) -> Migration:
        """A state migration as the engine calls it; secrets go there and come back readable."""

        async def call(urn: str, olds: tuple[Recorded, ...]) -> Migrated | None:
            state = codec.render_json([encode_resource(resource, None) for resource in olds])
            request = resource_pb2.StateMigrationRequest(urn=urn, old_state=state.encode())
            answer = await self.call(callback, request, resource_pb2.StateMigrationResponse.FromString)
            if not answer.new_state:
                return None
            try:
                return Migrated(_read_records(answer.new_state), dict(answer.successors))
            except errors.CheckpointFormatError as error:
                # The program's answer is at fault, not the state file.
                raise errors.PlanError(f"its state migration is refused: {error.detail}", urn=urn) from error

        return call

    def close(self) -> None:
        """Close the channels; calls fail from now on."""
        for channel in self._channels.values():
            channel.close()

    def _stub(self, target: str) -> Any:
        if target not in self._channels:
            self._channels[target] = grpc.insecure_channel(target, options=_OPTIONS)
        return callback_pb2_grpc.CallbacksStub(self._channels[target])


def _read_records(state: bytes) -> tuple[Recorded, ...]:
    news = codec.parse_json(state)
    if not isinstance(news, list):
        raise errors.CheckpointFormatError("it gives back something else than a list")
    return tuple(decode_resource(new, None) for new in news)


def _settle(answered: asyncio.Future[None]) -> None:
    if not answered.done():
        answered.set_result(None)


def _without_token(details: str | None, token: str) -> str:
    """The program's own words, without the SDK's preface."""
    return (details or "no reason was given").removeprefix(f"Invoke callback {token} error: ").strip()
