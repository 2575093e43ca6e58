"""`pulumi state upgrade`: stacks of the oldest layout of a store, in which they have no project."""

from __future__ import annotations

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation


@click.command(cls=Command, epilog="Example: pulumi state upgrade --yes")
@flags.yes_flag
@flags.global_flags
@click.pass_obj
def upgrade(invocation: Invocation, yes: bool) -> None:
    """Bring a store whose stacks have no project into the present layout. Old CLIs cannot read it afterwards."""
    from reconciler.backend import upgrades
    from reconciler.backend.addresses import open_store
    from reconciler.cli.workspace import Workspace
    from reconciler.project import home

    workspace, terminal = Workspace(invocation), invocation.terminal
    url = home.choose_backend(invocation.environment, workspace.find_project(), workspace.home)
    store = open_store(url, invocation.environment)
    found = upgrades.old_stacks(store)
    if not found:
        terminal.write("Nothing to do\n")
        return
    terminal.write("".join(f"  {stack.name}: {stack.project or 'project not known'}\n" for stack in found))
    if not (yes or invocation.skips_confirmations):
        terminal.write(
            "This will upgrade the current backend to the latest supported version.\n"
            "Older versions of Pulumi will not be able to read the new format.\n"
        )
        if not terminal.interactive:
            raise errors.UsageError("in non-interactive mode it must be told that it may go ahead", hint="--yes")
        if terminal.ask("Are you sure you want to proceed? (y/N) ").strip().lower() not in ("y", "yes"):
            raise errors.CancelledError("Upgrade cancelled")
    unknown = [stack.name for stack in found if not stack.project]
    projects: dict[str, str] = {}
    if unknown and terminal.interactive:
        terminal.write(
            "Found stacks without a project name.\n"
            "Please enter a project name for each stack, or enter to skip that stack.\n"
        )
        projects = {name: terminal.ask(f"Stack {name}: ").strip() for name in unknown}
    moved = upgrades.upgrade(store, projects)
    for name in unknown:
        if not projects.get(name):
            terminal.warn(f"warning: skipping stack '{name}': it has no resources that would name its project")
    terminal.write(f"Upgraded {len(moved)} stack(s) to project mode\n")
