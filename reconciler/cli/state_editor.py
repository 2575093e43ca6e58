"""`pulumi state edit`: the whole state in the person's editor, as `stack export` has it, and what changed in it."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler import errors
from reconciler.cli import flags
from reconciler.cli.flags import Command
from reconciler.cli.invocation import Invocation
from reconciler.cli.state_edits import StateEdit, secrets_of

if TYPE_CHECKING:
    from reconciler.state.snapshots import Snapshot


@click.command(cls=Command, epilog="Example: EDITOR='code --wait' pulumi state edit")
@flags.stack_flag
@flags.global_flags
@click.pass_obj
def edit(invocation: Invocation) -> None:
    """Edit the state in $EDITOR; secrets stay encrypted. Shows what changed before it is saved."""
    from reconciler.backend import edits

    if not invocation.terminal.interactive:
        raise errors.UsageError(
            "pulumi state edit must be run in interactive mode",
            hint="`pulumi stack export`, edit the file, and `pulumi stack import`",
        )
    editor = shlex.split(invocation.environment.get("EDITOR", ""))
    if not editor:
        raise errors.UsageError("no EDITOR environment variable set", hint="EDITOR=vi pulumi state edit")
    session = _Session(StateEdit(invocation, check_integrity=False))
    with tempfile.TemporaryDirectory(prefix="pulumi-state-edit-") as folder:
        edited = session.run(Path(folder) / "state.json", editor)
    if edited is None:
        invocation.terminal.warn("warning: provided state was not changed")
        return
    state, workspace = session.state, session.state.workspace
    with edits.opened(workspace.backend, workspace.stack, secrets_of(workspace)) as opened:
        edits.refuse_changed(workspace.stack, state.before, opened.snapshot)
        state.report(opened.save(edited, "state edit"))


class _Session:
    """The editor, the check of what comes back, and the question what to do with it, until one of them ends it."""

    def __init__(self, state: StateEdit) -> None:
        self.state = state
        self._secrets = secrets_of(state.workspace)
        self._text = self._render(state.before)

    def run(self, file: Path, editor: list[str]) -> Snapshot | None:
        """The state that the person accepts; None when nothing was changed."""
        terminal = self.state.terminal
        _write(file, self._text)
        while True:
            _open_editor([*editor, str(file)])
            try:
                edited = self._read(file)
            except errors.ReconcilerError as error:
                terminal.warn(f"error: provided state is not valid: {error}")
                question, answers = "Received invalid state. What would you like to do?", "edit/reset/cancel"
            else:
                if edited == self.state.before:
                    return None
                terminal.write(self._difference(edited))
                question, answers = "Do you want to perform this edit?", "accept/edit/reset/cancel"
            answer = terminal.ask(f"{question} [{answers}] (edit): ").strip().lower() or "edit"
            if answer == "accept" and "accept" in answers:
                return edited
            if answer == "reset":
                _write(file, self._text)
            elif answer == "cancel":
                raise errors.CancelledError("the state edit was cancelled; the state is as it was")

    def _render(self, snapshot: Snapshot) -> str:
        from reconciler.state.checkpoints import render_export

        secrets = self._secrets
        provider = secrets.state if secrets is not None else None
        return render_export(snapshot, secrets, provider, time=self.state.workspace.backend.timestamp()) + "\n"

    def _read(self, file: Path) -> Snapshot:
        from reconciler.backend.stacks import verify
        from reconciler.state.checkpoints import decode_snapshot, read_export

        snapshot = decode_snapshot(read_export(file.read_bytes()), self._secrets)
        if self.state.workspace.checks_integrity:
            verify(snapshot)
        return snapshot

    def _difference(self, edited: Snapshot) -> str:
        from reconciler.cli.render.snapshots import difference_lines
        from reconciler.state.comparison import compare

        return "\n".join(difference_lines(compare(self.state.before, edited), self.state.terminal.painter)) + "\n"


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


def _open_editor(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False)
    except OSError as error:
        raise errors.UsageError(f"the editor {command[0]!r} cannot be started: {error.strerror}") from error
    if done.returncode:
        raise errors.CancelledError(f"the editor ended with exit code {done.returncode}; the state is as it was")
