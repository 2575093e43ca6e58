"""A preview asks what deletes and replacements would lose, where providers know it."""

from __future__ import annotations

import pytest
from service import ServiceProvider
from stacks import Factories

from reconciler import errors
from reconciler.deploy import events

PROGRAM = 'Thing("kept", size=1); Thing("gone", size=7); Thing("moved", size=5, zone="a")'
CHANGED = 'Thing("kept", size=2); Thing("moved", size=5, zone="b")'


class KnowsSizes(ServiceProvider):
    async def foresee(self, request):
        if self.service.objects[request.id].get("zone") == "dark":
            raise errors.TransientError("no answer")
        return (f"{request.inputs['size']:g} rows are lost",)


@pytest.fixture
def stack(stack):
    class Knowing(Factories):
        def create(self, origin):
            return KnowsSizes(self.service)

    stack.factories = lambda _emit: Knowing(stack.service)
    return stack


def lost(ran):
    return {
        f"{event.step.op} {event.step.urn.rpartition('::')[2]}": event.lost
        for event in ran.events
        if isinstance(event, events.StepDone) and event.lost
    }


def test_a_preview_tells_what_goes_with_what_is_deleted_or_replaced(stack):
    stack.up(PROGRAM)

    asked = stack.preview(CHANGED, foresees=True)

    assert lost(asked) == {"delete gone": ("7 rows are lost",), "replace moved": ("5 rows are lost",)}
    assert lost(stack.preview(CHANGED)) == {}
    assert lost(stack.up(CHANGED, foresees=True)) == {}


def test_a_provider_that_does_not_answer_fails_no_preview(stack):
    stack.up('Thing("gone", size=7, zone="dark")')

    asked = stack.preview("", foresees=True)

    assert asked.errors == []
    assert (asked.ops, lost(asked)) == (["delete gone"], {})
