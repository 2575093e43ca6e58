"""Which provider resource serves which registration: explicit ones as they are, default ones by version and source."""

from __future__ import annotations

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
    """
    ran, again = stack.up(program), stack.up(program)

    url = "default_1_2_3_https_/get.example.com/plugins"
    assert sorted(providers(ran)) == ["default", "default_1_2_3", url, "default_2_0_0_rc_1"]
    assert [urns.name(urns.parse_reference(ran.recorded(name).provider).urn) for name in "abcde"] == [
        "default",
        "default_1_2_3",
        "default_1_2_3",
        "default_2_0_0_rc_1",
        url,
    ]
    assert {op.split()[0] for op in again.ops} == {"same"}


def test_checksums_and_parameters_tell_packages_apart():
    plain = Package(name="x", version="1.0.0")
    summed = Package(name="x", version="1.0.0", checksums={"linux-amd64": "00ff"})
    parameterized = Package(name="x", version="1.0.0", plugin="base", plugin_version="2.0.0", parameter="AA==")

    assert len({plain.key, summed.key, parameterized.key}) == 3
    assert plain.key == Package(name="x", version="1.0.0").key
    assert summed.internal == {"pluginChecksums": {"linux-amd64": "00ff"}}
