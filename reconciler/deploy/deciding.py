"""Which steps take one registration to its goal: check, difference, dependents, decision.

Asks providers and changes nothing but what the ledger notes of the decision; `deployment` carries the steps out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from reconciler import errors
from reconciler.contract.protocol import NO_DIFF, Changes, CheckRequest, Diff, DiffRequest
from reconciler.deploy import policing
from reconciler.deploy.apply import provider_of
from reconciler.deploy.ledger import Placed
from reconciler.deploy.refresh import is_read_by_refresh, refresh_before_update
from reconciler.deploy.run import Run
from reconciler.deploy.unconfigured import UnconfiguredProvider
from reconciler.model import urns
from reconciler.model.goals import Goal
from reconciler.model.graphs import edges
from reconciler.model.resources import Recorded
from reconciler.model.values import PropertyMap
from reconciler.plan import decide, replacements, steps, targets
from reconciler.plan import wanted as wanting
from reconciler.plan.aliases import find_prior


def needs(goal: Goal) -> tuple[str, ...]:
    """What a registration rests on: its parent, its provider, what it depends on, is deleted and replaced with."""
    provider = (urns.parse_reference(goal.provider).urn,) if goal.provider else ()
    named = (goal.parent, *provider, *goal.dependencies, goal.deleted_with, *goal.replace_with)
    return tuple(urn for urn in named if urn)


class Deciding:
    """Decides over what one run has recorded and come to so far."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._claims: dict[str, asyncio.Event] = {}

    def prior(self, goal: Goal) -> Recorded | None:
        """The record that a registration continues, under its own name or an alias; noted as continued.

        Raises:
            PlanError: another registration continues it already.
        """
        placed = find_prior(goal, self._run.ledger.priors, self._run.ledger.renamed)
        if placed is None:
            return None
        if placed.resource.urn != goal.urn:
            self._run.ledger.renamed[goal.urn] = placed.resource.urn
        claimed = self._run.ledger.continued.setdefault(placed.resource.urn, goal.urn)
        if claimed != goal.urn:
            raise errors.PlanError(
                f"{claimed} continues the same recorded resource", urn=goal.urn, hint="remove one of the two aliases"
            )
        return placed.resource

    async def settled_prior(self, goal: Goal) -> Recorded | None:
        """As `prior`, once no replacement of what it depended on is about to delete its object."""
        prior = self.prior(goal)
        while prior is not None and prior.urn in self._run.ledger.going:
            await self._run.ledger.going[prior.urn].wait()
            prior = self.prior(goal)
        return prior

    def release(self, urn: str) -> None:
        """The steps decided for a registration are done with: what they were to delete is as it is now."""
        done = self._claims.pop(urn, None)
        if done is not None:
            going = self._run.ledger.going
            self._run.ledger.going = {other: event for other, event in going.items() if event is not done}
            done.set()

    async def decide(self, goal: Goal) -> tuple[steps.Step, ...]:
        """The steps that take a registration to its goal, in running order; none when it is skipped.

        Raises:
            InvalidInputsError: the provider refuses the inputs.
            PlanError: it may not be done, or needs what is not a target.
        """
        run = self._run
        prior = await self.settled_prior(goal)
        if not self._is_selected(goal):
            return self._left_alone(goal, prior)
        if self._misses_needs(goal):
            return ()
        self.refuse_circle(goal)
        if prior is not None and self._is_out_of_date(prior):
            prior = await refresh_before_update(run, prior)
        inputs = goal.inputs
        olds = prior.inputs if prior is not None and self._goes_on(prior, goal) else None
        if prior is not None and olds is not None and goal.custom:
            inputs, problems = wanting.reset_ignored(goal.ignore_changes, prior.inputs, inputs)
            for problem in problems:
                run.warn(problem, goal.urn)
        checked = await self.check(goal, inputs, olds) if goal.custom else inputs
        wanted = wanting.recorded(goal, await policing.inspected(run, goal, checked))
        if decide.is_imported(prior, wanted):
            return self._though_protected(goal, prior, partial(decide.decide_import, prior, wanted))
        if prior is None:
            return decide.decide_new(wanted)
        diff = await self._diff(prior, wanted)
        if decide.replaces(diff) and wanted.import_id:
            self._tell_import_replaced(wanted)
        if decide.replaces(diff) and olds is not None and goal.custom:
            # A new object gets new generated names: it must be able to stand beside the old one.
            checked = await self.check(goal, goal.inputs, None)
            wanted = wanting.recorded(goal, await policing.remediated(run, goal, checked, tells=False))
            diff = await self._with_new_name(prior, wanted, diff)
        deletes_first = goal.custom and (
            True if self._run.naming.deletes_first(goal.urn) else goal.delete_before_replace
        )
        first = decide.is_delete_first(diff, deletes_first)
        dependents: tuple[Recorded, ...] = ()
        if decide.replaces(diff) and first and not prior.pending_replacement:
            dependents = await self._claimed_dependents(goal, prior)
            self._refuse_unselected(goal, prior, dependents)
        choose = partial(
            decide.decide_existing, prior, wanted, diff, deletes_first=deletes_first, dependents=dependents
        )
        return self._though_protected(goal, prior, choose)

    def _though_protected(
        self, goal: Goal, prior: Recorded | None, choose: Callable[..., tuple[steps.Step, ...]]
    ) -> tuple[steps.Step, ...]:
        """The steps, which a preview of what protection forbids shows all the same.

        Raises:
            ProtectedResourceError: it forbids them, and this is no preview, or a dependent is protected.
        """
        run = self._run
        try:
            return choose(ignores_protection=run.options.ignore_protect)
        except errors.ProtectedResourceError as error:
            if prior is None or error.urn != prior.urn or not run.preview:
                raise
            run.tolerate(error, goal.urn)
            return choose(ignores_protection=True)

    def _is_out_of_date(self, prior: Recorded) -> bool:
        """Must the object be read before it is compared: its provider or the person said so, and nobody has read it?"""
        options = self._run.options
        if prior.external or not is_read_by_refresh(prior):
            return False
        return options.refreshes_late or (prior.refresh_before_update and not options.refresh)

    def _goes_on(self, prior: Recorded, goal: Goal) -> bool:
        """May the recorded object go on under its recorded names, unless its difference forbids it?"""
        is_made_anew = prior.taint or self._is_asked(goal.urn, prior.urn)
        return not (prior.external or prior.pending_replacement or is_made_anew)

    async def _with_new_name(self, prior: Recorded, wanted: Recorded, diff: Diff) -> Diff:
        """The difference, less a need to delete first that was the kept name's alone.

        A provider knows the names that it generates by their form, not those of a configured pattern.
        """
        if not diff.delete_before_replace or not self._run.naming.names(prior.urn):
            return diff
        provider = await provider_of(self._run, wanted)
        anew = await provider.diff(_diff_request(prior, wanted))
        return replace(diff, delete_before_replace=anew.delete_before_replace)

    def _is_selected(self, goal: Goal) -> bool:
        """May the run touch it? Notes what brings its dependents along."""
        selection, named = self._run.selection, self._run.ledger.named
        if selection.is_everything:
            return True
        is_named = selection.names(goal.urn, needs(goal), named)
        if is_named:
            named.add(goal.urn)
        return selection.has(goal.urn, is_named=is_named)

    def _left_alone(self, goal: Goal, prior: Recorded | None) -> tuple[steps.Step, ...]:
        if prior is None:
            self._run.ledger.skipped.add(goal.urn)
            return ()
        return (steps.Same(prior, replace(prior, urn=goal.urn)),)

    def is_without_needs(self, goal: Goal) -> bool:
        """Does it rest on a new resource that is no target of this run, and is not made?"""
        return any(urn in self._run.ledger.skipped for urn in needs(goal))

    def _misses_needs(self, goal: Goal) -> bool:
        """Does it rest on what is not made, being no target? A preview tells every such resource."""
        run = self._run
        missing = [urn for urn in needs(goal) if urn in run.ledger.skipped] if run.ledger.skipped else []
        if not missing:
            return False
        error = errors.PlanError(
            f"it depends on {missing[0]}, which does not exist yet and is {run.selection.outside}",
            urn=goal.urn,
            hint=run.selection.hint_for(missing[0]),
        )
        if not run.preview:
            raise error
        run.tolerate(error, goal.urn)
        run.ledger.failed.add(goal.urn)
        run.ledger.skipped.add(goal.urn)
        return True

    def refuse_circle(self, goal: Goal) -> None:
        """What is no target keeps its old dependencies: a new one on it must not lead back to who asks for it.

        Raises:
            DependencyCycleError: it would.
        """
        run = self._run
        if run.selection.is_everything:
            return
        itself = {goal.urn, run.ledger.renamed.get(goal.urn, goal.urn)}
        for need in needs(goal):
            waiting, seen = [need], {need}
            while waiting:
                known = self._as_it_stays(waiting.pop())
                further = {urn for urn in edges(known.resource) if urn not in seen} if known is not None else set()
                if further & itself:
                    raise errors.DependencyCycleError(
                        f"it would depend on {need}, which is {run.selection.outside} and still depends on it",
                        urn=goal.urn,
                        hint=run.selection.hint_for(need),
                    )
                seen |= further
                waiting += further

    def _as_it_stays(self, urn: str) -> Placed | None:
        """What this run made of a resource, or what is recorded of one that it will leave alone."""
        ledger, selection = self._run.ledger, self._run.selection
        if (done := ledger.results.get(urn)) is not None or (prior := ledger.priors.get(urn)) is None:
            return done
        is_named = selection.names(urn, edges(prior.resource), ledger.named)
        return None if selection.has(urn, is_named=is_named) else prior

    def _refuse_unselected(self, goal: Goal, prior: Recorded, dependents: tuple[Recorded, ...]) -> None:
        """What is no target is not deleted for the sake of one that is."""
        selection, named = self._run.selection, set(self._run.ledger.named)
        if selection.is_everything:
            return
        if selection.targets:
            named |= {goal.urn, prior.urn}
        # They come in the order of deletion; what brings one along comes before it.
        for dependent in reversed(dependents):
            is_named = selection.names(dependent.urn, edges(dependent), named)
            if not selection.has(dependent.urn, is_named=is_named):
                raise errors.PlanError(
                    f"{dependent.urn} would be deleted with it and is {selection.outside}",
                    urn=goal.urn,
                    hint="add --target-dependents, or target the dependent too"
                    if selection.targets
                    else "take the dependent out of --exclude, or exclude this resource too",
                )
            if is_named:
                named.add(dependent.urn)

    async def check(self, goal: Goal, inputs: PropertyMap, olds: PropertyMap | None) -> PropertyMap:
        """The inputs as the provider has them checked and filled in.

        Args:
            olds: the recorded inputs; none when a new object, with new generated names, is wanted.

        Raises:
            InvalidInputsError: the provider refuses them.
        """
        provider = await provider_of(self._run, goal)
        seed = self._run.planning.seed(goal.urn)
        response = await provider.check(
            CheckRequest(
                urn=goal.urn,
                token=goal.type,
                name=goal.name,
                news=inputs,
                olds=olds,
                seed=seed,
                preview=self._run.preview,
                autonaming=self._run.naming.of(goal.urn, seed),
                dependencies=goal.property_dependencies,
            )
        )
        for warning in response.warnings:
            self._run.warn(warning, goal.urn)
        if response.failures:
            raise errors.InvalidInputsError(
                [(failure.property, failure.reason) for failure in response.failures], urn=goal.urn
            )
        return response.inputs

    async def _diff(self, prior: Recorded, wanted: Recorded) -> Diff:
        if prior.pending_replacement:
            return decide.because(wanting.structural(prior, wanted), "id")
        reason = replacements.forced_reason(
            prior,
            wanted,
            self._run.ledger.replaced,
            asked=self._is_asked(wanted.urn, prior.urn),
            preview=self._run.preview,
        )
        if not wanted.custom:
            return decide.component_diff(prior, wanted, reason)
        if not reason and await self._is_another_account(prior, wanted):
            return decide.because(wanting.structural(prior, wanted), "provider")
        provider = await provider_of(self._run, wanted)
        if reason:
            # Whether a new object can stand beside the old one is the provider's to say, whoever asks for it.
            told = await provider.diff(_diff_request(prior, wanted))
            forced = decide.because(wanting.structural(prior, wanted), reason)
            return replace(forced, delete_before_replace=told.delete_before_replace)
        if self._run.options.legacy_diff and wanting.structural(prior, wanted).changes is Changes.NONE:
            return NO_DIFF
        if isinstance(provider, UnconfiguredProvider):
            self._run.warn("its provider's settings are not known yet: the difference may be another one", wanted.urn)
            return Diff(changes=Changes.SOME)
        return wanting.completed(await provider.diff(_diff_request(prior, wanted)), prior, wanted)

    def _tell_import_replaced(self, wanted: Recorded) -> None:
        message = "a resource that still has its `import_` option cannot be replaced"
        hint = "remove the `import_` option from the program first"
        if not self._run.preview:
            raise errors.PlanError(message, urn=wanted.urn, hint=hint)
        self._run.warn(f"{message}; {hint}", wanted.urn)

    def _is_asked(self, *names: str) -> bool:
        """Did the person ask, by one of its names, for a resource to be replaced?"""
        patterns = self._run.options.replace
        return bool(patterns) and any(targets.matches(patterns, urn) for urn in names)

    async def _is_another_account(self, prior: Recorded, wanted: Recorded) -> bool:
        """Does the provider changed since then manage another account, so that the object is not there?"""
        if not prior.provider or prior.provider == wanted.provider:
            return False
        registry = self._run.registry
        before, after = registry.inputs(prior.provider), registry.inputs(wanted.provider)
        if before is None or after is None:
            return before is not after
        provider = await registry.get(wanted.provider)
        request = DiffRequest(
            urn=urns.parse_reference(wanted.provider).urn,
            token=f"{urns.PROVIDER_PREFIX}{urns.package(wanted.type)}",
            id=urns.parse_reference(prior.provider).id,
            old_inputs=before,
            outputs=before,
            news=after,
        )
        # A provider that cannot be configured yet says what its settings mean, as it does of the provider itself.
        is_configured = not isinstance(provider, UnconfiguredProvider)
        return decide.replaces(await (provider.diff_config(request) if is_configured else registry.diff(request)))

    async def _claimed_dependents(self, goal: Goal, prior: Recorded) -> tuple[Recorded, ...]:
        """What must be deleted before `prior` is; until `release`, registrations that continue these wait.

        The program registers side by side: what need not wait for this registration may come while it is decided.
        """
        ledger = self._run.ledger
        while True:
            dependents = await self._dependents(prior)
            others = [ledger.going[dependent.urn] for dependent in dependents if dependent.urn in ledger.going]
            if not others:
                break
            # Another replacement deletes it. Nothing is claimed yet, so that no two wait for each other.
            await others[0].wait()
        # What was registered meanwhile is decided by its own goal.
        dependents = tuple(dependent for dependent in dependents if dependent.urn not in ledger.continued)
        done = asyncio.Event()
        ledger.going |= dict.fromkeys((dependent.urn for dependent in dependents), done)
        self._claims[goal.urn] = done
        return dependents

    async def _dependents(self, prior: Recorded) -> tuple[Recorded, ...]:
        """What must be deleted before `prior` is, in the order of deletion."""
        going: dict[str, Recorded] = {prior.urn: prior}
        for resource in list(self._run.ledger.unregistered()):
            if resource.urn in going or not replacements.can_be_taken(resource):
                continue
            touched = replacements.touched_properties(resource, going)
            if replacements.is_certain(resource, going) or (touched and await self._would_replace(resource, touched)):
                going[resource.urn] = resource
        return tuple(reversed(list(going.values())[1:]))

    async def _would_replace(self, resource: Recorded, touched: tuple[str, ...]) -> bool:
        provider = await provider_of(self._run, resource)
        probe = replacements.probe(resource, touched)
        inputs, _ = wanting.reset_ignored(resource.ignore_changes, resource.inputs, probe)
        wanted = replace(resource, inputs=inputs)
        diff = await provider.diff(_diff_request(resource, wanted))
        return decide.replaces(wanting.completed(diff, resource, wanted)) and diff.changes is not Changes.NONE


def _diff_request(prior: Recorded, wanted: Recorded) -> DiffRequest:
    return DiffRequest(
        urn=wanted.urn,
        token=wanted.type,
        id=prior.id,
        old_inputs=prior.inputs,
        outputs=prior.outputs,
        news=wanted.inputs,
        ignore_changes=wanted.ignore_changes,
    )
