"""The plan of a run: taken down in a preview, held to in an update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from reconciler import errors
from reconciler.deploy.ports import Ids
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan import saved, steps
from reconciler.plan.steps import Op


@dataclass(slots=True)
class _Taken:
    """What becomes a `saved.ResourcePlan`, while it is taken down."""

    goal: saved.PlannedGoal | None = None
    ops: list[Op] = field(default_factory=list)
    outputs: PropertyMap = field(default_factory=lambda: EMPTY)
    seed: bytes = b""


class Planning:
    """What this run decided for each resource; `bounds` is the plan that it must stay within, if any."""

    def __init__(self, ids: Ids, bounds: saved.Plan | None = None) -> None:
        self._ids = ids
        self._bounds = bounds
        self._taken: dict[str, _Taken] = {}

    @property
    def plan(self) -> saved.Plan:
        """What was decided so far."""
        return {
            urn: saved.ResourcePlan(goal=taken.goal, ops=tuple(taken.ops), outputs=taken.outputs, seed=taken.seed)
            for urn, taken in self._taken.items()
        }

    def seed(self, urn: str) -> bytes:
        """What generated names of a resource derive from, one seed per run: the plan's word where there is one."""
        taken = self._take(urn)
        if not taken.seed:
            planned = self._bounds.get(urn) if self._bounds is not None else None
            taken.seed = planned.seed if planned is not None and planned.seed else self._ids.seed()
        return taken.seed

    def take(self, urn: str, goal: saved.PlannedGoal, chain: Sequence[steps.Step]) -> None:
        """Note what was decided for a registration.

        Raises:
            OutsidePlanError: the plan does not have it so.
        """
        if self._bounds is not None and not _is_engines_own(urn):
            planned = self._bounds.get(urn)
            is_same = all(step.op is Op.SAME for step in chain)
            self._refuse(urn, saved.goal_violation(planned, goal, is_same=is_same))
        self._take(urn).goal = goal
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
        self._take(urn).ops.append(step.op)

    def note_outputs(self, recorded: Recorded) -> None:
        """Note what is expected of a resource."""
        if recorded.urn in self._taken:
            self._taken[recorded.urn].outputs = recorded.outputs

    def left_undone(self) -> tuple[str, ...]:
        """URNs of planned changes that the run did not come to."""
        if self._bounds is None:
            return ()
        return saved.left_undone(self._bounds, {urn: tuple(taken.ops) for urn, taken in self._taken.items()})

    def _take(self, urn: str) -> _Taken:
        return self._taken.setdefault(urn, _Taken())

    def _refuse(self, urn: str, problem: str) -> None:
        if problem:
            raise errors.OutsidePlanError(urn, problem)


def _is_engines_own(urn: str) -> bool:
    """Default providers follow from what uses them, and are nobody's decision."""
    return urns.is_provider_type(urns.type_token(urn)) and urns.name(urn).startswith("default")
