"""How do people read the difference between two states?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from reconciler.cli.render import values
from reconciler.cli.render.colours import Painter
from reconciler.cli.render.values import Look
from reconciler.model import urns
from reconciler.model.values import EMPTY
from reconciler.plan.steps import Op
from reconciler.state.comparison import Comparison, Kind, ResourceChange

_OPS: Mapping[Kind, Op] = {Kind.ADDED: Op.CREATE, Kind.REMOVED: Op.DELETE, Kind.CHANGED: Op.UPDATE}
_SIGNS: Mapping[Kind, str] = {Kind.ADDED: "+ ", Kind.REMOVED: "- ", Kind.CHANGED: "~ "}


def difference_lines(comparison: Comparison, painter: Painter) -> Iterator[str]:
    """A block per resource, then what is pending, then the counts; secrets are masked."""
    for change in comparison.changes:
        yield from _change_lines(change, painter)
    for operation in comparison.begun:
        yield f"+ pending: {operation}"
    for operation in comparison.settled:
        yield f"- pending: {operation}"
    counts = [f"{count} {kind}" for kind, count in comparison.counts().items() if count]
    yield f"Resources: {', '.join([*counts, f'{comparison.unchanged} unchanged'])}"


def _change_lines(change: ResourceChange, painter: Painter) -> Iterator[str]:
    op, look = _OPS[change.kind], Look(painter)
    subject = change.new or change.old
    assert subject is not None, "a change has a record"
    waits = " (waits for its deletion)" if subject.delete else ""
    title = f"{_SIGNS[change.kind]}{urns.short_type(subject.type)}: ({change.kind}){waits}"
    yield painter.op(title, op)
    yield f"    [urn={change.urn}]"
    if change.kind is not Kind.CHANGED:
        yield from [f"    [id={subject.id}]"] if subject.id else []
        yield from values.whole_map(subject.inputs, depth=1, look=look, op=op)
        return
    for name, (old, new) in change.fields.items():
        line = f"  ~ {name}: {json.dumps(old, ensure_ascii=False)} => {json.dumps(new, ensure_ascii=False)}"
        yield painter.op(line, op)
    for part, changed in (("inputs", change.inputs), ("outputs", change.outputs)):
        if changed:
            before = getattr(change.old, part, EMPTY)
            after = getattr(change.new, part, EMPTY)
            yield f"    --{part}:--"
            yield from values.changed_map(before, after, depth=1, look=look)
