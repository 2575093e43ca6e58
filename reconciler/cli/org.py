"""`pulumi org`: organizations are of Pulumi Cloud. A backend of one's own has none, and says so."""

from __future__ import annotations

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Group
from reconciler.cli.invocation import Invocation


@click.group(cls=Group, epilog="Example: pulumi whoami --verbose")
@flags.global_flags
def org() -> None:
    """Organizations of Pulumi Cloud, which a backend of your own does not have."""


@org.command("get-default")
@flags.global_flags
@click.pass_obj
def get_default(invocation: Invocation) -> None:
    """The organization of new stacks: none with a backend of your own."""
    raise _refusal(invocation)


@org.command("set-default")
@click.argument("name")
@flags.global_flags
@click.pass_obj
def set_default(invocation: Invocation, name: str) -> None:  # noqa: ARG001  # whichever it is
    """Choose the organization of new stacks: not with a backend of your own."""
    raise _refusal(invocation)


def _refusal(invocation: Invocation) -> errors.UsageError:
    from reconciler.cli.workspace import Workspace

    scheme = Workspace(invocation).backend.url.partition("://")[0]
    return errors.UsageError(
        f"backends of type {scheme!r} do not support organizations, which are of Pulumi Cloud",
        hint="stacks of such a backend are named organization/<project>/<stack>; the first word is fixed",
    )
