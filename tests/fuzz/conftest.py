"""Puts the fuzzer's modules, and those of tests/lifecycle that it stands on, on the path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "lifecycle")]
