"""`pulumi version` and `pulumi about`."""

from __future__ import annotations

import click

from reconciler.cli.flags import Command, global_flags, json_flag
from reconciler.cli.invocation import Invocation
from reconciler.model import versions


def own_version() -> str:
    """The version of this package, "" when it is not installed."""
    from importlib import metadata  # Slow to import, and only here.

    try:
        return metadata.version("reconciler")
    except metadata.PackageNotFoundError:
        return ""


def full_version() -> str:
    """`v3.272.0+flowforge.0.1.0`: the contract's version, which programs compare, and ours as build metadata."""
    # A development version of ours may have build metadata of its own, which semver takes only once.
    own = own_version().replace("+", ".")
    return f"v{versions.CONTRACT}+flowforge.{own}" if own else f"v{versions.CONTRACT}"


@click.command(cls=Command, epilog="Example: pulumi version")
@global_flags
def version() -> None:
    """Print the version."""
    click.echo(full_version())


@click.command(cls=Command, epilog="Example: pulumi about --json")
@json_flag
@global_flags
@click.pass_obj
def about(invocation: Invocation, as_json: bool) -> None:
    """Print what runs where: versions, the machine, the backend and the stack."""
    from reconciler.cli import surroundings  # Reads the project and the backend.

    found = surroundings.describe(invocation, full_version())
    invocation.terminal.write(surroundings.as_json(found) if as_json else surroundings.as_text(found))
