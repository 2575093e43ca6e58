"""From a registration to its result: the steps decided, carried out, and what the program is told.

Called by whatever speaks to the program (`host.monitor`), once per resource and
many at a time, always on the engine's event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from reconciler import errors
from reconciler.contract.listening import Listens
from reconciler.contract.protocol import (
    InvokeRequest,
    InvokeResponse,
    Parameter,
    Provider,
    ReadRequest,
)
from reconciler.deploy import callouts, events
from reconciler.deploy.apply import provider_of
from reconciler.deploy.deciding import Deciding, needs
from reconciler.deploy.executor import run_chain
from reconciler.deploy.hooks import ErrorHook, Hook
from reconciler.deploy.ledger import Placed
from reconciler.deploy.migrating import Migration, migrate
from reconciler.deploy.packages import Package
from reconciler.deploy.registry import DISABLED
from reconciler.deploy.run import Run
from reconciler.model import urns, values
from reconciler.model.goals import Goal
from reconciler.model.resources import Recorded
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan import decide, saved, steps
from reconciler.plan import wanted as wanting


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a registration came to. Not `succeeded`: failed, or skipped because something else failed."""

    urn: str
    succeeded: bool
    id: str = ""
    outputs: PropertyMap = field(default_factory=lambda: EMPTY)


Choose = Callable[[Goal], Awaitable[tuple[steps.Step, ...]]]


class ShutdownError(Exception):
    """The run is over: the program is told to stop registering."""


class Deployment:
    """Takes registrations, reads, outputs and invokes of one program run."""

    def __init__(self, run: Run, *, project: str, stack: str) -> None:
        self._run = run
        self._deciding = Deciding(run)
        self.project = project
        self.stack = stack
        self.stack_outputs: PropertyMap | None = None
        self._completed: set[str] = set()
        self._defaults: dict[tuple[str, ...], asyncio.Task[str]] = {}
        self._under_way: set[asyncio.Task[object]] = set()
        self._components: dict[str, steps.Step] = {}
        """What was done for each component: its outputs are told later."""
        self.is_told_everything = asyncio.Event()
        self._released = asyncio.Event()

    @property
    def preview(self) -> bool:
        """Does this run only decide?"""
        return self._run.preview

    async def default_provider(self, package: Package, who: str) -> str:
        """The reference of a package's default provider, registered when first asked for.

        Args:
            who: what needs it, for an error.

        Raises:
            ConfigureError: the provider does not exist or refuses its settings.
            PlanError: the stack's config disables the default provider of this package.
        """
        key = package.key
        if key not in self._defaults:
            if self._run.registry.is_default_disabled(package.name):
                raise errors.PlanError(
                    f"Default provider for '{package.name}' disabled. '{who}' must use an explicit provider.",
                    hint=f"give it the option `provider`, or take the package out of `pulumi:{DISABLED}`",
                )
            self._defaults[key] = asyncio.ensure_future(self._register_default(package))
        registering = self._defaults[key]
        return registering.result() if registering.done() else await asyncio.shield(registering)

    async def provider(self, reference: str) -> Provider:
        """The configured provider of a reference.

        Raises:
            ConfigureError: there is none, or its settings are refused.
            ShutdownError: the run is over, or the person stopped it.
        """
        self._refuse_when_over()
        return await self._run.registry.get(reference)

    async def extend(self, reference: str, extension: Parameter) -> None:
        """Have a provider serve an extension of its package.

        Raises:
            ConfigureError: there is no such provider, or its settings are refused.
            PlanError: it does not take the extension.
        """
        provider = await self._run.registry.get(reference)
        try:
            await self._run.registry.extend(reference, provider, extension)
        except errors.ConfigureError as error:
            raise errors.PlanError(error.detail, hint=error.hint) from error

    def fail(self, error: errors.ReconcilerError, urn: str) -> None:
        """A resource failed outside its steps: a component that a provider could not build."""
        self._run.ledger.failed.add(urn)
        self._run.fail(error, urn)

    def without_provider(self, goal: Goal) -> Registered:
        """A resource that cannot be come to, since its provider failed before it: what is recorded of it stays."""
        self._run.ledger.goals[goal.urn] = goal
        self._give_up(goal)
        return Registered(urn=goal.urn, succeeded=False)

    def _give_up(self, goal: Goal) -> None:
        self._run.ledger.failed.add(goal.urn)
        # The program asks for it still: it is no leftover.
        with suppress(errors.PlanError):
            self._deciding.prior(goal)

    def on_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have something closed when the run's providers are."""
        self._run.registry.on_close(close)

    async def settle(self) -> None:
        """Wait for the registrations that are under way, and for deletes that may need the program's hooks."""
        while self._under_way:
            await asyncio.wait(self._under_way)
        if self.is_told_everything.is_set():
            await self._released.wait()

    async def register(self, goal: Goal, migrations: Sequence[Migration] = ()) -> Registered:
        """Take one resource to its goal, its records rewritten by `migrations` first.

        Raises:
            DuplicateUrnError: the program registered the URN already.
            ShutdownError: the run is over, or the person stopped it.
        """

        async def decide_migrated(goal: Goal) -> tuple[steps.Step, ...]:
            await migrate(self._run, goal, migrations)
            return await self._deciding.decide(goal)

        return await self._carry_out(goal, decide_migrated)

    async def read(self, goal: Goal, id: str) -> Registered:
        """Read somebody else's object into the stack. An id of "" is not known: yet, or for a failure.

        Raises:
            DuplicateUrnError, ShutdownError: as `register`.
        """

        async def decide_read(goal: Goal) -> tuple[steps.Step, ...]:
            if not id and not self._run.preview:
                self._give_up(goal)
                return ()
            if self._deciding.is_without_needs(goal):
                self._run.ledger.skipped.add(goal.urn)
                return ()
            self._deciding.refuse_circle(goal)
            wanted = replace(wanting.recorded(goal, goal.inputs), id=id, external=True)
            return decide.decide_read(await self._deciding.settled_prior(goal), wanted)

        return await self._carry_out(goal, decide_read)

    def add_hook(self, hook: Hook) -> None:
        """The program has a function that resources may name as their hook.

        Raises:
            PlanError: the name is taken.
        """
        self._run.hooks.add(hook)

    def add_error_hook(self, hook: ErrorHook) -> None:
        """The program has a function that resources may name as their error hook.

        Raises:
            PlanError: the name is taken.
        """
        self._run.hooks.add_error_hook(hook)

    async def register_outputs(self, urn: str, outputs: PropertyMap) -> None:
        """A component tells its outputs; the root stack's are kept until the run ends.

        Its hooks for after a create or an update are called now.

        Raises:
            PlanError: nothing of that URN was registered, or its outputs were told before.
        """
        run = self._run
        not_pending = f"cannot complete a resource '{urn}' whose registration isn't pending"
        if urn in self._completed:
            raise errors.PlanError(not_pending, urn=urn, hint="register_outputs is called once, by one class")
        self._completed.add(urn)
        placed = run.ledger.results.get(urn)
        if placed is None:
            if urn in run.ledger.failed or run.options.only_listens:
                return
            raise errors.PlanError(not_pending, urn=urn)
        if placed.resource.type == urns.STACK_TYPE:
            self.stack_outputs = outputs
            return
        self._amend_outputs(placed, outputs)
        await callouts.after_outputs(run, run.ledger.results[urn].resource)

    async def invoke(
        self, token: str, args: PropertyMap, reference: str, dependencies: Mapping[str, Sequence[str]] | None = None
    ) -> InvokeResponse:
        """Call a provider's function. `dependencies`: argument -> URNs that it comes from."""
        self._refuse_when_over()
        provider = await self._run.registry.get(reference)
        async with self._run.slots:
            request = InvokeRequest(token=token, args=args, preview=self.preview, dependencies=dependencies or {})
            return await provider.invoke(request)

    def is_registered(self, urn: str) -> bool:
        """Did this run hear of it, whatever came of it?"""
        return urn in self._run.ledger.goals

    def find_resource(self, urn: str) -> Recorded | None:
        """What this run made of a resource, or what was recorded of one that it has not come to."""
        ledger = self._run.ledger
        placed = ledger.results.get(urn) or ledger.priors.get(urn)
        return None if placed is None else placed.resource

    async def exists(self, token: str, id: str, inputs: PropertyMap, reference: str) -> bool:
        """Is there an object of this type and id, whoever owns it?"""
        self._refuse_when_over()
        provider = await self._run.registry.get(reference)
        # It is nobody's resource: the URN is what one of that type and id would have.
        urn = urns.build(self.stack, self.project, "", token, id)
        request = ReadRequest(urn=urn, token=token, id=id, inputs=inputs, outputs=inputs)
        async with self._run.slots:
            return await provider.read(request) is not None

    def is_pending(self, urns: Collection[str]) -> bool:
        """Was one of these registered, and has it no id yet, so that nothing can be asked that needs it?

        The SDK knows what is in its own components; what is in a remote one, only the engine does.
        """
        goals = self._run.ledger.goals
        if any(self._has_no_id(urn) for urn in urns):
            return True
        components = {urn for urn in urns if urn in goals and not goals[urn].custom}
        if not components:
            return False
        for urn, goal in goals.items():  # parents come first
            if goal.parent in components:
                if self._has_no_id(urn):
                    return True
                if not goal.custom:
                    components.add(urn)
        return False

    def _has_no_id(self, urn: str) -> bool:
        if urn not in self._run.ledger.goals:
            return False
        placed = self._run.ledger.results.get(urn)
        return placed is None or (placed.resource.custom and not placed.resource.id)

    async def finish(self) -> None:
        """The program has registered everything; returns when the engine is done with it, deletes included.

        Raises:
            PlanError: the program said so before.
        """
        if self.is_told_everything.is_set():
            raise errors.PlanError("the program signalled its end twice")
        await self.settle()
        self.is_told_everything.set()
        await self._released.wait()

    def release(self) -> None:
        """The engine needs the program no more, and takes no more from it: nothing may begin that nobody waits for."""
        self._released.set()

    def _refuse_when_over(self) -> None:
        if self._run.stop.is_set() or self._released.is_set():
            raise ShutdownError

    def finish_outputs(self, *, succeeded: bool) -> PropertyMap:
        """Record the stack's outputs: as told, or laid over the recorded ones when the run failed."""
        run = self._run
        placed = next((item for item in run.ledger.results.values() if item.resource.type == urns.STACK_TYPE), None)
        if placed is None:
            return EMPTY
        told = self.stack_outputs
        if told is None:
            return placed.resource.outputs
        recorded = placed.resource.outputs
        outputs = told if succeeded else {**recorded, **_known(told, recorded)}
        return self._amend_outputs(placed, outputs)

    def _amend_outputs(self, placed: Placed, told: PropertyMap) -> PropertyMap:
        run = self._run
        outputs = told if run.preview else _known(told, placed.resource.outputs)
        recorded = replace(placed.resource, outputs=outputs)
        if recorded != placed.resource:
            run.recorder.amended(placed.place, recorded)
            run.ledger.results[recorded.urn] = Placed(placed.place, recorded)
        step = self._components.get(recorded.urn) or steps.Same(recorded, recorded)
        run.emit(events.OutputsRegistered(step, recorded, run.preview))
        return outputs

    async def _carry_out(self, goal: Goal, choose: Choose) -> Registered:
        run = self._run
        self._refuse_when_over()
        if goal.urn in run.ledger.goals:
            raise errors.DuplicateUrnError(goal.urn)
        run.ledger.goals[goal.urn] = goal
        if run.options.only_listens:
            return await self._answer_from_state(goal)
        failed = Registered(urn=goal.urn, succeeded=False)
        if run.is_stopping() or self._depends_on_failure(goal):
            self._give_up(goal)
            return failed
        task = asyncio.current_task()
        assert task is not None, "registrations are coroutines of the engine's loop"
        self._under_way.add(task)
        try:
            chain = await choose(goal)
            if chain and not goal.custom:
                self._components[goal.urn] = chain[-1]
            if chain:
                run.planning.take(goal.urn, _planned(goal, chain), chain)
            succeeded = await run_chain(run, chain)
        except errors.ReconcilerError as error:
            run.fail(error, goal.urn)
            return failed
        except Exception as error:  # noqa: BLE001  # of this resource: a provider's bug must not look like the program's
            bug = errors.PermanentError(f"{type(error).__name__}: {error}", urn=goal.urn, op="decide")
            bug.__cause__ = error
            run.fail(bug, goal.urn)
            return failed
        finally:
            self._deciding.release(goal.urn)
            self._under_way.discard(task)
        if not succeeded:
            run.ledger.failed.add(goal.urn)
        if not chain or not succeeded:
            return failed
        recorded = run.ledger.results[goal.urn].resource
        run.planning.note_outputs(recorded)
        return Registered(urn=goal.urn, succeeded=True, id=recorded.id, outputs=recorded.outputs)

    async def _answer_from_state(self, goal: Goal) -> Registered:
        """What state says of a resource; a provider is configured as the program has it today."""
        prior = self._deciding.prior(goal)
        if prior is None:
            return Registered(urn=goal.urn, succeeded=False)
        # It is recorded under its own name still: what comes after must not take it for continued.
        del self._run.ledger.continued[prior.urn]
        if urns.is_provider_type(goal.type):
            inputs = await self._deciding.check(goal, goal.inputs, prior.inputs)
            await self._run.registry.install(goal.urn, prior.id, inputs)
        elif prior.provider:
            provider = await provider_of(self._run, prior)
            if isinstance(provider, Listens):
                provider.hears(goal.urn, goal.inputs)
        return Registered(urn=goal.urn, succeeded=True, id=prior.id, outputs=prior.outputs)

    async def _register_default(self, package: Package) -> str:
        token, name = f"{urns.PROVIDER_PREFIX}{package.name}", package.default_name
        urn = urns.build(self.stack, self.project, "", token, name)
        inputs = self._run.registry.default_inputs(package.name, package.version, package.internal)
        registered = await self.register(Goal(urn=urn, type=token, name=name, custom=True, inputs=inputs))
        if not registered.succeeded:
            raise errors.ConfigureError(f"the default provider of package {package.name} is not available", urn=urn)
        return str(urns.ProviderReference(urn, registered.id))

    def _depends_on_failure(self, goal: Goal) -> bool:
        failed = self._run.ledger.failed
        return bool(failed) and any(urn in failed for urn in needs(goal))


def _known(told: PropertyMap, recorded: PropertyMap) -> PropertyMap:
    """Outputs less what hangs on what was not made, for it failed or is no target: there the recorded value stands."""
    if not values.has_unknown(told):
        return told
    known: dict[str, values.Value] = {}
    for name, value in told.items():
        if not values.has_unknown(value):
            known[name] = value
        elif name in recorded:
            known[name] = recorded[name]
    return known


def _planned(goal: Goal, chain: tuple[steps.Step, ...]) -> saved.PlannedGoal:
    wanted = chain[-1].new
    return saved.PlannedGoal(
        type=goal.type,
        name=goal.name,
        custom=goal.custom,
        inputs=wanted.inputs if wanted is not None else goal.inputs,
        parent=goal.parent,
        protect=goal.protect,
        provider=goal.provider,
        dependencies=goal.dependencies,
        delete_before_replace=goal.delete_before_replace,
        retain_on_delete=goal.retain_on_delete,
        deleted_with=goal.deleted_with,
        ignore_changes=goal.ignore_changes,
        additional_secret_outputs=goal.additional_secret_outputs,
        import_id=goal.import_id,
    )
