"""The reports of one command: collected while it runs, published after each of its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from reconciler import errors
from reconciler.cli import saved_plans, surroundings
from reconciler.cli.render.forecast import MOST_RUNS
from reconciler.cli.report import outlets
from reconciler.cli.report.collect import ReportView
from reconciler.deploy import events

if TYPE_CHECKING:
    from reconciler.cli.invocation import Invocation
    from reconciler.cli.wishes import Wishes
    from reconciler.cli.workspace import Workspace


class Reporter:
    """What `--format` and `--report` ask for, of one run.

    Raises:
        UsageError: a file's name says no form.
    """

    def __init__(self, invocation: Invocation, workspace: Workspace, wishes: Wishes) -> None:
        self._invocation = invocation
        self._workspace = workspace
        self._wishes = wishes
        self._files = {Path(name): outlets.format_of(Path(name)) for name in wishes.report}
        project, stack = workspace.project.name, workspace.stack.stack
        self._view = ReportView(project, stack, wishes.kind, invocation.redactor)

    @property
    def is_display(self) -> bool:
        """Is the report what the command prints, in place of a display?"""
        return bool(self._wishes.format)

    def emit(self, event: events.Event) -> None:
        """Take one event in."""
        self._view.emit(event)

    def finish(self) -> None:
        """Write the files, and print what is to be printed."""
        folder = self._workspace.project.folder
        commit = surroundings.git_facts(folder)[1].get("git.head", "")
        report = self._view.report(plan_hash=self._plan_hash(), commit=commit, history=self._history())
        place = PurePosixPath(surroundings.repository_prefix(folder))
        program = PurePosixPath(self._workspace.project.program.relative_to(folder).as_posix())
        for path, form in self._files.items():
            outlets.write(path, outlets.render(report, form, folder=place, program=program))
        if self._wishes.format:
            forge = outlets.forge_of(self._workspace.environment)
            text = outlets.render(report, self._wishes.format, folder=place, program=program, forge=forge)
            self._invocation.terminal.write(text)

    def _history(self) -> Sequence[Mapping[str, object]]:
        try:
            return self._workspace.backend.history(self._workspace.stack, MOST_RUNS)
        except errors.ReconcilerError:
            # A damaged record tells nothing of how long a run takes, and must not cost the report.
            return ()

    def _plan_hash(self) -> str:
        path = Path(self._wishes.save_plan or self._wishes.plan or "/")
        return saved_plans.hash_of(path.read_bytes()) if path.is_file() else ""
