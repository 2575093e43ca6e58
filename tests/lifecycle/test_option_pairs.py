"""Every resource option together with every other: two updates, what state says after each, and the end."""

from __future__ import annotations

import itertools

import pytest

from reconciler.model import urns
from reconciler.model.values import Secret

# Name -> the option in the first program and in the second one.
OPTIONS = {
    "aliases": ("", 'aliases=[pulumi.Alias(name=f"old-{name}")]'),
    "custom_timeouts": ('custom_timeouts=pulumi.CustomTimeouts(create="5m", delete="30s")',) * 2,
    "delete_before_replace": ("delete_before_replace=True",) * 2,
    "deleted_with": ("deleted_with=base",) * 2,
    "depends_on": ("depends_on=[base]",) * 2,
    "hide_diffs": ('hide_diffs=["size"]',) * 2,
    "hooks": ("hooks=pulumi.ResourceHookBinding(after_update=[heard])",) * 2,
    "ignore_changes": ('ignore_changes=["size"]',) * 2,
    "parent": ("parent=group",) * 2,
    "protect": ("protect=True", "protect=False"),
    "provider": ("provider=mine",) * 2,
    "replace_on_changes": ('replace_on_changes=["size"]',) * 2,
    "replace_with": ("replace_with=[base]",) * 2,
    "replacement_trigger": ('replacement_trigger="one"', 'replacement_trigger="two"'),
    "retain_on_delete": ("retain_on_delete=True",) * 2,
    "secrets": ('additional_secret_outputs=["echo"]',) * 2,
    "transforms": ("transforms=[tagged]",) * 2,
    "version": ('version="1.2.3"',) * 2,
}
# SDK 3.272 leaves these two out when it answers a transform, and writes a trigger in a way that protobuf refuses.
UNSERVED = {(option, "transforms") for option in ("hide_diffs", "replace_with", "replacement_trigger")}
PAIRS = [pair for pair in itertools.combinations(OPTIONS, 2) if pair not in UNSERVED]
BEGIN = """
def tagged(args):
    return pulumi.ResourceTransformResult({**args.props, "tags": {"by": "transform"}}, args.opts)

heard = pulumi.ResourceHook("heard", lambda args: None)
base = Thing("base", size=1)
group = Group("group")
mine = TestProvider("mine", account="a", opts=Options(env_var_mappings={"SEEN": "SET"}))
"""


def program(which, size):
    lines = [BEGIN]
    for pair in PAIRS:
        options = ", ".join(filter(None, (OPTIONS[option][which] for option in pair)))
        name = "-".join(pair)
        first_name = f"old-{name}" if "aliases" in pair and which == 0 else name
        lines.append(f'name = "{name}"\nThing("{first_name}", size={size}, opts=Options({options}))')
    return "\n".join(lines)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What two updates, a third one of the same program, and a destroy did; the harness checks integrity after each."""
    from stacks import Stack  # on the path by conftest

    stack = Stack(tmp_path_factory.mktemp("pairs"))
    first, second, third = stack.up(program(0, 1)), stack.up(program(1, 2)), stack.up(program(1, 2))
    return first, second, third, stack.up("heard = pulumi.ResourceHook('heard', lambda args: None)"), stack


def is_replaced(pair):
    return "replacement_trigger" in pair or ("replace_on_changes" in pair and "ignore_changes" not in pair)


def recorded(run, pair):
    name = "-".join(pair)
    found = [item for item in run.snapshot.resources if urns.name(item.urn) in (name, f"old-{name}")]
    assert len(found) == 1
    return found[0]


def test_the_runs_succeed_and_the_third_changes_nothing(ran):
    first, second, third, gone, stack = ran

    assert first.errors == second.errors == third.errors == gone.errors == []
    assert {op.split()[0] for op in third.ops} == {"same"}
    assert gone.snapshot.resources[0].type == urns.STACK_TYPE
    assert [item.type for item in gone.snapshot.resources[1:] if not urns.is_provider_type(item.type)] == []
    retained = [pair for pair in PAIRS if "retain_on_delete" in pair and "replacement_trigger" not in pair]
    assert len(stack.service.objects) >= len(retained)


@pytest.mark.parametrize("pair", PAIRS, ids="+".join)
def test_each_option_does_its_part_beside_the_other(ran, pair):
    before, after = recorded(ran[0], pair), recorded(ran[1], pair)
    replaced = is_replaced(pair)

    assert (after.id != before.id) is replaced
    kept = "ignore_changes" in pair and not replaced
    assert after.inputs["size"] == after.outputs["size"] == (1 if kept else 2)
    base, group = ran[1].recorded("base").urn, ran[1].recorded("group").urn
    says = {
        "aliases": urns.name(after.urn) == "-".join(pair),
        "custom_timeouts": after.custom_timeouts == {"create": 300.0, "delete": 30.0},
        "deleted_with": after.deleted_with == base,
        "depends_on": base in after.dependencies,
        "hide_diffs": after.hide_diff == ("size",),
        "hooks": after.resource_hooks == {"AfterUpdate": ("heard",)},
        "ignore_changes": after.ignore_changes == ("size",),
        "parent": after.parent == group,
        "protect": before.protect and not after.protect,
        "provider": after.provider.startswith(ran[1].recorded("mine").urn),
        "replace_on_changes": after.replace_on_changes == ("size",),
        "replace_with": after.replace_with == (base,),
        "replacement_trigger": (before.replacement_trigger, after.replacement_trigger) == ("one", "two"),
        "retain_on_delete": after.retain_on_delete,
        "secrets": isinstance(after.outputs["echo"], Secret),
        "transforms": after.inputs.get("tags") == {"by": "transform"},
        "version": "provider" in pair or "default_1_2_3" in after.provider,
        "delete_before_replace": not replaced or _deleted_first(ran[1], pair),
    }
    assert [option for option in pair if not says[option]] == []
    for option in set(says) - set(pair) - {"aliases", "delete_before_replace", "version", "provider"}:
        assert not says[option], option


def _deleted_first(run, pair):
    name = "-".join(pair)
    ops = [op.split()[0] for op in run.ops if op.split()[1] in (name, f"old-{name}")]
    return ops.index("delete-replaced") < ops.index("create-replacement")
