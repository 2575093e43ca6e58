"""A benchmark's lines: what was measured against what was promised."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeAlias

Bar: TypeAlias = "tuple[str, float, float]"
"""Name, value, limit."""


def report(bars: Iterable[Bar]) -> int:
    """Print `name  value  limit  ok|miss` as each is measured; 1 when one misses, as an exit code."""
    missed = False
    for name, value, limit in bars:
        verdict = "ok" if value <= limit else "miss"
        missed = missed or verdict == "miss"
        sys.stdout.write(f"{name:54} {value:8.3f}  {limit:8.3f}  {verdict}\n")
        sys.stdout.flush()
    return int(missed)
