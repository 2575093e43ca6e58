"""`pulumi stack rename` and `unselect`: what a stack is called, and which one is meant."""

from __future__ import annotations

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation


@click.command(cls=Command, epilog="Example: pulumi stack rename production --stack prod")
@click.argument("name", metavar="NEW-STACK-NAME")
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def rename(invocation: Invocation, name: str) -> None:
    """Rename a stack: state, history, tags, config file and selection.

    A program that names resources after its stack will want to replace them. With organization/project/stack the
    project changes as well; Pulumi.yaml must then say so, too.
    """
    from reconciler.backend.renames import referring_stacks, rename_stack
    from reconciler.cli.state_edits import integrity_report
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation)
    old, new, backend = workspace.stack, workspace.reference(name), workspace.backend
    config, target = workspace.stack_file.path, workspace.project.stack_file(new.stack)
    if old == new:
        raise errors.UsageError(f"the stack is called {name!r} already")
    if config.exists() and target.exists() and target != config:
        raise errors.ProjectError(
            "the new stack's config file exists already", file=str(target), hint="move it away first"
        )
    readers = referring_stacks(backend, old)
    edited = rename_stack(backend, old, new, workspace.secrets)
    if config.exists() and target != config:
        config.rename(target)
    workspace.select(new)
    for note in edited.notes:
        invocation.terminal.warn(f"warning: {note}")
    for reader in readers:
        invocation.terminal.warn(
            f"warning: the program of {reader} reads '{old}' by its old name; it must name '{new}' from now on"
        )
    invocation.terminal.write(integrity_report(edited))
    invocation.terminal.write(f"Renamed {workspace.shown(old)} to {workspace.shown(new)}\n")


@click.command(cls=Command, epilog="Example: pulumi stack unselect")
@flags.global_flags
@click.pass_obj
def unselect(invocation: Invocation) -> None:
    """Forget which stack is the current one; commands then need --stack."""
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation)
    if workspace.home.selected_stack(workspace.project, workspace.backend.url):
        workspace.home.select_stack(workspace.project, workspace.backend.url, "")
        invocation.terminal.write("Stack was unselected\n")
