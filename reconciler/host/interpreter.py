"""Runs a program in the interpreter that its project asks for, as a process of its own.

Which one that is, `host.virtualenvs` finds. The process runs `host.shim`, which
speaks gRPC to `host.serve`.

Source: facts/engine-contract.md §1.8.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.deployment import Deployment
from reconciler.host import shim
from reconciler.host.output import LAST_LINES_S, relay
from reconciler.host.program import Program, engine_of, monitor_of
from reconciler.host.serve import serving
from reconciler.host.stopping import wait_for_end

Emit = Callable[[events.Event], None]


async def run(program: Program, python: Path, deployment: Deployment, emit: Emit, stop: threading.Event) -> None:
    """Run the program to its end, or until the person stops the run.

    Raises:
        ProgramError: it failed, or the interpreter has no Pulumi SDK.
        CancelledError: the person stopped the run.
    """
    async with serving(monitor_of(program, deployment), engine_of(emit)) as address:
        with _lifeline() as lifeline:
            process = await asyncio.create_subprocess_exec(
                *_command(program, python, address, lifeline, preview=deployment.preview),
                cwd=program.folder,
                env=_environment(program, python.parent.parent),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(lifeline,),
                # A Ctrl-C at the terminal is for us: we finish what is under way, then interrupt the program.
                start_new_session=True,
            )
            code = await _watch(process, deployment, emit, stop)
    _judge(code, python)


async def _watch(process: asyncio.subprocess.Process, deployment: Deployment, emit: Emit, stop: threading.Event) -> int:
    """Relay what the program prints until it ended; its exit code."""
    lines = [
        asyncio.ensure_future(relay(process.stdout, emit, events.Severity.INFO)),
        asyncio.ensure_future(relay(process.stderr, emit, events.Severity.STDERR)),
    ]
    ended = asyncio.ensure_future(process.wait())

    async def interrupt() -> None:
        process.send_signal(signal.SIGINT)

    try:
        await wait_for_end(ended, deployment, stop, interrupt)
    finally:
        if not ended.done():
            _kill_session(process.pid)
        code = await ended
        _, late = await asyncio.wait(lines, timeout=LAST_LINES_S)
        for line in late:
            line.cancel()
    return code


def _judge(code: int, python: Path) -> None:
    if code == shim.SHOWN:
        raise errors.ProgramError("it has said why", told=True)
    if code == shim.NO_SDK:
        raise errors.ProgramError(
            f"{python} has no Pulumi SDK", hint=f"{python} -m pip install pulumi, and what else the program imports"
        )
    if code < 0:
        raise errors.ProgramError(f"the program was killed by signal {-code}")
    if code:
        raise errors.ProgramError(f"the program exited with code {code}")


def _command(program: Program, python: Path, address: str, lifeline: int, *, preview: bool) -> list[str]:
    facts = {
        "monitor": address,
        "engine": address,
        "project": program.project,
        "stack": program.stack,
        "organization": program.organization,
        "root_directory": str(program.root),
        "pwd": str(program.folder),
        "dry_run": "true" if preview else "false",
        "parallel": str(program.parallel),
        "lifeline": str(lifeline),
    }
    flags = [word for name, value in facts.items() for word in (f"--{name}", value)]
    return [str(python), "-u", shim.__file__, *flags, str(program.entry)]


def _environment(program: Program, virtualenv: Path) -> dict[str, str]:
    """Ours, with the virtual environment activated and the configuration added."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONHOME"}
    return own | {
        "PATH": os.pathsep.join((str(virtualenv / "bin"), own.get("PATH", os.defpath))),
        "VIRTUAL_ENV": str(virtualenv),
        "PULUMI_CONFIG": json.dumps(program.config),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(program.secret_keys),
    }


@contextmanager
def _lifeline() -> Iterator[int]:
    """A pipe that ends when we do, however that comes about; the end to read from."""
    read_end, write_end = os.pipe()
    try:
        yield read_end
    finally:
        os.close(read_end)
        os.close(write_end)


def _kill_session(pid: int) -> None:
    """End the program and what it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
