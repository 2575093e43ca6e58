"""Runs a Pulumi program; the interpreter that the project asks for runs this file as a script.

Knows nothing of the engine but what the command line and the environment say,
and imports nothing but the standard library and, when it runs, the Pulumi SDK
that is installed there. It may be an old Python (3.7 and later).

Source: facts/engine-contract.md §1.8.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import inspect
import json
import linecache
import logging
import os
import sys
import threading
import traceback
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi.runtime import Settings
    from pulumi.runtime.proto import engine_pb2

SHOWN = 32
"""Exit code: the program failed, and has said why."""
NO_SDK = 33
"""Exit code: this interpreter has no Pulumi SDK."""
INTERRUPTED = 130
MOST_THREADS = 256


def main(arguments: list[str]) -> int:
    """Run the program that the command line names; the exit code."""
    given = _parser().parse_args(arguments)
    threading.Thread(target=_end_with, args=(given.lifeline,), daemon=True).start()
    try:
        import pulumi  # noqa: F401  # is it there at all?
    except ModuleNotFoundError as error:
        if error.name != "pulumi":
            raise
        return NO_SDK
    from pulumi import log
    from pulumi.errors import RunError
    from pulumi.runtime import configure, run_in_stack, set_all_config

    set_all_config(
        json.loads(os.environ.get("PULUMI_CONFIG", "{}")), json.loads(os.environ.get("PULUMI_CONFIG_SECRET_KEYS", "[]"))
    )
    configure(_settings(given))
    entry = Path(given.entry)
    sys.argv = [given.entry, *given.arguments]
    # In place of this script's own folder.
    sys.path[0] = str(entry if entry.is_dir() else entry.parent)
    os.chdir(given.pwd)
    loop = program_loop(ThreadPoolExecutor(max_workers=most_threads(given.parallel)))
    try:
        with patient_collector(), settled_sources():
            loop.run_until_complete(run_in_stack(lambda: execute(entry)))
    except RunError as error:
        log.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the user's program may raise anything
        log.error(describe(error, Path(given.root_directory)))
    else:
        return 0
    finally:
        close(loop)
    return SHOWN


def most_threads(parallel: int) -> int:
    """How many threads the SDK's waiting calls may need."""
    return min(max(parallel, 1) * 4, MOST_THREADS)


def program_loop(executor: ThreadPoolExecutor) -> asyncio.AbstractEventLoop:
    """A fresh event loop, the current one of this thread; `executor` is for the SDK's waiting calls."""
    # The SDK abandons futures when a program fails; asyncio's complaints about them tell nobody anything.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    loop.set_default_executor(executor)
    asyncio.set_event_loop(loop)
    return loop


@contextmanager
def patient_collector() -> Iterator[None]:
    """Collect seldom: a program's objects live until it ends, so that looking for garbage among them is lost time."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


look_again = linecache.checkcache
"""Forget the lines of source files that were changed since."""
_settling = threading.Lock()
_settled: list[None] = []


@contextmanager
def settled_sources() -> Iterator[None]:
    """Take source files for unchanging.

    The SDK takes a traceback for each resource, and a traceback looks at the date of every file that is on the stack.
    """
    look_again()
    # Runs of one process overlap, and end in any order: the last one out puts it back.
    with _settling:
        _settled.append(None)
        linecache.checkcache = lambda *_: None
    try:
        yield
    finally:
        with _settling:
            _settled.pop()
            if not _settled:
                linecache.checkcache = look_again


def close(loop: asyncio.AbstractEventLoop) -> None:
    """End what the program left behind on its loop, and the loop."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    try:
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        # What is left may end the loop itself, by an exit of the program's.
        asyncio.set_event_loop(None)
        loop.close()


def entry_file(entry: Path) -> Path:
    """The file to run of a program's folder or file."""
    return entry / "__main__.py" if entry.is_dir() or not entry.suffix else entry


def execute(entry: Path) -> None:
    """Run the program's top level."""
    # As `runpy.run_path` does, but straight from here: the SDK walks the whole stack for each resource, and every
    # frame of it costs. The file, not its folder: that way no byte code of an edit ago can be run.
    file = str(entry_file(entry))
    code = compile(Path(file).read_bytes(), file, "exec", dont_inherit=True)
    module = types.ModuleType("__main__")
    module.__dict__.update(__file__=file, __package__="", __cached__=None)
    main_before, name_before = sys.modules["__main__"], sys.argv[0]
    sys.modules["__main__"], sys.argv[0] = module, file
    try:
        exec(code, module.__dict__)  # noqa: S102  # it is the user's program
    finally:
        sys.modules["__main__"], sys.argv[0] = main_before, name_before


def describe(error: BaseException, root: Path) -> str:
    """An unhandled exception with the frames of the user's own files, those under `root`."""
    # This project holds its own engine: below `root` are files that are not the user's.
    engine = Path(__file__).parent.parent
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if root in Path(frame.filename).parents
        and engine not in Path(frame.filename).parents
        and "site-packages" not in frame.filename
    ]
    trace = "".join(
        f'  File "{Path(frame.filename).relative_to(root)}", line {frame.lineno}, in {frame.name}\n    {frame.line}\n'
        for frame in frames
    )
    described = "".join(traceback.format_exception_only(type(error), error)).strip()
    return f"Program failed with an unhandled exception:\n{trace}{described}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser()
    for name in ("monitor", "engine", "project", "stack", "organization", "root_directory", "pwd"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--dry_run", choices=("true", "false"), required=True)
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("entry")
    parser.add_argument("arguments", nargs="*")
    return parser


def _end_with(lifeline: int) -> None:
    """Wait at a pipe that the engine holds open; when the engine was killed, its program must not go on."""
    os.read(lifeline, 1)
    os._exit(INTERRUPTED)


class _Engine:
    """The engine's stub, but debug lines stay here: the SDK writes a dozen for each resource, and nobody shows them."""

    def __init__(self, address: str) -> None:
        import grpc
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        self._debug = engine_pb2.DEBUG
        self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def Log(self, request: engine_pb2.LogRequest) -> None:  # noqa: N802  # wire name
        if request.severity != self._debug:
            self._stub.Log(request)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stub, name)


def _settings(given: argparse.Namespace) -> Settings:
    from pulumi.runtime import Settings

    facts = {
        "monitor": given.monitor,
        "engine": _Engine(given.engine),
        "project": given.project,
        "stack": given.stack,
        "parallel": given.parallel,
        "dry_run": given.dry_run == "true",
        "organization": given.organization,
        "root_directory": given.root_directory,
    }
    # An older SDK than ours does not know the last ones.
    known = inspect.signature(Settings).parameters
    return Settings(**{name: value for name, value in facts.items() if name in known})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
