"""PrefectServer: the real Prefect server as a child process, quick to start and quiet.

The database is a copy of a template that is made once per Prefect version.
Start is split in two (`begin`, then `is_ready` until true) so that a
supervisor can start other services meanwhile; `start` does both.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from reconciler import errors
from reconciler.sandbox.children import Child, clean_environment, own_modules

START_TIMEOUT_S = 120.0
_MARKER_PATH = "/flowforge"


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
        self._child: Child | None = None
        self._began = 0.0

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
        return self._database.exists() or _template(self._template_dir).exists()

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
        """Start the process; it is not ready yet.

        Raises:
            SandboxError: the port is taken, or the template database cannot be made.
        """
        self.state_dir.mkdir(parents=True, exist_ok=True)
        if not self._database.exists():
            shutil.copyfile(ensure_template(self._template_dir), self._database)
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind(("127.0.0.1", self.port))
            except OSError as error:
                raise errors.SandboxError(f"port {self.port} is taken") from error
            self.port = listening.getsockname()[1]
            listening.listen(128)
            self._child = Child(
                [sys.executable, "-m", "reconciler.sandbox.prefect.serve", str(listening.fileno())],
                environment=self._environment(),
                working_directory=self.state_dir,
                log=self.log,
                pid_file=self.state_dir.parent / "pids" / f"prefect-server-{self.port}.pid",
                inherit=(listening.fileno(),),
            )
        self._began = time.monotonic()

    def is_ready(self) -> bool:
        """Does our own server, not another one, answer?

        Raises:
            SandboxError: the process ended.
        """
        self._require_alive()
        marker = self._get(_MARKER_PATH)
        return marker.get("token") == self._token and bool(self._get("/api/ready"))

    def is_alive(self) -> bool:
        """Does the process run?"""
        return self._child is not None and self._child.poll() is None

    def counters(self) -> Mapping[str, int]:
        """How many requests were served since the start."""
        requests = self._get(_MARKER_PATH).get("requests", 0)
        return {"requests": requests if isinstance(requests, int) else 0}

    def stop(self) -> None:
        """Stop the server; a stopped one stays stopped. Its state is kept."""
        if self._child is not None:
            self._child.stop()
            self._child = None

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


def _require_before(deadline: float, timeout_s: float) -> None:
    if time.monotonic() > deadline:
        raise errors.SandboxError(f"the Prefect server did not answer within {timeout_s:g} s")


def ensure_template(folder: Path) -> Path:
    """The template database in `folder`, made now if it is missing (about 20 s).

    Raises:
        SandboxError: Prefect is not installed, or its migrations failed.
    """
    file = _template(folder)
    if file.exists():
        return file
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(dir=folder))
        made = subprocess.run(
            [sys.executable, "-m", "reconciler.sandbox.prefect.template", str(file.resolve())],
            env=clean_environment() | own_modules() | {"PREFECT_HOME": str(Path(home).resolve())},
            capture_output=True,
            text=True,
            check=False,
        )
    if made.returncode != 0:
        tail = "\n".join((made.stdout + made.stderr).splitlines()[-15:])
        raise errors.SandboxError(f"the Prefect database could not be made\n{tail}")
    return file


def _template(folder: Path) -> Path:
    """One per version of Prefect, whose migrations it holds."""
    try:
        return folder / f"prefect-{importlib.metadata.version('prefect')}.db"
    except importlib.metadata.PackageNotFoundError:
        raise errors.SandboxError("Prefect is not installed", hint="pip install 'reconciler[sandbox]'") from None
