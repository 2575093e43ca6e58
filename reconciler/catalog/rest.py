"""RestKind: a kind managed over a REST API, one path for the collection and one for an item."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.catalog.spec import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class RestKind(Kind):
    """A kind behind a REST API; paths hold `{name}` placeholders of inputs and outputs."""

    collection: str
    item: str
