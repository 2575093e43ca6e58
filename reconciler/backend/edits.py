"""Edits of a stack's state in which no provider takes part: lock, load, decide, back up, save, record.

The edit is decided twice: once to show it, and again under the lock, on what is then there. The stack file
comes before the history record: killed between the two, an edit is made and not in the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from reconciler import errors
from reconciler.backend import operations
from reconciler.backend.history import UpdateRecord
from reconciler.backend.locks import Lock
from reconciler.backend.references import StackReference
from reconciler.backend.stacks import Backend
from reconciler.state import integrity
from reconciler.state.secrets import SecretsManager
from reconciler.state.snapshots import Snapshot

KIND = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What came of an edit.

    Attributes:
        changed: was there anything to write?
        backup: where the state before stands, "" where nothing was written.
        findings: rules that the state broke before, and still breaks.
        notes: what a person should be told besides: a dead lock, a replayed journal.
    """

    snapshot: Snapshot
    changed: bool
    backup: str = ""
    findings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Opened:
    """A stack that is locked for an edit; `snapshot` is what it holds, `notes` what a person should be told of it."""

    def __init__(self, backend: Backend, stack: StackReference, secrets: SecretsManager | None, lock: Lock) -> None:
        self._backend, self._stack, self._secrets, self._lock = backend, stack, secrets, lock
        backend.journals.seal(stack, lock)
        loaded = backend.load(stack, secrets, check_integrity=False)
        self.notes = (*lock.findings, *loaded.findings)
        loaded = operations.settle(backend, stack, secrets, loaded)
        self.snapshot, self._stored = loaded.snapshot, loaded.stored

    def save(self, snapshot: Snapshot, message: str, *, force: bool = False) -> Edited:
        """Back up, then write the state and a record of the edit, unless nothing changes.

        Args:
            force: write it though it breaks rules.

        Raises:
            SnapshotIntegrityError: it would break a rule that was kept; nothing was written.
        """
        broken_before = set(integrity.violations(self.snapshot))
        findings = integrity.violations(snapshot)
        if not force and (new := [finding for finding in findings if finding not in broken_before]):
            raise errors.SnapshotIntegrityError(new, hint="the edit was not made; the state is as it was")
        backend = self._backend
        changed, backup = snapshot != self.snapshot, ""
        if changed:
            # To a run, another order of the resources is no change; to a repair it is.
            content = backend.render(replace(self._stored, content=b""), snapshot, self._secrets)
            self._lock.check()
            backend.back_up(self._stack, self._stored)
            backup = backend.store.locate(f"{self._stored.key}.bak")
            self._stored = backend.replace_file(self._stack, self._stored, content)
            now_s = backend.now_ns() // operations.NANOSECONDS
            record = UpdateRecord(kind=KIND, start_s=now_s, end_s=now_s, result="succeeded", message=message)
            backend.append_history(self._stack, record, content)
            self.snapshot = snapshot
        return Edited(snapshot=snapshot, changed=changed, backup=backup, findings=findings, notes=self.notes)


@contextmanager
def opened(backend: Backend, stack: StackReference, secrets: SecretsManager | None) -> Iterator[Opened]:
    """Lock a stack and load it, with what a run that died had done; its integrity is not asked for.

    Raises:
        StackLockedError: somebody else works on it.
        StackNotFoundError, StateError: as `Backend.load`.
    """
    with backend.lock(stack) as lock:
        yield Opened(backend, stack, secrets, lock)


def edit(
    backend: Backend,
    stack: StackReference,
    secrets: SecretsManager | None,
    shown: Snapshot,
    decide: Callable[[Snapshot], Snapshot],
    message: str,
) -> Edited:
    """Make an edit that was shown to a person as one of `shown`.

    Raises:
        BackendError: the state is another by now.
        StateEditError: `decide` refuses.
        SnapshotIntegrityError: it would break a rule.
    """
    with opened(backend, stack, secrets) as under_way:
        refuse_changed(stack, shown, under_way.snapshot)
        return under_way.save(decide(under_way.snapshot), message)


def refuse_changed(stack: StackReference, shown: Snapshot, found: Snapshot) -> None:
    """Raise BackendError when a state is not the one that a person was shown."""
    if found != shown:
        raise errors.BackendError(
            f"the state of '{stack.stack}' was changed by somebody else in the meantime; nothing was edited",
            hint="look at it again and repeat the command",
        )
