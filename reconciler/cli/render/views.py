"""What does a display need to know, and what does it promise?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from reconciler.cli.render.colours import PLAIN, Painter
from reconciler.cli.render.forecast import Forecast
from reconciler.deploy import events
from reconciler.deploy.options import Kind

Write: TypeAlias = "Callable[[str], None]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """How a run is to be shown.

    Attributes:
        permalink: where the state is kept, "" for no such line.
        debug: show messages of severity debug.
        full_values: do not cut long strings.
        forecast: what earlier runs let expect of this one.
    """

    kind: Kind
    preview: bool
    stack: str
    painter: Painter = PLAIN
    permalink: str = ""
    debug: bool = False
    show_sames: bool = False
    show_reads: bool = False
    show_replacement_steps: bool = False
    show_secrets: bool = False
    show_urns: bool = False
    full_values: bool = False
    suppress_outputs: bool = False
    suppress_progress: bool = False
    forecast: Forecast | None = None
    show_policy_remediations: bool = False


class View(Protocol):
    """Receives the events of one run, from any thread, and prints."""

    def emit(self, event: events.Event) -> None:
        """Take one event in."""

    def finish(self) -> None:
        """The run is over, well or not: print what is left to print. Called once."""
