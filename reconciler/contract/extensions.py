"""What our engine and our served providers say to each other beyond Pulumi's protocol, as gRPC metadata.

A peer that does not know the keys ignores them, and is spoken to as Pulumi's own engine would.
"""

from __future__ import annotations

from typing import Final

OFFERED: Final = "reconciler-extensions"
"""Trailing metadata of a handshake's answer: the provider knows the keys below."""

INSTANCE: Final = "reconciler-instance"
"""On every call: which of the provider instances in this one process is meant."""

OPERATION: Final = "reconciler-operation"
"""On Create: the operation id that was written down before the call."""

FIND: Final = "reconciler-find"
"""On Read: look for what the create of this operation id may have made; inputs are those of the create."""

RENAMED: Final = "reconciler-renamed-bin"
"""Trailing metadata of Update's answer: the object's new id, UTF-8. Pulumi's protocol lets no update change an id."""

WATCH_STDIN: Final = "RECONCILER_EXIT_WITH_STDIN"
"""Environment variable: the end of standard input is the end of the engine, so exit."""
