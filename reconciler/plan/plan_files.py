"""Plan files: the text of an update plan, and back. Pure.

Upstream's layout. A goal's `inputDiff` has all planned inputs as `adds`: a plan of
ours is held to whole inputs, not to a difference from a state that may move on.

Source: facts/engine-contract.md §5.6.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping

from reconciler import errors
from reconciler.model import codec
from reconciler.plan.saved import Plan, PlannedGoal, ResourcePlan
from reconciler.plan.steps import Op
from reconciler.state import json_fields
from reconciler.state.checkpoints import ENGINE_VERSION

_STATE = "state"
_PROGRAM = "program"
_HINT = "`pulumi preview --save-plan` writes one"


def render_plan(plan: Plan, cipher: codec.Cipher, *, time: str, state: str = "", program: str = "") -> str:
    """The plan as JSON text, secrets encrypted.

    Args:
        state, program: name the state and the committed program that it was made for; upstream's files have no
            such keys.
    """
    magic = hashlib.sha256(ENGINE_VERSION.encode()).hexdigest()
    resources = {urn: _encode(urn, planned, cipher) for urn, planned in plan.items()}
    manifest = {"time": time, "magic": magic, "version": ENGINE_VERSION}
    made_for = {key: name for key, name in ((_STATE, state), (_PROGRAM, program)) if name}
    return codec.render_json({"manifest": manifest, "resourcePlans": resources} | made_for, indent=4) + "\n"


def parse_plan(text: str | bytes, cipher: codec.Cipher, *, state: str = "", program: str = "") -> Plan:
    """The plan that a file's text holds.

    Args:
        state, program: name those of today; "" to take a plan that was made for any.

    Raises:
        PlanFormatError: it is no plan.
        StalePlanError: it was made for another state or another commit's program.
        DecryptError: its secrets are another stack's.
    """
    try:
        data = codec.parse_json(text)
        plans = json_fields.find_object(data, "resourcePlans") if isinstance(data, Mapping) else None
        if plans is None:
            raise errors.PlanFormatError("it has no resourcePlans", hint=_HINT)
        assert isinstance(data, Mapping), "it has resource plans"
        if state and json_fields.string(data, _STATE) not in ("", state):
            raise errors.StalePlanError("it was made for another stack, or the stack was changed since")
        if program and json_fields.string(data, _PROGRAM) not in ("", program):
            raise errors.StalePlanError("it was made for another commit, whose program differs")
        return {urn: _decode(urn, planned, cipher) for urn, planned in plans.items()}
    except errors.CheckpointFormatError as error:
        # The same JSON rules as a state file's, but no state is concerned.
        raise errors.PlanFormatError(error.detail, hint=_HINT) from error


def _encode(urn: str, planned: ResourcePlan, cipher: codec.Cipher) -> dict[str, object]:
    data: dict[str, object] = {}
    if planned.goal is not None:
        goal = planned.goal
        data["goal"] = {
            "type": goal.type,
            "name": goal.name,
            "custom": goal.custom,
            "inputDiff": {"adds": codec.encode_map(goal.inputs, cipher, (urn, "goal"))},
            "outputDiff": {},
            "parent": goal.parent,
            "protect": goal.protect,
            "dependencies": list(goal.dependencies),
            "provider": goal.provider,
            "deleteBeforeReplace": goal.delete_before_replace,
            "retainOnDelete": goal.retain_on_delete,
            "deletedWith": goal.deleted_with,
            "ignoreChanges": list(goal.ignore_changes),
            "additionalSecretOutputs": list(goal.additional_secret_outputs),
            "id": goal.import_id,
        }
    data["steps"] = [op.value for op in planned.ops]
    data["state"] = codec.encode_map(planned.outputs, cipher, (urn, "state"))
    if planned.seed:
        data["seed"] = base64.b64encode(planned.seed).decode()
    return data


def _decode(urn: str, data: object, cipher: codec.Cipher) -> ResourcePlan:
    if not isinstance(data, Mapping):
        raise errors.CheckpointFormatError(f"the plan of {urn} is not an object")
    goal = json_fields.find_object(data, "goal")
    try:
        ops = tuple(Op(op) for op in json_fields.strings(data, "steps"))
        seed = base64.b64decode(json_fields.string(data, "seed"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise errors.CheckpointFormatError(f"the plan of {urn}: {error}") from error
    return ResourcePlan(
        goal=None if goal is None else _decode_goal(goal, cipher),
        ops=ops,
        outputs=codec.decode_map(data.get("state", {}), cipher),
        seed=seed,
    )


def _decode_goal(data: Mapping[str, object], cipher: codec.Cipher) -> PlannedGoal:
    inputs = json_fields.find_object(data, "inputDiff") or {}
    return PlannedGoal(
        type=json_fields.string(data, "type"),
        name=json_fields.string(data, "name"),
        custom=json_fields.flag(data, "custom"),
        inputs=codec.decode_map(inputs.get("adds", {}), cipher),
        parent=json_fields.string(data, "parent"),
        protect=json_fields.flag(data, "protect"),
        provider=json_fields.string(data, "provider"),
        dependencies=json_fields.strings(data, "dependencies"),
        delete_before_replace=None
        if data.get("deleteBeforeReplace") is None
        else json_fields.flag(data, "deleteBeforeReplace"),
        retain_on_delete=json_fields.flag(data, "retainOnDelete"),
        deleted_with=json_fields.string(data, "deletedWith"),
        ignore_changes=json_fields.strings(data, "ignoreChanges"),
        additional_secret_outputs=json_fields.strings(data, "additionalSecretOutputs"),
        import_id=json_fields.string(data, "id"),
    )
