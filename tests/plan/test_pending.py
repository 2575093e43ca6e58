"""What a person says of creates that were cut off."""

from __future__ import annotations

import pytest

from reconciler import errors
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.plan import pending


def operation(type, name):
    return PendingOperation(type=PendingType(type), resource=Recorded(urn=f"urn::{name}", type="a:b:C", custom=True))


CREATE, OTHER, UPDATE = operation("creating", "a"), operation("creating", "b"), operation("updating", "c")


def test_only_creates_are_cleared():
    assert pending.without_creates((CREATE, UPDATE, OTHER)) == (UPDATE,)


def test_a_create_whose_id_is_known_becomes_an_import():
    changed, unused = pending.as_imports((CREATE, UPDATE, OTHER), {"urn::b": "id-7", "urn::c": "x", "urn::z": "y"})

    assert [(item.type.value, item.resource.id) for item in changed] == [
        ("creating", ""),
        ("updating", ""),
        ("importing", "id-7"),
    ]
    assert unused == ("urn::c", "urn::z")


def test_each_urn_needs_an_id():
    assert pending.read_pairs(["u", "i", "v", "j"]) == {"u": "i", "v": "j"}
    with pytest.raises(errors.UsageError, match="found an odd number of entries"):
        pending.read_pairs(["u", "i", "v"])
