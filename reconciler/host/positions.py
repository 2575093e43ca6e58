"""Where the program's own lines stand that led to a request, as the state file spells them.

A trace that goes on in a plugin (Construct, Call) is kept here under a handle: what the plugin registers comes with
that handle, and its trace ends with the caller's.

Source: pulumi/pulumi#20430; facts/engine-contract.md §5 (sourcePosition, stackTrace).
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlparse

_INSTALLED: Final = "site-packages"
_OURS: Final = Path(__file__).parents[1]


class Positions:
    """The positions that one program run tells of.

    Args:
        root: the project's folder, which positions begin at.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, str] = {}
        self._written: dict[str, bool] = {}
        self._traces: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._handed: dict[str, tuple[str, ...]] = {}

    def position(self, told: Any) -> str:
        """`project:///<path>#<line>[,<column>]` of one of the project's files, "" of another."""
        file = self._file(told.uri) if told.uri else ""
        if not file:
            return ""
        return f"{file}#{told.line},{told.column}" if told.column else f"{file}#{told.line}"

    def trace(self, request: Any) -> tuple[str, ...]:
        """The frames that stand in the project's files, the innermost first, its caller's last."""
        frames = (self.position(frame.pc) for frame in request.stackTrace.frames if self._is_written(frame.pc.uri))
        trace = (*filter(None, frames), *self._handed.get(request.parentStackTraceHandle, ()))
        # Resources are made in few places: their records share one value.
        return self._traces.setdefault(trace, trace)

    def hand_over(self, request: Any) -> str:
        """A handle for a plugin that goes on with what a request asks for."""
        handle = str(uuid.uuid4())
        self._handed[handle] = self.trace(request)
        return handle

    def _file(self, uri: str) -> str:
        if uri not in self._files:
            path = Path(unquote(urlparse(uri).path))
            is_inside = path.is_relative_to(self._root)
            self._files[uri] = f"project:///{path.relative_to(self._root).as_posix()}" if is_inside else ""
        return self._files[uri]

    def _is_written(self, uri: str) -> bool:
        """Is a file one that somebody wrote for the project? What calls the program is another by each door."""
        if uri not in self._written:
            path = Path(unquote(urlparse(uri).path))
            self._written[uri] = _INSTALLED not in path.parts and not path.is_relative_to(_OURS)
        return self._written[uri]
