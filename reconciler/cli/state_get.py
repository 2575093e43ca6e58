"""`pulumi state get`: what the state says of one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.state_edits import missing, picked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reconciler.model.resources import Recorded
    from reconciler.model.values import PropertyMap


@click.command(cls=Command, epilog="Example: pulumi state get lake --json")
@click.argument("resource", metavar="[RESOURCE]", required=False)
@flags.stack_flag
@flags.json_flag
@flags.secrets_flag
@flags.global_flags
@click.pass_obj
def get(invocation: Invocation, resource: str | None, as_json: bool, show_secrets: bool) -> None:
    """Show what the state has of a resource, by its URN or, where no other has it, its name."""
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json

    terminal = invocation.terminal
    if resource is None and not terminal.interactive:
        raise missing("resource")
    workspace = Workspace(invocation)
    resources = workspace.load(blind=not show_secrets).snapshot.resources
    if resource is None:
        known = list(dict.fromkeys(one.urn for one in resources))
        resource = picked(terminal.write, terminal.ask, known, "Select the resource to show")
    records = _records(resources, resource)
    current = next((one for one in records if not one.delete), records[0])
    if len(records) > 1 and not current.delete:
        terminal.warn(
            f"warning: {len(records) - 1} copy(ies) of this resource are pending deletion; showing the live resource"
            " (`pulumi stack export` lists all copies)"
        )
    if as_json:
        terminal.write(render_json(_described(current, show_secrets=show_secrets), indent=2) + "\n")
    else:
        terminal.write("".join(f"{line}\n" for line in _lines(invocation, current, show_secrets=show_secrets)))


def _records(resources: Sequence[Recorded], wanted: str) -> list[Recorded]:
    """The records of a URN, or of the one URN of a name."""
    from reconciler.model import urns
    from reconciler.state import surgery
    from reconciler.state.snapshots import Snapshot

    if urns.is_urn(wanted):
        state = Snapshot(resources=tuple(resources))
        return [resources[place] for place in surgery.places(state, wanted)]
    named = [one for one in resources if urns.is_urn(one.urn) and urns.name(one.urn) == wanted]
    if not named:
        raise errors.ResourceNotInStateError(wanted, hint="`pulumi stack --show-urns` lists names and URNs")
    found = list(dict.fromkeys(one.urn for one in named))
    if len(found) > 1:
        lines = "".join(f"\n    {urn}" for urn in found)
        raise errors.UsageError(
            f'{len(found)} resources in the stack are named "{wanted}":{lines}', hint="name the URN"
        )
    return named


def _visible(properties: PropertyMap) -> PropertyMap:
    return {name: value for name, value in properties.items() if not name.startswith("__")}


def _described(resource: Recorded, *, show_secrets: bool) -> dict[str, object]:
    from reconciler.cli.stack_contents import plain

    def shown(properties: PropertyMap) -> dict[str, object]:
        return {name: plain(value, show_secrets=show_secrets) for name, value in sorted(_visible(properties).items())}

    return {
        "urn": resource.urn,
        "id": resource.id,
        "type": resource.type,
        "inputs": shown(resource.inputs),
        "outputs": shown(resource.outputs),
    } | ({"pendingDeletion": True} if resource.delete else {})


def _lines(invocation: Invocation, resource: Recorded, *, show_secrets: bool) -> list[str]:
    from reconciler.cli.render.values import Look, whole_map

    lines = [f"Type: {resource.type}", f"URN:  {resource.urn}"]
    lines += [f"ID:   {resource.id}"] if resource.id else []
    lines += ["Pending deletion: yes"] if resource.delete else []
    look = Look(invocation.terminal.painter, show_secrets=show_secrets, full=True)
    for title, properties in (("Inputs", _visible(resource.inputs)), ("Outputs", _visible(resource.outputs))):
        if properties:
            lines += [f"{title}:", *whole_map(properties, depth=1, look=look)]
    return lines
