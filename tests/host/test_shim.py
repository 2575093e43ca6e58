"""What the shim makes cheaper for the SDK it does as the SDK would."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.host.shim import Outstanding, Shared


def test_of_those_that_overlap_the_last_one_out_takes_the_change_back():
    told: list[str] = []

    def make():
        told.append("made")
        return lambda: told.append("taken back")

    shared = Shared(make)
    with shared:
        shared.__enter__()
        shared.__exit__()
        shared.__enter__()
    assert told == ["made"]
    shared.__exit__()

    assert told == ["made", "taken back"]


async def _wait_for_all(outputs) -> None:
    """As the SDK's `wait_for_rpcs` does."""
    while len(outputs) > 0:
        pending = list(outputs)
        outputs.clear()
        done, not_done = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for output in done:
            await output
        for output in not_done:
            outputs.add(output)


def test_however_many_outputs_are_under_way_one_thing_is_waited_for():
    async def run() -> int:
        outputs = Outstanding()
        for _ in range(1000):
            outputs.add(asyncio.get_running_loop().create_future())
        return len(list(outputs))

    assert asyncio.run(run()) == 1


_ENDS = st.lists(
    st.tuples(
        st.sampled_from(["settles", "fails", "is cancelled", "is taken over", "never settles"]), st.integers(0, 3)
    ),
    max_size=12,
)


@given(ends=_ENDS)
def test_outputs_are_waited_for_as_in_a_plain_set(ends):
    assert asyncio.run(_outcome(Outstanding(), ends)) == asyncio.run(_outcome(set(), ends))


async def _outcome(outputs, ends) -> str:
    """What comes of waiting for outputs each of which ends in its own way, after so many turns of the loop."""
    made = []
    for end, turns in ends:
        output = asyncio.ensure_future(_end(end, turns))
        made.append(output)
        outputs.add(output)
        output.add_done_callback(lambda output: _clean_up(outputs, output))
    for (end, _), output in zip(ends, made, strict=True):
        if end == "is taken over":
            outputs.discard(output)
    waiting = asyncio.ensure_future(_wait_for_all(outputs))
    for _ in range(50):
        await asyncio.sleep(0)
    try:
        if not waiting.done():
            return "waits"
        await waiting
    except ZeroDivisionError:
        return "failed"
    except asyncio.CancelledError:
        return "failed"
    else:
        return "done"
    finally:
        for task in (waiting, *made):
            task.cancel()
        await asyncio.gather(waiting, *made, return_exceptions=True)


def _clean_up(outputs, output) -> None:
    # The SDK takes out what has settled well.
    if not output.cancelled() and output.exception() is None:
        outputs.discard(output)


async def _end(end: str, turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    if end in ("never settles", "is taken over"):
        await asyncio.get_running_loop().create_future()
    if end == "fails":
        raise ZeroDivisionError
    if end == "is cancelled":
        raise asyncio.CancelledError


def test_what_was_waited_for_is_no_member_any_more():
    outputs = Outstanding()

    with pytest.raises(KeyError):
        outputs.remove(object())
    assert len(outputs) == 0
