"""Runs a Python program in this process, in a thread with an event loop of its own.

Does what Pulumi's own language host does before it runs `__main__.py`: config,
settings, import path, working directory. Afterwards the process is as it was,
so that a preview and an update can follow each other.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.deployment import Deployment
from reconciler.host import shim
from reconciler.host.about import About
from reconciler.host.forgetting import forget
from reconciler.host.output import captured
from reconciler.host.stopping import leave_alone, wait_for_end
from reconciler.model import versions

if TYPE_CHECKING:
    from reconciler.host.engine import Engine
    from reconciler.host.monitor import Monitor

_THREADS: Final = "pulumi-program"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The user's program.

    Attributes:
        root: folder of Pulumi.yaml. `entry`: the program's folder or file; `folder`: where it works.
        config: "ns:key" -> text, secrets in plain. `secret_keys`: which of them are secret.
    """

    root: Path
    entry: Path
    project: str
    stack: str
    organization: str
    config: dict[str, str]
    secret_keys: tuple[str, ...]
    parallel: int

    @property
    def folder(self) -> Path:
        """The entry's folder: relative paths of a program whose `main` is elsewhere start there, not at the root."""
        return self.entry if self.entry.is_dir() else self.entry.parent

    def check_entry(self) -> None:
        """See that there is something to run.

        Raises:
            ProgramError: there is not.
        """
        if not shim.entry_file(self.entry).exists():
            raise errors.ProgramError(
                f"there is no program at {_shown(self, shim.entry_file(self.entry))}",
                hint="Pulumi.yaml's `main` names the folder of __main__.py",
            )


async def run(
    program: Program, deployment: Deployment, emit: Callable[[events.Event], None], stop: threading.Event
) -> None:
    """Run the program to its end, or until the person stops the run.

    A program that goes on after the stop is left to itself when its registrations are answered: it hears
    that the run is over when it registers again, and its thread does not keep the process alive.

    Raises:
        ProgramError: it raised, exited, or there is no such program.
        CancelledError: the person stopped the run.
    """
    program.check_entry()
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if outcome.done():
            return
        if error is None:
            outcome.set_result(None)
        else:
            outcome.set_exception(error)

    def work() -> None:
        error: BaseException | None = None
        try:
            _run_in_thread(program, deployment, loop, emit)
        except BaseException as raised:  # noqa: BLE001  # the user's program: told where it is awaited
            error = raised
        # A program that was left to itself may end after the run's loop did: then nobody waits for it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, error)

    async with captured(emit):
        threading.Thread(target=work, name=_THREADS, daemon=True).start()
        await wait_for_end(outcome, deployment, stop, leave_alone)
    await outcome


def monitor_of(program: Program, deployment: Deployment) -> Monitor:
    """The monitor that one run of the program speaks to."""
    from reconciler.host import monitor

    about = About(
        organization=program.organization,
        project=program.project,
        stack=program.stack,
        root=program.root,
        folder=program.folder,
        config=program.config,
        secret_keys=program.secret_keys,
        parallel=program.parallel,
    )
    return monitor.Monitor(deployment, about)


def engine_of(emit: Callable[[events.Event], None]) -> Engine:
    """The engine service that one run of the program speaks to."""
    from reconciler.host import engine

    return engine.Engine(emit, versions.CONTRACT)


def _run_in_thread(
    program: Program,
    deployment: Deployment,
    engine_loop: asyncio.AbstractEventLoop,
    emit: Callable[[events.Event], None],
) -> None:
    # The SDK costs 0.4 s to import; commands that run no program do not pay for it.
    from pulumi import errors as sdk_errors
    from pulumi.runtime import Settings, configure, run_in_stack, set_all_config

    from reconciler.host.direct import Direct, MonitorCalls

    calls = MonitorCalls(engine_loop, shim.most_threads(program.parallel), _THREADS)
    set_all_config(program.config, list(program.secret_keys))
    settings = Settings(
        monitor=Direct(monitor_of(program, deployment), engine_loop, calls),
        engine=engine_of(emit),
        project=program.project,
        stack=program.stack,
        parallel=program.parallel,
        dry_run=deployment.preview,
        organization=program.organization,
        root_directory=str(program.root),
    )
    configure(shim.watched(settings))
    loop = shim.program_loop(calls)
    try:
        with _environment(program), shim.settled_sources:
            loop.run_until_complete(run_in_stack(lambda: shim.execute(program.entry)))
    except SystemExit as exit:
        if code := _exit_code(exit):
            raise errors.ProgramError(f"the program exited with code {code}") from exit
    except sdk_errors.RunError as error:
        raise _told(str(error)) from error
    except KeyboardInterrupt as interrupt:
        # A Ctrl-C comes to the main thread: this one is the program's own.
        raise errors.ProgramError(f"the program exited with code {shim.INTERRUPTED}") from interrupt
    except BaseException as error:
        raise _failure(program, error) from error
    finally:
        shim.close(loop)


@contextmanager
def _environment(program: Program) -> Iterator[None]:
    """Arguments, import path and folder of the program; its modules and variables are forgotten afterwards."""
    before_arguments, before_path, before_folder = sys.argv, list(sys.path), Path.cwd()
    before_variables = dict(os.environ)
    before_modules = set(sys.modules)
    sys.argv = [str(program.entry)]
    sys.path.insert(0, str(program.folder))
    os.chdir(program.folder)
    try:
        yield
    finally:
        sys.argv, sys.path[:] = before_arguments, before_path
        os.chdir(before_folder)
        for name in os.environ.keys() - before_variables.keys():
            del os.environ[name]
        os.environ.update(before_variables)
        forget(set(sys.modules) - before_modules, program.folder)
        shim.look_again()


def _exit_code(exit: SystemExit) -> int:
    """The code that a process of its own would have ended with; a text is for the person, as Python has it."""
    if exit.code is None:
        return 0
    if isinstance(exit.code, int):
        return exit.code & 0xFF
    sys.stderr.write(f"{exit.code}\n")
    return 1


def _failure(program: Program, error: BaseException) -> errors.ReconcilerError:
    """What the engine itself refused, or the program's error with a traceback of the user's own frames."""
    refused = _own_error(error)
    if refused is not None:
        return refused
    return _told(shim.describe(error, program.root))


def _told(message: str) -> errors.ProgramError:
    from pulumi import log

    # As a program in another process logs it before it ends.
    log.error(message)
    return errors.ProgramError(message, told=True)


def _own_error(error: BaseException | None) -> errors.ReconcilerError | None:
    # The SDK wraps what the monitor raises; the chain of causes still leads to it.
    seen: set[int] = set()
    while error is not None and not isinstance(error, errors.ReconcilerError):
        if id(error) in seen:
            # The SDK raises errors from themselves.
            return None
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return error


def _shown(program: Program, path: Path) -> str:
    return str(path.relative_to(program.root)) if path.is_relative_to(program.root) else str(path)
