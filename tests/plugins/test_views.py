"""Objects that are read before they are compared, and views of an object's parts, both by the plugin's word."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model import urns
from reconciler.plan.steps import Op
from reconciler.state.checkpoints import features_of

pytestmark = pytest.mark.slow


@pytest.fixture
def stack(stack):
    stack.places = replace(stack.places, project_paths={"test": Path(__file__).parent / "bare"})
    return stack


def drift(stack, **changes):
    store = Path(stack.places.environment["TEST_SERVICE"])
    objects = json.loads(store.read_text())
    store.write_text(json.dumps({id: {**found, **changes} for id, found in objects.items()}))


def views(ran):
    return {
        urns.name(item.urn): (item.view_of == item.parent, urns.name(item.view_of), item.outputs.get("size"))
        for item in ran.snapshot.resources
        if item.view_of
    }


def test_what_its_provider_calls_out_of_date_is_read_before_it_is_compared(stack):
    first = stack.up('Thing("a", size=1, refresh=True)\nThing("b", size=1)')
    drift(stack, size=7)
    previewed = stack.preview('Thing("a", size=1, refresh=True)\nThing("b", size=1)')
    second = stack.up('Thing("a", size=1, refresh=False)\nThing("b", size=1)')
    drift(stack, size=8)
    third = stack.up('Thing("a", size=1, refresh=False)\nThing("b", size=1)')

    assert first.recorded("a").refresh_before_update
    assert not first.recorded("b").refresh_before_update
    assert features_of(first.snapshot) == ("refreshBeforeUpdate",)
    assert [op for op in previewed.ops if "same" not in op] == ["update a"]
    assert [op for op in second.ops if "same" not in op] == ["update a"]
    assert not second.recorded("a").refresh_before_update
    assert third.ops == ["same a", "same b"]


def test_what_is_gone_when_it_is_read_first_is_made_again(stack):
    stack.up('a = Thing("a", size=1, refresh=True)\nThing("b", size=1, opts=Options(depends_on=[a]))')
    Path(stack.places.environment["TEST_SERVICE"]).write_text("{}")

    ran = stack.up('a = Thing("a", size=1, refresh=True)\nThing("b", size=1, opts=Options(depends_on=[a]))')

    assert ran.errors == []
    assert [op for op in ran.ops if "refresh" not in op] == ["create a", "same b"]


@pytest.mark.parametrize("verb", ["up", "destroy"])
def test_what_is_deleted_is_read_first_where_its_provider_calls_it_out_of_date(stack, verb):
    stack.up('Thing("gone", size=1, refresh=True)\nThing("there", size=1, refresh=True)\nThing("b", size=1)')
    store = Path(stack.places.environment["TEST_SERVICE"])
    store.write_text(json.dumps({id: found for id, found in json.loads(store.read_text()).items() if id != "gone"}))

    previewed = stack.preview("")
    ran = stack.up("") if verb == "up" else stack.destroy()

    assert previewed.errors == ran.errors == []
    assert "delete gone" not in previewed.ops
    assert {op for op in ran.ops if op.startswith("delete")} == {"delete there", "delete b"}
    assert ran.summary.changes[Op.DELETE] == (2 if verb == "up" else 3)
    assert not any(item.id for item in ran.snapshot.resources if item.type == "test:index:Thing")


def test_views_live_with_their_object(stack):
    made = stack.up('Thing("a", size=1, views=["p", "q"])')
    kept = stack.up('Thing("a", size=1, views=["p", "q"])')
    patient = "opts=Options(custom_timeouts=pulumi.CustomTimeouts(read='90s'))"
    changed = stack.up(f'Thing("a", size=2, views=["q", "r"], {patient})')
    drift(stack, size=5)
    refreshed = stack.refresh()
    replaced = stack.up('Thing("a", size=5, views=["r", "s"], zone="z")')
    renamed = stack.up('Thing("b", size=5, views=["r", "s"], zone="z", opts=Options(aliases=[pulumi.Alias(name="a")]))')
    gone = stack.up("")

    assert "read within 90 s" in refreshed.messages
    assert made.ops == ["create p", "create q", "create a"]
    assert views(made) == {"p": (True, "a", 1), "q": (True, "a", 1)}
    assert features_of(made.snapshot) == ("views",)
    assert [kept.ops, views(kept)] == [["same a"], views(made)]
    assert changed.ops == ["update q", "create r", "delete p", "update a"]
    assert views(changed) == {"q": (True, "a", 2), "r": (True, "a", 2)}
    assert {op for op in refreshed.ops if op.startswith("refresh")} == {"refresh q", "refresh r", "refresh a"}
    assert refreshed.summary.changes[Op.UPDATE] == 3
    assert views(refreshed) == {"q": (True, "a", 5), "r": (True, "a", 5)}
    assert replaced.ops[:2] == ["create r", "create s"]
    assert views(replaced) == {"r": (True, "a", 5), "s": (True, "a", 5)}
    assert views(renamed) == {"r": (True, "b", 5), "s": (True, "b", 5)}
    assert {op for op in gone.ops if op.startswith("delete")} == {"delete r", "delete s", "delete b"}
    assert [item for item in gone.snapshot.resources if item.view_of] == []


def test_a_preview_shows_views_and_records_none(stack):
    previewed = stack.preview('Thing("a", size=1, views=["p"])')

    assert previewed.ops == ["create p", "create a"]
    assert stack.snapshot.resources == ()


def test_views_are_shown_while_the_provider_works_and_end_with_an_object_that_was_not_made(stack):
    made = stack.up('Thing("a", size=1, views=["p"])')
    failed = stack.up('Thing("a", size=1, views=["p"])\nThing("b", views=["q"], fails=True)')

    story = made.story
    assert story.index("begin create a") < story.index("begin create p") < index_of(made, "published")
    assert index_of(made, "published") < story.index("done create p") < story.index("done create a")
    assert failed.story.index("begin create q") < failed.story.index("failed create q")
    assert views(failed) == {"p": (True, "a", 1)}


def test_a_delete_that_fails_leaves_no_view_that_it_said_was_gone(stack):
    stack.up('Thing("a", size=1, views=["p"], sticks=True)')

    failed = stack.up("")

    assert [op for op in failed.ops if "delete" in op] == ["delete p"]
    assert failed.errors != []
    assert [urns.name(item.urn) for item in failed.snapshot.resources if item.view_of or item.id == "a"] == ["a"]


def index_of(ran, message):
    return next(i for i, event in enumerate(ran.events) if getattr(event, "message", "") == message)
