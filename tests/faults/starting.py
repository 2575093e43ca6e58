"""Processes of `pulumi`, each forked from one that has imported it all: a start of Python costs more than a run."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent
RUNNING: Final = -1000


class Starter:
    """Starts runs one after another; not for two threads."""

    def __init__(self, *within: str) -> None:
        """Args: within: a command that the starter is started by, such as `unshare`."""
        self._process = subprocess.Popen(
            [*within, sys.executable, str(FOLDER / "starter.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, "PYTHONPATH": str(FOLDER.parents[1])},
        )
        self._lines: list[bytes] = [b""]
        self._is_ready = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def start(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, **wrong: object
    ) -> Started:
        """Start a run; the one before must have ended. `wrong`: see `starter`."""
        asked = {
            "arguments": [*arguments],
            "folder": str(folder),
            "environment": {**environment},
            "log": str(log),
            **wrong,
        }
        assert self.is_ready(), "the starter has ended"
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        assert self.has_answer(60), "the starter does not answer"
        return Started(self, self.answer(), log)

    def is_ready(self) -> bool:
        """Has it started, rather than ended?"""
        assert self._process.stdout is not None
        self._is_ready = self._is_ready or os.read(self._process.stdout.fileno(), 1) == b"\n"
        return self._is_ready

    def has_answer(self, wait_s: float) -> bool:
        """Is there a whole line, within so many seconds?"""
        assert self._process.stdout is not None
        while len(self._lines) == 1 and select.select([self._process.stdout], [], [], wait_s)[0]:
            part = os.read(self._process.stdout.fileno(), 4096)
            assert part, "the starter has ended"
            self._lines[-1:] = (self._lines[-1] + part).split(b"\n")
        return len(self._lines) > 1

    def answer(self) -> int:
        """The next line."""
        return int(self._lines.pop(0))

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass
class Started:
    """A run under way, then ended with `code`."""

    starter: Starter
    pid: int
    log: Path
    code: int = RUNNING

    def has_ended(self, wait_s: float = 0.0) -> bool:
        if self.code == RUNNING and self.starter.has_answer(wait_s):
            self.code = os.waitstatus_to_exitcode(self.starter.answer())
        return self.code != RUNNING

    def kill(self) -> None:
        """As `kill -9` does; an end of its own in this very moment counts as that."""
        if not self.has_ended():
            os.kill(self.pid, signal.SIGKILL)
            self.has_ended(60)

    @property
    def text(self) -> str:
        """What it said."""
        return self.log.read_text(errors="replace")
