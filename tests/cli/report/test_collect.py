"""What a report keeps of the steps of one object."""

import itertools

import pytest

from reconciler.cli.redact import Redactor
from reconciler.cli.report.collect import ReportView
from reconciler.contract import protocol
from reconciler.deploy import events
from reconciler.deploy.options import Kind
from reconciler.model.resources import Recorded
from reconciler.plan import steps

URN = "urn:pulumi:dev::shop::a:b:C::x"
OLD = Recorded(urn=URN, type="a:b:C", custom=True, id="1", inputs={"name": "A", "size": 1})
NEW = Recorded(urn=URN, type="a:b:C", custom=True, inputs={"name": "B", "size": 1})
CHANGE = protocol.Diff(changes=protocol.Changes.SOME, replaces=("name",))
HALVES = (
    steps.CreateReplacement(OLD, NEW, CHANGE),
    steps.Replace(OLD, NEW, CHANGE),
    steps.DeleteReplaced(OLD, change=CHANGE),
)


@pytest.mark.parametrize("order", list(itertools.permutations(HALVES)))
def test_a_replacement_tells_what_was_and_what_will_be_in_whichever_order_it_is_done(order):
    view = ReportView("shop", "dev", Kind.UPDATE, Redactor())

    for step in order:
        view.emit(events.StepDone(step, step.new, True, 0.0))

    (change,) = view.report().changes
    assert [(each.path, each.before, each.after) for each in change.attributes] == [("name", '"A"', '"B"')]
    assert change.reasons == ("name",)
