"""Preview, ask, run, show: what the verbs that run a program have in common.

What a run does is the engine's business; here it is decided how often the
engine runs (once, or a preview and then for real), who may say no between, and
what the exit code says.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from reconciler import errors, provisioning, wiring
from reconciler.backend.addresses import open_backend
from reconciler.cli import import_files, interrupts, pending_creates, saved_plans, stack_graph, surroundings
from reconciler.cli.config import split_pair
from reconciler.cli.event_log import EventLog
from reconciler.cli.exits import Exit
from reconciler.cli.invocation import Invocation
from reconciler.cli.naming import read_naming
from reconciler.cli.policy_packs import find_packs
from reconciler.cli.protection import Protected, find_protected
from reconciler.cli.redact import MASK
from reconciler.cli.render import jsonview, policies
from reconciler.cli.render.board import Board
from reconciler.cli.render.diffview import DiffView
from reconciler.cli.render.forecast import MOST_RUNS, Forecast, forecast
from reconciler.cli.render.rows import RowsView
from reconciler.cli.render.views import Display, View, Write
from reconciler.cli.report.reporter import Reporter
from reconciler.cli.wishes import Wishes
from reconciler.cli.workspace import Workspace
from reconciler.deploy import events
from reconciler.deploy.options import Kind
from reconciler.model import urns, versions
from reconciler.plan.saved import Plan
from reconciler.project.config_keys import short_key
from reconciler.project.files import Project

# Above this, `--verbose` asks for more than what happens.
_VERBOSE = 3
_LIBRARIES = ("boto3", "botocore", "httpx", "snowflake", "stamina", "urllib3")
_QUESTIONS = {
    Kind.UPDATE: "Do you want to perform this update?",
    Kind.REFRESH: "Do you want to perform this refresh? No objects are changed, only what the state says of them.",
    Kind.DESTROY: "Do you want to perform this destroy?",
    Kind.IMPORT: "Do you want to perform this import?",
}
_UNCHANGED_OPS = ("same", "read")


def carry_out(invocation: Invocation, wishes: Wishes) -> int:
    """Preview, ask and run, as far as the wishes go; the exit code.

    Raises:
        UsageError: nobody may say yes, or a flag contradicts the others.
        ReconcilerError: what stops a run before it begins.
    """
    interactive = invocation.terminal.interactive
    agreed = wishes.yes or wishes.skip_preview or wishes.preview_only or invocation.skips_confirmations
    if not (interactive or agreed):
        raise errors.UsageError(
            "--yes or --skip-preview or --preview-only must be passed in to proceed"
            " when running in non-interactive mode",
            hint="--yes goes ahead after the preview, --skip-preview without one, --preview-only stops after it",
        )
    if wishes.as_json and not agreed:
        raise errors.UsageError("--json leaves no place for a question", hint="pass --yes or --skip-preview as well")
    workspace = Workspace(invocation, config_file=wishes.config_file)
    _set_up_log(invocation.verbosity)
    _set_config(workspace, wishes)
    if wishes.kind is Kind.REFRESH:
        pending_creates.resolve(workspace, wishes, invocation.terminal)
    protected = find_protected(workspace) if wishes.exclude_protected else Protected()
    if protected.is_everything:
        if not wishes.as_json:
            invocation.terminal.write(
                f"There were no unprotected resources to destroy. There are still {len(protected.urns)}"
                " protected resources associated with this stack.\n"
            )
        return Exit.OK
    request = protected.excluded(_request(workspace, wishes))
    return _Runs(invocation, workspace, wishes, request, kept=len(protected.urns)).all()


def _set_config(workspace: Workspace, wishes: Wishes) -> None:
    """`--config` is for this run and the later ones: it goes to the stack's file, as upstream does it."""
    for pair in wishes.config:
        key, value = split_pair(pair)
        workspace.stack_file.set(key, value, path=wishes.config_path)
    if wishes.config:
        workspace.stack_file.write()


def _request(workspace: Workspace, wishes: Wishes) -> wiring.RunRequest:
    project = workspace.project
    _check_project(project, wishes)
    stack = workspace.stack
    secrets = workspace.secrets
    config = workspace.config(checks=not wishes.skip_config_validation)
    title, facts = ("", {}) if wishes.preview_only else surroundings.git_facts(project.folder)
    agent = {"exec.agent": wishes.exec_agent} if wishes.exec_agent else {}
    plugins = provisioning.plugin_places(project, workspace.home.folder, workspace.environment, config.values)
    return wiring.RunRequest(
        root=project.folder,
        entry=project.program,
        stack=stack,
        backend=workspace.backend,
        secrets=secrets,
        config=config.values,
        secret_keys=config.secret_keys,
        history_config=config.stored,
        open_secrets=workspace.open_other_secrets,
        open_backend=lambda url: open_backend(url, workspace.environment),
        options=dataclasses.replace(
            wishes.run_options(refreshes=project.refreshes),
            imports=import_files.find_imports(workspace, wishes),
            legacy_diff=workspace.is_on("PULUMI_ENABLE_LEGACY_DIFF"),
            legacy_refresh_diff=workspace.is_on("PULUMI_ENABLE_LEGACY_REFRESH_DIFF"),
        ),
        message=wishes.message or title,
        runtime_options=project.runtime_options,
        client=wishes.client,
        environment={"exec.kind": wishes.exec_kind, **agent, **facts},
        check_integrity=workspace.checks_integrity,
        plugins=plugins,
        packs=find_packs(wishes.policy_pack, wishes.policy_pack_config, workspace.directory, plugins.interpreter),
        naming=read_naming(config, stack),
        plan=_plan(workspace, wishes),
        save_plan=_plan_writer(workspace, wishes),
    )


def _plan(workspace: Workspace, wishes: Wishes) -> Plan | None:
    if not wishes.plan:
        return None
    state, program = _made_for(workspace)
    return saved_plans.read_plan(
        Path(wishes.plan), workspace.secrets, expected=wishes.plan_hash, state=state, program=program
    )


def _plan_writer(workspace: Workspace, wishes: Wishes) -> Callable[[Plan], None] | None:
    if not wishes.save_plan:
        return None
    state, program = _made_for(workspace)
    return saved_plans.plan_writer(Path(wishes.save_plan), workspace.secrets, state=state, program=program)


def _made_for(workspace: Workspace) -> tuple[str, str]:
    """What names the state, and the committed program, that a plan is made for."""
    state = workspace.backend.read(workspace.stack).hash
    return state, surroundings.content_of(workspace.project.folder)


def _check_project(project: Project, wishes: Wishes) -> None:
    """Is this an engine for the project? An inline program's language is its own affair."""
    file = str(project.path)
    if project.runtime != "python" and not wishes.client:
        raise errors.ProjectError(f"programs in {project.runtime!r} are not in this version", file=file, key="runtime")
    wanted = project.required_version
    try:
        fits = not wanted or versions.parse_range(wanted).has(versions.parse_version(versions.CONTRACT))
    except ValueError as error:
        raise errors.ProjectError(f"{wanted!r} is no range: {error}", file=file, key="requiredPulumiVersion") from error
    if not fits:
        raise errors.ProjectError(
            f"Pulumi CLI version {versions.CONTRACT} does not satisfy the version range {wanted!r}",
            file=file,
            key="requiredPulumiVersion",
        )


def _set_up_log(verbosity: int | None) -> None:
    # What a provider's library warns of, retries and their tracebacks, the provider says in an error of its own.
    # Without a handler Python prints it on stderr; the program's own logging stays as the program wants it.
    for name in _LIBRARIES:
        if not (library := logging.getLogger(name)).handlers:
            library.addHandler(logging.NullHandler())
    if verbosity is not None:
        logging.basicConfig(
            level=logging.DEBUG if verbosity > _VERBOSE else logging.INFO,
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )


def _display(workspace: Workspace, wishes: Wishes, *, preview: bool) -> Display:
    stack = workspace.stack
    permalink = workspace.backend.locate(stack)
    return Display(
        kind=wishes.kind,
        preview=preview,
        stack=workspace.shown(stack),
        painter=workspace.terminal.painter,
        permalink="" if preview or wishes.suppress_permalink else permalink,
        debug=wishes.debug,
        show_sames=wishes.show_sames,
        show_reads=wishes.show_reads,
        show_replacement_steps=wishes.show_replacement_steps,
        show_secrets=wishes.show_secrets,
        show_urns=wishes.urns,
        full_values=wishes.show_full_output,
        suppress_outputs=wishes.suppress_outputs,
        suppress_progress=wishes.suppress_progress,
        show_policy_remediations=wishes.show_policy_remediations,
    )


class _Runs:
    """The one or two runs of a command, and the question between them."""

    def __init__(
        self, invocation: Invocation, workspace: Workspace, wishes: Wishes, request: wiring.RunRequest, *, kept: int
    ) -> None:
        self._invocation = invocation
        self._terminal = invocation.terminal
        self._workspace = workspace
        self._wishes = wishes
        self._request = request
        self._kept = kept
        self._log: EventLog | None = None
        self._printed: jsonview.EventStream | None = None
        self._forecast: Forecast | None = None

    def all(self) -> int:
        """Preview, ask, run; the exit code."""
        if self._wishes.event_log:
            self._log = EventLog(self._invocation, self._wishes.event_log, self._display(preview=False))
        try:
            return self._both()
        finally:
            if self._printed is not None:
                self._printed.close()
            if self._log is not None:
                self._log.close()

    def _both(self) -> int:
        wishes = self._wishes
        if wishes.show_config and not (wishes.as_json or wishes.format):
            self._tell_config()
        if wishes.preview_only or not wishes.skip_preview:
            plans: list[Plan] = []
            if wishes.strict:
                self._request = dataclasses.replace(self._request, save_plan=plans.append)
            summary, seen = self._run(preview=True)
            if plans:
                self._request = dataclasses.replace(self._request, plan=plans[-1], save_plan=None)
            if wishes.graph:
                stack_graph.write_preview_graph(self._invocation, wishes.graph, self._workspace.stack.stack, seen)
            if wishes.import_file:
                import_files.write_import_file(self._invocation, wishes.import_file, seen)
            code = self._code(summary, seen)
            if code != Exit.OK or wishes.preview_only:
                return code
            if not self._is_confirmed(seen):
                raise errors.CancelledError(f"{wishes.kind.verb} was not confirmed; nothing was changed")
            self._expect(summary)
        if not wishes.skip_preview and not wishes.as_json:
            self._terminal.write("\n")
        summary, seen = self._run(preview=False)
        code = self._code(summary, seen)
        if code == Exit.OK and wishes.kind is Kind.DESTROY:
            self._after_destroy()
        return code

    def _tell_config(self) -> None:
        lines = ["Configuration:"]
        project, shows = self._workspace.project.name, self._wishes.show_secrets
        for key, value in sorted(self._request.config.items()):
            is_hidden = key in self._request.secret_keys and not shows
            lines.append(f"    {short_key(key, project)}: {MASK if is_hidden else value}")
        self._terminal.write("\n".join([*lines, "", ""]))

    def _expect(self, preview: events.Summary) -> None:
        """Tell from earlier runs how long this one will take; a person who watches wants to know."""
        if not self._terminal.live:
            return
        changes = sum(many for op, many in preview.changes.items() if op.value not in _UNCHANGED_OPS)
        with contextlib.suppress(errors.ReconcilerError):
            history = self._workspace.backend.history(self._workspace.stack, MOST_RUNS)
            self._forecast = forecast(history, self._wishes.kind.value, changes)

    def _after_destroy(self) -> None:
        stack = self._workspace.stack.stack
        if self._kept:
            # Whatever was asked for: a stack with resources is not removed.
            told = (
                f"All unprotected resources were destroyed. There are still {self._kept} protected resources"
                " associated with this stack."
            )
        elif self._wishes.remove:
            self._workspace.remove_stack()
            told = "The resources in the stack have been deleted, and the stack itself has been removed."
        elif self._request.options.targets or self._request.options.excludes:
            return
        else:
            told = (
                "The resources in the stack have been deleted, but the history and configuration associated with"
                f" the stack are still maintained.\nIf you want to remove the stack completely, run"
                f" `pulumi stack rm {stack}`."
            )
        if not self._wishes.as_json:
            self._terminal.write(f"\n{told}\n")

    def _run(self, *, preview: bool) -> tuple[events.Summary, Sequence[events.Event]]:
        seen: list[events.Event] = []
        reporter = Reporter(self._invocation, self._workspace, self._wishes) if self._wishes.reports else None
        view = reporter if reporter is not None and reporter.is_display else self._view(preview=preview)
        views = [view, reporter] if reporter is not None and view is not reporter else [view]
        lock = threading.Lock()

        def emit(event: events.Event) -> None:
            with lock:
                if preview:
                    seen.append(event)
                else:
                    _keep_failures(seen, event)
                if self._log is not None:
                    self._log.emit(event)
                for view in views:
                    view.emit(event)

        options = dataclasses.replace(self._request.options, preview=preview)
        request = dataclasses.replace(self._request, options=options, stop=threading.Event(), at_once=[])
        try:
            with interrupts.graceful(request.stop, self._terminal.warn, request.at_once):
                summary = wiring.run(request, emit)
        finally:
            for view in views:
                view.finish()
        return summary, seen

    def _view(self, *, preview: bool) -> View:
        display, terminal = self._display(preview=preview), self._terminal
        redactor = self._invocation.redactor
        if self._wishes.as_json:
            is_preview = self._wishes.preview_only and self._wishes.kind is Kind.UPDATE
            if is_preview and not self._invocation.is_on("PULUMI_ENABLE_STREAMING_JSON_PREVIEW"):
                return jsonview.PreviewDocument(display, redactor, terminal.write)
            self._printed = self._printed or jsonview.EventStream(display, redactor, terminal.write)
            return self._printed
        board = self._board()
        if self._wishes.diff:
            return DiffView(display, board, self._writer(display))
        if terminal.live:
            from reconciler.cli.render.tree import TreeView  # rich, which only a terminal needs

            return TreeView(display, board, self._writer(display), terminal.stdout)
        return RowsView(display, board, self._writer(display))

    def _board(self) -> Board:
        stack = self._workspace.stack
        root = urns.build(stack.stack, stack.project, "", urns.STACK_TYPE, f"{stack.project}-{stack.stack}")
        return Board(self._invocation.redactor, time.monotonic, root)

    def _writer(self, display: Display) -> Write:
        """Where a view prints; a secret that is not marked as one where it stands is found by value."""
        write, mask = self._terminal.write, self._invocation.redactor.mask
        return write if display.show_secrets else lambda text: write(mask(text))

    def _display(self, *, preview: bool) -> Display:
        display = _display(self._workspace, self._wishes, preview=preview)
        return display if preview else dataclasses.replace(display, forecast=self._forecast)

    def _is_confirmed(self, seen: Sequence[events.Event]) -> bool:
        wishes = self._wishes
        if wishes.yes or self._invocation.skips_confirmations:
            return True
        while True:
            answer = self._terminal.ask(f"\n{_QUESTIONS[wishes.kind]} [yes/no/details] (no): ").strip().lower()
            if answer in ("details", "d"):
                self._show_details(seen)
            elif answer in ("yes", "y"):
                return True
            elif answer in ("no", "n", ""):
                return False
            else:
                self._terminal.write("Please answer yes, no or details.\n")

    def _show_details(self, seen: Sequence[events.Event]) -> None:
        display = self._display(preview=True)
        view = DiffView(display, self._board(), self._writer(display))
        for event in seen:
            view.emit(event)
        view.finish()

    def _code(self, summary: events.Summary, seen: Sequence[events.Event]) -> Exit:
        if summary.result is events.Result.CANCELED:
            return Exit.CANCELLED
        if summary.result is events.Result.FAILED:
            if any(map(policies.is_mandatory, seen)):
                return Exit.POLICY
            return Exit.RESOURCE if any(isinstance(event, events.StepFailed) for event in seen) else Exit.ERROR
        changes = sum(many for op, many in summary.changes.items() if op.value not in _UNCHANGED_OPS)
        if self._wishes.expect_no_changes and changes:
            self._terminal.warn(f"error: no changes were expected but {changes} {_were(changes, summary.is_preview)}")
            return Exit.CHANGES_FOUND
        return Exit.OK


def _keep_failures(seen: list[events.Event], event: events.Event) -> None:
    """A real run's events are many and big; only how it failed is asked for afterwards."""
    if isinstance(event, (events.StepFailed, events.PolicyViolated)):
        seen.append(event)


def _were(changes: int, is_preview: bool) -> str:
    if is_preview:
        return "is planned" if changes == 1 else "are planned"
    return "was made" if changes == 1 else "were made"
