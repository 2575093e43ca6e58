"""Work queues: lanes of one work pool."""

from __future__ import annotations

from reconciler.catalog import rest, spec
from reconciler.catalog.prefect.names import NAME
from reconciler.model.values import PropertyMap


def _born(live: PropertyMap) -> PropertyMap | None:
    """Every pool is born with a queue `default`, and the server answers 500 when asked to delete it."""
    if live.get("name") != "default":
        return None
    return {"description": "The work pool's default queue.", "isPaused": False, "concurrencyLimit": None}


WORK_QUEUE = rest.RestKind(
    token="prefect:index/workQueue:WorkQueue",
    words="work queue",
    source="Prefect REST API 3.8: work queues of a work pool",
    doc="A work queue: a lane of a work pool with its own priority and limit.",
    collection="/work_pools/{workPoolName}/queues",
    item="/work_pools/{workPoolName}/queues/{name}",
    lookup="/work_pools/{workPoolName}/queues/{name}",
    key=("workPoolName", "name"),
    uuid="queueId",
    identity="{workPoolName}/{name}",
    # Priorities are a ranking: placing one queue moves others.
    quiet=("priority",),
    fields=(
        spec.Field(
            "workPoolName", NAME, required=True, change=spec.Change.REPLACE, doc="The pool that the queue belongs to."
        ),
        spec.Field("name", NAME, required=True, change=spec.Change.RENAME, doc="The queue's name, unique in its pool."),
        spec.Field("description", default="", doc="What the queue is for."),
        spec.Field("isPaused", spec.FLAG, default=False, doc="Whether the queue hands out no runs."),
        spec.Field("concurrencyLimit", spec.Integer(minimum=0), doc="How many of its runs may be active at a time."),
        spec.Field("priority", spec.Integer(minimum=1), can_unset=False, doc="Its rank in the pool; 1 goes first."),
        rest.ADOPT,
    ),
    born=_born,
    outputs=(spec.Output("queueId", shown_as="id", doc="The queue's UUID."),),
)
