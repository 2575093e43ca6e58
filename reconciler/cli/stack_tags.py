"""`pulumi stack tag`: words that are kept with a stack."""

from __future__ import annotations

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, Group
from reconciler.cli.invocation import Invocation

_LONGEST_NAME = 40
_LONGEST_VALUE = 256


class TagVerbs(Group):
    """What is below `stack tag`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In teaching order."""
        return ["ls", "get", "set", "rm"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Upstream's other words for them, too."""
        return super().get_command(ctx, {"list": "ls", "remove": "rm"}.get(cmd_name, cmd_name))


@click.group(cls=TagVerbs, epilog="Example: pulumi stack tag set team data")
@flags.stack_flag
@flags.global_flags
def tag() -> None:
    """List, read, set and remove a stack's tags."""


@tag.command(cls=Command, epilog="Example: pulumi stack tag ls --json")
@flags.stack_flag
@flags.json_flag
@flags.global_flags
@click.pass_obj
def ls(invocation: Invocation, as_json: bool) -> None:
    """List all tags of the stack."""
    from reconciler.cli.tables import render_table
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json

    workspace = Workspace(invocation)
    tags = dict(sorted(workspace.backend.tags(workspace.stack).items()))
    shown = render_json(tags, indent=2) + "\n" if as_json else render_table(("NAME", "VALUE"), list(tags.items()))
    invocation.terminal.write(shown)


@tag.command(cls=Command, epilog="Example: pulumi stack tag get team")
@click.argument("name")
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def get(invocation: Invocation, name: str) -> None:
    """Print one tag's value."""
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation)
    tags = workspace.backend.tags(workspace.stack)
    if name not in tags:
        raise errors.ReconcilerError(
            f"stack tag '{name}' not found for stack '{workspace.stack.stack}'",
            hint=f"it has: {', '.join(sorted(tags)) or 'none'}",
        )
    invocation.terminal.write(f"{tags[name]}\n")


@tag.command("set", cls=Command, epilog="Example: pulumi stack tag set team data")
@click.argument("name")
@click.argument("value")
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def set_tag(invocation: Invocation, name: str, value: str) -> None:
    """Set a tag."""
    if not name or len(name) > _LONGEST_NAME or len(value) > _LONGEST_VALUE:
        raise errors.UsageError(
            f"a tag's name has 1 to {_LONGEST_NAME} characters, its value up to {_LONGEST_VALUE}",
            hint=f"the name has {len(name)}, the value {len(value)}",
        )
    _write(invocation, name, value)


@tag.command(cls=Command, epilog="Example: pulumi stack tag rm team")
@click.argument("name")
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def rm(invocation: Invocation, name: str) -> None:
    """Remove a tag, if it is there."""
    _write(invocation, name, None)


def _write(invocation: Invocation, name: str, value: str | None) -> None:
    from reconciler.cli.workspace import Workspace

    workspace = Workspace(invocation)
    backend, stack = workspace.backend, workspace.stack
    with backend.lock(stack):
        tags = {key: kept for key, kept in backend.tags(stack).items() if key != name}
        backend.write_tags(stack, tags if value is None else tags | {name: value})
