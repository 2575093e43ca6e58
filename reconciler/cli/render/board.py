"""What is known about each resource of a run so far?

`Board` folds events into one `Row` per resource; the live tree, the plain lines
and the closing sections read it. It decides nothing about layout.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from reconciler.cli.redact import Redactor
from reconciler.cli.render import policies, words
from reconciler.cli.render.colours import one_line, plain
from reconciler.deploy import events
from reconciler.deploy.events import Severity
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan.steps import Delete, Op, Step

ROOT = ""
_HALVES = frozenset({Op.CREATE_REPLACEMENT, Op.DELETE_REPLACED, Op.REPLACE, Op.READ_REPLACEMENT, Op.DISCARD_REPLACED})

_UNCHANGED = frozenset({Op.SAME, Op.READ})


class Phase(Enum):
    """Where a resource's latest step stands. `KNOWN`: only mentioned, by a message or as a parent."""

    KNOWN = "known"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource as displays see it. `began_s` is on the board's clock; `messages` are masked."""

    urn: str
    parent: str
    op: Op = Op.SAME
    phase: Phase = Phase.KNOWN
    planning: bool = False
    began_s: float = 0.0
    took_s: float = 0.0
    diff: str = ""
    retained: bool = False
    messages: tuple[events.Diagnostic, ...] = ()
    progress: str = ""
    violated: bool = False

    @property
    def type(self) -> str:
        """The type as people see it."""
        return urns.short_type(urns.type_token(self.urn)) if self.urn else "pulumi:pulumi:Stack"

    @property
    def name(self) -> str:
        """The logical name, on one line whatever it holds."""
        return one_line(urns.name(self.urn)) if self.urn else ""

    @property
    def is_stack(self) -> bool:
        """Is it the root?"""
        return self.urn == ROOT or urns.type_token(self.urn) == urns.STACK_TYPE

    @property
    def is_unremarkable(self) -> bool:
        """Nothing happened and nobody said anything: displays leave it out."""
        said = self.messages or self.violated
        return self.op is Op.SAME and self.phase is not Phase.FAILED and not said and not self.is_stack


class Board:
    """All rows of one run, in the order in which they were first heard of.

    Not thread-safe: whoever receives events from several threads locks around it.

    Args:
        stack: the URN of the stack's own resource, which has what is said before the program registers it.
    """

    def __init__(self, redactor: Redactor, clock: Callable[[], float], stack: str = ROOT) -> None:
        self.redactor = redactor
        self._clock = clock
        self._rows: dict[str, Row] = {}
        self._stack = stack
        self.summary: events.Summary | None = None
        self.policies: list[events.PolicyViolated | events.PolicyRemediated] = []
        """What policies said of resources, in the order in which they did."""

    @property
    def rows(self) -> Mapping[str, Row]:
        """Row by urn; what is said about the run as a whole is the stack's."""
        return self._rows

    @property
    def errored(self) -> int:
        """How many resources failed."""
        return sum(row.phase is Phase.FAILED for row in self._rows.values())

    @property
    def changed(self) -> int:
        """How many resources are changed already."""
        return sum(row.phase is Phase.DONE and row.op not in _UNCHANGED for row in self._rows.values())

    @property
    def stack(self) -> Row:
        """The stack's row, also where nobody has said anything of it."""
        known = next((row for row in self._rows.values() if row.is_stack), None)
        return known or Row(urn=self._stack, parent="")

    def now(self) -> float:
        """The board's clock, in seconds."""
        return self._clock()

    def fold(self, event: events.Event) -> Row | None:
        """Take one event in; the row that it changed, None when no row is shown for it."""
        match event:
            case events.StepStarted() | events.StepDone() if event.internal:
                self._learn(event)
                return None
            case events.StepStarted():
                self._learn(event)
                return self._step(event.step, event.planning, Phase.RUNNING)
            case events.StepDone():
                self._learn(event)
                return self._step(event.step, event.planning, Phase.DONE, event.duration_s)
            case events.StepFailed():
                return self._step(event.step, event.planning, Phase.FAILED, event.duration_s)
            case events.OutputsRegistered():
                self.redactor.learn_values(event.recorded.outputs)
                return None
            case events.Diagnostic():
                return self._say(event)
            case events.PoliciesLoading():
                return self._say(events.Diagnostic("Loading policy packs...", ephemeral=True))
            case events.PolicyViolated() | events.PolicyRemediated():
                return self._hear_policy(event)
            case events.Summary():
                self.redactor.learn_values(event.outputs)
                self.summary = event
                return None
            case _:
                return None

    def _learn(self, event: events.StepStarted | events.StepDone) -> None:
        self.redactor.learn_resources(*resources_of(event))

    def _step(self, step: Step, planning: bool, phase: Phase, took_s: float = 0.0) -> Row:
        row = self._row(step.urn, step.subject.parent)
        op = words.shown_op(step) if phase is Phase.DONE else step.op
        diff = words.diff_summary(step) or (row.diff if op in _HALVES else "")
        retained = isinstance(step, Delete) and not step.makes_call and step.prior.retain_on_delete
        row = replace(
            row,
            op=op,
            phase=phase,
            planning=planning,
            took_s=took_s,
            diff=diff,
            retained=retained,
            began_s=self._clock() if phase is Phase.RUNNING else row.began_s,
        )
        self._rows[step.urn] = row
        return row

    def _say(self, event: events.Diagnostic) -> Row:
        row = self._row(event.urn or self._stack, "")
        masked = self.redactor.mask(plain(event.message))
        if event.ephemeral:
            row = replace(row, progress=masked)
        else:
            message = events.Diagnostic(masked, event.severity, event.urn, stream=event.stream)
            row = replace(row, messages=(*row.messages, message), progress="")
        self._rows[row.urn] = row
        return row

    def _hear_policy(self, event: events.PolicyViolated | events.PolicyRemediated) -> Row | None:
        policies.learn(event, self.redactor)
        self.policies.append(event)
        if isinstance(event, events.PolicyRemediated):
            return None
        row = replace(self._row(event.urn or self._stack, ""), progress=policies.in_short(event), violated=True)
        self._rows[row.urn] = row
        return row

    def _row(self, urn: str, parent: str) -> Row:
        if urn in self._rows:
            known = self._rows[urn]
            return replace(known, parent=parent or known.parent)
        row = Row(urn=urn, parent=parent)
        if row.is_stack and urn and not self._stack:
            # What was said before the stack had a name is the stack's.
            early = self._rows.pop(ROOT, None)
            row = replace(row, messages=early.messages) if early else row
            self._rows = {urn: row, **self._rows}
            self._stack = urn
        self._rows[urn] = row
        return row


def resources_of(event: events.StepStarted | events.StepDone) -> tuple[Recorded | None, ...]:
    """The resources that an event brings and an earlier event of the step did not."""
    step = event.step
    if isinstance(event, events.StepStarted):
        return step.old, step.new
    return () if step.op is Op.SAME else (event.recorded or step.new,)


def shown(row: Row, *, as_one: bool) -> Op:
    """The op in a display; `as_one` shows the three steps of a replacement as the replacement."""
    return Op.REPLACE if as_one and row.op in _HALVES else row.op


def status(row: Row, op: Op, now_s: float, *, ended: bool) -> str:
    """The Status or Plan column, without colours."""
    suffix = "[retain]" if row.retained else ""
    match row.phase:
        case Phase.KNOWN:
            return ""
        case Phase.FAILED:
            return f"**{words.failed(op)}**"
        case _ if row.planning:
            return words.planned(op) + suffix
        case Phase.RUNNING if ended:
            return f"{words.running(op)} (interrupted)" if words.running(op) else ""
        case Phase.RUNNING:
            waited = int(max(0.0, now_s - row.began_s))
            return f"{words.running(op)} ({waited}s){suffix}" if words.running(op) else ""
        case Phase.DONE:
            return f"{words.done(op)} ({words.elapsed(row.took_s)}){suffix}" if words.done(op) else ""


def info(row: Row, *, ended: bool) -> str:
    """The Info column, without colours: the diff, then the last message or, at the end, the counts."""
    parts = [row.diff]
    if not ended:
        last = row.progress or (row.messages[-1].message if row.messages else "")
        severity = row.messages[-1].severity if row.messages and not row.progress else Severity.INFO
        first = next((line.strip() for line in last.splitlines() if line.strip()), "")
        label = f"{severity.value}: " if severity in (Severity.ERROR, Severity.WARNING) else ""
        parts.append(f"{label}{first}" if first else "")
    else:
        parts.append(_counts(row))
    return "; ".join(part for part in parts if part)


def _counts(row: Row) -> str:
    shown_kinds = (
        ("error", (Severity.ERROR,)),
        ("warning", (Severity.WARNING,)),
        ("message", (Severity.INFO, Severity.STDERR)),
    )
    parts = []
    for word, severities in shown_kinds:
        many = sum(message.severity in severities for message in row.messages)
        parts.append(f"{many} {word}{'s' if many != 1 else ''}" if many else "")
    return "; ".join(part for part in parts if part)
