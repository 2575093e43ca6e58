"""The calls that each kind makes, step by step, against files typed from the AWS API references."""

import dataclasses
import functools
import json
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from reconciler.catalog import calls, index
from reconciler.contract import declared, protocol
from reconciler.model import values
from reconciler.providers.aws import shapes
from reconciler.providers.aws.settings import Settings

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.json"))
SETTINGS = Settings(region="us-east-1")


@functools.cache
def service(name):
    return botocore.session.get_session().get_service_model(name)


def task_of(case, kind):
    inputs = values.freeze_map(case["inputs"])
    if case["op"] == "make":
        return shapes.creation(kind, SETTINGS, inputs, case.get("operation", ""))
    prior, live = (values.freeze_map(case.get(name, {})) for name in ("prior", "live"))
    if case["op"] == "complete":
        task = shapes.completion(kind, shapes.creation(kind, SETTINGS, inputs, ""), case["id"])
        return dataclasses.replace(task, live=live) if live else task
    request = protocol.DiffRequest(
        urn="u", token=kind.token, id=case["id"], old_inputs=prior, outputs=live, news=inputs
    )
    changed = shapes.changed_names(kind, shapes.diff(kind, SETTINGS, request), inputs)
    return shapes.existing(kind, SETTINGS, case["id"], inputs=inputs, outputs=live, prior=prior, changed=changed)


def follow(course, answers):
    """Step through a course by hand; the calls that it made, and its result."""
    made = []
    try:
        step = next(course)
        while True:
            made.append(step.call if isinstance(step, calls.Until) else step)
            step = course.send(answers[len(made) - 1])
    except StopIteration as stop:
        return made, stop.value


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_calls_are_those_of_the_reference(path):
    case = json.loads(path.read_text())
    kind = index.kinds("aws")[case["kind"]]
    task = task_of(case, kind)
    answers = [values.freeze(step["answer"]) for step in case["steps"]]

    made, result = follow(getattr(kind, case["op"])(task), answers)

    shown = [{"call": _name(call), "arguments": values.thaw(call.arguments)} for call in made]
    assert shown == [{"call": step["call"], "arguments": step["arguments"]} for step in case["steps"]]
    assert result == case.get("result")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_expected_arguments_are_valid_to_the_vendors_own_model(path):
    for step in json.loads(path.read_text())["steps"]:
        name, _, operation = step["call"].partition(":")
        shape = service(name).operation_model(operation).input_shape

        report = ParamValidator().validate(step["arguments"], shape)

        assert not report.has_errors(), report.generate_report()


def _name(call):
    operations = {xform_name(name): name for name in service(call.service).operation_names}
    return f"{call.service}:{operations[call.method]}"


def test_every_case_names_its_source():
    assert all(json.loads(path.read_text())["source"] for path in CASES)


def test_defaults_are_what_a_missing_input_means():
    for kind in index.kinds("aws").values():
        for field in kind.fields:
            assert list(declared.problems(field.type, field.default, field.name)) == []
