"""Steps: one action on one resource each, with Pulumi's verb for it.

A step is a decision already taken. It holds what was recorded (`old`), what is
wanted (`new`: inputs and options set, outputs not yet) and why; who carries it
out is `deploy.apply`. Every step answers the same questions, so that displays
and events need not know the classes apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from reconciler.contract.protocol import NO_DIFF, Diff
from reconciler.model.resources import Recorded


class Op(StrEnum):
    """Pulumi's verbs, in the order in which summaries list them."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"
    CREATE_REPLACEMENT = "create-replacement"
    DELETE_REPLACED = "delete-replaced"
    READ = "read"
    READ_REPLACEMENT = "read-replacement"
    REFRESH = "refresh"
    DISCARD = "discard"
    DISCARD_REPLACED = "discard-replaced"
    REMOVE_PENDING_REPLACE = "remove-pending-replace"
    IMPORT = "import"
    IMPORT_REPLACEMENT = "import-replacement"

    @property
    def is_logical(self) -> bool:
        """Does it stand for a change that a person counts? The halves of a replacement do not."""
        return self not in _PHYSICAL


_PHYSICAL = frozenset(
    {
        Op.CREATE_REPLACEMENT,
        Op.DELETE_REPLACED,
        Op.READ_REPLACEMENT,
        Op.DISCARD_REPLACED,
        Op.REMOVE_PENDING_REPLACE,
        Op.IMPORT_REPLACEMENT,
    }
)


class _Facts:
    """What every step answers besides its fields."""

    __slots__ = ()
    op: Op

    @property
    def old(self) -> Recorded | None:
        """What was recorded, None for something new."""
        return getattr(self, "prior", None)

    @property
    def new(self) -> Recorded | None:
        """What is wanted, None for something that goes."""
        return getattr(self, "wanted", None)

    @property
    def diff(self) -> Diff:
        """What changes, as the provider said it."""
        change: Diff = getattr(self, "change", NO_DIFF)
        return change

    @property
    def keys(self) -> tuple[str, ...]:
        """Why a replacement: the changed names."""
        return self.diff.replaces

    @property
    def subject(self) -> Recorded:
        """The resource that the step is about."""
        subject = self.new or self.old
        assert subject is not None, "a step has an old or a new resource"
        return subject

    @property
    def urn(self) -> str:
        """The resource's URN."""
        return self.subject.urn


@dataclass(frozen=True, slots=True)
class Same(_Facts):
    """Nothing to call; options and parentage may still be recorded anew."""

    prior: Recorded
    wanted: Recorded
    op = Op.SAME


@dataclass(frozen=True, slots=True)
class Create(_Facts):
    """Make an object."""

    wanted: Recorded
    op = Op.CREATE


@dataclass(frozen=True, slots=True)
class Update(_Facts):
    """Change an object in place."""

    prior: Recorded
    wanted: Recorded
    change: Diff
    ignore_changes: tuple[str, ...] = ()
    op = Op.UPDATE


@dataclass(frozen=True, slots=True)
class Replace(_Facts):
    """The marker of a replacement: no call; the two halves do the work."""

    prior: Recorded
    wanted: Recorded
    change: Diff
    op = Op.REPLACE


@dataclass(frozen=True, slots=True)
class CreateReplacement(_Facts):
    """Make the new object; the old one, if it still exists, waits for its deletion."""

    prior: Recorded
    wanted: Recorded
    change: Diff
    op = Op.CREATE_REPLACEMENT


@dataclass(frozen=True, slots=True)
class DeleteReplaced(_Facts):
    """Delete the old object of a replacement; `before_create` keeps its record, pending replacement.

    `makes_call` is False where it is only forgotten: retained, or deleted with another.
    """

    prior: Recorded
    before_create: bool = False
    change: Diff = NO_DIFF
    makes_call: bool = True
    op = Op.DELETE_REPLACED


@dataclass(frozen=True, slots=True)
class Delete(_Facts):
    """Delete an object, or only forget it (`makes_call` False: component, retained, deleted with another)."""

    prior: Recorded
    makes_call: bool = True
    op = Op.DELETE


@dataclass(frozen=True, slots=True)
class RemovePendingReplace(_Facts):
    """Drop the record of an object that was deleted for a replacement that is not wanted any more."""

    prior: Recorded
    op = Op.REMOVE_PENDING_REPLACE


@dataclass(frozen=True, slots=True)
class Read(_Facts):
    """Read an object that somebody else owns; `prior` is an earlier reading of it."""

    wanted: Recorded
    prior: Recorded | None = None
    op = Op.READ


@dataclass(frozen=True, slots=True)
class ReadReplacement(_Facts):
    """Read an object in place of one that the stack owned, or of another id."""

    prior: Recorded
    wanted: Recorded
    change: Diff
    op = Op.READ_REPLACEMENT


@dataclass(frozen=True, slots=True)
class Import(_Facts):
    """Take an object that exists into the stack, by its id; `prior` is an earlier reading of it."""

    wanted: Recorded
    prior: Recorded | None = None
    op = Op.IMPORT


@dataclass(frozen=True, slots=True)
class ImportReplacement(_Facts):
    """Take an object that exists in place of the one that the stack has."""

    prior: Recorded
    wanted: Recorded
    change: Diff
    op = Op.IMPORT_REPLACEMENT


@dataclass(frozen=True, slots=True)
class Discard(_Facts):
    """Forget an object that somebody else owns."""

    prior: Recorded
    op = Op.DISCARD


@dataclass(frozen=True, slots=True)
class DiscardReplaced(_Facts):
    """Forget an earlier reading that another took the place of."""

    prior: Recorded
    op = Op.DISCARD_REPLACED


@dataclass(frozen=True, slots=True)
class Refresh(_Facts):
    """Make state say what is live. `wanted` is None before the reading, and when the object is gone.

    `result` is what a person counts: same, update or delete.
    """

    prior: Recorded
    wanted: Recorded | None = None
    change: Diff = NO_DIFF
    result: Op = Op.SAME
    op = Op.REFRESH


Step: TypeAlias = (
    "Same | Create | Update | Replace | CreateReplacement | DeleteReplaced | Delete | RemovePendingReplace"
    " | Read | ReadReplacement | Import | ImportReplacement | Discard | DiscardReplaced | Refresh"
)
