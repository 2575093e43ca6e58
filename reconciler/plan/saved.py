"""Update plans: what a preview decided, and whether a run stays within it. Pure.

A plan names, for each resource, the inputs that the program asked for and the
ops that follow. A run that is held to it may do less (what became `same`), never
more, and nothing else.

Source: facts/engine-contract.md §4.15, §5.6.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from reconciler.model import diffs, paths, values
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
    """What the program asked for one resource: its inputs after check, unknowns included, and its options."""

    type: str
    name: str
    custom: bool
    inputs: PropertyMap
    parent: str = ""
    protect: bool = False
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    import_id: str = ""


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


_LOOSE: Final = frozenset({"name", "custom", "inputs", "provider", "dependencies"})
"""What of a goal is compared in another way, or not: dependencies may hang on what the plan did not know."""
_HELD: Final = tuple(item.name for item in fields(PlannedGoal) if item.name not in _LOOSE)


def goal_violation(planned: ResourcePlan | None, goal: PlannedGoal, *, is_same: bool = False) -> str:
    """How a goal differs from the planned one; "" when the plan has it so.

    What the plan did not know may have become anything.

    Args:
        is_same: nothing is done for it, which any plan allows but one that wants it otherwise.
    """
    if planned is None or planned.goal is None:
        if is_same:
            return ""
        return "the plan does not have the resource" if planned is None else "the plan has its deletion"
    for name in _HELD:
        if getattr(planned.goal, name) != getattr(goal, name):
            return f"its {name} is not the planned one"
    # A new provider has no id in a preview.
    if planned.goal.provider.rpartition("::")[0] != goal.provider.rpartition("::")[0]:
        return "its provider is not the planned one"
    changed = [
        path
        for path in diffs.of_maps(planned.goal.inputs, goal.inputs)
        if not values.has_unknown(planned.goal.inputs.get(paths.top_level(path)))
    ]
    return f"properties differ from the plan: {', '.join(changed)}" if changed else ""


_ENDS: Final = frozenset({Op.DELETE_REPLACED, Op.DISCARD_REPLACED})


def left_undone(plan: Plan, done: Mapping[str, Sequence[Op]]) -> tuple[str, ...]:
    """URNs of planned changes that a run did not come to, nor found done already.

    The end of a replacement alone is not one: it is planned under the name that the object had, and does not come where
    the replacement, which is held to its own plan, turned out to be none.
    """
    return tuple(
        urn
        for urn, planned in plan.items()
        if any(op is not Op.SAME and op not in _ENDS for op in planned.ops) and not done.get(urn)
    )
