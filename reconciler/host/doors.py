"""By which door does a program reach the engine?

There is one monitor. A program in this process calls it (`program`), one in
another interpreter (`interpreter`) and an inline program of the Automation API
(`inline`) call it over gRPC.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.deploy import events
from reconciler.deploy.deployment import Deployment
from reconciler.host import program as in_process
from reconciler.host.program import Program
from reconciler.host.typecheck import check_types
from reconciler.host.virtualenvs import find_interpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What decides: `runtime.options` of Pulumi.yaml, and the address of an inline program's server."""

    runtime_options: Mapping[str, object] = field(default_factory=dict)
    client: str = ""


async def run(
    program: Program,
    deployment: Deployment,
    emit: Callable[[events.Event], None],
    stop: threading.Event,
    door: Door,
) -> None:
    """Run the program where it belongs, to its end or until the person stops the run.

    Raises:
        ProjectError: it asks for an interpreter that is not there.
        ProgramError: it failed.
        CancelledError: the person stopped the run.
    """
    # gRPC and the SDK are paid for by the door that uses them.
    if door.client:
        from reconciler.host import inline

        return await inline.run(program, door.client, deployment, emit, stop)
    program.check_entry()
    python = find_interpreter(program.root, program.entry, door.runtime_options)
    if checker := door.runtime_options.get("typechecker"):
        await check_types(program, python or Path(sys.executable), str(checker), emit)
    if python is None:
        return await in_process.run(program, deployment, emit, stop)
    from reconciler.host import interpreter

    return await interpreter.run(program, python, deployment, emit, stop)
