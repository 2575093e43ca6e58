"""What does one command line ask of a run?"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.deploy.options import Kind

DEFAULT_PARALLEL = 16


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
    remove: bool = False
