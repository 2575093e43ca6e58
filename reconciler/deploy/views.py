"""Views: what a provider shows of the parts of one object, as resources below it that nobody registers.

A provider publishes steps on its resource's views while it works on the object: each is shown as it comes, and
recorded when the call is over, since a view stands below its owner. A call that failed may have done its part of them:
what it published is recorded all the same. A view whose owner is not touched stays as it is.

Source: pulumi/pulumi pkg/resource/deploy/resource_status.go; facts/engine-contract.md §7.2, §7.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from reconciler.contract.protocol import Changes, Diff, View, Views, ViewStep
from reconciler.deploy import events
from reconciler.deploy.ledger import Placed
from reconciler.deploy.run import Run, count
from reconciler.model import urns, values
from reconciler.model.resources import Recorded
from reconciler.plan import steps
from reconciler.plan.steps import Op

_GOING: Final = frozenset({Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD, Op.DISCARD_REPLACED, Op.REMOVE_PENDING_REPLACE})
_MAKE: Final[Mapping[Op, Callable[[Recorded, Recorded, Diff], steps.Step]]] = {
    Op.SAME: lambda old, new, _: steps.Same(old, new),
    Op.CREATE: lambda _old, new, _: steps.Create(new),
    Op.UPDATE: steps.Update,
    Op.DELETE: lambda old, _new, _: steps.Delete(old, makes_call=False),
    Op.REPLACE: steps.Replace,
    Op.CREATE_REPLACEMENT: steps.CreateReplacement,
    Op.DELETE_REPLACED: lambda old, _new, diff: steps.DeleteReplaced(old, change=diff),
    Op.READ: lambda _old, new, _: steps.Read(new),
    Op.READ_REPLACEMENT: steps.ReadReplacement,
    Op.DISCARD: lambda old, _new, _: steps.Discard(old),
    Op.DISCARD_REPLACED: lambda old, _new, _: steps.DiscardReplaced(old),
    Op.REMOVE_PENDING_REPLACE: lambda old, _new, _: steps.RemovePendingReplace(old),
    Op.IMPORT: lambda _old, new, _: steps.Import(new),
    Op.IMPORT_REPLACEMENT: steps.ImportReplacement,
}


def of(run: Run, owner: Recorded, *, refreshes: bool = False, internal: bool = False) -> Views:
    """Where the provider publishes steps on an object's views; it is told the recorded ones.

    Args:
        refreshes: the call reads the object. internal: nobody asked for it, and nobody sees it.
    """
    # An object that was replaced has none on record any more: they are the new one's.
    placed = () if owner.delete else run.ledger.views_of(owner.urn)
    olds = tuple(_told(item.resource) for item in placed)
    return Views(olds=olds, hear=partial(_show, run, owner, refreshes=refreshes, internal=internal))


def of_new(run: Run, owner: Recorded) -> Views:
    """Where the provider publishes steps on the views of an object that it makes or takes over."""
    return Views(hear=partial(_show, run, owner, refreshes=False, internal=False))


def record(run: Run, owner: Recorded, published: Views) -> None:
    """Record and show what was published, after the owner's own record."""
    while published.steps:
        done = _record(run, owner, published.steps.pop(0), refreshes=False, internal=False)
        if done is not None:
            count(run, done, done.op)


def record_refreshed(run: Run, owner: Recorded, published: Views, *, counts: bool) -> None:
    """Record what was published of an object that was read. `counts`: a person asked for the reading, and sees it."""
    while published.steps:
        done = _record(run, owner, published.steps.pop(0), refreshes=True, internal=not counts)
        if counts and isinstance(done, steps.Refresh):
            run.ledger.changes[done.result] += 1


def drop(run: Run, owner: Recorded, published: Views | None, error: Exception) -> None:
    """End what was shown of an object that was not made: its views have nothing to stand below."""
    while published is not None and published.steps:
        understood = _understood(run, owner, published.steps.pop(0), refreshes=False)
        if understood is not None:
            run.emit(events.StepFailed(understood[0], error, run.preview, steps=run.ledger.changes.total()))


def forget(run: Run, urn: str) -> None:
    """What is below an object that goes, or is another one from now on, goes before it."""
    for placed in run.ledger.views_of(urn):
        run.recorder.forgot(placed.place)
        run.ledger.forget_view(placed.resource.urn)


def _record(run: Run, owner: Recorded, step: ViewStep, *, refreshes: bool, internal: bool) -> steps.Step | None:
    """The step, None where it failed or says nothing."""
    understood = _understood(run, owner, step, refreshes=refreshes)
    if understood is None:
        return None
    planned, wanted, placed = understood
    if step.error:
        # The call's own error tells why; of its parts the record stays as it was.
        error = RuntimeError(step.error)
        run.emit(events.StepFailed(planned, error, run.preview, steps=run.ledger.changes.total()))
        return None
    op = Op(step.op)
    if op in _GOING:
        if placed is not None and not owner.delete:
            run.recorder.forgot(placed.place)
            run.ledger.forget_view(wanted.urn)
    elif op is not Op.REPLACE:
        place = run.recorder.put(wanted, forgets=(placed.place,) if placed is not None else ())
        run.ledger.put_view(Placed(place, wanted))
    run.emit(events.StepDone(planned, None if op in _GOING else wanted, run.preview, 0.0, internal))
    return planned


def _show(run: Run, owner: Recorded, step: ViewStep, *, refreshes: bool, internal: bool) -> None:
    understood = _understood(run, owner, step, refreshes=refreshes)
    if understood is not None:
        run.emit(events.StepStarted(understood[0], run.preview, internal))


def _understood(
    run: Run, owner: Recorded, step: ViewStep, *, refreshes: bool
) -> tuple[steps.Step, Recorded, Placed | None] | None:
    """The step in our words, what the view is by it and where it is recorded; None for one that names no view."""
    shown = step.new or step.old
    if shown is None:
        return None
    urn = urns.build(urns.stack(owner.urn), urns.project(owner.urn), owner.urn, shown.type, shown.name)
    placed = run.ledger.view(urn)
    prior = placed.resource if placed is not None else _recorded(run, owner, urn, step.old or shown)
    wanted = _recorded(run, owner, urn, shown, prior=placed)
    return _step(step, prior, wanted, refreshes=refreshes), wanted, placed


def _step(step: ViewStep, prior: Recorded, wanted: Recorded, *, refreshes: bool) -> steps.Step:
    diff = Diff(
        changes=Changes.NONE if step.op == Op.SAME else Changes.SOME, replaces=step.keys, detailed=step.detailed
    )
    if refreshes or step.op == Op.REFRESH:
        result = Op(step.op) if step.op in (Op.SAME, Op.UPDATE, Op.DELETE) else Op.UPDATE
        return steps.Refresh(prior, None if result is Op.DELETE else wanted, diff, result)
    return _MAKE[Op(step.op)](prior, wanted, diff)


def _recorded(run: Run, owner: Recorded, urn: str, view: View, *, prior: Placed | None = None) -> Recorded:
    now = run.clock.now()
    return Recorded(
        urn=urn,
        type=view.type,
        custom=False,
        inputs=values.freeze_map(view.inputs),
        outputs=values.freeze_map(view.outputs),
        parent=owner.urn,
        view_of=owner.urn,
        created=prior.resource.created if prior is not None else now,
        modified=now,
    )


def _told(resource: Recorded) -> View:
    return View(type=resource.type, name=urns.name(resource.urn), inputs=resource.inputs, outputs=resource.outputs)
