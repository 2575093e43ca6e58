"""§4.9: ignoreChanges paths through a whole run; each leaf case by itself is in tests/plan/test_wanted.py."""

from __future__ import annotations

import pytest
from contract_rows import case, row

PROGRAM = 'Thing("a", **dict({}), opts=Options(ignore_changes=["{}"]))'


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        case("4.9 key in old: the recorded value", "size", "size=1", "size=2", {"size": 1}),
        case("4.9 key in old, dropped by the program: the recorded value", "size", "size=1", "", {"size": 1}),
        case("4.9 key not in old: taken out", "size", "", "size=2", {}),
        case(
            "4.9 wildcard on objects: the recorded keys and values",
            "tags.*",
            'tags={"x": "1"}',
            'tags={"x": "2", "y": "3"}',
            {"tags": {"x": "1"}},
        ),
        case("4.9 inner key missing in both: fine", "tags.x", "size=1", "size=1", {"size": 1}),
    ],
)
def test_an_ignored_path(stack, path, before, after, expected):
    stack.up(PROGRAM.format(before, path))

    ran = stack.up(PROGRAM.format(after, path))

    assert ran.ops == ["same a"]
    assert ran.recorded("a").inputs == expected
    assert ran.story.count("warning a") == 0


@row("4.9 a path error is a warning, and the path is skipped")
def test_a_path_that_cannot_be_followed(stack):
    stack.up(PROGRAM.format('tags={"x": "1"}', "tags.x"))

    ran = stack.up(PROGRAM.format("size=2", "tags.x"))

    assert ran.ops == ["update a"]
    assert ran.story.count("warning a") == 1
    assert ran.recorded("a").inputs == {"size": 2}


@row("4.9 secrets are looked through")
def test_a_secret_is_looked_through(stack):
    program = 'Thing("a", tags=pulumi.Output.secret({{"x": "{}"}}), opts=Options(ignore_changes=["tags.x"]))'
    stack.up(program.format(1))

    ran = stack.up(program.format(2))

    assert ran.ops == ["same a"]
    assert repr(ran.recorded("a").inputs["tags"]) == "[secret]"


@row("4.9 nothing is ignored by a create")
def test_a_create_ignores_nothing(stack):
    ran = stack.up(PROGRAM.format("size=1", "size"))

    assert ran.ops == ["create a"]
    assert ran.recorded("a").inputs == {"size": 1}
