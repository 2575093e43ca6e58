"""Issue 3 part 6: the events of a run, all of them, in the official order.

`story` is every event as a value; `logged` is what an event log has of them, in upstream's words. Source of the order:
pulumi/pulumi pkg/engine/update.go (actions around steps), pkg/resource/deploy/step_executor.go and
deployment_executor.go (outputs of the stack last, then why the run ended).
"""

from __future__ import annotations

import json

import pytest

from reconciler.cli.redact import Redactor
from reconciler.cli.render.jsonview import EventStream, PreviewDocument
from reconciler.cli.render.views import Display
from reconciler.deploy.options import Kind

OPENING = ["begin create stack", "done create stack", "begin create default", "done create default"]
AGAIN = ["begin same stack", "done same stack", "begin same default", "done same default"]
CLOSING = ["outputs stack", "summary succeeded"]


def logged(ran) -> list[str]:
    """The lines of an event log: event, op, resource."""
    lines: list[str] = []
    stream = EventStream(Display(kind=Kind.UPDATE, preview=False, stack="dev"), Redactor(), lines.append)
    for event in ran.events:
        stream.emit(event)
    stream.close()
    return [_short(json.loads(line)) for line in lines]


def _short(line: dict[str, dict]) -> str:
    key = next(name for name in line if name.endswith("Event"))
    body = line[key]
    metadata = body.get("metadata", {})
    name = "" if "urn" not in metadata else metadata["urn"].rsplit("::", 1)[-1]
    if key == "diagnosticEvent":
        return (
            f"{key} {body['severity']} {body['message'].strip()}" if "urn" not in body else f"{key} {body['severity']}"
        )
    return " ".join(filter(None, (key, metadata.get("op"), name, body.get("result"))))


def steps_of(*steps: str) -> list[str]:
    """Each step's beginning and end."""
    return [f"{word} {step}" for step in steps for word in ("begin", "done")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", 'Thing("a")', [*OPENING, *steps_of("create a")], id="create"),
        pytest.param('Thing("a", size=1)', 'Thing("a", size=2)', [*AGAIN, *steps_of("update a")], id="update"),
        pytest.param('Thing("a")', 'Thing("a")', [*AGAIN, *steps_of("same a")], id="same"),
        pytest.param(
            'Thing("a", zone="x")',
            'Thing("a", zone="y")',
            [*AGAIN, *steps_of("create-replacement a", "replace a", "delete-replaced a")],
            id="replace",
        ),
        pytest.param(
            'Unique("a", name="n", zone="x")',
            'Unique("a", name="n", zone="y")',
            [*AGAIN, *steps_of("delete-replaced a", "replace a", "create-replacement a")],
            id="replace-deleting-first",
        ),
        pytest.param(
            'a = Thing("a")\nThing("b", source=a.serial)',
            "",
            [*steps_of("same stack", "delete b", "delete a", "delete default")],
            id="delete",
        ),
    ],
)
def test_the_events_of_an_update(stack, before, after, expected):
    if before:
        stack.up(before)

    assert stack.up(after).story == [*expected, *CLOSING]


def test_the_events_of_an_import(stack):
    stack.service.make("", {"size": 1})

    ran = stack.up('Thing("a", size=1, opts=Options(import_="id-1"))')

    assert ran.story == [*OPENING, *steps_of("import a"), *CLOSING]


def test_the_events_of_a_refresh(stack):
    stack.up('Thing("a", size=1)')
    stack.service.objects["id-1"]["size"] = 7

    ran = stack.refresh()

    assert ran.story == [*steps_of("refresh a"), "summary succeeded"]
    assert logged(ran) == [
        "resourcePreEvent refresh a",
        "resOutputsEvent update a",
        "summaryEvent succeeded",
        "cancelEvent",
    ]


def test_the_events_of_a_destroy(stack):
    stack.up('Thing("a")')

    ran = stack.destroy()

    assert ran.story == [*steps_of("delete a"), *ran.story[2:]]
    assert sorted(ran.story[2:-1]) == sorted(steps_of("delete default", "delete stack"))
    assert ran.story[-1] == "summary succeeded"


def test_a_component_is_done_when_its_outputs_are_told(stack):
    ran = stack.up("""
        g = Group("g")
        a = Thing("a", opts=Options(parent=g))
        g.register_outputs({"serial": a.serial})
    """)

    assert logged(ran) == [
        "resourcePreEvent create proj-dev",
        "resourcePreEvent create g",
        "resourcePreEvent create default",
        "resOutputsEvent create default",
        "resourcePreEvent create a",
        "resOutputsEvent create a",
        "resOutputsEvent create g",
        "resOutputsEvent create proj-dev",
        "summaryEvent succeeded",
        "cancelEvent",
    ]


def test_a_component_tells_its_outputs_in_each_run(stack):
    program = 'g = Group("g")\ng.register_outputs({"a": 1})'
    stack.up(program)

    ran = stack.up(program)

    assert ran.story == [*steps_of("same stack", "same g"), "outputs g", "outputs stack", "summary succeeded"]


def test_a_preview_tells_outputs_twice(stack):
    ran = stack.preview('g = Group("g")\ng.register_outputs({"a": 1})')

    assert logged(ran) == [
        "resourcePreEvent create proj-dev",
        "resOutputsEvent create proj-dev",
        "resourcePreEvent create g",
        "resOutputsEvent create g",
        "resOutputsEvent create g",
        "resOutputsEvent create proj-dev",
        "summaryEvent succeeded",
        "cancelEvent",
    ]


def test_the_events_of_a_step_that_fails(stack):
    ran = stack.up('Thing("a", fault="no create")')

    assert ran.story == [*OPENING, "begin create a", "error a", "failed create a", "outputs stack", "summary failed"]
    assert logged(ran)[-6:] == [
        "diagnosticEvent error",
        "resOpFailedEvent create a",
        "resOutputsEvent create proj-dev",
        "diagnosticEvent error update failed",
        "summaryEvent failed",
        "cancelEvent",
    ]


def test_the_events_of_a_preview_that_fails(stack):
    stack.up('Thing("a", opts=Options(protect=True))')

    ran = stack.preview("")

    assert logged(ran)[-6:] == [
        "resourcePreEvent delete a",
        "diagnosticEvent error",
        "resOutputsEvent same proj-dev",
        "diagnosticEvent error preview failed",
        "summaryEvent failed",
        "cancelEvent",
    ]


def test_the_events_of_a_program_that_raises(stack):
    ran = stack.up('Thing("a")\nraise ValueError("no")')

    assert ran.story == [*OPENING, *steps_of("create a"), "error", "outputs stack", "summary failed"]
    assert [line for line in logged(ran) if line.startswith("diagnosticEvent error update")] == []


def test_the_events_of_a_run_that_is_stopped(stack):
    stack.service.when["create a"] = stack.stop.set

    ran = stack.up('a = Thing("a")\nThing("b", source=a.serial)')

    assert ran.story[:6] == [*OPENING, *steps_of("create a")]
    assert ran.story[-1] == "summary canceled"
    assert logged(ran)[-3:] == ["diagnosticEvent error update canceled", "summaryEvent canceled", "cancelEvent"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        pytest.param("no create", 0, id="unchanged"),
        pytest.param("half made", 1, id="half-made"),
        pytest.param("bug in create", 2, id="not-known"),
    ],
)
def test_a_failed_step_says_what_is_known_of_the_object(stack, fault, status):
    ran = stack.up(f'Thing("a", fault="{fault}", opts=Options(depends_on=[Thing("b")]))')
    lines: list[str] = []
    stream = EventStream(Display(kind=Kind.UPDATE, preview=False, stack="dev"), Redactor(), lines.append)
    for event in ran.events:
        stream.emit(event)

    failed = next(line for line in map(json.loads, lines) if "resOpFailedEvent" in line)
    assert failed["resOpFailedEvent"]["status"] == status
    assert failed["resOpFailedEvent"]["steps"] == 2, "the stack and b were made by then"


def test_the_document_of_a_preview_that_fails_ends_with_saying_so(stack):
    stack.up('Thing("a", opts=Options(protect=True))')
    ran = stack.preview("")
    written: list[str] = []
    document = PreviewDocument(Display(kind=Kind.UPDATE, preview=True, stack="dev"), Redactor(), written.append)
    for event in ran.events:
        document.emit(event)
    document.finish()

    said = json.loads(written[0])["diagnostics"]
    assert said[-1] == {"prefix": "error: ", "message": "preview failed", "severity": "error"}
    assert [one.get("urn", "").rsplit("::", 1)[-1] for one in said] == ["a", ""]
