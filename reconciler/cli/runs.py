"""`pulumi preview`, `up`, `refresh` and `destroy`: their flags and what they are for."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import click

from reconciler.cli import flags
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation
from reconciler.cli.policy_packs import policy_flags
from reconciler.cli.wishes import DEFAULT_PARALLEL, REPORT_FORMATS, Wishes
from reconciler.deploy.options import Kind

P = ParamSpec("P")
R = TypeVar("R")


# What every run takes, and how every run is shown.
_TOLD = (
    flag("--message", "-m", default="", help="A word on why, for the history."),
    flag("--diff", is_flag=True, help="Show what changes in each resource."),
    flag("--json", "-j", "as_json", is_flag=True, help="Print JSON for programs to read."),
    flag("--parallel", "-p", type=click.IntRange(min=0), default=DEFAULT_PARALLEL, show_default=True,
         help="How many resources may be worked on at once; 0 for no limit."),
)  # fmt: skip
_CONFIG_FILE = flag("--config-file", type=click.Path(dir_okay=False), default="", help="The stack's config file.")
_SHOWN = (
    flag("--show-config", is_flag=True, help="Show the config of the run first; secrets are masked."),
    flag("--show-full-output", is_flag=True, help="Do not cut long values."),
    flag("--urns", is_flag=True, help="Show URNs in place of types and names."),
    flag("--suppress-outputs", is_flag=True, help="Do not show the stack's outputs."),
    flag("--suppress-progress", is_flag=True, help="Show nothing that moves."),
    flag("--suppress-permalink", is_flag=True, help="Do not show where the state is kept."),
    flag("--debug", "-d", is_flag=True, help="Show messages of severity debug."),
    flag("--skip-config-validation", is_flag=True, help="Do not hold the config to what Pulumi.yaml declares of it."),
    flag("--skip-plugin-pre-install", is_flag=True, hidden=True),
    flag("--exec-kind", default="cli", hidden=True),
    flag("--exec-agent", default="", hidden=True),
    flag("--event-log", default="", hidden=True),
)


def _shared(command: Callable[P, R]) -> Callable[P, R]:
    return flags.later_flags(_without_later(command))


def _without_later(command: Callable[P, R]) -> Callable[P, R]:
    for decorator in reversed(
        (
            flags.stack_flag,
            *_TOLD,
            flag("--refresh", "-r", is_flag=True, help="First make the state say what is live."),
            flag("--target", "-t", multiple=True, metavar="URN",
                 help="Touch this resource alone; `*` and `**` stand for parts. Several may be given."),
            flag("--target-dependents", is_flag=True, help="Touch what depends on the targets as well."),
            flag("--target-replace", multiple=True, metavar="URN", help="Touch this resource alone, and replace it."),
            flag("--exclude", "-x", multiple=True, metavar="URN", help="Leave this resource alone."),
            flag("--exclude-dependents", is_flag=True, help="Leave alone what depends on the excluded as well."),
            flag("--replace", multiple=True, metavar="URN", help="Replace this resource though it need not be."),
            flag("--run-program", is_flag=True,
                 help="Let refresh, destroy or up --refresh use today's provider settings and the program's hooks."),
            flag("--expect-no-changes", is_flag=True, help="Fail (exit code 7) when anything changes."),
            flag("--config", "-c", multiple=True, metavar="KEY=VALUE", help="Set config for this and later runs."),
            flag("--config-path", is_flag=True, help="Keys of --config are paths into a value."),
            _CONFIG_FILE,
            flag("--report", multiple=True, type=click.Path(dir_okay=False), metavar="FILE",
                 help="Write what changes to this file as well: .md, .json, .sarif or .xml (JUnit)."),
            flags.secrets_flag,
            flag("--show-sames", is_flag=True, help="Show resources that do not change."),
            flag("--show-reads", is_flag=True, help="Show resources that are only read."),
            flag("--show-replacement-steps", is_flag=True, help="Show the steps of a replacement apart."),
            *_SHOWN,
            flag("--client", default="", hidden=True),
            flags.global_flags,
        )
    ):  # fmt: skip
        command = decorator(command)
    return command


def _changing(command: Callable[P, R]) -> Callable[P, R]:
    """The flags of verbs that change something, after those of all runs."""
    for decorator in reversed(
        (
            flags.yes_flag,
            flag("--skip-preview", "-f", is_flag=True, help="Do not preview first."),
            flag("--preview-only", is_flag=True, help="Preview and stop."),
            flag("--continue-on-error", is_flag=True, help="Go on with what does not depend on a failed resource."),
        )
    ):
        command = decorator(command)
    return command


def watch_flags(command: Callable[P, R]) -> Callable[P, R]:
    """The flags that `pulumi watch` shares with the other runs."""
    for decorator in reversed(
        (
            flags.stack_flag,
            *_TOLD[:2],
            _TOLD[3],
            flag("--refresh", "-r", is_flag=True, help="First make the state say what is live."),
            flag("--config", "-c", multiple=True, metavar="KEY=VALUE", help="Set config for this and later runs."),
            flag("--config-path", is_flag=True, help="Keys of --config are paths into a value."),
            _CONFIG_FILE,
            flags.secrets_flag,
            *_SHOWN,
            flags.later_flags,
            flags.global_flags,
        )
    ):
        command = decorator(command)
    return policy_flags(command)


def import_flags(command: Callable[P, R]) -> Callable[P, R]:
    """The flags that `pulumi import` shares with the other runs."""
    for decorator in reversed(
        (
            flags.stack_flag,
            flags.yes_flag,
            # Its short form is --file's.
            flag("--skip-preview", is_flag=True, help="Do not preview first."),
            flag("--preview-only", is_flag=True, help="Preview and stop."),
            *_TOLD,
            _CONFIG_FILE,
            flags.secrets_flag,
            *_SHOWN,
            flags.later_flags,
            flags.global_flags,
        )
    ):
        command = decorator(command)
    return command


@click.command(cls=Command, epilog="Example: pulumi preview --stack dev --diff")
@_shared
@policy_flags
@flag("--save-plan", type=click.Path(dir_okay=False), default="", help="Write what would happen to this file.")
@flag("--import-file", type=click.Path(dir_okay=False), default="", help="Write an import file for what is created.")
@flag("--graph", type=click.Path(dir_okay=False), default="", help="Draw it: FILE ends in .svg, .dot, .mmd or .md.")
@flag(
    "--format",
    type=click.Choice(REPORT_FORMATS),
    help="Print a report for a pull request or a tool, in place of the display.",
)
@click.pass_obj
def preview(invocation: Invocation, /, **given: object) -> int:
    """Show what `pulumi up` would do, and do nothing."""
    return _carry_out(invocation, _wishes(Kind.UPDATE, given | {"preview_only": True}))


@click.command(cls=Command, epilog="Example: pulumi up --stack dev --yes --message 'larger warehouse'")
@_changing
@flags.later_flags_without("--strict")
@_without_later
@policy_flags
@flag("--plan", type=click.Path(dir_okay=False), default="", help="Do what this saved plan has, and nothing else.")
@flag("--strict", is_flag=True, help="Do what the preview showed, and nothing else.")
@flag("--ignore-protect", is_flag=True, help="Replace and delete protected resources as well.")
@flag("--plan-hash", default="", metavar="HASH", help="Refuse the plan unless it is the one that was reviewed.")
@click.pass_obj
def up(invocation: Invocation, /, **given: object) -> int:
    """Make real what the program declares. Shows a preview and asks first."""
    return _carry_out(invocation, _wishes(Kind.UPDATE, given))


@click.command(cls=Command, epilog="Example: pulumi refresh --stack dev --preview-only")
@_changing
@_shared
@flag("--skip-pending-creates", is_flag=True, help="Do not ask what became of creates that were cut off.")
@flag("--clear-pending-creates", is_flag=True, help="Take creates that were cut off for failed, and forget them.")
@flag(
    "--import-pending-creates",
    multiple=True,
    metavar="URN ID",
    help="The id of the object that a create which was cut off did make: the URN, then (flag given again) the id.",
)
@click.pass_obj
def refresh(invocation: Invocation, /, **given: object) -> int:
    """Make the state say what is live. Changes no object."""
    return _carry_out(invocation, _wishes(Kind.REFRESH, given))


@click.command(cls=Command, epilog="Example: pulumi destroy --stack dev --yes --remove")
@_changing
@_shared
@flag("--remove", is_flag=True, help="Remove the stack as well, and its config file.")
@flag("--exclude-protected", is_flag=True, help="Leave protected resources alone, and what they need.")
@click.pass_obj
def destroy(invocation: Invocation, /, **given: object) -> int:
    """Delete every object of the stack, in reverse order."""
    return _carry_out(invocation, _wishes(Kind.DESTROY, given))


def _wishes(kind: Kind, given: dict[str, object]) -> Wishes:
    return Wishes(kind=kind, **given)  # type: ignore[arg-type]  # click has checked each by its flag


def _carry_out(invocation: Invocation, wishes: Wishes) -> int:
    from reconciler.cli.conductor import carry_out  # The engine is not paid for by `--help`.

    return carry_out(invocation, wishes)
