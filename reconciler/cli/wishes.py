"""What does one command line ask of a run?"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler import errors
from reconciler.deploy.options import Kind, RunOptions
from reconciler.plan.imports import ImportFile

DEFAULT_PARALLEL = 16
REPORT_FORMATS = ("markdown", "json", "sarif", "junit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What one command line asks of a run; names are the flags'."""

    kind: Kind
    preview_only: bool = False
    yes: bool = False
    skip_preview: bool = False
    message: str = ""
    parallel: int = DEFAULT_PARALLEL
    refresh: bool = False
    expect_no_changes: bool = False
    continue_on_error: bool = False
    target: tuple[str, ...] = ()
    target_dependents: bool = False
    target_replace: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    exclude_dependents: bool = False
    replace: tuple[str, ...] = ()
    run_program: bool = False
    plan: str = ""
    save_plan: str = ""
    graph: str = ""
    plan_hash: str = ""
    format: str | None = None
    report: tuple[str, ...] = ()
    diff: bool = False
    as_json: bool = False
    config: tuple[str, ...] = ()
    config_path: bool = False
    config_file: str = ""
    debug: bool = False
    show_secrets: bool = False
    show_sames: bool = False
    show_reads: bool = False
    show_replacement_steps: bool = False
    show_full_output: bool = False
    urns: bool = False
    suppress_outputs: bool = False
    suppress_progress: bool = False
    suppress_permalink: bool = False
    exec_kind: str = "cli"
    exec_agent: str = ""
    event_log: str = ""
    client: str = ""
    remove: bool = False
    exclude_protected: bool = False
    ignore_protect: bool = False
    skip_pending_creates: bool = False
    clear_pending_creates: bool = False
    import_pending_creates: tuple[str, ...] = ()
    policy_pack: tuple[str, ...] = ()
    policy_pack_config: tuple[str, ...] = ()
    show_policy_remediations: bool = False
    show_config: bool = False
    strict: bool = False
    skip_config_validation: bool = False
    skip_plugin_pre_install: bool = False
    """Nothing is installed before a run anyhow."""
    import_file: str = ""
    imports: ImportFile | None = None
    protect_imports: bool = True

    @property
    def reports(self) -> bool:
        """Is a report asked for?"""
        return bool(self.format or self.report)

    def run_options(self, *, refreshes: bool) -> RunOptions:
        """What the engine is asked to do.

        Args:
            refreshes: the project asks for a refresh before each run.

        Raises:
            UsageError: flags that contradict each other.
        """
        if self.format and (self.as_json or self.diff):
            raise errors.UsageError("--format takes the place of --json and --diff")
        if self.strict and (self.skip_preview or self.plan):
            other = "--plan" if self.plan else "--skip-preview"
            raise errors.UsageError(f"--strict and {other} cannot be given together")
        if self.plan_hash and not self.plan:
            raise errors.UsageError("--plan-hash needs --plan")
        targets = (*self.target, *self.target_replace)
        if targets and self.exclude:
            raise errors.UsageError("--target and --exclude cannot be given together")
        if targets and self.exclude_protected:
            raise errors.UsageError("you cannot specify --target and --exclude-protected")
        if self.target_dependents and not targets:
            raise errors.UsageError("--target-dependents needs --target")
        if self.exclude_dependents and not self.exclude:
            raise errors.UsageError("--exclude-dependents needs --exclude")
        return RunOptions(
            kind=self.kind,
            parallel=self.parallel,
            refresh=self.refresh or refreshes,
            # What of an import failed is told; the rest is imported.
            continue_on_error=self.continue_on_error or self.kind is Kind.IMPORT,
            targets=targets,
            excludes=self.exclude,
            with_dependents=self.target_dependents or self.exclude_dependents,
            replace=(*self.replace, *self.target_replace),
            runs_program=self.run_program,
            ignore_protect=self.ignore_protect,
            foresees=self.reports,
        )
