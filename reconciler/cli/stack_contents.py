"""`pulumi stack output`, `export` and `import`: what a stack holds, out and in."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.cli.workspace import Workspace
    from reconciler.model.values import PropertyMap, Value
    from reconciler.state.checkpoints import Checkpoint
    from reconciler.state.snapshots import Snapshot


@click.command(cls=Command, epilog="Example: pulumi stack output --json --show-secrets")
@click.argument("name", required=False)
@flags.stack_flag
@flags.json_flag
@flag("--shell", is_flag=True, help="Print lines that a shell can read.")
@flags.secrets_flag
@flags.global_flags
@click.pass_obj
def output(invocation: Invocation, name: str | None, as_json: bool, shell: bool, show_secrets: bool) -> None:
    """Print the stack's outputs, or one of them."""
    from reconciler.cli.workspace import Workspace
    from reconciler.model.codec import render_json

    if as_json and shell:
        raise errors.UsageError("--json and --shell exclude each other")
    workspace = Workspace(invocation)
    outputs = workspace.outputs(blind=not show_secrets)
    terminal = invocation.terminal
    if name is not None:
        if name not in outputs:
            raise errors.ReconcilerError(
                f"current stack does not have output property '{name}'",
                hint=f"it has: {', '.join(sorted(outputs)) or 'none'}",
            )
        value = plain(outputs[name], show_secrets=show_secrets)
        if as_json:
            terminal.write(render_json(value, indent=2) + "\n")
        else:
            terminal.write(f"{name}={_shell(value)}\n" if shell else f"{as_text(value)}\n")
        return
    plains = {key: plain(outputs[key], show_secrets=show_secrets) for key in sorted(outputs)}
    if as_json:
        terminal.write(render_json(plains, indent=2) + "\n")
    elif shell:
        terminal.write("".join(f"{key}={_shell(value)}\n" for key, value in plains.items()))
    else:
        terminal.write(output_table(outputs, show_secrets=show_secrets))


def output_table(outputs: PropertyMap, *, show_secrets: bool) -> str:
    """The outputs in a table, with a title."""
    from reconciler.cli.tables import render_table

    rows = [(name, as_text(plain(outputs[name], show_secrets=show_secrets))) for name in sorted(outputs)]
    title = f"Current stack outputs ({len(rows)}):\n"
    if not rows:
        return f"{title}    No output values currently in this stack\n"
    return title + render_table(("OUTPUT", "VALUE"), rows, indent="    ")


def plain(value: Value, *, show_secrets: bool) -> object:
    """An output as plain data; a secret that is not shown hides the whole output it sits in."""
    from reconciler.model import codec
    from reconciler.model.values import has_secret, reveal

    return codec.encode(_known(reveal(value)), None) if show_secrets or not has_secret(value) else "[secret]"


def _known(value: Value) -> Value:
    """The value with what a failed run left open spelled for people."""
    from reconciler.model.values import Unknown

    match value:
        case Unknown():
            return "[unknown]"
        case Mapping():
            return {key: _known(item) for key, item in value.items()}
        case tuple():
            return tuple(_known(item) for item in value)
        case _:
            return value


def as_text(value: object) -> str:
    """Text as it is, everything else as compact JSON."""
    from reconciler.model.codec import render_json

    return value if isinstance(value, str) else render_json(value)


def _shell(value: object) -> str:
    return shlex.quote(as_text(value))


@click.command(cls=Command, epilog="Example: pulumi stack export --file state.json")
@flags.stack_flag
@flag("--file", type=click.Path(dir_okay=False), default="", help="Write to this file instead of stdout.")
@flags.secrets_flag
@flag("--version", "at", metavar="N", default="", help="Export this version of the history in place of the latest.")
@flags.global_flags
@click.pass_obj
def export(invocation: Invocation, file: str, show_secrets: bool, at: str) -> None:
    """Print the stack's state. Secrets stay encrypted unless they are to be shown."""
    from reconciler.cli.workspace import Workspace
    from reconciler.project.documents import write_text
    from reconciler.state.checkpoints import render_export

    workspace = Workspace(invocation)
    secrets = workspace.secrets
    snapshot = snapshot_at(workspace, at) if at else workspace.load().snapshot
    text = render_export(snapshot, None if show_secrets else secrets, secrets.state, time=workspace.backend.timestamp())
    if file:
        write_text(invocation.directory / file, f"{text}\n", private=True)
    else:
        invocation.terminal.write(f"{text}\n")


@click.command("import", cls=Command, epilog="Example: pulumi stack import --file state.json")
@flags.stack_flag
@flag("--file", type=click.Path(exists=True, dir_okay=False), help="Read this file instead of stdin.")
@flag("--force", "-f", is_flag=True, help="Import although resources belong to another stack or break the rules.")
@flags.global_flags
@click.pass_obj
def import_state(invocation: Invocation, file: str | None, force: bool) -> None:
    """Replace the stack's state by one that `stack export` wrote. Secrets are encrypted anew."""
    from reconciler.backend import edits
    from reconciler.cli.state_edits import integrity_report
    from reconciler.cli.workspace import Workspace
    from reconciler.state.checkpoints import read_export

    workspace = Workspace(invocation)
    try:
        text = (invocation.directory / file).read_bytes() if file else sys.stdin.buffer.read()
    except OSError as error:
        raise errors.UsageError(f"{file} cannot be read: {error.strerror}") from error
    checkpoint = read_export(text)
    snapshot = _decoded(workspace, checkpoint)
    findings = [*_foreign(workspace, snapshot), *_broken(workspace, snapshot)]
    if findings and not force:
        raise errors.SnapshotIntegrityError(findings, hint="--force imports it all the same")
    for finding in findings:
        invocation.terminal.warn(f"warning: {finding}")
    for operation in snapshot.pending:
        urn = operation.resource.urn
        invocation.terminal.warn(f"warning: removing pending operation '{operation.type}' on '{urn}' from snapshot")
    with edits.opened(workspace.backend, workspace.stack, workspace.secrets) as opened:
        edited = opened.save(dataclasses.replace(snapshot, pending=()), "stack import", force=True)
    invocation.terminal.write(f"Import complete.\n{integrity_report(edited)}")


def snapshot_at(workspace: Workspace, version: str) -> Snapshot:
    """The state of a version of the history, its secrets opened.

    Raises:
        UsageError: it is no number.
        BackendError: there is no such version.
    """
    from reconciler.state.surgery import rename_stack

    if not version.isdecimal():
        raise errors.UsageError(f"{version!r} is no version", hint="`pulumi stack history` lists them by number")
    stack = workspace.stack
    checkpoint = workspace.backend.version(stack, int(version)).checkpoint
    snapshot = _decoded(workspace, checkpoint)
    # Of before the stack was renamed: told as it would be called today.
    return snapshot if checkpoint.stack == str(stack) else rename_stack(snapshot, stack.project, stack.stack)


def _decoded(workspace: Workspace, checkpoint: Checkpoint) -> Snapshot:
    """The snapshot of an export, decrypted with the manager that it names itself."""
    from reconciler.state.checkpoints import decode_snapshot
    from reconciler.state.secrets import SecretsManager

    provider = checkpoint.secrets_provider
    cipher: SecretsManager = workspace.secrets
    if provider is not None and provider != cipher.state and has_ciphertext(checkpoint.deployment):
        cipher = workspace.open_other_secrets(provider) or cipher
    return decode_snapshot(checkpoint, cipher)


def has_ciphertext(data: object) -> bool:
    """Is an encrypted secret anywhere inside plain JSON data?"""
    # Without recursion: nobody has looked yet how deep the data is.
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            if "ciphertext" in item:
                return True
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
    return False


def _foreign(workspace: Workspace, snapshot: Snapshot) -> Iterator[str]:
    from reconciler.model import urns

    stack = workspace.stack
    for resource in snapshot.resources:
        if urns.stack(resource.urn) != stack.stack or urns.project(resource.urn) != stack.project:
            its = f"{urns.project(resource.urn)}/{urns.stack(resource.urn)}"
            yield f"resource '{resource.urn}' refers to stack '{its}', not '{stack.project}/{stack.stack}'"


def _broken(workspace: Workspace, snapshot: Snapshot) -> Sequence[str]:
    from reconciler.state import integrity

    return integrity.violations(snapshot) if workspace.checks_integrity else ()
