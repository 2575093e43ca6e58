"""Packs as processes: what is asked of which, and what one that does not start means for all."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import PACKS, children, violations  # the folder is put on the path above

from reconciler import errors
from reconciler.contract.policies import Sort
from reconciler.deploy import events
from reconciler.policies.manifests import Pack, find_pack
from reconciler.policies.packs import Packs, Surroundings

pytestmark = pytest.mark.slow

SURROUNDINGS = Surroundings(
    project="proj",
    stack="dev",
    organization="organization",
    preview=True,
    config={},
    secret_keys=frozenset(),
    tags={},
    environment=os.environ,
)


def written(folder: Path, main: str) -> Pack:
    """A pack with this program."""
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(main)
    return find_pack(folder.name, folder, None, sys.executable)


async def started(packs: Sequence[Pack]) -> list[str]:
    """Start the packs and end them; their names."""
    running = Packs(packs, SURROUNDINGS, lambda _severity, _message, _urn: None)
    try:
        return [pack.info.name for pack in await running.start()]
    finally:
        await running.close()


def test_a_pack_of_an_old_sdk_is_asked_what_it_knows(stack):
    stack.folders = (PACKS / "old",)

    ran = stack.preview('Thing("a")')

    assert ran.summary.result is events.Result.SUCCEEDED, ran.errors
    assert sorted(violations(ran)) == ["advisory sees: a", "advisory sees: default", "advisory sees: proj-dev"]
    (pack,) = ran.summary.packs
    assert (pack.version, [policy.sort for policy in pack.policies]) == ("0.1.0", [Sort.UNKNOWN])


@pytest.mark.parametrize(
    ("main", "problem"),
    [
        ("print('hello')\n", "it wrote an invalid port to stdout: 'hello'"),
        ("import sys; sys.exit(0)\n", "it exited with 0"),
    ],
)
def test_a_pack_that_does_not_start_takes_the_others_with_it(tmp_path, main, problem):
    old = find_pack("old", PACKS / "old", None, sys.executable)

    with pytest.raises(errors.PolicyPackError) as refused:
        asyncio.run(started([old, written(tmp_path / "bad", main)]))

    assert refused.value.pack == "bad"
    assert problem in refused.value.detail
    assert children() == []


def test_a_pack_that_takes_no_config_is_given_none(tmp_path):
    levels = tmp_path / "levels.json"
    levels.write_text('{"all": "mandatory"}')

    with pytest.raises(errors.PolicyPackError, match="policy pack 'old': it does not support config"):
        asyncio.run(started([find_pack("old", PACKS / "old", levels, sys.executable)]))

    assert children() == []
