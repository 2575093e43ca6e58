"""The end of a run: what the program did not ask for goes, dependents first."""

from __future__ import annotations

import asyncio

from reconciler import errors
from reconciler.deploy.executor import run_chain
from reconciler.deploy.ledger import Placed
from reconciler.deploy.run import Run
from reconciler.model.graphs import edges
from reconciler.plan import deletes


async def delete_leftover(run: Run) -> None:
    """Delete what is left over, group by group; members of a group side by side.

    What a resource that could not be deleted depends on is kept.
    """
    leftover = run.ledger.leftover()
    by_record = {id(item.resource): item for item in leftover}
    going = {item.resource.urn for item in leftover if not item.resource.delete}
    needed: set[str] = set()
    for group in deletes.in_order([item.resource for item in leftover]):
        free = [resource for resource in group if resource.urn not in needed]
        for resource in group:
            if resource.urn in needed:
                needed.update(edges(resource))
        outcomes = await asyncio.gather(*(_delete_one(run, by_record[id(resource)], going) for resource in free))
        for resource, succeeded in zip(free, outcomes, strict=True):
            if not succeeded:
                needed.update(edges(resource))


async def _delete_one(run: Run, placed: Placed, going: set[str]) -> bool:
    resource = placed.resource
    if resource.protect and not resource.delete:
        # No step: every protected resource is named, even when the first one ends the run.
        run.fail(errors.ProtectedResourceError(resource.urn, op="delete"), resource.urn)
        return False
    return await run_chain(run, (deletes.decide_delete(resource, going=going),))
