"""Runs for programs to read: one document for `preview --json`, engine events line by line for the rest."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from reconciler import errors
from reconciler.cli.redact import Blinders, Redactor
from reconciler.cli.render import policies, words
from reconciler.cli.render.board import resources_of
from reconciler.cli.render.colours import plain
from reconciler.cli.render.views import Display, Write
from reconciler.deploy import events
from reconciler.deploy.events import Severity
from reconciler.model import codec, paths, urns
from reconciler.model.codec import render_json
from reconciler.model.resources import Recorded
from reconciler.model.values import mask
from reconciler.plan.steps import Op, Step
from reconciler.state.resource_records import encode_resource

_NANOSECONDS = 1_000_000_000


class PreviewDocument:
    """Collects a preview and prints it as one JSON document at the end."""

    def __init__(self, display: Display, redactor: Redactor, write: Write) -> None:
        self._display = display
        self._redactor = redactor
        self._write = write
        self._lock = threading.Lock()
        self._steps: list[dict[str, object]] = []
        self._diagnostics: list[dict[str, object]] = []
        self._document: dict[str, object] = {}
        self._has_failed_step = False

    def emit(self, event: events.Event) -> None:
        """Take one event in."""
        with self._lock:
            match event:
                case events.Prelude():
                    self._document["config"] = dict(event.config)
                case events.StepStarted():
                    self._redactor.learn_resources(*resources_of(event))
                case events.StepDone():
                    self._redactor.learn_resources(*resources_of(event))
                    if not event.internal:
                        self._step(event.step)
                case events.Diagnostic() if not event.ephemeral:
                    self._diagnose(event)
                case events.PolicyViolated():
                    policies.learn(event, self._redactor)
                    self._diagnose(policies.as_diagnostic(event))
                case events.StepFailed():
                    self._has_failed_step = True
                case events.Summary():
                    if said := conclusion(event, has_failed_step=self._has_failed_step):
                        self._diagnose(said)
                    self._document["duration"] = int(event.duration_s * _NANOSECONDS)
                    self._document["changeSummary"] = {op.value: many for op, many in event.changes.items() if many}
                    if event.may_be_corrupt:
                        self._document["maybeCorrupt"] = True
                case _:
                    pass

    def finish(self) -> None:
        """Print the document."""
        # What was said before a secret became known is masked now.
        for diagnostic in self._diagnostics:
            diagnostic["message"] = self._redactor.mask(str(diagnostic["message"]))
        steps = self._steps if self._display.show_secrets else self._redactor.mask_data(self._steps)
        head = {"config": self._document.pop("config", {}), "steps": steps}
        told: dict[str, object] = {"diagnostics": self._diagnostics} if self._diagnostics else {}
        self._write(render_json(head | told | self._document, indent=4) + "\n")

    def _step(self, step: Step) -> None:
        op = words.shown_op(step)
        is_stack = urns.type_token(step.urn) == urns.STACK_TYPE
        if not op.is_logical or (op is Op.SAME and not is_stack and not self._display.show_sames):
            return
        data: dict[str, object] = {"op": op.value, "urn": step.urn}
        if step.subject.provider:
            data["provider"] = step.subject.provider
        reveal = self._display.show_secrets
        if step.old is not None:
            data["oldState"] = resource_data(step.old, show_secrets=reveal)
        if step.new is not None:
            data["newState"] = resource_data(step.new, show_secrets=reveal)
        detailed = step.diff.detailed
        if reasons := sorted({paths.top_level(path) for path in detailed or ()}):
            data["diffReasons"] = reasons
        if step.keys:
            data["replaceReasons"] = list(step.keys)
        data["detailedDiff"] = (
            {path: {"kind": change.kind.value, "inputDiff": change.input_diff} for path, change in detailed.items()}
            if detailed
            else None
        )
        self._steps.append(data)

    def _diagnose(self, event: events.Diagnostic) -> None:
        if event.severity is Severity.DEBUG and not self._display.debug:
            return
        urn = {"urn": event.urn} if event.urn else {}
        label = f"{event.severity.value}: " if event.severity in (Severity.ERROR, Severity.WARNING) else ""
        data: dict[str, object] = {**urn, **({"prefix": label} if label else {})}
        self._diagnostics.append(data | {"message": plain(event.message), "severity": event.severity.value})


class EventStream:
    """Prints one engine event per line, in upstream's form; what an event log holds, too."""

    def __init__(
        self, display: Display, redactor: Redactor, write: Write, clock: Callable[[], float] = time.time
    ) -> None:
        self._display = display
        self._redactor = redactor
        self._write = write
        self._clock = clock
        self._lock = threading.Lock()
        self._sequence = 0
        self._has_failed_step = False

    def emit(self, event: events.Event) -> None:
        """Print one event."""
        with self._lock:
            match event:
                case events.StepStarted() | events.StepDone():
                    self._redactor.learn_resources(*resources_of(event))
                case events.OutputsRegistered():
                    self._redactor.learn_values(event.recorded.outputs)
                case events.PolicyViolated() | events.PolicyRemediated():
                    policies.learn(event, self._redactor)
                case events.StepFailed():
                    self._has_failed_step = True
                case events.Summary():
                    self._conclude(event)
            body = event_body(event, self._redactor)
            if body is not None:
                self._line(body)

    def finish(self) -> None:
        """A run has ended; another may follow in the same stream."""

    def close(self) -> None:
        """Print the event after which readers stop."""
        with self._lock:
            self._line({"cancelEvent": {}})

    def _conclude(self, event: events.Summary) -> None:
        """Say why a run ended early."""
        if said := conclusion(event, has_failed_step=self._has_failed_step):
            self._line(event_body(said, self._redactor) or {})
        self._has_failed_step = False

    def _line(self, body: Mapping[str, object]) -> None:
        head = {"sequence": self._sequence, "timestamp": int(self._clock())}
        self._sequence += 1
        # What is marked secret is masked already; an id or an error may repeat it.
        masked = {key: self._redactor.mask_data(item) for key, item in body.items()}
        self._write(render_json(head | masked) + "\n")


def conclusion(event: events.Summary, *, has_failed_step: bool) -> events.Diagnostic | None:
    """What upstream says last of a run that ended early; why a program raised or was refused, it says before."""
    is_cancelled = event.result is events.Result.CANCELED
    if not (has_failed_step or is_cancelled):
        return None
    verb = "preview" if event.is_preview else "update"
    return events.Diagnostic(f"{verb} {'canceled' if is_cancelled else 'failed'}", Severity.ERROR)


def event_body(event: events.Event, redactor: Redactor) -> Mapping[str, object] | None:
    """The event's one key and its fields; None for what upstream has no event for."""
    match event:
        case events.Prelude():
            return {"preludeEvent": {"config": dict(event.config)}}
        case events.Diagnostic():
            data: dict[str, object] = {"urn": event.urn} if event.urn else {}
            data |= {"message": redactor.mask(plain(event.message)) + "\n", "color": "never"}
            data |= {"severity": event.severity.value}
            data |= {"streamID": event.stream} if event.stream else {}
            return {"diagnosticEvent": data | ({"ephemeral": True} if event.ephemeral else {})}
        case events.StepStarted():
            return {"resourcePreEvent": _step_data(event.step, event.step.op, None, event.planning)}
        case events.StepDone():
            if _is_told_with_outputs(event):
                return None
            return {
                "resOutputsEvent": _step_data(event.step, words.shown_op(event.step), event.recorded, event.planning)
            }
        case events.StepFailed():
            if event.planning:
                return None
            metadata = _metadata(event.step, event.step.op, None)
            return {"resOpFailedEvent": {"metadata": metadata, "status": _status(event.error), "steps": event.steps}}
        case events.Summary():
            return {
                "summaryEvent": {
                    "maybeCorrupt": event.may_be_corrupt,
                    "durationSeconds": int(event.duration_s),
                    "resourceChanges": {op.value: many for op, many in event.changes.items() if many},
                    "PolicyPacks": policies.packs_field(event.packs),
                    "isPreview": event.is_preview,
                    "result": event.result.value,
                }
            }
        case events.OutputsRegistered():
            return {"resOutputsEvent": _step_data(event.step, event.step.op, event.recorded, event.planning)}
        case _:
            return policies.event_body(event, redactor)


def _is_told_with_outputs(event: events.StepDone) -> bool:
    """Is it a component that will tell its outputs? Those it has now are of an earlier run."""
    return not (event.planning or event.step.subject.custom or event.step.op in (Op.DELETE, Op.REFRESH))


def _status(error: Exception) -> int:
    """What is known of the object after an error, as upstream numbers it: unchanged, half done, not known."""
    if isinstance(error, errors.PartialError):
        return 1
    return 2 if isinstance(error, errors.AmbiguousError) else 0


def _step_data(step: Step, op: Op, recorded: Recorded | None, planning: bool) -> Mapping[str, object]:
    return {"metadata": _metadata(step, op, recorded)} | ({"planning": True} if planning else {})


def _metadata(step: Step, op: Op, recorded: Recorded | None) -> Mapping[str, object]:
    detailed = step.diff.detailed or {}
    # These have no place in the event where they are empty; a difference that is not there is null.
    optional: dict[str, object] = {
        "keys": list(step.keys),
        "diffs": sorted({paths.top_level(path) for path in detailed}),
        "logical": op.is_logical,
    }
    changes = {
        path: {"diffKind": change.kind.value, "inputDiff": change.input_diff} for path, change in detailed.items()
    }
    return {
        "op": op.value,
        "urn": step.urn,
        "type": step.subject.type,
        "old": _state(step.old),
        "new": _state(recorded or step.new),
        "detailedDiff": changes or None,
        "provider": step.subject.provider,
    } | {name: value for name, value in optional.items() if value}


def _state(resource: Recorded | None) -> Mapping[str, object] | None:
    if resource is None:
        return None
    data: dict[str, object] = {"type": resource.type, "urn": resource.urn}
    flags = {
        "custom": resource.custom,
        "delete": resource.delete,
        "protect": resource.protect,
        "taint": resource.taint,
        "external": resource.external,
        "retainOnDelete": resource.retain_on_delete,
    }
    data |= {name: True for name, value in flags.items() if value}
    data |= {"id": resource.id, "parent": resource.parent}
    data |= {"inputs": codec.encode_map(resource.inputs, Blinders())}
    data |= {"outputs": codec.encode_map(resource.outputs, Blinders()), "provider": resource.provider}
    last = {"initErrors": list(resource.init_errors), "hideDiffs": list(resource.hide_diff)}
    return data | {name: value for name, value in last.items() if value}


def resource_data(resource: Recorded, *, show_secrets: bool) -> Mapping[str, object]:
    """A resource in the form of the state file, secrets as `[secret]`, empty fields left out."""
    if show_secrets:
        return encode_resource(resource, None)
    masked = replace(
        resource,
        inputs={name: mask(value) for name, value in resource.inputs.items()},
        outputs={name: mask(value) for name, value in resource.outputs.items()},
        replacement_trigger=mask(resource.replacement_trigger),
    )
    return encode_resource(masked, Blinders())
