"""Each step with the properties that it changes: `--diff`, and `details` at the prompt."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from reconciler.cli.render import policies, sections, values, words
from reconciler.cli.render.board import Board
from reconciler.cli.render.colours import Style
from reconciler.cli.render.values import Look
from reconciler.cli.render.views import Display, Write
from reconciler.deploy import events
from reconciler.deploy.events import Severity
from reconciler.model import paths, urns
from reconciler.model.resources import Recorded
from reconciler.model.values import EMPTY, PropertyMap, Value
from reconciler.plan.steps import Op, Step

_MADE = frozenset({Op.CREATE, Op.CREATE_REPLACEMENT, Op.READ, Op.READ_REPLACEMENT, Op.IMPORT, Op.IMPORT_REPLACEMENT})
_GONE = frozenset({Op.DELETE, Op.DELETE_REPLACED, Op.DISCARD, Op.DISCARD_REPLACED})
_DEFAULT_PROVIDER = "default"


class DiffView:
    """The display of `--diff`: steps as they end, then the sections."""

    def __init__(self, display: Display, board: Board, write: Write) -> None:
        self._display = display
        self._board = board
        self._write = write
        self._lock = threading.Lock()
        self._parents: dict[str, str] = {}
        write(sections.banner(display))

    def emit(self, event: events.Event) -> None:
        """Print a step once it has ended."""
        if isinstance(event, events.Diagnostic) and event.severity is Severity.DEBUG and not self._display.debug:
            return
        with self._lock:
            row = self._board.fold(event)
            if isinstance(event, (events.PolicyViolated, events.PolicyRemediated)):
                self._write("".join(policies.lines(event, self._board.redactor, self._display)))
            if row is None or not isinstance(event, (events.StepStarted, events.StepDone, events.StepFailed)):
                return
            self._parents[row.urn] = row.parent
            if not isinstance(event, events.StepStarted) and is_told(event.step, self._display):
                recorded = event.recorded if isinstance(event, events.StepDone) else None
                depth = self._depth(row.urn)
                lines = step_lines(event.step, recorded, event.planning, depth, self._display)
                self._write("".join(f"{line}\n" for line in lines))

    def finish(self) -> None:
        """Print the sections."""
        with self._lock:
            self._write("".join(sections.closing(self._board, self._display, after_steps=True)))

    def _depth(self, urn: str) -> int:
        depth, parent = 0, self._parents.get(urn, "")
        while parent:
            depth, parent = depth + 1, self._parents.get(parent, "")
        return depth


def is_told(step: Step, display: Display) -> bool:
    """Does a person who reads changes want to read of this step?"""
    match words.shown_op(step):
        case Op.SAME:
            return display.show_sames or urns.type_token(step.urn) == urns.STACK_TYPE
        case Op.READ:
            return display.show_reads
        case Op.CREATE_REPLACEMENT | Op.DELETE_REPLACED:
            # Their marker, `replace`, says what changes.
            return display.show_replacement_steps
        case Op.REMOVE_PENDING_REPLACE:
            return False
        case _:
            return True


def step_lines(step: Step, recorded: Recorded | None, planning: bool, depth: int, display: Display) -> Iterator[str]:
    """The lines of one step: title, identity, properties."""
    look = Look(display.painter, show_secrets=display.show_secrets, full=display.full_values)
    op, subject = words.shown_op(step), step.subject
    indent = " " * (4 * depth)
    mark = display.painter.paint(" [protected]", Style.YELLOW) if subject.protect else ""
    title = f"{words.PREFIX[op]}{urns.short_type(subject.type)}: ({op})"
    yield f"{indent}{display.painter.op(title, op)}{mark}"
    id = (recorded.id if recorded else "") or (step.old.id if step.old else "") or subject.id
    if id and (not planning or op not in (Op.CREATE, Op.CREATE_REPLACEMENT)):
        yield f"{indent}    [id={id}]"
    yield f"{indent}    [urn={subject.urn}]"
    if subject.provider and not _is_default(subject.provider):
        yield f"{indent}    [provider={subject.provider}]"
    yield from _properties(step, op, depth + 1, look)
    if recorded is not None and not planning:
        yield from _results(step, op, recorded, depth + 1, look)


def _properties(step: Step, op: Op, depth: int, look: Look) -> list[str]:
    if op in _GONE or urns.type_token(step.urn) == urns.STACK_TYPE:
        return []
    if op in _MADE or step.old is None:
        return values.whole_map(step.subject.inputs, depth=depth, look=look, op=op if op in _MADE else None)
    old, new = compared(step)
    hidden = [paths.parse_any(path) for path in step.subject.hide_diff]
    if hidden:
        old, new = (dict(_items(values.withheld(side, hidden))) for side in (old, new))
    return values.changed_map(old, new, depth=depth, look=look, notes=_reasons(step))


def compared(step: Step) -> tuple[PropertyMap, PropertyMap]:
    """What to hold against each other: inputs, and for a name changed only remotely, what was recorded of it."""
    assert step.old is not None, "a change has something that it changes"
    new = step.new if step.new is not None else step.old
    if step.op is Op.REFRESH:
        return step.old.outputs, new.outputs
    old_inputs, new_inputs = dict(step.old.inputs), dict(new.inputs)
    for path, change in (step.diff.detailed or {}).items():
        steps = paths.parse_any(path)
        before = paths.find_value(step.old.inputs if change.input_diff else step.old.outputs, steps)
        after = paths.find_value(new.inputs, steps)
        root = str(steps[0])
        if values.render(_at(old_inputs, path), look=Look()) == values.render(_at(new_inputs, path), look=Look()):
            # The inputs agree: what differs is what the object looks like.
            if len(steps) == 1:
                old_inputs[root], new_inputs[root] = before, after
            else:
                old_inputs[path], new_inputs[path] = before, after
    return old_inputs, new_inputs


def _items(value: Value) -> PropertyMap:
    assert isinstance(value, Mapping), "stand-ins keep a map a map"
    return value


def _at(properties: PropertyMap, path: str) -> Value:
    return paths.find_value(properties, paths.parse_any(path))


def _reasons(step: Step) -> Mapping[str, str]:
    return dict.fromkeys(step.keys, "(forces replacement)")


def _results(step: Step, op: Op, recorded: Recorded, depth: int, look: Look) -> list[str]:
    """What the provider reported besides what was asked for, where that is news."""
    if op not in _MADE | {Op.UPDATE} or step.op is Op.REFRESH:
        return []
    before = step.old.outputs if step.old is not None and op is Op.UPDATE else EMPTY
    old = {name: value for name, value in before.items() if name not in recorded.inputs}
    new = {name: value for name, value in recorded.outputs.items() if name not in recorded.inputs and name != "id"}
    lines = (
        values.changed_map(old, new, depth=depth, look=look)
        if before
        else values.whole_map(new, depth=depth, look=look, op=op)
    )
    return [f"{' ' * (4 * depth)}--outputs:--", *lines] if lines else []


def _is_default(reference: str) -> bool:
    """Default providers, versioned ones too, are nobody's choice: naming them is noise."""
    return urns.name(reference.rpartition("::")[0]).startswith(_DEFAULT_PROVIDER)
