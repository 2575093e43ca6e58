"""Block documents: written against the newest schema of their type, read with their secrets."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from reconciler import errors
from reconciler.catalog import rest
from reconciler.catalog.prefect.names import UUID
from reconciler.model import values
from reconciler.model.values import PropertyMap
from reconciler.providers.prefect import rendering
from reconciler.providers.prefect.objects import Change, Objects
from reconciler.providers.prefect.session import Json, Session

_WITH_SECRETS = "?include_secrets=true"


class Blocks:
    """Operations on block documents."""

    def __init__(self, kind: rest.RestKind, session: Session) -> None:
        self.kind = kind
        self._objects = Objects(kind, session)
        self._session = session

    async def find(self, inputs: PropertyMap) -> Json | None:
        """Look under type and name. A type that is not registered has no documents."""
        return await self._session.find(rendering.path(self.kind.lookup, inputs) + _WITH_SECRETS)

    async def fetch(self, id: str, outputs: PropertyMap) -> Json | None:
        """Look under `type/name`, or for an import under the UUID."""
        if re.fullmatch(UUID, id):
            return await self._session.find(rendering.path("/block_documents/{id}", {"id": id}) + _WITH_SECRETS)
        slug, slash, name = id.partition("/")
        if not slash:
            raise errors.PermanentError(f"{id!r} is not the id of a block", hint="its form is <typeSlug>/<name>")
        return await self.find({"typeSlug": slug, "name": name})

    async def make(self, inputs: PropertyMap, operation_id: str) -> Json:
        """POST it for the newest schema of its type.

        Raises:
            InvalidInputsError: the type is not registered, or `data` lacks what it requires.
        """
        slug = str(inputs["typeSlug"])
        block_type = await self._session.find(rendering.path("/block_types/slug/{slug}", {"slug": slug}))
        if block_type is None:
            raise errors.InvalidInputsError([("typeSlug", await self._unknown_type(slug))])
        schemas = await self._session.search(
            "/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [block_type["id"]]}}, "limit": 1}
        )
        if not schemas:
            raise errors.InvalidInputsError([("typeSlug", f"the block type {slug!r} has no schema on this server")])
        _require_fields(schemas[0], inputs)
        body = {
            "name": inputs["name"],
            "data": values.thaw(inputs["data"]),
            "block_type_id": block_type["id"],
            "block_schema_id": schemas[0]["id"],
        }
        await self._objects.post(inputs, body)
        # The answer to a POST has its secrets masked.
        made = await self.find(inputs)
        if made is None:
            raise errors.PermanentError(f"the block {slug}/{inputs['name']} vanished right after it was made")
        return made

    async def change(self, change: Change) -> None:
        """PATCH `data` as a whole, so that fields left out are removed."""
        if "data" in change.names:
            body = {"data": values.thaw(change.wanted["data"]), "merge_existing_data": False}
            await self._session.change(f"/block_documents/{change.answer['id']}", body)

    async def remove(self, answer: Json, outputs: PropertyMap) -> None:
        """DELETE it."""
        await self._objects.remove(answer, outputs)

    def is_made_by(self, answer: Json, operation_id: str) -> bool | None:
        """Documents have no place for a mark."""
        return None

    async def _unknown_type(self, slug: str) -> str:
        known = await self._session.search("/block_types/filter", {"limit": 200})
        near = difflib.get_close_matches(slug, [str(block_type["slug"]) for block_type in known], n=1)
        return f"no block type {slug!r} is registered on this server" + (f"; did you mean {near[0]}?" if near else "")


def _require_fields(schema: Json, inputs: PropertyMap) -> None:
    fields, data = schema.get("fields") or {}, values.reveal(inputs["data"])
    given = {name.rstrip("_") for name in data} if isinstance(data, Mapping) else set()
    # `schema_` is how a model spells a field that may be written `schema`.
    missing = [name for name in fields.get("required", ()) if name.rstrip("_") not in given]
    if missing:
        raise errors.InvalidInputsError(
            [(f"data.{name}", "missing required property of this block type") for name in missing]
        )
