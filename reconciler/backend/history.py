"""Records of finished runs, as upstream lays them out.

Source: facts/engine-contract.md §5.3, §5.4.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reconciler import errors
from reconciler.backend.disk import Disk
from reconciler.backend.references import StackReference
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
    disk: Disk, folder: Path, stack: StackReference, record: UpdateRecord, content: bytes, now_ns: int
) -> None:
    """Write a record, and the checkpoint that it led to."""
    stem = f"{stack.stack}-{now_ns}"
    disk.write(folder / f"{stem}{_RECORD}", codec.render_json(record.to_json(), indent=4).encode())
    disk.write(folder / f"{stem}{_CHECKPOINT}", content)


def read_records(disk: Disk, folder: Path) -> tuple[Mapping[str, object], ...]:
    """The records as their files hold them, newest first.

    Raises:
        CheckpointFormatError: a record is damaged; the detail names its file.
    """
    names = [name for name in disk.names(folder) if name.removesuffix(".gz").endswith(_RECORD)]
    return tuple(_read_record(disk, folder / name) for name in sorted(names, key=_moment, reverse=True))


def read_checkpoints(disk: Disk, folder: Path) -> tuple[Path, ...]:
    """Where the states are that the finished runs led to, oldest first: version 1 is the first of them."""
    names = [name for name in disk.names(folder) if name.removesuffix(".gz").endswith(_RECORD)]
    present = set(disk.names(folder))
    stems = [name.removesuffix(".gz").removesuffix(_RECORD) for name in sorted(names, key=_moment)]
    return tuple(
        folder / (packed if (packed := f"{stem}{_CHECKPOINT}.gz") in present else f"{stem}{_CHECKPOINT}")
        for stem in stems
    )


def _read_record(disk: Disk, path: Path) -> Mapping[str, object]:
    content = disk.read(path) or b""
    try:
        data = codec.parse_json(gzip.decompress(content) if path.suffix == ".gz" else content)
    except (errors.CheckpointFormatError, OSError, EOFError) as error:
        raise errors.CheckpointFormatError(f"{path}: {error}", hint="remove the file") from error
    if not isinstance(data, dict):
        raise errors.CheckpointFormatError(f"{path}: it is not an object", hint="remove the file")
    return data


def _moment(name: str) -> int:
    digits = name.removesuffix(".gz").removesuffix(_RECORD).rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0
