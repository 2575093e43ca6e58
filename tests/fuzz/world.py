"""A case come true: a stack and its service, the operation and how it ended."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cases import PROJECT, STACK, Asked, Case, Fault
from inventory import STRANGERS, Change, Factories, Inventory
from played import Played, program_urns
from stacks import Killed, MemoryJournal, Stack
from standing import SnapshotBuilder

from reconciler.deploy import events
from reconciler.deploy.deployment import Deployment
from reconciler.deploy.options import Kind, RunOptions
from reconciler.host.about import About
from reconciler.host.monitor import Monitor
from reconciler.model import urns
from reconciler.state import journal_records
from reconciler.state.journals import Entry, replay
from reconciler.state.snapshots import Snapshot


class Scrambled:
    """A cipher that costs nothing; no secret is readable in what it gives."""

    def encrypt(self, plaintext: str, place: object = ()) -> str:
        return plaintext.encode().hex()

    def decrypt(self, ciphertext: str) -> str:
        return bytes.fromhex(ciphertext).decode()

    def remember(self, place: object, plaintext: str, ciphertext: str) -> None:
        return None


@dataclass
class FileJournal(MemoryJournal):
    """A journal as a file has it: the bytes of its entries, the last one torn where the process died.

    `stop` is set, as by a person, when `stopped` entries are written.
    """

    torn: int = 0
    content: bytes = b""
    stopped: int | None = None
    stop: threading.Event = dataclasses.field(default_factory=threading.Event)

    def append(self, entry: Entry) -> None:
        line = journal_records.render_entry(entry, Scrambled())
        try:
            super().append(entry)
        except Killed:
            if not self.content.endswith(b"\n"):
                raise
            self.content += line[: min(self.torn, len(line) - 1)]
            raise
        self.content += line
        if self.stopped is not None and len(self.entries) >= self.stopped:
            self.stop.set()

    def begin(self) -> None:
        self.content = journal_records.render_header(journal_records.Header(base=""))


@dataclass
class Ended:
    """How one operation ended."""

    told: list[events.Event]
    died: bool
    base: Snapshot
    entries: tuple[Entry, ...]
    content: bytes
    changes: tuple[Change, ...]
    asked: Asked
    never_declared: dict[str, frozenset[str]]

    @property
    def errors(self) -> list[str]:
        """What went wrong, in words."""
        return [
            f"{urns.name(event.urn) if event.urn else ''}: {event.message}"
            for event in self.told
            if isinstance(event, events.Diagnostic) and event.severity is events.Severity.ERROR
        ]

    @property
    def ops(self) -> list[str]:
        """Ops of the steps, the engine's own left out."""
        return [
            f"{event.step.op.value} {urns.name(event.step.urn)}"
            for event in self.told
            if isinstance(event, events.StepDone) and not event.internal
        ]


class World(Stack):
    """One stack and its service, as a case has them."""

    service: Inventory

    def __init__(self, case: Case) -> None:
        super().__init__(Path("/"))
        self.case = case
        self.service = Inventory()
        for number, id in enumerate(STRANGERS):
            self.service.objects[id] = {"size": number, "zone": "x", "serial": -number}
        self.service.serial = len(case.records)
        self.urns: dict[str, list[str]] = {}
        self._builder = SnapshotBuilder(self.service)
        self.snapshot = self._builder.build(case.records)
        self._note_names()
        self._raises: int | None = None
        self._never_declared: dict[str, frozenset[str]] = {}

    def carry_out_case(self) -> Ended:
        """Run the operation of the case, with all that goes wrong in it."""
        case = self.case
        self._raises = case.raises
        journal = FileJournal(cut=case.cut, torn=case.torn, stopped=case.stopped)
        ended = self.carry_out(case.asked, case.faults, journal)
        self._raises = None
        return ended

    def carry_out(self, asked: Asked, faults: Sequence[Fault] = (), journal: FileJournal | None = None) -> Ended:
        """Run an operation with the case's program."""
        self.service.faults = {(fault.verb, fault.name): fault.how for fault in faults}
        self.service.changes.clear()
        told: list[events.Event] = []
        journal = journal or FileJournal()
        journal.begin()
        self.stop = journal.stop
        base = self.snapshot
        self._never_declared = {}
        options = self._options(asked)
        died = False
        try:
            outcome = asyncio.run(self._execute(options, journal, told))
        except Killed:
            died = True
        died = died or journal.is_dead
        if not asked.preview:
            self.snapshot = replay(self._settled, journal.entries) if died else outcome.snapshot
        return Ended(
            told,
            died,
            base if asked.preview else self._settled,
            tuple(journal.entries),
            journal.content,
            tuple(self.service.changes),
            asked,
            self._never_declared,
        )

    def plan_ahead(self, asked: Asked) -> bool:
        """Have the next run held to what its preview says now; says whether the preview found nothing wrong."""
        self.service.faults = {}
        options = self._options(dataclasses.replace(asked, preview=True))
        outcome = asyncio.run(self._execute(options, FileJournal(), []))
        self.plan = outcome.plan
        return outcome.summary.result is events.Result.SUCCEEDED

    def factories(self, emit: object) -> Factories:
        return Factories(self.service)

    def _program(self, told: list[events.Event]):
        async def start(deployment: Deployment) -> None:
            about = About(
                organization="organization", project=PROJECT, stack=STACK, root=self.folder, folder=self.folder,
                config={}, secret_keys=(), parallel=16,
            )  # fmt: skip
            played = Played(Monitor(deployment, about), self.case.program, preview=deployment.preview)
            self._never_declared = played.never_declared
            await played.run(raises=self._raises)

        return start

    def _options(self, asked: Asked):
        return RunOptions(
            kind=Kind(asked.kind),
            preview=asked.preview,
            parallel=asked.parallel,
            refresh=asked.refresh,
            continue_on_error=asked.continue_on_error,
            targets=self.named(asked.targets),
            excludes=self.named(asked.excludes),
            with_dependents=asked.with_dependents,
            replace=self.named(asked.replace),
            runs_program=asked.runs_program,
        )

    def named(self, names: Sequence[str]) -> tuple[str, ...]:
        """Every URN that these names have in the snapshot and in the program."""
        return tuple(urn for name in names for urn in self.urns.get(name, ()))

    def _note_names(self) -> None:
        for name, urn in (*self._builder.named, *program_urns(self.case.program).items()):
            if urn not in self.urns.setdefault(name, []):
                self.urns[name].append(urn)
