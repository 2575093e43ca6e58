"""Carries out one step: one function per op. Journal, provider call, journal, ledger.

The journal learns of a call before it goes out, and of its outcome before the
step counts as done. What cannot be known (`AmbiguousError`, or an error that no
provider should raise) stays open: the next run looks before it repeats.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import TypeVar, assert_never

from reconciler import errors
from reconciler.contract.protocol import (
    Changes,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    Provider,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    Views,
)
from reconciler.deploy import views
from reconciler.deploy.ledger import Placed
from reconciler.deploy.options import Kind
from reconciler.deploy.run import Run
from reconciler.model import urns, values
from reconciler.model.goals import Goal
from reconciler.model.resources import PendingOperation, PendingType, Recorded, changed
from reconciler.model.values import PropertyMap
from reconciler.plan import steps
from reconciler.plan import wanted as wanting
from reconciler.plan.decide import is_read_in_place
from reconciler.state.journals import Old, Place

T = TypeVar("T")


async def apply(run: Run, step: steps.Step) -> Recorded | None:
    """Do what a step says.

    Returns:
        What state says of the resource now, None when it is gone.

    Raises:
        ProviderError: the provider could not; state is as it was, or the operation stays pending.
    """
    match step:
        case steps.Same():
            return await _same(run, step)
        case steps.Create():
            return await _create(run, step.wanted, None)
        case steps.CreateReplacement():
            return await _create(run, step.wanted, step.prior)
        case steps.Update():
            return await _update(run, step)
        case steps.Replace():
            run.ledger.replaced |= {step.prior.urn, step.wanted.urn}
            return run.ledger.results[step.wanted.urn].resource if step.wanted.urn in run.ledger.results else None
        case steps.DeleteReplaced():
            return await _delete_replaced(run, step)
        case steps.Delete():
            await _delete(run, step.prior, makes_call=step.makes_call)
            return None
        case steps.Discard() | steps.DiscardReplaced() | steps.RemovePendingReplace():
            await _delete(run, step.prior, makes_call=False)
            return None
        case steps.Read():
            return await _read(run, step.wanted, step.prior)
        case steps.ReadReplacement():
            return await _read(run, step.wanted, step.prior)
        case steps.Import() | steps.ImportReplacement():
            return await _import(run, step.wanted, step.prior)
        case steps.Refresh():
            raise errors.BugError("refresh steps are carried out by deploy.refresh")
        case _:
            assert_never(step)


async def provider_of(run: Run, resource: Recorded | Goal) -> Provider:
    """The provider that manages a resource."""
    return run.registry if urns.is_provider_type(resource.type) else await run.registry.get(resource.provider)


async def _same(run: Run, step: steps.Same) -> Recorded:
    kept = step.wanted
    if urns.is_provider_type(kept.type):
        await run.registry.install(kept.urn, kept.id, kept.inputs)
    place = run.ledger.priors[step.prior.urn].place
    rewritten = wanting.is_rewritten(step.prior, kept)
    recorded = kept if rewritten else step.prior
    if isinstance(place, Old) and not rewritten and recorded == step.prior:
        _put(run, recorded, run.recorder.kept(place), step.prior)
    else:
        _put(run, recorded, run.recorder.put(recorded, forgets=(place,)), step.prior)
    return recorded


async def _create(run: Run, wanted: Recorded, prior: Recorded | None) -> Recorded:
    now = run.clock.now()
    stamped = changed(wanted, created=now, modified=now)
    if not wanted.custom:
        return _created(run, stamped, prior, ends=None)
    provider = await provider_of(run, wanted)
    operation_id = run.ids.uuid()
    began = None if run.preview else await _begin(run, PendingType.CREATING, stamped, operation_id)
    request = CreateRequest(
        urn=wanted.urn,
        token=wanted.type,
        inputs=wanted.inputs,
        operation_id=operation_id,
        timeout_s=wanted.custom_timeouts.get("create", 0.0),
        preview=run.preview,
        views=views.of_new(run, stamped),
    )
    try:
        response = await _call(run, began, provider.create(request))
    except errors.PartialError as error:
        outputs = wanting.with_secrets(wanted, _frozen(error.outputs))
        partial = replace(
            stamped,
            id=error.id,
            outputs=outputs,
            init_errors=error.reasons,
            refresh_before_update=error.refresh_before_update,
        )
        _created(run, partial, prior, ends=began)
        _record_views(run, partial, request.views, replaces=prior)
        raise
    except errors.ReconcilerError as error:
        views.drop(run, stamped, request.views, error)
        raise
    if not response.id and not run.preview:
        _failed(run, began)
        unnamed = errors.PermanentError("the provider returned no id", urn=wanted.urn, op="create")
        views.drop(run, stamped, request.views, unnamed)
        raise unnamed
    outputs = wanting.with_secrets(wanted, _frozen(response.outputs))
    made = changed(stamped, id=response.id, outputs=outputs, refresh_before_update=response.refresh_before_update)
    _created(run, made, prior, ends=began)
    _record_views(run, made, request.views, replaces=prior)
    return made


def _record_views(run: Run, owner: Recorded, published: Views | None, *, replaces: Recorded | None = None) -> None:
    if replaces is not None:
        # What is recorded of the old object's parts is not the new one's.
        views.forget(run, owner.urn)
    if published is not None:
        views.record(run, owner, published)


def _created(run: Run, recorded: Recorded, prior: Recorded | None, *, ends: int | None) -> Recorded:
    if prior is None:
        place: Place = run.recorder.put(recorded, ends=ends)
    elif run.ledger.priors[prior.urn].resource.pending_replacement:
        # The old object is gone, by an earlier step of this chain or of a run that was cut off.
        place = run.recorder.put(recorded, forgets=(run.ledger.priors[prior.urn].place,), ends=ends)
    else:
        place = run.recorder.put(recorded, retires=(run.ledger.retire(prior),), ends=ends)
    _put(run, recorded, place, prior)
    return recorded


async def _update(run: Run, step: steps.Update) -> Recorded:
    wanted, prior = step.wanted, step.prior
    forgets = (run.ledger.priors[prior.urn].place,)
    if not wanted.custom:
        recorded = replace(wanted, modified=run.clock.now())
        _put(run, recorded, run.recorder.put(recorded, forgets=forgets), prior)
        return recorded
    provider = await provider_of(run, wanted)
    began = None if run.preview else await _begin(run, PendingType.UPDATING, wanted)
    request = UpdateRequest(
        urn=wanted.urn,
        token=wanted.type,
        id=prior.id,
        old_inputs=prior.inputs,
        outputs=prior.outputs,
        news=wanted.inputs,
        ignore_changes=step.ignore_changes,
        timeout_s=wanted.custom_timeouts.get("update", 0.0),
        preview=run.preview,
        views=views.of(run, wanted),
    )
    try:
        response = await _call(run, began, provider.update(request))
    except errors.PartialError as error:
        # Old inputs stay on record: the next run must see that the new ones were not reached.
        partial = replace(
            wanted,
            inputs=prior.inputs,
            outputs=wanting.with_secrets(wanted, _frozen(error.outputs), {**prior.outputs, **prior.inputs}),
            init_errors=error.reasons,
            refresh_before_update=error.refresh_before_update,
            modified=run.clock.now(),
        )
        _put(run, partial, run.recorder.put(partial, forgets=forgets, ends=began), prior)
        _record_views(run, partial, request.views)
        raise
    except errors.ReconcilerError:
        _record_views(run, prior, request.views)
        raise
    recorded = replace(
        wanted,
        id=response.id or prior.id,
        outputs=wanting.with_secrets(wanted, _frozen(response.outputs)),
        init_errors=(),
        refresh_before_update=response.refresh_before_update,
        modified=run.clock.now(),
    )
    _put(run, recorded, run.recorder.put(recorded, forgets=forgets, ends=began), prior)
    _record_views(run, recorded, request.views)
    return recorded


async def _delete_replaced(run: Run, step: steps.DeleteReplaced) -> Recorded | None:
    if not step.before_create:
        await _delete(run, step.prior, makes_call=step.makes_call)
        return None
    began = None if run.preview else await _begin(run, PendingType.DELETING, step.prior)
    if step.prior.custom and not step.prior.retain_on_delete and not run.preview:
        await _call(run, began, _delete_call(run, step.prior))
    views.forget(run, step.prior.urn)
    waiting = replace(step.prior, pending_replacement=True)
    run.recorder.amended(run.ledger.amend(step.prior.urn, waiting), waiting, ends=began)
    run.ledger.replaced.add(step.prior.urn)
    return waiting


async def _delete(run: Run, prior: Recorded, *, makes_call: bool) -> None:
    place = run.ledger.place_of(prior)
    began = None
    if makes_call and not run.preview:
        began = await _begin(run, PendingType.DELETING, prior)
        await _call(run, began, _delete_call(run, prior))
    if not prior.delete:
        views.forget(run, prior.urn)
    run.recorder.forgot(place, ends=began)


async def _delete_call(run: Run, prior: Recorded) -> None:
    provider = await provider_of(run, prior)
    published = views.of(run, prior)
    try:
        await provider.delete(
            DeleteRequest(
                urn=prior.urn,
                token=prior.type,
                id=prior.id,
                inputs=prior.inputs,
                outputs=prior.outputs,
                timeout_s=prior.custom_timeouts.get("delete", 0.0),
                views=published,
            )
        )
    finally:
        # Of a delete that failed, too: parts of the object may be gone.
        views.record(run, prior, published)


async def read_though_not_ready(
    provider: Provider, request: ReadRequest
) -> tuple[ReadResponse | None, tuple[str, ...]]:
    """What is live, and why it is not ready; where its inputs are not told they are as they were asked with."""
    try:
        return await provider.read(request), ()
    except errors.PartialError as error:
        live = ReadResponse(
            id=error.id,
            inputs=request.inputs if error.inputs is None else _frozen(error.inputs),
            outputs=_frozen(error.outputs),
            refresh_before_update=error.refresh_before_update,
        )
        return live, error.reasons


async def _read(run: Run, wanted: Recorded, prior: Recorded | None) -> Recorded:
    if not wanted.id:
        # In a preview, of an object that something new will name.
        return _put_read(run, wanted, prior, ends=None)
    provider = await provider_of(run, wanted)
    began = None if run.preview else await _begin(run, PendingType.READING, wanted)
    request = ReadRequest(urn=wanted.urn, token=wanted.type, id=wanted.id, inputs=wanted.inputs, outputs=wanted.inputs)
    response, reasons = await _call(run, began, read_though_not_ready(provider, request))
    if response is None:
        _failed(run, began)
        raise errors.NotFoundError(
            f"there is no {urns.short_type(wanted.type)} with id {wanted.id}",
            urn=wanted.urn,
            op="read",
            hint="check the id, and that this provider's identity may see the object",
        )
    recorded = replace(
        wanted,
        id=response.id,
        outputs=wanting.with_secrets(wanted, _frozen(response.outputs)),
        init_errors=reasons,
        external=True,
    )
    _put_read(run, recorded, prior, ends=began)
    if reasons:
        raise errors.PermanentError(f"it is not ready: {'; '.join(reasons)}", urn=wanted.urn, op="read")
    return recorded


def _put_read(run: Run, recorded: Recorded, prior: Recorded | None, *, ends: int | None) -> Recorded:
    if prior is None:
        place: Place = run.recorder.put(recorded, ends=ends)
    elif is_read_in_place(prior, recorded):
        place = run.recorder.put(recorded, retires=(run.ledger.retire(prior),), ends=ends)
    else:
        place = run.recorder.put(recorded, forgets=(run.ledger.priors[prior.urn].place,), ends=ends)
    _put(run, recorded, place, prior)
    return recorded


async def _import(run: Run, wanted: Recorded, prior: Recorded | None) -> Recorded:
    published = views.of_new(run, wanted)
    try:
        return await _take_over(run, wanted, prior, published)
    except errors.ReconcilerError as error:
        views.drop(run, wanted, published, error)
        raise


async def _take_over(run: Run, wanted: Recorded, prior: Recorded | None, published: Views) -> Recorded:
    provider = await provider_of(run, wanted)
    began = None if run.preview else await _begin(run, PendingType.IMPORTING, replace(wanted, id=wanted.import_id))
    timeout_s = wanted.custom_timeouts.get("read", 0.0)
    request = ReadRequest(urn=wanted.urn, token=wanted.type, id=wanted.import_id, timeout_s=timeout_s, views=published)
    response, reasons = await _call(run, began, read_though_not_ready(provider, request))
    if response is None:
        _failed(run, began)
        raise errors.NotFoundError(
            f"there is no {urns.short_type(wanted.type)} with id {wanted.import_id}",
            urn=wanted.urn,
            op="import",
            hint="check the id, and that this provider's identity may see the object",
        )
    inputs, outputs = values.freeze_map(response.inputs), values.freeze_map(response.outputs)
    if run.options.kind is Kind.IMPORT:
        # `--properties` takes over a part of them: what nobody asks for is not managed, and cannot differ.
        inputs = {name: value for name, value in inputs.items() if name in wanted.inputs}
    diff = await provider.diff(
        DiffRequest(
            urn=wanted.urn, token=wanted.type, id=response.id, old_inputs=inputs, outputs=outputs, news=wanted.inputs
        )
    )
    if diff.changes is Changes.SOME:
        _tell_mismatch(run, began, wanted, tuple(diff.detailed or diff.replaces))
    now = run.clock.now()
    recorded = replace(
        wanted,
        id=response.id,
        outputs=wanting.with_secrets(wanted, outputs),
        init_errors=reasons,
        refresh_before_update=response.refresh_before_update,
        created=now,
        modified=now,
    )
    if prior is not None and (prior.external or prior.id == recorded.id):
        # The recorded object itself may be asked for, by another form of its id: it is not to be deleted.
        place: Place = run.recorder.put(recorded, forgets=(run.ledger.priors[prior.urn].place,), ends=began)
    elif prior is not None:
        place = run.recorder.put(recorded, retires=(run.ledger.retire(prior),), ends=began)
    else:
        place = run.recorder.put(recorded, ends=began)
    _put(run, recorded, place, prior)
    _record_views(run, recorded, published, replaces=prior)
    return recorded


def _tell_mismatch(run: Run, began: int | None, wanted: Recorded, paths: tuple[str, ...]) -> None:
    """What the program says of an object that it imports must be true of it."""
    message = f"inputs to import do not match the existing resource ({', '.join(paths)})"
    if run.preview:
        run.warn(f"{message}; importing this resource will fail", wanted.urn)
        return
    _failed(run, began)
    raise errors.PlanError(message, urn=wanted.urn, hint="make the program's inputs say what the object is now")


async def _call(run: Run, began: int | None, call: Awaitable[T]) -> T:
    """Await a provider; close the journal's entry when the call is known to have changed nothing."""
    try:
        return await call
    except (errors.PartialError, errors.AmbiguousError):
        raise
    except errors.ReconcilerError:
        _failed(run, began)
        raise


async def _begin(run: Run, type: PendingType, resource: Recorded, operation_id: str = "") -> int:
    """Write down that a call is about to go out. Its outcome need not reach the disk so soon:

    a call whose outcome a power cut took along is in doubt, and looked up.
    """
    number = run.recorder.began(PendingOperation(type=type, resource=resource, operation_id=operation_id))
    await run.recorder.durable()
    return number


def _failed(run: Run, began: int | None) -> None:
    if began is not None:
        run.recorder.failed(began)


def _put(run: Run, recorded: Recorded, place: Place, prior: Recorded | None) -> None:
    run.ledger.results[recorded.urn] = Placed(place, recorded)
    if prior is not None:
        run.ledger.continued[prior.urn] = recorded.urn


def _frozen(outputs: object) -> PropertyMap:
    frozen = values.freeze(dict(outputs) if hasattr(outputs, "items") else {})  # type: ignore[call-overload]  # errors.py imports nothing, so PartialError.outputs is an object
    assert isinstance(frozen, dict), "a map freezes to a map"
    return frozen
