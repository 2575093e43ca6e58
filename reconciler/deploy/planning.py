"""The plan of a run: taken down in a preview, held to in an update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reconciler import errors
from reconciler.deploy.ports import Ids
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan import saved, steps
from reconciler.plan.steps import Op


class Planning:
    """What this run decided for each resource; `bounds` is the plan that it must stay within, if any."""

    def __init__(self, ids: Ids, bounds: saved.Plan | None = None) -> None:
        self._ids = ids
        self._bounds = bounds
        self._taken: dict[str, saved.ResourcePlan] = {}

    @property
    def plan(self) -> saved.Plan:
        """What was decided so far."""
        return self._taken

    def seed(self, urn: str) -> bytes:
        """What generated names of a resource derive from, one seed per run: the plan's word where there is one."""
        before = self._taken.get(urn) or saved.ResourcePlan(goal=None, ops=())
        if before.seed:
            return before.seed
        planned = self._bounds.get(urn) if self._bounds is not None else None
        seed = planned.seed if planned is not None and planned.seed else self._ids.seed()
        self._taken[urn] = replace(before, seed=seed)
        return seed

    def take(self, urn: str, goal: saved.PlannedGoal, chain: Sequence[steps.Step]) -> None:
        """Note what was decided for a registration.

        Raises:
            OutsidePlanError: the plan does not have it so.
        """
        if self._bounds is not None and not _is_engines_own(urn):
            planned = self._bounds.get(urn)
            changes = [step for step in chain if step.op is not Op.SAME]
            problem = saved.goal_violation(planned, goal) if changes else ""
            self._refuse(urn, problem)
        before = self._taken.get(urn) or saved.ResourcePlan(goal=None, ops=())
        self._taken[urn] = replace(before, goal=goal)
        for step in chain:
            self.take_step(step)

    def take_step(self, step: steps.Step) -> None:
        """Note one step; a deletion has no goal.

        Raises:
            OutsidePlanError: the plan does not have it.
        """
        urn = step.urn
        if self._bounds is not None and not _is_engines_own(urn):
            self._refuse(urn, saved.op_violation(self._bounds.get(urn), step.op))
        before = self._taken.get(urn) or saved.ResourcePlan(goal=None, ops=())
        self._taken[urn] = replace(before, ops=(*before.ops, step.op))

    def note_outputs(self, recorded: Recorded) -> None:
        """Note what is expected of a resource."""
        if recorded.urn in self._taken:
            self._taken[recorded.urn] = replace(self._taken[recorded.urn], outputs=recorded.outputs)

    def left_undone(self) -> tuple[str, ...]:
        """URNs of planned changes that the run did not come to."""
        if self._bounds is None:
            return ()
        return saved.left_undone(self._bounds, {urn: planned.ops for urn, planned in self._taken.items()})

    def _refuse(self, urn: str, problem: str) -> None:
        if problem:
            raise errors.OutsidePlanError(urn, problem)


def _is_engines_own(urn: str) -> bool:
    """Default providers follow from what uses them, and are nobody's decision."""
    return urns.is_provider_type(urns.type_token(urn)) and urns.name(urn).startswith("default")
