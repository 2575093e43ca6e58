"""The faults that this project promises to survive: facts/peers.md §5.3, each with what is expected and who shows it.

`HERE` are shown by tests of this folder, marked with `@fault(number)`; `ELSEWHERE` by tests of other folders, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import pytest

T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True)
class Row:
    """One fault.

    Attributes:
        words: what happens. expected: what must come of it.
        elsewhere: test files below tests/ -> tests that show it.
    """

    words: str
    expected: str
    elsewhere: Mapping[str, tuple[str, ...]]


ROWS: Final[Mapping[int, Row]] = {
    1: Row(
        "kill -9 before and after every write, call and rename",
        "nothing forgotten, nothing made twice; what was under way is looked up by the next run",
        {
            "backend/test_operations.py": (
                "test_a_kill_at_any_flush_of_a_run_loses_nothing",
                "test_a_kill_at_any_flush_of_the_recovery_loses_nothing",
            ),
            "backend/test_runs_in_buckets.py": (
                "test_a_death_at_any_write_of_a_run_loses_nothing",
                "test_a_process_killed_while_it_puts_leaves_all_it_began",
            ),
            "lifecycle/test_crashes.py": (
                "test_a_first_up_that_dies_is_finished_by_the_next",
                "test_a_change_that_dies_is_finished_by_the_next",
                "test_a_destroy_that_dies_is_finished_by_the_next",
            ),
        },
    ),
    2: Row(
        "torn record, zero-filled tail, truncated checkpoint",
        "the record is dropped by its checksum, the rest replayed, one warning; a cut checkpoint is refused",
        {
            "state/test_journal_records.py": ("test_a_journal_cut_or_zero_filled_at_any_byte_is_a_prefix",),
            "state/test_checkpoints.py": ("test_a_file_cut_anywhere_is_refused",),
            "backend/test_operations.py": ("test_a_journal_damaged_in_its_middle_is_kept_aside",),
        },
    ),
    3: Row(
        "disk full, quota, read-only, EIO, failed flush, at each write",
        "no provider call goes out any more, the previous state is intact, no secret is printed",
        {"backend/test_journal_objects.py": ("test_a_store_that_fails_stops_the_run_before_its_next_call",)},
    ),
    4: Row(
        "two ups, up with destroy, preview during up",
        "one writer; readers see a consistent state; who comes second is told owner and age",
        {"backend/test_locks.py": ("test_of_many_at_once_never_two_hold_the_lock",)},
    ),
    5: Row(
        "stopped past its lease, lock removed by hand",
        "the late write is refused",
        {
            "backend/test_runs_in_buckets.py": ("test_a_run_that_lost_its_lock_writes_nothing_more",),
            "backend/test_lost_locks.py": ("test_a_run_that_was_cancelled_calls_no_provider_and_writes_nothing_more",),
        },
    ),
    6: Row(
        "lock of a dead owner",
        "taken over, with a line in output and history",
        {
            "backend/test_locks.py": (
                "test_a_lease_without_a_sign_of_life_is_taken_over_after_it_was_watched_for_that_long",
            ),
            "cli/test_backends.py": ("test_whose_lock_was_taken_over_stands_in_the_output_and_in_the_history",),
        },
    ),
    7: Row(
        "clocks an hour off, jumping back, DST",
        "no live lock is taken over; which state is the latest never depends on the time of day",
        {"backend/test_locks.py": ("test_a_live_lease_is_not_taken_over_whatever_the_clocks_say",)},
    ),
    8: Row(
        "bucket: 500, 503, 429, 412, an answer lost after the write",
        "asked again; never two winners",
        {
            "backend/test_stores.py": (
                "test_of_many_that_create_one_object_one_wins",
                "test_only_the_version_that_was_read_is_replaced",
                "test_a_write_that_was_done_though_it_was_said_to_have_failed_is_one_write",
                "test_a_write_whose_answer_never_came_is_one_write",
                "test_another_writers_object_is_never_taken_for_ones_own",
            ),
        },
    ),
    9: Row(
        "provider API: 429, 500, no answer after the commit, reset",
        "asked again where that is safe, looked up where it is not; no object twice",
        {
            "providers/prefect/test_prefect_session.py": (
                "test_a_create_whose_answer_is_lost_looks_for_its_object",
                "test_a_create_whose_answer_is_lost_is_not_sent_again",
                "test_waiting_follows_the_servers_wish_and_ends",
            ),
            "providers/aws/test_aws_provider.py": (
                "test_a_creation_without_an_answer_is_looked_for_and_not_sent_again",
                "test_a_refusal_that_passes_is_tried_again",
            ),
            "providers/snowflake/test_snowflake_session.py": (
                "test_a_create_whose_answer_is_lost_runs_once",
                "test_a_write_without_an_answer_is_in_doubt_and_is_not_run_again",
            ),
        },
    ),
    10: Row(
        "partial create: the object exists, a later call failed",
        "recorded with its reasons; the next run completes it",
        {
            "providers/snowflake/test_snowflake_drift.py": (
                "test_a_create_whose_second_statement_fails_keeps_the_object",
            ),
            "providers/aws/test_aws_provider.py": (
                "test_a_failure_after_the_object_was_made_keeps_its_id",
                "test_the_next_run_finishes_what_was_half_made",
            ),
            "lifecycle/test_steps.py": ("test_a_half_made_object_is_kept_and_finished_by_the_next_run",),
        },
    ),
    11: Row(
        "created, but the id is not known",
        "found and adopted, not created twice",
        {
            "lifecycle/test_crashes.py": ("test_a_create_whose_answer_was_lost_is_adopted",),
            "plugins/test_served.py": ("test_a_plugin_that_is_killed_while_it_creates_is_finished_by_the_next_run",),
            "providers/aws/test_aws_life_cycles.py": ("test_an_interrupted_creation_is_found_by_its_operation",),
            "providers/snowflake/test_snowflake_drift.py": (
                "test_a_create_of_which_nothing_is_known_is_found_by_its_name",
            ),
            "providers/prefect/test_prefect_lifecycle.py": (
                "test_an_interrupted_create_is_found_by_its_mark_or_by_being_as_wanted",
            ),
        },
    ),
    12: Row(
        "delete of what is gone, update of what was changed or removed outside",
        "done; drift",
        {
            "providers/aws/test_aws_life_cycles.py": (
                "test_a_deleted_object_reads_as_gone_and_deletes_again",
                "test_a_change_by_hand_is_seen_and_taken_back",
            ),
            "providers/snowflake/test_snowflake_lifecycle.py": ("test_deleting_twice_is_no_error_and_leaves_nothing",),
            "providers/prefect/test_prefect_lifecycle.py": (
                "test_deleting_what_is_gone_is_fine_and_updating_it_says_so",
            ),
            "lifecycle/test_refresh.py": ("test_what_was_deleted_by_hand_is_made_again",),
        },
    ),
    13: Row(
        "eventual consistency: not found right after the create",
        "waited for within bounds, then in doubt; never a second create",
        {
            "providers/aws/test_aws_provider.py": (
                "test_a_creation_without_an_answer_that_is_not_found_stays_in_doubt",
            ),
            "providers/prefect/test_prefect_session.py": (
                "test_a_create_whose_answer_and_object_are_both_missing_stays_in_doubt",
            ),
        },
    ),
    14: Row(
        "program error, exception in a callback, endless wait, duplicate name",
        "an exit code and one error; nothing that was only half registered is deleted",
        {
            "cli/test_runs.py": ("test_a_program_that_raises_is_told_and_the_state_stays",),
            "lifecycle/test_steps.py": (
                "test_a_program_that_raises_deletes_nothing",
                "test_what_goes_wrong_is_one_error_and_a_failed_run",
            ),
            "cli/test_terminal.py": ("test_a_second_interrupt_ends_the_run_at_once_and_the_next_run_goes_on",),
        },
    ),
    15: Row(
        "SIGINT once and twice, SIGTERM",
        "the first lets what is under way end, the second leaves a valid state, too",
        {
            "cli/test_terminal.py": ("test_one_interrupt_ends_the_run_well",),
            "cli/test_interrupted_plugins.py": (
                "test_a_second_interrupt_leaves_no_plugin_behind_and_the_operation_in_doubt",
            ),
        },
    ),
    16: Row(
        "secrets in state, journal, plan, events, logs, history, temporary files, process list",
        "found in none of them, in no spelling",
        {
            "secrets/test_canaries.py": ("test_no_artefact_of_a_stacks_life_has_a_secret_old_or_new",),
            "secrets/test_redaction.py": ("test_a_secret_is_hidden_however_it_is_spelt",),
            "backend/test_stacks_anywhere.py": ("test_secrets_are_not_in_any_object_while_a_run_is_under_way",),
        },
    ),
    17: Row(
        "a secret whose mark is removed, or which becomes computed",
        "the old value is still redacted",
        {
            "lifecycle/test_found_by_fuzzing.py": (
                "test_a_secret_that_the_program_dropped_is_one_until_the_object_has_lost_it",
            ),
            "secrets/test_canaries.py": ("test_no_artefact_of_a_stacks_life_has_a_secret_old_or_new",),
        },
    ),
    18: Row(
        "wrong passphrase, rotated key, missing key, damaged salt",
        "refused before any change; no state is written",
        {
            "cli/test_runs.py": (
                "test_a_wrong_passphrase_is_one_clear_error_and_touches_nothing",
                "test_a_missing_passphrase_names_both_variables",
            ),
            "secrets/test_changes.py": (
                "test_a_kill_between_any_two_files_leaves_a_stack_that_one_passphrase_reads",
                "test_a_wrong_passphrase_changes_nothing",
            ),
            "state/test_secrets.py": ("test_a_malformed_salt_is_refused_before_anything_is_derived",),
        },
    ),
    19: Row(
        "hostile state: pickles, nesting, huge numbers, duplicates, NaN, half characters",
        "never executed; refused with a reason",
        {
            "plugins/test_dynamic.py": ("test_code_from_the_state_alone_is_not_run_unless_the_project_opts_in",),
            "hostile/test_commands.py": ("test_a_spoilt_state_stops_every_command_before_anything_happens",),
            "hostile/test_files.py": (
                "test_a_spoilt_state_is_refused",
                "test_no_bytes_of_a_state_do_more_than_be_refused",
                "test_packed_files_that_are_bombs_or_damaged_are_refused",
            ),
        },
    ),
    20: Row(
        "hostile archives: climbing, absolute, links, devices, bombs",
        "refused, and nothing is left",
        {
            "hostile/test_archives.py": (
                "test_an_archive_that_is_not_what_it_should_be_is_refused_and_leaves_nothing",
                "test_an_absolute_name_in_a_tar_lands_inside_or_is_refused",
                "test_what_unpacks_to_too_much_is_refused_and_leaves_nothing",
            ),
        },
    ),
    21: Row(
        "YAML: alias bombs, custom tags, duplicate keys, huge scalars",
        "refused with file and place",
        {
            "hostile/test_files.py": (
                "test_a_spoilt_config_file_is_refused",
                "test_no_text_of_a_project_file_does_more_than_be_refused",
            ),
            "hostile/test_commands.py": ("test_a_spoilt_project_stops_a_run_before_anything_happens",),
        },
    ),
    22: Row(
        "plan file edited, of another program, another stack, an older state",
        "refused",
        {
            "cli/test_saved_plans.py": ("test_what_a_saved_plan_does_not_have_is_refused",),
            "lifecycle/test_plans.py": ("test_anything_else_is_refused",),
            "hostile/test_commands.py": ("test_a_spoilt_plan_stops_a_run_before_anything_happens",),
        },
    ),
    23: Row(
        "a state that a newer version wrote",
        "refused, the version named",
        {"hostile/test_commands.py": ("test_a_spoilt_state_stops_every_command_before_anything_happens",)},
    ),
    24: Row(
        "injection by names: SQL, Markdown, HTML, ANSI escapes, newlines in NDJSON",
        "quoted or escaped",
        {
            "cli/report/test_markdown.py": ("test_no_text_leaves_its_place",),
            "cli/report/test_documents.py": ("test_any_report_survives_its_document_and_makes_valid_xml",),
            "providers/snowflake/test_snowflake_statements.py": (
                "test_a_qualified_name_reads_back_as_it_was",
                "test_every_statement_is_one_that_the_sandbox_can_parse",
            ),
        },
    ),
    25: Row(
        "10,000 objects and 1,000 parallel calls with little memory and few descriptors",
        "bounded, and it ends",
        {
            "backend/test_journal_objects.py": ("test_bytes_per_step_do_not_grow_with_the_run",),
        },
    ),
    26: Row(
        "random histories against a model, with providers that fail",
        "after the faults, two runs reach no changes and reality is what the program says",
        {
            "fuzz/test_promises.py": ("test_every_promise_is_kept_whatever_stands_is_asked_and_fails",),
            "fuzz/test_programs.py": ("test_a_run_cut_anywhere_is_finished_by_the_next",),
        },
    ),
}

HERE: Final = (1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 22, 23, 24, 25)


def fault(number: int, *, sampled: bool = False) -> Callable[[T], T]:
    """Mark a test as one that shows a row; its id has the row's number and words.

    Args:
        sampled: it is cheap enough for `make test`.
    """
    marks = [pytest.mark.fault, pytest.mark.sampled] if sampled else [pytest.mark.fault]
    row = pytest.param(number, id=f"{number}: {ROWS[number].words}", marks=marks)
    return pytest.mark.parametrize("row", [row])  # type: ignore[return-value]  # a decorator that keeps its function
