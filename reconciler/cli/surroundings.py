"""What surrounds a run: versions, the machine, the backend, the git repository."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler import errors
from reconciler.cli.invocation import Invocation
from reconciler.cli.tables import render_table
from reconciler.cli.workspace import Workspace
from reconciler.model.codec import render_json

_GIT_TIMEOUT_S = 5.0
_LOG_FIELDS = ("git.head", "title", "git.author", "git.author.email", "git.committer", "git.committer.email")


def describe(invocation: Invocation, version: str) -> Mapping[str, Mapping[str, object]]:
    """Section -> facts, as `about` prints them; what cannot be found says why."""
    workspace = Workspace(invocation)
    return {
        "cliAbout": {"version": version, "python": platform.python_version(), "executable": sys.executable},
        "host": {"os": platform.system().lower(), "version": platform.release(), "arch": platform.machine()},
        "backend": _facts(lambda: {"name": platform.node(), "url": workspace.backend.url, "user": workspace.user}),
        "currentProject": _facts(
            lambda: {
                "name": workspace.project.name,
                "runtime": workspace.project.runtime,
                "file": str(workspace.project.path),
            }
        ),
        "currentStack": _facts(lambda: {"name": workspace.shown(workspace.stack)}),
    }


def as_json(found: Mapping[str, Mapping[str, object]]) -> str:
    """`about --json`."""
    return render_json({section: dict(facts) for section, facts in found.items()}, indent=2) + "\n"


def as_text(found: Mapping[str, Mapping[str, object]]) -> str:
    """`about`: a table per section."""
    titles = {
        "cliAbout": "CLI",
        "host": "Host",
        "backend": "Backend",
        "currentProject": "Project",
        "currentStack": "Stack",
    }
    parts = [
        f"{titles[section]}\n{render_table(('', ''), [(name, str(value)) for name, value in facts.items()]).lstrip()}"
        for section, facts in found.items()
    ]
    return "\n".join(parts)


def _facts(find: Callable[[], Mapping[str, object]]) -> Mapping[str, object]:
    try:
        return find()
    except errors.ReconcilerError as error:
        return {"error": str(error)}


def git_facts(folder: Path) -> tuple[str, Mapping[str, str]]:
    """The last commit's title, and the facts that history keeps of the repository; empty where there is none."""
    log = _git(folder, "log", "-1", "--format=%H%n%s%n%an%n%ae%n%cn%n%ce").splitlines()
    if len(log) != len(_LOG_FIELDS):
        return "", {}
    facts = dict(zip(_LOG_FIELDS, log, strict=True))
    title = facts.pop("title")
    facts["git.headName"] = _git(folder, "symbolic-ref", "-q", "HEAD").strip() or "HEAD"
    facts["git.dirty"] = "true" if _git(folder, "status", "--porcelain").strip() else "false"
    return title, facts


def repository_prefix(folder: Path) -> str:
    """Where a folder stands in its git repository, `a/b/`; "" at its root and outside one."""
    return _git(folder, "rev-parse", "--show-prefix").strip()


def content_of(folder: Path) -> str:
    """Names what a folder holds in the last commit, whatever else the commit has; "" outside a repository.

    A merge that brings the same content has the same name.
    """
    return _git(folder, "rev-parse", "--verify", "-q", "HEAD:./").strip()


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
