"""Make state say what is live: read every object, note what drifted and what is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from reconciler import errors
from reconciler.contract.protocol import NO_DIFF, Changes, Diff, DiffKind, DiffRequest, PropertyDiff, ReadRequest, Views
from reconciler.deploy import events, views
from reconciler.deploy.apply import provider_of, read_though_not_ready
from reconciler.deploy.run import Run, named
from reconciler.model import diffs, urns, values
from reconciler.model.graphs import without_gone
from reconciler.model.resources import Recorded
from reconciler.plan import steps, targets
from reconciler.plan import wanted as wanting
from reconciler.plan.steps import Op


async def refresh(run: Run, *, counts: bool, only_unregistered: bool = False, only_out_of_date: bool = False) -> None:
    """Read every recorded object, side by side, and amend what is recorded.

    Args:
        counts: the run is a refresh, so its outcomes are what the summary counts.
        only_unregistered: leave out what the program came to, which was read then.
        only_out_of_date: read those alone whose provider said that their records will not last.
    """
    recorded = [item.resource for item in (*run.ledger.priors.values(), *run.ledger.retired)]
    picked = targets.closure(run.selection, recorded)
    asked = list(run.ledger.unregistered()) if only_unregistered else recorded
    eligible = [
        resource
        for resource in asked
        if is_read_by_refresh(resource)
        and resource.urn in picked
        and (resource.refresh_before_update or not only_out_of_date)
    ]
    found = await asyncio.gather(*(_refresh_one(run, resource, counts=counts) for resource in eligible))
    _forget(run, [resource for resource, is_gone in zip(eligible, found, strict=True) if is_gone])


async def refresh_before_update(run: Run, prior: Recorded) -> Recorded | None:
    """What is live of an object whose record its provider says is out of date by now; None when it is gone."""
    if await _refresh_one(run, prior, counts=False):
        _forget(run, [prior])
    placed = run.ledger.priors.get(prior.urn)
    return None if placed is None else placed.resource


def is_read_by_refresh(resource: Recorded) -> bool:
    """Has a resource an object that a refresh reads?"""
    return resource.custom and not resource.pending_replacement and not urns.is_provider_type(resource.type)


async def _refresh_one(run: Run, prior: Recorded, *, counts: bool) -> bool:
    """Read one object; says whether it is gone."""
    async with run.slots:
        # One that cannot be read keeps no other from being read.
        if run.stop.is_set():
            return False
        run.emit(events.StepStarted(steps.Refresh(prior), run.preview, not counts))
        began_s = run.clock.monotonic_s()
        try:
            step = await _read_or_wrap(run, prior, counts=counts)
        except errors.ReconcilerError as error:
            step = steps.Refresh(prior)
            duration_s = run.clock.monotonic_s() - began_s
            failed = events.StepFailed(step, named(error, step), run.preview, duration_s, run.ledger.changes.total())
            run.fail(error, prior.urn)
            run.emit(failed)
            return False
        duration_s = run.clock.monotonic_s() - began_s
        run.emit(events.StepDone(step, step.wanted, run.preview, duration_s, not counts))
    if counts:
        run.ledger.changes[step.result] += 1
    return step.wanted is None


async def _read_or_wrap(run: Run, prior: Recorded, *, counts: bool) -> steps.Refresh:
    try:
        return await _read(run, prior, counts=counts)
    except errors.ReconcilerError:
        raise
    except Exception as error:
        # A provider's bug: of this resource, and the others are read all the same.
        raise errors.PermanentError(f"{type(error).__name__}: {error}", urn=prior.urn, op="refresh") from error


async def _read(run: Run, prior: Recorded, *, counts: bool) -> steps.Refresh:
    provider = await provider_of(run, prior)
    # What is recorded below an object that was replaced is the new one's.
    published = Views() if prior.delete else views.of(run, prior, refreshes=True, internal=not counts)
    request = ReadRequest(
        urn=prior.urn,
        token=prior.type,
        id=prior.id,
        inputs=prior.inputs,
        outputs=prior.outputs,
        timeout_s=prior.custom_timeouts.get("read", 0.0),
        views=published,
    )
    try:
        response, reasons = await read_though_not_ready(provider, request)
    except errors.ReconcilerError:
        if not prior.delete:
            views.record_refreshed(run, prior, published, counts=counts)
        raise
    if reasons:
        run.warn(f"it is not ready: {'; '.join(reasons)}", prior.urn)
    if response is None:
        if not prior.delete:
            views.record_refreshed(run, prior, published, counts=counts)
        return steps.Refresh(prior, None, NO_DIFF, Op.DELETE)
    # Where nothing was asked for nothing can have drifted; to a provider, no inputs would mean an import.
    asked = not prior.external and bool(prior.inputs)
    inputs = {**_kept(prior), **values.freeze_map(response.inputs)} if asked else prior.inputs
    outputs = wanting.with_secrets(replace(prior, inputs=inputs), values.freeze_map(response.outputs), prior.outputs)
    live = replace(prior, id=response.id, inputs=inputs, outputs=outputs, init_errors=reasons)
    live = replace(live, refresh_before_update=response.refresh_before_update)
    drift = await _drift(run, prior, live)
    if drift.changes is Changes.SOME:
        live = replace(live, modified=run.clock.now())
    if live != prior:
        run.recorder.amended(run.ledger.rewrite(prior, live), live)
    if not live.delete:
        views.record_refreshed(run, live, published, counts=counts)
    return steps.Refresh(prior, live, drift, Op.UPDATE if drift.changes is Changes.SOME else Op.SAME)


def _kept(prior: Recorded) -> dict[str, values.Value]:
    return {name: value for name, value in prior.inputs.items() if name.startswith("__")}


async def _drift(run: Run, prior: Recorded, live: Recorded) -> Diff:
    """How the live object differs from what was asked for: what `up` would repair, seen from the other side."""
    # Of what the stack does not own nothing was asked for.
    of_outputs = prior.external or run.options.legacy_refresh_diff
    found = diffs.of_maps(prior.outputs, live.outputs) if of_outputs else diffs.of_maps(prior.inputs, live.inputs)
    if not found and of_outputs:
        return NO_DIFF
    if not found:
        provider = await provider_of(run, prior)
        diff = await provider.diff(
            DiffRequest(
                urn=prior.urn,
                token=prior.type,
                id=prior.id,
                old_inputs=live.inputs,
                outputs=live.outputs,
                news=prior.inputs,
                ignore_changes=prior.ignore_changes,
            )
        )
        if diff.changes is not Changes.SOME:
            return NO_DIFF
        return replace(diff, replaces=(), detailed=None if diff.detailed is None else _inverted(diff))
    return Diff(
        changes=Changes.SOME,
        detailed={path: PropertyDiff(kind=DiffKind(verb), input_diff=True) for path, verb in found.items()},
    )


def _inverted(diff: Diff) -> dict[str, PropertyDiff]:
    turned = {DiffKind.ADD: DiffKind.DELETE, DiffKind.DELETE: DiffKind.ADD}
    plain = {path: DiffKind(entry.kind.value.removesuffix("-replace")) for path, entry in (diff.detailed or {}).items()}
    return {path: PropertyDiff(kind=turned.get(kind, kind)) for path, kind in plain.items()}


def _forget(run: Run, gone: Sequence[Recorded]) -> None:
    """Take out what is gone. What names it is rewritten first, so that state is sound whenever the run dies."""
    ledger = run.ledger
    going = {id(resource) for resource in gone}
    recorded = [item.resource for item in (*ledger.priors.values(), *ledger.retired)]
    # A record that a registration of this run continued stands no more where it stood.
    settled = {urn for urn, new in ledger.continued.items() if new in ledger.results}
    kept = [item for item in recorded if id(item) not in going and (item.delete or item.urn not in settled)]
    # Of what was replaced the new object is there, though the old one is not.
    live = {resource.urn for resource in kept if not resource.delete} | ledger.results.keys()
    parents = {resource.urn: resource.parent for resource in gone if resource.urn not in live}
    for resource in kept:
        pruned = without_gone(resource, set(parents), parents)
        if pruned != resource:
            run.recorder.amended(ledger.rewrite(resource, pruned), pruned)
    # What this run left alone may name what the program has not.
    for urn, placed in ledger.results.items():
        pruned = without_gone(placed.resource, set(parents), parents)
        if pruned != placed.resource:
            run.recorder.amended(placed.place, pruned)
            ledger.results[urn] = replace(placed, resource=pruned)
    for resource in reversed(gone):
        place = ledger.place_of(resource)
        if not resource.delete:
            views.forget(run, resource.urn)
        run.recorder.forgot(place)
        ledger.forget(resource)
