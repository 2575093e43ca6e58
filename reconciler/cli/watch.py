"""`pulumi watch`: runs `up` whenever a file of the project changes. Previews nothing and asks nothing."""

from __future__ import annotations

import dataclasses
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import click

from reconciler import errors
from reconciler.cli.exits import Exit
from reconciler.cli.flags import Command, flag
from reconciler.cli.invocation import Invocation
from reconciler.cli.runs import watch_flags
from reconciler.cli.wishes import Wishes
from reconciler.deploy.options import Kind

if TYPE_CHECKING:
    from types import FrameType

    from reconciler.cli.workspace import Workspace

# A save of an editor is several changes: what comes so close together is one.
_TOGETHER_MS = 400
_LOOK_EVERY_MS = 250


@click.command(cls=Command, epilog="Example: pulumi watch --stack dev --path infra")
@flag("--path", multiple=True, metavar="PATH", help="Watch this file or folder alone. Several may be given.")
@flag("--yes", "-y", is_flag=True, hidden=True, expose_value=False)
@watch_flags
@click.pass_obj
def watch(invocation: Invocation, /, path: tuple[str, ...], **given: object) -> int:
    """Run `pulumi up` whenever a file of the project changes, until Ctrl-C. Nothing is previewed."""
    from reconciler.cli.workspace import Workspace

    wishes = Wishes(kind=Kind.UPDATE, skip_preview=True, yes=True, **given)  # type: ignore[arg-type]  # click has checked each by its flag
    workspace = Workspace(invocation, config_file=wishes.config_file)
    paths = [invocation.directory / one for one in path] or [workspace.project.folder]
    for one in paths:
        if not one.exists():
            raise errors.UsageError(f"there is nothing at {one} to watch")
    stack = workspace.shown(workspace.stack)
    for is_first in _changes(paths, _own_folders(workspace)):
        if is_first:
            invocation.terminal.write(f"Watching ({stack}): {', '.join(map(str, paths))}\n")
            sys.stdout.flush()
            continue
        if _up(invocation, wishes) == Exit.CANCELLED:
            break
        # It stands in the stack's file now; writing it again would be a change of that file.
        wishes = dataclasses.replace(wishes, config=())
    return Exit.OK


def _up(invocation: Invocation, wishes: Wishes) -> int:
    from reconciler.cli.conductor import carry_out
    from reconciler.cli.explain import render_error

    invocation.terminal.write("\n")
    try:
        return carry_out(invocation, wishes)
    except errors.CancelledError:
        return Exit.CANCELLED
    except errors.ReconcilerError as error:
        # The next change may put it right.
        invocation.terminal.warn(render_error(error, invocation.redactor))
        return Exit.ERROR
    finally:
        sys.stdout.flush()


def _changes(paths: list[Path], ignored: list[Path]) -> Iterator[bool]:
    """True once watching has begun, then False for each change, until Ctrl-C.

    Nobody looks during a run, yet nothing is missed: what changed meanwhile comes next, as one change.
    """
    import watchfiles

    stop = threading.Event()
    wanted = watchfiles.DefaultFilter(ignore_paths=ignored)
    with _ended_by_signals(stop):
        has_begun = False
        for found in watchfiles.watch(
            *paths,
            watch_filter=wanted,
            stop_event=stop,
            debounce=_TOGETHER_MS,
            rust_timeout=_LOOK_EVERY_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
        ):
            if not has_begun:
                has_begun = True
                yield True
            if found:
                yield False


@contextmanager
def _ended_by_signals(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _own_folders(workspace: Workspace) -> list[Path]:
    """Where runs write: a backend or a home inside the project would have each run cause the next."""
    folders = [workspace.home.folder]
    parts = urlsplit(workspace.backend.url)
    if parts.scheme == "file":
        folders.append(Path(unquote(parts.path)) / ".pulumi")
    return [folder.resolve() for folder in folders]
