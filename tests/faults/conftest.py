"""A stack of one's own in a folder or on S3, a service that outlives its runs, and processes that start fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))
sys.path.insert(0, str(Path(__file__).parent))

from clouds import Cloud  # the folders are put on the path above
from lives import Life, Place, in_a_folder, new_life, on_s3
from starting import Starter

IS_WHOLE = os.environ.get("FAULTS") == "all"
"""`make faults` runs every test and goes through every write."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test` has no time for all of it: of what stands here it takes what `sampled` marks."""
    if IS_WHOLE:
        return
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    rest = [item for item in here if "fault" in item.keywords and "sampled" not in item.keywords]
    config.hook.pytest_deselected(items=rest)
    items[:] = [item for item in items if item not in rest]


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    started = Starter()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def other_starter() -> Iterator[Starter]:
    """For a run beside another one."""
    started = Starter()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path_factory.mktemp("cloud"), longest_call_s=0.005, seed="")
    yield cloud
    cloud.stop()


@pytest.fixture
def cloud(served: Cloud) -> Iterator[Cloud]:
    """The service; calls that wait are carried out when the test is over."""
    served.hold()
    yield served
    served.go()
    # A call of a run that was killed must not end in the next stack's life.
    served.rest("")


@pytest.fixture
def folder_place(tmp_path: Path) -> Iterator[Place]:
    with in_a_folder(tmp_path) as place:
        yield place


@pytest.fixture(scope="session")
def s3_place() -> Iterator[Place]:
    with on_s3() as place:
        yield place


@pytest.fixture
def life(tmp_path: Path, folder_place: Place, cloud: Cloud, starter: Starter) -> Life:
    """A stack in a folder, without secrets."""
    return new_life(tmp_path, folder_place, cloud, starter)
