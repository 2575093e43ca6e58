"""What the fuzzer found (`make fuzz`), a case each, in the form that it prints; `promises.keep` says what must hold."""

from __future__ import annotations

import dataclasses

from cases import Asked, Case, Declared, Fault, Record
from promises import keep

A = Declared(name="a")


def alias(name: str) -> str:
    return f"urn:pulumi:dev::proj::test:index:Thing::{name}"


def test_what_names_an_object_that_is_gone_is_rewritten_before_it_is_forgotten():
    b = Declared(name="b", source="a", deleted_with="a", replace_with=("a",))

    keep(Case(records=(Record(declared=A, drift="gone"), Record(declared=b)), asked=Asked(kind="refresh")))


def test_what_waits_for_its_deletion_names_nothing_that_is_gone():
    b = Declared(name="b", depends_on=("a",))
    records = (Record(declared=A, drift="gone"), Record(declared=b), Record(declared=b, waits=True))

    keep(Case(records=records, program=(A, b), asked=Asked(kind="refresh")))


def test_a_bug_of_a_provider_while_reading_leaves_the_others_read():
    keep(
        Case(
            records=(Record(declared=A), Record(declared=Declared(name="b"), drift="changed")),
            program=(A, Declared(name="b")),
            asked=Asked(kind="refresh"),
            faults=(Fault("read", "a", "bug"),),
        )
    )


def test_a_bug_of_a_provider_while_looking_up_what_is_in_doubt_keeps_it_in_doubt_once():
    keep(
        Case(
            records=(Record(declared=A, under_way="creating", happened=True),),
            program=(A,),
            faults=(Fault("find", "a", "bug"),),
        )
    )


def test_what_must_go_first_goes_first_when_it_is_tainted():
    unique = Declared(name="a", type="Unique", unique="n")

    keep(Case(records=(Record(declared=unique, taint=True),), program=(unique,)))


def test_what_must_go_first_goes_first_when_an_option_makes_a_replacement_of_a_change():
    before = Declared(name="a", type="Unique", unique="n", size=1, replaces_on=("size",))

    keep(
        Case(
            records=(Record(declared=before),),
            program=(Declared(name="a", type="Unique", unique="n", size=2, replaces_on=("size",)),),
        )
    )


def test_a_secret_that_the_program_dropped_is_one_until_the_object_has_lost_it():
    keep(
        Case(
            records=(Record(declared=Declared(name="a", secret="canary-a")),),
            program=(A,),
            faults=(Fault("update", "a", "bug"),),
        )
    )


def test_a_secret_of_a_half_made_object_is_one():
    keep(Case(program=(Declared(name="a", secret="canary-a"),), faults=(Fault("create", "a", "partial"),)))


def test_a_target_is_not_made_while_what_it_is_replaced_with_is_not():
    keep(
        Case(program=(A, Declared(name="b", replace_with=("a",))), asked=Asked(targets=("b",), continue_on_error=True))
    )


def test_what_a_failed_provider_serves_is_no_leftover():
    keep(
        Case(
            records=(Record(declared=A),),
            program=(A,),
            asked=Asked(continue_on_error=True),
            faults=(Fault("configure", "default"),),
        )
    )


def test_what_needs_a_failed_provider_of_the_program_is_no_leftover():
    provider = Declared(name="p", type="Provider", account="one")
    a = Declared(name="a", provider="p")

    keep(
        Case(
            records=(Record(declared=provider), Record(declared=a)),
            program=(provider, a),
            asked=Asked(continue_on_error=True),
            faults=(Fault("configure", "p"),),
        )
    )


def test_what_depends_on_a_failed_resource_is_no_leftover():
    b = Declared(name="b", depends_on=("a",))

    keep(
        Case(
            records=(Record(declared=A), Record(declared=b)),
            program=(Declared(name="a", size=2), b),
            asked=Asked(continue_on_error=True),
            faults=(Fault("update", "a"),),
        )
    )


def test_what_a_failed_resource_still_depends_on_is_kept():
    keep(
        Case(
            records=(Record(declared=A), Record(declared=Declared(name="b", source="a"))),
            program=(Declared(name="b", size=2),),
            asked=Asked(continue_on_error=True),
            faults=(Fault("update", "b"),),
        )
    )


def test_what_is_no_target_keeps_its_replaced_provider():
    provider = Declared(name="p", type="Provider", account="one")
    a, b = Declared(name="a", provider="p"), Declared(name="b", provider="p")

    keep(
        Case(
            records=tuple(Record(declared=declared) for declared in (provider, a, b)),
            program=(provider, a, b),
            asked=Asked(targets=("a",), replace=("p",)),
        )
    )


def test_what_is_read_waits_for_a_new_resource_that_is_no_target():
    read = Declared(name="b", read_id="stranger-1", depends_on=("a",))

    keep(
        Case(
            records=(Record(declared=Declared(name="c")),),
            program=(A, read, Declared(name="c")),
            asked=Asked(targets=("c",)),
        )
    )


def test_a_dependent_goes_first_although_an_old_object_of_what_it_needs_waits():
    b = Declared(name="b", source="a")
    records = (Record(declared=A), Record(declared=b), Record(declared=A, waits=True))

    asked = Asked(kind="destroy", continue_on_error=True)

    keep(Case(records=records, program=(A, b), asked=asked, faults=(Fault("delete", "b"),)))


def test_the_provider_of_an_operation_in_doubt_is_kept():
    keep(
        Case(
            records=(Record(declared=A, under_way="creating", happened=True),),
            program=(A,),
            asked=Asked(kind="destroy"),
            faults=(Fault("find", "a"),),
        )
    )


def test_what_is_no_target_follows_the_new_name_of_what_it_needs():
    b = Declared(name="b", type="Group", depends_on=("a",))
    renamed = Declared(name="c", aliases=(alias("a"),))

    keep(
        Case(
            records=(Record(declared=A), Record(declared=b)),
            program=(renamed, Declared(name="b", type="Group", depends_on=("c",))),
            asked=Asked(excludes=("b",)),
        )
    )


def test_what_is_no_target_is_not_deleted_for_the_sake_of_a_target():
    a = Declared(name="a", delete_first=True)
    b = Declared(name="b", zone_of="a")

    keep(
        Case(
            records=(Record(declared=a), Record(declared=b)),
            program=(a, b),
            asked=Asked(targets=("a",), replace=("a",)),
        )
    )


def test_who_needs_a_deleted_object_does_not_mean_the_old_one_that_waits():
    b = Declared(name="b", source="a")
    records = (
        Record(declared=A, under_way="deleting", happened=True),
        Record(declared=b),
        Record(declared=A, waits=True),
    )

    keep(Case(records=records, program=(A, b)))


def test_who_needs_what_is_made_again_comes_after_it():
    b = Declared(name="b", source="a")
    records = (
        Record(declared=A, gone_for_now=True),
        Record(declared=b),
        Record(declared=A, under_way="creating", happened=True),
    )

    keep(Case(records=records, program=(A, b)))


def test_what_is_no_target_follows_the_new_name_of_what_was_replaced():
    renamed = Declared(name="c", zone="y", aliases=(alias("a"),))
    b = Declared(name="b", type="Group", depends_on=("a",))

    keep(
        Case(
            records=(Record(declared=A), Record(declared=b)),
            program=(renamed, Declared(name="b", type="Group", depends_on=("c",))),
            asked=Asked(excludes=("b",)),
        )
    )


def test_what_is_registered_while_its_deletion_is_decided_is_not_taken_along():
    b = Declared(name="b", replace_with=("a",))
    unique = Declared(name="a", type="Unique", unique="n")

    keep(
        Case(
            records=(Record(declared=unique, taint=True), Record(declared=b)),
            program=(unique, Declared(name="b")),
        )
    )


def test_who_names_a_provider_that_was_renamed_and_replaced_names_the_old_one_until_it_comes_to_it():
    before = Declared(name="p", type="Provider", account="one")
    renamed = dataclasses.replace(before, name="q", aliases=("urn:pulumi:dev::proj::pulumi:providers:test::p",))

    keep(
        Case(
            records=(Record(declared=before), Record(declared=Declared(name="a", provider="p"))),
            program=(renamed, Declared(name="a", provider="q")),
            asked=Asked(replace=("q",)),
        )
    )


def test_a_protected_object_is_not_deleted_since_another_one_is_read_in_its_place():
    keep(
        Case(
            records=(
                Record(declared=Declared(name="r0", type="Group")),
                Record(declared=Declared(name="r1", protect=True)),
                Record(declared=Declared(name="r2", type="Group")),
            ),
            program=(Declared(name="r1", read_id="stranger-1", protect=True), Declared(name="r2", type="Group")),
        )
    )


def test_a_target_does_not_come_to_depend_on_what_is_left_alone_and_depends_on_it():
    provider = Declared(name="p", type="Provider", account="one")

    keep(
        Case(
            records=(Record(declared=provider), Record(declared=Declared(name="a", provider="p"))),
            program=(Declared(name="a"), dataclasses.replace(provider, depends_on=("a",))),
            asked=Asked(targets=("p",)),
        )
    )


def test_a_cut_off_update_is_taken_over_without_what_a_cut_off_delete_took_away():
    needed = Declared(name="a")
    needing = Declared(name="b", zone_of="a")

    keep(
        Case(
            records=(
                Record(declared=needed, under_way="deleting", happened=True),
                Record(declared=needing, under_way="updating"),
            ),
            program=(needed, needing),
        )
    )


def test_a_reading_does_not_come_to_depend_on_what_is_left_alone_and_depends_on_it():
    renamed = Declared(name="b", aliases=("urn:pulumi:dev::proj::test:index:Thing::a",))

    keep(
        Case(
            records=(
                Record(declared=Declared(name="read", read_id="stranger-1")),
                Record(declared=Declared(name="a", source="read")),
            ),
            program=(renamed, Declared(name="read", read_id="stranger-1", depends_on=("b",))),
            asked=Asked(targets=("read",)),
        )
    )


def test_what_was_left_alone_does_not_name_what_a_late_reading_finds_gone():
    needing = Declared(name="b", deleted_with="a")

    keep(
        Case(
            records=(Record(declared=Declared(name="a"), drift="gone"), Record(declared=needing)),
            program=(needing.without(frozenset({"a"})),),
            asked=Asked(refresh=True, runs_program=True, targets=("a",)),
        )
    )


def test_a_cut_off_operation_is_looked_up_though_its_provider_was_renamed():
    provider = Declared(
        name="q", type="Provider", account="one", aliases=("urn:pulumi:dev::proj::pulumi:providers:test::p",)
    )

    keep(
        Case(
            records=(
                Record(declared=Declared(name="p", type="Provider", account="one")),
                Record(declared=Declared(name="a", provider="p"), under_way="updating", happened=True),
            ),
            program=(provider, Declared(name="a", provider="q")),
            faults=(Fault(verb="read", name="a"),),
        )
    )


def test_what_is_left_alone_does_not_name_an_old_copy_of_what_a_cut_off_delete_deleted():
    needing = Declared(name="b", replace_with=("a",))

    keep(
        Case(
            records=(
                Record(declared=Declared(name="z")),
                Record(declared=Declared(name="a"), under_way="deleting", happened=True),
                Record(declared=Declared(name="a"), waits=True),
                Record(declared=needing),
            ),
            program=(Declared(name="z"), Declared(name="a"), needing),
            asked=Asked(targets=("z",)),
        )
    )


def test_a_cut_off_delete_that_cannot_be_looked_up_is_not_lost_when_its_resource_is_renamed():
    renamed = Declared(name="b", aliases=("urn:pulumi:dev::proj::test:index:Thing::a",))

    keep(
        Case(
            records=(Record(declared=Declared(name="a"), under_way="deleting", happened=True),),
            program=(renamed,),
            faults=(Fault(verb="read", name="a"),),
        )
    )


def test_a_new_dependency_that_leads_back_through_what_is_still_to_come_and_no_target():
    keep(
        Case(
            records=(
                Record(declared=Declared(name="r0", type="Group")),
                Record(declared=Declared(name="r1", read_id="stranger-1")),
                Record(declared=Declared(name="r2", depends_on=("r1",))),
                Record(declared=Declared(name="r3", zone_of="r2")),
            ),
            program=(
                Declared(name="r0", type="Group"),
                Declared(name="r3"),
                Declared(name="r1", read_id="stranger-1", depends_on=("r3",)),
                Declared(name="r2", depends_on=("r1",)),
            ),
            asked=Asked(targets=("r0",)),
        )
    )


def test_a_plan_to_replace_what_an_alias_renames_is_kept_by_a_run_that_need_not_replace_it():
    keep(
        Case(
            records=(
                Record(declared=Declared(name="r0"), drift="changed"),
                Record(declared=Declared(name="r2", type="Provider", source="r0", account="one")),
            ),
            program=(
                Declared(name="r0"),
                Declared(
                    name="r2x",
                    type="Provider",
                    source="r0",
                    account="one",
                    aliases=("urn:pulumi:dev::proj::pulumi:providers:test::r2",),
                ),
            ),
            asked=Asked(refresh=True, planned=True),
        )
    )


def test_an_update_in_doubt_names_no_old_copy_of_what_a_cut_off_delete_deleted():
    keep(
        Case(
            records=(
                Record(declared=Declared(name="r0"), under_way="deleting", happened=True),
                Record(declared=Declared(name="r2", depends_on=("r0",)), under_way="updating"),
                Record(declared=Declared(name="r0"), waits=True),
            ),
            program=(Declared(name="r0"), Declared(name="r2", depends_on=("r0",))),
        )
    )


def test_what_is_gone_and_cannot_be_created_again_stops_no_other_resource():
    keep(
        Case(
            records=(Record(declared=A, drift="gone"), Record(declared=Declared(name="b"))),
            program=(A, Declared(name="b")),
            asked=Asked(refresh=True, runs_program=True, continue_on_error=True),
            faults=(Fault("create", "a"),),
        )
    )


def test_what_an_apply_declares_stays_where_what_it_needs_is_gone_and_cannot_be_created_again():
    b = Declared(name="b", depends_on=("a",), in_apply=True)

    keep(
        Case(
            records=(Record(declared=A, drift="gone"), Record(declared=b)),
            program=(A, b),
            asked=Asked(refresh=True, continue_on_error=True),
            faults=(Fault("create", "a"),),
        )
    )


def test_a_grandchild_of_what_a_cut_off_delete_deleted_goes_to_the_parent_that_is_left():
    program = (A, Declared(name="b", parent="a"), Declared(name="c", parent="b"))
    gone = (Record(declared=declared, under_way="deleting", happened=True) for declared in program[:2])

    keep(Case(records=(*gone, Record(declared=program[2])), program=program))
