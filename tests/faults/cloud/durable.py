"""The test service as a cloud: it carries out what it was asked for though the asker is gone, and writes it down.

Its inventory is a file of lines, one for each object that was made, changed or removed, in order, and for each call's
begin and end.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from service import Service, ServiceProvider

from reconciler.contract.protocol import CreateRequest, CreateResponse, DeleteRequest, UpdateRequest, UpdateResponse

INVENTORY = Path(os.environ["TEST_INVENTORY"])
GO = INVENTORY.with_name("go")
LONGEST_CALL_S = float(os.environ.get("TEST_CALL_S", "0.04"))
CHANCE = random.Random(os.environ.get("TEST_SEED", ""))
CARRYING_OUT: set[asyncio.Task[Any]] = set()


class Durable(Service):
    """The service, with a line for whatever happens to an object; the last one counts."""

    def write(self, what: str, id: str, **facts: object) -> None:
        line = json.dumps({"what": what, "id": id, **facts}) + "\n"
        with INVENTORY.open("a") as file:
            file.write(line)


CLOUD = Durable()


class DurableProvider(ServiceProvider):
    """All instances share the service, as they would share a cloud."""

    def __init__(self) -> None:
        super().__init__(CLOUD)

    async def create(self, request: CreateRequest) -> CreateResponse:
        if request.preview:
            return await super().create(request)
        return await carried_out(self._create(request), waits=request.inputs.get("fault") == "waits")

    async def _create(self, request: CreateRequest) -> CreateResponse:
        response = await super().create(request)
        facts = dict(CLOUD.objects[response.id])
        CLOUD.write("made", response.id, urn=request.urn, operation=request.operation_id, inputs=facts)
        return response

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        if request.preview:
            return await super().update(request)
        return await carried_out(self._update(request))

    async def _update(self, request: UpdateRequest) -> UpdateResponse:
        response = await super().update(request)
        CLOUD.write("changed", request.id, inputs=CLOUD.objects[request.id])
        return response

    async def delete(self, request: DeleteRequest) -> None:
        await carried_out(self._delete(request))

    async def _delete(self, request: DeleteRequest) -> None:
        await super().delete(request)
        CLOUD.write("removed", request.id)


async def carried_out(call: Coroutine[Any, Any, Any], *, waits: bool = False) -> Any:
    """What a call gives. It takes its time before it is done and after, and goes on when nobody waits any more.

    Args:
        waits: it is done only when there is a file `go` beside the inventory.
    """

    async def slowly() -> Any:
        CLOUD.write("begun", "")
        try:
            while waits and not GO.exists():  # noqa: ASYNC110  # another process makes the file
                await asyncio.sleep(0.005)
            await asyncio.sleep(CHANCE.uniform(0, LONGEST_CALL_S))
            given = await call
            await asyncio.sleep(CHANCE.uniform(0, LONGEST_CALL_S))
            return given
        finally:
            CLOUD.write("ended", "")

    task = asyncio.ensure_future(slowly())
    CARRYING_OUT.add(task)
    task.add_done_callback(CARRYING_OUT.discard)
    return await asyncio.shield(task)
