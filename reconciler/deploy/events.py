"""Engine events as values: what happens in a run, for displays and for logs.

Order of a run: `Prelude`, then diagnostics and step events as they come, then
the stack's `OutputsRegistered` and one `Summary`. A step is announced by
`StepStarted` and ends in `StepDone`, or in an error of the same urn and
`StepFailed`. Values inside may be secret: whoever prints masks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from reconciler.contract.policies import PackInfo, Remediation, Violation
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
    """A step ended well; `recorded` is what state says now, None when the resource is gone.

    `lost`: in a preview, what the provider says will go with the object, in plain words.
    """

    step: Step
    recorded: Recorded | None
    planning: bool
    duration_s: float = 0.0
    internal: bool = False
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step failed; the error came before it, as a diagnostic of the same urn.

    `steps` says how many steps that people count were done by then.
    """

    step: Step
    error: Exception
    planning: bool
    duration_s: float = 0.0
    steps: int = 0


@dataclass(frozen=True, slots=True)
class OutputsRegistered:
    """A component told its outputs, or the run ended and the stack's are final. `step` is what was done for it."""

    step: Step
    recorded: Recorded
    planning: bool


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message about one resource (`urn`) or the run (""). Ephemeral ones are progress, not for keeps.

    Attributes:
        stream: messages of one stream belong together; 0 is none.
    """

    message: str
    severity: Severity = Severity.INFO
    urn: str = ""
    ephemeral: bool = False
    stream: int = 0


class PolicyCall(StrEnum):
    """What a pack was asked, as names of engine events begin."""

    ANALYZE = "policyAnalyze"
    REMEDIATE = "policyRemediate"
    ANALYZE_STACK = "policyAnalyzeStack"


@dataclass(frozen=True, slots=True)
class PoliciesLoading:
    """A policy pack is being started."""


@dataclass(frozen=True, slots=True)
class PolicyViolated:
    """A policy says that something is wrong with a resource. `inputs` are those it saw: their secrets are masked."""

    urn: str
    violation: Violation
    inputs: PropertyMap = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyRemediated:
    """A policy changed what a resource asks for, from `before` to the remediation's properties."""

    urn: str
    remediation: Remediation
    before: PropertyMap


@dataclass(frozen=True, slots=True)
class PoliciesSummarized:
    """What came of the policies of one pack in one call; `urn` is "" for the stack as a whole."""

    call: PolicyCall
    pack: str
    version: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    urn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The run ended.

    Attributes:
        changes: logical steps that succeeded, `same` included, by op.
        outputs: the stack's outputs after the run (may hold unknowns in previews).
        old_outputs: those before it.
        packs: the policy packs that it obeyed.
    """

    result: Result
    is_preview: bool
    duration_s: float
    changes: Mapping[Op, int]
    outputs: PropertyMap = field(default_factory=dict)
    old_outputs: PropertyMap = field(default_factory=dict)
    may_be_corrupt: bool = False
    packs: tuple[PackInfo, ...] = ()


PolicyEvent: TypeAlias = "PoliciesLoading | PolicyViolated | PolicyRemediated | PoliciesSummarized"

StepEvent: TypeAlias = "StepStarted | StepDone | StepFailed"
Event: TypeAlias = "Prelude | StepEvent | OutputsRegistered | Diagnostic | PolicyEvent | Summary"


def diagnostic_of(error: Exception, urn: str = "") -> Diagnostic:
    """The error as a message about a resource, with its hint on a line of its own."""
    hint = getattr(error, "hint", "")
    return Diagnostic(f"{error}\nhint: {hint}" if hint else str(error), Severity.ERROR, urn)
