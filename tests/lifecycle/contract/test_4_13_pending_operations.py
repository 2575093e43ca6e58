"""§4.13: what is noted before a call goes out, and what the next run does about it."""

from __future__ import annotations

import contextlib

import pytest
from contract_rows import case, row
from stacks import Killed

READ = 'pulumi.CustomResource("test:index:Thing", "a", {}, Options(id="id-1"))'


def pending(stack) -> list[str]:
    """What the snapshot notes as under way."""
    return [f"{item.type.value} {item.resource.urn.rsplit('::', 1)[-1]}" for item in stack.snapshot.pending]


@pytest.mark.parametrize(
    ("before", "program", "expected"),
    [
        case("4.13 before a create", "", 'Thing("a")', "creating a"),
        case("4.13 before an update", 'Thing("a", size=1)', 'Thing("a", size=2)', "updating a"),
        case("4.13 before a delete", 'Thing("a")', "", "deleting a"),
        case("4.13 before a read", "", READ, "reading a"),
        case("4.13 before an import", "", 'Thing("a", opts=Options(import_="id-1"))', "importing a"),
    ],
)
def test_a_call_under_way_is_noted(stack, before, program, expected):
    stack.service.make("", {})
    stack.up(before)

    noted = set()
    saved, objects = stack.snapshot, dict(stack.service.objects)
    for cut in range(12):
        stack.snapshot = saved
        stack.service.objects = dict(objects)
        with contextlib.suppress(Killed):
            stack.up(program, cut=cut)
            break
        noted.update(pending(stack))

    assert expected in noted
    assert pending(stack) == []


@row("4.13 a refused call leaves no pending operation")
def test_a_refused_call_leaves_nothing_pending(stack):
    ran = stack.up('Thing("a", fault="no create")')

    assert ran.left == []


@row("4.13 what is found pending is told as a warning and is no error")
def test_what_is_found_pending_is_a_warning(stack):
    stack.up('Thing("a", fault="lost answer")')

    ran = stack.up('Thing("a", fault="lost answer")')

    assert ran.summary.result == "succeeded"
    assert any("interrupted while creating" in message for message in ran.messages)
    assert ran.left == ["a=id-1"]
