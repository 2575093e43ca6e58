"""`pulumi state`: edits of what is recorded, resource by resource, for when the record and the world disagree.

What an edit means is decided in `state.surgery*`; none calls a provider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, Group, flag
from reconciler.cli.invocation import Invocation
from reconciler.cli.state_edits import PROTECT_QUESTION, QUESTION, StateEdit, missing

if TYPE_CHECKING:
    from reconciler.state.snapshots import Snapshot
    from reconciler.state.surgery_repair import Repair

P = ParamSpec("P")
R = TypeVar("R")


class StateVerbs(Group):
    """The verbs below `state`, some in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In teaching order."""
        return [
            *(
                "get",
                "delete",
                "rename",
                "move",
                "protect",
                "unprotect",
                "taint",
                "untaint",
                "repair",
                "edit",
                "upgrade",
            ),
        ]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a verb, and import it if it is one of those apart."""
        if cmd_name == "get":
            from reconciler.cli.state_get import get

            return get
        if cmd_name == "move":
            from reconciler.cli.state_move import move

            return move
        if cmd_name == "edit":
            from reconciler.cli.state_editor import edit

            return edit
        if cmd_name == "upgrade":
            from reconciler.cli.state_upgrade import upgrade

            return upgrade
        return super().get_command(ctx, {"remove": "delete"}.get(cmd_name, cmd_name))

    def later_commands(self) -> Sequence[str]:
        """Upstream's verbs that this version does not have."""
        return ("eject", "promote")


@click.group(cls=StateVerbs, epilog="Example: pulumi state unprotect 'urn:pulumi:dev::shop::test:index:Thing::lake'")
@flags.stack_flag
@flags.global_flags
def state() -> None:
    """Edit the current stack's state. URNs are single-quoted; `pulumi stack --show-urns` lists them."""


def _edit_flags(command: Callable[P, R]) -> Callable[P, R]:
    return flags.yes_flag(flags.stack_flag(flags.global_flags(command)))


@state.command(cls=Command, epilog="Example: pulumi state delete 'urn:pulumi:dev::shop::test:index:Thing::lake'")
@click.argument("urn", metavar="[RESOURCE-URN]", required=False)
@flag("--force", is_flag=True, help="Delete it though it is protected.")
@flag("--target-dependents", is_flag=True, help="Delete what depends on it as well.")
@flag("--all", "everything", is_flag=True, help="Delete all resources of the stack.")
@_edit_flags
@click.pass_obj
def delete(
    invocation: Invocation, urn: str | None, force: bool, target_dependents: bool, everything: bool, yes: bool
) -> None:
    """Delete a resource from the state; its object stays, and is forgotten.

    Refuses while others depend on it or are below it.
    """
    from reconciler.state import surgery

    if everything and urn is not None:
        raise errors.UsageError("cannot specify a resource URN when deleting all resources")
    if not (everything or urn is not None or invocation.terminal.interactive):
        raise missing("resource URN")
    edit = StateEdit(invocation, yes=yes)
    if everything:
        places = set(range(len(edit.before.resources)))
    else:
        places = {edit.place(edit.pick(urn, "Select the resource to delete:"))}

    def decide(snapshot: Snapshot) -> Snapshot:
        return surgery.delete(snapshot, places, force=force, target_dependents=target_dependents)

    left = {id(resource) for resource in decide(edit.before).resources}
    gone = [resource for resource in edit.before.resources if id(resource) not in left]
    for resource in gone:
        if resource.protect:
            edit.terminal.warn(f"warning: deleting protected resource {resource.urn} due to presence of --force")
    if len(gone) > 1:
        edit.terminal.write("".join(f"  - {resource.urn}\n" for resource in gone))
    edit.confirm()
    edit.make(decide, "state delete --all" if everything else f"state delete {edit.before.resources[min(places)].urn}")
    edit.terminal.write("Resources deleted\n" if everything else "Resource deleted\n")


@state.command(cls=Command, epilog="Example: pulumi state rename 'urn:pulumi:dev::shop::test:index:Thing::a' b")
@click.argument("urn", metavar="[RESOURCE-URN]", required=False)
@click.argument("name", metavar="[NEW-NAME]", required=False)
@_edit_flags
@click.pass_obj
def rename(invocation: Invocation, urn: str | None, name: str | None, yes: bool) -> None:
    """Rename a resource in the state, and in everything there that names it."""
    from reconciler.model import urns
    from reconciler.state import surgery

    if (urn is None or name is None) and not invocation.terminal.interactive:
        raise missing("resource URN", "new name")
    if urn is not None and not urns.is_urn(urn):
        raise errors.UsageError("The provided input URN is not valid", hint="`pulumi stack --show-urns` lists URNs")
    edit = StateEdit(invocation, yes=yes)
    chosen = edit.pick(urn, "Select a resource to rename:")
    new = name if name is not None else edit.terminal.ask("Choose a new resource name: ").strip()

    def decide(snapshot: Snapshot) -> Snapshot:
        return surgery.rename(snapshot, chosen, new)

    decide(edit.before)
    edit.confirm()
    edit.make(decide, f"state rename {chosen} {new}")
    edit.terminal.write("Resource renamed\n")


def _marking(
    name: str, summary: str, done: str, *, protect: bool | None = None, taint: bool | None = None
) -> click.Command:
    """A verb that sets or clears a mark. `done`: the mark as the reports say it."""

    @click.argument("named", metavar="[RESOURCE-URN]...", nargs=-1)
    @flag("--all", "everything", is_flag=True, hidden=bool(taint), help=f"{name.capitalize()} all resources.")
    @_edit_flags
    @click.pass_obj
    def verb(invocation: Invocation, named: tuple[str, ...], everything: bool, yes: bool) -> None:
        from reconciler.state import surgery

        if everything and (named or taint):
            raise errors.UsageError(f"{name} --all {'takes no URN' if named else 'would replace all there is'}")
        if not (everything or named or invocation.terminal.interactive):
            raise missing("resource URN")
        edit = StateEdit(invocation, yes=yes)
        chosen = named or (() if everything else (edit.pick(None, f"Select a resource to {name}:"),))

        def decide(snapshot: Snapshot) -> Snapshot:
            return surgery.mark(snapshot, chosen or None, protect=protect, taint=taint)

        decide(edit.before)
        edit.confirm(PROTECT_QUESTION if protect else QUESTION)
        edit.make(decide, f"state {name} {' '.join(chosen) or '--all'}")
        edit.terminal.write(f"All resources {done}\n" if everything else f"{len(chosen)} resources {done}\n")

    verb.__doc__ = summary
    return state.command(name, cls=Command, epilog=f"Example: pulumi state {name} --all --yes")(verb)


protect = _marking(
    "protect",
    "Protect resources in the state: no run deletes them until the program, which must say `protect` too, has run.",
    "protected",
    protect=True,
)
unprotect = _marking(
    "unprotect", "Clear `protect` in the state, so that it may be deleted.", "unprotected", protect=False
)
taint = _marking("taint", "Mark resources so that the next `pulumi up` replaces them.", "tainted", taint=True)
untaint = _marking("untaint", "Clear that mark again.", "untainted", taint=False)


@state.command(cls=Command, epilog="Example: pulumi state repair --stack dev")
@_edit_flags
@click.pass_obj
def repair(invocation: Invocation, yes: bool) -> None:
    """Put a broken state in order: sort it, and drop references to what is not there.

    A sound state is left alone; so is one that cannot be mended.
    """
    from reconciler.state import integrity, surgery_repair

    edit = StateEdit(invocation, yes=yes, check_integrity=False)
    if not integrity.violations(edit.before):
        edit.terminal.write("The snapshot is already valid; skipping repair\n")
        return
    edit.terminal.write(_told(surgery_repair.repair(edit.before)))
    edit.confirm(always=True)
    edit.make(lambda snapshot: surgery_repair.repair(snapshot).snapshot, "state repair")
    edit.terminal.write("State repaired successfully\n")


def _told(repaired: Repair) -> str:
    parts: list[str] = []
    if repaired.repeated:
        parts.append("The following resources are there twice, alike in everything, and will be there once:\n\n")
        parts += [f"- {urn}\n" for urn in repaired.repeated]
        parts.append("\n")
    if repaired.reordered:
        parts.append("The following resources will be reordered to appear before their dependents:\n\n")
        parts += [f"* {urn}\n" for urn in repaired.reordered]
        parts.append("\n")
    if repaired.pruned:
        parts.append("The following resources will be modified to remove missing dependencies:\n\n")
    for pruned in repaired.pruned:
        parts.append(f"~ {pruned.old}\n")
        if pruned.new != pruned.old:
            parts.append(f"  ~ {pruned.new} [urn]\n")
        parts += [f"  - {urn} [{role}]\n" for role, urn in pruned.removed]
    return "".join(parts)
