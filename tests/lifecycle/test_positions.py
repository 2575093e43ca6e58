"""Which lines of the program led to a resource: its record says so, by every door in the same words."""

from __future__ import annotations

import textwrap

from stacks import HEADER

PROGRAM = """
class Pair(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Pair", name)
        self.part = Thing("part", opts=Options(parent=self))

def make():
    Pair("pair")

make()
pulumi.CustomResource.get  # no line of a resource
"""


def line(text: str) -> str:
    return f"project:///__main__.py#{(HEADER + textwrap.dedent(PROGRAM)).split(text)[0].count(chr(10)) + 1}"


def test_a_record_keeps_the_lines_of_the_project_that_led_to_the_resource(stack):
    ran = stack.up(PROGRAM)
    again = stack.up(PROGRAM)

    assert ran.recorded("part").stack_trace == (
        line("self.part = Thing("),
        line('Pair("pair")\n\n'),
        line("make()\npulumi"),
    )
    assert ran.recorded("part").stack_trace[0] == ran.recorded("part").source_position
    assert again.snapshot.resources == ran.snapshot.resources


def test_a_handle_that_nobody_gave_out_adds_nothing(stack):
    ran = stack.up("""
        from pulumi.runtime.proto import resource_pb2
        from pulumi.runtime.settings import get_monitor
        request = resource_pb2.RegisterResourceRequest(type="test:index:G", name="g", parentStackTraceHandle="no")
        get_monitor().RegisterResource(request)
    """)

    assert ran.errors == []
    assert ran.recorded("g").stack_trace == ()
