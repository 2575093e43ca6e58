"""The live tree of a terminal: one line per resource, redrawn while the run goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from reconciler.cli.render import board as boards
from reconciler.cli.render import sections, words
from reconciler.cli.render.board import Board, Phase, Row
from reconciler.cli.render.colours import Mode, Style
from reconciler.cli.render.rows import is_hidden
from reconciler.cli.render.views import Display, Write
from reconciler.deploy import events
from reconciler.deploy.events import Severity
from reconciler.plan.steps import Op

REDRAWS_PER_S = 8
# A frame is followed by a pause of this many times what it took.
_PAUSE_PER_FRAME = 20
# Lines that the table leaves free: the header, a line of remainder, the prompt.
_SPARE_LINES = 4


class TreeView:
    """The display on a terminal."""

    def __init__(self, display: Display, board: Board, write: Write, terminal: TextIO) -> None:
        self._display = display
        self._board = board
        self._write = write
        self._lock = threading.Lock()
        write(sections.banner(display))
        console = Console(file=terminal, highlight=False, no_color=display.painter.mode is not Mode.ALWAYS)
        self._height = console.size.height
        self._next_frame_s = 0.0
        self._began_s = board.now()
        self._last_frame = Group()
        self._live = Live(
            get_renderable=self._frame,
            console=console,
            refresh_per_second=REDRAWS_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        if not display.suppress_progress:
            self._live.start()

    def emit(self, event: events.Event) -> None:
        """Take the event in; the next redraw shows it."""
        if isinstance(event, events.Diagnostic) and event.severity is Severity.DEBUG and not self._display.debug:
            return
        with self._lock:
            self._board.fold(event)

    def finish(self) -> None:
        """Replace the live table by the final one and print the sections."""
        self._live.stop()
        with self._lock:
            lines = table(self._board, self._display, ended=True)
            self._write("".join(f"{line}\n" for line in lines))
            self._write("".join(sections.closing(self._board, self._display)))

    def _frame(self) -> Group:
        began_s = time.monotonic()
        if began_s >= self._next_frame_s:
            with self._lock:
                lines = table(self._board, self._display, ended=False, most=max(3, self._height - _SPARE_LINES))
            if self._display.forecast is not None:
                elapsed_s = self._board.now() - self._began_s
                lines.append(f"     {self._display.forecast.left(self._board.changed, elapsed_s)}")
            self._last_frame = Group(*(Text.from_ansi(line, no_wrap=True, overflow="ellipsis") for line in lines))
            # The more rows, the rarer the redraws: showing a run must not slow it.
            self._next_frame_s = began_s + _PAUSE_PER_FRAME * (time.monotonic() - began_s)
        return self._last_frame


@dataclass(frozen=True, slots=True)
class _Line:
    row: Row
    branch: str


def table(board: Board, display: Display, *, ended: bool, most: int | None = None) -> list[str]:
    """Header and one line per shown resource, columns padded to the widest cell.

    Args:
        most: no more lines than this; resources that are done give way first.
    """
    lines = list(_tree(board, display))
    left_out = 0
    if most is not None and len(lines) > most:
        busy = [line for line in lines if line.row.phase is not Phase.DONE or line.row.is_stack]
        kept = busy[:most]
        left_out, lines = len(lines) - len(kept), kept
    cells = [_cells(line, board, display, ended) for line in lines]
    header = ("", "Type", "Name", "Plan" if display.preview else "Status", "Info")
    if not any(row[4] for row in cells):
        header = (*header[:4], "")
    widths = [max(map(len, column), default=0) for column in zip(header, *cells, strict=True)]
    painted = [_header(header, widths, display)]
    painted += [_painted(line, row, widths, display) for line, row in zip(lines, cells, strict=True)]
    if left_out:
        painted.append(f"     ... and {left_out} more")
    return painted


def _tree(board: Board, display: Display) -> Iterator[_Line]:
    root = next((row for row in board.rows.values() if row.is_stack), None)
    children: dict[str, list[Row]] = {}
    for row in board.rows.values():
        if root is None or row.urn != root.urn:
            # A parent that nobody has heard of yet: it hangs from the stack until then.
            parent = row.parent if row.parent in board.rows else (root.urn if root else "")
            children.setdefault(parent, []).append(row)
    if root is not None:
        yield _Line(root, "")
        yield from _branches(_kept(children, root.urn, display), children, "", display)
    else:
        for row in _kept(children, "", display):
            yield _Line(row, "")
            yield from _branches(_kept(children, row.urn, display), children, "", display)


def _branches(rows: Sequence[Row], children: dict[str, list[Row]], indent: str, display: Display) -> Iterator[_Line]:
    for row in rows:
        last = row is rows[-1]
        yield _Line(row, f"{indent}{'└─ ' if last else '├─ '}")
        inner = _kept(children, row.urn, display)
        yield from _branches(inner, children, f"{indent}{'   ' if last else '│  '}", display)


def _kept(children: dict[str, list[Row]], urn: str, display: Display) -> list[Row]:
    """Children that are shown: those with something to say, and those above such."""
    return [row for row in children.get(urn, ()) if not is_hidden(row, display) or _kept(children, row.urn, display)]


def _cells(line: _Line, board: Board, display: Display, ended: bool) -> tuple[str, str, str, str, str]:
    row = line.row
    op = _op(row, display, ended)
    subject = (row.urn, "") if display.show_urns and row.urn else (row.type, row.name)
    status = boards.status(row, op, board.now(), ended=ended)
    return words.PREFIX[op], line.branch + subject[0], subject[1], status, boards.info(row, ended=ended)


def _op(row: Row, display: Display, ended: bool) -> Op:
    return boards.shown(row, as_one=(display.preview or ended) and not display.show_replacement_steps)


def _header(header: Sequence[str], widths: Sequence[int], display: Display) -> str:
    paint = display.painter.paint
    titles = [
        paint(text, Style.UNDERLINE, Style.BRIGHT_BLUE) + " " * (width - len(text))
        for text, width in zip(header[1:], widths[1:], strict=True)
    ]
    return f"     {'  '.join(titles)}".rstrip()


def _painted(line: _Line, cells: Sequence[str], widths: Sequence[int], display: Display) -> str:
    painter, op = display.painter, _op(line.row, display, ended=False)
    padded = [f"{text:<{width}}" for text, width in zip(cells, widths, strict=True)]
    failed = line.row.phase is Phase.FAILED
    status = painter.paint(padded[3], Style.RED) if failed else painter.op(padded[3], op)
    return f" {painter.op(padded[0], op)}  {padded[1]}  {padded[2]}  {status}  {cells[4]}".rstrip()
