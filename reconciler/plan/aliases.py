"""Which recorded resource a goal continues. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def find_prior(urn: str, alias_urns: Sequence[str], recorded: Mapping[str, T]) -> T | None:
    """The record under the resource's own URN, else under the first alias that has one."""
    return next((recorded[name] for name in (urn, *alias_urns) if name in recorded), None)
