"""Ctrl-C: once to stop well, twice to stop now."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

_MESSAGE = (
    "^C received; no new operation begins, those under way finish and the state is saved."
    " ^C again to terminate at once (operations under way are then in doubt)."
)


@contextmanager
def graceful(
    stop: threading.Event, warn: Callable[[str], None], at_once: Sequence[Callable[[], None]] = ()
) -> Iterator[None]:
    """While inside, the first SIGINT or SIGTERM sets `stop` and the second ends the process.

    What was in doubt then stays in the journal, and the next run looks.

    Args:
        at_once: called before the process ends so, for what would outlive it.
    """

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            for last in at_once:
                last()
            # Restored and sent anew, so that the parent sees which signal ended us.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        stop.set()
        warn(_MESSAGE)

    if threading.current_thread() is not threading.main_thread():
        # Only the main thread may set handlers: an embedding program keeps its own.
        yield
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
