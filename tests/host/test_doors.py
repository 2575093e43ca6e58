"""A program does the same by whichever door it comes: the same ops, events and state."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "lifecycle"))
sys.path.insert(0, str(Path(__file__).parent))

from doorways import inline_program, make_interpreter  # the folder is put on the path above
from stacks import Stack  # likewise

from reconciler.deploy import events
from reconciler.host.doors import Door
from reconciler.model import values

pytestmark = pytest.mark.slow

CHAIN = """
    group = Group("group")
    a = Thing("a", size=1, password=pulumi.Output.secret("hush"), opts=Options(parent=group))
    b = Thing("b", size=2, source=a.id, zone="x", opts=Options(parent=group))
    group.register_outputs({"b": b.id})
    own = TestProvider("own", account="second", opts=Options(depends_on=[b]))
    c = Unique("c", name="sea", tags={"of": b.serial.apply(str)}, opts=Options(provider=own, protect=True))
    pulumi.export("id", c.id)
    pulumi.export("password", a.password if hasattr(a, "password") else pulumi.Output.secret("hush"))
    pulumi.export("numbers", [1, 2.5, None, {"deep": True}])
"""
CHANGED = """
    group = Group("group")
    a = Thing("a", size=3, password=pulumi.Output.secret("other"), opts=Options(parent=group))
    b = Thing("b", size=2, source=a.id, zone="y", opts=Options(parent=group))
    pulumi.export("id", b.id)
"""
LOOKS = """
    class Known(pulumi.CustomResource):
        serial: pulumi.Output[int]
        def __init__(self, name, opts):
            super().__init__("test:index:Thing", name, {"serial": None}, opts)

    a = Thing("a", size=1)
    known = Known("known", Options(id="id-1", depends_on=[a]))
    pulumi.export("serial", known.serial)
    pulumi.export("found", known.serial.apply(
        lambda _: pulumi.runtime.invoke("test:index:lookup", {"name": "n", "deep": [1, {"x": "y"}]}).value))
"""
CALLS_BACK = """
    def larger(args):
        args.props["size"] = 7
        return pulumi.ResourceTransformResult(args.props, args.opts)

    def before(args):
        if args.new_inputs["size"] != 7:
            raise ValueError("a hook sees what the transform made")

    pulumi.runtime.register_resource_transform(larger)
    hook = pulumi.ResourceHook("look", before)
    a = Thing("a", size=1, opts=Options(hooks=pulumi.ResourceHookBinding(before_create=[hook], before_delete=[hook])))
"""
FAILS = """
    a = Thing("a", size=1, fault="no create")
    b = Thing("b", source=a.id)
"""
RAISES = """
    a = Thing("a", size=1)
    def look(id):
        raise KeyError("not there")
    pulumi.Output.from_input(a.id).apply(look)
"""
REFUSED = """
    a = Thing("a", size=1)
    pulumi.Output.from_input(a.id).apply(lambda _: Thing("a", size=2))
"""
WRONG = """
    pulumi.RunError
    a = Thing("a", size=1)
    pulumi.Output.from_input(a.id).apply(lambda _: (_ for _ in ()).throw(pulumi.RunError("enough of this")))
"""
TELLS = """
    pulumi.log.info("so it goes")
    pulumi.log.warn("careful")
    pulumi.log.info("one part", stream_id=3)
    pulumi.log.info("for now", ephemeral=True)
    pulumi.log.debug("not of interest")
    pulumi.require_pulumi_version(">=3.1.0 <4.0.0")
    pulumi.export("who", [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])
    pulumi.export("size", pulumi.Config().require_int("size"))
    pulumi.export("secret", pulumi.Config("other").require_secret("key"))
"""


@pytest.fixture(scope="session")
def interpreter(tmp_path_factory):
    return make_interpreter(tmp_path_factory.mktemp("other") / "venv")


@pytest.fixture(params=["interpreter", "inline"])
def door(request, tmp_path):
    """A function that gives a stack its door; the program in this process is what others are compared with."""
    if request.param == "interpreter":
        virtualenv = request.getfixturevalue("interpreter")
        yield Door(runtime_options={"virtualenv": str(virtualenv)})
        return
    folder = tmp_path / "p"
    folder.mkdir(exist_ok=True)
    with inline_program(folder) as address:
        yield Door(client=address)


def stack_in(folder: Path, door: Door | None = None) -> Stack:
    folder.mkdir(exist_ok=True)
    stack = Stack(folder)
    stack.config |= {"proj:size": "3", "other:key": "k"}
    stack.secret_keys = ("other:key",)
    if door is not None:
        stack.door = door
    return stack


def comparable(event: events.Event) -> object:
    """An error is equal to another of the same words; the traceback of a program is told differently by each door."""
    if isinstance(event, events.StepFailed):
        return (event.step, event.planning, str(event.error))
    if isinstance(event, events.Diagnostic) and event.severity is events.Severity.ERROR and not event.urn:
        return replace(event, message=event.message.strip().splitlines()[-1])
    return event


def results(stack: Stack, *programs: str, **options: object) -> list[object]:
    ran = [stack.up(program, **options) for program in programs]
    return [(*told(one.events), one.ops, one.summary.result, one.summary.outputs, one.snapshot) for one in ran]


def told(happened: Sequence[events.Event]) -> tuple[list[object], list[object]]:
    """The events in their order, and the outputs that were told: by other threads than resources are asked for."""
    outputs = [event for event in happened if isinstance(event, events.OutputsRegistered)]
    others = [comparable(event) for event in happened if not isinstance(event, events.OutputsRegistered)]
    return others, sorted(outputs, key=lambda event: event.recorded.urn)


@pytest.mark.parametrize(
    "programs",
    [
        pytest.param((CHAIN, CHAIN), id="secrets-components-providers-and-nothing-to-do"),
        pytest.param((CHAIN.replace(", protect=True", ""), CHANGED, ""), id="update-replace-delete"),
        pytest.param((LOOKS, LOOKS), id="invokes-and-reads"),
        pytest.param((CALLS_BACK, CALLS_BACK.replace('Thing("a"', 'Thing("b"')), id="transforms-and-hooks"),
        pytest.param((FAILS,), id="a-step-fails"),
        pytest.param((TELLS,), id="config-logs-and-version"),
        pytest.param((WRONG,), id="run-error"),
    ],
)
def test_every_door_leads_to_the_same_run(tmp_path, door, programs):
    expected = results(stack_in(tmp_path / "p"), *programs)

    got = results(stack_in(tmp_path / "p", door), *programs)

    assert got == expected


def test_a_preview_has_the_same_unknowns(tmp_path, door):
    program = CHAIN.replace(", protect=True", "")

    def previewed(stack: Stack) -> list[object]:
        first = stack.preview(program)
        stack.up(program)
        second = stack.preview(CHANGED)
        return [(one.ops, one.events, one.summary) for one in (first, second)]

    expected = previewed(stack_in(tmp_path / "p"))
    got = previewed(stack_in(tmp_path / "p", door))

    assert values.has_unknown(got[0][2].outputs["id"])
    assert got == expected


@pytest.mark.parametrize(
    ("program", "words"),
    [
        pytest.param(RAISES, "KeyError: 'not there'", id="exception-in-an-apply"),
        pytest.param(REFUSED, "Duplicate resource URN", id="refused-by-the-engine"),
        pytest.param("import asyncio\nraise asyncio.CancelledError('given up')", "given up", id="no-exception"),
        pytest.param("pulumi.require_pulumi_version('>=99.0.0')", "does not satisfy the version range", id="version"),
        pytest.param("pulumi.require_pulumi_version('newest')", "invalid version range", id="no-version"),
    ],
)
def test_a_program_that_raises_fails_the_run_and_says_why_once(tmp_path, door, program, words):
    stack = stack_in(tmp_path / "p", door)
    direct = stack_in(tmp_path / "p")

    ran, expected = stack.up(program), direct.up(program)

    assert ran.summary.result == expected.summary.result == "failed"
    assert len([error for error in ran.errors if words in error]) == len(ran.errors) == 1
    assert len([error for error in expected.errors if words in error]) == len(expected.errors) == 1
    assert ran.ops == expected.ops
    assert ran.snapshot == expected.snapshot


def test_a_stopped_run_finishes_what_it_began_and_ends(tmp_path, door):
    stack = stack_in(tmp_path / "p", door)
    stack.service.delay_s = 0.3
    looking = threading.Event()
    watcher = threading.Thread(target=_stop_when_called, args=(stack, looking))
    watcher.start()

    ran = stack.up("""
        a = Thing("a", size=1)
        b = Thing("b", source=a.id)
    """)
    looking.set()
    watcher.join()

    assert ran.summary.result == "canceled"
    assert ran.ops == ["create a"]
    assert ran.errors == []
    assert ran.snapshot.pending == ()
    assert len(stack.service.objects) == 1


def _stop_when_called(stack: Stack, over: threading.Event) -> None:
    while not over.wait(0.01):
        if stack.service.calls:
            stack.stop.set()
            return
