"""A stack to drive in a test: real programs, the real host and engine, a journal in memory."""

from __future__ import annotations

import asyncio
import contextlib
import textwrap
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from service import Service, ServiceProvider

from reconciler.contract.policies import Analyzer
from reconciler.contract.protocol import Origin, Provider
from reconciler.deploy import doubts, events, operation
from reconciler.deploy.deployment import Deployment
from reconciler.deploy.ledger import Ledger
from reconciler.deploy.options import Kind, RunOptions
from reconciler.deploy.packages import extensions_of
from reconciler.deploy.planning import Planning
from reconciler.deploy.ports import ProviderFactories
from reconciler.deploy.recorder import Recorder
from reconciler.deploy.registry import Registry
from reconciler.deploy.run import Run
from reconciler.host import doors
from reconciler.host import program as host
from reconciler.host.doors import Door
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan import saved
from reconciler.plan.autonaming import NamingRules
from reconciler.state.integrity import violations
from reconciler.state.journals import Entry, replay
from reconciler.state.snapshots import EMPTY_SNAPSHOT, Snapshot

HEADER = """
import pulumi
from pulumi import ResourceOptions as Options

class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("test:index:Thing", name, {"serial": None, "echo": None, **inputs}, opts)

class Unique(pulumi.CustomResource):
    def __init__(self, resource, opts=None, **inputs):
        super().__init__("test:index:Unique", resource, {"serial": None, "echo": None, **inputs}, opts)

class Named(pulumi.CustomResource):
    def __init__(self, resource, opts=None, **inputs):
        super().__init__("test:index:Named", resource, {"name": None, "serial": None, **inputs}, opts)

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Group", name, None, opts)

class TestProvider(pulumi.ProviderResource):
    def __init__(self, name, opts=None, **inputs):
        super().__init__("test", name, inputs, opts)
"""


class Factories:
    def __init__(self, service: Service) -> None:
        self.service = service

    def create(self, origin: Origin) -> Provider:
        return ServiceProvider(self.service)

    async def cancel(self) -> None:
        return None

    async def close(self) -> None:
        return None


class Ticks:
    def __init__(self) -> None:
        self.ticks = 0

    def now(self) -> str:
        self.ticks += 1
        return f"2026-01-01T00:{self.ticks // 60:02}:{self.ticks % 60:02}Z"

    def monotonic_s(self) -> float:
        return float(self.ticks)


class Counted:
    def __init__(self) -> None:
        self.count = 0

    def uuid(self) -> str:
        self.count += 1
        return f"00000000-0000-4000-8000-{self.count:012}"

    def seed(self) -> bytes:
        self.count += 1
        return self.count.to_bytes(32, "big")


@dataclass
class MemoryJournal:
    """Keeps entries; `cut` makes the process "die" before an entry is written."""

    entries: list[Entry] = field(default_factory=list)
    cut: int | None = None
    is_dead: bool = False

    async def durable(self) -> None:
        return None

    def append(self, entry: Entry) -> None:
        if self.is_dead or (self.cut is not None and len(self.entries) >= self.cut):
            self.is_dead = True
            raise Killed
        self.entries.append(entry)


class Killed(Exception):  # noqa: N818  # it is an event, not an error
    """Stands for kill -9: no entry after it is written, so no call after it goes out."""


@dataclass
class Ran:
    """What a run did."""

    events: list[events.Event]
    summary: events.Summary
    snapshot: Snapshot
    plan: saved.Plan

    @property
    def ops(self) -> list[str]:
        """Ops of the steps that people see, in order, the stack itself left out."""
        return [
            f"{event.step.op.value} {urns.name(event.step.urn)}"
            for event in self.events
            if isinstance(event, events.StepDone) and not event.internal and event.step.subject.type != urns.STACK_TYPE
        ]

    @property
    def errors(self) -> list[str]:
        return [
            event.message
            for event in self.events
            if isinstance(event, events.Diagnostic) and event.severity is events.Severity.ERROR
        ]

    @property
    def story(self) -> list[str]:
        """Every event in order, a line each; the stack is called "stack", the default provider by its package."""
        return [_line(event) for event in self.events]

    @property
    def left(self) -> list[str]:
        """What the snapshot says: resources of the program by name and id with their flags, then pending operations."""
        shown = [item for item in self.snapshot.resources if not _is_engines_own(item.urn)]
        return [
            *map(_state, shown),
            *(f"{item.type.value} {_who(item.resource.urn)}" for item in self.snapshot.pending),
        ]

    @property
    def messages(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, events.Diagnostic)]

    def recorded(self, name: str):
        return next(item for item in self.snapshot.resources if urns.name(item.urn) == name and not item.delete)


def _line(event: events.Event) -> str:
    match event:
        case events.Prelude():
            return "prelude"
        case events.StepStarted():
            return f"begin {event.step.op.value} {_who(event.step.urn)}"
        case events.StepDone():
            return f"done {event.step.op.value} {_who(event.step.urn)}"
        case events.StepFailed():
            return f"failed {event.step.op.value} {_who(event.step.urn)}"
        case events.OutputsRegistered():
            return f"outputs {_who(event.recorded.urn)}"
        case events.Diagnostic():
            return f"{event.severity.value} {_who(event.urn)}".rstrip()
        case events.Summary():
            return f"summary {event.result.value}"
        case _:
            return type(event).__name__


def _state(item: Recorded) -> str:
    flags = {
        "delete": item.delete,
        "pendingReplacement": item.pending_replacement,
        "external": item.external,
        "protect": item.protect,
        "taint": item.taint,
        "initErrors": bool(item.init_errors),
    }
    named = f"{_who(item.urn)}={item.id}" if item.custom else _who(item.urn)
    return " ".join([named, *(flag for flag, is_set in flags.items() if is_set)])


def _is_engines_own(urn: str) -> bool:
    token = urns.type_token(urn)
    return token == urns.STACK_TYPE or (urns.is_provider_type(token) and urns.name(urn).startswith("default"))


def assert_told_in_order(told: list[events.Event]) -> None:
    """Every step that began ended once, after it began; the summary comes once, and last."""
    under_way: list[object] = []
    for event in told:
        if isinstance(event, events.StepStarted):
            under_way.append((event.step.op, event.step.urn))
        elif isinstance(event, (events.StepDone, events.StepFailed)):
            under_way.remove((event.step.op, event.step.urn))
    assert under_way == []
    assert [index for index, event in enumerate(told) if isinstance(event, events.Summary)] == [len(told) - 1]


def _who(urn: str) -> str:
    if not urn:
        return ""
    return "stack" if urns.type_token(urn) == urns.STACK_TYPE else urns.name(urn)


class Stack:
    """One stack of one service."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.service = Service()
        self.snapshot = EMPTY_SNAPSHOT
        self.config: dict[str, str] = {}
        self.stop = threading.Event()
        self.plan: saved.Plan | None = None
        self.ids = Counted()
        self.clock = Ticks()
        self.door = Door()
        self.secret_keys: tuple[str, ...] = ()
        self.analyzers: tuple[Analyzer, ...] = ()
        self.naming = NamingRules()

    def amend(self, name: str, *, of_old: bool = False, **fields: object) -> None:
        """Have the stack record something else of a resource, or of its copy that waits for its deletion."""
        resources = tuple(
            replace(item, **fields) if _who(item.urn) == name and item.delete is of_old else item  # type: ignore[arg-type]
            for item in self.snapshot.resources
        )
        self.snapshot = replace(self.snapshot, resources=resources)

    def up(self, program: str, **options: object) -> Ran:
        return self.run(Kind.UPDATE, program, **options)

    def preview(self, program: str, **options: object) -> Ran:
        return self.run(Kind.UPDATE, program, preview=True, **options)

    def refresh(self, **options: object) -> Ran:
        return self.run(Kind.REFRESH, "", **options)

    def destroy(self, **options: object) -> Ran:
        return self.run(Kind.DESTROY, "", **options)

    def run(self, kind: Kind, program: str, *, cut: int | None = None, **options: object) -> Ran:
        (self.folder / "__main__.py").write_text(HEADER + textwrap.dedent(program))
        told: list[events.Event] = []
        journal = MemoryJournal(cut=cut)
        run_options = RunOptions(kind=Kind(kind), **options)  # type: ignore[arg-type]
        base = self.snapshot
        with contextlib.suppress(Killed):
            outcome = asyncio.run(self._execute(run_options, journal, told))
        if journal.is_dead:
            self.snapshot = replay(self._settled, journal.entries)
            assert violations(self.snapshot) == ()
            raise Killed
        if not run_options.preview:
            self.snapshot = outcome.snapshot
            assert replay(self._settled, journal.entries) == outcome.snapshot
        else:
            assert self.snapshot is base
        assert violations(self.snapshot) == ()
        assert_told_in_order(told)
        return Ran(told, outcome.summary, outcome.snapshot, outcome.plan)

    def factories(self, emit) -> ProviderFactories:
        return Factories(self.service)

    async def _execute(self, options: RunOptions, journal: MemoryJournal, told: list[events.Event]):
        factories = self.factories(told.append)

        def registry(snapshot: Snapshot) -> Registry:
            providers = {
                str(urns.ProviderReference(item.urn, item.id)): item
                for item in snapshot.resources
                if urns.is_provider_type(item.type)
            }
            extensions = extensions_of(snapshot.resources)
            return Registry(factories, self._provider_config, self.ids, providers, extensions)

        base = self.snapshot
        if not options.preview:
            settling = registry(base)
            base = await doubts.settle(
                base, settling, told.append, self.clock.now(), adopts_imports=options.kind is Kind.REFRESH
            )
            await settling.close()
        self._settled = base
        run = Run(
            options=options,
            emit=told.append,
            recorder=Recorder(base, None if options.preview else journal),
            ledger=Ledger(base),
            registry=registry(base),
            clock=self.clock,
            ids=self.ids,
            slots=asyncio.Semaphore(options.parallel),
            stop=self.stop,
            planning=Planning(self.ids, self.plan),
            analyzers=self.analyzers,
            naming=self.naming,
        )
        deployment = Deployment(run, project="proj", stack="dev")
        return await operation.execute(run, deployment, self._program(told), base)

    def _program(self, told: list[events.Event]):
        program = host.Program(
            root=self.folder,
            entry=self.folder,
            project="proj",
            stack="dev",
            organization="organization",
            config=self.config,
            secret_keys=self.secret_keys,
            parallel=4,
        )

        async def start(deployment: Deployment) -> None:
            await doors.run(program, deployment, told.append, self.stop, self.door)

        return start

    def _provider_config(self, package: str) -> dict[str, str]:
        prefix = f"{package}:"
        return {key.removeprefix(prefix): value for key, value in self.config.items() if key.startswith(prefix)}
