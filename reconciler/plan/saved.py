"""Update plans: what a preview decided, and whether a run stays within it. Pure.

A plan names, for each resource, the inputs that the program asked for and the
ops that follow. A run that is held to it may do less (what became `same`), never
more, and nothing else.

Source: facts/engine-contract.md §4.15, §5.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reconciler.model import diffs, values
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan.steps import Op

_REPLACING = frozenset({Op.REPLACE, Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED})
# What each planned op allows besides itself.
_ALLOWED: Mapping[Op, frozenset[Op]] = {
    Op.CREATE: frozenset({Op.SAME}),
    Op.UPDATE: frozenset({Op.SAME}),
    **{op: frozenset({*_REPLACING, Op.UPDATE, Op.SAME}) for op in _REPLACING},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedGoal:
    """What the program asked for one resource: its inputs after check, unknowns included."""

    type: str
    name: str
    custom: bool
    inputs: PropertyMap
    parent: str = ""
    protect: bool = False
    provider: str = ""
    dependencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePlan:
    """The plan for one resource; no goal means that it is deleted.

    Attributes:
        ops: in running order.
        outputs: what was expected of it; for people to read.
        seed: what generated names derive from, so that the run makes the same ones.
    """

    goal: PlannedGoal | None
    ops: tuple[Op, ...]
    outputs: PropertyMap = field(default_factory=lambda: EMPTY)
    seed: bytes = b""


Plan = Mapping[str, ResourcePlan]
"""URN -> its plan."""


def op_violation(planned: ResourcePlan | None, op: Op) -> str:
    """Why an op is not within the plan of its resource; "" when it is."""
    if planned is None:
        return "" if op is Op.SAME else f"{op} is not in the plan: the resource is not"
    if op in planned.ops or any(op in _ALLOWED.get(allowed, frozenset()) for allowed in planned.ops):
        return ""
    return f"{op} is not in the plan, which has {', '.join(planned.ops) or 'nothing'}"


def goal_violation(planned: ResourcePlan | None, goal: PlannedGoal) -> str:
    """How a goal differs from the planned one; "" when the plan has it so.

    What the plan did not know may have become anything.
    """
    if planned is None or planned.goal is None:
        return "the plan does not have the resource" if planned is None else "the plan has its deletion"
    for name in ("type", "protect", "parent"):
        if getattr(planned.goal, name) != getattr(goal, name):
            return f"its {name} is not the planned one"
    changed = [
        path
        for path in diffs.of_maps(planned.goal.inputs, goal.inputs)
        if not values.has_unknown(planned.goal.inputs.get(path.partition(".")[0].partition("[")[0]))
    ]
    return f"properties differ from the plan: {', '.join(changed)}" if changed else ""


def left_undone(plan: Plan, done: Mapping[str, Sequence[Op]]) -> tuple[str, ...]:
    """URNs of planned changes that a run did not come to, nor found done already."""
    return tuple(
        urn for urn, planned in plan.items() if any(op is not Op.SAME for op in planned.ops) and not done.get(urn)
    )
