"""Follows a course of calls: makes each, waits where it says to wait, retries what passes with time.

The decisions are the course's (`catalog.calls`); the effects are here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import stamina

from reconciler import errors
from reconciler.catalog.calls import Call, Course, Step, Until
from reconciler.model.values import PropertyMap
from reconciler.providers.aws import refusals
from reconciler.providers.aws.session import Session

T = TypeVar("T")

# A polled answer is asked for at once, then at a pace that costs an account little.
_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
_LONGEST_PAUSE_S: Final = 5.0
_THROTTLED_S: Final = 60.0


async def follow(course: Course[T], session: Session, region: str, timeout_s: float = 0.0) -> T:
    """Run a course to its end and return what it found.

    Args:
        timeout_s: how long one step may be waited for or retried; 0 for the step's own limit.

    Raises:
        ProviderError: as `Session.send`, and PermanentError when a state waited for cannot come
            or TransientError when it did not come in time.
    """
    try:
        step = next(course)
        while True:
            step = course.send(await _take(step, session, region, timeout_s))
    except StopIteration as stop:
        found: T = stop.value
        return found
    finally:
        course.close()


async def _take(step: Step, session: Session, region: str, timeout_s: float) -> PropertyMap | None:
    if isinstance(step, Until):
        return await _wait(step, session, region, timeout_s)
    return await _call(step, session, region, timeout_s)


async def _call(call: Call, session: Session, region: str, timeout_s: float) -> PropertyMap | None:
    limit = timeout_s or (call.retry_s if call.retry else _THROTTLED_S)
    try:
        async for attempt in stamina.retry_context(
            on=lambda error: _passes(error, call), attempts=None, timeout=limit, wait_initial=0.5, wait_max=10.0
        ):
            with attempt:
                return await session.send(call, region)
    except errors.ProviderError as error:
        if any(refusal.matches(error.code, error.detail) for refusal in call.absent):
            return None
        raise
    raise errors.BugError(f"{call.service}.{call.method} was never sent")


def _passes(error: Exception, call: Call) -> bool:
    if not isinstance(error, errors.ProviderError):
        return False
    # boto3 retries throttled calls by itself, but not those that it may send only once.
    throttled = call.once and error.code in refusals.THROTTLED
    return throttled or any(refusal.matches(error.code, error.detail) for refusal in call.retry)


async def _wait(until: Until, session: Session, region: str, timeout_s: float) -> PropertyMap | None:
    loop = asyncio.get_running_loop()
    limit = timeout_s or until.within_s
    deadline, turn = loop.time() + limit, 0
    while True:
        answer = await _call(until.call, session, region, timeout_s)
        if until.done(answer):
            return answer
        reason = until.failed(answer)
        if reason:
            raise errors.PermanentError(reason, code="Unstable")
        if loop.time() >= deadline:
            raise errors.TransientError(f"{until.call.method}: not there after {limit:.0f} s", code="Timeout")
        await asyncio.sleep(_pause_s(turn))
        turn += 1


async def appear(read: Callable[[], Awaitable[PropertyMap | None]], within_s: float) -> PropertyMap | None:
    """Read a new object until it shows, None when it never did."""
    loop = asyncio.get_running_loop()
    deadline, turn = loop.time() + within_s, 0
    while (found := await read()) is None and loop.time() < deadline:
        await asyncio.sleep(_pause_s(turn))
        turn += 1
    return found


def _pause_s(turn: int) -> float:
    return _PAUSES_S[turn] if turn < len(_PAUSES_S) else _LONGEST_PAUSE_S
