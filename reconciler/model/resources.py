"""What the state file says about one resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from reconciler.model.values import EMPTY, PropertyMap, Value

EXTENSION_REF = "extensionRef"
"""Key of `Recorded.extra`: the reference of the package extension that serves the resource."""
EXTENSION = "extension"
"""Key of `Recorded.extra`: that extension itself. The state file has it once, under `extensions`."""

NO_URNS: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One resource of a snapshot. Field names are those of the state file, in snake_case.

    Attributes:
        delete: replaced, and waiting for its deletion at the end of a run.
        pending_replacement: deleted for a replacement that was not created yet.
        custom_timeouts: `create`, `update`, `delete`, `read` -> seconds.
        extra: keys of the state file that we do not know; kept as they are.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    delete: bool = False
    inputs: PropertyMap = field(default_factory=lambda: EMPTY)
    outputs: PropertyMap = field(default_factory=lambda: EMPTY)
    parent: str = ""
    protect: bool = False
    taint: bool = False
    external: bool = False
    dependencies: tuple[str, ...] = ()
    init_errors: tuple[str, ...] = ()
    provider: str = ""
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_URNS)
    pending_replacement: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    source_position: str = ""
    stack_trace: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    hide_diff: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    replacement_trigger: Value = None
    refresh_before_update: bool = False
    view_of: str = ""
    resource_hooks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_URNS)
    extra: Mapping[str, object] = field(default_factory=dict)


_FIELDS: Final = tuple(getattr(Recorded, one.name) for one in fields(Recorded))


def changed(resource: Recorded, **changes: object) -> Recorded:
    """`dataclasses.replace` for where each registration needs it: forty fields are copied in a third of the time."""
    made = object.__new__(Recorded)
    for slot in _FIELDS:
        slot.__set__(made, slot.__get__(resource))
    for name, value in changes.items():
        getattr(Recorded, name).__set__(made, value)
    return made


class PendingType(StrEnum):
    """What was under way, as the state file spells it."""

    CREATING = "creating"
    UPDATING = "updating"
    DELETING = "deleting"
    READING = "reading"
    IMPORTING = "importing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOperation:
    """An operation that began and whose outcome is not known.

    `operation_id` is what the provider was given to find the object by; ""
    where another engine wrote the file.
    """

    type: PendingType
    resource: Recorded
    operation_id: str = ""
