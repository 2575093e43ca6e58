"""The `stack` fixture: one stack on one small service, whose runs obey policy packs, each a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))

from stacks import MemoryJournal, Ran, Stack  # the folder is put on the path above

from reconciler.deploy import events
from reconciler.deploy.options import RunOptions
from reconciler.policies.manifests import find_pack
from reconciler.policies.packs import Packs, Surroundings

PACKS = Path(__file__).parent / "packs"


class PolicedStack(Stack):
    """A stack whose runs obey the packs in `folders`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folders: Sequence[Path] = (PACKS / "guard",)
        self.configs: Sequence[Path | None] = ()
        self.tags: Mapping[str, str] = {}

    async def _execute(self, options: RunOptions, journal: MemoryJournal, told: list[events.Event]):
        surroundings = Surroundings(
            project="proj",
            stack="dev",
            organization="organization",
            preview=options.preview,
            config=self.config,
            secret_keys=frozenset(self.secret_keys),
            tags=self.tags,
            environment=os.environ,
        )
        configs = self.configs or [None for _folder in self.folders]
        found = [
            find_pack(folder.name, folder, config, sys.executable)
            for folder, config in zip(self.folders, configs, strict=True)
        ]
        packs = Packs(found, surroundings, lambda _severity, message, _urn: told.append(events.Diagnostic(message)))
        try:
            self.analyzers = await packs.start()
            return await super()._execute(options, journal, told)
        finally:
            await packs.close()


@pytest.fixture
def stack(tmp_path: Path) -> PolicedStack:
    return PolicedStack(tmp_path)


def violations(ran: Ran) -> list[str]:
    """The violations of a run, in order, as `level policy: resource`."""
    return [
        f"{event.violation.level} {event.violation.policy}: {event.urn.rpartition('::')[2]}"
        for event in ran.events
        if isinstance(event, events.PolicyViolated)
    ]


def message_of(ran: Ran, policy: str) -> str:
    """What a policy reported, without its description."""
    event = next(
        event for event in ran.events if isinstance(event, events.PolicyViolated) and event.violation.policy == policy
    )
    return event.violation.message.partition("\n")[2]


def children() -> list[str]:
    """The processes that this one has started and that still run."""
    listed = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "stat=,cmd="], capture_output=True, text=True, check=False
    ).stdout
    return [line for line in listed.splitlines() if "pulumi.policy" in line and not line.startswith("Z")]
