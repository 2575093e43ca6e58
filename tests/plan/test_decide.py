"""Every row of the decision: what was recorded, what differs, which steps."""

from __future__ import annotations

import pytest

from reconciler import errors
from reconciler.contract.protocol import NO_DIFF, Changes, Diff, DiffKind, PropertyDiff
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan import decide

URN = "urn:pulumi:dev::p::a:b:C::x"


def recorded(**fields) -> Recorded:
    return Recorded(**{"urn": URN, "type": "a:b:C", "custom": True, "id": "1", **fields})


def wanted(**fields) -> Recorded:
    return Recorded(**{"urn": URN, "type": "a:b:C", "custom": True, **fields})


UPDATE = Diff(changes=Changes.SOME, detailed={"size": PropertyDiff(kind=DiffKind.UPDATE)})
REPLACE = Diff(changes=Changes.SOME, replaces=("zone",))
REPLACE_BY_KIND = Diff(changes=Changes.SOME, detailed={"zone": PropertyDiff(kind=DiffKind.UPDATE_REPLACE)})
DELETE_FIRST = Diff(changes=Changes.SOME, replaces=("zone",), delete_before_replace=True)
CREATE_THEN = ["create-replacement", "replace"]
DELETE_THEN = ["delete-replaced", "replace", "create-replacement"]


@pytest.mark.parametrize(
    ("prior", "diff", "option", "expected"),
    [
        pytest.param({}, NO_DIFF, None, ["same"], id="nothing-differs"),
        pytest.param({}, UPDATE, None, ["update"], id="differs-in-place"),
        pytest.param({"init_errors": ("x",)}, NO_DIFF, None, ["update"], id="half-made-before"),
        pytest.param({}, REPLACE, None, CREATE_THEN, id="needs-a-new-object"),
        pytest.param({}, REPLACE_BY_KIND, None, CREATE_THEN, id="a-path-needs-a-new-object"),
        pytest.param({}, DELETE_FIRST, None, DELETE_THEN, id="provider-says-delete-first"),
        pytest.param({}, DELETE_FIRST, False, CREATE_THEN, id="program-overrules-delete-first"),
        pytest.param({}, REPLACE, True, DELETE_THEN, id="program-asks-for-delete-first"),
        pytest.param(
            {"pending_replacement": True}, DELETE_FIRST, None, ["replace", "create-replacement"], id="deleted-before"
        ),
        pytest.param({"external": True}, UPDATE, None, CREATE_THEN, id="was-only-read"),
        pytest.param({"protect": True}, UPDATE, None, ["update"], id="protected-but-in-place"),
        pytest.param({"protect": True}, REPLACE, None, CREATE_THEN, id="protect-dropped-in-this-run"),
    ],
)
def test_the_steps_follow_from_what_was_recorded_and_what_differs(prior, diff, option, expected):
    chain = decide.decide_existing(recorded(**prior), wanted(), diff, deletes_first=option)

    assert [step.op for step in chain] == expected


def test_a_protected_resource_is_never_replaced():
    with pytest.raises(errors.ProtectedResourceError) as caught:
        decide.decide_existing(recorded(protect=True), wanted(protect=True), REPLACE)

    assert caught.value.because == ("zone",)


def test_a_protected_dependent_stops_the_replacement_that_would_take_it():
    dependent = recorded(urn=f"{URN}-child", protect=True)

    with pytest.raises(errors.ProtectedResourceError) as caught:
        decide.decide_existing(recorded(), wanted(), DELETE_FIRST, dependents=(dependent,))

    assert caught.value.urn == dependent.urn


def test_dependents_go_before_what_they_depend_on():
    dependent = recorded(urn=f"{URN}-child")

    chain = decide.decide_existing(recorded(), wanted(), DELETE_FIRST, dependents=(dependent,))

    assert [(step.op, step.urn) for step in chain[:2]] == [
        ("delete-replaced", dependent.urn),
        ("delete-replaced", URN),
    ]


@pytest.mark.parametrize(
    ("inputs", "reason", "type", "expected"),
    [
        pytest.param({"a": 1}, "", "t:i:Group", ["same"], id="same-inputs"),
        pytest.param({"a": 2}, "", "t:i:Group", ["update"], id="other-inputs"),
        pytest.param({"a": 1}, "id", "t:i:Group", ["create-replacement", "replace"], id="a-reason"),
        pytest.param({"a": 1}, "id", urns.STACK_TYPE, ["same"], id="the-stack"),
    ],
)
def test_a_component_follows_its_inputs_unless_there_is_a_reason(inputs, reason, type, expected):
    before = recorded(custom=False, id="", inputs=inputs, type=type)
    asked = wanted(custom=False, inputs={"a": 1}, type=type)

    chain = decide.decide_existing(before, asked, decide.component_diff(before, asked, reason))

    assert [step.op for step in chain] == expected


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        pytest.param(None, ["read"], id="new"),
        pytest.param({"external": True, "id": "9"}, ["read"], id="read-before"),
        pytest.param({"external": True, "id": "8"}, ["read"], id="another-id"),
        pytest.param({"id": "9"}, ["read"], id="given-up"),
        pytest.param({"id": "8"}, ["read-replacement", "replace"], id="owned-another-before"),
    ],
)
def test_a_read_takes_the_place_of_what_was_recorded(prior, expected):
    before = None if prior is None else recorded(**prior)

    chain = decide.decide_read(before, wanted(id="9", external=True))

    assert [step.op for step in chain] == expected
