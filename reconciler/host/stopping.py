"""How a program's end is waited for, and how it is brought about when the person stops the run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Final

from reconciler import errors
from reconciler.deploy.deployment import Deployment

_LOOK_EVERY_S: Final = 0.1
GRACE_S: Final = 5.0
"""How long a program may take to end after it was told to."""


async def wait_for_end(
    outcome: asyncio.Future[Any],
    deployment: Deployment,
    stop: threading.Event,
    interrupt: Callable[[], Awaitable[None]],
) -> None:
    """Wait until the program ended and all that it registered was answered.

    When `stop` is set first, what is under way is finished, then the program is interrupted.

    Raises:
        CancelledError: it was stopped, and still runs after the grace.
    """
    while not outcome.done():
        await asyncio.wait({outcome}, timeout=_LOOK_EVERY_S)
        if stop.is_set() and not outcome.done():
            await deployment.settle()
            await interrupt()
            await asyncio.wait({outcome}, timeout=GRACE_S)
            break
    # A program that failed may have left registrations behind: what was begun is finished before the run ends.
    await deployment.settle()
    if not outcome.done():
        raise errors.CancelledError("the program was still running")


async def leave_alone() -> None:
    """Interrupt nothing: the program hears of the stop when it registers again."""
