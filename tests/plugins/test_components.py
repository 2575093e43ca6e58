"""Components that a plugin builds: their children are registered at the run's own monitor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model import urns
from reconciler.model.values import Secret

PLUGIN = Path(__file__).parent / "components"
STORE = """
class Store(pulumi.ComponentResource):
    echo: pulumi.Output[str]
    password: pulumi.Output[str]

    def __init__(self, name, opts=None, **inputs):
        super().__init__("parts:index:Store", name, {"echo": None, "password": None, **inputs}, opts, remote=True)
"""


@pytest.fixture
def stack(stack):
    stack.places = replace(stack.places, project_paths={**stack.places.project_paths, "parts": PLUGIN})
    stack.places = replace(stack.places, environment={**stack.places.environment, "PULUMI_CONFIG": "{}"})
    return stack


def parent_of(ran, name):
    return urns.name(ran.recorded(name).parent)


@pytest.mark.slow
def test_a_remote_component_and_its_children_are_the_stacks(stack):
    program = STORE + (
        's = Store("s", size=3, password=pulumi.Output.secret("hush"))\n'
        'Thing("after", source=s.echo)\n'
        'pulumi.export("echo", s.echo)\n'
    )
    previewed = stack.preview(program)
    made = stack.up(program)
    again = stack.up(program)
    changed = stack.up(program.replace("size=3", "size=4"))
    gone = stack.up("")

    assert previewed.errors == made.errors == []
    assert sorted(made.ops) == ["create after", "create s", "create s-first", "create s-second"]
    assert made.summary.outputs == {"echo": "size is 3"}
    assert made.recorded("s").custom is False
    assert made.recorded("s").outputs == {"echo": "size is 3", "password": Secret("hush")}
    assert made.recorded("s-first").outputs["password"] == Secret("hush")
    assert made.recorded("after").dependencies
    assert parent_of(made, "s-first") == parent_of(made, "s-second") == "s"
    assert {op.split()[0] for op in again.ops} == {"same"}
    assert "update s-first" in changed.ops
    assert sorted(gone.ops) == ["delete after", "delete s", "delete s-first", "delete s-second"]


@pytest.mark.slow
def test_an_invoke_that_depends_on_a_remote_component_waits_for_what_is_in_it(stack):
    program = STORE + (
        's = Store("s", size=3)\n'
        "options = pulumi.InvokeOutputOptions(depends_on=[s])\n"
        'pulumi.export("found", pulumi.runtime.invoke_output("test:index:find", {"size": 1}, options))\n'
    )
    previewed = stack.preview(program)
    made = stack.up(program)
    again = stack.preview(program)

    assert repr(previewed.summary.outputs["found"]) == "[unknown]"
    assert made.summary.outputs["found"] == again.summary.outputs["found"] == {"account": "default", "size": 1}


@pytest.mark.slow
def test_options_reach_the_children_of_a_remote_component(stack):
    made = stack.up(
        STORE
        + 'p = TestProvider("p", account="other")\n'
        + 'Store("s", size=1, opts=Options(protect=True, providers=[p], depends_on=[Thing("first")]))\n'
    )

    assert made.errors == []
    assert made.recorded("s").protect
    assert urns.name(urns.parse_reference(made.recorded("s-first").provider).urn) == "p"
    assert made.ops.index("create first") < made.ops.index("create s-first")


@pytest.mark.slow
def test_transforms_of_a_remote_component_reach_its_children(stack):
    made = stack.up(
        STORE
        + """
def grown(args):
    if args.type_ == "test:index:Thing":
        return pulumi.ResourceTransformResult({**args.props, "size": 9}, args.opts)
    return pulumi.ResourceTransformResult(args.props, pulumi.ResourceOptions.merge(args.opts, Options(protect=True)))

Store("s", size=1, opts=Options(transforms=[grown]))
Thing("other", size=1)
"""
    )

    assert made.errors == []
    sizes = {name: made.recorded(name).inputs["size"] for name in ("s-first", "s-second", "other")}
    assert sizes == {"s-first": 9, "s-second": 9, "other": 1}
    assert made.recorded("s").protect


@pytest.mark.slow
def test_a_remote_component_that_fails_fails_what_depends_on_it(stack):
    failed = stack.up(
        STORE + 's = Store("s", size=1, fault="no create")\nThing("after", opts=Options(depends_on=[s]))\n'
    )

    assert any("create is refused" in error for error in failed.errors)
    assert "create after" not in failed.ops
    assert failed.snapshot.pending == ()


COUNTER = """
class Counter(pulumi.ComponentResource):
    start: pulumi.Output[int]

    def __init__(self, name, start, opts=None):
        super().__init__("methods:index:Counter", name, {"start": start}, opts, remote=True)

    def call(self, method, **args):
        return pulumi.runtime.call(f"methods:index:Counter/{method}", {"__self__": self, **args}, self)
"""


@pytest.fixture
def methods(stack):
    stack.places = replace(stack.places, project_paths={"methods": PLUGIN.parent / "methods"})
    return stack


@pytest.mark.slow
def test_a_method_of_a_remote_component_is_answered_by_its_provider(methods):
    made = methods.up(COUNTER + 'c = Counter("c", 4)\npulumi.export("sum", c.call("add", by=c.start)["sum"])\n')

    assert made.errors == []
    assert made.summary.outputs == {"sum": 5}


@pytest.mark.slow
def test_arguments_that_a_method_refuses_end_the_program(methods):
    failed = methods.up(COUNTER + 'pulumi.export("sum", Counter("c", 4).call("subtract", by=1))\n')

    assert any("there is no methods:index:Counter/subtract" in message for message in failed.messages)
    assert failed.summary.result == "failed"
