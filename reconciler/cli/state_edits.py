"""How a command edits the state: pick a resource, show, ask, edit, report. The verbs are in `cli.state`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from reconciler import errors
from reconciler.cli.invocation import Invocation

if TYPE_CHECKING:
    from reconciler.backend.edits import Edited
    from reconciler.cli.workspace import Workspace
    from reconciler.state.secrets import SecretsManager
    from reconciler.state.snapshots import Snapshot

QUESTION = "This command will edit your stack's state directly. Confirm?"
PROTECT_QUESTION = (
    "This will protect by modifying the stack state directly.\n"
    "If your program does not also set the 'protect' resource option, Pulumi will unprotect the\n"
    "resource the next time your program runs (e.g. as part of a `pulumi up`)\n"
    "Confirm?"
)


class StateEdit:
    """One edit of the stack's state by a command."""

    def __init__(self, invocation: Invocation, *, yes: bool = False, check_integrity: bool = True) -> None:
        from reconciler.cli.workspace import Workspace  # The backend is not paid for by `--help`.

        self._invocation = invocation
        self.terminal = invocation.terminal
        self.workspace: Workspace = Workspace(invocation)
        self._yes = yes or invocation.skips_confirmations
        self.before: Snapshot = load(invocation, self.workspace, check_integrity=check_integrity)

    def pick(self, urn: str | None, question: str) -> str:
        """The URN given, else the one that a person picks from a list.

        Raises:
            UsageError: none was given and nobody is there to pick one.
        """
        if urn is not None:
            return urn
        if not self.terminal.interactive:
            raise missing("resource URN")
        known = list(dict.fromkeys(resource.urn for resource in self.before.resources))
        return picked(self.terminal.write, self.terminal.ask, known, question)

    def place(self, urn: str) -> int:
        """Where the record of a URN stands; of several, a person picks one.

        Raises:
            ResourceNotInStateError: there is none.
            AmbiguousResourceError: there are several, and nobody is there to pick one.
        """
        from reconciler.state import surgery

        found = surgery.places(self.before, urn)
        if len(found) == 1 or not self.terminal.interactive:
            return surgery.place(self.before, urn)
        records = [self.before.resources[index] for index in found]
        shown = [
            f'"{one.id}"{" (Protected)" if one.protect else ""}{" (Pending Deletion)" if one.delete else ""}'
            for one in records
        ]
        question = "Multiple resources with the given URN exist, please select the one to edit:"
        return found[shown.index(picked(self.terminal.write, self.terminal.ask, shown, question))]

    def confirm(self, question: str = QUESTION, *, always: bool = False) -> None:
        """Ask, unless the line or the environment says yes. Off a terminal only what is asked `always` needs a yes.

        Raises:
            CancelledError: the answer is not yes.
            UsageError: nobody is there to answer, and a yes is needed.
        """
        if self._yes:
            return
        if not self.terminal.interactive:
            if always:
                raise errors.UsageError("in non-interactive mode it must be told that it may go ahead", hint="--yes")
            return
        if self.terminal.ask(f"warning: {question} (y/N) ").strip().lower() not in ("y", "yes"):
            raise errors.CancelledError("confirmation declined")

    def make(self, decide: Callable[[Snapshot], Snapshot], message: str) -> Edited:
        """Make the edit and say what state it leaves."""
        from reconciler.backend import edits

        workspace = self.workspace
        secrets = secrets_of(workspace)
        edited = edits.edit(workspace.backend, workspace.stack, secrets, self.before, decide, message)
        self.report(edited)
        return edited

    def report(self, edited: Edited, stack: str = "") -> None:
        """The integrity report."""
        for note in edited.notes:
            self.terminal.warn(f"warning: {note}")
        self.terminal.write(integrity_report(edited, stack))


def load(invocation: Invocation, workspace: Workspace, *, check_integrity: bool = True) -> Snapshot:
    """The state of a workspace's stack, its secrets opened and known to the redactor."""
    checks = check_integrity and workspace.checks_integrity
    snapshot = workspace.backend.load(workspace.stack, secrets_of(workspace), check_integrity=checks).snapshot
    invocation.redactor.learn_resources(*snapshot.resources)
    return snapshot


def secrets_of(workspace: Workspace) -> SecretsManager | None:
    """The secrets manager of a workspace's stack, which may be one of another project."""
    if workspace.stack.project == workspace.project.name:
        return workspace.secrets
    return workspace.open_other_secrets(workspace.backend.read(workspace.stack).checkpoint.secrets_provider)


def integrity_report(edited: Edited, stack: str = "") -> str:
    """What state an edit left, and where the one before is."""
    count, of = len(edited.snapshot.resources), f" of {stack}" if stack else ""
    lines = [f"Integrity{of}: {count} resource{'s' if count != 1 else ''}, {_count(edited.findings)}\n"]
    lines += [f"  - {finding}\n" for finding in edited.findings]
    if edited.findings:
        lines.append("  `pulumi state repair` mends what can be mended\n")
    if edited.changed:
        lines.append(f"Backup{of}: {edited.backup}\n")
    else:
        lines.append("Nothing had to be written\n")
    return "".join(lines)


def _count(findings: tuple[str, ...]) -> str:
    return f"{len(findings)} broken rule(s), as before" if findings else "no rule is broken"


def missing(*arguments: str) -> errors.UsageError:
    """The error for arguments that only a person on a terminal may leave out."""
    named = " and ".join(f"<{argument}>" for argument in arguments)
    return errors.UsageError(
        f"Must supply {named} unless pulumi is run interactively", hint="`pulumi stack --show-urns` lists URNs"
    )


def picked(write: Callable[[str], None], ask: Callable[[str], str], known: list[str], question: str) -> str:
    """What a person picks from a list: by its number, or by a part that no other one has.

    Raises:
        StateEditError: there is nothing to pick.
        UsageError: the answer fits none, or several.
    """
    if not known:
        raise errors.StateEditError("the state has no resources", hint="`pulumi up` makes some")
    for number, each in enumerate(known, start=1):
        write(f"  {number}  {each}\n")
    answer = ask(f"{question.rstrip(':')} (number, or a part of it): ").strip()
    if answer.isdigit() and 0 < int(answer) <= len(known):
        return known[int(answer) - 1]
    fitting = [each for each in known if answer and answer in each]
    if answer in known or len(fitting) == 1:
        return answer if answer in known else fitting[0]
    raise errors.UsageError(
        f"{answer!r} fits {len(fitting) or 'none'} of them" if answer else "nothing was chosen",
        hint="give the number, or a part of the URN that no other one has",
    )
