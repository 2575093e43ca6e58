"""`--ignore-protect`, and creates that were cut off and that the person knows the object of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.resources import PendingOperation, PendingType
from reconciler.plan import pending

PROTECTED = 'Thing("a", zone="{}", opts=Options(protect=True))'


@pytest.mark.parametrize(
    ("program", "ops"),
    [
        pytest.param(PROTECTED.format("y"), ["create-replacement a", "replace a", "delete-replaced a"], id="replaced"),
        pytest.param("", ["delete a"], id="deleted"),
    ],
)
def test_protection_may_be_ignored_for_a_run(stack, program, ops):
    stack.up(PROTECTED.format("x"))

    refused, ran = stack.up(program), stack.up(program, ignore_protect=True)

    assert "protected" in refused.errors[0]
    assert ran.errors == []
    assert ran.ops == ops


def cut_off(stack):
    """A create that made its object, whose answer was lost, by a provider that cannot be asked for it."""
    stack.up('Thing("b")')
    ran = stack.up('Thing("b")\nThing("a", size=3, fault="lost answer")')
    operation = ran.snapshot.pending[0]
    stack.service.operations.clear()
    stack.snapshot = replace(stack.snapshot, pending=(replace(operation, operation_id=""),))
    return operation.resource


def test_a_refresh_imports_the_object_that_a_person_named(stack):
    resource = cut_off(stack)
    changed, _ = pending.as_imports(stack.snapshot.pending, {resource.urn: "id-2"})
    stack.snapshot = replace(stack.snapshot, pending=changed)

    ran = stack.refresh()
    after = stack.up('Thing("b")\nThing("a", size=3, fault="lost answer")')

    assert ran.snapshot.pending == ()
    assert ran.recorded("a").id == "id-2"
    assert ran.recorded("a").outputs["size"] == 3
    assert after.ops == ["same b", "same a"]


def test_an_object_that_is_not_there_cannot_be_imported(stack):
    resource = cut_off(stack)
    changed, _ = pending.as_imports(stack.snapshot.pending, {resource.urn: "id-9"})
    stack.snapshot = replace(stack.snapshot, pending=changed)

    ran = stack.refresh()

    assert any("there is no test:index:Thing with id id-9" in message for message in ran.messages)
    assert [operation.type for operation in ran.snapshot.pending] == [PendingType.IMPORTING]


def test_an_update_leaves_an_import_to_the_program(stack):
    resource = cut_off(stack)
    stack.snapshot = replace(
        stack.snapshot,
        pending=(PendingOperation(type=PendingType.IMPORTING, resource=replace(resource, id="id-2")),),
    )

    ran = stack.up('Thing("b")\nThing("a", size=3, opts=Options(import_="id-2"))')

    assert ran.ops == ["same b", "import a"]
    assert ran.snapshot.pending == ()
