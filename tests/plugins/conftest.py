"""The `stack` fixture: one stack whose providers are plugin processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))

from stacks import Stack  # the folder is put on the path above

from reconciler.contract.protocol import Origin
from reconciler.deploy import events
from reconciler.providers.plugins.connection import Connection
from reconciler.providers.plugins.discovery import DYNAMIC, Found, Places
from reconciler.providers.plugins.engine import Said, Tell
from reconciler.providers.plugins.pool import Plugins
from reconciler.provisioning import diagnosed

LIFECYCLE = Path(__file__).parents[1] / "lifecycle"
SERVED = Path(__file__).parent / "served"


class CountedPlugins(Plugins):
    """Notes every process that is started."""

    def __init__(self, stack: PluginStack, tell: Tell) -> None:
        super().__init__(stack.places, tell, port_timeout_s=stack.port_timeout_s)
        self.stack = stack

    async def start(self, origin: Origin, found: Found) -> Connection:
        connection = await super().start(origin, found)
        self.stack.processes.append(origin.plugin)
        return connection


class PluginStack(Stack):
    """A stack whose providers are found in `places`."""

    def __init__(self, folder: Path, places: Places) -> None:
        super().__init__(folder)
        self.places = places
        self.port_timeout_s = 20.0
        self.processes: list[str] = []

    def factories(self, emit: Callable[[events.Event], None]) -> Plugins:
        def tell(said: Said) -> None:
            if (diagnostic := diagnosed(said)) is not None:
                emit(diagnostic)

        return CountedPlugins(self, tell)

    def _provider_config(self, package: str) -> dict[str, str]:
        return self.config if package == DYNAMIC else super()._provider_config(package)

    def trust_state(self) -> None:
        self.places = replace(self.places, trusts_state=True)


@pytest.fixture
def stack(tmp_path: Path) -> PluginStack:
    program = tmp_path / "program"
    program.mkdir()
    places = Places(
        home=tmp_path / "home",
        program=program,
        environment={
            **os.environ,
            "PULUMI_PROJECT": "proj",
            "TEST_SERVICE": str(tmp_path / "service.json"),
            "TEST_LIFECYCLE": str(LIFECYCLE),
        },
        project_paths={"test": SERVED},
        interpreter=sys.executable,
    )
    return PluginStack(program, places)
