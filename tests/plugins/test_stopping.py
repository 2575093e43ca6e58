"""The person stops a run while a plugin works: it is told, and what came of its call is recorded."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.deploy import events

BARE = Path(__file__).parent / "bare"


@pytest.fixture
def stack(stack):
    """A stack whose person stops the run as soon as an object, or what `stops_at` says, is under way."""
    stack.stops_at = "create of process"
    stack.places = replace(stack.places, project_paths={"test": BARE})
    plain = stack.factories

    def factories(emit):
        def hear(event):
            emit(event)
            if isinstance(event, events.Diagnostic) and event.message.startswith(stack.stops_at):
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


@pytest.mark.slow
def test_a_plugin_that_has_not_said_its_port_is_not_waited_for(stack, tmp_path):
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    (tmp_path / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (tmp_path / "__main__.py").write_text(f"import time\nopen({str(begun)!r}, 'w').close()\ntime.sleep(60)\n")
    stack.places = replace(stack.places, project_paths={"test": tmp_path})
    stack.port_timeout_s = 60.0
    person = threading.Thread(target=lambda: (begun.read_bytes(), stack.stop.set()))
    person.start()

    began_s = time.monotonic()
    stopped = stack.up('Thing("a")')
    person.join()

    assert time.monotonic() - began_s < 30
    assert stopped.summary.result is events.Result.CANCELED
    assert (stopped.ops, stopped.snapshot.pending) == ([], ())


@pytest.mark.slow
def test_a_plugin_that_does_not_end_its_configure_is_not_waited_for(stack):
    stack.stops_at = "configure of process"

    stopped = stack.up('Thing("a", opts=Options(provider=TestProvider("p", waits="for ever")))')
    stack.stop.clear()
    stack.stops_at = "never"
    after = stack.up('Thing("a", opts=Options(provider=TestProvider("p")))')

    assert stopped.summary.result is events.Result.CANCELED
    assert stopped.snapshot.pending == ()
    assert after.errors == []
    assert "create a" in after.ops
