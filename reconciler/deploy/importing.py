"""Takes objects that exist into the stack: each is read, and registered as if a program had asked for it as it is.

No program runs and nothing is deleted. What failed is told by name; the rest is imported.

Source: facts/engine-contract.md §4.3 row 1, §9.2.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Mapping
from contextlib import suppress

from reconciler import errors
from reconciler.contract.protocol import ReadRequest, Views
from reconciler.deploy import events
from reconciler.deploy.apply import read_though_not_ready
from reconciler.deploy.deployment import Deployment, ShutdownError
from reconciler.deploy.packages import Package
from reconciler.deploy.run import Run
from reconciler.model import urns, values
from reconciler.model.goals import Goal
from reconciler.model.resources import Recorded
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan import steps
from reconciler.plan import wanted as wanting
from reconciler.plan.imports import Import


async def import_resources(run: Run, deployment: Deployment) -> None:
    """Import what the run's options name, side by side; a child after its parent."""
    with suppress(ShutdownError):
        stack = await _register_stack(run, deployment)
        under_way: dict[str, asyncio.Task[None]] = {}
        for wanted in run.options.imports:
            # Resources come after their parents, so that the parent's task is there.
            work = _after(under_way.get(wanted.parent), _import_one(run, deployment, wanted, stack))
            under_way[wanted.urn] = asyncio.ensure_future(work)
        await asyncio.gather(*under_way.values())


async def _after(parent: asyncio.Task[None] | None, work: Awaitable[None]) -> None:
    if parent is not None:
        await asyncio.wait({parent})
    await work


async def _register_stack(run: Run, deployment: Deployment) -> str:
    recorded = next((urn for urn in run.ledger.priors if urns.type_token(urn) == urns.STACK_TYPE), "")
    name = urns.name(recorded) if recorded else f"{deployment.project}-{deployment.stack}"
    urn = recorded or urns.build(deployment.stack, deployment.project, "", urns.STACK_TYPE, name)
    await deployment.register(Goal(urn=urn, type=urns.STACK_TYPE, name=name, custom=False))
    return urn


async def _import_one(run: Run, deployment: Deployment, wanted: Import, stack: str) -> None:
    known = _find_recorded(run, wanted)
    if known is not None and known.urn == wanted.urn and (wanted.component or _has_id(known, wanted.id)):
        run.emit(events.Diagnostic("it is in this stack already: nothing to import", events.Severity.INFO, wanted.urn))
        return
    try:
        _refuse_known(wanted, known)
        if wanted.parent and wanted.parent in run.ledger.failed:
            raise errors.PlanError("its parent was not imported", urn=wanted.urn)
        if wanted.parent and deployment.find_resource(wanted.parent) is None:
            raise errors.PlanError(f"there is no {wanted.parent} in this stack to be its parent", urn=wanted.urn)
        reference = "" if wanted.component else await _provider(deployment, wanted)
        inputs = EMPTY if wanted.component else await _inputs(run, deployment, wanted, reference)
    except errors.ReconcilerError as error:
        if isinstance(error, errors.ProviderError):
            error.urn, error.op = error.urn or wanted.urn, error.op or "import"
        _fail(run, deployment, _goal(wanted, stack), error)
        return
    except ShutdownError:
        return
    with suppress(ShutdownError):
        await deployment.register(_goal(wanted, stack, inputs, reference))


def _goal(wanted: Import, stack: str, inputs: PropertyMap = EMPTY, provider: str = "") -> Goal:
    return Goal(
        urn=wanted.urn,
        type=wanted.type,
        name=wanted.name,
        custom=not wanted.component,
        inputs=inputs,
        parent=wanted.parent or stack,
        provider=provider,
        protect=wanted.protect,
        import_id=wanted.id,
    )


def _fail(run: Run, deployment: Deployment, goal: Goal, error: errors.ReconcilerError) -> None:
    """Tell a failure as one of the import that it ends, though it did not come to its step."""
    step = steps.Import(wanting.recorded(goal, goal.inputs), None)
    run.emit(events.StepStarted(step, run.preview))
    deployment.fail(error, goal.urn)
    run.emit(events.StepFailed(step, error, run.preview))


def _find_recorded(run: Run, wanted: Import) -> Recorded | None:
    """What the stack has of that name, else of that object."""
    placed = run.ledger.priors.get(wanted.urn)
    if placed is not None and not placed.resource.external:
        return placed.resource
    if wanted.component or wanted.provider:
        return None
    recorded = (item.resource for item in run.ledger.priors.values())
    return next(
        (one for one in recorded if one.type == wanted.type and _is_ours(one) and _has_id(one, wanted.id)), None
    )


def _is_ours(recorded: Recorded) -> bool:
    # A provider that was made for a purpose may be one of another account, where the id means another object.
    default = urns.name(urns.parse_reference(recorded.provider).urn).startswith("default")
    return default and recorded.custom and not recorded.external


def _has_id(recorded: Recorded, id: str) -> bool:
    return bool(id) and id in (recorded.id, recorded.import_id)


def _refuse_known(wanted: Import, known: Recorded | None) -> None:
    if known is None:
        return
    if known.urn == wanted.urn:
        told = f"with the id {known.id}" if known.id else "which is a component"
        raise errors.PlanError(
            f"this stack has a {urns.short_type(wanted.type)} of that name already, {told}",
            urn=wanted.urn,
            hint="import it under another name",
        )
    raise errors.PlanError(
        f"this stack has that object already, as {known.urn}",
        urn=wanted.urn,
        hint="two resources must not manage one object; `pulumi state rename` gives the one that is there another name",
    )


async def _provider(deployment: Deployment, wanted: Import) -> str:
    if not wanted.provider:
        package = Package(name=urns.package(wanted.type), version=wanted.version, url=wanted.url)
        return await deployment.default_provider(package, wanted.urn)
    provider = deployment.find_resource(wanted.provider)
    if provider is None:
        raise errors.PlanError(
            f"there is no provider {wanted.provider} in this stack",
            urn=wanted.urn,
            hint="declare it in the program and run `pulumi up` first",
        )
    return str(urns.ProviderReference(provider.urn, provider.id))


async def _inputs(run: Run, deployment: Deployment, wanted: Import, reference: str) -> PropertyMap:
    """The inputs that would make the object as it is, as its provider reads them.

    Raises:
        NotFoundError: there is no such object.
        PlanError: a property was asked for that it does not have.
    """
    provider = await deployment.provider(reference)
    request = ReadRequest(urn=wanted.urn, token=wanted.type, id=wanted.id, views=Views())
    async with run.slots:
        response, _ = await read_though_not_ready(provider, request)
    if response is None:
        raise errors.NotFoundError(
            f"there is no {urns.short_type(wanted.type)} with id {wanted.id} to import as '{wanted.name}'",
            urn=wanted.urn,
            op="import",
            hint="check the id, and that this provider's identity may see the object",
        )
    inputs = values.freeze_map(response.inputs)
    return _chosen(inputs, wanted) if wanted.properties else inputs


def _chosen(inputs: Mapping[str, values.Value], wanted: Import) -> PropertyMap:
    strange = [name for name in wanted.properties if name not in inputs]
    if strange:
        close = difflib.get_close_matches(strange[0], inputs, n=1)
        raise errors.PlanError(
            f"it has no input {', '.join(strange)}",
            urn=wanted.urn,
            hint=f"did you mean {close[0]}?" if close else f"there are: {', '.join(sorted(inputs))}",
        )
    return {name: value for name, value in inputs.items() if name in wanted.properties}
