"""The `row` fixture: says which row of the contract a case shows."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from contract_rows import ROWS  # the folder is put on the path above


@pytest.fixture
def row(request: pytest.FixtureRequest) -> str:
    assert request.param in ROWS
    return request.param
