"""Records of finished runs, as upstream lays them out.

Source: facts/engine-contract.md §5.3, §5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler import errors
from reconciler.backend.compression import Compression, pack, unpack
from reconciler.backend.references import StackReference
from reconciler.backend.stores import Store, names, read
from reconciler.model import codec

_RECORD: Final = ".history.json"
_CHECKPOINT: Final = ".checkpoint.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRecord:
    """One finished run.

    Attributes:
        kind: `update`, `refresh`, `destroy`, `rename`, `import` (of state), `resource-import`.
        config: key -> text, or `{"secure": ciphertext}`.
        result: `succeeded`, `failed`.
        changes: op -> how many resources.
    """

    kind: str
    start_s: int
    end_s: int
    result: str
    message: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, object] = field(default_factory=dict)
    changes: Mapping[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Keys in upstream's order."""
        return {
            "kind": self.kind,
            "startTime": self.start_s,
            "message": self.message,
            "environment": dict(sorted(self.environment.items())),
            "config": dict(sorted(self.config.items())),
            "version": 0,
            "result": self.result,
            "endTime": self.end_s,
            "resourceChanges": dict(sorted(self.changes.items())),
        }


def append_record(
    store: Store,
    stack: StackReference,
    record: UpdateRecord,
    content: bytes,
    now_ns: int,
    compression: Compression = Compression.NONE,
) -> None:
    """Write a record, and the checkpoint that it led to."""
    stem = f"{history_folder(stack)}/{stack.stack}-{now_ns}"
    text = codec.render_json(record.to_json(), indent=4).encode()
    store.write(f"{stem}{_RECORD}{compression}", pack(text, compression))
    store.write(f"{stem}{_CHECKPOINT}{compression}", pack(content, compression))


def read_records(store: Store, stack: StackReference, most: int | None = None) -> tuple[Mapping[str, object], ...]:
    """The records as their files hold them, newest first.

    Args:
        most: no more than this; None for all.

    Raises:
        CheckpointFormatError: a record is damaged; the detail names its file.
    """
    folder = history_folder(stack)
    found = [name for name in names(store, folder) if _stem(name).endswith(_RECORD)]
    return tuple(_read_record(store, f"{folder}/{name}") for name in sorted(found, key=_moment, reverse=True)[:most])


def find_checkpoint(store: Store, stack: StackReference, number: int) -> str | None:
    """Where the state is that a finished run led to; 1 is the first run of the history. None where it is not kept."""
    folder = history_folder(stack)
    present = names(store, folder)
    records = sorted((name for name in present if _stem(name).endswith(_RECORD)), key=_moment)
    if not 0 < number <= len(records):
        return None
    stem = _stem(records[number - 1]).removesuffix(_RECORD)
    return next((f"{folder}/{name}" for name in present if _stem(name) == f"{stem}{_CHECKPOINT}"), None)


def history_folder(stack: StackReference) -> str:
    """Where a stack's records stand."""
    return f"history/{stack.project}/{stack.stack}"


def _read_record(store: Store, key: str) -> Mapping[str, object]:
    try:
        data = codec.parse_json(unpack(read(store, key) or b""))
    except errors.CheckpointFormatError as error:
        raise errors.CheckpointFormatError(f"{store.locate(key)}: {error}", hint="remove the file") from error
    if not isinstance(data, dict):
        raise errors.CheckpointFormatError(f"{store.locate(key)}: it is not an object", hint="remove the file")
    return data


def _stem(name: str) -> str:
    return name.removesuffix(Compression.GZIP).removesuffix(Compression.ZSTD)


def _moment(name: str) -> int:
    digits = _stem(name).removesuffix(_RECORD).rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
