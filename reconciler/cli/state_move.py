"""`pulumi state move`: resources from one stack to another, both locked; the destination is saved first.

A kill between the two saves leaves the resources in both stacks: nothing is forgotten, and `state delete` on the
source ends the move.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation
from reconciler.cli.state_edits import integrity_report, load, secrets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from reconciler.backend.edits import Edited, Opened
    from reconciler.backend.references import StackReference
    from reconciler.cli.workspace import Workspace
    from reconciler.state.snapshots import Snapshot
    from reconciler.state.surgery_moves import Move


@click.command(cls=Command, epilog="Example: pulumi state move --dest prod 'urn:pulumi:dev::shop::a:b:C::lake'")
@click.argument("wanted", metavar="RESOURCE-URN...", nargs=-1, required=True)
@flag("--source", default="", metavar="STACK", help="The stack to move from; by default the current one.")
@flag("--dest", default="", metavar="STACK", help="The stack to move to; by default the current one.")
@flag("--include-parents", is_flag=True, help="Move their parents as well.")
@flags.yes_flag
@flags.global_flags
@click.pass_obj
def move(
    invocation: Invocation, wanted: tuple[str, ...], source: str, dest: str, include_parents: bool, yes: bool
) -> None:
    """Move resources, and what is below them, to another stack; their providers are copied."""
    from reconciler.cli.workspace import Workspace
    from reconciler.state import surgery_moves

    if not (source or dest):
        raise errors.UsageError("at least one of --source or --dest must be provided")
    sides = (Workspace(invocation, stack_name=source), Workspace(invocation, stack_name=dest))
    old, new = (side.stack for side in sides)
    if old == new:
        raise errors.UsageError(f"source and destination are the same stack, '{old}'")
    shown = {side.stack: load(invocation, side) for side in sides}
    if secrets_of(sides[1]) is None:
        raise errors.StateEditError(
            "destination stack has no secret manager. To move resources either initialize the stack with a secret"
            " manager, or run the pulumi state move command from the destination project directory"
        )

    def decide(states: Mapping[StackReference, Snapshot]) -> Move:
        return surgery_moves.move(
            states[old], states[new], wanted, project=new.project, stack=new.stack, include_parents=include_parents
        )

    invocation.terminal.write(_told(decide(shown), str(old), str(new)))
    _confirm(invocation, yes)
    for stack, edited in _moved(sides, shown, decide, wanted):
        for note in edited.notes:
            invocation.terminal.warn(f"warning: {note}")
        invocation.terminal.write(integrity_report(edited, str(stack)))
    invocation.terminal.write(f"Successfully moved resources from {old} to {new}\n")


def _told(planned: Move, old: str, new: str) -> str:
    parts = [f"warning: Resource {urn} not found in source stack\n" for urn in planned.unmatched]
    parts.append(f"Planning to move the following resources from {old} to {new}:\n\n")
    parts += [f"  - {urn}\n" for urn in planned.moved]
    parts.append("\n")
    if planned.broken_source:
        parts.append(f"The following resources remaining in {old} have dependencies on resources moved to {new}:\n\n")
        parts += [f"  - {sentence}\n" for sentence in planned.broken_source]
        parts.append("\n")
    if planned.broken_destination:
        parts.append(f"The following resources being moved to {new} have dependencies on resources in {old}:\n\n")
        parts += [f"  - {sentence}\n" for sentence in planned.broken_destination]
        parts.append("\n")
    if planned.broken_source or planned.broken_destination:
        parts.append(
            "If you go ahead with moving these dependencies, it will be necessary to create the appropriate inputs"
            " and outputs in the program for the stack the resources are moved to.\n\n"
        )
    return "".join(parts)


def _confirm(invocation: Invocation, yes: bool) -> None:
    if yes or invocation.skips_confirmations:
        return
    if not invocation.terminal.interactive:
        raise errors.UsageError("in non-interactive mode it must be told that it may go ahead", hint="--yes")
    if invocation.terminal.ask("Do you want to perform this move? [yes/no] (no): ").strip().lower() not in ("y", "yes"):
        raise errors.CancelledError("Confirmation denied, not proceeding with the state move")


def _moved(
    sides: tuple[Workspace, Workspace],
    shown: Mapping[StackReference, Snapshot],
    decide: Callable[[Mapping[StackReference, Snapshot]], Move],
    wanted: Sequence[str],
) -> list[tuple[StackReference, Edited]]:
    from reconciler.backend import edits

    old, new = (side.stack for side in sides)
    message = f"state move {' '.join(wanted)}: {old} to {new}"
    with ExitStack() as held:
        # Always in the same order: two moves in opposite directions must not wait for each other.
        opened = {
            side.stack: held.enter_context(edits.opened(side.backend, side.stack, secrets_of(side)))
            for side in sorted(sides, key=lambda side: str(side.stack))
        }
        for stack, snapshot in shown.items():
            edits.refuse_changed(stack, snapshot, opened[stack].snapshot)
        moved = decide({stack: one.snapshot for stack, one in opened.items()})
        arrived = opened[new].save(moved.destination, message)
        try:
            left = opened[old].save(moved.source, message)
        except BaseException as error:
            _restore(opened[new], shown[new], moved, old, error)
            raise
    return [(old, left), (new, arrived)]


def _restore(destination: Opened, before: Snapshot, moved: Move, old: StackReference, error: BaseException) -> None:
    """Undo the first save; where even that fails, say how to end the move by hand."""
    try:
        destination.save(before, "state move undone")
    except errors.ReconcilerError:
        commands = "".join(f"\n    pulumi state delete --stack {old} '{urn}'" for urn in reversed(moved.moved))
        raise errors.BackendError(
            f"failed to save source snapshot: {error}\nThe resources are in both stacks. Please remove them from the"
            f" source stack:{commands}"
        ) from error
