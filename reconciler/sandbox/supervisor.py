"""The daemon: starts the services, answers how they are, restarts what dies, stops them all.

Run as `python -m reconciler.sandbox.supervisor JSON` by `process.up`, in a
session of its own. Standard output is a pipe to whoever started it and carries
one JSON line per event until all is ready or something failed; after that the
daemon is on its own. `GET /status` on its control address says how it does.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import logging
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler import errors
from reconciler.sandbox import services
from reconciler.sandbox.children import find_identity, write_pid_file
from reconciler.sandbox.settings import DAEMON_PID_FILE, Settings

log = logging.getLogger(__name__)

# A first start on a busy machine migrates a database and reads every block type: minutes, not seconds.
START_TIMEOUT_S = 300.0
_POLL_S = 0.05
_ROUND_S = 1.0
_LONGEST_PAUSE_S = 30.0
_STEADY_S = 60.0


class Watched:
    """A service with what the daemon knows about its life."""

    def __init__(self, service: services.Service, clock: Callable[[], float]) -> None:
        self.service = service
        self.restarts = 0
        self.problem = ""
        self._clock = clock
        self._began = clock()
        self._again_at = 0.0

    def begin(self) -> None:
        """Start the service."""
        self._began = self._clock()
        self.service.begin()

    @property
    def age_s(self) -> float:
        """Seconds since the last start."""
        return self._clock() - self._began

    def revive(self) -> None:
        """Start a service again that died; wait longer each time it does not last."""
        if self.service.is_alive():
            if self.age_s > _STEADY_S:
                self._again_at = 0.0
            return
        now = self._clock()
        if self._again_at == 0.0 or now >= self._again_at:
            pause_s = min(2.0**self.restarts, _LONGEST_PAUSE_S)
            self.restarts += 1
            self._again_at = now + pause_s
            log.warning("service died, starts again: %s", self.service.name)
            try:
                self.service.stop()
                self.begin()
                self.problem = ""
            except errors.SandboxError as error:
                self.problem = str(error)
                log.exception("service cannot start: %s", self.service.name)

    def status(self) -> dict[str, object]:
        """What `status` shows of it."""
        try:
            state = "ready" if self.service.is_ready() else "starting"
        except errors.SandboxError as error:
            state, self.problem = "down", str(error).splitlines()[0]
        return {
            "url": self.service.url,
            "port": self.service.port,
            "state": state,
            "pid": self.service.pid or os.getpid(),
            "uptime_s": round(self.age_s, 1),
            "restarts": self.restarts,
            "counters": dict(self.service.counters()) if state == "ready" else {},
            "problem": self.problem,
        }


class Progress:
    """The pipe to whoever started the daemon; losing it is no reason to stop."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "w", encoding="utf-8")

    def tell(self, **event: object) -> None:
        """Send one event."""
        with contextlib.suppress(OSError, ValueError):
            self._file.write(json.dumps(event) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Say no more."""
        with contextlib.suppress(OSError):
            self._file.close()


class Supervisor:
    """Runs services from start to stop."""

    def __init__(self, settings: Settings, built: tuple[services.Service, ...], *, token: str) -> None:
        self._settings = settings
        self._token = token
        self._stopping = threading.Event()
        self._watched = tuple(Watched(service, time.monotonic) for service in built)
        self._control = _control_server(self.status, token)

    def run(self, progress: Progress) -> int:
        """Start everything, serve until told to stop; returns the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopping.set())
        try:
            if not self._start(progress):
                return 1
            threading.Thread(target=self._control.serve_forever, name="control", daemon=True).start()
            self._write_record()
            progress.tell(event="ready")
            progress.close()
            self._watch()
        finally:
            self._stop()
        return 0

    def status(self) -> dict[str, object]:
        """Everything that `flowforge sandbox status` shows."""
        order = {name: index for index, name in enumerate(self._settings.ports)}
        shown = sorted(self._watched, key=lambda watched: order[watched.service.name])
        return {
            "pid": os.getpid(),
            "token": self._token,
            "state_dir": str(self._settings.state_dir),
            "services": {watched.service.name: watched.status() for watched in shown},
        }

    def _start(self, progress: Progress) -> bool:
        waiting = []
        for watched in self._watched:
            name = watched.service.name
            progress.tell(event="starting", service=name, port=watched.service.port, note=watched.service.note)
            try:
                watched.begin()
            except errors.SandboxError as error:
                return self._fail(progress, watched, str(error.detail))
            except Exception as error:  # A service's library may raise anything: its name must reach the person.
                log.exception("service cannot start: %s", name)
                return self._fail(progress, watched, f"{type(error).__name__}: {error}")
            waiting.append(watched)
        deadline = time.monotonic() + START_TIMEOUT_S
        while waiting and not self._stopping.is_set():
            for watched in tuple(waiting):
                try:
                    if watched.service.is_ready():
                        waiting.remove(watched)
                        progress.tell(
                            event="ready",
                            service=watched.service.name,
                            url=watched.service.url,
                            seconds=round(watched.age_s, 1),
                        )
                except errors.SandboxError as error:
                    return self._fail(progress, watched, str(error.detail))
            if time.monotonic() > deadline:
                return self._fail(progress, waiting[0], f"no answer within {START_TIMEOUT_S:g} s")
            self._stopping.wait(_POLL_S)
        return not self._stopping.is_set()

    def _fail(self, progress: Progress, watched: Watched, detail: str) -> bool:
        log.error("start failed: %s: %s", watched.service.name, detail)
        own_log = watched.service.log or self._settings.log
        progress.tell(
            event="failed", service=watched.service.name, port=watched.service.port, detail=detail, log=str(own_log)
        )
        return False

    def _watch(self) -> None:
        while not self._stopping.wait(_ROUND_S):
            if not self._settings.record.exists():
                # Somebody removed the state under our feet: serving on would only hold the ports.
                log.error("the state folder is gone; stopping")
                return
            for watched in self._watched:
                watched.revive()
                if watched.service.is_alive():
                    watched.service.tend()

    def _stop(self) -> None:
        for watched in self._watched:
            try:
                watched.service.stop()
            except Exception:  # The others must still stop.
                log.exception("service did not stop cleanly: %s", watched.service.name)
        self._settings.record.unlink(missing_ok=True)
        (self._settings.pids / DAEMON_PID_FILE).unlink(missing_ok=True)

    def _write_record(self) -> None:
        host, port = self._control.server_address[:2]
        record = {
            "pid": os.getpid(),
            "token": self._token,
            "control": f"http://{host!s}:{port}",
            "services": {
                watched.service.name: {"url": watched.service.url, "port": watched.service.port}
                for watched in self._watched
            },
        }
        partial = self._settings.record.with_suffix(".partial")
        # The token opens the control address: for this user's eyes only.
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(record, file, indent=2, sort_keys=True)
        partial.replace(self._settings.record)


def _control_server(status: Callable[[], Mapping[str, object]], token: str) -> http.server.ThreadingHTTPServer:
    class Control(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            allowed = secrets.compare_digest(self.headers.get("authorization", ""), f"Bearer {token}")
            body = json.dumps(status() if allowed else {}).encode()
            self.send_response(200 if allowed else 403)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Control questions are not worth a line."""

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)


def main(text: str) -> int:
    """Run the sandbox that the JSON text describes."""
    given: Mapping[str, object] = json.loads(text)
    settings = settings_from(given)
    # Libraries may print: only events may enter the pipe.
    progress = Progress(os.dup(1))
    os.dup2(2, 1)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    identity = find_identity(os.getpid())
    if identity is not None:
        write_pid_file(settings.pids / DAEMON_PID_FILE, identity)
    try:
        supervisor = Supervisor(settings, services.build(settings), token=secrets.token_hex(16))
    except Exception as error:  # Nothing runs yet, and a person waits at the other end of the pipe.
        log.exception("the daemon cannot start")
        progress.tell(
            event="failed", service="sandbox", port=0, detail=f"{type(error).__name__}: {error}", log=str(settings.log)
        )
        return 1
    return supervisor.run(progress)


def settings_from(given: Mapping[str, object]) -> Settings:
    """Settings as `process.up` hands them over."""
    ports = given["ports"]
    assert isinstance(ports, dict)
    return Settings(
        root=Path(str(given["root"])),
        state_dir=Path(str(given["state_dir"])),
        ports={str(name): int(port) for name, port in ports.items()},
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
