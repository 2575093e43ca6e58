"""`--event-log`: engine events for whoever drives this process, in a file or to a listener."""

from __future__ import annotations

from reconciler import errors
from reconciler.cli.invocation import Invocation
from reconciler.cli.render.jsonview import EventStream
from reconciler.cli.render.views import Display
from reconciler.deploy import events

_LISTENER = "tcp://"


class EventLog:
    """Writes each event to where `--event-log` says.

    Raises:
        UsageError: nobody listens there, or the file cannot be written.
    """

    def __init__(self, invocation: Invocation, place: str, display: Display) -> None:
        if place.startswith(_LISTENER):
            from reconciler.host.event_stream import EventStreamClient  # gRPC, which nothing else here needs

            listener = EventStreamClient(place)
            self._end = listener.close
            write = listener.write
        else:
            try:
                file = (invocation.directory / place).open("a", encoding="utf-8", buffering=1)
            except OSError as error:
                raise errors.UsageError(f"the event log {place} cannot be written: {error.strerror}") from error
            self._end = file.close
            write = file.write  # type: ignore[assignment]  # how much was written is nobody's business
        self._stream = EventStream(display, invocation.redactor, write)

    def emit(self, event: events.Event) -> None:
        """Write one event."""
        self._stream.emit(event)

    def close(self) -> None:
        """Write the last event and let go."""
        self._stream.close()
        self._end()
