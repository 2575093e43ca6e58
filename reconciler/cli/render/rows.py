"""Plain lines for where no terminal is: one line when a step begins, one when it ends.

Lines are never padded, never rewritten, and carry no control codes unless
colours were asked for.
"""

from __future__ import annotations

import threading

from reconciler.cli.render import board as boards
from reconciler.cli.render import sections, words
from reconciler.cli.render.board import Board, Phase, Row
from reconciler.cli.render.colours import Style
from reconciler.cli.render.views import Display, Write
from reconciler.deploy import events
from reconciler.deploy.events import Severity
from reconciler.deploy.options import Kind
from reconciler.plan.steps import Op

# Build servers kill a job that is silent for minutes.
HEARTBEAT_S = 20.0

_IDLE = {
    Kind.UPDATE: "updating",
    Kind.REFRESH: "refreshing",
    Kind.DESTROY: "destroying",
    Kind.IMPORT: "importing",
}
_IDLE_PREVIEW = {
    Kind.UPDATE: "previewing update",
    Kind.REFRESH: "previewing refresh",
    Kind.DESTROY: "previewing destroy",
    Kind.IMPORT: "previewing import",
}


class RowsView:
    """The display off a terminal."""

    def __init__(self, display: Display, board: Board, write: Write, *, heartbeat_s: float = HEARTBEAT_S) -> None:
        self._display = display
        self._board = board
        self._write = write
        self._lock = threading.Lock()
        self._last: dict[str, str] = {}
        self._said: dict[str, tuple[int, str]] = {}
        self._quiet = threading.Event()
        self._over = threading.Event()
        write(sections.banner(display) + "\n")
        if not display.suppress_progress:
            self._beat()
            self._heart = threading.Thread(target=self._keep_alive, args=(heartbeat_s,), daemon=True)
            self._heart.start()

    def emit(self, event: events.Event) -> None:
        """Print a line when the event changes what a person would see."""
        if isinstance(event, events.Diagnostic) and event.severity is Severity.DEBUG and not self._display.debug:
            return
        with self._lock:
            row = self._board.fold(event)
            if row is not None and not is_hidden(row, self._display):
                self._line(row)

    def finish(self) -> None:
        """Print the sections."""
        self._over.set()
        with self._lock:
            self._write("".join(sections.closing(self._board, self._display)))

    def _line(self, row: Row) -> None:
        op = boards.shown(row, as_one=False)
        status = boards.status(row, op, self._board.now(), ended=False)
        painter = self._display.painter
        colour = Style.RED if row.phase is Phase.FAILED else None
        shown = painter.paint(status, colour) if colour else painter.op(status, op)
        subject = row.urn if self._display.show_urns else f"{row.type} {row.name}".rstrip()
        parts = (painter.op(words.PREFIX[op], op), subject, shown, self._info(row))
        line = f" {' '.join(part for part in parts if part)}".rstrip()
        if self._last.get(row.urn) != line:
            self._last[row.urn] = line
            self._quiet.set()
            self._write(line + "\n")

    def _info(self, row: Row) -> str:
        """The diff and what was said since the row's last line: no line says again what one before it said."""
        said = (len(row.messages), row.progress)
        fresh = self._said.get("" if row.is_stack else row.urn, (0, "")) != said
        self._said["" if row.is_stack else row.urn] = said
        return boards.info(row, ended=False) if fresh else row.diff

    def _keep_alive(self, every_s: float) -> None:
        while not self._over.wait(every_s):
            if not self._quiet.is_set():
                with self._lock:
                    self._beat()
            self._quiet.clear()

    def _beat(self) -> None:
        idle = (_IDLE_PREVIEW if self._display.preview else _IDLE)[self._display.kind]
        self._write(f"@ {idle}....\n")


def is_hidden(row: Row, display: Display) -> bool:
    """Does the display leave this row out?"""
    if row.op is Op.READ and not display.show_reads:
        return row.phase is not Phase.FAILED and not row.messages
    return row.is_unremarkable and not display.show_sames
