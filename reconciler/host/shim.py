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
from collections.abc import Callable, Iterator, MutableSet
from concurrent.futures import ThreadPoolExecutor
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
    configure(watched(_settings(given)))
    entry = Path(given.entry)
    sys.argv = [given.entry, *given.arguments]
    # In place of this script's own folder.
    sys.path[0] = str(entry if entry.is_dir() else entry.parent)
    os.chdir(given.pwd)
    loop = program_loop(ThreadPoolExecutor(max_workers=most_threads(given.parallel)))
    try:
        with patient_collector, settled_sources:
            loop.run_until_complete(run_in_stack(lambda: execute(entry)))
    except RunError as error:
        log.error(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  # the user's program may raise anything
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


class Shared:
    """What this interpreter does differently while somebody is inside.

    Runs of one process overlap, and end in any order: the first one in makes the change, the last one out takes it
    back.

    Args:
        make: makes the change; gives what takes it back.
    """

    def __init__(self, make: Callable[[], Callable[[], None]]) -> None:
        self._make = make
        self._take_back: Callable[[], None] | None = None
        self._inside = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._take_back = self._make()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._take_back is not None:
                self._take_back()


def _collect_seldom() -> Callable[[], None]:
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(5_000_000, 1_000, 50)

    def collect_as_before() -> None:
        # What is new counts as old from now on: looking through it at once would cost what was saved.
        gc.freeze()
        gc.set_threshold(*before)
        gc.unfreeze()

    return collect_as_before


patient_collector = Shared(_collect_seldom)
"""Collect seldom: what a run makes lives until it ends, so that looking for garbage among it is lost time.

A resource costs some 500 objects, of which 100 are garbage that refers to itself: where there are resources enough that
a collection comes at all, that is less than a fifth of what is in use. It bounds what a program of other habits leaves.
"""

look_again = linecache.checkcache
"""Forget the lines of source files that were changed since."""


def _look_once() -> Callable[[], None]:
    look_again()
    linecache.checkcache = lambda *_: None

    def look_each_time() -> None:
        linecache.checkcache = look_again

    return look_each_time


settled_sources = Shared(_look_once)
"""Take source files for unchanging.

The SDK takes a traceback for each resource, and a traceback looks at the date of every file that is on the stack.
"""


def watched(settings: Settings) -> Settings:
    """Settings whose outputs are waited for at a cost that grows with their number, not with its square."""
    # An older SDK keeps them otherwise.
    if type(getattr(settings, "outputs", None)) is set:
        settings.outputs = Outstanding()
    return settings


# Not typed by its elements: in older Pythons `MutableSet` takes none.
class Outstanding(MutableSet):  # type: ignore[type-arg]  # see above
    """The outputs that are not settled; stands for the set that the SDK keeps them in.

    When a program has said everything, the SDK waits for one of all these to settle, again and again until none is
    left. Instead of all of them, this gives it the failed ones, whose errors it raises; while there are none, a single
    future that is done when one fails or the last one is settled.
    """

    def __init__(self) -> None:
        self._unsettled: set[asyncio.Future[object]] = set()
        self._failed: set[asyncio.Future[object]] = set()
        self._news: asyncio.Future[object] | None = None

    def __contains__(self, output: object) -> bool:
        return output in self._unsettled or output in self._failed

    def __iter__(self) -> Iterator[asyncio.Future[object]]:
        if self._failed or not self._unsettled:
            return iter(tuple(self._failed))
        if self._news is None or self._news.done():
            self._news = asyncio.get_running_loop().create_future()
        return iter((self._news,))

    def __len__(self) -> int:
        return len(self._unsettled) + len(self._failed)

    def add(self, value: asyncio.Future[object]) -> None:
        # The SDK puts back what it was given and what is not done.
        if value is not self._news and value not in self._unsettled:
            self._unsettled.add(value)
            value.add_done_callback(self._settled)

    def discard(self, value: asyncio.Future[object]) -> None:
        self._unsettled.discard(value)
        self._failed.discard(value)
        self._tell()

    def clear(self) -> None:
        """The SDK has taken what there is: it raises the failed ones' errors, and waits for the others by `_news`."""
        self._failed.clear()

    def _settled(self, output: asyncio.Future[object]) -> None:
        if output not in self._unsettled:
            return
        self._unsettled.discard(output)
        if output.cancelled() or output.exception() is not None:
            self._failed.add(output)
        self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done() and (self._failed or not self._unsettled):
            self._news.set_result(None)


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
    """An unhandled exception and what it comes from, with the frames of the user's own files."""
    return f"Program failed with an unhandled exception:\n{_described(error, root, set())}"


def _described(error: BaseException, root: Path, seen: set[int]) -> str:
    seen.add(id(error))
    described = "".join(traceback.format_exception_only(type(error), error)).strip()
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    origins = [] if cause is None or not _own_frames(cause, root) else [cause]
    # Those of an exception group.
    members = getattr(error, "exceptions", None)
    origins += [member for member in members if isinstance(member, BaseException)] if isinstance(members, tuple) else []
    before = [f"{_described(origin, root, seen)}\n" for origin in origins if id(origin) not in seen]
    return "".join([*before, "which led to:\n" if before else "", _own_frames(error, root), described])


def _own_frames(error: BaseException, root: Path) -> str:
    """The user's own files, named from `root` if they are in it."""
    # The engine may lie in the project itself.
    others = (Path(__file__).parent.parent, Path(os.__file__).parent)
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if (file := Path(frame.filename)).is_absolute()
        and not {"site-packages", "dist-packages"}.intersection(file.parts)
        and not any(folder in file.parents for folder in others)
    ]
    return "".join(
        f'  File "{_named(Path(frame.filename), root)}", line {frame.lineno}, in {frame.name}\n    {frame.line}\n'
        for frame in frames
    )


def _named(file: Path, root: Path) -> Path:
    return file.relative_to(root) if root in file.parents else file


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
