"""Flows: made by anyone who names them, so that taking over is normal and deleting needs care."""

from __future__ import annotations

import re

from reconciler import errors
from reconciler.catalog import rest
from reconciler.catalog.prefect.names import UUID
from reconciler.model import values
from reconciler.model.values import PropertyMap
from reconciler.providers.prefect import rendering
from reconciler.providers.prefect.objects import Change, Objects
from reconciler.providers.prefect.session import Json, Session

# Labels are fixed at birth, so they can carry who made a flow.
MARK = "pulumi.operation"


class Flows:
    """Operations on flows."""

    def __init__(self, kind: rest.RestKind, session: Session) -> None:
        self.kind = kind
        self._objects = Objects(kind, session)
        self._session = session

    async def find(self, inputs: PropertyMap) -> Json | None:
        """Look under the name. Whoever asks wants to know whether an operation of ours made it."""
        answer = await self.find_by_name(str(inputs["name"]))
        return None if answer is None else {**answer, "adopted": False}

    async def find_by_name(self, name: str) -> Json | None:
        """The flow of that name."""
        return await self._session.find(rendering.path("/flows/name/{name}", {"name": name}))

    async def get_or_create(self, name: str) -> str:
        """The UUID of the flow of that name, made now if it is missing."""
        answer, _is_new = await self._create({"name": name})
        return str(answer["id"])

    async def fetch(self, id: str, outputs: PropertyMap) -> Json | None:
        """Look under the UUID, or for an import under the name."""
        if re.fullmatch(UUID, id):
            answer = await self._session.find(rendering.path("/flows/{id}", {"id": id}))
        else:
            answer = await self.find_by_name(id)
        # An imported flow was there before this resource.
        return None if answer is None else {**answer, "adopted": outputs.get("adopted", True)}

    async def make(self, inputs: PropertyMap, operation_id: str) -> Json:
        """Make it, or take it over and give it the wanted tags."""
        body = rendering.body(self.kind, inputs, inputs)
        answer, is_new = await self._create({**body, "labels": {MARK: operation_id}})
        if not is_new and "tags" in body:
            await self._session.change(f"/flows/{answer['id']}", {"tags": body["tags"]})
            answer = {**answer, "tags": body["tags"]}
        return {**answer, "adopted": not is_new and not self.is_made_by(answer, operation_id)}

    async def change(self, change: Change) -> None:
        """PATCH the tags."""
        await self._objects.change(change)

    async def remove(self, answer: Json, outputs: PropertyMap) -> None:
        """Delete it with its runs, unless it was there before or a deployment still uses it."""
        if values.reveal(outputs.get("adopted")) is not False:
            return
        users = await self._session.search(
            "/deployments/filter", {"flows": {"id": {"any_": [answer["id"]]}}, "limit": 1}
        )
        if not users:
            await self._objects.remove(answer, outputs)

    def is_made_by(self, answer: Json, operation_id: str) -> bool | None:
        """Its labels tell."""
        return bool(operation_id) and (answer.get("labels") or {}).get(MARK) == operation_id

    async def _create(self, body: Json) -> tuple[Json, bool]:
        try:
            return await self._session.create("/flows/", body)
        except errors.AmbiguousError:
            # Get-or-create: a second sending cannot make a second flow.
            return await self._session.create("/flows/", body)
