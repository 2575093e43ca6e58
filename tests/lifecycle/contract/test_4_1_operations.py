"""§4.1: every op as a step, and what the summary counts of them."""

from __future__ import annotations

from contract_rows import row

from reconciler.model import urns
from reconciler.plan.steps import Op

READ = """
    class Existing(pulumi.CustomResource):
        echo: pulumi.Output[str]
    Existing("test:index:Thing", "r", {"echo": None}, Options(id="id-1"))
"""


@row("4.1 only logical, successful, visible steps are counted")
def test_the_halves_of_a_replacement_are_not_counted(stack):
    stack.up('Thing("a", zone="x")\nThing("b")')

    ran = stack.up('Thing("a", zone="y")\nThing("b", fault="no update", size=1)', continue_on_error=True)

    assert ran.summary.changes == {Op.SAME: 1, Op.REPLACE: 1}
    assert urns.name(ran.recorded("b").urn) == "b"


@row("4.1 steps of default providers are not counted")
def test_default_providers_are_not_counted_and_others_are(stack):
    assert stack.up('Thing("a")').summary.changes == {Op.CREATE: 2}
    assert stack.up('Thing("a")\nTestProvider("p")').summary.changes == {Op.SAME: 2, Op.CREATE: 1}


@row("4.1 a read counts only when what was read differs")
def test_a_read_counts_only_when_what_was_read_differs(stack):
    stack.service.make("", {"size": 1})

    first, second = stack.up(READ), stack.up(READ)
    stack.service.objects["id-1"]["size"] = 2
    third = stack.up(READ)

    assert first.ops == second.ops == third.ops == ["read r"]
    assert first.summary.changes == {Op.CREATE: 1}
    assert second.summary.changes == {Op.SAME: 1}
    assert third.summary.changes == {Op.SAME: 1, Op.READ: 1}


@row("4.1 a refresh counts its result")
def test_a_refresh_counts_its_result(stack):
    stack.up(
        'a = Thing("a", size=1)\nb = Thing("b", opts=Options(depends_on=[a]))\nThing("c", opts=Options(depends_on=[b]))'
    )
    stack.service.objects["id-1"]["size"] = 7
    del stack.service.objects["id-3"]

    ran = stack.refresh()

    assert sorted(ran.ops) == ["refresh a", "refresh b", "refresh c"]
    assert ran.summary.changes == {Op.UPDATE: 1, Op.SAME: 1, Op.DELETE: 1}
    assert ran.left == ["a=id-1", "b=id-2"]


@row("4.1 a pending replacement that is dropped is not counted")
def test_a_pending_replacement_that_is_dropped_is_not_counted(stack):
    stack.up('Unique("a", name="n", zone="x")')
    failed = stack.up('Unique("a", name="n", zone="y", fault="no create")')

    ran = stack.up("")

    assert failed.left == ["a=id-1 pendingReplacement"]
    assert ran.ops == ["remove-pending-replace a"]
    assert ran.summary.changes == {Op.SAME: 1}
    assert ran.left == []
