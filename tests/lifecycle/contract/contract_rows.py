"""Every row of the engine contract that the suite must show, and where: the list that coverage is checked against.

Sections are those of the engine contract (facts §4.1-4.15) and of its traps (§11). A row is one line of a table, or one
sentence where a section has no table. `HERE` are rows with a case in this folder: `row` and `case` name them.
`ELSEWHERE` are rows that another test shows well already: file below tests/ -> row -> test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T", bound=Callable[..., None])

HERE = (
    "4.1 a pending replacement that is dropped is not counted",
    "4.1 a read counts only when what was read differs",
    "4.1 a refresh counts its result",
    "4.1 only logical, successful, visible steps are counted",
    "4.1 steps of default providers are not counted",
    "4.2.1 a URN registered twice is an error",
    "4.2.2 aliases are looked up in order",
    "4.2.2 state keeps no aliases: references are rewritten",
    "4.2.2 the own URN is looked up before the aliases",
    "4.2.4 a failed check fails the registration, each property told",
    "4.2.4 a named replacement is checked without olds, with what the program says",
    "4.2.4 a new object is checked without olds",
    "4.2.4 ignored changes are taken back before the check",
    "4.2.4 unknowns reach a check in previews only",
    "4.2.4 what is made again after a delete-first replacement is checked without olds",
    "4.2.4 what is no target keeps its inputs unchecked",
    "4.2.4 what was only read is checked without olds",
    "4.3-0a a refresh that runs the program refreshes and does nothing else",
    "4.3-0a up --refresh --run-program reads each object as it registers, the rest at the end",
    "4.3-0a destroy --refresh --run-program reads with the settings of today, then deletes",
    "4.3-0b a destroy that runs the program deletes what is recorded and skips what is not",
    "4.3-1 another object recorded: import-replacement and replace",
    "4.3-1 nothing recorded: import",
    "4.3-1 only read before: import",
    "4.3-1 the difference is taken against what was imported",
    "4.3-1 the id that is recorded anyway: no import",
    "4.3-1 the same import id as before: no import, though ids may differ in form",
    "4.3-2 deleted earlier in this run: replace and create-replacement",
    "4.3-3 was only read: create-replacement and replace, the reading discarded",
    "4.3-4 recorded and no target: same, with the old state",
    "4.3-5 recorded: the difference decides",
    "4.3-6 a preview reports every target that depends on what is skipped",
    "4.3-6 not recorded and no target: skipped, and a target that depends on it is refused",
    "4.3-7 not recorded: create",
    "4.4 DIFF_UNKNOWN: equal inputs are no difference",
    "4.4 DIFF_UNKNOWN: other inputs are an update",
    "4.4 a diff that fails fails the registration",
    "4.4 a diff that is not available is an update with a warning",
    "4.4 a pending replacement is a replacement though nothing differs",
    "4.4 no difference: same",
    "4.4 replaceOnChanges #initerror: what is half made is replaced",
    "4.4 replaceOnChanges: a path that holds it",
    "4.4 replaceOnChanges: a wildcard",
    "4.4 replaceOnChanges: another path",
    "4.4 replaceOnChanges: the path itself",
    "4.4-1 a resource named by --replace is replaced, key id",
    "4.4-1 a tainted resource is replaced, key id, and is tainted no more",
    "4.4-2 a trigger that is new replaces nothing",
    "4.4-2 a trigger that went replaces nothing",
    "4.4-2 an unknown trigger at an update is an error",
    "4.4-2 an unknown trigger replaces in a preview",
    "4.4-2 secrecy of a trigger is no change",
    "4.4-2 the trigger changed: replace",
    "4.4-2 the trigger is as it was: no difference",
    "4.4-3 what is replaced with another goes with it, key replaceWith",
    "4.4-4 what is deleted with another is replaced with it, key deletedWith",
    "4.4-5 a provider known by an alias is no other provider",
    "4.4-5 a provider of another account replaces, key provider",
    "4.4-5 a provider of the same account changes nothing but the reference",
    "4.4-6 PULUMI_ENABLE_LEGACY_DIFF: equal inputs are no difference",
    "4.4-7 a component with other inputs is updated",
    "4.4-7 a component is replaced for what comes before: named, tainted, trigger, replaceWith, deletedWith",
    "4.4-7 a protected component is not replaced",
    "4.4-7 what is replaced with a component goes with it",
    "4.4-8 a provider is asked with old inputs, old outputs, new inputs and what is ignored",
    "4.5 a replacement is checked again without olds",
    "4.5 a replacement of what still has an import id: an error, in a preview a warning",
    "4.5 an update keeps the object",
    "4.5 create first: the old copy stays, flagged delete, until the end",
    "4.5 delete first: what fails to be made again is pending replacement",
    "4.5 no difference but init errors: update",
    "4.5 protected before and now: a preview shows the replacement, fails, and goes on",
    "4.5 protected before and now: an update fails, naming it",
    "4.5 protection dropped in the same run allows the replacement",
    "4.5 same: metadata is the program's, outputs and id are the recorded ones",
    "4.5 the program says create first",
    "4.5 the program says delete first",
    "4.5 the provider says create first",
    "4.5 the provider says delete first",
    "4.6 a preview with an unknown id reads nothing",
    "4.6 a preview with an unknown id shows the read, and keeps what was read before",
    "4.6 an object that is not ready is recorded with its init errors, and the read fails",
    "4.6 no such object: an error, nothing recorded",
    "4.6 not recorded: read, external, never deleted",
    "4.6 owned before with another id: read-replacement, the owned one deleted",
    "4.6 owned before with the same id: read, the object is given up and lives on",
    "4.6 previews read too",
    "4.6 read before with another id: read",
    "4.6 the provider gets the properties as inputs and as state",
    "4.7 a call where the deletedWith target stays",
    "4.7 a call where the deletedWith target is protected, or needed by what is",
    "4.7 a program that raised deletes nothing",
    "4.7 after a failed step deletes go on with continue-on-error",
    "4.7 after a failed step nothing is deleted",
    "4.7 destroy is an update to an empty program",
    "4.7 every protected resource is told, others are deleted",
    "4.7 no call: components",
    "4.7 no call: deletedWith whose target goes too",
    "4.7 no call: external",
    "4.7 no call: retainOnDelete",
    "4.7 order: deletedWith",
    "4.7 order: dependencies",
    "4.7 order: parent",
    "4.7 order: propertyDependencies",
    "4.7 order: provider",
    "4.7 order: replaceWith",
    "4.7 under continue-on-error what a failed delete depends on is kept",
    "4.7 what does not depend on each other is deleted side by side",
    "4.7 what is pending replacement and not wanted any more: remove-pending-replace",
    "4.7 what waits for its deletion: delete-replaced",
    "4.7 what was not registered: delete",
    "4.8 additionalSecretOutputs: stored",
    "4.8 additionalSecretOutputs: the outputs are secret",
    "4.8 components ignore options of objects",
    "4.8 customTimeouts: given to the provider, in seconds",
    "4.8 customTimeouts: stored in seconds",
    "4.8 deletedWith and replaceWith: stored as URNs, after what they name",
    "4.8 dependsOn: in dependencies, propertyDependencies name properties",
    "4.8 hideDiffs: stored",
    "4.8 ignoreChanges: sent to diff and update",
    "4.8 ignoreChanges: stored",
    "4.8 import: the id is stored each run and gone with the option",
    "4.8 protect, retainOnDelete and deletedWith are inherited from the parent",
    "4.8 protect: blocks a delete until it is unset",
    "4.8 providers: of the parent, for the package",
    "4.8 replaceOnChanges: stored",
    "4.8 replacementTrigger: stored",
    "4.8 retainOnDelete: a replaced object stays, too",
    "4.8 retainOnDelete: stored",
    "4.8 version: a default provider for each version",
    "4.9 a path error is a warning, and the path is skipped",
    "4.9 inner key missing in both: fine",
    "4.9 key in old, dropped by the program: the recorded value",
    "4.9 key in old: the recorded value",
    "4.9 key not in old: taken out",
    "4.9 nothing is ignored by a create",
    "4.9 secrets are looked through",
    "4.9 wildcard on objects: the recorded keys and values",
    "4.10 a dependent that the program dropped is deleted, not made again",
    "4.10 a property that can change in place: not taken",
    "4.10 a property that its provider says replaces: taken",
    "4.10 a protected dependent: an error, nothing deleted",
    "4.10 components and what was only read are not taken",
    "4.10 deletedWith: taken",
    "4.10 dependsOn alone: not taken",
    "4.10 ignoreChanges as recorded is applied: not taken",
    "4.10 replaceOnChanges as recorded is applied: taken",
    "4.10 replaceWith: taken",
    "4.10 what is taken takes its own dependents, last ones first",
    "4.10 what its provider manages is taken",
    "4.11 * is any run without a colon, ** is anything",
    "4.11 --target and --exclude are not given together",
    "4.11 a target that names nothing: the error says how the shell takes URNs apart",
    "4.11 --replace alone does not restrict other resources",
    "4.11 --target-replace is a target and a replacement",
    "4.11 a replaced target's dependents keep their state",
    "4.11 providers and the stack are always included",
    "4.11 providers and the stack are deleted only where they are targets, or follow one",
    "4.12 a read gets the recorded inputs, outputs and timeout",
    "4.12 a read that fails fails the refresh, state stays",
    "4.12 a read that fails keeps no other from being read",
    "4.12 a refresh that runs the program uses the settings of today",
    "4.12 an init failure is a warning: new state and init errors are recorded, the refresh goes on",
    "4.12 components, providers and pending replacements are not read; external ones are",
    "4.12 drift is shown against what is desired: added",
    "4.12 drift is shown against what is desired: changed",
    "4.12 drift is shown against what is desired: taken away",
    "4.12 what waits for its deletion is read, too, and forgotten when it is gone",
    "4.12 objects are read side by side",
    "4.12 PULUMI_ENABLE_LEGACY_REFRESH_DIFF: the outputs are compared",
    "4.12 of what was only read the outputs are compared",
    "4.12 returned inputs and outputs replace what is recorded, modified is updated",
    "4.12 up --refresh refreshes, then updates, in one operation",
    "4.12 what did not change keeps its record",
    "4.12 what is gone is removed, its dependencies pruned, its children given to its parent",
    "4.12 what was never set has no drift",
    "4.13 a refused call leaves no pending operation",
    "4.13 before a create",
    "4.13 before a delete",
    "4.13 before a read",
    "4.13 before an import",
    "4.13 before an update",
    "4.13 what is found pending is told as a warning and is no error",
    "4.15 --parallel 1 is one after another",
    "4.15 a preview decides as an update does and writes nothing",
    "4.15 a program that raises: what was done stays, nothing is deleted",
    "4.15 a run that is stopped finishes calls under way, begins no step, saves",
    "4.15 an error that is the provider's word: the object did not change",
    "4.15 an error that says nothing: the status is unknown",
    "4.15 continue-on-error: dependents of a failure are skipped, others go on",
    "4.15 create fails partially: recorded with id, outputs, new inputs and init errors",
    "4.15 create fails: nothing recorded, nothing pending",
    "4.15 create returns no id: an error, nothing recorded",
    "4.15 created and modified: set by create and import, modified by update, kept by same",
    "4.15 delete fails: the old state is kept",
    "4.15 in a preview, what a provider leaves out is unknown",
    "4.15 registrations run side by side up to --parallel",
    "4.15 steps of one registration are serial",
    "4.15 the first failure begins no new step, calls under way finish",
    "4.15 update fails partially: old inputs, new outputs, init errors",
    "4.15 update fails: the old state is kept",
    "11.2 every provider has __internal, default providers their names, ids are kept across runs",
    "11.3 old and new inputs compare as doubles",
    "11.4 the hash of an asset is recorded, and another content is a difference",
    "11.4 an asset that cannot be read fails the program, nothing recorded",
    "11.5 same rewrites changed metadata",
    "11.6 component outputs are replaced by each run",
    "11.6 stack outputs are replaced on success and merged on failure",
    "11.7 dependencies are sorted and unique, propertyDependencies as the SDK gives them",
    "11.8 a crash between create-replacement and delete leaves the old copy to be deleted",
    "11.14 a provider whose settings are unknown in a preview: nothing called, all unknown, one warning",
    "11.15 a partially failed update stores old inputs",
)

ELSEWHERE = {
    "lifecycle/test_options.py": {
        "4.2.2 each form of an alias": "test_an_alias_continues_what_was_recorded_under_another_urn",
        "4.2.2 two resources that claim one old state: an error": "test_two_resources_cannot_continue_the_same_one",
        "4.8 aliases": "test_an_alias_continues_what_was_recorded_under_another_urn",
    },
    "host/test_assets.py": {
        "11.4 hashes of assets, archives and folders": "test_the_published_hashes_hold",
    },
    "lifecycle/test_autonaming.py": {
        "4.2.4 a plan's random seed is used again": "test_a_plan_and_its_run_draw_the_same_name",
        "4.5 a generated name without chance forces delete first": (
            "test_chance_in_the_name_lets_the_new_object_stand_beside_the_old_one"
        ),
        "4.14 mode and pattern, the most specific rule": "test_an_object_gets_the_configured_name_and_keeps_it",
        "4.14 disabled: a name must be given": "test_where_names_are_not_generated_one_must_be_given",
        "4.14 no chance in the name: delete first": (
            "test_chance_in_the_name_lets_the_new_object_stand_beside_the_old_one"
        ),
    },
    "plan/test_decide.py": {
        "4.4 a kind of a detailed diff that replaces, replaces": (
            "test_the_steps_follow_from_what_was_recorded_and_what_differs"
        ),
    },
    "plan/test_wanted.py": {
        "4.4 replaceOnChanges turns a detailed kind into its replacement": (
            "test_a_rule_turns_a_matching_change_into_a_replacement"
        ),
        "4.9 array index in both, in neither, in one": "test_an_ignored_change_keeps_the_recorded_value",
        "4.9 each path error": "test_a_path_that_cannot_be_followed_is_said_and_skipped",
    },
    "lifecycle/test_protection.py": {
        "4.5 protected, with --ignore-protect": "test_protection_may_be_ignored_for_a_run",
        "4.12 --import-pending-creates": "test_a_refresh_imports_the_object_that_a_person_named",
    },
    "lifecycle/test_transforms.py": {
        "4.8 transforms": "test_a_transform_sets_an_option",
    },
    "lifecycle/test_hooks.py": {
        "4.8 hooks: around each operation": "test_hooks_are_called_around_an_update_with_old_and_new_values",
        "4.8 hooks: names are stored": "test_state_keeps_the_names_of_hooks",
    },
    "lifecycle/test_steps.py": {
        "4.8 secrets of inputs are secrets of outputs": "test_secret_inputs_stay_secret_in_outputs",
    },
    "lifecycle/test_targets.py": {
        "4.11 a target alone changes": "test_only_the_target_changes",
        "4.11 a target that names nothing: an error": "test_a_target_that_names_nothing_is_an_error",
        "4.11 --target-dependents": "test_target_dependents_come_along",
        "4.11 --exclude": "test_all_but_the_excluded_change",
        "4.11 --exclude-dependents": "test_exclude_dependents_stay_too",
        "4.11 destroy of what others need: refused without --target-dependents": (
            "test_destroy_of_what_others_need_is_refused_without_them"
        ),
        "4.11 destroy keeps what an excluded resource needs": "test_destroy_keeps_what_an_excluded_resource_needs",
        "4.11 refresh honours targets": "test_a_refresh_reads_its_targets_only",
    },
    "plan/test_protected.py": {
        "4.11 --exclude-protected": "test_what_is_protected_and_what_it_needs",
    },
    "lifecycle/test_refresh.py": {
        "4.12 a preview of a refresh writes nothing": "test_a_preview_of_a_refresh_reads_but_writes_nothing",
    },
    "plan/test_pending.py": {
        "4.12 --clear-pending-creates": "test_only_creates_are_cleared",
    },
    "lifecycle/test_crashes.py": {
        "4.13 what is found pending is looked up": "test_a_create_whose_answer_was_lost_is_adopted",
        "4.13 a preview leaves pending operations alone": "test_a_preview_leaves_an_operation_in_doubt_alone",
    },
    "plugins/test_failures.py": {
        "4.15 gRPC statuses": "test_status_codes",
    },
    "lifecycle/test_plans.py": {
        "4.15 plans: what was planned is done": "test_a_run_carries_out_its_plan",
        "4.15 plans: anything else is an error": "test_anything_else_is_refused",
        "4.15 plans: a missing planned step is an error": "test_a_planned_change_that_the_program_dropped_is_told",
    },
    "plugins/test_views.py": {
        "4.12 refreshBeforeUpdate: read before each difference": (
            "test_what_its_provider_calls_out_of_date_is_read_before_it_is_compared"
        ),
        "4.15 views: below their object, with it": "test_views_live_with_their_object",
    },
    "policies/test_policed_runs.py": {
        "4.2.5 policies: remediate, then analyse": "test_an_update_remediates_and_policies_see_what_there_is",
        "4.2.5 a mandatory violation: an update fails the resource": (
            "test_a_mandatory_violation_stops_its_resource_and_the_update"
        ),
        "4.2.5 a mandatory violation: a preview tells it and goes on": (
            "test_a_preview_tells_every_violation_and_goes_on"
        ),
        "4.15 stack policies run after success": (
            "test_a_mandatory_violation_of_the_stack_fails_the_update_that_is_done"
        ),
    },
    "plugins/test_stopping.py": {
        "4.15 SIGINT: providers are told": "test_a_plugin_is_told_to_cancel_and_its_outcome_is_recorded",
    },
    "cli/test_config_command.py": {
        "11.12 config --json has a value for objects, too": "test_paths_reach_into_values",
    },
    "cli/test_plugin_command.py": {
        "11.12 plugin ls --json": "test_an_installed_plugin_serves_programs_until_it_is_removed",
    },
    "cli/test_terminal.py": {
        "4.15 SIGINT once: what is under way finishes": "test_one_interrupt_ends_the_run_well",
        "4.15 SIGINT twice": "test_a_second_interrupt_ends_the_run_at_once_and_the_next_run_goes_on",
    },
    "state/test_checkpoints.py": {
        "11.1 the byte form of the stack file": "test_an_official_file_is_written_back_to_the_byte",
        "11.1 what is no checkpoint": "test_what_is_not_a_checkpoint_is_refused",
        "11.8 flags survive the state file": "test_any_snapshot_survives_the_state_file",
    },
    "backend/test_locks.py": {
        "11.9 the lock file": "test_a_lock_file_has_upstreams_keys_and_is_gone_after_release",
    },
    "backend/test_operations.py": {
        "11.9 .bak and history": "test_a_run_is_saved_once_with_history_and_backup",
    },
    "state/test_secrets.py": {
        "11.10 the salt, and an empty passphrase": (
            "test_a_new_manager_with_an_empty_passphrase_opens_again_from_its_state"
        ),
    },
    "host/test_serve.py": {
        "11.11 UNAVAILABLE on shutdown": "test_an_error_is_an_answer_with_a_status",
    },
    "host/test_doors_inline.py": {
        "11.13 an inline program runs twice in an up with preview": "test_an_up_with_a_preview_calls_the_program_twice",
    },
}
ROWS = (*HERE, *(name for rows in ELSEWHERE.values() for name in rows))


def row(name: str) -> Callable[[T], T]:
    """Mark a test as the case of a row; the row becomes part of its id."""
    _check(name)

    def mark(test: T) -> T:
        named = pytest.mark.parametrize("row", [pytest.param(name, id=name)], indirect=True)(test)
        return pytest.mark.usefixtures("row")(named)

    return mark


def case(name: str, *values: object) -> object:
    """The parameters of a test that are the case of a row."""
    _check(name)
    return pytest.param(*values, id=name)


def _check(name: str) -> None:
    assert name in HERE, f"{name!r} is not in the list of rows"
