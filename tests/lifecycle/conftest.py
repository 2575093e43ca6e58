"""The `stack` fixture: one stack on one small service."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# What the fuzzer prints stands on its modules.
sys.path.append(str(Path(__file__).parents[1] / "fuzz"))

from stacks import Stack  # the folder is put on the path above


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return Stack(tmp_path)
