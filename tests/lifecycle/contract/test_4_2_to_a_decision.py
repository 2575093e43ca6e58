"""§4.2: from a registration to what is decided over: URN, aliases, checked inputs."""

from __future__ import annotations

import pytest
from contract_rows import case, row

from reconciler.contract.protocol import CheckRequest

IGNORING = 'Thing("a", size={}, zone="{}", opts=Options(ignore_changes=["size"]))'


def checks(stack) -> list[tuple[object, object]]:
    """(olds, news) of each check of resource a, sizes only."""
    return [
        (None if request.olds is None else request.olds.get("size"), request.news.get("size"))
        for request in stack.service.asked
        if isinstance(request, CheckRequest)
    ]


@row("4.2.1 a URN registered twice is an error")
def test_a_urn_registered_twice_fails_the_second_registration(stack):
    ran = stack.up('Thing("a")\nThing("a")')

    assert ran.summary.result == "failed"
    assert ran.left == ["a=id-1"]


@row("4.2.2 the own URN is looked up before the aliases")
def test_the_own_record_goes_before_an_aliased_one(stack):
    stack.up('a = Thing("a")\nThing("b", opts=Options(depends_on=[a]))')

    ran = stack.up('Thing("b", opts=Options(aliases=[pulumi.Alias(name="a")]))')

    assert ran.ops == ["same b", "delete a"]
    assert ran.left == ["b=id-2"]


@row("4.2.2 aliases are looked up in order")
def test_the_first_alias_that_is_recorded_wins(stack):
    stack.up('a = Thing("a")\nThing("b", opts=Options(depends_on=[a]))')

    ran = stack.up('Thing("c", opts=Options(aliases=[pulumi.Alias(name=n) for n in ("x", "b", "a")]))')

    assert ran.ops == ["same c", "delete a"]
    assert ran.left == ["c=id-2"]


@row("4.2.2 state keeps no aliases: references are rewritten")
def test_state_names_the_new_urn_only(stack):
    stack.up('a = Thing("a")\nThing("z", source=a.serial, opts=Options(deleted_with=a, replace_with=[a]))')

    ran = stack.up("""
        b = Thing("b", opts=Options(aliases=[pulumi.Alias(name="a")]))
        Thing("z", source=b.serial, opts=Options(deleted_with=b, replace_with=[b]))
    """)

    assert ran.ops == ["same b", "same z"]
    assert "::a" not in repr(ran.snapshot)
    assert all(item.aliases == () for item in ran.snapshot.resources)


@row("4.2.4 ignored changes are taken back before the check")
def test_a_check_sees_recorded_inputs_and_what_is_not_ignored(stack):
    stack.up(IGNORING.format(1, "x"))
    stack.service.asked.clear()

    ran = stack.up(IGNORING.format(9, "x"))

    assert checks(stack) == [(1, 1)]
    assert ran.ops == ["same a"]


@pytest.mark.parametrize(
    ("second", "options", "expected"),
    [
        case("4.2.4 a new object is checked without olds", "", {}, [(None, 1)]),
        case(
            "4.5 a replacement is checked again without olds",
            IGNORING.format(9, "y"),
            {},
            [(None, 1), (1, 1), (None, 9)],
        ),
        case(
            "4.2.4 a named replacement is checked without olds, with what the program says",
            IGNORING.format(9, "x"),
            {"replace": ("**::a",)},
            [(None, 1), (None, 9)],
        ),
    ],
)
def test_what_is_made_anew_is_checked_as_the_program_has_it(stack, second, options, expected):
    stack.up(IGNORING.format(1, "x"))
    if second:
        ran = stack.up(second, **options)
        assert "replace a" in ran.ops
        assert ran.recorded("a").inputs["size"] == 9

    assert checks(stack)[: len(expected)] == expected


@row("4.2.4 what was only read is checked without olds")
def test_what_was_only_read_is_checked_without_olds(stack):
    stack.service.make("", {"size": 1})
    stack.up('pulumi.CustomResource("test:index:Thing", "a", {}, Options(id="id-1"))')
    stack.service.asked.clear()

    stack.up('Thing("a", size=9, opts=Options(ignore_changes=["size"]))')

    assert checks(stack)[0] == (None, 9)


@row("4.2.4 what is made again after a delete-first replacement is checked without olds")
def test_what_is_made_again_is_checked_without_olds(stack):
    program = 'u = Unique("u", name="n", zone="{}")\nThing("a", zone=u.serial, size={}, '
    program += 'opts=Options(ignore_changes=["size"]))'
    stack.up(program.format("x", 1))
    stack.service.asked.clear()

    ran = stack.up(program.format("y", 9))

    assert (None, 9) in checks(stack)
    assert ran.recorded("a").inputs["size"] == 9


@row("4.2.4 what is no target keeps its inputs unchecked")
def test_what_is_no_target_is_not_checked(stack):
    stack.up('Thing("a", size=1)\nThing("b")')
    stack.service.asked.clear()

    ran = stack.up('Thing("a", size=9, colour="no such property")\nThing("b", size=2)', targets=("**::b",))

    assert ran.errors == []
    assert ran.ops == ["same a", "update b"]
    assert ran.recorded("a").inputs["size"] == 1


@row("4.2.4 a failed check fails the registration, each property told")
def test_each_refused_property_is_told(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up('Thing("a", size="many", colour="red")')

    assert ran.story[-3:] == ["error a", "outputs stack", "summary failed"]
    assert "size" in ran.errors[0]
    assert "colour" in ran.errors[0]
    assert ran.recorded("a").inputs["size"] == 1


@row("4.2.4 unknowns reach a check in previews only")
def test_unknown_inputs_are_allowed_in_previews(stack):
    program = 'a = Thing("a")\nThing("b", source=a.serial)'

    previewed = stack.preview(program)
    seen = [request.news for request in stack.service.asked if isinstance(request, CheckRequest)]

    assert previewed.ops == ["create a", "create b"]
    assert repr(seen[1]["source"]) == "[unknown]"
