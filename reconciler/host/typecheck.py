"""Checks the program's types before it runs, where the project asks for that (`runtime.options.typechecker`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.deploy import events
from reconciler.host.output import relay
from reconciler.host.program import Program

CHECKERS: Final = ("mypy", "pyright")


async def check_types(program: Program, python: Path, checker: str, emit: Callable[[events.Event], None]) -> None:
    """Run the checker that is installed beside the program; what it says becomes diagnostics.

    Raises:
        ProjectError: there is no such checker.
        ProgramError: it found errors, or is not installed.
    """
    if checker not in CHECKERS:
        raise errors.ProjectError(
            f"there is no type checker {checker!r}",
            file="Pulumi.yaml",
            key="runtime.options.typechecker",
            hint=f"name {' or '.join(CHECKERS)}",
        )
    process = await asyncio.create_subprocess_exec(
        str(python),
        "-m",
        checker,
        str(program.entry),
        cwd=program.root,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said: list[events.Event] = []
    await relay(process.stdout, said.append, events.Severity.STDERR)
    if await process.wait():
        for line in said:
            emit(line)
        raise errors.ProgramError(f"{checker} is not content with it", hint=f"{python} -m {checker} {program.entry}")
