"""What stands before and after the steps of a run: banner, diagnostics, outputs, counts, duration."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.cli.render import exported, policies, values, words
from reconciler.cli.render.board import Board, Row
from reconciler.cli.render.colours import OF_SEVERITY
from reconciler.cli.render.views import Display
from reconciler.deploy import events
from reconciler.deploy.events import Result, Severity
from reconciler.deploy.options import Kind
from reconciler.plan.steps import Op

_LABELLED = (Severity.ERROR, Severity.WARNING, Severity.DEBUG)
_UNCOUNTED = frozenset({Op.SAME, Op.READ})

_FAILED = {
    Kind.UPDATE: "update failed",
    Kind.REFRESH: "refresh failed",
    Kind.DESTROY: "destroy failed",
    Kind.IMPORT: "import failed",
}


def banner(display: Display) -> str:
    """`Updating (dev):`, with a newline at the end."""
    return display.painter.heading(f"{words.BANNERS[display.kind, display.preview]} ({display.stack}):") + "\n"


def closing(board: Board, display: Display, *, after_steps: bool = False) -> Iterator[str]:
    """Every section that has something to say, each ended by an empty line where another follows.

    Args:
        after_steps: the steps were told one by one, and what policies say of them with them.
    """
    summary = board.summary
    if summary is not None and not after_steps:
        yield from policies.section(summary.packs, board.policies, board.redactor, display)
    yield from diagnostics(board, display)
    if summary is None:
        return
    if not display.suppress_outputs:
        yield from outputs(summary, display)
    if not after_steps and any(map(policies.is_mandatory, board.policies)):
        # Upstream ends here: what would have been done is of no interest.
        return
    yield from resources(summary, board.errored, display)
    if after_steps:
        yield from policies.packs_run(summary.packs, display)
    if not display.preview:
        yield f"\n{display.painter.heading('Duration:')} {words.duration(summary.duration_s)}\n"
    if display.permalink:
        yield f"\nPermalink: {display.permalink}\n"


def diagnostics(board: Board, display: Display) -> Iterator[str]:
    """`Diagnostics:`, by resource."""
    told = [row for row in board.rows.values() if row.messages]
    ending = _ending(board.summary, display)
    if not told and not ending:
        return
    yield f"\n{display.painter.heading('Diagnostics:')}\n"
    stack_told = False
    for row in told:
        yield from _messages(row, display)
        if row.is_stack and ending:
            stack_told = True
            yield f"    {ending}\n"
        yield "\n" if row is not told[-1] or (ending and not stack_told) else ""
    if ending and not stack_told:
        yield f"  {_title(board.stack)}:\n    {ending}\n"


def _ending(summary: events.Summary | None, display: Display) -> str:
    if summary is None or summary.result is Result.SUCCEEDED:
        return ""
    colour = OF_SEVERITY[Severity.ERROR]
    if summary.result is Result.CANCELED:
        return f"{display.painter.paint('error:', colour)} {display.kind.verb} was cancelled; what was done is saved"
    failed = "preview failed" if display.preview else _FAILED[display.kind]
    return f"{display.painter.paint('error:', colour)} {failed}"


def _messages(row: Row, display: Display) -> Iterator[str]:
    yield f"  {_title(row)}:\n"
    # What two streams said by turns stands together.
    for message in sorted(row.messages, key=lambda message: message.stream):
        label = ""
        if message.severity in _LABELLED:
            label = display.painter.paint(f"{message.severity.value}:", OF_SEVERITY[message.severity]) + " "
        for line in f"{label}{message.message.strip(chr(10))}".splitlines():
            yield f"    {line}".rstrip() + "\n"


def _title(row: Row) -> str:
    if not row.name:
        return "pulumi:pulumi:Stack"
    return f"{row.type} ({row.name})"


def outputs(summary: events.Summary, display: Display) -> Iterator[str]:
    """`Outputs:`: the stack's outputs with what changed in them."""
    names = sorted({*summary.outputs, *summary.old_outputs})
    if not names or summary.result is not Result.SUCCEEDED:
        return
    look = values.Look(display.painter, show_secrets=display.show_secrets, full=display.full_values)
    new = exported.shown_map(summary.old_outputs, summary.outputs)
    lines = values.changed_map(summary.old_outputs, new, depth=1, look=look, show_same=True)
    if lines:
        yield f"\n{display.painter.heading('Outputs:')}\n"
        yield from (f"{line}\n" for line in lines)


def resources(summary: events.Summary, errored: int, display: Display) -> Iterator[str]:
    """`Resources:` with the counts, and in plain words when nothing changes."""
    counts = {op: many for op, many in summary.changes.items() if many and op not in _UNCOUNTED}
    same = summary.changes.get(Op.SAME, 0)
    if counts or same or errored:
        yield f"\n{display.painter.heading('Resources:')}\n"
    for op in Op:
        if op in counts:
            sign = display.painter.op(words.PREFIX[op], op)
            text = f"{counts[op]} {words.counted(op, display.preview)}"
            yield f"    {sign}{display.painter.op(text, op)}\n"
    tail = [f"{sum(counts.values())} changes" if len(counts) > 1 else "", f"{same} unchanged" if same else ""]
    if any(tail):
        yield f"    {'. '.join(part for part in tail if part)}\n"
    if errored:
        yield f"    {errored} errored\n"
    if not counts and not errored and summary.result is Result.SUCCEEDED:
        yield f"\n{_nothing(display)}\n"


def _nothing(display: Display) -> str:
    match display.kind:
        case Kind.REFRESH:
            return "No changes: the state already says what is live."
        case Kind.DESTROY:
            return "No changes: there is nothing to delete."
        case Kind.IMPORT:
            return "No changes: the stack has everything already."
        case Kind.UPDATE:
            will = "would change" if display.preview else "changed"
            return f"No changes: every resource is as the program declares it, nothing {will}."
