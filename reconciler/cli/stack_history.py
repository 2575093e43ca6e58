"""`pulumi stack history`: the runs of a stack, and what differs between the states that two of them led to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, Group, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace
    from reconciler.state.snapshots import Snapshot


class HistoryVerbs(Group):
    """What is below `stack history`."""

    def later_commands(self) -> tuple[str, ...]:
        """Upstream's commands below this one that this version does not have."""
        return ("events",)


@click.group(cls=HistoryVerbs, invoke_without_command=True, epilog="Example: pulumi stack history --page-size 3")
@flags.stack_flag
@flags.json_flag
@flags.secrets_flag
@flag("--full-dates", is_flag=True, help="Show when, rather than how long ago.")
@flag("--page-size", type=click.IntRange(min=0), default=10, show_default=True, help="How many; 0 for all.")
@flag("--page", type=click.IntRange(min=1), default=1, show_default=True, help="Which of the pages.")
@flags.global_flags
@click.pass_context
def history(ctx: click.Context, as_json: bool, show_secrets: bool, full_dates: bool, page_size: int, page: int) -> None:
    """Show the runs of the stack, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json

    invocation: Invocation = ctx.obj
    workspace = Workspace(invocation)
    records = list(enumerate(reversed(workspace.backend.history(workspace.stack)), start=1))[::-1]
    if page_size:
        records = records[(page - 1) * page_size : page * page_size]
    if as_json:
        data = [_described(workspace, number, record, show_secrets) for number, record in records]
        invocation.terminal.write(render_json(data, indent=2) + "\n")
        return
    text = "\n".join(_paragraph(number, record, full_dates) for number, record in records)
    nothing = f"No stack updates found on page '{page}'\n" if page > 1 else "Stack has never been updated\n"
    invocation.terminal.write(text or nothing)


def _described(
    workspace: Workspace, number: int, record: Mapping[str, object], show_secrets: bool
) -> Mapping[str, object]:
    from reconciler.cli.tables import json_time

    config = record.get("config")
    data: dict[str, object] = {
        "kind": record.get("kind", ""),
        "version": number,
        "startTime": json_time(_seconds(record, "startTime")),
        "message": record.get("message", ""),
        "environment": record.get("environment", {}),
        "config": {
            key: _config(workspace, value, show_secrets)
            for key, value in (config.items() if isinstance(config, dict) else ())
        },
        "result": record.get("result", ""),
    }
    if record.get("endTime"):
        data["endTime"] = json_time(_seconds(record, "endTime"))
    return data | {"resourceChanges": record.get("resourceChanges", {})}


def _config(workspace: Workspace, value: object, show_secrets: bool) -> Mapping[str, object]:
    if not isinstance(value, dict):
        return {"value": str(value), "secret": False}
    if not show_secrets:
        return {"secret": True}
    ciphertext = str(value.get("secure", ""))
    is_object = ciphertext.startswith("{")
    return {
        "value": "[secret]" if is_object or not ciphertext else _decrypted(workspace, ciphertext),
        "secret": True,
    }


def _decrypted(workspace: Workspace, ciphertext: str) -> str:
    try:
        return workspace.secrets.decrypt(ciphertext)
    except errors.PassphraseError:
        raise
    except errors.DecryptError:
        # Of a secrets provider before a change; upstream's word for it.
        return "ERROR_UNABLE_TO_DECRYPT"


def _paragraph(number: int, record: Mapping[str, object], full_dates: bool) -> str:
    import time

    from reconciler.cli.tables import ago

    start_s, end_s = _seconds(record, "startTime"), _seconds(record, "endTime")
    when = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(start_s)) if full_dates else ago(time.time() - start_s)
    changes, environment = record.get("resourceChanges"), record.get("environment")
    counts = changes if isinstance(changes, dict) else {}
    signs = (("+", "create"), ("-", "delete"), ("~", "update"), (" ", "same"))
    counted = "".join(f"{sign}{counts.get(op, 0)}" for sign, op in signs)
    facts = sorted(environment.items()) if isinstance(environment, dict) else []
    lines = [
        f"Version: {number}",
        f"UpdateKind: {record.get('kind')}",
        f"Status: {record.get('result')}",
        f"Message: {record.get('message', '')}",
        f"{counted} Updated {when} took {int(end_s - start_s)}s",
        *(f"    {key}: {value}" for key, value in facts if str(value).strip()),
    ]
    return "\n".join(lines) + "\n"


def _seconds(record: Mapping[str, object], key: str) -> float:
    value = record.get(key)
    return float(value) if isinstance(value, (int, float)) else 0.0


@history.command(cls=Command, epilog="Example: pulumi stack history diff 3 5")
@click.argument("old", metavar="VERSION")
@click.argument("new", metavar="[VERSION]", required=False)
@flags.stack_flag
@flags.json_flag
@flags.global_flags
@click.pass_obj
def diff(invocation: Invocation, old: str, new: str | None, as_json: bool) -> None:
    """Show what differs in the state from one version to another, by default to the latest; secrets are masked."""
    from reconciler.cli.render.snapshots import difference_lines
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json
    from reconciler.state import comparison

    workspace = Workspace(invocation)
    states = (_state(workspace, old), _state(workspace, new))
    for state in states:
        invocation.redactor.learn_resources(*state.resources)
    compared = comparison.compare(*states)
    terminal = invocation.terminal
    if as_json:
        data = {"from": old, "to": new or "latest", **comparison.to_json(compared)}
        terminal.write(invocation.redactor.mask(render_json(data, indent=2)) + "\n")
        return
    terminal.write(f"Changes from version {old} to {f'version {new}' if new else 'the latest state'}:\n")
    for line in difference_lines(compared, terminal.painter):
        terminal.write(f"{invocation.redactor.mask(line)}\n")


def _state(workspace: Workspace, version: str | None) -> Snapshot:
    from reconciler.cli.stack_contents import snapshot_at

    return workspace.load().snapshot if version is None else snapshot_at(workspace, version)
