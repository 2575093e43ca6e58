"""`pulumi gen-completion`: the shell's part of completing `pulumi st<TAB>`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from click.shell_completion import CompletionItem, get_completion_class

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "_PULUMI_COMPLETE"
_SHELLS: Final = ("bash", "zsh", "fish")

_EPILOG = """\b
Example, for this shell and for every new one:
  source <(pulumi gen-completion bash)
  pulumi gen-completion bash > ~/.local/share/bash-completion/completions/pulumi
"""


@click.command(name="gen-completion", cls=Command, epilog=_EPILOG)
@click.argument("shell", type=click.Choice(_SHELLS))
@flags.global_flags
@click.pass_obj
def gen_completion(invocation: Invocation, shell: str) -> None:
    """Print a script that completes commands, flags and names of stacks in a shell."""
    found = get_completion_class(shell)
    assert found is not None, "click completes in each of these"
    root = click.get_current_context().find_root().command
    completion = found(root, {}, "pulumi", VARIABLE)
    # What click prints first for bash is a check of the shell's version, made by running it.
    script = completion.source_template % completion.source_vars()
    invocation.terminal.write(script)


def complete_stacks(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of stacks that begin so; none where they cannot be listed."""
    import os

    return [CompletionItem(name) for name in _stacks(os.environ) if name.startswith(incomplete)]


def _stacks(environment: Mapping[str, str]) -> list[str]:
    from reconciler.cli.workspace import Workspace

    try:
        workspace = Workspace(Invocation({}, environment))
        found = workspace.backend.stacks(workspace.project.name)
    except errors.ReconcilerError:
        return []
    return [reference.stack for reference in found]
