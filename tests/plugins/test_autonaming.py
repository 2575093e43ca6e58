"""The stack's naming rules reach plugins that say that they know them; of others a warning tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.plan.autonaming import read_rules

EXPERIMENTAL = Path(__file__).parent / "experimental"


def configured(stack, **config):
    stack.naming = read_rules(config, organization="o", project="proj", stack="dev", find_config={}.get)


@pytest.mark.slow
def test_a_plugin_is_told_the_name_and_how_binding_it_is(stack):
    names = []
    for rule in ({"pattern": "${name}-X"}, {"pattern": "${name}-X", "enforce": True}, {"mode": "disabled"}):
        configured(stack, **rule)
        ran = stack.up(f'Named("a{len(names)}")')
        names.append(ran.errors[0] if ran.errors else ran.recorded(f"a{len(names)}").inputs["name"])

    assert names[:2] == ["a0-x", "a1-X"]
    assert "automatic naming is disabled" in names[2]


@pytest.mark.slow
def test_a_plugin_that_knows_no_rules_is_warned_of_where_they_are_meant_for_it(stack):
    stack.places = replace(stack.places, project_paths={"test": EXPERIMENTAL})
    configured(stack, pattern="${name}-x")
    meant_for_all = stack.preview('Thing("a", size=1)')
    configured(stack, providers={"test": {"pattern": "${name}-x"}})
    meant_for_it = stack.preview('Thing("a", size=1)')

    warning = "the provider of 'test' does not support autonaming configuration"
    assert warning not in meant_for_all.messages
    assert warning in meant_for_it.messages
