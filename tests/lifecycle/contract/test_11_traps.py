"""§11: traps that the engine itself can fall into; those of files, locks and the CLI are shown by their own tests."""

from __future__ import annotations

import contextlib
import hashlib

from contract_rows import row
from stacks import Killed


@row("11.2 every provider has __internal, default providers their names, ids are kept across runs")
def test_providers_across_runs(stack):
    program = 'Thing("a", opts=Options(version="1.2.3"))\nThing("b")\nTestProvider("p")'

    def providers(ran):
        return {
            item.urn.rsplit("::", 1)[-1]: (item.id, item.inputs["__internal"])
            for item in ran.snapshot.resources
            if item.type == "pulumi:providers:test"
        }

    first, second = stack.up(program), stack.up(program)

    assert set(providers(first)) == {"default_1_2_3", "default", "p"}
    assert {internal == {} for _, internal in providers(first).values()} == {True}
    assert providers(second) == providers(first)
    assert sorted(second.left) == sorted(first.left)


@row("11.3 old and new inputs compare as doubles")
def test_whole_numbers_of_either_kind_are_equal(stack):
    stack.up('Thing("a", size=1, source="x", fault="cannot tell")')

    ran = stack.up('Thing("a", size=1.0, source="x", fault="cannot tell")')

    assert ran.ops == ["same a"]


FILED = 'pulumi.ComponentResource("test:index:Group", "g", {"file": pulumi.FileAsset("content")})'


@row("11.4 the hash of an asset is recorded, and another content is a difference")
def test_an_asset_whose_content_changed_is_a_difference(stack):
    (stack.folder / "content").write_text("1")
    first, second = stack.up(FILED), stack.up(FILED)
    (stack.folder / "content").write_text("2")

    third = stack.up(FILED)

    assert [ran.ops for ran in (first, second, third)] == [["create g"], ["same g"], ["update g"]]
    assert third.recorded("g").inputs["file"].hash == hashlib.sha256(b"2").hexdigest()


@row("11.4 an asset that cannot be read fails the program, nothing recorded")
def test_an_asset_that_is_not_there_fails_the_program(stack):
    ran = stack.up(FILED)

    assert ran.summary.result == "failed"
    assert any("the asset content cannot be read" in message for message in ran.errors)
    assert ran.left == []


@row("11.5 same rewrites changed metadata")
def test_same_rewrites_metadata(stack):
    stack.up('p = TestProvider("p")\ng = Group("g")\nb = Thing("b")\nThing("a", opts=Options(provider=p))')

    ran = stack.up("""
        p = TestProvider("q")
        g = Group("g")
        b = Thing("b")
        Thing("a", opts=Options(provider=p, parent=g, depends_on=[b],
              aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))
    """)
    recorded = ran.recorded("a")

    assert "same a" in ran.ops
    assert recorded.parent == ran.recorded("g").urn
    assert recorded.dependencies == (ran.recorded("b").urn,)
    assert "::q::" in recorded.provider


@row("11.6 component outputs are replaced by each run")
def test_component_outputs_are_replaced(stack):
    stack.up('g = Group("g")\ng.register_outputs({"a": 1, "b": 2})')

    ran = stack.up('g = Group("g")\ng.register_outputs({"b": 3})')

    assert ran.recorded("g").outputs == {"b": 3}


@row("11.6 stack outputs are replaced on success and merged on failure")
def test_stack_outputs(stack):
    stack.up('pulumi.export("a", 1)\npulumi.export("b", 2)')

    failed = stack.up('pulumi.export("b", 3)\nThing("x", fault="no create")')
    succeeded = stack.up('pulumi.export("c", 4)')

    assert failed.recorded("proj-dev").outputs == {"a": 1, "b": 3}
    assert succeeded.recorded("proj-dev").outputs == {"c": 4}


@row("11.7 dependencies are sorted and unique, propertyDependencies as the SDK gives them")
def test_dependencies_in_state(stack):
    ran = stack.up("""
        b = Thing("b")
        a = Thing("a")
        Thing("c", source=b.serial, zone=a.serial, opts=Options(depends_on=[b, a, b]))
    """)

    urns = ran.recorded("a").urn, ran.recorded("b").urn
    assert ran.recorded("c").dependencies == urns
    assert ran.recorded("c").property_dependencies == {"source": (urns[1],), "zone": (urns[0],)}


@row("11.8 a crash between create-replacement and delete leaves the old copy to be deleted")
def test_a_crash_between_the_halves_of_a_replacement(stack):
    stack.up('Thing("a", zone="x")')
    saved, objects = stack.snapshot, dict(stack.service.objects)
    seen = []
    for cut in range(10):
        stack.snapshot, stack.service.objects = saved, dict(objects)
        with contextlib.suppress(Killed):
            stack.up('Thing("a", zone="y")', cut=cut)
            break
        if any(item.delete for item in stack.snapshot.resources):
            seen.append(cut)
            mended = stack.up('Thing("a", zone="y")')
            assert mended.ops[0] == "same a"
            assert mended.ops[1:] in (["delete-replaced a"], [])
            assert len(stack.service.objects) == 1
            assert not any(item.delete for item in stack.snapshot.resources)

    assert seen


@row("11.14 a provider whose settings are unknown in a preview: nothing called, all unknown, one warning")
def test_a_provider_with_unknown_settings(stack):
    stack.up('p = TestProvider("p", setting="x")\na = Thing("a", size=1, opts=Options(provider=p))')
    stack.service.calls.clear()

    ran = stack.preview("""
        b = Thing("b")
        p = TestProvider("p", setting=b.echo)
        a = Thing("a", size=1, opts=Options(provider=p))
        Thing("c", size=1, opts=Options(provider=p))
        pulumi.export("a", a.serial)
    """)

    assert ran.errors == []
    assert stack.service.calls == []
    assert repr(ran.summary.outputs["a"]) == "[unknown]"
    assert [line for line in ran.story if line.startswith("warning")] == ["warning a"]


@row("11.15 a partially failed update stores old inputs")
def test_a_partially_failed_update(stack):
    stack.up('Thing("a", size=1)')

    failed = stack.up('Thing("a", size=2, fault="half updated")')

    assert failed.recorded("a").inputs == {"size": 1}
    assert stack.up('Thing("a", size=2)').ops == ["update a"]
