"""Events to a report."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping, Sequence

from reconciler.cli.redact import Redactor
from reconciler.cli.render import policies, values, words
from reconciler.cli.render.board import resources_of
from reconciler.cli.render.colours import plain
from reconciler.cli.render.diffview import compared
from reconciler.cli.render.forecast import forecast
from reconciler.cli.render.values import Look
from reconciler.cli.report.model import ORDER, Attribute, Change, Message, Report
from reconciler.deploy import events
from reconciler.deploy.events import Result, Severity
from reconciler.deploy.options import Kind
from reconciler.model import diffs, paths
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.plan.steps import Op, Refresh, Step

_TOLD = frozenset({Severity.WARNING, Severity.ERROR})
# A replacement is told by its marker; its halves only say what was done.
_HALVES = {
    Op.CREATE_REPLACEMENT: Op.REPLACE,
    Op.DELETE_REPLACED: Op.REPLACE,
    Op.READ_REPLACEMENT: Op.REPLACE,
    Op.IMPORT_REPLACEMENT: Op.REPLACE,
}
_SILENT = frozenset({Op.SAME, Op.READ, Op.REMOVE_PENDING_REPLACE, Op.DISCARD_REPLACED})
_LOOK = Look(full=True)


class ReportView:
    """Collects the events of one run; shows nothing."""

    def __init__(self, project: str, stack: str, kind: Kind, redactor: Redactor) -> None:
        self._report = Report(project=project, stack=stack, kind=kind, is_preview=True, result=Result.FAILED)
        self._redactor = redactor
        self._lock = threading.Lock()
        self._changes: dict[str, Change] = {}
        self._drift: dict[str, Change] = {}
        self._messages: list[Message] = []

    def emit(self, event: events.Event) -> None:
        """Take one event in."""
        with self._lock:
            match event:
                case events.StepStarted() | events.StepDone():
                    self._redactor.learn_resources(*resources_of(event))
                    if isinstance(event, events.StepDone) and not event.internal:
                        self._keep(event.step, lost=event.lost)
                case events.StepFailed():
                    self._keep(event.step, failure=str(event.error))
                case events.Diagnostic() if event.severity in _TOLD and not event.ephemeral:
                    self._messages.append(Message(urn=event.urn, severity=event.severity, text=event.message))
                case events.PolicyViolated():
                    policies.learn(event, self._redactor)
                    told = policies.as_diagnostic(event)
                    self._messages.append(Message(urn=told.urn, severity=told.severity, text=told.message))
                case events.Summary():
                    self._redactor.learn_values(event.outputs)
                    self._report = dataclasses.replace(
                        self._report,
                        is_preview=event.is_preview,
                        result=event.result,
                        unchanged=event.changes.get(Op.SAME, 0),
                        duration_s=event.duration_s,
                    )
                case _:
                    pass

    def finish(self) -> None:
        """Nothing to print."""

    def report(self, *, plan_hash: str = "", commit: str = "", history: Sequence[Mapping[str, object]] = ()) -> Report:
        """What was collected, masked: what was said before a secret became known, too."""
        expected = forecast(history, self._report.kind.value, len(self._changes))
        return dataclasses.replace(
            self._report,
            expected_s=expected.total_s if expected is not None else 0.0,
            changes=self._masked(self._changes.values()),
            drift=self._masked(self._drift.values()),
            messages=tuple(
                dataclasses.replace(message, text=self._redactor.mask(plain(message.text)))
                for message in self._messages
            ),
            plan_hash=plan_hash,
            commit=commit,
        )

    def _keep(self, step: Step, failure: str = "", lost: tuple[str, ...] = ()) -> None:
        op = _HALVES.get(words.shown_op(step), words.shown_op(step))
        if op in _SILENT and not failure:
            return
        kept = self._drift if isinstance(step, Refresh) else self._changes
        before = kept.get(step.urn)
        if before is not None and op is Op.REPLACE and not failure and before.attributes:
            kept[step.urn] = dataclasses.replace(before, facts=lost or before.facts)
            return
        # The old object's delete may come first, and knows nothing of the new one.
        attributes = () if step.op is Op.DELETE_REPLACED else tuple(_attributes(step, op))
        kept[step.urn] = Change(
            urn=step.urn,
            op=op,
            id=step.old.id if step.old is not None else "",
            attributes=attributes or (before.attributes if before else ()),
            reasons=tuple(step.keys) or (before.reasons if before else ()),
            facts=lost or (before.facts if before else ()),
            protected=step.subject.protect,
            drift=isinstance(step, Refresh),
            failure=failure or (before.failure if before else ""),
            position=step.subject.source_position,
        )

    def _masked(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        rank = {op: index for index, op in enumerate(ORDER)}
        ordered = sorted(changes, key=lambda change: (rank.get(change.op, len(ORDER)), change.urn))
        return tuple(self._mask(change) for change in ordered)

    def _mask(self, change: Change) -> Change:
        mask = self._redactor.mask
        return dataclasses.replace(
            change,
            id=mask(plain(change.id)),
            attributes=tuple(
                dataclasses.replace(attribute, before=mask(attribute.before), after=mask(attribute.after))
                for attribute in change.attributes
            ),
            facts=tuple(mask(fact) for fact in change.facts),
            failure=mask(plain(change.failure)),
        )


def _attributes(step: Step, op: Op) -> Iterable[Attribute]:
    old, new = _sides(step, op)
    forced = {paths.top_level(key) for key in step.keys if key}
    for path in diffs.of_maps(_told(old), _told(new)):
        steps = paths.parse_path(path)
        before, after = paths.find_value(old, steps), paths.find_value(new, steps)
        yield Attribute(
            path=str(steps[0]) if len(steps) == 1 else path,
            before="" if before is None else values.render(before, _LOOK),
            after="" if after is None else values.render(after, _LOOK),
            forces=op is Op.REPLACE and str(steps[0]) in forced,
        )


def _sides(step: Step, op: Op) -> tuple[PropertyMap, PropertyMap]:
    """What was and what will be, of the properties that the change is about."""
    if step.old is None or op in (Op.CREATE, Op.IMPORT):
        return EMPTY, step.subject.inputs
    if step.new is None or op is Op.DELETE:
        return step.old.inputs, EMPTY
    return compared(step)


def _told(properties: PropertyMap) -> PropertyMap:
    """Without what the SDK put there for itself: the code of dynamic providers."""
    return {name: value for name, value in properties.items() if not name.startswith("__")}
