"""Operations on one object, as they follow from its kind: find, make, change, remove.

`Operations` is what the provider needs of every kind; `Objects` derives it
from the declaration. Kinds whose API is a trap have modules of their own,
built around an `Objects`: `flows`, `deployments`, `blocks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from reconciler import errors
from reconciler.catalog import rest
from reconciler.model.values import PropertyMap
from reconciler.providers.prefect import rendering
from reconciler.providers.prefect.session import Json, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Take the live object (`answer`) from `prior` to `wanted` inputs, of which those in `names` differ."""

    answer: Json
    prior: PropertyMap
    wanted: PropertyMap
    names: tuple[str, ...]


class Operations(Protocol):
    """What the provider asks of a kind. Answers are the service's JSON."""

    kind: rest.RestKind

    async def find(self, inputs: PropertyMap) -> Json | None:
        """The object with the natural key of these inputs."""

    async def fetch(self, id: str, outputs: PropertyMap) -> Json | None:
        """The object with this provider id, or with a friendlier one when it is imported (no outputs)."""

    async def make(self, inputs: PropertyMap, operation_id: str) -> Json:
        """Make an object that is not there.

        Raises:
            AmbiguousError: the answer was lost and nothing is there (yet).
            PartialError: it was made, and a later part of it failed; `outputs` is its JSON.
        """

    async def change(self, change: Change) -> None:
        """Change an object in place; safe to run again."""

    async def remove(self, answer: Json, outputs: PropertyMap) -> None:
        """Delete an object that was there a moment ago."""

    def is_made_by(self, answer: Json, operation_id: str) -> bool | None:
        """Did that operation make this object? None when objects of this kind cannot tell."""


class Objects:
    """Operations of a kind without oddities."""

    def __init__(self, kind: rest.RestKind, session: Session) -> None:
        self.kind = kind
        self._session = session

    async def find(self, inputs: PropertyMap) -> Json | None:
        """Look under the natural key."""
        return await self._session.find(rendering.path(self.kind.lookup, inputs))

    async def fetch(self, id: str, outputs: PropertyMap) -> Json | None:
        """Look under the id, whose parts are the natural key."""
        parts = id.split("/", len(self.kind.key) - 1)
        if len(parts) != len(self.kind.key):
            form = "/".join(f"<{name}>" for name in self.kind.key)
            raise errors.PermanentError(f"{id!r} is not the id of a {self.kind.words}", hint=f"its form is {form}")
        return await self._session.find(rendering.path(self.kind.lookup, dict(zip(self.kind.key, parts, strict=True))))

    async def make(self, inputs: PropertyMap, operation_id: str) -> Json:
        """POST it with every input that is set."""
        given = [name for name, value in inputs.items() if value is not None]
        return await self.post(inputs, rendering.body(self.kind, inputs, given))

    async def post(self, inputs: PropertyMap, body: Mapping[str, object]) -> Json:
        """POST a body; look when the answer is lost, since nothing was there just before."""
        try:
            answer, _is_new = await self._session.create(rendering.path(self.kind.collection, inputs), body)
        except errors.AmbiguousError:
            found = await self.find(inputs)
            if found is None:
                raise
            return found
        made: Json = answer
        return made

    async def change(self, change: Change) -> None:
        """PATCH what differs."""
        body = rendering.body(self.kind, change.wanted, change.names)
        if body:
            await self._session.change(self._item(change.answer), body)

    async def remove(self, answer: Json, outputs: PropertyMap) -> None:
        """DELETE it, or put it back as it was born when the service keeps it."""
        born = self.kind.born(rendering.shown(self.kind, answer)) if self.kind.born is not None else None
        if born is None:
            await self._session.delete(self._item(answer))
        else:
            await self._session.change(self._item(answer), rendering.body(self.kind, born, born))

    def is_made_by(self, answer: Json, operation_id: str) -> bool | None:
        """These objects have no place for a mark."""
        return None

    def _item(self, answer: Json) -> str:
        return rendering.path(self.kind.item, rendering.shown(self.kind, answer))
