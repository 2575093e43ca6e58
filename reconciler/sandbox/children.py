"""Child processes of the sandbox: start them, tell whether they live, stop them, find strays.

A child never outlives its parent: on Linux the kernel sends it SIGTERM when
the parent dies, and elsewhere the next start finds it by its pid file. A pid
alone proves nothing, since the system hands pids out again: an identity (pid,
start time, command) does.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import reconciler

_SET_PARENT_DEATH_SIGNAL = 1
# Loaded before any fork: between fork and exec only async-safe work is allowed.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

# What a user's own shell holds must not reach a service: a stack hands over what it wants used.
_FOREIGN = ("PREFECT_", "FLOWFORGE_", "PULUMI_", "AWS_", "SNOWFLAKE_")

GRACE_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A process that was seen alive. `born` and `command` tell it from a later one with its pid."""

    pid: int
    born: str
    command: str


def clean_environment() -> dict[str, str]:
    """This process's environment without other tools' settings, and with tracking off."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


def own_modules() -> dict[str, str]:
    """The variable that lets a child import this package from wherever it runs, installed or not."""
    source = str(Path(reconciler.__file__).resolve().parents[1])
    given = os.environ.get("PYTHONPATH")
    return {"PYTHONPATH": f"{source}{os.pathsep}{given}" if given else source}


def find_identity(pid: int) -> Identity | None:
    """The live process of that pid, or None when there is none; a zombie does not live."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return None
        # The name in parentheses may hold spaces: fields count from its end. Field 3 is the state, 22 the start.
        fields = stat.rpartition(")")[2].split()
        if fields[0] in "ZX":
            return None
        return Identity(pid=pid, born=fields[19], command=command.replace(b"\0", b" ").decode(errors="replace").strip())
    listed = subprocess.run(
        ["ps", "-o", "state=,lstart=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(None, 6)
    if len(listed) < 7 or listed[0].startswith("Z"):
        return None
    return Identity(pid=pid, born=" ".join(listed[1:6]), command=listed[6].strip())


def is_alive(identity: Identity) -> bool:
    """Does this very process still run?"""
    return find_identity(identity.pid) == identity


def write_pid_file(path: Path, identity: Identity) -> None:
    """Record a process, so that a later run can find it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"pid": identity.pid, "born": identity.born, "command": identity.command}))


def read_pid_file(path: Path) -> Identity | None:
    """The recorded process; None when the file is missing or unreadable."""
    try:
        recorded = json.loads(path.read_text())
        return Identity(pid=int(recorded["pid"]), born=str(recorded["born"]), command=str(recorded["command"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def stop_identity(identity: Identity, *, group: bool, grace_s: float = GRACE_S) -> None:
    """Ask a process (and its group) to stop, then kill it after `grace_s` seconds."""

    def send(number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if group:
                os.killpg(identity.pid, number)
            else:
                os.kill(identity.pid, number)

    if not is_alive(identity):
        return
    send(signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while is_alive(identity):
        if time.monotonic() > deadline:
            send(signal.SIGKILL)
            deadline = time.monotonic() + grace_s
        time.sleep(0.02)


def stop_strays(folder: Path) -> tuple[Identity, ...]:
    """Stop every process recorded in `folder/*.pid` that still runs; forget all. Returns those stopped."""
    stopped = []
    for file in sorted(folder.glob("*.pid")):
        identity = read_pid_file(file)
        if identity is not None and is_alive(identity):
            stop_identity(identity, group=True)
            stopped.append(identity)
        file.unlink(missing_ok=True)
    return tuple(stopped)


class Child:
    """One child process, in a process group of its own, its output appended to a log file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        working_directory: Path,
        log: Path,
        pid_file: Path,
        inherit: Sequence[int] = (),
    ) -> None:
        """`inherit` are open file descriptors that the child keeps under the same numbers."""
        self.log = log
        self._pid_file = pid_file
        log.parent.mkdir(parents=True, exist_ok=True)
        parent = os.getpid()
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                list(command),
                env=dict(environment),
                cwd=working_directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=tuple(inherit),
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 only calls a function loaded before the fork
            )
        self._identity = find_identity(self._process.pid)
        if self._identity is not None:
            write_pid_file(pid_file, self._identity)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def log_tail(self, lines: int = 15) -> str:
        """The end of what this child (not an earlier one) wrote."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            written = file.read()[-20_000:].decode(errors="replace")
        return "\n".join(written.splitlines()[-lines:])

    def stop(self, grace_s: float = GRACE_S) -> None:
        """Ask it and its own children to stop; kill what is left after `grace_s` seconds."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace_s)
        # Grandchildren (flow runs of a worker) may have ignored the request.
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._pid_file.unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _die_with(parent: int) -> None:
    if _LIBC is not None:
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        # The parent may have died before the request was made.
        if os.getppid() != parent:
            os._exit(1)
