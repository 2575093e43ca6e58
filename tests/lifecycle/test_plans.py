"""A run that is held to a saved plan does what the plan has, or less; never anything else."""

from __future__ import annotations

import pytest

from reconciler import errors
from reconciler.plan.plan_files import parse_plan, render_plan
from reconciler.state.secrets import NoSecrets, new_passphrase_secrets

BEFORE = 'Thing("a", size=1)\nThing("b", zone="x")\nThing("c")'
AFTER = 'a = Thing("a", size=2)\nThing("b", zone="y")\nThing("d", source=a.echo)'


def planned(stack, program):
    stack.plan = None
    text = render_plan(stack.preview(program).plan, NoSecrets(), time="2026-01-01T00:00:00Z")
    stack.plan = parse_plan(text, NoSecrets())


def test_a_run_carries_out_its_plan(stack):
    stack.up(BEFORE)
    planned(stack, AFTER)

    ran = stack.up(AFTER)

    assert ran.errors == []
    assert {"update a", "replace b", "create d", "delete c"} <= set(ran.ops)


def test_what_is_done_already_need_not_be_done_again(stack):
    stack.up(BEFORE)
    planned(stack, AFTER)
    bounds, stack.plan = stack.plan, None
    stack.up(AFTER)
    stack.plan = bounds

    ran = stack.up(AFTER)

    assert "update a" not in ran.ops
    assert all("b" not in message for message in ran.errors)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        pytest.param(AFTER + '\nThing("e")', "the plan does not have the resource", id="one-more-resource"),
        pytest.param(AFTER.replace("size=2", "size=3"), "properties differ from the plan: size", id="another-value"),
        pytest.param(AFTER + '\nThing("c", size=1)', "the plan has its deletion", id="kept-after-all"),
        pytest.param(AFTER.replace('"y"', '"z"'), "properties differ from the plan: zone", id="another-replacement"),
        pytest.param(
            AFTER.replace("size=2", "size=2, opts=Options(protect=True)"), "its protect is not", id="another-option"
        ),
        pytest.param(AFTER.replace("size=2", "size=1"), "properties differ from the plan: size", id="taken-back"),
    ],
)
def test_anything_else_is_refused(stack, program, words):
    stack.up(BEFORE)
    planned(stack, AFTER)

    ran = stack.up(program)

    assert ran.summary.result == "failed"
    assert any(words in message for message in ran.errors), ran.errors


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("protect=True", ""),
        ("", "retain_on_delete=True"),
        ("", 'ignore_changes=["size"]'),
        ("", "deleted_with=b"),
        ("", "delete_before_replace=False"),
        ("", 'additional_secret_outputs=["echo"]'),
        ("", 'import_="id-2"'),
        ("", "provider=p"),
    ],
)
def test_an_option_of_what_stays_as_it_is_must_be_the_planned_one(stack, before, after):
    program = 'p = TestProvider("p")\nb = Thing("b")\nThing("a", size=1, opts=Options({}))'
    stack.up(program.format(before))
    planned(stack, program.format(before))
    recorded = stack.snapshot

    ran = stack.up(program.format(after))

    assert ran.summary.result == "failed"
    assert any("is not the planned one" in message or "not in the plan" in message for message in ran.errors)
    assert ran.recorded("a") == next(item for item in recorded.resources if item.id == "id-2")


def test_options_as_planned_are_no_violation(stack):
    program = """
        p = TestProvider("p", account="{}")
        b = Thing("b", zone="{}", opts=Options(provider=p))
        Thing("a", size=1, opts=Options(
            provider=p, deleted_with=b, retain_on_delete=True, ignore_changes=["size"], delete_before_replace=False,
        ))
    """
    stack.up(program.format("one", "x"))
    planned(stack, program.format("two", "y"))

    ran = stack.up(program.format("two", "y"))

    assert ran.errors == []


def test_an_input_of_any_name_may_be_unknown_to_the_plan(stack):
    program = 'a = Thing("a")\npulumi.ComponentResource("test:index:Group", "c", {"x.y": a.serial, "z[0]": [a.serial]})'
    planned(stack, program)

    ran = stack.up(program)

    assert ran.errors == []


def test_a_deletion_that_was_not_planned_is_refused(stack):
    stack.up(BEFORE)
    planned(stack, BEFORE + '\nThing("d")')

    ran = stack.up('Thing("a", size=1)\nThing("b", zone="x")\nThing("d")')

    assert any("delete is not in the plan" in message for message in ran.errors)
    assert len(stack.service.objects) == 4


def test_a_planned_change_that_the_program_dropped_is_told(stack):
    stack.up(BEFORE)
    planned(stack, BEFORE + '\nThing("d")')

    ran = stack.up(BEFORE)

    assert any("was not come to" in message for message in ran.errors)


def test_a_plan_file_keeps_secrets_encrypted(stack):
    secrets = new_passphrase_secrets("p")
    ran = stack.preview('Thing("a", password=pulumi.Output.secret("hunter2"))')

    text = render_plan(ran.plan, secrets, time="2026-01-01T00:00:00Z")

    assert "hunter2" not in text
    assert parse_plan(text, secrets) == dict(ran.plan)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"resourcePlans": {"u": {"steps": ["jump"]}}}', '{"resourcePlans"'])
def test_what_is_no_plan_is_refused(text):
    with pytest.raises(errors.PlanFormatError):
        parse_plan(text, NoSecrets())
