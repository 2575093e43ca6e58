"""Each rule of a snapshot, kept and broken."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from reconciler.model.resources import Recorded
from reconciler.state.integrity import violations
from reconciler.state.snapshots import Snapshot
from tests.state.arbitrary import snapshots, urn

PROVIDER = Recorded(
    urn="urn:pulumi:dev::shop::pulumi:providers:test::p", type="pulumi:providers:test", custom=True, id="1"
)
THING = Recorded(
    urn="urn:pulumi:dev::shop::test:index:Thing::a",
    type="test:index:Thing",
    custom=True,
    id="x",
    provider=f"{PROVIDER.urn}::1",
)
OTHER = urn(7)


@pytest.mark.parametrize(
    "resources",
    [
        pytest.param((), id="empty"),
        pytest.param((PROVIDER, THING), id="provider-first"),
        pytest.param((PROVIDER, replace(THING, delete=True), replace(THING, delete=True), THING), id="old-copies"),
        pytest.param((replace(THING, pending_replacement=True),), id="provider-of-a-pending-replacement"),
        pytest.param((PROVIDER, replace(THING, parent=PROVIDER.urn)), id="parent-first"),
    ],
)
def test_sound_snapshots_have_no_findings(resources):
    assert violations(Snapshot(resources=resources)) == ()


@pytest.mark.parametrize(
    ("resources", "words"),
    [
        pytest.param((THING, PROVIDER), "provider", id="provider-later"),
        pytest.param((replace(PROVIDER, id="2"), THING), "provider", id="provider-of-another-id"),
        pytest.param((PROVIDER, replace(THING, parent=OTHER)), "parent", id="parent"),
        pytest.param((PROVIDER, replace(THING, parent=THING.urn)), "parent", id="its-own-parent"),
        pytest.param((PROVIDER, replace(THING, dependencies=(OTHER,))), "dependency", id="dependency"),
        pytest.param(
            (PROVIDER, replace(THING, property_dependencies={"p": (OTHER,)})), "dependency of p", id="property"
        ),
        pytest.param((PROVIDER, replace(THING, deleted_with=OTHER)), "deletedWith", id="deleted-with"),
        pytest.param((PROVIDER, replace(THING, replace_with=(OTHER,))), "replaceWith", id="replace-with"),
        pytest.param((PROVIDER, THING, THING), "twice", id="twice"),
        pytest.param((replace(PROVIDER, custom=False),), "component", id="component-with-id"),
        pytest.param((replace(PROVIDER, urn="p"),), "not a URN", id="no-urn"),
    ],
)
def test_each_broken_rule_is_one_finding(resources, words):
    findings = violations(Snapshot(resources=resources))

    assert len(findings) == 1
    assert words in findings[0]


@pytest.mark.slow
@settings(deadline=None)
@given(snapshot=snapshots())
def test_the_snapshots_of_our_other_tests_are_sound(snapshot):
    assert violations(snapshot) == ()
