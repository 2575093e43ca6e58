"""Which hooks a step calls, and with what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.contract.protocol import NO_DIFF
from reconciler.model.resources import Recorded
from reconciler.plan import hooks, steps
from reconciler.plan.hooks import Moment

OLD = Recorded(
    urn="urn:pulumi:dev::proj::test:index:Thing::a",
    type="test:index:Thing",
    custom=True,
    id="id-1",
    resource_hooks={"BeforeDelete": ("old",)},
)
NEW = replace(OLD, id="", resource_hooks={moment.value: (moment.name,) for moment in Moment})
COMPONENT = replace(NEW, custom=False)


@pytest.mark.parametrize(
    ("step", "before", "after", "old", "new"),
    [
        (steps.Create(NEW), Moment.BEFORE_CREATE, Moment.AFTER_CREATE, None, NEW),
        (steps.CreateReplacement(OLD, NEW, NO_DIFF), Moment.BEFORE_CREATE, Moment.AFTER_CREATE, None, NEW),
        (steps.Update(OLD, NEW, NO_DIFF), Moment.BEFORE_UPDATE, Moment.AFTER_UPDATE, OLD, NEW),
        (steps.Delete(OLD), Moment.BEFORE_DELETE, Moment.AFTER_DELETE, OLD, None),
        (steps.Delete(OLD, makes_call=False), Moment.BEFORE_DELETE, Moment.AFTER_DELETE, OLD, None),
        (steps.DeleteReplaced(OLD), Moment.BEFORE_DELETE, Moment.AFTER_DELETE, OLD, None),
        (steps.DeleteReplaced(OLD, before_create=True), Moment.BEFORE_DELETE, Moment.AFTER_DELETE, OLD, None),
    ],
)
def test_a_step_has_a_moment_before_and_one_after(step, before, after, old, new):
    first, second, third = hooks.before(step), hooks.after(step, None), hooks.failed(step, ("no",))

    assert (first.moment, first.old, first.new) == (before, old, new)
    assert (second.moment, second.old, second.new) == (after, old, new)
    assert (third.moment, third.old, third.new, third.errors) == (Moment.ON_ERROR, old, new, ("no",))
    assert [first.is_after, second.is_after, third.is_after] == [False, True, False]


@pytest.mark.parametrize(
    "step",
    [
        steps.Same(OLD, NEW),
        steps.Replace(OLD, NEW, NO_DIFF),
        steps.Read(NEW),
        steps.Discard(OLD),
        steps.RemovePendingReplace(OLD),
        steps.Delete(replace(OLD, retain_on_delete=True), makes_call=False),
    ],
)
def test_what_makes_changes_and_deletes_nothing_has_no_moment(step):
    assert hooks.before(step) is hooks.after(step, OLD) is hooks.failed(step, ()) is None


def test_after_a_step_the_new_side_is_what_came_of_it():
    made = replace(NEW, id="id-2", outputs={"serial": 2})

    assert hooks.after(steps.Create(NEW), made).new == made
    assert hooks.after(steps.Update(OLD, NEW, NO_DIFF), made).new == made


def test_hooks_are_those_of_the_new_resource_and_of_a_delete_those_recorded():
    assert hooks.before(steps.Update(OLD, NEW, NO_DIFF)).names == ("BEFORE_UPDATE",)
    assert hooks.before(steps.Delete(OLD)).names == ("old",)
    assert hooks.after(steps.Delete(OLD), None).names == ()


def test_a_component_is_over_when_its_outputs_are_told():
    assert hooks.waits_for_outputs(steps.Create(COMPONENT))
    assert hooks.waits_for_outputs(steps.Update(COMPONENT, COMPONENT, NO_DIFF))
    assert not hooks.waits_for_outputs(steps.Delete(COMPONENT))
    assert not hooks.waits_for_outputs(steps.Create(NEW))
