"""Faults on purpose: slow statements, refused requests, answers that never arrive."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_KNOBS: Final = frozenset({"latency_ms", "fail_next", "fail_status", "lose_answer_of"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one statement."""

    delay_s: float = 0.0
    status: int | None = None
    cut: bool = False

    async def wait(self) -> None:
        """Be slow."""
        if self.delay_s:
            await asyncio.sleep(self.delay_s)


class Faults:
    """The knobs.

    `latency_ms` for every statement; `fail_next` statements are answered with HTTP `fail_status`;
    the next statement that matches `lose_answer_of` is executed, and its connection dropped.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latency_ms = 0.0
        self._fail_next = 0
        self._fail_status = 503
        self._lose: re.Pattern[str] | None = None

    def set(self, knobs: Mapping[str, Any]) -> None:
        """Turn some knobs.

        Raises:
            ValueError: an unknown knob, or a value that it cannot have.
        """
        if unknown := set(knobs) - _KNOBS:
            raise ValueError(f"unknown knobs {sorted(unknown)}; there are {sorted(_KNOBS)}")
        with self._lock:
            self._latency_ms = float(knobs.get("latency_ms", self._latency_ms))
            self._fail_next = int(knobs.get("fail_next", self._fail_next))
            self._fail_status = int(knobs.get("fail_status", self._fail_status))
            if "lose_answer_of" in knobs:
                pattern = knobs["lose_answer_of"]
                self._lose = re.compile(str(pattern), re.IGNORECASE | re.DOTALL) if pattern else None

    def shown(self) -> dict[str, Any]:
        """How the knobs stand."""
        return {
            "latency_ms": self._latency_ms,
            "fail_next": self._fail_next,
            "fail_status": self._fail_status,
            "lose_answer_of": self._lose.pattern if self._lose is not None else None,
        }

    def next_for(self, sql: str) -> Fault:
        """What happens to this statement; counts down."""
        with self._lock:
            if self._fail_next > 0:
                self._fail_next -= 1
                return Fault(status=self._fail_status)
            cut = self._lose is not None and self._lose.search(sql) is not None
            if cut:
                self._lose = None
            return Fault(delay_s=self._latency_ms / 1000, cut=cut)
