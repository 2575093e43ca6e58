"""State migrations: records rewritten by the program, objects left alone."""

from __future__ import annotations

import pytest
from stacks import Killed  # the folder is put on the path by conftest

from reconciler.model.values import Secret

OLD = """
group = Group("old")
a = Thing("a", size=1, password=pulumi.Output.secret("hush"), opts=Options(parent=group))
Thing("outside", source=a.echo)
"""
MOVES = """
from pulumi import StateMigrationResult as Result

def move(args):
    # "old" and what is below it become "new": names and URNs change, ids do not.
    old, new = [item["urn"] for item in args.old_state][0], args.urn
    if old == new:
        return None
    names = {item["urn"]: item["urn"].replace("::old", "::new").replace("::a", "::b") for item in args.old_state}
    news = [{**item, "urn": names[item["urn"]], "parent": names.get(item["parent"], item["parent"])}
            for item in args.old_state]
    return Result(new_state=news, successors=names)

group = Group("new", Options(aliases=[pulumi.Alias(name="old")], state_migrations=[move]))
a = Thing("b", size=1, password=pulumi.Output.secret("hush"), opts=Options(parent=group))
Thing("outside", source=a.echo)
"""


def test_records_take_new_names_and_objects_stay(stack):
    first = stack.up(OLD)

    ran = stack.up(MOVES)

    assert ran.errors == []
    assert {op.split()[0] for op in ran.ops} == {"same"}
    assert ran.recorded("b").id == first.recorded("a").id
    assert ran.recorded("b").inputs["password"] == Secret("hush")
    assert ran.recorded("outside").dependencies == (ran.recorded("b").urn,)
    assert [verb for verb, _ in stack.service.calls] == ["create", "create"]


def test_a_migration_that_was_made_changes_nothing_more(stack):
    stack.up(OLD)
    first = stack.up(MOVES)

    second = stack.up(MOVES)

    assert second.errors == []
    assert second.snapshot == first.snapshot


def test_a_preview_migrates_nothing_for_good(stack):
    first = stack.up(OLD)

    ran = stack.preview(MOVES)

    assert {op.split()[0] for op in ran.ops} == {"same"}
    assert stack.snapshot == first.snapshot


def test_without_prior_state_a_migration_is_not_called(stack):
    ran = stack.up(MOVES)

    assert ran.errors == []
    assert ran.ops == ["create new", "create b", "create outside"]


def test_a_kill_in_the_middle_leaves_what_the_next_run_can_go_on_from(stack):
    before = stack.up(OLD).snapshot
    for cut in range(12):
        stack.snapshot = before
        try:
            stack.up(MOVES, cut=cut)
        except Killed:
            pass
        else:
            break

        ran = stack.up(MOVES)

        assert ran.errors == []
        assert ran.recorded("b").id == "id-1"
        assert len(stack.service.objects) == 2
    assert cut > 3


def test_migrations_run_one_after_another_each_on_what_the_last_one_left(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up("""
from pulumi import StateMigrationResult as Result
def one(args):
    return Result([{**args.old_state[0], "inputs": {"size": 2}}])
def two(args):
    state = args.old_state[0]
    return Result([{**state, "outputs": {**state["outputs"], "size": state["inputs"]["size"]}}])
Thing("a", size=2, opts=Options(state_migrations=[one, two]))
""")

    assert ran.errors == []
    assert ran.ops == ["same a"]
    assert ran.recorded("a").inputs == {"size": 2}


@pytest.mark.parametrize(
    ("news", "words"),
    [
        ("[]", "is gone and has no successor"),
        ("args.old_state * 2", "two records of one URN"),
        ('[{**args.old_state[0], "id": "id-7"}]', "id of"),
        ('[{**args.old_state[0], "protect": True}]', "protect of"),
        ('[{**args.old_state[0], "custom": False, "id": ""}]', "its successor is a component"),
        ('[*args.old_state, {**args.old_state[0], "urn": args.urn + "2"}]', "claims an object that no record had"),
        ('[{**args.old_state[0], "dependencies": [args.urn + "9"]}]', "which does not come before it"),
        ('[{"urn": args.urn, "type": 3}]', "its state migration is refused: "),
        ('[{"type": "test:index:Thing"}]', "its state migration is refused: a resource has no urn"),
        ('{"a": 1}', "something else than a list"),
    ],
)
def test_what_is_no_migration_is_refused_and_changes_nothing(stack, news, words):
    first = stack.up('Thing("a", size=1)')

    ran = stack.up(f"""
def wrong(args):
    return pulumi.StateMigrationResult({news})
Thing("a", size=2, opts=Options(state_migrations=[wrong]))
""")

    assert any(words in message for message in ran.errors), ran.errors
    assert ran.recorded("a") == first.recorded("a")
    assert [verb for verb, _ in stack.service.calls] == ["create"]


def test_a_migration_that_raises_fails_its_resource(stack):
    stack.up('Thing("a", size=1)')

    ran = stack.up("""
def wrong(args):
    raise ValueError("not like this")
Thing("a", size=2, opts=Options(state_migrations=[wrong]))
""")

    assert any("not like this" in message for message in ran.errors)
    assert ran.recorded("a").inputs["size"] == 1
