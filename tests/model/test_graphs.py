"""Resources stand after what they name, and stop naming what is gone."""

from __future__ import annotations

from reconciler.model.graphs import in_dependency_order, without_gone
from reconciler.model.resources import Recorded

PROVIDER = "urn:pulumi:dev::p::pulumi:providers:test::p"


def recorded(name: str, **fields: object) -> Recorded:
    return Recorded(urn=f"urn:pulumi:dev::p::t:m:T::{name}", type="t:m:T", custom=True, **fields)


def provider(id: str, **fields: object) -> Recorded:
    return Recorded(urn=PROVIDER, type="pulumi:providers:test", custom=True, id=id, **fields)


def test_what_names_a_replaced_provider_stands_after_that_one_and_after_the_new_one():
    user, old, new = recorded("a", provider=f"{PROVIDER}::1"), provider("1", delete=True), provider("2")

    assert in_dependency_order((user, old, new)) in ((new, old, user), (old, new, user))


def test_what_is_gone_is_named_no_more_and_its_children_go_to_their_grandparents():
    a, b, c = recorded("a").urn, recorded("b").urn, recorded("c").urn
    child = recorded(
        "d",
        parent=c,
        dependencies=(a, b),
        property_dependencies={"x": (b,), "y": (a,)},
        deleted_with=b,
        replace_with=(a, b),
    )

    assert without_gone(child, {b, c}, {c: b, b: a}) == recorded(
        "d", parent=a, dependencies=(a,), property_dependencies={"x": (), "y": (a,)}, replace_with=(a,)
    )
