"""The person stops a run while a plugin works: it is told, and what came of its call is recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.deploy import events

BARE = Path(__file__).parent / "bare"


@pytest.fixture
def stack(stack):
    """A stack whose person stops the run as soon as an object is under way."""
    stack.places = replace(stack.places, project_paths={"test": BARE})
    plain = stack.factories

    def factories(emit):
        def hear(event):
            emit(event)
            if isinstance(event, events.Diagnostic) and event.message.startswith("create of process"):
                stack.stop.set()

        return plain(hear)

    stack.factories = factories
    return stack


@pytest.mark.slow
def test_a_plugin_is_told_to_cancel_and_its_outcome_is_recorded(stack):
    stopped = stack.up('a = Thing("a", waits="for Cancel")\nThing("b", source=a.waits)')
    stack.stop.clear()
    after = stack.up('a = Thing("a", waits="for Cancel")')

    assert stopped.summary.result is events.Result.CANCELED
    assert stopped.ops == ["create a"]
    assert stopped.recorded("a").id == "a"
    assert stopped.snapshot.pending == ()
    assert after.ops == ["same a"]
