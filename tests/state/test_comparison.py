"""What differs between two states."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from reconciler.model.resources import PendingOperation, PendingType
from reconciler.model.values import Secret
from reconciler.state.comparison import Kind, compare, to_json
from reconciler.state.snapshots import Snapshot
from tests.state.arbitrary import snapshots
from tests.state.test_surgery import LAKE, TABLE, VIEW, snapshot


def test_added_removed_and_changed_are_told_apart():
    bigger = replace(LAKE, inputs={"size": "L"}, protect=True, modified="2026-01-01T00:00:00Z", import_id="x")

    compared = compare(snapshot(LAKE, TABLE), snapshot(bigger, VIEW))

    assert [(change.kind, change.urn) for change in compared.changes] == [
        (Kind.CHANGED, LAKE.urn), (Kind.ADDED, VIEW.urn), (Kind.REMOVED, TABLE.urn),
    ]  # fmt: skip
    change = compared.changes[0]
    assert change.fields == {"protect": (False, True), "importID": ("", "x")}
    assert change.inputs == {"size": "add"}
    assert compared.unchanged == 1


def test_when_a_resource_was_touched_and_where_it_stands_is_no_difference():
    touched = replace(LAKE, modified="2026-01-01T00:00:00Z", source_position="project:///a.py#1")

    assert compare(snapshot(LAKE, TABLE), snapshot(TABLE, touched)).changes == ()


def test_a_changed_secret_is_seen_and_not_shown():
    old, new = (replace(LAKE, inputs={"p": {"q": Secret(text)}}) for text in ("hunter2", "hunter3"))

    compared = compare(snapshot(old), snapshot(new))

    assert compared.changes[0].inputs == {"p.q": "update"}
    assert "hunter" not in str(to_json(compared))
    assert compare(snapshot(old), snapshot(old)).changes == ()


def test_old_copies_and_doubts_are_compared_too():
    doubt = PendingOperation(type=PendingType.CREATING, resource=VIEW)

    compared = compare(snapshot(LAKE, pending=(doubt,)), snapshot(replace(LAKE, delete=True, id="old"), LAKE))

    assert [(change.kind, change.new and change.new.id) for change in compared.changes] == [(Kind.ADDED, "old")]
    assert (compared.begun, compared.settled) == ((), (f"{VIEW.urn} (creating)",))


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(snapshots())
def test_a_state_does_not_differ_from_itself_and_differs_wholly_from_nothing(state):
    assert compare(state, state).changes == ()
    assert compare(Snapshot(), state).counts()[Kind.ADDED] == len(compare(state, Snapshot()).changes)
    to_json(compare(Snapshot(), state))
