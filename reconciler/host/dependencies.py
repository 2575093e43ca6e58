"""Which commands bring what a program imports into the Python that runs it?

The toolchain of `runtime.options` says who installs: pip (into `virtualenv`, or where this runs), uv or poetry.

Source: Pulumi docs, "Python: toolchains"; pulumi/pulumi sdk/python/toolchain.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler import errors

_REQUIREMENTS: Final = "requirements.txt"
_PROJECT: Final = "pyproject.toml"


def installing_commands(
    root: Path, program: Path, options: Mapping[str, object], *, again: bool = False
) -> tuple[tuple[str, ...], ...]:
    """The commands to run in the program's folder, in order; none where the program asks for nothing.

    Args:
        root: folder of Pulumi.yaml; a virtual environment's name is relative to it.
        program: the program's folder.
        again: also what is installed already.

    Raises:
        ProjectError: there is no such toolchain, or it is not on the PATH.
    """
    toolchain = str(options.get("toolchain") or "pip").lower()
    match toolchain:
        case "pip":
            named = str(options.get("virtualenv") or "")
            return _with_pip(root / named if named else None, program, again=again)
        case "uv":
            return ((_tool("uv"), "sync", *(("--reinstall",) if again else ())),)
        case "poetry":
            return ((_tool("poetry"), "install", "--no-ansi", *(("--sync",) if again else ())),)
        case _:
            raise errors.ProjectError(
                f"there is no toolchain {toolchain!r}",
                file="Pulumi.yaml",
                key="runtime.options.toolchain",
                hint="name pip, uv or poetry",
            )


def _with_pip(virtualenv: Path | None, program: Path, *, again: bool) -> tuple[tuple[str, ...], ...]:
    commands: list[tuple[str, ...]] = []
    python = sys.executable
    if virtualenv is not None:
        python = str(virtualenv / "bin" / "python")
        if not Path(python).exists():
            commands.append((sys.executable, "-m", "venv", str(virtualenv)))
    pip = (python, "-m", "pip", "install", "--disable-pip-version-check", *(("--force-reinstall",) if again else ()))
    if (program / _REQUIREMENTS).is_file():
        commands.append((*pip, "--requirement", _REQUIREMENTS))
    elif (program / _PROJECT).is_file():
        commands.append((*pip, "--editable", "."))
    return tuple(commands)


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise errors.ProjectError(
            f"there is no `{name}` on the PATH",
            file="Pulumi.yaml",
            key="runtime.options.toolchain",
            hint=f"install {name}, or name another toolchain",
        )
    return found
