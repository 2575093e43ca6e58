"""What a deployment needs from outside: a journal, a clock, ids, providers and a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from reconciler.contract.protocol import Origin, Provider
from reconciler.model.values import PropertyMap
from reconciler.state.journals import Entry


class Journal(Protocol):
    """Where entries go."""

    def append(self, entry: Entry) -> None:
        """Write one entry after the others; it survives this process, not yet a power cut."""

    async def durable(self) -> None:
        """Return when everything appended so far survives a power cut."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> str:
        """RFC 3339, UTC, as state files spell it: `2026-11-22T10:00:00Z`."""

    def monotonic_s(self) -> float:
        """Seconds since some moment, for durations."""


class Ids(Protocol):
    """Makes what must not repeat."""

    def uuid(self) -> str:
        """A random UUID."""

    def seed(self) -> bytes:
        """32 random bytes."""


class ProviderFactories(Protocol):
    """The providers that can be had."""

    def create(self, origin: Origin) -> Provider:
        """A fresh instance, not configured.

        Raises:
            ConfigureError: there is no provider for the package.
        """

    async def cancel(self) -> None:
        """The person stopped the run: tell whoever runs elsewhere, so that calls under way end soon."""

    async def close(self) -> None:
        """Let go of what the providers shared. More may be created afterwards."""


ProviderConfig = Callable[[str], PropertyMap]
"""Package -> its stack configuration: key -> text, secrets wrapped."""
