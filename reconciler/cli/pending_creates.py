"""Before a refresh: what became of creates that an earlier run began and did not finish, as the person knows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler import errors
from reconciler.backend import edits
from reconciler.model.resources import PendingOperation
from reconciler.plan import pending

if TYPE_CHECKING:
    from reconciler.cli.terminal import Terminal
    from reconciler.cli.wishes import Wishes
    from reconciler.cli.workspace import Workspace

Pending = tuple[PendingOperation, ...]

_CHOICES = """\
Options for pending CREATE of {urn}
  clear   the CREATE failed; remove the pending CREATE
  skip    do nothing
  import  the CREATE succeeded; provide a resource ID and complete the CREATE operation
"""


def resolve(workspace: Workspace, wishes: Wishes, terminal: Terminal) -> None:
    """Edit the state as the flags say, then as the person answers.

    Raises:
        UsageError: the flags contradict each other, or an id is missing.
        ReconcilerError: the state cannot be read or written.
    """
    if wishes.skip_pending_creates and wishes.clear_pending_creates:
        raise errors.UsageError("cannot set both --skip-pending-creates and --clear-pending-creates")
    ids = pending.read_pairs(wishes.import_pending_creates)
    if ids:
        _import(workspace, ids, terminal)
    asks = terminal.interactive and not wishes.as_json and not wishes.skip_pending_creates
    if asks and _has_creates(workspace):
        _edit(workspace, lambda found: _asked(found, terminal), "pending creates resolved")
    if wishes.clear_pending_creates and _has_creates(workspace):
        _edit(workspace, pending.without_creates, "pending creates cleared")


def _has_creates(workspace: Workspace) -> bool:
    # Most stacks have none, and are not locked to be asked.
    loaded = workspace.backend.load(workspace.stack, workspace.secrets, check_integrity=False)
    return bool(pending.creates(loaded.snapshot.pending))


def _import(workspace: Workspace, ids: dict[str, str], terminal: Terminal) -> None:
    unused: list[str] = []

    def change(found: Pending) -> Pending:
        changed, unused[:] = pending.as_imports(found, ids)
        return changed

    _edit(workspace, change, "pending creates imported")
    if len(unused) == 1:
        terminal.warn(f'warning: "{unused[0]}" did not correspond to a pending create')
    elif unused:
        listed = "".join(f'\n- "{urn}"' for urn in unused)
        terminal.warn(f"warning: the following urns did not correspond to a pending create{listed}")


def _asked(found: Pending, terminal: Terminal) -> Pending:
    kept: list[PendingOperation] = []
    for operation in found:
        answer = _ask(operation, terminal) if pending.creates((operation,)) else "skip"
        if answer == "import":
            id = terminal.ask("ID: ").strip()
            kept.extend(pending.as_imports((operation,), {operation.resource.urn: id})[0])
        elif answer == "skip":
            kept.append(operation)
    return tuple(kept)


def _ask(operation: PendingOperation, terminal: Terminal) -> str:
    terminal.write(_CHOICES.format(urn=operation.resource.urn))
    while True:
        answer = terminal.ask("clear, skip or import (skip): ").strip().lower() or "skip"
        if answer in ("clear", "skip", "import"):
            return answer
        terminal.write("Please answer clear, skip or import.\n")


def _edit(workspace: Workspace, change: Callable[[Pending], Pending], message: str) -> None:
    secrets = workspace.secrets
    with edits.opened(workspace.backend, workspace.stack, secrets) as stack:
        before = stack.snapshot
        after = change(before.pending)
        if after != before.pending:
            stack.save(replace(before, pending=after), message)
