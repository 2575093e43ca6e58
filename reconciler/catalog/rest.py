"""RestKind: a kind managed over a REST API, one path for the collection and one for an item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.catalog import spec
from reconciler.catalog.spec import Kind
from reconciler.model.values import PropertyMap

ADOPT: Final = spec.Field(
    "adopt",
    spec.Flag(),
    change=spec.Change.CREATE_ONLY,
    shown_as=None,
    doc="Take over an object of this name that exists already, instead of refusing to create a second one.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestKind(Kind):
    """A kind behind a REST API. Paths hold `{placeholders}` of wire names; their values are URL-encoded.

    Attributes:
        words: what the service calls it, for messages ("work pool").
        collection: where a POST makes one.
        item: where one is read, changed and deleted; placeholders of outputs.
        lookup: where one is found by its natural key; placeholders of inputs.
        key: inputs that together are unique. While they stay, a replacement must delete before it creates.
        uuid: the output that holds the object's UUID, which no other object ever has.
        identity: the provider id's form; placeholders of outputs.
        quiet: fields that others write too (a worker, a person in the UI): reported only while the program sets them.
        live: turns an answer of the service into one with a key per field and output.
        own: keeps, of live values, what given inputs speak about; the rest belongs to others.
        born: for an object that the service makes itself and will not delete, the inputs that it was born with:
            deleting puts them back. None for all others.
        complete: adds program-side defaults to checked inputs.
    """

    words: str
    collection: str
    item: str
    lookup: str
    key: tuple[str, ...]
    uuid: str
    identity: str
    quiet: tuple[str, ...] = ()
    live: Callable[[Mapping[str, object]], Mapping[str, object]] | None = None
    own: Callable[[PropertyMap, PropertyMap], PropertyMap] | None = None
    born: Callable[[PropertyMap], PropertyMap | None] | None = None
    complete: Callable[[PropertyMap], PropertyMap] | None = None
