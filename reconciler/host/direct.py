"""The door for a program in this process: a service's coroutines as the methods of a gRPC stub.

The SDK calls a stub's methods from worker threads and waits for them. No socket,
and nothing is serialised.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from reconciler.host.refusals import RefusedError, refusal, unserved


class Direct:
    """Stands for the stub of one service, whose coroutines run on the engine's loop."""

    def __init__(self, service: object, loop: asyncio.AbstractEventLoop) -> None:
        self._service = service
        self._loop = loop

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        serve = getattr(self._service, name, None)

        def call(request: Any) -> Any:
            if serve is None:
                raise unserved(name)
            if self._loop.is_closed():
                # A program that went on after its run was stopped.
                raise RefusedError(grpc.StatusCode.UNAVAILABLE, "the run is over")
            try:
                return asyncio.run_coroutine_threadsafe(serve(request), self._loop).result()
            except Exception as error:
                # The cause stays: the host finds the engine's own error there, and shows that.
                raise refusal(error) from error

        return call
