"""`make faults KILLS=n`: kills at n random moments of runs, half of them in a folder, half on S3; told as they go.

Each worker lives one stack's life after another; the first broken promise ends all of it, and says how it came to be.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))
sys.path.insert(0, str(FOLDER.parent / "lifecycle"))
sys.path.insert(0, str(FOLDER))

from clouds import Cloud  # noqa: E402  # the folders are put on the path above
from lives import Life, Place, Tally, in_a_folder, on_s3  # noqa: E402  # likewise
from starting import Starter  # noqa: E402  # likewise

TELLS_EVERY_S = 10.0
LONGEST_CALL_S = 0.04


@dataclass
class Kills:
    """So many kills, drawn from a seed."""

    kills: int
    seed: str
    folder: Path
    tally: Tally = field(default_factory=Tally)
    began_s: float = field(default_factory=time.monotonic)
    is_over: threading.Event = field(default_factory=threading.Event)

    def wanted(self) -> bool:
        """Is another one wanted?"""
        return self.tally.kills < self.kills and not self.is_over.is_set()

    def work(self, worker: int, kinds: tuple[str, ...] = ("file", "s3")) -> None:
        """Live lives, on backends in turn, until there were enough kills.

        Raises:
            BrokenPromiseError: see `Life.live`.
        """
        folder = self.folder / str(worker)
        with contextlib.ExitStack() as stack:
            places = itertools.cycle([stack.enter_context(opened(kind, folder / kind)) for kind in kinds])
            cloud = Cloud(folder, longest_call_s=LONGEST_CALL_S, seed=f"{self.seed}-{worker}")
            stack.callback(cloud.stop)
            starter = Starter()
            stack.callback(starter.stop)
            for number in itertools.count():
                if not self.wanted():
                    return
                life_folder = folder / f"life-{number}"
                seed = f"{self.seed}-{worker}-{number}"
                Life(life_folder, next(places), cloud, starter, seed, self.tally, self.wanted).live()
                shutil.rmtree(life_folder)

    def progress(self) -> str:
        """How far it is, and what was found."""
        tally, elapsed_s = self.tally, time.monotonic() - self.began_s
        left_s = elapsed_s * (self.kills - tally.kills) / max(tally.kills, 1)
        how_far = f"{tally.kills:,} of {self.kills:,} kills, {tally.kills / elapsed_s:.2f} a second"
        times = f"{clock(elapsed_s)} so far, {clock(max(left_s, 0))} to go"
        what = f"{tally.runs:,} runs of {tally.lives:,} whole lives"
        left = f"{tally.journals:,} kills left a journal, {tally.in_doubt:,} an operation in doubt"
        return f"{how_far}, {times}; {what}; {left}; {tally.forgotten} objects forgotten, {tally.twice} made twice"


@contextlib.contextmanager
def opened(kind: str, folder: Path) -> Iterator[Place]:
    """A backend of a kind."""
    with in_a_folder(folder) if kind == "file" else on_s3() as place:
        yield place


def clock(seconds: float) -> str:
    """Minutes and seconds.

    >>> clock(75.2)
    '1:15'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def main() -> int:
    """Kill; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", default="", help="the same seed draws the same programs and moments")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    seed = asked.seed or str(time.time_ns() % 1_000_000)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    _tell(f"{asked.kills:,} kills, seed {seed}, {asked.workers} worker(s), in {folder}")
    kills = Kills(asked.kills, seed, folder)
    with ThreadPoolExecutor(asked.workers) as pool:
        waiting: set[Future[None]] = {pool.submit(kills.work, worker) for worker in range(asked.workers)}
        while waiting:
            ended, waiting = wait(waiting, TELLS_EVERY_S, FIRST_COMPLETED)
            for error in filter(None, (future.exception() for future in ended)):
                kills.is_over.set()
                wait(waiting)
                _tell("".join(traceback.format_exception(error)))
                _tell(kills.progress())
                again = f"make faults KILLS={asked.kills} SEED={seed}"
                _tell(f"a promise was broken; what is left of it is in {folder}; the same draws again: {again}")
                return 1
            _tell(kills.progress())
    shutil.rmtree(folder)
    _tell("nothing was forgotten, nothing made twice, and every life ended settled")
    return 0


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
