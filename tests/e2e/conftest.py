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
    """A stack whose first `up` was killed ten times, each time a random stretch further on."""
    environment.add_stack("survivor")
    stretches = random.Random(2026)
    killed = [environment.killed_at(stretches.randint(1, 10), stretches.random() < 0.5, "survivor") for _ in range(10)]
    assert all(killed), "the stack has too few resources for ten kills: make the stretches shorter"
    finished = environment.pulumi("up", "--yes", "--skip-preview", "--stack", "survivor")
    assert finished.code == 0, finished.text
    return "survivor"
