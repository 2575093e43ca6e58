"""What a program's SDK may not ask for, with the official engine's words."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "program",
    [
        pytest.param('pulumi.CustomResource("very:bad", "a")', id="a-custom-resource"),
        pytest.param('pulumi.ComponentResource("very:bad", "a", {}, remote=True)', id="a-remote-component"),
        pytest.param(
            """
            class Read(pulumi.CustomResource):
                def __init__(self):
                    super().__init__("very:bad", "a", {}, Options(id="i"))
            Read()
            """,
            id="a-read",
        ),
    ],
)
def test_a_type_needs_three_parts(stack, program):
    ran = stack.up(program)

    assert any(
        "Type 'very:bad' is not a valid type token (must have format '*:*:*')" in message for message in ran.messages
    )
    assert ran.ops == []


def test_a_local_component_may_have_any_type(stack):
    ran = stack.up('pulumi.ComponentResource("bad", "a")')

    assert ran.errors == []
    assert ran.ops == ["create a"]


def test_outputs_are_registered_once(stack):
    ran = stack.up('g = Group("g")\ng.register_outputs({"a": 1})\ng.register_outputs({"a": 2})')

    assert any("whose registration isn't pending" in message for message in ran.messages)
    assert ran.recorded("g").outputs == {"a": 1}
