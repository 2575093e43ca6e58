"""§4.6: reads of objects that somebody else owns."""

from __future__ import annotations

import pytest
from contract_rows import row

READ = 'pulumi.CustomResource("test:index:Thing", "{}", {{"size": 3}}, Options(id="{}"))'


@row("4.6 not recorded: read, external, never deleted")
def test_what_is_read_is_external_and_discarded(stack):
    stack.service.make("", {"size": 1})

    ran, after = stack.up(READ.format("r", "id-1")), stack.up("")

    assert ran.ops == ["read r"]
    assert ran.left == ["r=id-1 external"]
    assert after.ops == ["discard r"]
    assert list(stack.service.objects) == ["id-1"]


@row("4.6 read before with another id: read")
def test_another_id_is_read_in_its_place(stack):
    stack.service.make("", {"size": 1})
    stack.service.make("", {"size": 2})
    stack.up(READ.format("r", "id-1"))

    ran = stack.up(READ.format("r", "id-2"))

    assert ran.ops == ["read r"]
    assert ran.left == ["r=id-2 external"]


@row("4.6 owned before with another id: read-replacement, the owned one deleted")
def test_a_reading_in_place_of_an_owned_object(stack):
    stack.up('Thing("a")')
    stack.service.make("", {"size": 2})

    ran = stack.up(READ.format("a", "id-2"))

    assert ran.ops == ["read-replacement a", "replace a", "delete-replaced a"]
    assert ran.left == ["a=id-2 external"]
    assert list(stack.service.objects) == ["id-2"]


@row("4.6 owned before with the same id: read, the object is given up and lives on")
def test_an_object_that_is_given_up_lives_on(stack):
    stack.up('Thing("a")')

    ran = stack.up(READ.format("a", "id-1"))

    assert ran.ops == ["read a"]
    assert ran.left == ["a=id-1 external"]
    assert stack.up("").ops == ["discard a"]
    assert list(stack.service.objects) == ["id-1"]


@row("4.6 previews read too")
def test_a_preview_reads(stack):
    stack.service.make("", {"size": 1})

    ran = stack.preview(READ.format("r", "id-1"))

    assert ran.ops == ["read r"]
    assert stack.service.calls == [("read", "r")]


@row("4.6 a preview with an unknown id reads nothing")
def test_a_preview_with_an_unknown_id_reads_nothing(stack):
    ran = stack.preview("""
        a = Thing("a")
        pulumi.CustomResource("test:index:Thing", "r", {}, Options(id=a.id))
    """)

    assert ran.errors == []
    assert stack.service.calls == []


@row("4.6 a preview with an unknown id shows the read, and keeps what was read before")
@pytest.mark.parametrize("before", ["", 'Thing("r")', "protected", "read"])
def test_an_unknown_id(stack, before):
    stack.service.make("", {"size": 1})
    program = """
        a = Thing("a", zone="{}")
        id = a.serial.apply(lambda _: "id-1")
        r = pulumi.CustomResource("test:index:Thing", "r", {{"echo": None}}, Options(id=id))
        b = Thing("b", source=r.echo)
    """
    earlier = {"read": program.format("x"), "protected": 'Thing("r", opts=Options(protect=True))'}
    stack.up(earlier.get(before, before))
    stack.service.calls.clear()

    ran = stack.preview(program.format("y"))

    op = "read-replacement" if before in ('Thing("r")', "protected") else "read"
    assert ran.errors == []
    assert f"{op} r" in ran.ops
    assert not {"delete r", "discard r"} & set(ran.ops)
    assert stack.service.calls == []


def test_what_is_read_by_an_id_that_a_failure_left_unknown_stays_as_it_was(stack):
    stack.service.make("", {"size": 1})
    program = """
        a = Thing("a", zone="{}", fault="{}")
        id = a.serial.apply(lambda _: "id-1")
        pulumi.CustomResource("test:index:Thing", "r", {{"echo": None}}, Options(id=id))
    """
    stack.up(program.format("x", ""))

    ran = stack.up(program.format("y", "no create"), continue_on_error=True)

    assert len(ran.errors) == 1
    assert "r=id-1 external" in ran.left


def test_a_plan_has_what_is_read_by_an_id_that_it_does_not_know(stack):
    stack.service.make("", {"size": 1})
    program = """
        a = Thing("a")
        id = a.serial.apply(lambda _: "id-1")
        r = pulumi.CustomResource("test:index:Thing", "r", {"echo": None}, Options(id=id))
        Thing("b", source=r.echo)
    """
    stack.plan = stack.preview(program).plan

    ran = stack.up(program)

    assert ran.errors == []
    assert ran.ops == ["create a", "read r", "create b"]


def test_the_owned_object_itself_read_by_another_form_of_its_id_lives_on(stack):
    stack.service.spelled["ID-1"] = "id-1"
    stack.up('Thing("r", size=3)')

    ran = stack.up(READ.format("r", "ID-1"))

    assert ran.errors == []
    assert ran.left == ["r=id-1 external"]
    assert list(stack.service.objects) == ["id-1"]


@row("4.6 the provider gets the properties as inputs and as state")
def test_what_a_read_is_asked_with(stack):
    stack.service.make("", {"size": 1})

    stack.up(READ.format("r", "id-1"))

    asked = next(request for request in stack.service.asked if type(request).__name__ == "ReadRequest")
    assert asked.inputs == asked.outputs == {"size": 3}


@row("4.6 no such object: an error, nothing recorded")
def test_what_does_not_exist_is_not_read(stack):
    ran = stack.up(READ.format("r", "id-9"))

    assert ran.summary.result == "failed"
    assert "begin read r" in ran.story
    assert ran.left == []


@row("4.6 an object that is not ready is recorded with its init errors, and the read fails")
def test_what_is_not_ready_is_recorded(stack):
    stack.service.make("", {"size": 1, "fault": "half read"})

    ran = stack.up(READ.format("r", "id-1"))

    assert ran.story[-4:] == ["error r", "failed read r", "outputs stack", "summary failed"]
    assert ran.left == ["r=id-1 external initErrors"]
