"""Options applied to a goal: ignored changes, secrets, replacement rules, rewriting."""

from __future__ import annotations

import re

import pytest

from reconciler import errors
from reconciler.contract.protocol import Changes, Diff, DiffKind, PropertyDiff
from reconciler.model.resources import Recorded
from reconciler.model.values import UNKNOWN, Secret
from reconciler.plan import wanted as wanting


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        pytest.param("a", {"a": 1}, {"a": 2}, {"a": 1}, id="recorded-value-wins"),
        pytest.param("a", {}, {"a": 2}, {}, id="added-by-the-program"),
        pytest.param("a", {"a": 1}, {}, {"a": 1}, id="dropped-by-the-program"),
        pytest.param("t.x", {"t": {"x": 1, "y": 1}}, {"t": {"x": 2, "y": 2}}, {"t": {"x": 1, "y": 2}}, id="nested"),
        pytest.param("t.*", {"t": {"x": 1}}, {"t": {"x": 2, "y": 2}}, {"t": {"x": 1}}, id="wildcard-takes-old-keys"),
        pytest.param("l[0]", {"l": (1, 2)}, {"l": (8, 9)}, {"l": (1, 9)}, id="index"),
        pytest.param("l[*].x", {"l": ({"x": 1},)}, {"l": ({"x": 2},)}, {"l": ({"x": 1},)}, id="each-item"),
        pytest.param(
            "s.x", {"s": Secret({"x": 1})}, {"s": Secret({"x": 2})}, {"s": Secret({"x": 1})}, id="in-a-secret"
        ),
        pytest.param(
            "s.x",
            {"s": Secret({"x": 1, "y": 1})},
            {"s": {"x": 2, "y": 2}},
            {"s": {"x": Secret(1), "y": 2}},
            id="of-a-secret-that-is-none-any-more",
        ),
        pytest.param(
            "s[*].x", {"s": Secret(({"x": 1},))}, {"s": ({"x": 2},)}, {"s": ({"x": Secret(1)},)}, id="deep-in-a-secret"
        ),
        pytest.param("t.x", {}, {}, {}, id="missing-in-both"),
    ],
)
def test_an_ignored_change_keeps_the_recorded_value(path, old, new, expected):
    assert wanting.reset_ignored([path], old, new) == (expected, ())


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param("l[1]", {"l": (1,)}, {"l": (1, 2)}, id="an-added-item"),
        pytest.param("l[*]", {"l": (1,)}, {"l": (1, 2)}, id="lists-of-other-lengths"),
        pytest.param("t.x", {"t": {"x": 1}}, {"t": "text"}, id="another-shape"),
        pytest.param("t.x", {"t": {"x": 1}}, {}, id="the-element-is-gone"),
        pytest.param("a[", {}, {}, id="not-a-path"),
    ],
)
def test_a_path_that_cannot_be_followed_is_said_and_skipped(path, old, new):
    inputs, problems = wanting.reset_ignored([path], old, new)

    assert inputs == new
    assert path in problems[0]


def test_an_output_is_secret_where_its_input_is():
    wanted = resource(inputs={"a": Secret("x"), "b": {"c": Secret(1), "d": 2}}, additional_secret_outputs=("e",))

    marked = wanting.with_secrets(wanted, {"a": "x", "b": {"c": 1, "d": 2}, "e": 3, "f": 4})

    assert marked == {"a": Secret("x"), "b": {"c": Secret(1), "d": 2}, "e": Secret(3), "f": 4}


def test_a_rule_turns_a_matching_change_into_a_replacement():
    diff = Diff(changes=Changes.SOME, detailed={"tags.team": PropertyDiff(kind=DiffKind.UPDATE)})

    widened = wanting.completed(diff, resource(), resource(replace_on_changes=("tags.*",)))

    assert widened.replaces == ("tags",)
    assert widened.detailed["tags.team"].kind is DiffKind.UPDATE_REPLACE


def test_a_rule_that_is_no_path_is_named_with_its_resource_once_something_changes():
    wanted = resource(replace_on_changes=("tags[",))

    assert wanting.completed(Diff(changes=Changes.NONE), resource(), wanted).changes is Changes.NONE
    with pytest.raises(errors.PlanError, match=r"(?s)" + re.escape(wanted.urn) + r".*replaceOnChanges.*tags\["):
        wanting.completed(Diff(changes=Changes.SOME), resource(), wanted)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        pytest.param({"a": 1}, {"a": 1}, Changes.NONE, id="equal"),
        pytest.param({"a": 1}, {"a": 2}, Changes.SOME, id="other-value"),
        pytest.param({"a": 1}, {"a": UNKNOWN}, Changes.SOME, id="not-known-yet"),
        pytest.param({"a": Secret(1)}, {"a": 1}, Changes.NONE, id="secrecy-alone"),
    ],
)
def test_a_provider_that_cannot_tell_leaves_it_to_a_comparison_of_inputs(old, new, changes):
    verdict = wanting.completed(Diff(), resource(inputs=old), resource(inputs=new))

    assert verdict.changes is changes


@pytest.mark.parametrize(
    ("change", "rewritten"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"modified": "later"}, False, id="only-a-time"),
        pytest.param({"protect": True}, True, id="protection"),
        pytest.param({"parent": "urn"}, True, id="parent"),
        pytest.param({"dependencies": ("urn",)}, True, id="dependencies"),
        pytest.param({"inputs": {"a": 2}}, True, id="inputs"),
    ],
)
def test_state_is_rewritten_only_for_what_it_says(change, rewritten):
    assert wanting.is_rewritten(resource(inputs={"a": 1}), resource(**{"inputs": {"a": 1}, **change})) is rewritten


def resource(**fields) -> Recorded:
    return Recorded(**{"urn": "urn:pulumi:dev::p::a:b:C::x", "type": "a:b:C", "custom": True, **fields})


def test_a_list_that_came_back_as_it_was_sent_keeps_its_secrets_where_they_were():
    sent = ("open", Secret("hidden"))
    wanted = resource(inputs={"items": sent})

    assert wanting.with_secrets(wanted, {"items": ("open", "hidden")}) == {"items": sent}
    assert wanting.with_secrets(wanted, {"items": sent}) == {"items": sent}
    assert wanting.with_secrets(wanted, {"items": ("hidden", "open")}) == {"items": Secret(("hidden", "open"))}
