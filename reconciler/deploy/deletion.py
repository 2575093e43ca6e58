"""The end of a run: what the program did not ask for goes, dependents first."""

from __future__ import annotations

import asyncio

from reconciler import errors
from reconciler.deploy.executor import run_chain
from reconciler.deploy.ledger import Placed
from reconciler.deploy.run import Run
from reconciler.model.graphs import edges, in_dependency_order
from reconciler.plan import deletes, targets


async def delete_leftover(run: Run) -> None:
    """Delete what is left over, group by group; members of a group side by side.

    What a resource that could not be deleted depends on is kept.
    """
    leftover = _selected(run, run.ledger.leftover())
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
    step = deletes.decide_delete(resource, going=going)
    try:
        run.planning.take_step(step)
    except errors.OutsidePlanError as error:
        run.fail(error, resource.urn)
        return False
    return await run_chain(run, (step,))


def _selected(run: Run, leftover: list[Placed]) -> list[Placed]:
    """What of the leftover the run may delete; tells what stays and would be left without what it needs."""
    if run.selection.is_everything:
        return leftover
    everything = [*(item.resource for item in run.ledger.results.values()), *(item.resource for item in leftover)]
    picked = targets.closure(run.selection, in_dependency_order(everything))
    chosen = [item for item in leftover if item.resource.urn in picked]
    while stuck := targets.kept_back({item.resource.urn for item in chosen}, everything):
        needed = {need for _, need in stuck}
        for dependent, need in stuck:
            if run.options.targets and targets.matches(run.options.targets, need):
                error = errors.PlanError(
                    f"it cannot be deleted: {dependent} depends on it and is not a target",
                    urn=need,
                    hint="add --target-dependents, or target the dependent too",
                )
                run.fail(error, need)
        # Whatever somebody still needs stays: providers of resources that are no targets above all.
        chosen = [item for item in chosen if item.resource.urn not in needed]
    return [] if run.is_stopping() else chosen
