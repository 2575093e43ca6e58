"""Runs a chain of steps one after another, telling of each; chains run side by side."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler import errors
from reconciler.deploy import callouts, events
from reconciler.deploy.apply import apply
from reconciler.deploy.foresight import foreseen
from reconciler.deploy.run import Run, count, is_internal, named
from reconciler.model.resources import Recorded
from reconciler.plan import steps


async def run_chain(run: Run, chain: Sequence[steps.Step]) -> bool:
    """Carry out dependent steps in order; says whether all of them succeeded.

    The first failure ends the chain. Whether it ends the run as well is the run's
    own rule (`Run.is_stopping`): steps under way elsewhere finish either way.
    """
    for step in chain:
        async with run.slots:
            if run.is_stopping():
                return False
            if not await _run_step(run, step):
                return False
    return True


async def _run_step(run: Run, step: steps.Step) -> bool:
    internal = is_internal(step.subject)
    run.emit(events.StepStarted(step, run.preview, internal))
    began_s = run.clock.monotonic_s()
    try:
        await callouts.before(run, step)
        recorded = await _apply_patiently(run, step)
    except errors.ReconcilerError as error:
        return _failed(run, step, error, began_s)
    except Exception as error:  # noqa: BLE001  # one step: a provider's bug must not take the others' outcomes along
        bug = errors.AmbiguousError(f"{type(error).__name__}: {error}", urn=step.urn, op=step.op.value)
        bug.__cause__ = error
        return _failed(run, step, bug, began_s)
    lost = await foreseen(run, step)
    run.emit(events.StepDone(step, recorded, run.preview, run.clock.monotonic_s() - began_s, internal, lost))
    if not _is_read_as_before(step, recorded):
        count(run, step, step.op)
    await callouts.after(run, step, recorded)
    return True


async def _apply_patiently(run: Run, step: steps.Step) -> Recorded | None:
    """Carry a step out, again where an error hook of the program wants it and the failed call changed nothing."""
    seen: list[str] = []
    while True:
        try:
            return await apply(run, step)
        except (errors.PartialError, errors.AmbiguousError):
            raise
        except errors.ProviderError as error:
            seen.insert(0, str(error))
            if not await callouts.asks_retry(run, step, tuple(seen)):
                raise


def _failed(run: Run, step: steps.Step, error: errors.ReconcilerError, began_s: float) -> bool:
    duration_s = run.clock.monotonic_s() - began_s
    failed = events.StepFailed(step, named(error, step), run.preview, duration_s, run.ledger.changes.total())
    run.fail(error, step.urn)
    run.emit(failed)
    return False


def _is_read_as_before(step: steps.Step, recorded: Recorded | None) -> bool:
    """Has a reading found nothing that people would count as a change?"""
    if not isinstance(step, steps.Read):
        return False
    return step.prior is None or recorded is None or step.prior.outputs == recorded.outputs
