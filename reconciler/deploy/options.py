"""What one run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.plan.imports import Import


class Kind(StrEnum):
    """The operations, as history spells them."""

    UPDATE = "update"
    REFRESH = "refresh"
    DESTROY = "destroy"
    IMPORT = "resource-import"

    @property
    def verb(self) -> str:
        """What a person calls it."""
        return self.value.removeprefix("resource-")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Options of one run.

    Attributes:
        preview: decide and show, change nothing.
        parallel: how many provider calls may be under way at once; 0 for no limit.
        refresh: make state say what is live before anything is decided.
        continue_on_error: go on with what does not depend on a failed step.
        targets: URNs, or patterns of them, that alone may change; () for all.
        excludes: URNs, or patterns, that must not change. Not together with `targets`.
        with_dependents: targets (or excludes) bring their dependents along.
        runs_program: a refresh or a destroy runs the program too, so that providers have their settings of
            today, and deletes can call the program's hooks. Nothing of what it asks for is made or changed. An
            update that refreshes reads each object when the program comes to it, for the same reason.
        ignore_protect: protected resources may be replaced and deleted all the same.
        replace: URNs, or patterns, of what is replaced whatever its difference says.
        foresees: a preview asks providers what deletes and replacements would lose.
        legacy_diff: equal inputs are no difference, whatever a provider would say (`PULUMI_ENABLE_LEGACY_DIFF`).
        legacy_refresh_diff: a refresh shows how outputs changed, not what drifted from what was asked for
            (`PULUMI_ENABLE_LEGACY_REFRESH_DIFF`).
        imports: what an import takes into the stack, each after its parent.
    """

    kind: Kind
    preview: bool = False
    parallel: int = 16
    refresh: bool = False
    continue_on_error: bool = False
    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    with_dependents: bool = False
    replace: tuple[str, ...] = ()
    runs_program: bool = False
    ignore_protect: bool = False
    legacy_diff: bool = False
    legacy_refresh_diff: bool = False
    foresees: bool = False
    imports: tuple[Import, ...] = ()

    @property
    def refreshes_late(self) -> bool:
        """Is each object read when the program comes to it, with the settings of today, and the rest at the end?"""
        return self.refresh and self.runs_program and self.kind is not Kind.REFRESH

    @property
    def only_listens(self) -> bool:
        """Is the program run for what it says alone, and not for what it asks?"""
        return self.runs_program and self.kind is not Kind.UPDATE
