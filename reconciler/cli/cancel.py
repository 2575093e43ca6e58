"""`pulumi cancel`: take away the locks of a stack."""

from __future__ import annotations

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation


@click.command(cls=Command, epilog="Example: pulumi cancel dev --yes")
@click.argument("name", required=False)
@flags.yes_flag
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def cancel(invocation: Invocation, name: str | None, yes: bool) -> None:
    """Remove the locks of a stack, for when their owner is gone.

    A run of this engine that still goes on writes nothing more, and ends. Another engine's is not stopped by it.
    """
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation, stack_name=name or "")
    stack, terminal = workspace.stack, invocation.terminal
    holders = workspace.backend.lock_holders(stack)
    for holder in holders:
        terminal.write(f"  {holder}\n")
    if holders and not (yes or invocation.skips_confirmations):
        if not terminal.interactive:
            raise errors.UsageError("`cancel` in non-interactive mode must be told that it may go ahead", hint="--yes")
        answer = terminal.ask(
            f"This will irreversibly remove {len(holders)} lock(s) of '{stack.stack}'. Type its name: "
        )
        if answer.strip() != stack.stack:
            raise errors.CancelledError("the locks stay")
    if workspace.backend.remove_locks(stack):
        terminal.write(f"The currently running update for '{stack.stack}' has been canceled!\n")
    else:
        terminal.write(f"'{stack.stack}' is not locked; nothing to do\n")
