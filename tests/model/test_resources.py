from dataclasses import fields, replace

import pytest

from reconciler.model.resources import Recorded, changed

RESOURCE = Recorded(urn="urn:pulumi:dev::shop::a:b:C::c", type="a:b:C", custom=True, inputs={"a": 1}, extra={"x": 1})


@pytest.mark.parametrize("name", [field.name for field in fields(Recorded)])
def test_a_changed_resource_differs_in_what_was_changed_alone(name):
    made = changed(RESOURCE, **{name: "new"})

    assert made == replace(RESOURCE, **{name: "new"})
    assert made is not RESOURCE


def test_what_a_resource_does_not_have_cannot_be_changed():
    with pytest.raises(AttributeError):
        changed(RESOURCE, colour="red")
