"""Which words and signs stand for an op, a status, an elapsed time?

All upstream's; see facts of the display in the engine contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil

from reconciler.contract.protocol import DiffKind
from reconciler.deploy.options import Kind
from reconciler.model import diffs, paths
from reconciler.plan.steps import Op, Refresh, Step

PREFIX: Mapping[Op, str] = {
    Op.SAME: "  ",
    Op.CREATE: "+ ",
    Op.UPDATE: "~ ",
    Op.DELETE: "- ",
    Op.REPLACE: "+-",
    Op.CREATE_REPLACEMENT: "++",
    Op.DELETE_REPLACED: "--",
    Op.READ: "> ",
    Op.READ_REPLACEMENT: ">>",
    Op.REFRESH: "~ ",
    Op.DISCARD: "< ",
    Op.DISCARD_REPLACED: "<<",
    Op.REMOVE_PENDING_REPLACE: "~ ",
    Op.IMPORT: "= ",
    Op.IMPORT_REPLACEMENT: "=>",
}

# planned, running, done, failed, to be counted (`2 to create`)
_WORDS: Mapping[Op, tuple[str, str, str, str, str]] = {
    Op.SAME: ("", "", "", "failed", "unchanged"),
    Op.CREATE: ("create", "creating", "created", "creating failed", "create"),
    Op.UPDATE: ("update", "updating", "updated", "updating failed", "update"),
    Op.DELETE: ("delete", "deleting", "deleted", "deleting failed", "delete"),
    Op.REPLACE: ("replace", "replacing", "replaced", "replacing failed", "replace"),
    Op.CREATE_REPLACEMENT: (
        "create replacement",
        "creating replacement",
        "created replacement",
        "creating failed",
        "create replacement",
    ),
    Op.DELETE_REPLACED: (
        "delete original",
        "deleting original",
        "deleted original",
        "deleting failed",
        "delete original",
    ),
    Op.READ: ("read", "reading", "read", "reading failed", "read"),
    Op.READ_REPLACEMENT: (
        "read for replacement",
        "reading for replacement",
        "read for replacement",
        "reading failed",
        "read for replacement",
    ),
    Op.REFRESH: ("refresh", "refreshing", "refreshed", "refreshing failed", "refresh"),
    Op.DISCARD: ("discard", "discarding", "discarded", "discarding failed", "discard"),
    Op.DISCARD_REPLACED: (
        "discard original",
        "discarding original",
        "discarded original",
        "discarding failed",
        "discard original",
    ),
    Op.REMOVE_PENDING_REPLACE: ("", "", "", "failed", "remove pending replacement"),
    Op.IMPORT: ("import", "importing", "imported", "importing failed", "import"),
    Op.IMPORT_REPLACEMENT: (
        "import replacement",
        "importing replacement",
        "imported replacement",
        "importing failed",
        "import replacement",
    ),
}

BANNERS: Mapping[tuple[Kind, bool], str] = {
    (Kind.UPDATE, True): "Previewing update",
    (Kind.UPDATE, False): "Updating",
    (Kind.REFRESH, True): "Previewing refresh",
    (Kind.REFRESH, False): "Refreshing",
    (Kind.DESTROY, True): "Previewing destroy",
    (Kind.DESTROY, False): "Destroying",
    (Kind.IMPORT, True): "Previewing import",
    (Kind.IMPORT, False): "Importing",
}

_DIFF_SIGN: Mapping[str, str] = {"add": "+", "delete": "-", "update": "~"}


def planned(op: Op) -> str:
    """What a preview says of a step: `create`."""
    return _WORDS[op][0]


def running(op: Op) -> str:
    """What is said while a step runs: `creating`."""
    return _WORDS[op][1]


def done(op: Op) -> str:
    """What is said once a step is done: `created`."""
    return _WORDS[op][2]


def failed(op: Op) -> str:
    """What is said of a failed step: `creating failed`."""
    return _WORDS[op][3]


def counted(op: Op, planning: bool) -> str:
    """The word after a count in the summary: `to create`, `created`."""
    return f"to {_WORDS[op][4]}" if planning else _WORDS[op][2] or _WORDS[op][4]


def shown_op(step: Step) -> Op:
    """The op that a person sees: what a refresh found, else the step's own."""
    return step.result if isinstance(step, Refresh) else step.op


def elapsed(seconds: float) -> str:
    """How long something took: two decimals below a second, whole seconds above, minutes past sixty.

    >>> elapsed(0.5), elapsed(3.4), elapsed(75)
    ('0.50s', '3s', '1m15s')
    """
    return f"{seconds:.2f}s" if 0 < seconds < 1 else _whole(int(seconds))


def duration(seconds: float) -> str:
    """How long a run took, rounded up to whole seconds.

    >>> duration(11.2)
    '12s'
    """
    return _whole(max(1, ceil(seconds)))


_COMPARED = frozenset({Op.UPDATE, Op.REPLACE, Op.CREATE_REPLACEMENT, Op.REFRESH})


def diff_summary(step: Step) -> str:
    """`[diff: +added-deleted~changed]` by top-level name; "" when the step changes nothing.

    Names that are only known as a reason for a replacement count as changed.
    """
    signs: dict[str, str] = {}
    for path, kind in _kinds(step):
        steps = paths.parse_any(path)
        name = str(steps[0])
        sign = _DIFF_SIGN[kind.removesuffix("-replace")]
        whole = len(steps) == 1
        signs[name] = sign if whole and signs.get(name, sign) == sign else "~"
    for name in step.keys:
        signs.setdefault(name, "~")
    parts = []
    for sign in "+-~":
        names = sorted(name for name, its in signs.items() if its == sign)
        parts.append(f"{sign}{','.join(names)}" if names else "")
    return f"[diff: {''.join(parts)}]" if signs else ""


def _kinds(step: Step) -> Iterator[tuple[str, str]]:
    """Changed path, and how; of a provider that says no more than "something", by the values themselves."""
    if step.diff.detailed is not None:
        for path, change in step.diff.detailed.items():
            yield path, DiffKind(change.kind).value
    elif step.op in _COMPARED and step.old is not None and step.new is not None:
        old, new = step.old.inputs, step.new.inputs
        if step.op is Op.REFRESH:
            old, new = step.old.outputs, step.new.outputs
        yield from ((path, kind) for path, kind in diffs.of_maps(old, new).items() if not path.startswith("__"))


def _whole(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
