"""`pulumi policy`: a new pack in a folder. What packs an organization has is Pulumi Cloud's to say.

A pack is obeyed by `pulumi preview --policy-pack` and `pulumi up --policy-pack`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from reconciler import errors
from reconciler.cli.flags import Command, Group, flag, global_flags
from reconciler.cli.invocation import Invocation

_OF_CLOUD: Final = ("disable", "enable", "group", "ls", "publish", "rm", "validate-config")
_LATER: Final = ("analyze", "compliance", "install", "issue")
_LOCAL: Final = "a pack in a folder needs none of it: `pulumi preview --policy-pack PATH`"
_TEMPLATE: Final = "python"
_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9._-]")

_FILES: Final = {
    "PulumiPolicy.yaml": """\
runtime:
  name: python
  options:
    virtualenv: venv
version: 0.0.1
description: A policy pack.
""",
    "requirements.txt": "pulumi>=3,<4\npulumi-policy>=1.21,<2\n",
    ".gitignore": "*.pyc\nvenv/\n",
    "__main__.py": '''\
"""The policies of this pack."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def has_good_name(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Report a resource whose name is not in small letters."""
    if args.name != args.name.lower():
        report_violation(f"{args.name} should be {args.name.lower()}")


PolicyPack(
    name="{name}",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="names-in-small-letters",
            description="Names of resources are in small letters.",
            validate=has_good_name,
        ),
    ],
)
''',
}


class _Policies(Group):
    """The commands, and those that only Pulumi Cloud can answer."""

    def later_commands(self) -> tuple[str, ...]:
        """Upstream's commands that this version does not have."""
        return _LATER

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Ours, or one that says where its answer is."""
        return _of_cloud(cmd_name) if cmd_name in _OF_CLOUD else super().get_command(ctx, cmd_name)


@click.group(cls=_Policies, epilog="Example: pulumi policy new python --dir rules")
@global_flags
def policy() -> None:
    """Begin a policy pack."""


@policy.command(cls=Command, epilog="Example: pulumi policy new python --dir rules")
@click.argument("template", default=_TEMPLATE)
@flag("--dir", "folder", default="", metavar="PATH", help="Where to put it; here unless given.")
@flag("--force", "-f", is_flag=True, help="Overwrite what is there.")
@flag("--generate-only", "-g", is_flag=True, hidden=True, expose_value=False)
@flag("--yes", "-y", is_flag=True, hidden=True, expose_value=False)
@global_flags
@click.pass_obj
def new(invocation: Invocation, template: str, folder: str, force: bool) -> None:
    """Make a policy pack from a template (there is one: python)."""
    if template != _TEMPLATE:
        raise errors.UsageError(
            f"templates such as {template!r} are downloaded, which is not in this version",
            hint="`pulumi policy new python` begins a pack in Python",
        )
    target = (invocation.directory / folder).resolve()
    there = sorted(name for name in _FILES if (target / name).exists())
    if there and not force:
        raise errors.UsageError(f"{target} has {', '.join(there)} already", hint="--force overwrites")
    _write(target)
    at = folder or "."
    invocation.terminal.write(
        f"Created policy pack '{target.name}'.\n\nIts packages are still to be installed:\n\n"
        f"  python3 -m venv {at}/venv && {at}/venv/bin/python -m pip install -r {at}/requirements.txt\n\n"
        f"Then preview a stack with it:\n\n  pulumi preview --policy-pack {at}\n"
    )


def _write(target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for name, text in _FILES.items():
        (target / name).write_text(text.replace("{name}", _NOT_IN_NAMES.sub("-", target.name)), encoding="utf-8")


def _of_cloud(name: str) -> click.Command:
    @click.command(name, cls=Command, context_settings={"ignore_unknown_options": True}, add_help_option=False)
    @click.argument("_arguments", nargs=-1, type=click.UNPROCESSED)
    def ask_cloud(_arguments: tuple[str, ...]) -> None:
        raise errors.UsageError(f"`pulumi policy {name}` needs Pulumi Cloud, which is not in this version", hint=_LOCAL)

    return ask_cloud
