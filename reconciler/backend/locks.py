"""Upstream's lock files: one per holder, in a folder per stack.

List, write one's own, list again: of two that come at once, at least one sees
the other and gives way. A lock of a process of ours that certainly died is
taken over, with a finding; one that another engine wrote never is.

Source: facts/engine-contract.md §5.3.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from reconciler import errors
from reconciler.backend import processes
from reconciler.backend.disk import Disk

_HINT: Final = "wait for the other process(es) to end, or remove the lock file(s) with `pulumi cancel`"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that this process holds. `findings` says whose dead locks it took over."""

    path: Path
    findings: tuple[str, ...] = ()


def acquire(disk: Disk, folder: Path, *, timestamp: str) -> Lock:
    """Take the lock of a stack.

    Args:
        timestamp: RFC 3339, now.

    Raises:
        StackLockedError: somebody else holds it.
    """
    here = processes.this_process()
    findings = _take_over(disk, folder, here)
    _refuse_others(disk, folder, own=None)
    path = folder / f"{uuid.uuid4()}.json"
    disk.write(path, json.dumps(here.to_json() | {"timestamp": timestamp}, separators=(",", ":")).encode())
    try:
        _refuse_others(disk, folder, own=path)
    except errors.StackLockedError:
        disk.remove(path)
        raise
    return Lock(path, findings)


def release(disk: Disk, lock: Lock) -> None:
    """Give the lock back."""
    disk.remove(lock.path)


def holders(disk: Disk, folder: Path) -> tuple[str, ...]:
    """A line per lock: its URL, and who made it when."""
    return tuple(_describe(disk, path) for path in _locks(disk, folder))


def remove_all(disk: Disk, folder: Path) -> int:
    """Remove every lock, whoever holds it (`pulumi cancel`); how many there were."""
    paths = _locks(disk, folder)
    for path in paths:
        disk.remove(path)
    return len(paths)


def _refuse_others(disk: Disk, folder: Path, *, own: Path | None) -> None:
    others = tuple(path for path in _locks(disk, folder) if path != own)
    if others:
        raise errors.StackLockedError([_describe(disk, path) for path in others], hint=_HINT)


def _take_over(disk: Disk, folder: Path, here: processes.Owner) -> tuple[str, ...]:
    findings: list[str] = []
    for path in _locks(disk, folder):
        owner = processes.parse_owner(_read(disk, path))
        if owner is not None and processes.is_dead(owner, here):
            findings.append(f"took over the lock of a process that runs no more: {_describe(disk, path)}")
            disk.remove(path)
    return tuple(findings)


def _locks(disk: Disk, folder: Path) -> tuple[Path, ...]:
    return tuple(folder / name for name in disk.names(folder))


def _read(disk: Disk, path: Path) -> Mapping[str, object]:
    try:
        data = cast("object", json.loads(disk.read(path) or b"{}"))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _describe(disk: Disk, path: Path) -> str:
    data = _read(disk, path)
    who = f"{data.get('username', '?')}@{data.get('hostname', '?')}"
    return f"{path.as_uri()}: created by {who} (pid {data.get('pid', '?')}) at {data.get('timestamp', '?')}"
