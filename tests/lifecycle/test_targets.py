"""Runs on some of the resources: what is touched, what is left alone, what is refused."""

from __future__ import annotations

THREE = 'a = Thing("a", size={0})\nb = Thing("b", size={0}, source=a.serial)\nThing("c", size={0})'


def urn(name: str) -> str:
    return f"urn:pulumi:dev::proj::test:index:Thing::{name}"


def changed(ran) -> list[str]:
    return [op for op in ran.ops if not op.startswith("same")]


def test_only_the_target_changes(stack):
    stack.up(THREE.format(1))

    ran = stack.up(THREE.format(2), targets=(urn("a"),))

    assert changed(ran) == ["update a"]
    assert ran.recorded("b").inputs["size"] == 1


def test_a_target_can_be_a_pattern(stack):
    stack.up(THREE.format(1))

    ran = stack.up(THREE.format(2), targets=("urn:pulumi:dev::proj::test:*:Thing::a", "**::c"))

    assert sorted(changed(ran)) == ["update a", "update c"]


def test_target_dependents_come_along(stack):
    stack.up(THREE.format(1))

    ran = stack.up(THREE.format(2), targets=(urn("a"),), with_dependents=True)

    assert changed(ran) == ["update a", "update b"]


def test_all_but_the_excluded_change(stack):
    stack.up(THREE.format(1))

    ran = stack.up(THREE.format(2), excludes=(urn("a"),))

    assert sorted(changed(ran)) == ["update b", "update c"]


def test_exclude_dependents_stay_too(stack):
    stack.up(THREE.format(1))

    ran = stack.up(THREE.format(2), excludes=(urn("a"),), with_dependents=True)

    assert changed(ran) == ["update c"]


def test_a_new_resource_that_is_no_target_is_not_made(stack):
    ran = stack.up(THREE.format(1), targets=(urn("c"),))

    assert ran.errors == []
    assert changed(ran) == ["create c"]
    assert len(stack.service.objects) == 1
    assert sorted(changed(stack.up(THREE.format(1)))) == ["create a", "create b"]


def test_a_target_cannot_depend_on_what_is_not_made(stack):
    ran = stack.up(THREE.format(1), targets=(urn("b"),))

    assert any(f"it depends on {urn('a')}" in message for message in ran.errors)
    assert stack.service.objects == {}


def test_a_target_that_names_nothing_is_an_error(stack):
    stack.up(THREE.format(1))

    for ran in (
        stack.up(THREE.format(1), targets=(urn("x"),)),
        stack.destroy(targets=(urn("x"),)),
        stack.refresh(excludes=(urn("x"),)),
    ):
        assert any("matches no resource" in message for message in ran.errors)
    assert len(stack.service.objects) == 3


def test_destroy_of_a_target_leaves_the_rest(stack):
    stack.up(THREE.format(1))

    ran = stack.destroy(targets=(urn("b"),))

    assert ran.errors == []
    assert ran.ops == ["delete b"]
    assert len(stack.service.objects) == 2


def test_destroy_of_what_others_need_is_refused_without_them(stack):
    stack.up(THREE.format(1))

    refused = stack.destroy(targets=(urn("a"),))
    allowed = stack.destroy(targets=(urn("a"),), with_dependents=True)

    assert any(f"{urn('b')} depends on it" in message for message in refused.errors)
    assert allowed.ops == ["delete b", "delete a"]


def test_destroy_keeps_what_an_excluded_resource_needs(stack):
    stack.up(THREE.format(1))

    ran = stack.destroy(excludes=(urn("b"),))

    assert ran.errors == []
    assert ran.ops == ["delete c"]
    assert len(stack.service.objects) == 2


def test_dropped_resources_are_deleted_only_when_they_are_targets(stack):
    stack.up(THREE.format(1))

    ran = stack.up('a = Thing("a", size=1)', targets=(urn("c"),))

    assert changed(ran) == ["delete c"]
    assert len(stack.service.objects) == 2


def test_a_refresh_reads_its_targets_only(stack):
    stack.up(THREE.format(1))
    stack.service.calls.clear()

    stack.refresh(targets=(urn("c"),))

    assert stack.service.calls == [("read", "c")]


def test_what_is_no_target_keeps_its_provider_though_the_program_has_another(stack):
    program = 'p = TestProvider("{0}")\nThing("a", size={1}, opts=Options(provider=p))\n'
    program += 'Thing("b", size={1}, opts=Options(provider=p))'
    stack.up(program.format("p", 1))

    ran = stack.up(program.format("q", 2), targets=(urn("a"),))
    after = stack.up(program.format("q", 2))

    assert ran.errors == []
    assert "::p::" in ran.recorded("b").provider
    assert "::q::" in ran.recorded("a").provider
    assert after.errors == []
    assert "::q::" in after.recorded("b").provider
