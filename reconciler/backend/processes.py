"""Who holds a lock, and does that process still run?"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One process of one machine, told apart from a later one that got the same number.

    Attributes:
        machine, boot, namespace, started: "" where the system does not say.
        namespace: the set of processes among which `pid` is counted (containers have their own).
        started: when the process began, in ticks since the machine did.
    """

    pid: int
    username: str
    hostname: str
    machine: str = ""
    boot: str = ""
    namespace: str = ""
    started: str = ""

    def to_json(self) -> dict[str, object]:
        """As lock files hold it: upstream's three keys, then ours in one that it passes over."""
        identity = {"machine": self.machine, "boot": self.boot, "namespace": self.namespace, "started": self.started}
        return {"pid": self.pid, "username": self.username, "hostname": self.hostname, "process": identity}


def this_process() -> Owner:
    """The process that runs this."""
    pid = os.getpid()
    return Owner(
        pid=pid,
        username=_username(),
        hostname=socket.gethostname(),
        machine=_first_line(Path("/etc/machine-id")),
        boot=_first_line(Path("/proc/sys/kernel/random/boot_id")),
        namespace=_process_namespace(),
        started=_started(pid),
    )


def parse_owner(data: Mapping[str, object]) -> Owner | None:
    """The owner in a lock file of ours; None in one that another engine wrote."""
    identity, pid = data.get("process"), data.get("pid")
    if not isinstance(identity, Mapping) or not isinstance(pid, int):
        return None
    return Owner(
        pid=pid,
        username=str(data.get("username", "")),
        hostname=str(data.get("hostname", "")),
        **{key: str(identity.get(key, "")) for key in ("machine", "boot", "namespace", "started")},
    )


def is_dead(owner: Owner, here: Owner) -> bool:
    """Is it certain that the owner runs no more? False wherever this process cannot see it."""
    if owner.hostname != here.hostname or owner.machine != here.machine:
        return False
    if owner.boot != here.boot:
        # The machine was started anew since; without its identity it may be another of the same name.
        return bool(owner.machine)
    if owner.namespace != here.namespace:
        return False
    return not _runs(owner.pid) or _started(owner.pid) != owner.started


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _started(pid: int) -> str:
    # Field 22; the name in field 2 may hold spaces and parentheses.
    fields = _first_line(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _process_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError:
        return ""


def _username() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
