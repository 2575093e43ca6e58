"""The life of a stack whose runs are killed: create, change, read and destroy it, and look after each death.

What must hold after a kill: each object of the service is in the state, or its create is among the operations in
doubt. What must hold once a run came to its end: state, service and program agree, and two more runs change nothing.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from clouds import Cloud
from programs import Program, versions
from starting import Started, Starter

from reconciler.backend.addresses import open_backend
from reconciler.backend.references import StackReference
from reconciler.model.resources import PendingType
from reconciler.state.integrity import violations
from reconciler.state.secrets import KeySecrets, open_passphrase_secrets
from reconciler.state.snapshots import Snapshot

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "shop"
PASSPHRASE = "opensesame"
# A salt that the passphrase fits.
SALT = "v1:AAECAwQFBgc=:v1:AAECAwQFBgcICQoL:kgnnlcYFS/Dkoq0dxFzyob4AA6pcOQ=="
CUSTOM = ("test:index:Thing", "test:index:Unique")
RUN_TIMEOUT_S = 120.0
_NUMBERS = itertools.count(1)


class BrokenPromiseError(AssertionError):
    """Something was forgotten, made twice, or not settled."""


@dataclass
class Tally:
    """What was counted over many lives.

    Attributes:
        journals: kills that left a journal behind.
        in_doubt: kills that left an operation of which nobody knows the outcome.
    """

    kills: int = 0
    runs: int = 0
    lives: int = 0
    journals: int = 0
    in_doubt: int = 0
    forgotten: int = 0
    twice: int = 0


@dataclass
class Place:
    """A backend for lives, and how to see that a run has its lock.

    Attributes:
        watch: stack -> a function that says whether that stack's lease was written since.
        stumble: has requests to the bucket go wrong, as `S3Service.fault` says; None for no more.
        seen_url: where this process sees it, if elsewhere than runs do.
        longest_s: verb -> how long its last run that came to an end had the lock.
    """

    kind: str
    url: str
    environment: Mapping[str, str]
    watch: Callable[[str], Callable[[], bool]]
    longest_s: dict[str, float] = field(default_factory=dict)
    seen_url: str = ""
    stumble: Callable[[Callable[[str, str], str | None] | None], None] = lambda _fault: None


@dataclass
class Life:
    """One stack from its first run to its last; `seed` draws its programs and the moments of its kills."""

    folder: Path
    place: Place
    cloud: Cloud
    starter: Starter
    seed: str
    tally: Tally
    wanted: Callable[[], bool] = lambda: True
    most_kills_of_a_phase: int = 8
    is_secret: bool | None = None
    is_short: bool = False
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.stack = "s" + "".join(character if character.isalnum() else "x" for character in self.seed)
        self.cloud.begin()
        self.is_secret = self.chance.random() < 0.2 if self.is_secret is None else self.is_secret
        self.backend = open_backend(self.place.seen_url or self.place.url, self.place.environment)
        self.reference = StackReference(PROJECT, self.stack)
        for name in ("project", "home"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "project" / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")
        stack_file = f"encryptionsalt: {SALT}\n" if self.is_secret else "config: {}\n"
        (self.folder / "project" / f"Pulumi.{self.stack}.yaml").write_text(stack_file)
        self.backend.create_stack(self.reference, self._secrets.state if self._secrets else None)

    @property
    def _secrets(self) -> KeySecrets | None:
        return _secrets() if self.is_secret else None

    def live(self) -> None:
        """Go through all of it.

        Raises:
            BrokenPromiseError: what the module's text says does not hold.
        """
        try:
            first, second, third = versions(self.chance, 3)
            self._reach(first)
            if not self.is_short:
                self._reach(second)
                self._kill_until_one_ends("refresh")
                self._reach(third)
            self._kill_until_one_ends("destroy")
            self.check_settled(None)
            self.tally.lives += 1
        except BrokenPromiseError as error:
            for line in (f"seed {self.seed}, {self.place.kind}, kept in {self.folder}", *self.told[-40:]):
                error.add_note(line)
            raise

    def _reach(self, program: Program) -> None:
        self.write(program.render(self.stack))
        self._kill_until_one_ends("up")
        self.check_settled(program)
        self.changes_nothing()

    def changes_nothing(self) -> None:
        """Two further runs find nothing to do."""
        for verb in ("up", "refresh"):
            code, text = self.run(verb, "--expect-no-changes")
            if code != 0:
                message = f"{verb} after it was done ended with {code}:\n{text}"
                raise BrokenPromiseError(message)

    def begin_and_wait(self, **options: Any) -> Started:
        """A run of `WAITING` in the middle of its second create."""
        self.cloud.hold()
        run = self.start("up", "--yes", "--skip-preview", **options)
        self.cloud.wait_for_calls(2)
        assert not run.has_ended(), run.text
        return run

    def _kill_until_one_ends(self, verb: str) -> None:
        for _ in range(self.chance.randint(3, self.most_kills_of_a_phase)):
            if not self.wanted():
                break
            if not self._run_and_kill(verb):
                return
        code, text = self.run(verb)
        if code != 0:
            message = f"{verb} ended with {code}:\n{text}"
            raise BrokenPromiseError(message)

    def _run_and_kill(self, verb: str) -> bool:
        """Start a run and kill it at a random moment; False when it was over before."""
        # One in ten dies at any moment of its start, the others while they hold the lock.
        begun = (lambda: True) if self.chance.random() < 0.1 else self.place.watch(self.stack)
        delay_s = self.chance.uniform(0, self.place.longest_s.get(verb, 1.0))
        process = self._start(verb)
        while not process.has_ended() and not begun():
            time.sleep(0.002)
        is_over = process.has_ended(delay_s)
        if not is_over:
            process.kill()
        self.tally.runs += 1
        if process.code != -signal.SIGKILL:
            self.told.append(f"{verb}: ended with {process.code} before it was killed")
            if process.code != 0:
                message = f"{verb} ended with {process.code}:\n{process.text}"
                raise BrokenPromiseError(message)
            return False
        self.tally.kills += 1
        self.told.append(f"{verb}: killed {delay_s:.3f} s after it began")
        self.check_nothing_is_lost()
        return True

    def run(self, verb: str, *flags: str) -> tuple[int, str]:
        """Run a command to its end; its code and what it said. Notes how long it held the lock."""
        begun, began_s = self.place.watch(self.stack), 0.0
        process = self._start(verb, *flags)
        deadline_s = time.monotonic() + RUN_TIMEOUT_S
        while not process.has_ended(0.002):
            if not began_s and begun():
                began_s = time.monotonic()
            if time.monotonic() > deadline_s:
                process.kill()
                message = f"{verb} did not end:\n{process.text}"
                raise BrokenPromiseError(message)
        if began_s and not flags:
            self.place.longest_s[verb] = time.monotonic() - began_s
        self.tally.runs += 1
        self.told.append(f"{verb} {' '.join(flags)}: ended with {process.code}")
        return process.code, process.text

    def _start(self, verb: str, *flags: str) -> Started:
        return self.start(verb, "--yes", "--skip-preview", *flags)

    def start(
        self,
        *arguments: str,
        starter: Starter | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        **wrong: object,
    ) -> Started:
        """Start any command on the stack. `wrong`: see `starter`."""
        log = self.folder / f"run-{'other' if starter else 'log'}"
        environment = {**self.environment(), **variables}
        project = self.folder / "project"
        return (starter or self.starter).start([*arguments, "--stack", self.stack], project, environment, log, **wrong)

    def write(self, text: str) -> None:
        """Make this the program."""
        (self.folder / "project" / "__main__.py").write_text(text)

    def environment(self) -> dict[str, str]:
        """What a command on the stack is told by its environment."""
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        return {
            **kept,
            **self.place.environment,
            "HOME": str(self.folder / "home"),
            "PULUMI_HOME": str(self.folder / "home" / ".pulumi"),
            "PULUMI_BACKEND_URL": self.place.url,
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DEBUG_PROVIDERS": f"test:{self.cloud.port}",
            "PYTHONPATH": str(ROOT),
        }

    def state(self) -> Snapshot:
        """What the next run would begin with, the journal of a died one included."""
        return self.backend.load(self.reference, self._secrets).snapshot

    def check_nothing_is_lost(self) -> None:
        """Every object is in the state, or its create is in doubt; no operation made two."""
        there = self.cloud.rest(self.stack)
        loaded = self.backend.load(self.reference, self._secrets)
        state = loaded.snapshot
        if broken := violations(state):
            message = f"the state breaks its rules: {broken}"
            raise BrokenPromiseError(message)
        recorded = {item.id for item in state.resources if item.custom}
        creating = {item.operation_id for item in state.pending if item.type is PendingType.CREATING}
        self.tally.in_doubt += bool(state.pending)
        self.tally.journals += loaded.left is not None
        lost = [id for id in there.objects if id not in recorded and there.operations[id] not in creating]
        self.tally.forgotten += len(lost)
        self._refuse_twice(there.operations)
        if lost:
            message = f"forgotten: {[there.urns[id] for id in lost]}"
            raise BrokenPromiseError(message)

    def _refuse_twice(self, operations: Mapping[str, str]) -> None:
        twice = [operation for operation, many in Counter(operations.values()).items() if many > 1]
        self.tally.twice += len(twice)
        if twice:
            message = f"one operation made several objects: {twice}"
            raise BrokenPromiseError(message)

    def check_settled(self, program: Program | None) -> None:
        """State, service and program agree."""
        there, state = self.cloud.rest(self.stack), self.state()
        if state.pending or any(item.delete or item.pending_replacement for item in state.resources):
            message = f"not settled: {state.pending}"
            raise BrokenPromiseError(message)
        many = [urn for urn, count in Counter(there.urns[id] for id in there.objects).items() if count > 1]
        self.tally.twice += len(many)
        recorded = {item.id: item.urn for item in state.resources if item.type in CUSTOM}
        existing = {id: there.urns[id] for id in there.objects}
        self.tally.forgotten += len(existing.keys() - recorded.keys())
        if many or recorded != existing:
            message = (
                f"twice: {many}; not in the state: {sorted(existing.keys() - recorded.keys())}; "
                f"not there: {sorted(recorded.keys() - existing.keys())}"
            )
            raise BrokenPromiseError(message)
        wanted = {item.name: (item.size, item.zone) for item in program.resources} if program is not None else {}
        found = {
            there.urns[id].rpartition("::")[2]: (inputs["size"], inputs["zone"]) for id, inputs in there.objects.items()
        }
        if wanted != found:
            message = f"the service has {found}, the program asks for {wanted}"
            raise BrokenPromiseError(message)
        store = self.backend.store
        # What came after a gap in a bucket's journal is kept aside, as `.unused`: no call depended on it.
        journals = [key for key in store.keys(f"journals/{PROJECT}") if not key.endswith(".unused")]
        left = [key for key in (*journals, *store.keys(f"locks/organization/{PROJECT}")) if self._is_mine(key)]
        if left:
            message = f"left behind: {left}"
            raise BrokenPromiseError(message)

    def _is_mine(self, key: str) -> bool:
        return self.stack in (part.partition(".")[0] for part in key.split("/"))


def new_life(folder: Path, place: Place, cloud: Cloud, starter: Starter, **options: Any) -> Life:
    """A stack of a name that no other has."""
    name = f"{next(_NUMBERS)}"
    return Life(folder / f"life-{name}", place, cloud, starter, name, Tally(), **({"is_secret": False} | options))


@cache
def _secrets() -> KeySecrets:
    return open_passphrase_secrets(PASSPHRASE, SALT)


@contextlib.contextmanager
def in_a_folder(folder: Path) -> Iterator[Place]:
    """A backend that is a folder."""
    root = folder / "state"
    root.mkdir(parents=True)

    def watch(stack: str) -> Callable[[], bool]:
        lease = root / ".pulumi" / "leases" / PROJECT / f"{stack}.json"
        before = _changed_ns(lease)
        return lambda: _changed_ns(lease) != before

    yield Place("file", f"file://{root}", {}, watch)


@contextlib.contextmanager
def on_s3() -> Iterator[Place]:
    """A backend on moto's S3, served by this process."""
    from tests.backend.object_services import S3Service

    service = S3Service()
    written: Counter[str] = Counter()
    turn = threading.Lock()

    wrong: list[Callable[[str, str], str | None]] = []

    def stumble(fault: Callable[[str, str], str | None] | None) -> None:
        wrong[:] = [fault] if fault is not None else []

    def note(method: str, path: str) -> str | None:
        if method == "PUT" and "/leases/" in path:
            with turn:
                written[Path(path).stem] += 1
        return wrong[0](method, path) if wrong else None

    def watch(stack: str) -> Callable[[], bool]:
        before = written[stack]
        return lambda: written[stack] != before

    service.fault = note
    try:
        yield Place("s3", service.new_bucket(), service.environment, watch, stumble=stumble)
    finally:
        service.stop()


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
