"""One operation from a snapshot to the next: refresh, program, deletes, outputs, summary."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler import errors
from reconciler.deploy import events, policing
from reconciler.deploy.deletion import delete_leftover
from reconciler.deploy.deployment import Deployment
from reconciler.deploy.importing import import_resources
from reconciler.deploy.options import Kind, RunOptions
from reconciler.deploy.refresh import refresh
from reconciler.deploy.run import Run
from reconciler.model import urns
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan import saved, targets
from reconciler.state.snapshots import Snapshot

_LOOK_EVERY_S: Final = 0.1

RunProgram = Callable[[Deployment], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an operation ended, and what state says now."""

    summary: events.Summary
    snapshot: Snapshot
    plan: saved.Plan


async def execute(run: Run, deployment: Deployment, program: RunProgram, base: Snapshot) -> Outcome:
    """Carry the operation out; failures end in the summary, never in an exception."""
    began_s = run.clock.monotonic_s()
    old_outputs = _stack_outputs(base)
    outputs: PropertyMap = EMPTY
    cancelling = asyncio.ensure_future(_cancel_when_stopped(run))
    try:
        _refuse_unmatched(run, _named_ahead(run.options))
        if not run.failures:
            outputs = await _carry_out(run, deployment, program)
    finally:
        cancelling.cancel()
        await asyncio.wait({cancelling})
        await run.registry.close()
    snapshot = run.recorder.snapshot()
    if run.options.kind is not Kind.UPDATE:
        # No program has told others.
        outputs = _stack_outputs(snapshot)
    summary = events.Summary(
        result=_result(run),
        is_preview=run.preview,
        duration_s=run.clock.monotonic_s() - began_s,
        changes=dict(run.ledger.changes),
        outputs=outputs,
        old_outputs=old_outputs,
        may_be_corrupt=bool(snapshot.pending),
        packs=tuple(pack.info for pack in run.analyzers),
    )
    run.emit(summary)
    return Outcome(summary, snapshot, run.planning.plan)


async def _carry_out(run: Run, deployment: Deployment, program: RunProgram) -> PropertyMap:
    """Do what the operation is; returns the outputs that its program told, if it ran one."""
    options = run.options
    outputs: PropertyMap = EMPTY
    if options.kind is Kind.REFRESH:
        await _refresh(run, deployment, program)
    elif options.kind is Kind.IMPORT:
        await import_resources(run, deployment)
    else:
        if options.refresh and not options.refreshes_late and not run.is_stopping():
            await refresh(run, counts=False)
        if not run.is_stopping():
            outputs = await _converge(run, deployment, program)
            if options.kind is Kind.UPDATE and not run.failures and not run.stop.is_set():
                await policing.inspect_stack(run)
    return outputs


async def _cancel_when_stopped(run: Run) -> None:
    while not run.stop.is_set():  # noqa: ASYNC110  # set by a signal handler or a thread, which cannot wake this loop
        await asyncio.sleep(_LOOK_EVERY_S)
    await run.registry.cancel()


async def _refresh(run: Run, deployment: Deployment, program: RunProgram) -> None:
    async def read_everything() -> None:
        await refresh(run, counts=True)

    if run.options.runs_program:
        await _run_program(run, deployment, program, read_everything)
    elif not run.is_stopping():
        await read_everything()


async def _converge(run: Run, deployment: Deployment, program: RunProgram) -> PropertyMap:
    async def delete() -> None:
        if run.options.kind is Kind.UPDATE:
            _refuse_unmatched(run, (*run.options.targets, *run.options.excludes))
        if run.options.refreshes_late and not run.is_stopping():
            await refresh(run, counts=False, only_unregistered=True)
        elif not run.options.refresh and not run.is_stopping():
            await refresh(run, counts=False, only_unregistered=True, only_out_of_date=True)
        if not run.is_stopping():
            await delete_leftover(run)

    if run.options.kind is Kind.UPDATE or run.options.runs_program:
        await _run_program(run, deployment, program, delete)
    else:
        await delete()
    if not run.is_stopping():
        for urn in run.planning.left_undone():
            run.fail(errors.OutsidePlanError(urn, "what was planned for it was not come to"), urn)
    return deployment.finish_outputs(succeeded=not run.failures and not run.stop.is_set())


async def _run_program(
    run: Run, deployment: Deployment, program: RunProgram, then: Callable[[], Awaitable[None]]
) -> None:
    """Run the program; when it has told everything, do the rest before it ends: deletes may call its hooks."""
    running = asyncio.ensure_future(program(deployment))
    told = asyncio.ensure_future(deployment.is_told_everything.wait())
    try:
        await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
        # A program may end without a word (`sys.exit(0)`); one that raised has asked for nothing in particular.
        if (not running.done() or running.exception() is None) and not run.is_stopping():
            await then()
    finally:
        told.cancel()
        deployment.release()
        await asyncio.wait({running})
        await deployment.settle()
    try:
        running.result()
    except errors.ReconcilerError as error:
        if not run.stop.is_set():
            run.fail(error)


def _named_ahead(options: RunOptions) -> tuple[str, ...]:
    """The names that state must have; what an update touches, its program may have, too."""
    named = () if options.kind is Kind.UPDATE else (*options.targets, *options.excludes)
    return (*named, *options.replace)


def _refuse_unmatched(run: Run, patterns: Sequence[str]) -> None:
    """A target that names nothing is a typing error, and must not look like a run that had nothing to do."""
    known = {*run.ledger.priors, *run.ledger.goals}
    for pattern in targets.unmatched(patterns, known):
        hint = "URNs hold `$`: put them in single quotes, or the shell takes them apart"
        run.fail(errors.PlanError(f"{pattern} matches no resource of this stack", hint=hint))


def _result(run: Run) -> events.Result:
    if run.failures or run.is_violated:
        return events.Result.FAILED
    return events.Result.CANCELED if run.stop.is_set() else events.Result.SUCCEEDED


def _stack_outputs(snapshot: Snapshot) -> PropertyMap:
    return next((item.outputs for item in snapshot.resources if item.type == urns.STACK_TYPE), EMPTY)
