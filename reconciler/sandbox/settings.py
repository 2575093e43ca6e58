"""Where the sandbox lives and on which ports it listens; what a running one wrote down about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler import errors

# Service name -> default port, in the order in which they start and are shown.
PORTS: Mapping[str, int] = {"snowflake": 18710, "aws": 18720, "prefect": 18730}
DAEMON_PID_FILE = "daemon.pid"
STATE_VARIABLE = "FLOWFORGE_SANDBOX_DIR"
_ROOT_MARKS = ("Pulumi.yaml", ".git")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One sandbox. `root` is the project: where the worker runs its flows."""

    root: Path
    state_dir: Path
    ports: Mapping[str, int]

    @property
    def record(self) -> Path:
        """The file that says what runs."""
        return self.state_dir / "sandbox.json"

    @property
    def log(self) -> Path:
        """The daemon's log."""
        return self.state_dir / "sandbox.log"

    @property
    def pids(self) -> Path:
        """The folder of pid files."""
        return self.state_dir / "pids"

    @property
    def cache(self) -> Path:
        """What is costly to make and holds no state; `reset` keeps it."""
        return self.state_dir / "cache"


def port_variable(service: str) -> str:
    """The environment variable that moves a service to another port.

    >>> port_variable("aws")
    'FLOWFORGE_SANDBOX_AWS_PORT'
    """
    return f"FLOWFORGE_SANDBOX_{service.upper()}_PORT"


def read_settings(environment: Mapping[str, str], directory: Path) -> Settings:
    """The sandbox of the project that `directory` is in.

    Raises:
        SandboxError: a port variable is not a port, or two services have the same one.
    """
    root = next(
        (folder for folder in (directory, *directory.parents) if any((folder / mark).exists() for mark in _ROOT_MARKS)),
        directory,
    )
    state_dir = root / (environment.get(STATE_VARIABLE) or ".sandbox")
    ports = {service: _port(environment, service, default) for service, default in PORTS.items()}
    for service, port in ports.items():
        for other in (name for name in ports if name < service and ports[name] == port):
            raise errors.SandboxError(
                f"{other} and {service} are both to listen on port {port}",
                hint=f"set {port_variable(other)} or {port_variable(service)} to another port",
            )
    return Settings(root=root, state_dir=state_dir.resolve(), ports=ports)


def read_record(settings: Settings) -> Mapping[str, object]:
    """What the last start wrote into `sandbox.json`; `{}` when there is none.

    `{"pid": …, "token": …, "control": url, "services": {"snowflake": {"url": …, "port": …}, …}}`. It may be stale:
    `process.find_running` asks the daemon itself.
    """
    try:
        record = json.loads(settings.record.read_text())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _port(environment: Mapping[str, str], service: str, default: int) -> int:
    name = port_variable(service)
    text = environment.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise errors.SandboxError(f"{name} is {text!r}", hint=f"set {name} to a port between 1 and 65535")
    return int(text)
