"""What the program asked for one resource, with its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.model.resources import NO_URNS
from reconciler.model.values import EMPTY, PropertyMap, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Another identity that a resource may have had. `urn` alone, or parts with None for "as it is now"."""

    urn: str = ""
    name: str | None = None
    type: str | None = None
    stack: str | None = None
    project: str | None = None
    parent: str | None = None
    no_parent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One registration, options resolved as far as the program's words go.

    Attributes:
        provider: provider reference `<urn>::<id>`; "" for components.
        delete_before_replace: None when the program does not say.
        inputs: as the program gave them; unknowns in previews only.
        resource_hooks: moment (`BeforeCreate`, ..., `OnError`) -> names of hooks.
        stack_trace: positions in the project's files, the innermost first.
        extra: what state keeps beside, as `Recorded.extra` has it.
    """

    urn: str
    type: str
    name: str
    custom: bool
    inputs: PropertyMap = field(default_factory=lambda: EMPTY)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_URNS)
    provider: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    import_id: str = ""
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    replacement_trigger: Value = None
    hide_diffs: tuple[str, ...] = ()
    source_position: str = ""
    stack_trace: tuple[str, ...] = ()
    resource_hooks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_URNS)
    extra: Mapping[str, object] = field(default_factory=dict)
