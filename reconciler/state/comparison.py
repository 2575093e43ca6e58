"""What differs between two states of a stack? Pure.

Where a resource stands, when it was touched and which line of the program declared it is no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from reconciler.model import codec, diffs, paths
from reconciler.model.resources import Recorded
from reconciler.model.values import EMPTY, PropertyMap, Value, mask
from reconciler.state.snapshots import Snapshot

_NO_DIFFERENCE: Final = frozenset(
    {"urn", "inputs", "outputs", "created", "modified", "source_position", "stack_trace", "extra", "aliases"}
)
_COMPARED: Final = tuple(one.name for one in fields(Recorded) if one.name not in _NO_DIFFERENCE)


class Kind(StrEnum):
    """What became of a resource."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """One resource that differs.

    Attributes:
        old, new: its record before and after, None where there is none.
        fields: name in the state file -> the two values, for what is neither input nor output.
        inputs, outputs: property path -> `add`, `delete` or `update`.
    """

    kind: Kind
    urn: str
    old: Recorded | None = None
    new: Recorded | None = None
    fields: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two states side by side.

    Attributes:
        begun, settled: `<urn> (<type>)` of operations that are pending in the new one alone, in the old one alone.
    """

    changes: tuple[ResourceChange, ...]
    unchanged: int
    begun: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()

    def counts(self) -> Mapping[Kind, int]:
        """How many resources of each kind of change."""
        return {kind: sum(change.kind is kind for change in self.changes) for kind in Kind}


def compare(old: Snapshot, new: Snapshot) -> Comparison:
    """What differs, in the new state's order, then what is gone in the old one's."""
    before, after = _keyed(old), _keyed(new)
    changes = [change for key in (*after, *(key for key in before if key not in after))
               if (change := _change(before.get(key), after.get(key))) is not None]  # fmt: skip
    pending_before, pending_after = _pending(old), _pending(new)
    return Comparison(
        changes=tuple(changes),
        unchanged=len(after) - sum(change.kind is not Kind.REMOVED for change in changes),
        begun=tuple(one for one in pending_after if one not in pending_before),
        settled=tuple(one for one in pending_before if one not in pending_after),
    )


def to_json(comparison: Comparison) -> dict[str, object]:
    """Plain data of a comparison; secrets are masked."""
    return {
        "changes": [
            {
                "urn": change.urn,
                "change": change.kind.value,
                "fields": {key: {"old": old, "new": new} for key, (old, new) in change.fields.items()},
                "inputs": _values_json(change, change.inputs, "inputs"),
                "outputs": _values_json(change, change.outputs, "outputs"),
            }
            for change in comparison.changes
        ],
        "summary": {kind.value: count for kind, count in comparison.counts().items()}
        | {"unchanged": comparison.unchanged},
        "pendingOperations": {"begun": list(comparison.begun), "settled": list(comparison.settled)},
    }


def _keyed(snapshot: Snapshot) -> dict[tuple[str, str], Recorded]:
    """Of one URN there may be several records that wait for their deletion: their ids tell them apart."""
    return {(one.urn, one.id if one.delete else ""): one for one in snapshot.resources}


def _pending(snapshot: Snapshot) -> list[str]:
    return [f"{operation.resource.urn} ({operation.type.value})" for operation in snapshot.pending]


def _change(old: Recorded | None, new: Recorded | None) -> ResourceChange | None:
    if old is None or new is None:
        one = new or old
        assert one is not None, "a key stands for a record"
        kind = Kind.ADDED if old is None else Kind.REMOVED
    else:
        one, kind = new, Kind.CHANGED
    change = ResourceChange(
        kind=kind,
        urn=one.urn,
        old=old,
        new=new,
        fields=dict(_fields(old, new)) if old is not None and new is not None else {},
        inputs=_paths(old.inputs if old else EMPTY, new.inputs if new else EMPTY),
        outputs=_paths(old.outputs if old else EMPTY, new.outputs if new else EMPTY),
    )
    is_same = kind is Kind.CHANGED and not (change.fields or change.inputs or change.outputs)
    return None if is_same else change


def _paths(old: PropertyMap, new: PropertyMap) -> dict[str, str]:
    """Changed paths; what a failed run left open in both is no difference here, though nobody knows it."""
    return {
        path: verb
        for path, verb in diffs.of_maps(old, new).items()
        if paths.find_value(old, paths.parse_path(path)) != paths.find_value(new, paths.parse_path(path))
    }


def _fields(old: Recorded, new: Recorded) -> Iterator[tuple[str, tuple[object, object]]]:
    for name in _COMPARED:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _spelled(name), (_plain(before), _plain(after))


def _spelled(name: str) -> str:
    return {"import_id": "importID"}.get(name) or re.sub(r"_(\w)", lambda match: match[1].upper(), name)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in sorted(value.items())}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    # A replacement trigger may be any value, a secret too.
    return value if isinstance(value, (str, bool, int, float)) or value is None else _masked_json(value)


def _values_json(change: ResourceChange, changed: Mapping[str, str], part: str) -> dict[str, object]:
    def at(record: Recorded | None, path: str) -> object:
        properties: PropertyMap = getattr(record, part) if record is not None else EMPTY
        return _masked_json(paths.find_value(properties, paths.parse_path(path)))

    return {
        path: {"change": verb, "old": at(change.old, path), "new": at(change.new, path)}
        for path, verb in changed.items()
    }


def _masked_json(value: object) -> object:
    masked: Value = mask(value)  # type: ignore[arg-type]  # what a record holds is a property value
    return codec.encode(masked, None)
