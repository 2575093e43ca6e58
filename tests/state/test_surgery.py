"""Edits of the state: each refuses with a reason, or leaves a snapshot that breaks no rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reconciler import errors
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import ResourceReference
from reconciler.state import checkpoints, integrity, surgery, surgery_moves, surgery_repair
from reconciler.state.snapshots import Snapshot

PREFIX = "urn:pulumi:dev::shop::"
ROOT = f"{PREFIX}pulumi:pulumi:Stack::shop-dev"
STACK = Recorded(urn=ROOT, type="pulumi:pulumi:Stack", custom=False)


def thing(name, **fields):
    usual = {"urn": f"{PREFIX}test:index:Thing::{name}", "type": "test:index:Thing", "id": name, "parent": ROOT}
    return Recorded(**({"custom": True} | usual | fields))


def snapshot(*resources, pending=()):
    return Snapshot(resources=(STACK, *resources), pending=pending)


def names(state):
    return [resource.urn.rpartition("::")[2] for resource in state.resources]


LAKE, TABLE = thing("lake"), thing("table", dependencies=(thing("lake").urn,))
VIEW = thing("view", property_dependencies={"of": (TABLE.urn,)})
CHAIN = snapshot(LAKE, TABLE, VIEW)


@st.composite
def sound_snapshots(draw, prefix=PREFIX):
    """A sound state: providers old and new, parents, all sorts of references, replaced objects, doubts."""
    root = replace(STACK, urn=STACK.urn.replace(PREFIX, prefix))
    resources = [root]
    for number in range(draw(st.integers(0, 7))):
        kind = draw(st.sampled_from(["provider", "component", "thing", "thing", "old"]))
        there = [resource.urn for resource in resources]
        one = st.sampled_from(there)
        providers = [one for one in resources if one.type.startswith("pulumi:providers:")]
        fields = {
            "parent": draw(one),
            "dependencies": tuple(draw(st.lists(one, max_size=2, unique=True))),
            "property_dependencies": {"a": tuple(draw(st.lists(one, max_size=1)))},
            "deleted_with": draw(st.sampled_from(["", *there])),
            "replace_with": tuple(draw(st.lists(one, max_size=1))),
            "protect": draw(st.booleans()) and draw(st.booleans()),
        }
        token = {"provider": "pulumi:providers:test", "component": "shop:index:Lake"}.get(kind, "test:index:Thing")
        fields |= {"type": token, "custom": kind != "component", "id": "" if kind == "component" else f"i{number}"}
        if kind in ("thing", "old") and providers:
            provider = draw(st.sampled_from(providers))
            fields["provider"] = f"{provider.urn}::{provider.id}"
        resource = Recorded(urn=f"{prefix}{token}::n{number}", **fields)
        if kind == "old":
            resources.append(replace(resource, id="old", delete=True))
        resources.append(resource)
    pending = [PendingOperation(type=PendingType.UPDATING, resource=draw(st.sampled_from(resources)))]
    state = Snapshot(resources=tuple(resources), pending=tuple(pending) if draw(st.booleans()) else ())
    assert integrity.violations(state) == ()
    return state


def urn_of(draw, state):
    return draw(st.sampled_from([resource.urn for resource in state.resources]))


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(state=sound_snapshots(), data=st.data())
def test_every_edit_of_a_sound_state_refuses_or_leaves_it_sound(state, data):
    urn = urn_of(data.draw, state)
    switch = data.draw(st.booleans())
    edit = data.draw(
        st.sampled_from(
            [
                lambda: surgery.delete(state, surgery.places(state, urn), force=True, target_dependents=switch),
                lambda: surgery.delete(state, {data.draw(st.integers(0, len(state.resources) - 1))}, force=switch),
                lambda: surgery.delete(state, range(len(state.resources)), force=switch),
                lambda: surgery.mark(state, [urn] if switch else None, protect=switch, taint=not switch),
                lambda: surgery.rename(state, urn, data.draw(st.sampled_from(["new", "n1", ""]))),
                lambda: surgery.rename_stack(state, "store", "prod"),
                lambda: surgery_repair.repair(state).snapshot,
            ]
        )
    )
    try:
        edited = edit()
    except errors.StateEditError:
        return
    assert integrity.violations(edited) == ()
    exported = checkpoints.render_export(edited, None, None, time="2026-01-01T00:00:00Z")
    assert checkpoints.decode_snapshot(checkpoints.read_export(exported), None) == edited


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(source=sound_snapshots(), destination=sound_snapshots(prefix="urn:pulumi:prod::shop::"), data=st.data())
def test_a_move_refuses_or_leaves_both_stacks_sound_and_no_object_forgotten(source, destination, data):
    wanted = {urn_of(data.draw, source), urn_of(data.draw, source)}
    target = data.draw(st.sampled_from([Snapshot(), destination]))
    try:
        moved = surgery_moves.move(
            source, target, wanted, project="shop", stack="prod", include_parents=data.draw(st.booleans())
        )
    except errors.StateEditError:
        return
    assert integrity.violations(moved.source) == ()
    assert integrity.violations(moved.destination) == ()
    objects = [one.id for one in source.resources if one.custom and not one.type.startswith("pulumi:providers:")]
    there = [one.id for one in (*moved.source.resources, *moved.destination.resources[len(target.resources) :])]
    assert all(there.count(id) >= objects.count(id) for id in objects)
    assert {one.urn for one in target.resources} <= {one.urn for one in moved.destination.resources}


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(state=sound_snapshots(), data=st.data())
def test_a_repair_makes_it_sound_again_or_says_what_stays_wrong(state, data):
    resources = list(data.draw(st.permutations(state.resources)))
    for _ in range(data.draw(st.integers(0, 2))):
        if resources:
            resources.pop(data.draw(st.integers(0, len(resources) - 1)))
    broken = replace(state, resources=tuple(resources))
    assume(integrity.violations(broken))
    try:
        repaired = surgery_repair.repair(broken)
    except errors.SnapshotIntegrityError:
        return
    assert integrity.violations(repaired.snapshot) == ()
    assert sorted(one.id for one in repaired.snapshot.resources) == sorted(one.id for one in resources)
    assert surgery_repair.repair(repaired.snapshot) == surgery_repair.Repair(snapshot=repaired.snapshot)


def test_what_others_need_stays_and_they_are_named():
    with pytest.raises(errors.DependentResourcesError) as caught:
        surgery.delete(CHAIN, [1])

    assert caught.value.dependents == (TABLE.urn, VIEW.urn)
    assert "--target-dependents" in caught.value.help
    assert names(surgery.delete(CHAIN, [3])) == ["shop-dev", "lake", "table"]
    assert names(surgery.delete(CHAIN, [2], target_dependents=True)) == ["shop-dev", "lake"]
    assert names(surgery.delete(CHAIN, range(4))) == []


def test_protected_resources_are_deleted_by_force_alone():
    state = snapshot(replace(LAKE, protect=True))

    with pytest.raises(errors.StateEditError, match="because it is protected"):
        surgery.delete(state, [1])
    assert names(surgery.delete(state, [1], force=True)) == ["shop-dev"]


def test_an_old_object_may_go_though_the_new_one_has_dependents():
    state = snapshot(replace(LAKE, id="old", delete=True), LAKE, TABLE)

    with pytest.raises(errors.AmbiguousResourceError) as caught:
        surgery.place(state, LAKE.urn)
    assert caught.value.ids == ("old", "lake")
    assert [one.id for one in surgery.delete(state, [1]).resources] == ["", "lake", "table"]
    with pytest.raises(errors.DependentResourcesError):
        surgery.delete(state, [2])


def test_what_was_under_way_is_forgotten_with_its_resource_unless_it_may_have_made_something():
    doubts = [PendingOperation(type=type, resource=LAKE) for type in PendingType]

    left = surgery.delete(snapshot(LAKE, pending=tuple(doubts)), [1]).pending

    assert {one.type for one in left} == {PendingType.CREATING, PendingType.IMPORTING}


def test_a_urn_that_is_not_there_is_answered_with_the_nearest_one():
    with pytest.raises(errors.ResourceNotInStateError) as caught:
        surgery.place(CHAIN, f"{LAKE.urn}x")
    assert LAKE.urn in caught.value.hint


def test_marks_are_set_on_the_resources_named_or_on_all():
    marked = surgery.mark(CHAIN, [LAKE.urn], protect=True, taint=True)
    assert [(one.protect, one.taint) for one in marked.resources] == [
        (False, False),
        (True, True),
        *[(False, False)] * 2,
    ]
    assert all(one.protect for one in surgery.mark(CHAIN, None, protect=True).resources)
    assert surgery.mark(marked, None, protect=False, taint=False) == CHAIN


def test_a_new_name_is_known_to_everything_that_names_the_resource():
    provider = Recorded(urn=f"{PREFIX}pulumi:providers:test::p", type="pulumi:providers:test", custom=True, id="1")
    user = thing("user", provider=f"{provider.urn}::1", inputs={"of": ResourceReference(provider.urn, "1")})
    state = snapshot(provider, user, pending=(PendingOperation(type=PendingType.UPDATING, resource=user),))

    renamed = surgery.rename(state, provider.urn, "q")

    new = provider.urn[:-1] + "q"
    assert renamed.resources[2].provider == f"{new}::1" == renamed.pending[0].resource.provider
    assert renamed.resources[2].inputs["of"] == ResourceReference(new, "1")
    with pytest.raises(errors.StateEditError, match="there already"):
        surgery.rename(CHAIN, LAKE.urn, "table")
    with pytest.raises(errors.StateEditError, match="named after the stack"):
        surgery.rename(CHAIN, ROOT, "other")


def test_a_renamed_stack_has_no_trace_of_its_old_name():
    state = surgery.rename_stack(CHAIN, "shop", "prod")

    text = checkpoints.render_export(state, None, None, time="")
    assert ":dev:" not in text
    assert state.resources[0].urn == "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
    assert surgery.rename_stack(state, "shop", "dev") == CHAIN


def test_a_repair_puts_in_order_and_drops_what_leads_nowhere():
    orphan = Recorded(
        urn=f"{PREFIX}shop:index:Lake$test:index:Thing::orphan",
        type="test:index:Thing",
        custom=True,
        id="o",
        parent=f"{PREFIX}shop:index:Lake::gone",
        dependencies=(LAKE.urn, f"{PREFIX}test:index:Thing::gone"),
    )
    child = thing("child", parent=orphan.urn)

    repair = surgery_repair.repair(snapshot(VIEW, TABLE, LAKE, LAKE, orphan, child))

    assert names(repair.snapshot) == ["shop-dev", "lake", "table", "view", "orphan", "child"]
    assert repair.reordered
    assert repair.repeated == (LAKE.urn,)
    assert repair.pruned[0].new == f"{PREFIX}test:index:Thing::orphan"
    assert repair.pruned[0].removed == (
        ("parent", f"{PREFIX}shop:index:Lake::gone"),
        ("dependency", f"{PREFIX}test:index:Thing::gone"),
    )
    assert repair.snapshot.resources[-1].parent == f"{PREFIX}test:index:Thing::orphan"


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        pytest.param((thing("a", dependencies=(VIEW.urn,)), thing("view", parent=f"{PREFIX}test:index:Thing::a")),
                     "circle", id="circle"),
        pytest.param((LAKE, replace(LAKE, id="other")), "there twice", id="two-objects"),
        pytest.param((thing("a", provider=f"{PREFIX}pulumi:providers:test::p::1"),), "provider", id="no-provider"),
    ],
)  # fmt: skip
def test_what_only_a_person_can_decide_is_not_repaired(resources, told):
    with pytest.raises(errors.SnapshotIntegrityError, match=told) as caught:
        surgery_repair.repair(snapshot(*resources))
    assert "stack export" in caught.value.hint


def test_children_and_providers_go_along_and_what_is_cut_is_told():
    provider = Recorded(
        urn=f"{PREFIX}pulumi:providers:test::p", type="pulumi:providers:test", custom=True, id="1", parent=ROOT
    )
    lake = replace(LAKE, provider=f"{provider.urn}::1", dependencies=(provider.urn,))
    child = thing("child", parent=lake.urn)
    source = snapshot(provider, lake, child, TABLE)

    moved = surgery_moves.move(source, Snapshot(), [lake.urn, "urn:none"], project="shop", stack="prod")

    assert names(moved.source) == ["shop-dev", "p", "table"]
    assert names(moved.destination) == ["shop-prod", "p", "lake", "child"]
    assert all(one.urn.startswith("urn:pulumi:prod::shop::") for one in moved.destination.resources)
    assert moved.destination.resources[2].provider == "urn:pulumi:prod::shop::pulumi:providers:test::p::1"
    assert moved.broken_source == (f"{TABLE.urn} has a dependency on {LAKE.urn}",)
    assert moved.broken_destination == (f"{lake.urn} has a dependency on {provider.urn}",)
    assert moved.unmatched == ("urn:none",)

    again = surgery_moves.move(moved.source, moved.destination, [TABLE.urn], project="shop", stack="prod")
    assert names(again.destination) == ["shop-prod", "p", "lake", "child", "table"]


def test_a_move_that_would_tear_something_is_refused():
    doubtful = snapshot(LAKE, pending=(PendingOperation(type=PendingType.UPDATING, resource=LAKE),))
    provider = thing("p", type="pulumi:providers:test", urn=f"{PREFIX}pulumi:providers:test::p", id="1")
    for source, urn, told in (
        (CHAIN, "urn:none", "no resources found"),
        (snapshot(provider), provider.urn, "cannot move providers"),
        (doubtful, LAKE.urn, "it is not known how"),
    ):
        with pytest.raises(errors.StateEditError, match=told):
            surgery_moves.move(source, Snapshot(), [urn], project="shop", stack="prod")
    there = surgery_moves.move(CHAIN, Snapshot(), [LAKE.urn], project="shop", stack="prod").destination
    with pytest.raises(errors.StateEditError, match="already exists in destination"):
        surgery_moves.move(CHAIN, there, [LAKE.urn], project="shop", stack="prod")
