"""The service that outlives the runs: its process, and what it says exists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.contract.extensions import WATCH_STDIN

FOLDER = Path(__file__).resolve().parent
LIFECYCLE = FOLDER.parent / "lifecycle"


@dataclass
class Inventory:
    """What the service has of one stack, and what it ever made of it.

    Attributes:
        objects: id -> its inputs, of what exists.
        urns, operations: id -> which resource it was made for, by which operation; of all that was ever made.
    """

    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    urns: dict[str, str] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)


class Cloud:
    """A provider's process with objects of its own; engines attach to it."""

    def __init__(self, folder: Path, *, longest_call_s: float, seed: str) -> None:
        self._file = folder / "inventory.jsonl"
        self._file.touch()
        self._go = folder / "go"
        self._begins = 0
        self._log = (folder / "cloud.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, str(FOLDER / "cloud")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={
                **os.environ,
                "PYTHONPATH": str(FOLDER.parents[1]),
                "TEST_INVENTORY": str(self._file),
                "TEST_LIFECYCLE": str(LIFECYCLE),
                "TEST_CALL_S": str(longest_call_s),
                "TEST_SEED": seed,
                # Else a run's Cancel would end it.
                WATCH_STDIN: "1",
            },
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def hold(self) -> None:
        """Calls that wait do so from now on."""
        self._go.unlink(missing_ok=True)

    def go(self) -> None:
        """Calls that wait are carried out."""
        self._go.touch()

    def wait_for_calls(self, count: int) -> None:
        """Return when so many calls were begun in this life, and the last one is under way."""
        deadline_s = time.monotonic() + 60
        while (text := self._read()).count('"begun"') < count or text.count('"ended"') < count - 1:
            assert time.monotonic() < deadline_s, "no call came"
            time.sleep(0.005)

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()

    def begin(self) -> None:
        """Another stack's life begins: what was before it is not read any more."""
        self._begins = self._file.stat().st_size

    def _read(self) -> str:
        with self._file.open("rb") as file:
            file.seek(self._begins)
            return file.read().decode()

    def rest(self, stack: str) -> Inventory:
        """What there is of a stack once every call that was begun is carried out."""
        text = self._read()
        while text.count('"begun"') != text.count('"ended"'):
            time.sleep(0.005)
            text = self._read()
        return self.inventory(stack)

    def inventory(self, stack: str) -> Inventory:
        """What there is of a stack."""
        found = Inventory()
        for line in self._read().splitlines():
            entry = json.loads(line)
            match entry["what"]:
                case "made" if entry["urn"].startswith(f"urn:pulumi:{stack}::"):
                    found.objects[entry["id"]] = entry["inputs"]
                    found.urns[entry["id"]] = entry["urn"]
                    found.operations[entry["id"]] = entry["operation"]
                case "changed" if entry["id"] in found.objects:
                    found.objects[entry["id"]] = entry["inputs"]
                case "removed":
                    found.objects.pop(entry["id"], None)
        return found
