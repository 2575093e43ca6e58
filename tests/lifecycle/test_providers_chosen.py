"""Which provider resource serves which registration: explicit ones as they are, default ones by version and source."""

from __future__ import annotations

import pytest

from reconciler.deploy.packages import Package
from reconciler.model import urns

URL = "https://get.example.com/plugins"


def providers(ran):
    return {
        urns.name(item.urn): {key: value for key, value in item.inputs.items() if value}
        for item in ran.snapshot.resources
        if urns.is_provider_type(item.type)
    }


def test_an_explicit_provider_takes_nothing_from_the_options_of_what_it_serves(stack):
    ran = stack.up(f"""
        mine = TestProvider("mine", account="a")
        Thing("a", opts=Options(provider=mine, version="1.2.3", plugin_download_url="{URL}"))
        group = Group("g", opts=Options(providers=[mine]))
        Thing("b", opts=Options(parent=group, version="1.2.3"))
    """)

    assert ran.errors == []
    assert providers(ran) == {"mine": {"account": "a"}}
    assert {ran.recorded(name).provider for name in "ab"} == {ran.recorded("a").provider}


def test_a_provider_resource_has_the_version_and_source_of_its_own_options(stack):
    ran = stack.up(f'TestProvider("mine", opts=Options(version="1.2.3", plugin_download_url="{URL}"))')

    assert providers(ran) == {"mine": {"version": "1.2.3", "__internal": {"pluginDownloadURL": URL}}}


def test_there_is_one_default_provider_for_each_version_and_source(stack):
    program = f"""
        Thing("a")
        Thing("b", opts=Options(version="1.2.3"))
        Thing("c", opts=Options(version="1.2.3"))
        Thing("d", opts=Options(version="2.0.0-rc.1"))
        Thing("e", opts=Options(version="1.2.3", plugin_download_url="{URL}"))
        Thing("f", opts=Options(version="1.2.3", plugin_download_url="{URL}/"))
    """
    ran, again = stack.up(program), stack.up(program)

    url = "default_1_2_3_https_/get.example.com/plugins"
    assert sorted(providers(ran)) == ["default", "default_1_2_3", url, "default_2_0_0_rc_1"]
    assert [urns.name(urns.parse_reference(ran.recorded(name).provider).urn) for name in "abcdef"] == [
        "default",
        "default_1_2_3",
        "default_1_2_3",
        "default_2_0_0_rc_1",
        url,
        url,
    ]
    assert {op.split()[0] for op in again.ops} == {"same"}


@pytest.mark.parametrize("disabled", ['["test"]', '["other", "*"]'])
def test_a_disabled_default_provider_serves_nothing_and_explicit_ones_do(stack, disabled):
    stack.config = {"pulumi:disable-default-providers": disabled}
    explicit = stack.up('Thing("a", opts=Options(provider=TestProvider("mine")))')
    tried = [
        stack.up('Thing("b")'),
        stack.preview('Thing("b")'),
        stack.up('pulumi.runtime.invoke("test:index:get", {})'),
        stack.up('Thing("c", opts=Options(id="id-1"))'),
    ]

    assert explicit.errors == []
    assert list(providers(explicit)) == ["mine"]
    for ran in tried:
        assert "Default provider for 'test' disabled. 'test:index" in ran.errors[0]
        assert "must use an explicit provider." in ran.errors[0]


def test_the_default_provider_of_the_engines_own_package_cannot_be_disabled(stack):
    stack.config = {"pulumi:disable-default-providers": '["*"]'}

    ran = stack.up('pulumi.Stash("s", input=1)')

    # These tests have no such package, but it was asked for.
    assert "KeyError: 'pulumi:index:Stash'" in ran.errors[0]


@pytest.mark.parametrize("disabled", ["test", '{"test": true}'])
def test_disabled_default_providers_must_be_a_list(stack, disabled):
    stack.config = {"pulumi:disable-default-providers": disabled}

    assert "pulumi:disable-default-providers must be a list" in stack.up('Thing("a")').errors[0]


def test_checksums_and_parameters_tell_packages_apart():
    plain = Package(name="x", version="1.0.0")
    summed = Package(name="x", version="1.0.0", checksums={"linux-amd64": "00ff"})
    parameterized = Package(name="x", version="1.0.0", plugin="base", plugin_version="2.0.0", parameter="AA==")

    assert len({plain.key, summed.key, parameterized.key}) == 3
    assert plain.key == Package(name="x", version="1.0.0").key
    assert summed.internal == {"pluginChecksums": {"linux-amd64": "00ff"}}


def test_what_was_read_with_recorded_settings_is_changed_with_the_programs(stack):
    program = """
        provider = TestProvider("p", label="{label}")
        Thing("a", opts=Options(provider=provider))
        told = pulumi.runtime.invoke("test:index:get", {{}}, pulumi.InvokeOptions(provider=provider))
        pulumi.export("label", told.value["label"])
    """
    first = stack.up(program.format(label="old"))
    ran = stack.up(program.format(label="new"), refresh=True)

    assert first.summary.outputs == {"label": "old"}
    assert ran.summary.outputs == {"label": "new"}


def test_a_preview_that_asks_the_old_provider_of_a_dependent_decides_by_the_new_one(stack):
    program = """
        p = TestProvider("p", account="{account}")
        a = Thing("a", zone="{zone}", opts=Options(delete_before_replace=True, depends_on=[p]))
        Thing("b", zone=a.serial.apply(lambda _: "same"), opts=Options(provider=p))
        Thing("c", opts=Options(provider=p, depends_on=[a]))
    """
    stack.up(program.format(account="x", zone="1"))
    moved = program.format(account="y", zone="2")

    foreseen = stack.preview(moved)
    ran = stack.up(moved)

    assert "create-replacement c" in foreseen.ops
    assert sorted(foreseen.ops) == sorted(ran.ops)
