"""Names that the stack's configuration proposes, from the registration to the object."""

from __future__ import annotations

import re

import pytest

from reconciler.plan.autonaming import read_rules
from reconciler.plan.plan_files import parse_plan, render_plan
from reconciler.state.secrets import NoSecrets


def configured(stack, **config):
    stack.naming = read_rules(config, organization="o", project="proj", stack="dev", find_config={}.get)


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        pytest.param({}, "a-[0-9a-f]{7}", id="as-the-provider-does"),
        pytest.param({"mode": "verbatim"}, "A", id="verbatim"),
        pytest.param({"pattern": "${stack}-${name}-${hex(4)}"}, "dev-a-[0-9a-f]{4}", id="proposed-and-fitted"),
        pytest.param({"pattern": "X${name}", "enforce": True}, "XA", id="enforced-as-it-is"),
        pytest.param({"pattern": "${alphanum(40)}"}, "[a-z0-9]{20}", id="cut-to-what-the-service-takes"),
    ],
)
def test_an_object_gets_the_configured_name_and_keeps_it(stack, config, shape):
    configured(stack, **config)

    first, second = stack.up('Named("A")'), stack.up('Named("A", size=2)')

    assert re.fullmatch(shape, first.recorded("A").inputs["name"])
    assert second.ops == ["update A"]
    assert second.recorded("A").inputs["name"] == first.recorded("A").inputs["name"]


def test_where_names_are_not_generated_one_must_be_given(stack):
    configured(stack, mode="disabled")

    refused, named = stack.up('Named("a")'), stack.up('Named("a", name="mine")')

    assert "name: automatic naming is disabled but no explicit name was provided" in refused.errors[0]
    assert named.recorded("a").outputs["name"] == "mine"


def test_another_rule_does_not_rename_what_exists(stack):
    first = stack.up('Named("a")')
    configured(stack, mode="verbatim")

    second = stack.up('Named("a")')

    assert second.ops == ["same a"]
    assert second.recorded("a").inputs["name"] == first.recorded("a").inputs["name"]


@pytest.mark.parametrize(
    ("pattern", "ops"),
    [
        pytest.param("p-${name}", ["delete-replaced a", "replace a", "create-replacement a"], id="one-name-for-both"),
        pytest.param("p-${hex(6)}", ["create-replacement a", "replace a", "delete-replaced a"], id="a-name-for-each"),
    ],
)
def test_chance_in_the_name_lets_the_new_object_stand_beside_the_old_one(stack, pattern, ops):
    configured(stack, pattern=pattern)
    stack.up('Named("a", zone="x")')

    replaced = stack.up('Named("a", zone="y", opts=Options(delete_before_replace=False))')
    plainly = stack.up('Named("a", zone="z")')

    assert replaced.ops == ops
    assert plainly.ops == ops
    assert len(stack.service.objects) == 1


@pytest.mark.parametrize(
    ("config", "goes_first"),
    [
        pytest.param({"mode": "verbatim"}, True, id="one-name"),
        pytest.param({"pattern": "${name}-${hex(4)}"}, False, id="a-name-for-each"),
        pytest.param({"mode": "verbatim", "providers": {"pulumi": {"mode": "default"}}}, False, id="its-own-rule"),
    ],
)
def test_a_provider_resource_is_replaced_in_the_order_of_what_is_named(stack, config, goes_first):
    configured(stack, **config)
    program = 'p = TestProvider("p", account="{}")\nThing("a", opts=Options(provider=p))'
    stack.up(program.format("one"))

    ran = stack.up(program.format("two"))

    assert ran.errors == []
    assert (ran.ops[0] == "delete-replaced a") is goes_first
    assert (ran.ops.index("delete-replaced p") < ran.ops.index("create-replacement p")) is goes_first


def test_a_plan_and_its_run_draw_the_same_name(stack):
    configured(stack, pattern="${hex(12)}")
    previewed = stack.preview('Named("a")')
    stack.plan = parse_plan(render_plan(previewed.plan, NoSecrets(), time="2026-01-01T00:00:00Z"), NoSecrets())

    ran = stack.up('Named("a")')

    assert ran.errors == []
    assert ran.recorded("a").inputs["name"] == previewed.plan[ran.recorded("a").urn].goal.inputs["name"]
