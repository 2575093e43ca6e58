"""What the deployment needs from outside: a journal to write to, a clock, a source of ids."""

from __future__ import annotations

from typing import Protocol

from reconciler.state.journals import Entry


class Journal(Protocol):
    """Where entries go. Writing returns when the entry would survive a power cut."""

    def write(self, entry: Entry) -> None:
        """Append one entry; thread-safe."""


class Clock(Protocol):
    """Tells the time of day in UTC."""

    def now(self) -> str:
        """RFC 3339, UTC, seconds: `2026-11-22T10:00:00Z`."""
