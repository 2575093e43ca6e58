"""PrefectServer: the real Prefect server as a child process, quick to start and quiet.

The database is a copy of a template that is made once per Prefect version.
Start is split in two (`begin`, then `is_ready` until true) so that a
supervisor can start other services meanwhile; `start` does both.
"""

from __future__ import annotations

import importlib.metadata
import json
import secrets
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from reconciler import errors
from reconciler.sandbox.children import Child, clean_environment, own_modules

START_TIMEOUT_S = 120.0
# Where our server, and no other, answers with its token.
MARKER_PATH = "/flowforge"


class PrefectServer:
    """One Prefect server. `port` 0 lets the system choose; state lives under `state_dir`."""

    def __init__(
        self,
        state_dir: Path,
        port: int = 0,
        *,
        template_dir: Path | None = None,
        services: bool = True,
        ui: bool = True,
    ) -> None:
        """Describe a server; `begin` or `start` runs it.

        Args:
            template_dir: where the template database is kept, to share it between servers.
            services: run the scheduler, automations and so on; without, only the API.
            ui: serve the web interface at `/`.
        """
        self.state_dir = state_dir
        self.port = port
        self._template_dir = template_dir or state_dir
        self._services = services
        self._ui = ui
        self._token = secrets.token_hex(16)
        self._listening: socket.socket | None = None
        self._making: Child | None = None
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """The API's address, for `PREFECT_API_URL`."""
        return f"{self.ui_url}/api"

    @property
    def ui_url(self) -> str:
        """The web interface's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child is not None else None

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self.state_dir / "server.log"

    @property
    def has_database(self) -> bool:
        """Is there a database to start from? Making one takes about 20 s."""
        return self._database.exists() or template_file(self._template_dir).exists()

    @property
    def _database(self) -> Path:
        return self.state_dir / "prefect.db"

    def start(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Run the server and wait until it answers.

        Raises:
            SandboxError: the port is taken, or the server died or did not answer in time.
        """
        self.begin()
        deadline = time.monotonic() + timeout_s
        try:
            while not self.is_ready():
                _require_before(deadline, timeout_s)
                time.sleep(0.05)
        except BaseException:
            self.stop()
            raise

    def begin(self) -> None:
        """Take the port and start; it is not ready yet. A missing template is made first, meanwhile.

        Raises:
            SandboxError: the port is taken, or Prefect is not installed.
        """
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self._listening = _listen(self.port)
        self.port = self._listening.getsockname()[1]
        if self.has_database:
            self._spawn()
        else:
            self._making = make_template(self._template_dir)

    def is_ready(self) -> bool:
        """Does our own server, not another one, answer?

        Raises:
            SandboxError: the process ended.
        """
        if self._making is not None:
            if not is_made(self._making):
                return False
            self._making.stop()
            self._making = None
            self._spawn()
        self._require_alive()
        marker = self._get(MARKER_PATH)
        return marker.get("token") == self._token and bool(self._get("/api/ready"))

    def is_alive(self) -> bool:
        """Does the process run?"""
        process = self._making or self._child
        return process is not None and process.poll() is None

    def counters(self) -> Mapping[str, int]:
        """How many requests were served since the start."""
        requests = self._get(MARKER_PATH).get("requests", 0)
        return {"requests": requests if isinstance(requests, int) else 0}

    def stop(self) -> None:
        """Stop the server; a stopped one stays stopped. Its state is kept."""
        for process in (self._making, self._child):
            if process is not None:
                process.stop()
        self._making = self._child = None
        self._let_go_of_port()

    def _spawn(self) -> None:
        """Start the server's process on the port that was taken."""
        if not self._database.exists():
            shutil.copyfile(template_file(self._template_dir), self._database)
        assert self._listening is not None
        descriptor = self._listening.fileno()
        self._child = Child(
            [sys.executable, "-m", "reconciler.sandbox.prefect.serve", str(descriptor)],
            environment=self._environment(),
            working_directory=self.state_dir,
            log=self.log,
            pid_file=self.state_dir.parent / "pids" / f"prefect-server-{self.port}.pid",
            inherit=(descriptor,),
        )
        self._let_go_of_port()

    def _let_go_of_port(self) -> None:
        """Close our end: the process has its own, and a port without a process must refuse."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    def _require_alive(self) -> None:
        if self._child is None:
            raise errors.SandboxError("the Prefect server was not started")
        status = self._child.poll()
        if status is not None:
            raise errors.SandboxError(f"the Prefect server ended with status {status}\n{self._child.log_tail()}")

    def _get(self, path: str) -> Mapping[str, object]:
        """GET a JSON object; `{}` when nothing answers, `{"value": …}` for a bare value."""
        try:
            with urllib.request.urlopen(f"{self.ui_url}{path}", timeout=2) as answer:
                body = json.loads(answer.read())
        except (OSError, ValueError, urllib.error.URLError):
            return {}
        return body if isinstance(body, dict) else {"value": body}

    def _environment(self) -> dict[str, str]:
        return (
            clean_environment()
            | own_modules()
            | {
                "PREFECT_HOME": str(self.state_dir),
                "PREFECT_SERVER_API_HOST": "127.0.0.1",
                "PREFECT_SERVER_API_PORT": str(self.port),
                "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "false",
                "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
                # Turning off the registration alone saves nothing: the memo imports all collections itself.
                "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "PREFECT_SERVER_UI_ENABLED": "true" if self._ui else "false",
                "PREFECT_SERVER_UI_API_URL": self.url,
                # By default the interface is unpacked into the installed package, which may not be ours to write.
                "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(self.state_dir / "ui"),
                "FLOWFORGE_PREFECT_SERVICES": "on" if self._services else "off",
                "FLOWFORGE_SANDBOX_TOKEN": self._token,
            }
        )


def ensure_template(folder: Path) -> Path:
    """The template database in `folder`, made now if it is missing (about 15 s).

    Raises:
        SandboxError: Prefect is not installed, or its migrations failed.
    """
    file = template_file(folder)
    if not file.exists():
        making = make_template(folder)
        try:
            while not is_made(making):
                time.sleep(0.05)
        finally:
            making.stop()
    return file


def make_template(folder: Path) -> Child:
    """Start making the template database in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return Child(
        [sys.executable, "-m", "reconciler.sandbox.prefect.template", str(template_file(folder).resolve())],
        environment=clean_environment() | own_modules(),
        working_directory=folder,
        log=folder / "template.log",
        pid_file=folder / "template.pid",
    )


def is_made(making: Child) -> bool:
    """Is the template there?

    Raises:
        SandboxError: it could not be made.
    """
    status = making.poll()
    if status:
        raise errors.SandboxError(f"the Prefect database could not be made\n{making.log_tail()}")
    return status == 0


def template_file(folder: Path) -> Path:
    """Where the template is kept: one per version of Prefect, whose migrations it holds.

    Raises:
        SandboxError: Prefect is not installed.
    """
    try:
        return folder / f"prefect-{importlib.metadata.version('prefect')}.db"
    except importlib.metadata.PackageNotFoundError:
        raise errors.SandboxError("Prefect is not installed", hint="pip install 'reconciler[sandbox]'") from None


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError as error:
        listening.close()
        raise errors.SandboxError(f"port {port} is taken") from error
    # Only now, so that early requests wait instead of being refused.
    listening.listen(128)
    return listening


def _require_before(deadline: float, timeout_s: float) -> None:
    if time.monotonic() > deadline:
        raise errors.SandboxError(f"the Prefect server did not answer within {timeout_s:g} s")
