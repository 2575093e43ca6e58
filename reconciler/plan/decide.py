"""The steps for one registration, given what was recorded, what is wanted and their difference. Pure."""

from __future__ import annotations

from dataclasses import replace

from reconciler import errors
from reconciler.contract.protocol import Changes, Diff
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan import steps
from reconciler.plan import wanted as wanting


def decide_new(wanted: Recorded) -> tuple[steps.Step, ...]:
    """Nothing was recorded under this name: make it."""
    return (steps.Create(wanted),)


def decide_existing(
    prior: Recorded,
    wanted: Recorded,
    diff: Diff,
    *,
    deletes_first: bool | None = None,
    dependents: tuple[Recorded, ...] = (),
    already_deleted: bool = False,
    ignores_protection: bool = False,
) -> tuple[steps.Step, ...]:
    """Choose the steps that take a recorded resource to what is wanted, in running order.

    The delete that ends a create-first replacement is left to `plan.deletes`,
    since dependents must move to the new object before the old one goes.

    Args:
        deletes_first: the program's `deleteBeforeReplace`, None when it does not say.
        dependents: what a delete-first replacement takes with it, in the order of deletion.
        already_deleted: this run deleted the object as a dependent of another replacement.
        ignores_protection: the resource's own protection was told already; the steps are shown all the same.

    Raises:
        ProtectedResourceError: a protected resource would be deleted.
    """
    create = steps.CreateReplacement(prior, wanted, diff)
    marker = steps.Replace(prior, wanted, diff)
    if already_deleted or prior.pending_replacement:
        # The object went earlier, in this run or in one that died: only the create is left.
        return (marker, create)
    if prior.external:
        # Somebody else owned what was recorded. It is forgotten, never deleted.
        return (create, marker)
    if replaces(diff):
        if prior.protect and wanted.protect and not ignores_protection:
            raise errors.ProtectedResourceError(prior.urn, op="replacement", because=diff.replaces)
        if not is_delete_first(diff, deletes_first):
            return (create, marker)
        for dependent in dependents:
            if dependent.protect and not ignores_protection:
                raise errors.ProtectedResourceError(
                    dependent.urn, op="replacement", because=(f"it depends on {prior.urn}, which is replaced",)
                )
        gone = (*(steps.DeleteReplaced(dependent, before_create=True) for dependent in dependents),)
        return (*gone, steps.DeleteReplaced(prior, before_create=True, change=diff), marker, create)
    if diff.changes is Changes.SOME or prior.init_errors:
        return (steps.Update(prior, wanting.continued(wanted, prior), diff, wanted.ignore_changes),)
    return (steps.Same(prior, wanting.continued(wanted, prior)),)


def component_diff(prior: Recorded, wanted: Recorded, reason: str) -> Diff:
    """No provider knows a component: its inputs changed, or it is replaced for a `replacements.forced_reason`.

    Its record alone is replaced, and what is replaced with it. The stack itself never is.
    """
    diff = wanting.structural(prior, wanted)
    return because(diff, reason) if reason and wanted.type != urns.STACK_TYPE else diff


def is_imported(prior: Recorded | None, wanted: Recorded) -> bool:
    """Does the program ask for an object that exists, and is it not the one that the stack has?"""
    if not wanted.custom or not wanted.import_id:
        return False
    return prior is None or prior.external or wanted.import_id not in (prior.import_id, prior.id)


def decide_import(
    prior: Recorded | None, wanted: Recorded, *, ignores_protection: bool = False
) -> tuple[steps.Step, ...]:
    """Take an existing object into the stack, in place of whatever was recorded under the name."""
    if prior is None or prior.external:
        return (steps.Import(wanted, prior),)
    if prior.protect and wanted.protect and not ignores_protection:
        raise errors.ProtectedResourceError(prior.urn, op="replacement", because=("id",))
    diff = Diff(changes=Changes.SOME, replaces=("id",))
    return (steps.ImportReplacement(prior, wanted, diff), steps.Replace(prior, wanted, diff))


def decide_read(prior: Recorded | None, wanted: Recorded) -> tuple[steps.Step, ...]:
    """Read somebody else's object, in place of whatever was recorded under the name.

    An object that the stack owned and now only reads is given up: it lives on. Which object it is may not be known
    yet: the id is "" then.
    """
    if not is_read_in_place(prior, wanted):
        return (steps.Read(wanted, prior),)
    assert prior is not None
    diff = Diff(changes=Changes.SOME, replaces=("id",))
    # A program cannot say of a reading whether it is protected: what state says holds.
    if prior.protect and wanted.id:
        raise errors.ProtectedResourceError(prior.urn, op="replacement", because=("id",))
    return (steps.ReadReplacement(prior, wanted, diff), steps.Replace(prior, wanted, diff))


def is_read_in_place(prior: Recorded | None, wanted: Recorded) -> bool:
    """Is another object, which the stack owns, recorded where one is read now?"""
    return prior is not None and not prior.external and prior.id != wanted.id


def replaces(diff: Diff) -> bool:
    """Does this difference need a new object?"""
    return bool(diff.replaces) or any(entry.kind.replaces for entry in (diff.detailed or {}).values())


def is_delete_first(diff: Diff, option: bool | None) -> bool:
    """Must the old object go before the new one is made? The program's word beats the provider's."""
    return diff.delete_before_replace if option is None else option


def because(diff: Diff, key: str) -> Diff:
    """The same difference, a replacement for a reason that is not a property (`provider`, `deletedWith`)."""
    return replace(diff, changes=Changes.SOME, replaces=tuple(dict.fromkeys((*diff.replaces, key))))
