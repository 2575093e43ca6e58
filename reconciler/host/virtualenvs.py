"""Which Python does a project ask for?

`runtime.options` of Pulumi.yaml name a `virtualenv`, or a `toolchain` (pip, uv,
poetry) that has a virtual environment of its own.

Source: facts/engine-contract.md §1.8; Pulumi docs, "Python: virtual environments, toolchains".
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler import errors

_ASK_TIMEOUT_S: Final = 60.0
_MAKE: Final = {
    "pip": "make it (`python -m venv`) and install what the program imports, or correct the option",
    "uv": "`uv sync` makes it",
    "poetry": "`poetry install` makes it",
}


def find_interpreter(root: Path, entry: Path, options: Mapping[str, object]) -> Path | None:
    """The Python that `runtime.options` ask for; None where it is the one that runs this.

    Raises:
        ProjectError: there is no such virtual environment, or its toolchain is not there.
    """
    toolchain = str(options.get("toolchain") or "pip").lower()
    named = str(options.get("virtualenv") or "")
    match toolchain:
        case "pip":
            virtualenv = root / named if named else None
        case "uv":
            virtualenv = root / named if named else _nearest(root) / ".venv"
        case "poetry":
            virtualenv = _ask_poetry(entry if entry.is_dir() else entry.parent)
        case _:
            raise _wrong("toolchain", f"there is no toolchain {toolchain!r}", "name pip, uv or poetry")
    if virtualenv is None or virtualenv.resolve() == Path(sys.prefix).resolve():
        return None
    python = virtualenv / "bin" / "python"
    if not python.exists():
        key = "virtualenv" if named else "toolchain"
        raise _wrong(key, f"there is no virtual environment at {_shown(root, virtualenv)}", _MAKE[toolchain])
    return python


def _nearest(root: Path) -> Path:
    """The folder that uv takes for the project's: of the nearest lock file, or else of the nearest pyproject.toml."""
    for file in ("uv.lock", "pyproject.toml"):
        for folder in (root, *root.parents):
            if (folder / file).is_file():
                return folder
    return root


def _ask_poetry(folder: Path) -> Path:
    poetry = shutil.which("poetry")
    if poetry is None:
        raise _wrong("toolchain", "there is no `poetry` on the PATH", "install poetry, or name the `virtualenv` itself")
    asked = subprocess.run(
        [poetry, "env", "info", "--path"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=_ASK_TIMEOUT_S,
    )
    if asked.returncode or not asked.stdout.strip():
        words = asked.stderr.strip() or "it names none"
        raise _wrong("toolchain", f"poetry has no virtual environment for this project: {words}", _MAKE["poetry"])
    return Path(asked.stdout.strip())


def _wrong(key: str, detail: str, hint: str) -> errors.ProjectError:
    return errors.ProjectError(detail, file="Pulumi.yaml", key=f"runtime.options.{key}", hint=hint)


def _shown(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
