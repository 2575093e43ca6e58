"""The sandbox as one thing: bring it up, ask how it is, bring it down, empty it.

Each function leaves either a running, healthy sandbox or nothing at all. Two
commands at a time wait for each other.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler import errors
from reconciler.sandbox import children
from reconciler.sandbox.settings import DAEMON_PID_FILE, Settings, port_variable, read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Progress of a start: `state` is `starting` or `ready`; `seconds` since that service's start."""

    service: str
    state: str
    port: int = 0
    url: str = ""
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A sandbox that answers.

    `services` maps a name to its url, port, state, pid, uptime_s, restarts, counters and problem.
    """

    pid: int
    state_dir: str
    services: Mapping[str, Mapping[str, object]]

    @property
    def is_healthy(self) -> bool:
        """Is every service ready?"""
        return all(service["state"] == "ready" for service in self.services.values())

    def url(self, service: str) -> str:
        """A service's address."""
        return str(self.services[service]["url"])


def _ignore(_event: Event) -> None:
    pass


def up(settings: Settings, report: Callable[[Event], None] = _ignore) -> tuple[Running, bool]:
    """Start the sandbox unless it runs. Returns it, and whether this call started it.

    Leftovers of a daemon that was killed are stopped first. When a start fails
    or is interrupted, what it started is stopped again.

    Raises:
        SandboxError: a port is taken, or a service did not start; the message holds the end of its log.
    """
    with _locked(settings):
        running = find_running(settings)
        if running is not None:
            return running, False
        _clear_leftovers(settings)
        _require_free_ports(settings)
        daemon = _spawn(settings)
        try:
            _follow(settings, daemon, report)
        except BaseException:
            _stop_process(daemon)
            _clear_leftovers(settings)
            raise
        # Nobody waits for a daemon: Popen, which would complain when it is dropped, is told that it ended.
        daemon.returncode = 0
        running = find_running(settings)
        if running is None:
            raise errors.SandboxError("the daemon was ready and then ended", hint=f"see {settings.log}")
        return running, True


def down(settings: Settings) -> bool:
    """Stop the sandbox and all that it started; state is kept. Returns whether anything ran."""
    if not settings.state_dir.is_dir():
        return False
    with _locked(settings):
        return _clear_leftovers(settings)


def reset(settings: Settings) -> bool:
    """Stop the sandbox and delete its state. Returns whether anything ran."""
    if not settings.state_dir.is_dir():
        return False
    with _locked(settings):
        ran = _clear_leftovers(settings)
        for entry in settings.state_dir.iterdir():
            if entry in (settings.cache, _lock_file(settings)):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        return ran


def find_running(settings: Settings) -> Running | None:
    """The running sandbox, or None. It is ours only if it knows the token that our record holds."""
    record = read_record(settings)
    identity = children.read_pid_file(settings.pids / DAEMON_PID_FILE)
    if not record or identity is None or not children.is_alive(identity):
        return None
    request = urllib.request.Request(
        f"{record.get('control')}/status", headers={"authorization": f"Bearer {record.get('token')}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            status = json.loads(answer.read())
    except (OSError, ValueError, urllib.error.URLError):
        return None
    if status.get("token") != record.get("token") or status.get("pid") != identity.pid:
        return None
    return Running(pid=identity.pid, state_dir=status["state_dir"], services=status["services"])


def _spawn(settings: Settings) -> subprocess.Popen[str]:
    described = {"root": str(settings.root), "state_dir": str(settings.state_dir), "ports": dict(settings.ports)}
    with settings.log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "reconciler.sandbox.supervisor", json.dumps(described)],
            env=children.clean_environment() | children.own_modules(),
            cwd=settings.state_dir,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,
        )


def _follow(settings: Settings, daemon: subprocess.Popen[str], report: Callable[[Event], None]) -> None:
    """Read the daemon's events until it is ready."""
    assert daemon.stdout is not None
    with daemon.stdout as lines:
        for line in lines:
            event = json.loads(line)
            match event:
                case {"event": "failed"}:
                    raise _start_failure(event)
                case {"event": "ready", "service": service}:
                    report(Event(service=service, state="ready", url=event["url"], seconds=event["seconds"]))
                case {"event": "starting", "service": service}:
                    report(Event(service=service, state="starting", port=event["port"], note=event["note"]))
                case _:
                    return
    raise errors.SandboxError(f"the daemon ended\n{_tail(settings.log)}", hint=f"see {settings.log}")


def _start_failure(event: Mapping[str, object]) -> errors.SandboxError:
    service, log = str(event["service"]), Path(str(event["log"]))
    detail = f"{service} did not start: {event['detail']}"
    tail = _tail(log)
    if tail and tail not in detail:
        detail = f"{detail}\n{tail}"
    return errors.SandboxError(detail, hint=f"the whole log is {log}")


def _tail(log: Path, lines: int = 15) -> str:
    try:
        text = log.read_bytes()[-20_000:].decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _require_free_ports(settings: Settings) -> None:
    for service, port in settings.ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                raise errors.SandboxError(
                    f"port {port}, meant for {service}, is taken by another program",
                    hint=f"stop that program, or choose another port: {port_variable(service)}={port + 1000}"
                    " (the stack's config names the port too)",
                ) from error


def _clear_leftovers(settings: Settings) -> bool:
    """Stop the daemon if it lives, then children that a killed daemon left. Returns whether anything ran."""
    daemon_file = settings.pids / DAEMON_PID_FILE
    daemon = children.read_pid_file(daemon_file)
    ran = daemon is not None and children.is_alive(daemon)
    if daemon is not None:
        # Not its group: the daemon itself stops its children, in order, and each has a group of its own.
        children.stop_identity(daemon, group=False, grace_s=2 * children.GRACE_S)
        daemon_file.unlink(missing_ok=True)
    strays = children.stop_strays(settings.pids)
    settings.record.unlink(missing_ok=True)
    return ran or bool(strays)


def _stop_process(daemon: subprocess.Popen[str]) -> None:
    daemon.terminate()
    try:
        daemon.wait(2 * children.GRACE_S)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


def _lock_file(settings: Settings) -> Path:
    return settings.state_dir / "lock"


@contextlib.contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(_lock_file(settings), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
