"""A run that dies at any moment is finished by the next one: nothing twice, nothing forgotten."""

from __future__ import annotations

import contextlib

import pytest
from stacks import Killed, Stack

BEFORE = """
    g = Group("g")
    a = Thing("a", zone="x", opts=Options(parent=g))
    b = Thing("b", source=a.serial)
    u = Unique("u", name="n", zone="x")
    Thing("v", zone=u.serial)
    Thing("w", size=1)
    Thing("gone", opts=Options(depends_on=[b]))
"""
AFTER = """
    g = Group("g")
    a = Thing("a", zone="y", opts=Options(parent=g))
    b = Thing("b", source=a.serial)
    u = Unique("u", name="n", zone="y")
    Thing("v", zone=u.serial)
    Thing("w", size=2)
    Thing("new", source=b.serial)
"""
STEPS_OF_A_FIRST_UP = 16
STEPS_OF_A_CHANGE = 36


def assert_finished(stack: Stack, program: str) -> None:
    recorded = {item.id for item in stack.snapshot.resources if item.type in ("test:index:Thing", "test:index:Unique")}
    assert recorded == set(stack.service.objects)
    assert stack.snapshot.pending == ()
    assert not any(item.delete or item.pending_replacement for item in stack.snapshot.resources)
    again = stack.up(program)
    assert {op.split()[0] for op in again.ops} == {"same"}


@pytest.mark.parametrize("cut", range(STEPS_OF_A_FIRST_UP))
def test_a_first_up_that_dies_is_finished_by_the_next(stack, cut):
    with pytest.raises(Killed):
        stack.up(BEFORE, cut=cut)

    mended = stack.up(BEFORE)

    assert mended.errors == []
    assert len(stack.service.objects) == 6
    assert_finished(stack, BEFORE)


@pytest.mark.parametrize("cut", range(STEPS_OF_A_CHANGE))
def test_a_change_that_dies_is_finished_by_the_next(stack, cut):
    stack.up(BEFORE)
    with contextlib.suppress(Killed):
        stack.up(AFTER, cut=cut)

    mended = stack.up(AFTER)

    assert mended.errors == []
    assert len(stack.service.objects) == 6
    assert_finished(stack, AFTER)


@pytest.mark.parametrize("cut", range(14))
def test_a_destroy_that_dies_is_finished_by_the_next(stack, cut):
    stack.up(BEFORE)
    with pytest.raises(Killed):
        stack.destroy(cut=cut)

    mended = stack.destroy()

    assert mended.errors == []
    assert stack.service.objects == {}
    assert mended.snapshot.resources == ()


def test_a_create_whose_answer_was_lost_is_adopted(stack):
    failed = stack.up('Thing("a", fault="lost answer")')

    mended = stack.up('Thing("a", fault="lost answer")')

    assert failed.snapshot.pending[0].type == "creating"
    assert failed.summary.may_be_corrupt
    assert mended.ops == ["same a"]
    assert len(stack.service.objects) == 1


def test_a_create_that_never_happened_is_made_by_the_next_run(stack):
    stack.up('Thing("a", fault="bug in create")')

    mended = stack.up('Thing("a", fault="")')

    assert mended.ops == ["create a"]
    assert len(stack.service.objects) == 1


def test_a_preview_leaves_an_operation_in_doubt_alone(stack):
    stack.up('Thing("a", fault="lost answer")')
    calls = list(stack.service.calls)

    stack.preview('Thing("a", fault="lost answer")')

    assert stack.service.calls == calls
    assert len(stack.snapshot.pending) == 1
