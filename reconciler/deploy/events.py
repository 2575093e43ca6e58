"""Engine events as values: what happens in a run, for displays and for logs.

Order of a run: `Prelude`, then diagnostics and step events as they come, then
one `Summary`. A step is announced by `StepStarted` and ends in `StepDone` or
`StepFailed`. Values inside may be secret: whoever prints masks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from reconciler.model.resources import Recorded
from reconciler.model.values import PropertyMap
from reconciler.plan.steps import Op, Step


class Severity(StrEnum):
    """How much a diagnostic matters, as engine events spell it."""

    DEBUG = "debug"
    INFO = "info"
    STDERR = "info#err"
    WARNING = "warning"
    ERROR = "error"


class Result(StrEnum):
    """How a run ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Prelude:
    """The run begins with this configuration; secret values are blinded already."""

    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step begins. `internal` steps (default providers) are not shown or counted."""

    step: Step
    planning: bool
    internal: bool = False


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step ended well; `recorded` is what state says now, None when the resource is gone."""

    step: Step
    recorded: Recorded | None
    planning: bool
    duration_s: float = 0.0
    internal: bool = False


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step failed; the error follows as a diagnostic of the same urn."""

    step: Step
    error: Exception
    planning: bool
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class OutputsRegistered:
    """A component or the stack told its outputs."""

    recorded: Recorded
    planning: bool


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message about one resource (`urn`) or the run (""). Ephemeral ones are progress, not for keeps."""

    message: str
    severity: Severity = Severity.INFO
    urn: str = ""
    ephemeral: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The run ended.

    Attributes:
        changes: logical steps that succeeded, `same` included, by op.
        outputs: the stack's outputs after the run (may hold unknowns in previews).
        old_outputs: those before it.
    """

    result: Result
    is_preview: bool
    duration_s: float
    changes: Mapping[Op, int]
    outputs: PropertyMap = field(default_factory=dict)
    old_outputs: PropertyMap = field(default_factory=dict)
    may_be_corrupt: bool = False


Event: TypeAlias = "Prelude | StepStarted | StepDone | StepFailed | OutputsRegistered | Diagnostic | Summary"


def diagnostic_of(error: Exception, urn: str = "") -> Diagnostic:
    """The error as a message about a resource, with its hint on a line of its own."""
    hint = getattr(error, "hint", "")
    return Diagnostic(f"{error}\nhint: {hint}" if hint else str(error), Severity.ERROR, urn)
