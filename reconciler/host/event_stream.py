"""Sends engine events to a program that listens for them, as the Automation API does.

`--event-log tcp://host:port` names a server of `pulumirpc.Events`; each event is
one JSON text. What a listener misses is lost: the run does not wait for it.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Final

import grpc
from pulumi.runtime.proto import events_pb2, events_pb2_grpc

from reconciler import errors

SCHEME: Final = "tcp://"
_CONNECT_TIMEOUT_S: Final = 10.0
_END_TIMEOUT_S: Final = 10.0


class EventStreamClient:
    """One stream to one listener; `close` returns when the listener has read all of it.

    Raises:
        UsageError: nobody listens there.
    """

    def __init__(self, address: str) -> None:
        self._texts: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._channel = grpc.insecure_channel(address.removeprefix(SCHEME))
        try:
            grpc.channel_ready_future(self._channel).result(timeout=_CONNECT_TIMEOUT_S)
        except grpc.FutureTimeoutError as error:
            self._channel.close()
            raise errors.UsageError(f"nobody listens for events at {address}") from error
        self._call = events_pb2_grpc.EventsStub(self._channel).StreamEvents.future(self._requests())

    def write(self, text: str) -> None:
        """Send one event; thread-safe, does not wait."""
        self._texts.put(text)

    def close(self) -> None:
        """End the stream."""
        self._texts.put(None)
        try:
            self._call.result(timeout=_END_TIMEOUT_S)
        except (grpc.RpcError, grpc.FutureTimeoutError):
            # The listener stops at the last event and may be gone before it answers: all is said.
            self._call.cancel()
        finally:
            self._channel.close()

    def _requests(self) -> Iterator[events_pb2.EventRequest]:
        while (text := self._texts.get()) is not None:
            yield events_pb2.EventRequest(event=text)
