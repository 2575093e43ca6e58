"""What the run's policy packs say of each registration and of the stack, and what follows from it.

A mandatory violation stops the resource's steps, and the run; a preview tells it and goes on, to find the others.
Remediations come first, pack after pack, so that every pack looks at what will really be asked for.

Source: facts/engine-contract.md §4.2 (5), §4.15; pulumi/pulumi, pkg/resource/deploy/step_generator.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from reconciler import errors
from reconciler.contract.policies import (
    Findings,
    Level,
    PackInfo,
    ProviderSeen,
    Remediation,
    ResourceSeen,
    Sort,
    Violation,
    outcome,
)
from reconciler.deploy import events
from reconciler.deploy.run import Run
from reconciler.model import urns
from reconciler.model.goals import Goal
from reconciler.model.resources import Recorded
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan import wanted as wanting
from reconciler.plan.aliases import alias_urns

T = TypeVar("T")

# How soon a run that is told to stop lets go of a policy that does not return.
_LOOK_S: Final = 0.2


async def inspected(run: Run, goal: Goal, inputs: PropertyMap) -> PropertyMap:
    """The checked inputs to go on with: remediated, and looked at by every pack.

    Raises:
        PolicyViolationError: a mandatory policy is violated, and this is no preview.
        PolicyPackError: a pack died, or failed to answer.
        CancelledError: the person stopped the run meanwhile.
    """
    if not run.analyzers:
        return inputs
    inputs = await remediated(run, goal, inputs)
    resource = _seen(run, goal, inputs)
    answers = await unless_stopped(run, asyncio.gather(*(pack.analyze(resource) for pack in run.analyzers)))
    for pack, findings in zip(run.analyzers, answers, strict=True):
        for violation in findings.violations:
            run.emit(events.PolicyViolated(goal.urn, violation, inputs))
        run.emit(_summary(events.PolicyCall.ANALYZE, pack.info, findings, goal.urn))
    violated = _mandatory(answers)
    if violated and not run.preview:
        raise errors.PolicyViolationError(violated, urn=goal.urn)
    run.is_violated |= bool(violated)
    return inputs


async def remediated(run: Run, goal: Goal, inputs: PropertyMap, *, tells: bool = True) -> PropertyMap:
    """The inputs as the packs change them. `tells`: say what was changed.

    Raises:
        PolicyPackError, CancelledError: as `inspected`.
    """
    for pack in run.analyzers:
        answer = await unless_stopped(run, pack.remediate(_seen(run, goal, inputs)))
        for told in answer.remediations:
            made = _kept_secret(goal, told, inputs)
            if tells:
                _tell_remediation(run, goal.urn, made, inputs)
            if made.properties is not None:
                inputs = made.properties
        if tells:
            # A policy that had something to change counts as failed, as upstream counts.
            made_by = Findings(tuple(_unremediated(made) for made in answer.remediations), answer.not_applicable)
            run.emit(_summary(events.PolicyCall.REMEDIATE, pack.info, made_by, goal.urn))
    return inputs


async def inspect_stack(run: Run) -> None:
    """Let every pack look at all that the program registered; a mandatory violation fails the run."""
    if not run.analyzers:
        return
    placed = run.ledger.results
    resources = [
        _seen(run, goal, placed[urn].resource.outputs, placed[urn].resource)
        for urn, goal in run.ledger.goals.items()
        if urn in placed and not placed[urn].resource.external
    ]
    try:
        answers = await unless_stopped(run, asyncio.gather(*(pack.analyze_stack(resources) for pack in run.analyzers)))
    except errors.PolicyPackError as error:
        run.fail(error)
        return
    except errors.CancelledError:
        return
    root = next((urn for urn in placed if urns.type_token(urn) == urns.STACK_TYPE), "")
    for pack, findings in zip(run.analyzers, answers, strict=True):
        for violation in findings.violations:
            run.emit(events.PolicyViolated(violation.urn if violation.urn in placed else root, violation))
        run.emit(_summary(events.PolicyCall.ANALYZE_STACK, pack.info, findings, ""))
    run.is_violated |= bool(_mandatory(answers))


def _seen(run: Run, goal: Goal, properties: PropertyMap, recorded: Recorded | None = None) -> ResourceSeen:
    return ResourceSeen(
        urn=goal.urn,
        type=goal.type,
        name=urns.name(goal.urn),
        properties=properties,
        parent=goal.parent,
        protect=goal.protect,
        ignore_changes=goal.ignore_changes,
        delete_before_replace=goal.delete_before_replace,
        additional_secret_outputs=goal.additional_secret_outputs,
        aliases=alias_urns(goal, run.ledger.renamed) if goal.aliases else (),
        custom_timeouts=goal.custom_timeouts,
        dependencies=recorded.dependencies if recorded is not None else (),
        property_dependencies=recorded.property_dependencies if recorded is not None else {},
        provider=_provider(run, goal.provider),
    )


def _provider(run: Run, reference: str) -> ProviderSeen | None:
    if not reference:
        return None
    urn = urns.parse_reference(reference).urn
    inputs = run.registry.inputs(reference)
    return ProviderSeen(urn=urn, type=urns.type_token(urn), name=urns.name(urn), properties=inputs or EMPTY)


def _kept_secret(goal: Goal, made: Remediation, inputs: PropertyMap) -> Remediation:
    """What a policy hands back of secrets stays secret, though the policy saw them in plain."""
    if made.properties is None:
        return made
    before = Recorded(urn=goal.urn, type=goal.type, custom=goal.custom, inputs=inputs)
    return replace(made, properties=wanting.with_secrets(before, made.properties))


def _tell_remediation(run: Run, urn: str, made: Remediation, before: PropertyMap) -> None:
    if made.properties is not None:
        run.emit(events.PolicyRemediated(urn, made, before))
    elif made.problem:
        run.emit(events.PolicyViolated(urn, _unremediated(made), before))


def _unremediated(made: Remediation) -> Violation:
    return Violation(
        policy=made.policy, pack=made.pack, version=made.version, message=made.problem, level=Level.ADVISORY
    )


def _summary(call: events.PolicyCall, info: PackInfo, findings: Findings, urn: str) -> events.PoliciesSummarized:
    sort = Sort.STACK if call is events.PolicyCall.ANALYZE_STACK else Sort.RESOURCE
    failed = frozenset(violation.policy for violation in findings.violations)
    passed, violated = outcome(sort, info, failed, findings.not_applicable)
    return events.PoliciesSummarized(call, info.name, info.version, passed, violated, urn)


def _mandatory(answers: Iterable[Findings]) -> list[str]:
    """The names of the mandatory policies that are violated."""
    found = (violation for findings in answers for violation in findings.violations)
    return sorted({violation.policy for violation in found if violation.level is Level.MANDATORY})


async def unless_stopped(run: Run, asked: Awaitable[T]) -> T:
    """A pack's answer; a policy changes nothing, so a run that is told to stop need not wait for it.

    Raises:
        CancelledError: the person stopped the run meanwhile.
    """
    task = asyncio.ensure_future(asked)
    while not (await asyncio.wait({task}, timeout=_LOOK_S))[0]:
        if run.stop.is_set():
            task.cancel()
            await asyncio.wait({task})
            raise errors.CancelledError("policies were not waited for")
    return task.result()
