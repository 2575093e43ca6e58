"""What cannot go as long as protected resources stay."""

from __future__ import annotations

import pytest

from reconciler.model.resources import Recorded
from reconciler.plan import targets

PROVIDER = "urn:pulumi:dev::p::pulumi:providers:a::default"


def resource(name, **fields):
    return Recorded(urn=name, type="a:b:C", custom=True, **fields)


@pytest.mark.parametrize(
    ("resources", "kept"),
    [
        pytest.param([resource("a"), resource("b")], set(), id="nothing-is-protected"),
        pytest.param([resource("a", protect=True), resource("b", dependencies=("a",))], {"a"}, id="dependents-may-go"),
        pytest.param(
            [resource("a"), resource("b", parent="a"), resource("c", dependencies=("b",), protect=True)],
            {"a", "b", "c"},
            id="what-it-needs-stays-all-the-way",
        ),
        pytest.param(
            [resource(PROVIDER), resource("b", provider=f"{PROVIDER}::1", protect=True)], {PROVIDER, "b"}, id="p"
        ),
        pytest.param([resource("a"), resource("b", deleted_with="a", protect=True)], {"a", "b"}, id="deleted-with"),
    ],
)
def test_what_is_protected_and_what_it_needs(resources, kept):
    assert targets.protected(resources) == kept
