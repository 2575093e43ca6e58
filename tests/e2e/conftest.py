"""One sandbox for the whole session, and one stack on it that ten kills could not stop."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from environments import Environment


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    environment = Environment(tmp_path_factory.mktemp("project"))
    environment.prepare()
    up = environment.flowforge("sandbox", "up")
    assert up.code == 0, up.text
    try:
        yield environment
    finally:
        environment.flowforge("sandbox", "down")


@pytest.fixture(scope="session")
def survivor(environment: Environment) -> str:
    """A stack whose first `up` was killed at ten random moments before one was let through."""
    environment.add_stack("survivor")
    moments = random.Random(2026)
    kills = 0
    for _ in range(40):
        if kills == 10:
            break
        # From the first provider call to well into the run; the next one goes on from there.
        kills += environment.killed_after(moments.uniform(1.0, 4.0), "up", "--yes", "--skip-preview", "-s", "survivor")
    finished = environment.pulumi("up", "--yes", "--skip-preview", "--stack", "survivor")
    assert finished.code == 0, finished.text
    return "survivor"
