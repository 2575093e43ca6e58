"""A provider served as a plugin behaves as it does in process: the same steps, the same state."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from stacks import Stack

PROGRAMS = [
    """
    g = Group("g")
    a = Thing("a", zone="x", size=1, opts=Options(parent=g))
    b = Thing("b", source=a.serial, password=pulumi.Output.secret("hush"))
    Unique("u", name="n", zone="x", tags={"k": "v", "nested": a.echo}, opts=Options(depends_on=[b]))
    pulumi.export("echo", a.echo)
    pulumi.export("answer", pulumi.runtime.invoke("test:index:get", {"x": 1}).value["x"])
    """,
    """
    g = Group("g")
    a = Thing("a", zone="x", size=2, opts=Options(parent=g))
    b = Thing("b", source=a.serial, password=pulumi.Output.secret("hush"))
    Unique("u", name="n", zone="y", tags={"k": "w"}, opts=Options(depends_on=[b]))
    """,
    """
    a = Thing("a", zone="z", size=2, opts=Options(delete_before_replace=True))
    b = Thing("b", zone=a.echo, opts=Options(ignore_changes=["password"]))
    c = Thing("c", size=35, source=None, opts=Options(additional_secret_outputs=["echo"], depends_on=[b]))
    """,
]


def service(stack) -> dict:
    return json.loads(Path(stack.places.environment["TEST_SERVICE"]).read_text())


@pytest.mark.slow
def test_a_served_provider_takes_the_same_steps_to_the_same_state(stack, tmp_path):
    folder = tmp_path / "in_process"
    folder.mkdir()
    in_process = Stack(folder)

    for program in PROGRAMS:
        for run in ("preview", "up", "up"):
            served, expected = getattr(stack, run)(program), getattr(in_process, run)(program)
            assert served.errors == expected.errors == []
            assert served.ops == expected.ops
            assert served.summary.outputs == expected.summary.outputs
            assert untimed(served.snapshot) == untimed(expected.snapshot)
    served, expected = stack.refresh(), in_process.refresh()
    assert untimed(served.snapshot) == untimed(expected.snapshot)
    assert stack.destroy().ops == in_process.destroy().ops
    assert service(stack)["objects"] == in_process.service.objects == {}
    made = [call for call in in_process.service.calls if call[0] in ("create", "update", "delete")]
    assert [tuple(call) for call in service(stack)["calls"] if call[0] in ("create", "update", "delete")] == made


def untimed(snapshot):
    """What is recorded, by URN, without what two runs never share: times and random ids of providers."""
    provider = next((item.id for item in snapshot.resources if item.id.startswith("00000000-")), "")
    resources = {}
    for item in snapshot.resources:
        plain = replace(item, created="", modified="", source_position="", provider=item.provider.replace(provider, ""))
        resources[item.urn, item.delete] = replace(plain, id="") if item.id == provider else plain
    return resources, snapshot.pending


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["die before", "die after"])
def test_a_plugin_that_is_killed_while_it_creates_is_finished_by_the_next_run(stack, moment):
    program = f'Thing("a", fault="{moment}")\nThing("b")'
    died = stack.up(program)

    finished = stack.up(program)

    assert any("was killed by signal 9" in error for error in died.errors)
    assert {operation.type for operation in died.snapshot.pending} == {"creating"}
    assert finished.errors == []
    assert finished.snapshot.pending == ()
    assert len(service(stack)["objects"]) == 2
    assert {op.split()[0] for op in stack.up(program).ops} == {"same"}


@pytest.mark.slow
def test_what_is_half_made_is_recorded_with_its_reasons(stack):
    failed = stack.up('Thing("a", fault="half made")')

    again = stack.up('Thing("a")')

    assert failed.recorded("a").init_errors == ("half made",)
    assert failed.recorded("a").id == "id-1"
    assert failed.recorded("a").outputs["serial"] == 1
    assert again.ops == ["update a"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "pending"),
    [
        pytest.param("no create", [], id="a refusal leaves nothing open"),
        pytest.param("lost answer", ["creating"], id="what is not known stays open"),
        pytest.param("bug in create", ["creating"], id="nor is it after a bug"),
    ],
)
def test_a_failed_create_over_the_wire(stack, fault, pending):
    failed = stack.up(f'Thing("a", fault="{fault}")')

    assert len(failed.errors) == 1
    assert [operation.type for operation in failed.snapshot.pending] == pending


@pytest.mark.slow
def test_instances_of_one_plugin_share_its_process_and_keep_their_settings(stack):
    ran = stack.up("""
        one, two = TestProvider("one", account="first"), TestProvider("two", account="second")
        for name, provider in (("one", one), ("two", two)):
            got = pulumi.runtime.invoke("test:index:get", {}, pulumi.InvokeOptions(provider=provider))
            pulumi.export(name, got.value["account"])
            Thing(f"thing-{name}", opts=Options(provider=provider))
    """)

    assert ran.errors == []
    assert ran.summary.outputs == {"one": "first", "two": "second"}
    assert len(stack.processes) == 1


@pytest.mark.slow
def test_refused_settings_are_an_error_of_the_provider(stack):
    ran = stack.up('Thing("a", opts=Options(provider=TestProvider("p", refuse="yes")))')

    assert any("these settings are refused" in error for error in ran.errors)
    assert "create a" not in ran.ops


@pytest.mark.slow
def test_a_provider_sees_variables_under_the_names_that_the_program_maps(stack):
    stack.places = replace(stack.places, environment={**stack.places.environment, "TEAM_ACCOUNT": "the team's"})

    ran = stack.up("""
        class Mapped(pulumi.ProviderResource):
            def __init__(self, name, mappings):
                super().__init__("test", name, {}, Options(env_var_mappings=mappings))

        for name, mappings in (("plain", None), ("mapped", {"TEST_ACCOUNT": "TEAM_ACCOUNT"})):
            opts = pulumi.InvokeOptions(provider=Mapped(name, mappings))
            pulumi.export(name, pulumi.runtime.invoke("test:index:environment", {}, opts).value["account"])
    """)

    assert ran.errors == []
    assert ran.summary.outputs == {"plain": "none", "mapped": "the team's"}
    assert ran.recorded("mapped").inputs == {"__internal": {"envVarMappings": {"TEST_ACCOUNT": "TEAM_ACCOUNT"}}}
    assert len(stack.processes) == 2


@pytest.mark.slow
def test_variables_are_mapped_for_providers_alone(stack):
    ran = stack.up('Thing("a", opts=Options(env_var_mappings={"A": "B"}))')

    assert any("env_var_mappings is an option of provider resources alone" in error for error in ran.errors)
