"""The door for a program in another process: monitor and engine as gRPC services.

The server lives on the engine's event loop and calls the services' methods there:
as many calls as there are may wait at once, and none needs a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from inspect import isawaitable
from typing import Any, Final

import grpc
import grpc.aio
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from reconciler.host.refusals import refusal, unserved

_MESSAGE_LIMIT_BYTES: Final = 400 * 1024 * 1024
# A call may wait this long for a busy loop before gRPC gives it up.
_UNREQUESTED_S: Final = 30 * 60
# With no grace at all, gRPC writes about it on the standard error of every client.
_LAST_CALLS_S: Final = 1.0
OPTIONS: Final = (
    ("grpc.max_receive_message_length", _MESSAGE_LIMIT_BYTES),
    ("grpc.max_send_message_length", _MESSAGE_LIMIT_BYTES),
    ("grpc.server_max_unrequested_time_in_server", _UNREQUESTED_S),
)
"""Channel options of both sides. Source: facts/engine-contract.md §1."""


@asynccontextmanager
async def serving(monitor: object, engine: object | None = None) -> AsyncIterator[str]:
    """Serve both on one loopback port; gives its address, and ends when every call that began has ended.

    Args:
        monitor, engine: have a method per RPC, plain or a coroutine, named as on the wire. Providers that
            build components know an engine already: for them there is the monitor alone.
    """
    under_way: set[asyncio.Future[Any]] = set()
    server = grpc.aio.server(options=OPTIONS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_servicer(monitor, under_way), server)
    if engine is not None:
        engine_pb2_grpc.add_EngineServicer_to_server(_servicer(engine, under_way), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=_LAST_CALLS_S)
        if under_way:
            await asyncio.wait(under_way)


def _servicer(service: object, under_way: set[asyncio.Future[Any]]) -> Any:
    """What gRPC's generated code registers; it asks for nothing but the methods, by name."""
    return _Servicer(service, under_way)


class _Servicer:
    """Every method of a service, by name; what the service does not have is UNIMPLEMENTED."""

    def __init__(self, service: object, under_way: set[asyncio.Future[Any]]) -> None:
        self._service = service
        self._under_way = under_way

    def __getattr__(self, name: str) -> Callable[[Any, Any], Awaitable[Any]]:
        serve = getattr(self._service, name, None)

        async def answer(request: Any, context: Any) -> Any:
            if serve is None:
                missing = unserved(name)
                return await context.abort(missing.code(), missing.details())
            try:
                answered = serve(request)
                return await self._carried_out(answered) if isawaitable(answered) else answered
            except Exception as error:  # noqa: BLE001  # every error is an answer
                refused = refusal(error)
                await context.abort(refused.code(), refused.details())

        return answer

    async def _carried_out(self, answered: Awaitable[Any]) -> Any:
        work = asyncio.ensure_future(answered)
        self._under_way.add(work)
        work.add_done_callback(self._under_way.discard)
        # gRPC cancels a call whose client is gone. A step that began must still be carried to its end.
        return await asyncio.shield(work)
