"""Calls the program's hooks around steps, and says what their failures mean for the run.

Before a step: a failing hook fails the step, and no provider was called. After
one: what was done stays recorded, the failure is told, and the run stops as
after any other. A hook that nobody registered (a delete of what an earlier
program made) is an error that names it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.hooks import Hook
from reconciler.deploy.run import Run
from reconciler.model.resources import Recorded
from reconciler.plan import hooks as planning
from reconciler.plan import steps
from reconciler.plan.hooks import Occasion


async def before(run: Run, step: steps.Step) -> None:
    """Call what is to be called before a step.

    Raises:
        HookError: one failed, or is not registered; those after it were not called.
    """
    occasion = planning.before(step)
    # What is deleted cannot be asked for again: the hooks for afterwards must be at hand before it goes.
    if isinstance(step, steps.Delete | steps.DeleteReplaced):
        _check_registered(run, occasion, planning.after(step, None))
    if occasion is not None and occasion.names:
        async with _slot_lent(run):
            await _call(run, occasion)


async def after(run: Run, step: steps.Step, recorded: Recorded | None) -> None:
    """Call what is to be called after a step; failures are told to the run."""
    if planning.waits_for_outputs(step):
        run.hooks.waiting[step.urn] = step
        return
    occasion = planning.after(step, recorded)
    if occasion is not None and occasion.names:
        async with _slot_lent(run):
            await _after(run, occasion)


async def after_outputs(run: Run, recorded: Recorded) -> None:
    """Call what waited for a component's outputs; failures are told to the run."""
    step = run.hooks.waiting.pop(recorded.urn, None)
    occasion = planning.after(step, recorded) if step is not None else None
    if occasion is not None:
        await _after(run, occasion)


async def asks_retry(run: Run, step: steps.Step, seen: tuple[str, ...]) -> bool:
    """Call the error hooks of a step that failed; says whether one of them wants it tried again.

    Args:
        seen: the words of all failures of this step, newest first.
    """
    occasion = planning.failed(step, seen)
    if occasion is None or not occasion.names or run.preview:
        return False
    async with _slot_lent(run):
        wanted = [await _ask(run, name, occasion) for name in occasion.names]
    if any(wanted) and len(seen) > planning.MOST_RETRIES:
        run.warn(f"tried again {planning.MOST_RETRIES} times, as its error hooks want it: given up", step.urn)
        return False
    return any(wanted) and not run.is_stopping()


async def _after(run: Run, occasion: Occasion) -> None:
    try:
        await _call(run, occasion)
    except errors.HookError as error:
        # The resource itself is as wanted: what depends on it may go on where the run goes on.
        run.failures.append(error)
        run.emit(events.diagnostic_of(error, occasion.subject.urn))


async def _call(run: Run, occasion: Occasion) -> None:
    for name in occasion.names:
        described = _described(occasion, name)
        hook = _registered(run, name, occasion)
        if run.preview and not hook.on_dry_run:
            continue
        try:
            problem = await hook.call(occasion)
        except errors.ProgramError as error:
            problem = error.detail
        if problem and not hook.ignore_errors:
            raise errors.HookError(f"{described}: {problem}")
        if problem:
            run.warn(f"{described} failed: {problem}", occasion.subject.urn)


def _check_registered(run: Run, *occasions: Occasion | None) -> None:
    for occasion in occasions:
        if occasion is not None:
            for name in occasion.names:
                _registered(run, name, occasion)


def _registered(run: Run, name: str, occasion: Occasion) -> Hook:
    hook = run.hooks.resource.get(name)
    if hook is None:
        raise errors.HookError(
            f"{_described(occasion, name)} was not registered by the program",
            hint="a delete calls hooks of the program: pass --run-program, with the program that has them",
        )
    return hook


def _described(occasion: Occasion, name: str) -> str:
    return f"{occasion.moment.name.lower().replace('_', '-')} hook '{name}'"


async def _ask(run: Run, name: str, occasion: Occasion) -> bool:
    hook = run.hooks.error.get(name)
    if hook is None:
        run.warn(f"error hook '{name}' was not registered by the program", occasion.subject.urn)
        return False
    try:
        return await hook.call(occasion)
    except errors.ProgramError as error:
        run.warn(f"error hook '{name}' failed: {error.detail}", occasion.subject.urn)
        return False


@asynccontextmanager
async def _slot_lent(run: Run) -> AsyncIterator[None]:
    """Give the step's slot back for a while: what a hook asks of the engine may need one."""
    run.slots.release()
    try:
        yield
    finally:
        await run.slots.acquire()
