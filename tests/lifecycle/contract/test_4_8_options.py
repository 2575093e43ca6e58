"""§4.8: each resource option: what it does and what state keeps of it."""

from __future__ import annotations

import pytest
from contract_rows import case, row


def asked(stack, kind: str):
    """The last request of a kind."""
    return next(request for request in reversed(stack.service.asked) if type(request).__name__ == kind)


@row("4.8 protect: blocks a delete until it is unset")
def test_protect(stack):
    stack.up('Thing("a", opts=Options(protect=True))')

    refused = stack.up("")
    unset = stack.up('Thing("a", opts=Options(protect=False))')
    deleted = stack.up("")

    assert refused.story[-5:-1] == ["begin delete a", "error a", "failed delete a", "outputs stack"]
    assert refused.left == ["a=id-1 protect"]
    assert unset.ops == ["same a"]
    assert deleted.ops == ["delete a"]


@row("4.8 retainOnDelete: a replaced object stays, too")
def test_retain_on_delete(stack):
    stack.up('Thing("a", zone="x", opts=Options(retain_on_delete=True))')

    ran = stack.up('Thing("a", zone="y", opts=Options(retain_on_delete=True))')

    assert ran.ops == ["create-replacement a", "replace a", "delete-replaced a"]
    assert ran.left == ["a=id-2"]
    assert sorted(stack.service.objects) == ["id-1", "id-2"]


@pytest.mark.parametrize(
    ("option", "field", "value"),
    [
        case("4.8 replacementTrigger: stored", "replacement_trigger=[1]", "replacement_trigger", (1,)),
        case("4.8 replaceOnChanges: stored", 'replace_on_changes=["size"]', "replace_on_changes", ("size",)),
        case("4.8 ignoreChanges: stored", 'ignore_changes=["size"]', "ignore_changes", ("size",)),
        case(
            "4.8 additionalSecretOutputs: stored",
            'additional_secret_outputs=["echo"]',
            "additional_secret_outputs",
            ("echo",),
        ),
        case("4.8 hideDiffs: stored", 'hide_diffs=["size"]', "hide_diff", ("size",)),
        case("4.8 retainOnDelete: stored", "retain_on_delete=True", "retain_on_delete", True),
        case(
            "4.8 customTimeouts: stored in seconds",
            'custom_timeouts=pulumi.CustomTimeouts(create="1m30s", update="2h", delete="250ms")',
            "custom_timeouts",
            {"create": 90.0, "update": 7200.0, "delete": 0.25},
        ),
    ],
)
def test_what_state_keeps_of_an_option(stack, option, field, value):
    with_it = stack.up(f'Thing("a", size=1, opts=Options({option}))')
    without = stack.up('Thing("a", size=1)')

    assert getattr(with_it.recorded("a"), field) == value
    assert not getattr(without.recorded("a"), field)
    assert without.ops == ["same a"]


@row("4.8 deletedWith and replaceWith: stored as URNs, after what they name")
def test_named_resources_are_stored(stack):
    ran = stack.up('a = Thing("a")\nThing("b", opts=Options(deleted_with=a, replace_with=[a]))')

    assert ran.recorded("b").deleted_with == ran.recorded("a").urn
    assert ran.recorded("b").replace_with == (ran.recorded("a").urn,)


@row("4.8 ignoreChanges: sent to diff and update")
def test_ignored_paths_reach_the_provider(stack):
    program = 'Thing("a", size={}, source="{}", opts=Options(ignore_changes=["source"]))'
    stack.up(program.format(1, "x"))

    stack.up(program.format(2, "y"))

    assert asked(stack, "DiffRequest").ignore_changes == asked(stack, "UpdateRequest").ignore_changes == ("source",)


@row("4.8 additionalSecretOutputs: the outputs are secret")
def test_additional_secret_outputs(stack):
    ran = stack.up('a = Thing("a", opts=Options(additional_secret_outputs=["echo"]))\npulumi.export("e", a.echo)')

    assert repr(ran.recorded("a").outputs["echo"]) == repr(ran.summary.outputs["e"]) == "[secret]"


@row("4.8 customTimeouts: given to the provider, in seconds")
def test_timeouts_reach_the_provider(stack):
    program = 'Thing("a", size={}, opts=Options(custom_timeouts=pulumi.CustomTimeouts("1m", "2m", "3m")))'
    stack.up(program.format(1))
    stack.up(program.format(2))
    stack.up("")

    timeouts = [asked(stack, kind).timeout_s for kind in ("CreateRequest", "UpdateRequest", "DeleteRequest")]
    assert timeouts == [60.0, 120.0, 180.0]


@row("4.8 dependsOn: in dependencies, propertyDependencies name properties")
def test_dependencies(stack):
    ran = stack.up('a = Thing("a")\nb = Thing("b")\nThing("c", source=a.serial, opts=Options(depends_on=[b]))')

    recorded = ran.recorded("c")
    assert recorded.dependencies == tuple(sorted((ran.recorded("a").urn, ran.recorded("b").urn)))
    assert recorded.property_dependencies == {"source": (ran.recorded("a").urn,)}


@row("4.8 import: the id is stored each run and gone with the option")
def test_the_import_id(stack):
    stack.service.make("", {})
    program = 'Thing("a", opts=Options(import_="id-1"))'

    imported, again, without = stack.up(program), stack.up(program), stack.up('Thing("a")')

    assert [ran.recorded("a").import_id for ran in (imported, again, without)] == ["id-1", "id-1", ""]


@row("4.8 version: a default provider for each version")
def test_versions_have_providers_of_their_own(stack):
    ran = stack.up('Thing("a", opts=Options(version="1.2.3"))\nThing("b")')

    assert "::default_1_2_3::" in ran.recorded("a").provider
    assert "::default::" in ran.recorded("b").provider


@row("4.8 providers: of the parent, for the package")
def test_providers_are_inherited(stack):
    ran = stack.up("""
        p = TestProvider("p")
        g = pulumi.ComponentResource("test:index:Group", "g", None, Options(providers={"test": p}))
        Thing("a", opts=Options(parent=g))
        Thing("b")
    """)

    assert "::p::" in ran.recorded("a").provider
    assert "::default::" in ran.recorded("b").provider


@row("4.8 protect, retainOnDelete and deletedWith are inherited from the parent")
def test_what_is_inherited(stack):
    ran = stack.up("""
        a = Thing("a")
        g = Group("g", opts=Options(protect=True, retain_on_delete=True, deleted_with=a))
        Thing("b", opts=Options(parent=g))
        Thing("c", opts=Options(parent=g, protect=False))
    """)

    inherited, own = ran.recorded("b"), ran.recorded("c")
    assert (inherited.protect, inherited.retain_on_delete, inherited.deleted_with) == (
        True,
        True,
        ran.recorded("a").urn,
    )
    assert own.protect is False


@row("4.8 components ignore options of objects")
def test_components_ignore_options_of_objects(stack):
    program = 'pulumi.ComponentResource("test:index:Group", "g", {{"size": {}}}, Options(ignore_changes=["size"], '
    program += 'replace_on_changes=["*"], delete_before_replace=True, custom_timeouts=pulumi.CustomTimeouts("1m")))'
    stack.up(program.format(1))

    ran = stack.up(program.format(2))

    assert ran.ops == ["update g"]
    assert ran.recorded("g").inputs == {"size": 2}
