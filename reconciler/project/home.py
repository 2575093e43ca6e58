"""What the person chose: the backend to use, and the stack of each project.

Kept where upstream's CLI keeps it (`PULUMI_HOME`, default `~/.pulumi`), so that
both CLIs agree.

Source: facts/engine-contract.md §9.1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from reconciler import errors
from reconciler.project.documents import plain_map, write_text
from reconciler.project.files import Project


class Home:
    """The folder of credentials and workspaces. Make it by `find_home` unless the folder is known."""

    def __init__(self, folder: Path, credentials_folder: Path | None = None) -> None:
        self.folder = folder
        self._credentials = (credentials_folder or folder) / "credentials.json"

    def current_backend(self) -> str:
        """The URL of the last login; "" when there is none."""
        return _text(_read(self._credentials), "current")

    def log_in(self, url: str) -> None:
        """Make a backend the current one."""
        data = _read(self._credentials)
        accounts = plain_map(data.get("accounts"))
        accounts.setdefault(url, {})
        _write(self._credentials, data | {"current": url, "accounts": accounts})

    def log_out(self, url: str = "") -> bool:
        """Forget a backend, by default the current one; False when it was not known."""
        data = _read(self._credentials)
        chosen = url or _text(data, "current")
        accounts, tokens = plain_map(data.get("accounts")), plain_map(data.get("accessTokens"))
        was_known = chosen in accounts or (chosen != "" and chosen == data.get("current"))
        accounts.pop(chosen, None)
        tokens.pop(chosen, None)
        current = "" if data.get("current") == chosen else _text(data, "current")
        if was_known:
            _write(self._credentials, data | {"current": current, "accounts": accounts, "accessTokens": tokens})
        return was_known

    def log_out_all(self) -> None:
        """Forget all backends."""
        self._credentials.unlink(missing_ok=True)

    def selected_stack(self, project: Project, backend_url: str) -> str:
        """Full name of the stack selected in a project; "" when none is."""
        data = _read(self._workspace(project))
        return _text(plain_map(data.get("stacks")), backend_url) or _text(data, "stack")

    def select_stack(self, project: Project, backend_url: str, stack: str) -> None:
        """Select a stack by its full name; "" selects none."""
        path = self._workspace(project)
        data = _read(path)
        stacks = plain_map(data.get("stacks"))
        # Older CLIs read `stack` alone.
        stacks.pop(backend_url, None)
        data.pop("stack", None)
        if stack:
            stacks[backend_url] = stack
            data["stack"] = stack
        _write(path, data | {"stacks": stacks})

    def _workspace(self, project: Project) -> Path:
        digest = hashlib.sha1(str(project.path).encode(), usedforsecurity=False).hexdigest()
        return self.folder / "workspaces" / f"{project.name}-{digest}-workspace.json"


def find_home(environment: Mapping[str, str]) -> Home:
    """The home that the environment names, else `~/.pulumi`."""
    folder = environment.get("PULUMI_HOME")
    credentials = environment.get("PULUMI_CREDENTIALS_PATH")
    return Home(
        Path(folder).expanduser() if folder else Path.home() / ".pulumi",
        Path(credentials).expanduser() if credentials else None,
    )


def choose_backend(environment: Mapping[str, str], project: Project | None, home: Home) -> str:
    """The URL of the backend: `PULUMI_BACKEND_URL`, then the project's, then the login's.

    Raises:
        BackendError: nobody named one.
    """
    url = environment.get("PULUMI_BACKEND_URL") or (project.backend_url if project else "") or home.current_backend()
    if not url:
        raise errors.BackendError(
            "no backend was chosen", hint="`pulumi login file://~` keeps stacks below the home folder"
        )
    if project is not None and url == project.backend_url and url.startswith("file://."):
        # Relative to the project, wherever in it the person stands.
        return f"file://{(project.folder / url.removeprefix('file://')).resolve()}"
    return url


def choose_stack(environment: Mapping[str, str], project: Project, backend_url: str, home: Home, named: str) -> str:
    """The stack to work on: the one named, then `PULUMI_STACK`, then the selected one.

    Raises:
        UsageError: there is none.
    """
    stack = named or environment.get("PULUMI_STACK", "") or home.selected_stack(project, backend_url)
    if not stack:
        raise errors.UsageError("no stack selected", hint="use `pulumi stack select`, or name one with --stack")
    return stack


def _read(path: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise errors.ProjectError(str(error), file=str(path)) from error
    try:
        data = cast("object", json.loads(text))
    except (ValueError, RecursionError) as error:
        raise errors.ProjectError(f"it is not JSON: {error}", file=str(path), hint="remove the file") from error
    return plain_map(data)


def _write(path: Path, data: Mapping[str, object]) -> None:
    write_text(path, json.dumps(data, indent=4, ensure_ascii=False), private=True)


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""
