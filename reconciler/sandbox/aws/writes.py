"""The requests that changed something, on disk in the order in which they were answered.

A line per request, flushed to the operating system before the client gets its
answer, so that killing the process loses no acknowledged write. A large body
is a file of its own, named by its hash. What is stored is what the service
would store, secret values included: the directory is its owner's alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LARGE_BYTES = 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One request that changed something.

    Attributes:
        seed: what the service's ids were drawn from.
        at_s: when it was answered, in seconds since 1970.
        environ: the request's strings in WSGI's words.
    """

    seed: str
    at_s: float
    environ: Mapping[str, str]
    body: bytes


class WriteLog:
    """The log of one sandbox, in one directory."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "writes.jsonl"
        self._bodies = directory / "bodies"
        self._bodies.mkdir(parents=True, exist_ok=True, mode=0o700)
        directory.chmod(0o700)
        self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)

    def load(self) -> Iterator[Write]:
        """Every write, oldest first. A last line that a killed process left unfinished is cut off."""
        whole = self._file.read_bytes()
        end = whole.rfind(b"\n") + 1
        if end < len(whole):
            os.ftruncate(self._descriptor, end)
        for line in whole[:end].splitlines():
            entry = json.loads(line)
            yield Write(
                seed=entry["seed"], at_s=entry["at_s"], environ=entry["environ"], body=self._read_body(entry["body"])
            )

    def append(self, write: Write) -> None:
        """Add a write; it survives this process from here on."""
        entry = {
            "seed": write.seed,
            "at_s": write.at_s,
            "environ": dict(write.environ),
            "body": self._write_body(write.body),
        }
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        # One call: a reader sees the whole line or, after a kill, a torn one that it cuts off.
        os.write(self._descriptor, line)

    def clear(self) -> None:
        """Forget every write."""
        os.ftruncate(self._descriptor, 0)
        for body in self._bodies.iterdir():
            body.unlink()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _write_body(self, body: bytes) -> Mapping[str, str]:
        if len(body) < LARGE_BYTES:
            return {"base64": base64.b64encode(body).decode()}
        name = hashlib.sha256(body).hexdigest()
        target = self._bodies / name
        if not target.exists():
            # Under its name only when complete: the line that needs it is written after.
            partial = self._bodies / f"{name}.partial"
            partial.write_bytes(body)
            partial.rename(target)
        return {"file": name}

    def _read_body(self, stored: Mapping[str, str]) -> bytes:
        if "file" in stored:
            return (self._bodies / stored["file"]).read_bytes()
        return base64.b64decode(stored["base64"])
