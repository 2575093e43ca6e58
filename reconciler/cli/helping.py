"""`pulumi help`: the same as `--help` after a command."""

from __future__ import annotations

import click

from reconciler.cli import flags
from reconciler.cli.flags import Command


@click.command(name="help", cls=Command, epilog="Example: pulumi help stack init")
@click.argument("command", nargs=-1)
@flags.global_flags
@click.pass_context
def show_help(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Show what a command does and takes."""
    shown = ctx.find_root()
    for name in command:
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"'{shown.command_path}' has no commands below it", shown)
        _, below, _ = group.resolve_command(shown, [name])
        assert below is not None, "a name that is none was refused"
        shown = click.Context(below, info_name=name, parent=shown)
    click.echo(shown.get_help())
