"""Answers reach the program one after another, and the engine has its turn between them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from reconciler.host.direct import Answers


@pytest.fixture
def engine() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _program(answers: Answers, engine: asyncio.AbstractEventLoop, count: int) -> list[str]:
    """A program that gets answers all at once, and takes some turns of its loop to register what waits for each."""
    told: list[str] = []

    async def take_in(number: int) -> None:
        told.append(f"{number} given")
        for _ in range(10):
            await asyncio.sleep(0)
        told.append(f"{number} registers")
        if not engine.is_closed():
            engine.call_soon_threadsafe(told.append, f"{number} reaches the engine")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[None]] = []
        for number in range(count):
            answers.add(lambda number=number: tasks.append(loop.create_task(take_in(number))), loop)
        while len(tasks) < count or not all(task.done() for task in tasks):
            await asyncio.wait(tasks) if tasks else await asyncio.sleep(0)

    asyncio.run(main())
    return told


def test_what_came_of_an_answer_reaches_the_engine_before_the_next_one_is_given(engine):
    told = _program(Answers(engine), engine, 3)

    steps = [f"{number} {step}" for number in range(3) for step in ("given", "registers", "reaches the engine")]
    # The program does not wait for the last one.
    assert told[:8] == steps[:8]


def test_of_many_answers_the_first_ones_get_through_before_the_last_are_given(engine):
    told = _program(Answers(engine), engine, 100)

    assert told.index("0 reaches the engine") < told.index("50 given")
    assert [step for step in told if step.endswith("given")] == [f"{number} given" for number in range(100)]


def test_a_program_that_outlives_its_run_gets_what_was_answered(engine):
    answers = Answers(engine)
    engine.call_soon_threadsafe(engine.stop)
    while engine.is_running():
        pass
    engine.close()

    told = _program(answers, engine, 8)

    assert told.count("7 registers") == 1
