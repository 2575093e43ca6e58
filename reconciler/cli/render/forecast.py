"""How long will a run take, from how long earlier ones took? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from reconciler.cli.render import words

MOST_RUNS: Final = 10
_UNCOUNTED: Final = frozenset({"same", "read"})


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run is expected to do: so many changes, in about so many seconds."""

    changes: int
    total_s: float

    def left(self, done: int, elapsed_s: float) -> str:
        """What to say while the run goes on.

        >>> Forecast(12, 60.0).left(4, 15.0)
        '4 of 12 changes done, about 45s left'
        >>> Forecast(12, 60.0).left(11, 80.0)
        '11 of 12 changes done, longer than earlier runs'
        """
        left_s = self.total_s - elapsed_s
        when = f"about {words.duration(left_s)} left" if left_s > 0 else "longer than earlier runs"
        return f"{min(done, self.changes)} of {self.changes} changes done, {when}"


def forecast(history: Sequence[Mapping[str, object]], kind: str, changes: int) -> Forecast | None:
    """From the records of finished runs, newest first; None where there is nothing to go by.

    The fixed part of a run is what one without changes took at least; the rest is shared by the changes.
    """
    runs = [_run(record) for record in history if record.get("kind") == kind and record.get("result") == "succeeded"]
    fixed_s = min((took_s for many, took_s in runs if not many), default=0.0)
    rates = [max(0.0, took_s - fixed_s) / many for many, took_s in runs if many]
    if not rates or not changes:
        return None
    return Forecast(changes, fixed_s + median(rates) * changes)


def _run(record: Mapping[str, object]) -> tuple[int, float]:
    """How many changes, and how many seconds."""
    changes = record.get("resourceChanges")
    counts = changes if isinstance(changes, Mapping) else {}
    many = sum(count for op, count in counts.items() if op not in _UNCOUNTED and isinstance(count, int))
    start, end = record.get("startTime"), record.get("endTime")
    took = end - start if isinstance(start, int) and isinstance(end, int) else 0
    return many, float(max(0, took))
