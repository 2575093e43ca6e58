"""One run on a stack: lock, load, run, save.

Each write is made only while the run holds the lock (`leases`), and the stack file only over the version that
was read: a run that lost its lock unawares, stopped past its lease, changes nothing more.

The order of writes, so that a kill between any two of them loses nothing:

1. the lock;
2. where a run had died: its result is written as this run's beginning (steps
   5 to 8 on the old journal), so that the journal is gone only when the
   stack file has all of it;
3. a backup of the stack file;
4. the journal's header, then an entry around each provider call. Killed here,
   the next run replays the journal on the stack file;
5. the journal's closing, which names the stack file to come. Killed here, the
   next run replays the same entries to the same end;
6. the history record and its copy of the stack file to come. Killed here, as 5;
7. `.bak`, then the stack file. Killed after it, the next run sees by the
   closing that the stack file has the journal's result, and drops the journal;
8. the journal is removed;
9. the lock is removed. Killed before, the next run sees a dead owner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reconciler.backend import recovery
from reconciler.backend.history import UpdateRecord
from reconciler.backend.locks import Lock
from reconciler.backend.references import StackReference
from reconciler.backend.run_journals import RunJournal
from reconciler.backend.stacks import Backend, Loaded, Stored, verify
from reconciler.state import journal_records, journals
from reconciler.state.secrets import SecretsManager
from reconciler.state.snapshots import Snapshot

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a run is for, as its history record will say it.

    Attributes:
        kind, message, environment, config: as in `UpdateRecord`.
    """

    kind: str
    message: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)


class Operation:
    """A run under way on a locked stack.

    Attributes:
        snapshot: the state that the run begins with; what a died run left pending is in it.
        findings: what a person should be told: a dead lock, a replayed journal.
        journal: where the run writes its entries.
    """

    def __init__(
        self,
        backend: Backend,
        stack: StackReference,
        secrets: SecretsManager | None,
        intent: Intent,
        loaded: Loaded,
        lock: Lock,
    ) -> None:
        self.snapshot = loaded.snapshot
        self.findings = (*lock.findings, *loaded.findings)
        self._backend = backend
        self._lock = lock
        self._stack = stack
        self._secrets = secrets
        self._intent = intent
        self._stored = loaded.stored
        self._start_s = backend.now_ns() // NANOSECONDS
        self._finished = False
        self.journal = self._begin_journal()

    def rebase(self, snapshot: Snapshot) -> None:
        """Make another state this run's beginning, durably; the journal begins anew (`journal` is a new one).

        For what is settled before the run proper: doubtful operations looked up, an edited state.
        """
        self._stored = self._write(snapshot)
        self.snapshot = snapshot
        self.journal = self._begin_journal()

    def snapshot_now(self) -> Snapshot:
        """The state after all entries so far."""
        return journals.replay(self.snapshot, self.journal.entries)

    def finish(
        self, result: str, changes: Mapping[str, int] = MappingProxyType({}), *, snapshot: Snapshot | None = None
    ) -> Snapshot:
        """Save the state, once, and the history record; gives the state saved.

        Args:
            result: `succeeded` or `failed`.
            changes: op -> how many resources.
            snapshot: the state to save; by default what the journal's entries make.

        Raises:
            SnapshotIntegrityError: after all was saved, when the state breaks its own rules.
        """
        final = self.snapshot_now() if snapshot is None else snapshot
        self._save(final, result, changes)
        verify(final)
        return final

    def abandon(self) -> None:
        """Save what the journal has as a failed run, unless the run is finished; then let go of the journal."""
        try:
            if not self._finished:
                self._save(self.snapshot_now(), "failed", {})
        finally:
            self.journal.close()

    def _save(self, snapshot: Snapshot, result: str, changes: Mapping[str, int]) -> None:
        record = UpdateRecord(
            kind=self._intent.kind,
            start_s=self._start_s,
            end_s=self._backend.now_ns() // NANOSECONDS,
            result=result,
            message=self._intent.message,
            environment={**self._intent.environment, **_audit(self._lock)},
            config=self._intent.config,
            changes=changes,
        )
        # Also when it fails: the journal has its closing then, or cannot be written to, and stays for the next run.
        self._finished = True
        self._write(snapshot, record)

    def _begin_journal(self) -> RunJournal:
        return self._backend.open_journal(self._stack, self._stored, self._secrets, self._intent.kind, self._lock)

    def _write(self, snapshot: Snapshot, record: UpdateRecord | None = None) -> Stored:
        content = self._stored.content if self._is_as_loaded(snapshot) else self._render(snapshot)
        is_changed = content != self._stored.content
        self._lock.confirm()
        if is_changed:
            self.journal.end(journal_records.Closing(journal_records.hash_of(content)))
            self.journal.close()
        if record is not None:
            self._backend.append_history(self._stack, record, content)
        self._lock.check()
        stored = self._backend.replace_file(self._stack, self._stored, content) if is_changed else self._stored
        self.journal.discard()
        return stored

    def _render(self, snapshot: Snapshot) -> bytes:
        return self._backend.render(self._stored, snapshot, self._secrets)

    def _is_as_loaded(self, snapshot: Snapshot) -> bool:
        """Is every record the very one that was loaded, encrypted as it was? Equal ones may differ: 1 is not true."""
        ours = self._secrets.state if self._secrets is not None else None
        return (
            ours in (None, self._stored.checkpoint.secrets_provider)
            and sorted(map(id, snapshot.resources)) == sorted(map(id, self.snapshot.resources))
            and sorted(map(id, snapshot.pending)) == sorted(map(id, self.snapshot.pending))
            and (snapshot.metadata, snapshot.extra) == (self.snapshot.metadata, self.snapshot.extra)
        )


def _audit(lock: Lock) -> Mapping[str, str]:
    """What a history record says of whom the lock was taken over from."""
    return {"lock.takenOver": "; ".join(lock.findings)} if lock.findings else {}


@contextmanager
def operation(
    backend: Backend,
    stack: StackReference,
    secrets: SecretsManager | None,
    intent: Intent,
    *,
    check_integrity: bool = True,
) -> Iterator[Operation]:
    """Lock a stack, load its state, and give the run under way; see the module's text for the order of writes.

    When the body raises before it finished, what the journal has is saved as a failed run. When even that
    fails, or the process dies, the journal stays for the next run.

    Raises:
        StackLockedError: somebody else works on the stack.
        StackNotFoundError, StateError: as `Backend.load`.
    """
    with backend.lock(stack) as lock:
        backend.journals.seal(stack, lock)
        loaded = backend.load(stack, secrets, check_integrity=check_integrity)
        settled = settle(backend, stack, secrets, loaded)
        backend.back_up(stack, settled.stored)
        run = Operation(backend, stack, secrets, intent, settled, lock)
        try:
            yield run
        finally:
            run.abandon()


def settle(backend: Backend, stack: StackReference, secrets: SecretsManager | None, loaded: Loaded) -> Loaded:
    """Bring what a died run left into the stack file, then put its journal away. The stack must be locked."""
    if loaded.left is None:
        return loaded
    text = loaded.left.text
    content = backend.journals.find(stack) or b""
    if loaded.left.use is recovery.Use.SET_ASIDE or text.lost:
        backend.journals.set_aside(stack, content, backend.now_ns())
    stored = loaded.stored
    if loaded.left.use is recovery.Use.REPLAY:
        new = backend.render(stored, loaded.snapshot, secrets)
        if new != stored.content:
            closing = journal_records.render_closing(journal_records.Closing(journal_records.hash_of(new)))
            backend.journals.finish(stack, content[: text.size_bytes], closing)
            stored = backend.replace_file(stack, stored, new)
    backend.journals.remove(stack)
    return replace(loaded, stored=stored, left=None)
