"""`make fuzz`: many cases, on every core that is free, told as they go; the first broken promise ends it.

Cases come in batches, each with a seed of its own, so that memory stays flat and a batch can be run again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "lifecycle"), str(FOLDER.parents[1])]

BATCH = 200
TELLS_EVERY_S = 5.0


@dataclass(frozen=True)
class Batch:
    """Cases that one process runs in one go."""

    seed: str
    cases: int


@dataclass(frozen=True)
class Outcome:
    """How a batch ended; `failure` is "" or the broken promise, `test` the case as a test."""

    batch: Batch
    cases: int
    failure: str = ""
    test: str = ""


def run(batch: Batch) -> Outcome:
    """Draw the cases of a batch and see that their promises are kept."""
    from cases import Case
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from promises import READY_MADE, keep
    from strategies import cases

    count = 0

    @seed(batch.seed)
    @settings(
        max_examples=batch.cases,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=(Phase.generate, Phase.shrink),
    )
    @given(case=cases())
    def every_promise_is_kept(case: Case) -> None:
        nonlocal count
        count += 1
        keep(case)

    try:
        every_promise_is_kept()
    except BaseException as error:  # noqa: BLE001  # whatever it is, it is what was looked for
        told = [note for note in getattr(error, "__notes__", ()) if note.startswith(READY_MADE)]
        test = told[-1].removeprefix(READY_MADE) if told else ""
        return Outcome(batch, count, "".join(traceback.format_exception(error)), test)
    return Outcome(batch, count)


def batches(cases: int, seed: str) -> Iterator[Batch]:
    """Batches that make up so many cases."""
    for number, begun in enumerate(range(0, cases, BATCH)):
        yield Batch(f"{seed}-{number}", min(BATCH, cases - begun))


def free_cores() -> int:
    """How many cores have nothing to do, one at least."""
    return max(1, (os.cpu_count() or 1) - round(os.getloadavg()[0]))


def progress(done: int, cases: int, elapsed_s: float) -> str:
    """How far it is.

    >>> progress(2500, 10000, 50.0)
    '2,500 of 10,000 cases, 50 a second, 0:50 so far, 2:30 to go'
    """
    left_s = elapsed_s * (cases - done) / max(done, 1)
    times = f"{_clock(elapsed_s)} so far, {_clock(left_s)} to go"
    return f"{done:,} of {cases:,} cases, {done / elapsed_s:.0f} a second, {times}"


def main() -> int:
    """Run the batches; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", default="", help="the same seed draws the same cases; by default another each time")
    parser.add_argument("--processes", type=int, default=0, help="by default as many as cores are free")
    asked = parser.parse_args()
    seed = asked.seed or str(time.time_ns() % 1_000_000)
    processes = asked.processes or free_cores()
    _tell(f"{asked.cases:,} cases, seed {seed}, {processes} process(es)")
    began_s = told_s = time.monotonic()
    done = 0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        waiting: set[Future[Outcome]] = {pool.submit(run, batch) for batch in batches(asked.cases, seed)}
        while waiting:
            ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for outcome in (future.result() for future in ended):
                if outcome.failure:
                    pool.shutdown(wait=False, cancel_futures=True)
                    _tell(outcome.failure)
                    _tell(f"a promise was broken; the same cases again: make fuzz CASES={asked.cases} SEED={seed}")
                    return 1
                done += outcome.batch.cases
            now_s = time.monotonic()
            if now_s - told_s >= TELLS_EVERY_S or not waiting:
                told_s = now_s
                _tell(progress(done, asked.cases, now_s - began_s))
    _tell("every promise was kept")
    return 0


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


if __name__ == "__main__":
    sys.exit(main())
