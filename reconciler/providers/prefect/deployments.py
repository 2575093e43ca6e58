"""Deployments: an API whose POST overwrites, whose PATCH moves between pools, and whose schedules live apart.

Source: facts/prefect-provider.md §5.4, §6 and §8, observed on Prefect 3.8.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler import errors
from reconciler.catalog import rest
from reconciler.catalog.prefect import schedules
from reconciler.catalog.prefect.deployment import OPEN_SCHEMA
from reconciler.catalog.prefect.names import UUID
from reconciler.model import values
from reconciler.model.values import PropertyMap
from reconciler.providers.prefect import rendering
from reconciler.providers.prefect.flows import MARK, Flows
from reconciler.providers.prefect.objects import Change, Objects
from reconciler.providers.prefect.session import Json, Session

# Handled apart from the body: the flow by id, schedules by their own paths, the pool's id not at all.
_APART = ("flowName", "flowId", "schedules", "workPoolId", "workPoolName", "workQueueName")


class Deployments:
    """Operations on deployments."""

    def __init__(self, kind: rest.RestKind, session: Session, flows: Flows) -> None:
        self.kind = kind
        self._objects = Objects(kind, session)
        self._session = session
        self._flows = flows

    async def find(self, inputs: PropertyMap) -> Json | None:
        """Look under the flow's and the deployment's name."""
        flow = inputs.get("flowName")
        if flow is None:
            flow = await self._flow_name(str(values.reveal(inputs.get("flowId"))))
            if flow is None:
                reason = f"no flow {values.reveal(inputs.get('flowId'))!r} on this server"
                raise errors.InvalidInputsError([("flowId", reason)])
        answer = await self._session.find(rendering.path(self.kind.lookup, {**inputs, "flowName": flow}))
        return None if answer is None else {**answer, "flow_name": values.reveal(flow)}

    async def fetch(self, id: str, outputs: PropertyMap) -> Json | None:
        """Look under the UUID, or for an import under `flow/deployment`."""
        if re.fullmatch(UUID, id):
            answer = await self._session.find(f"/deployments/{id}")
            return None if answer is None else {**answer, "flow_name": await self._flow_name(str(answer["flow_id"]))}
        flow, slash, name = id.partition("/")
        if not slash:
            raise errors.PermanentError(
                f"{id!r} is not the id of a deployment", hint="give its UUID, or <flow>/<deployment>"
            )
        return await self.find({"flowName": flow, "name": name})

    async def make(self, inputs: PropertyMap, operation_id: str) -> Json:
        """POST it without schedules, then each schedule.

        Raises:
            InvalidInputsError: its pool or queue does not exist.
            PartialError: it was made, but not all of its schedules.
        """
        await self._require_queue(inputs)
        flow_id = values.reveal(inputs.get("flowId"))
        if flow_id is None:
            flow_id = await self._flows.get_or_create(str(inputs["flowName"]))
        given = [name for name, value in inputs.items() if value is not None and name not in _APART]
        pool = {
            name: value
            for name, value in (
                ("work_pool_name", inputs.get("workPoolName")),
                ("work_queue_name", inputs.get("workQueueName")),
            )
            if value is not None
        }
        body = {
            "parameter_openapi_schema": values.thaw(OPEN_SCHEMA),
            **rendering.body(self.kind, inputs, given),
            **pool,
            "flow_id": flow_id,
            "schedules": [],
            "labels": {MARK: operation_id},
        }
        made = await self._objects.post(inputs, body)
        answer = {**made, "flow_name": await self._flow_name(str(flow_id))}
        try:
            await self._set_schedules(str(made["id"]), {}, inputs)
        except errors.ProviderError as error:
            raise errors.PartialError(
                f"the deployment was made, its schedules were not: {error.detail}", id=str(made["id"]), outputs=answer
            ) from error
        return await self.fetch(str(made["id"]), {}) or answer

    async def change(self, change: Change) -> None:
        """PATCH what differs, always with pool and queue, then the schedules that differ.

        Without the pool the server would not look at job variables, and move the
        deployment elsewhere when only its queue is named.
        """
        id, wanted = str(change.answer["id"]), change.wanted
        body = rendering.body(self.kind, wanted, [name for name in change.names if name not in _APART])
        if {"concurrencyLimit", "concurrencyOptions"} & set(change.names):
            body |= rendering.body(self.kind, wanted, ["concurrencyLimit", "concurrencyOptions"])
        pool_names = {"workPoolName", "workPoolId", "workQueueName"}
        if body or pool_names & set(change.names):
            await self._require_queue(wanted)
            body |= _pool(change)
            await self._session.change(f"/deployments/{id}", body)
        if "schedules" in change.names:
            await self._set_schedules(id, change.prior, wanted)

    async def remove(self, answer: Json, outputs: PropertyMap) -> None:
        """DELETE it, letting go of a shared limit first: the server would delete that too."""
        limit = answer.get("global_concurrency_limit")
        if isinstance(limit, Mapping) and not str(limit.get("name", "")).startswith("deployment:"):
            await self._session.change(f"/deployments/{answer['id']}", {"global_concurrency_limit_id": None})
        await self._objects.remove(answer, outputs)

    def is_made_by(self, answer: Json, operation_id: str) -> bool | None:
        """Its labels tell."""
        return bool(operation_id) and (answer.get("labels") or {}).get(MARK) == operation_id

    async def _set_schedules(self, id: str, prior: PropertyMap, inputs: PropertyMap) -> None:
        """Make the live schedules those of `inputs`; a lost answer costs one more look."""
        try:
            await self._set_schedules_once(id, prior, inputs)
        except errors.AmbiguousError:
            await self._set_schedules_once(id, prior, inputs)

    async def _set_schedules_once(self, id: str, prior: PropertyMap, inputs: PropertyMap) -> None:
        """Go one by one by slug, so that schedules that stay keep their ids and their runs."""
        base = f"/deployments/{id}/schedules"
        listed = await self._list_schedules(id)
        live = {str(schedule["slug"]): schedule for schedule in listed if schedule.get("slug")}
        wanted = values.reveal(inputs.get("schedules")) or ()
        assert isinstance(wanted, tuple)
        for schedule in wanted:
            assert isinstance(schedule, Mapping)
            present = live.get(str(schedule["slug"]))
            if present is not None:
                if schedules.same_one(schedule, values.freeze_map(schedules.from_wire(present))):
                    continue
                if schedule.get("maxScheduledRuns") is None and present.get("max_scheduled_runs") is not None:
                    # The server has no way to take this limit back.
                    await self._session.delete(f"{base}/{present['id']}")
                    await self._session.create(base, [schedules.to_wire(schedule, active=present.get("active", True))])
                    continue
                body = schedules.to_wire(schedule, active=present.get("active", True))
                await self._session.change(f"{base}/{present['id']}", body)
            else:
                await self._session.create(base, [schedules.to_wire(schedule, active=True)])
        for slug in set(schedules.slugs(prior.get("schedules"))) - set(schedules.slugs(wanted)):
            if slug in live:
                await self._session.delete(f"{base}/{live[slug]['id']}")

    async def _list_schedules(self, id: str) -> list[Json]:
        answer = await self._session.find(f"/deployments/{id}")
        if answer is None:
            raise errors.NotFoundError(f"the deployment {id} is gone", hint="run `pulumi refresh`")
        return list(answer.get("schedules") or ())

    async def _require_queue(self, inputs: PropertyMap) -> None:
        """The server would make a queue that is not there, and answer 500 for a pool that is not."""
        if inputs.get("workPoolName") is None:
            return
        if await self._session.find(rendering.path("/work_pools/{workPoolName}", inputs)) is None:
            reason = f"no work pool {values.reveal(inputs['workPoolName'])!r} on this server"
            raise errors.InvalidInputsError([("workPoolName", reason)])
        if inputs.get("workQueueName") is None:
            return
        if (
            await self._session.find(rendering.path("/work_pools/{workPoolName}/queues/{workQueueName}", inputs))
            is None
        ):
            reason = f"the pool has no queue {values.reveal(inputs['workQueueName'])!r}"
            raise errors.InvalidInputsError([("workQueueName", reason)])

    async def _flow_name(self, flow_id: str) -> str | None:
        answer = await self._session.find(rendering.path("/flows/{id}", {"id": flow_id}))
        return None if answer is None else str(answer["name"])


def _pool(change: Change) -> dict[str, object]:
    """Pool and queue of a PATCH: the pool alone would put the deployment into the queue `default`."""
    pool, queue = (values.reveal(change.wanted.get(name)) for name in ("workPoolName", "workQueueName"))
    live_pool, live_queue = change.answer.get("work_pool_name"), change.answer.get("work_queue_name")
    if pool is None:
        if change.prior.get("workPoolName") is not None:
            return {"work_pool_name": None, "work_queue_name": None}
        # The program says nothing: it stays where it is.
        return {"work_pool_name": live_pool, "work_queue_name": live_queue} if live_pool is not None else {}
    if queue is None and live_pool == pool:
        queue = live_queue
    return {"work_pool_name": pool} if queue is None else {"work_pool_name": pool, "work_queue_name": queue}
