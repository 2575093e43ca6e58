"""`pulumi import`: objects that exist are taken into the stack without a program."""

from __future__ import annotations

import pytest
from stacks import Killed

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.options import Kind
from reconciler.plan.imports import parse_file, resolve

THING, GROUP = "test:index:Thing", "test:index:Group"
URN = "urn:pulumi:dev::proj::"


def imported(stack, *resources, protect=True, names=None, **options):
    file = parse_file({"resources": list(resources), "nameTable": names or {}})
    imports = resolve(file, project="proj", stack="dev", protect=protect)
    return stack.run(Kind.IMPORT, "", imports=imports, continue_on_error=True, **options)


def thing(name, id, **rest):
    return {"type": THING, "name": name, "id": id, **rest}


@pytest.fixture
def stack(stack):
    stack.service.objects |= {
        "id-11": {"size": 5, "zone": "b", "serial": 1, "echo": 5},
        "id-12": {"size": 7, "serial": 2, "echo": 7},
    }
    return stack


def test_an_object_is_imported_into_an_empty_stack_and_the_program_that_says_so_changes_nothing(stack):
    ran = imported(stack, thing("a", "id-11"))

    assert ran.summary.result is events.Result.SUCCEEDED
    assert ran.ops == ["import a"]
    recorded = ran.recorded("a")
    assert (recorded.id, recorded.import_id, recorded.protect) == ("id-11", "id-11", True)
    assert recorded.inputs == {"size": 5, "zone": "b"}
    assert recorded.urn == f"{URN}{THING}::a"
    assert recorded.parent == f"{URN}pulumi:pulumi:Stack::proj-dev"
    assert stack.up('Thing("a", size=5, zone="b", opts=Options(protect=True))').ops == ["same a"]


def test_a_preview_reads_and_records_nothing(stack):
    ran = imported(stack, thing("a", "id-11"), preview=True)

    assert ran.ops == ["import a"]
    assert stack.snapshot.resources == ()


def test_what_is_imported_joins_what_the_stack_has(stack):
    stack.up('Thing("mine", size=1)\npulumi.export("size", 1)')

    ran = imported(stack, thing("a", "id-11"), protect=False)

    assert ran.ops == ["import a"]
    assert sorted(item.partition("=")[0] for item in ran.left) == ["a", "mine"]
    assert ran.recorded("proj-dev").outputs == {"size": 1}
    assert stack.up('Thing("mine", size=1)\nThing("a", size=5, zone="b")').ops == ["same mine", "same a"]


def test_one_that_is_not_there_is_named_and_the_others_are_imported(stack):
    ran = imported(stack, thing("gone", "id-9"), thing("a", "id-11"))

    assert ran.summary.result is events.Result.FAILED
    assert ran.ops == ["import a"]
    (message,) = ran.errors
    assert "there is no test:index:Thing with id id-9 to import as 'gone'" in message
    assert stack.snapshot.pending == ()


def test_the_same_import_again_says_that_it_is_there(stack):
    imported(stack, thing("a", "id-11"))

    ran = imported(stack, thing("a", "id-11"))

    assert ran.summary.result is events.Result.SUCCEEDED
    assert ran.ops == []
    assert ran.messages == ["it is in this stack already: nothing to import"]


def test_a_name_that_is_taken_and_an_object_that_is_managed_are_refused(stack):
    stack.up('Thing("mine", size=1)')
    mine = next(item for item in stack.snapshot.resources if item.type == THING)

    ran = imported(stack, thing("mine", "id-11"), thing("other", mine.id))

    assert ran.ops == []
    taken, managed = sorted(ran.errors, key=lambda text: "that object" in text)
    assert f"has a {THING} of that name already, with the id {mine.id}" in taken
    assert f"has that object already, as {mine.urn}" in managed


def test_children_go_below_parents_of_the_file_and_of_the_stack(stack):
    stack.up('Group("old")')
    ran = imported(
        stack,
        thing("b", "id-12", parent="new"),
        {"type": GROUP, "name": "new", "component": True},
        thing("a", "id-11", parent="known"),
        names={"known": f"{URN}{GROUP}::old"},
    )

    assert sorted(ran.ops) == ["create new", "import a", "import b"]
    assert ran.recorded("a").urn == f"{URN}{GROUP}${THING}::a"
    assert ran.recorded("b").parent == f"{URN}{GROUP}::new"


def test_a_child_of_what_was_not_imported_is_not_imported(stack):
    ran = imported(stack, thing("a", "id-9"), thing("b", "id-12", parent="a"))

    assert ran.ops == []
    assert any("its parent was not imported" in message for message in ran.errors)


def test_a_named_provider_is_one_of_the_stack(stack):
    stack.up('TestProvider("mine")')
    known, unknown = f"{URN}pulumi:providers:test::mine", f"{URN}pulumi:providers:test::other"

    ran = imported(
        stack,
        thing("a", "id-11", provider="mine"),
        thing("b", "id-12", provider="other"),
        names={"mine": known, "other": unknown},
    )

    assert ran.ops == ["import a"]
    assert ran.recorded("a").provider.startswith(f"{known}::")
    assert any(f"there is no provider {unknown} in this stack" in message for message in ran.errors)


def test_properties_choose_what_is_taken_over(stack):
    ran = imported(stack, thing("a", "id-11", properties=["size"]), thing("b", "id-12", properties=["sizes"]))

    assert ran.recorded("a").inputs == {"size": 5}
    assert any("it has no input sizes" in message and "did you mean size?" in message for message in ran.errors)


def test_a_death_while_importing_leaves_an_operation_that_the_next_run_settles(stack):
    with pytest.raises(Killed):
        # Stack and default provider are written, the import has begun.
        imported(stack, thing("a", "id-11"), cut=4)
    assert [item.type.value for item in stack.snapshot.pending] == ["importing"]

    ran = imported(stack, thing("a", "id-11"))

    assert ran.summary.result is events.Result.SUCCEEDED
    assert ran.recorded("a").id == "id-11"
    assert stack.snapshot.pending == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param([], "is no JSON object", id="no-object"),
        pytest.param({"resources": []}, "there are no resources", id="empty"),
        pytest.param({"resources": [{"name": "a", "id": "1"}]}, "resource 'a' has no type", id="no-type"),
        pytest.param({"resources": [{"type": THING, "id": "1"}]}, "resource 0 has no name", id="no-name"),
        pytest.param({"resources": [{"type": THING, "name": "a"}]}, "resource 'a' has no ID", id="no-id"),
        pytest.param(
            {"resources": [thing("a", "1", component=True)]}, "has an ID, but is marked as a component", id="component"
        ),
        pytest.param({"resources": [thing("a", "<PLACEHOLDER>")]}, "still has the ID", id="placeholder"),
        pytest.param({"resources": [thing("a", "1", parnet="b")]}, "'parnet', which means nothing", id="unknown-key"),
        pytest.param({"resources": [thing("a", 1)]}, "resource 'a' has a value that is no text", id="a-number"),
        pytest.param({"resources": [thing("a", "1", parent="p")]}, "the parent 'p' of resource 'a'", id="no-parent"),
        pytest.param({"resources": [thing("a", "1"), thing("a", "2")]}, "would have the URN of another", id="twice"),
        pytest.param(
            {"resources": [thing("a", "1", parent="b"), thing("b", "2", parent="a")]}, "in a circle", id="a-circle"
        ),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(data, words):
    with pytest.raises(errors.UsageError) as caught:
        resolve(parse_file(data), project="proj", stack="dev", protect=True)

    assert words in str(caught.value)


def test_logical_names_part_what_the_file_and_what_the_stack_calls_a_resource():
    file = parse_file({"resources": [thing("a", "1", logicalName="x"), thing("b", "2", parent="a")]})

    first, second = resolve(file, project="proj", stack="dev", protect=False)

    assert (first.label, first.urn) == ("a", f"{URN}{THING}::x")
    assert second.parent == first.urn


def test_what_was_only_read_becomes_the_stacks_own(stack):
    stack.up('Thing("a", opts=Options(id="id-11"))')
    assert stack.snapshot.resources[-1].external

    ran = imported(stack, thing("a", "id-11"))

    assert ran.ops == ["import a"]
    assert not ran.recorded("a").external


def test_a_provider_that_refuses_to_read_is_told_as_a_failed_import(stack):
    stack.service.faults["read a"] = "not today"

    ran = imported(stack, thing("a", "id-11"), thing("b", "id-12"))

    assert ran.ops == ["import b"]
    assert "failed import a" in ran.story
    assert any("not today" in message for message in ran.errors)


def test_nothing_begins_once_the_person_said_stop(stack):
    stack.stop.set()

    ran = imported(stack, thing("a", "id-11"))

    assert (ran.summary.result, ran.ops) == (events.Result.CANCELED, [])
