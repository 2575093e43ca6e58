"""The end of a run: what the program did not ask for goes, dependents first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.executor import run_chain
from reconciler.deploy.ledger import Placed
from reconciler.deploy.run import Run
from reconciler.model import urns
from reconciler.model.graphs import edges, in_dependency_order
from reconciler.model.resources import Recorded
from reconciler.plan import deletes, targets


async def delete_leftover(run: Run) -> None:
    """Delete what is left over, group by group; members of a group side by side.

    What a resource that could not be deleted, or not be brought to what is asked, depends on is kept. So is what
    depends on such a resource: the program may not have come to ask for it.
    """
    unfinished = list(run.ledger.unfinished())
    everything = run.ledger.leftover()
    leftover = _selected(run, _certain(run, everything, unfinished))
    by_record = {id(item.resource): item for item in leftover}
    staying = [item.resource for item in everything if id(item.resource) not in by_record]
    # An operation in doubt is looked up by the next run, which needs its provider; an object may come of it.
    in_doubt = [operation.resource for operation in run.recorder.in_doubt()]
    needed = {urn for resource in (*unfinished, *staying, *in_doubt) for urn in edges(resource)}
    groups = deletes.in_order([item.resource for item in leftover])
    held = deletes.held(groups, needed, heeds_protection=not run.options.ignore_protect)
    going = {item.resource.urn for item in leftover if not item.resource.delete} - held
    replaced = {item.resource.urn for item in leftover if item.resource.delete} - held
    for group in groups:
        free = [resource for resource in group if resource.urn not in needed]
        for resource in group:
            if resource.urn in needed:
                needed.update(edges(resource))
        outcomes = await asyncio.gather(*(_delete_one(run, by_record[id(one)], going, replaced) for one in free))
        for resource, succeeded in zip(free, outcomes, strict=True):
            if not succeeded:
                needed.update(edges(resource))


def _certain(run: Run, leftover: list[Placed], unfinished: Iterable[Recorded]) -> list[Placed]:
    """What of the leftover is left over for sure: nothing that it depends on failed in this run.

    Nor did what it depended on until a refresh found that gone.
    """
    ledger = run.ledger
    failed = ledger.failed.union(resource.urn for resource in unfinished)
    come_to = {old for old, new in ledger.continued.items() if new in ledger.results}
    current = in_dependency_order([item.resource for item in leftover if not item.resource.delete])
    for resource in (*ledger.recorded, *current):
        if not resource.delete and resource.urn not in come_to and any(urn in failed for urn in edges(resource)):
            failed.add(resource.urn)
    return [item for item in leftover if item.resource.delete or item.resource.urn not in failed]


async def _delete_one(run: Run, placed: Placed, going: set[str], replaced: set[str]) -> bool:
    resource = placed.resource
    step = deletes.decide_delete(resource, going=going, replaced=replaced)
    if resource.protect and not resource.delete and not run.options.ignore_protect:
        # Nothing is done to it, so that the rest may go on: one run names every protected resource.
        error = errors.ProtectedResourceError(resource.urn, op="delete")
        run.emit(events.StepStarted(step, run.preview))
        run.tolerate(error, resource.urn)
        run.emit(events.StepFailed(step, error, run.preview, steps=run.ledger.changes.total()))
        return False
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
    live = {resource.urn for resource in everything if not resource.delete}
    # Where only an old object goes, whoever needs the resource has the new one.
    while stuck := targets.kept_back(
        {item.resource.urn for item in chosen if not (item.resource.delete and item.resource.urn in live)}, everything
    ):
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
    going = {id(item.resource) for item in chosen}
    # What is no target names its provider as it was, though that was replaced.
    used = {resource.provider for resource in everything if id(resource) not in going}
    chosen = [item for item in chosen if str(urns.ProviderReference(item.resource.urn, item.resource.id)) not in used]
    return [] if run.is_stopping() else chosen
