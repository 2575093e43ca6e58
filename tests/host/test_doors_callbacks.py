"""The engine calls a program back whichever door it came by: transforms, hooks, and hooks of deletes at its end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))
sys.path.insert(0, str(Path(__file__).parent))

from doorways import inline_program, make_interpreter  # the folder is put on the path above
from stacks import Stack  # likewise

from reconciler.host.doors import Door

pytestmark = pytest.mark.slow

PROGRAM = """
import os

def note(args):
    with open(os.environ["FLOWFORGE_TEST_NOTES"], "a") as file:
        print(args.name, args.id or "-", file=file)

def bigger(args):
    if "size" in args.props:
        return pulumi.ResourceTransformResult(props={**args.props, "size": args.props["size"] + 1}, opts=args.opts)

pulumi.runtime.register_resource_transform(bigger)
pulumi.runtime.register_invoke_transform(
    lambda args: pulumi.InvokeTransformResult(args={"size": 7}, opts=args.opts))
hooks = pulumi.ResourceHookBinding(after_create=[note], before_delete=[pulumi.ResourceHook("going", note)])
pulumi.export("found", pulumi.runtime.invoke_output("test:index:find", {}))
"""


@pytest.fixture(params=["thread", "interpreter", "inline"])
def stack(request, tmp_path, monkeypatch):
    monkeypatch.setenv("FLOWFORGE_TEST_NOTES", str(tmp_path / "notes.txt"))
    folder = tmp_path / "p"
    folder.mkdir()
    stack = Stack(folder)
    if request.param == "interpreter":
        stack.door = Door(runtime_options={"virtualenv": str(make_interpreter(tmp_path / "venv"))})
    if request.param != "inline":
        yield stack
        return
    with inline_program(folder) as address:
        stack.door = Door(client=address)
        yield stack


def test_the_engine_calls_the_program_back(stack):
    made = stack.up(PROGRAM + 'Thing("a", size=1, opts=Options(hooks=hooks))')
    gone = stack.up(PROGRAM)

    assert made.errors == gone.errors == []
    assert made.recorded("a").inputs == {"size": 2}
    assert made.summary.outputs["found"]["size"] == 7
    assert gone.ops == ["delete a"]
    assert (stack.folder.parent / "notes.txt").read_text() == "a id-1\na id-1\n"
