"""Workers: a process worker for every work pool of type `process` that the sandbox's server has.

Pools come and go with a stack, so the server is asked again and again
(`keep`); a worker is never started for a pool that is not there, since it
would otherwise create the pool behind the stack's back.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.sandbox.children import Child, clean_environment

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S = 30.0
_WORKER_OPTIONS = ("--type", "process", "--install-policy", "never", "--no-create-pool-if-not-found")


@dataclass(slots=True)
class _Worker:
    pool: str
    child: Child
    failures: int = 0
    again_at: float = 0.0


class Workers:
    """The workers of one server, by pool id: a pool replaced under its old name gets a new worker."""

    def __init__(self, api_url: str, *, root: Path, state_dir: Path, pids: Path) -> None:
        self._api_url = api_url
        self._root = root
        self._state_dir = state_dir
        self._pids = pids
        self._workers: dict[str, _Worker] = {}

    def keep(self) -> None:
        """Start, restart and stop workers until they match the server's pools."""
        pools = self._find_pools()
        if pools is None:
            return
        for identity in [known for known in self._workers if known not in pools]:
            worker = self._workers.pop(identity)
            log.info("worker stops, its pool is gone: %s", worker.pool)
            worker.child.stop()
        for identity, pool in pools.items():
            self._keep_one(identity, pool)

    def counters(self) -> Mapping[str, int]:
        """How many workers run."""
        return {"workers": sum(worker.child.poll() is None for worker in self._workers.values())}

    def stop(self) -> None:
        """Stop all workers, and the flow runs that they started."""
        for worker in self._workers.values():
            worker.child.stop()
        self._workers.clear()

    def _keep_one(self, identity: str, pool: str) -> None:
        worker = self._workers.get(identity)
        if worker is None:
            log.info("worker starts: %s", pool)
            self._workers[identity] = _Worker(pool, self._spawn(identity, pool))
            return
        status = worker.child.poll()
        if status is None:
            return
        now = time.monotonic()
        if worker.again_at == 0.0:
            pause_s = min(2.0**worker.failures, _LONGEST_PAUSE_S)
            log.warning("worker ended with status %s, starts again in %s s: %s", status, pause_s, pool)
            worker.failures += 1
            worker.again_at = now + pause_s
        elif now >= worker.again_at:
            worker.again_at = 0.0
            worker.child = self._spawn(identity, pool)

    def _spawn(self, identity: str, pool: str) -> Child:
        label = f"prefect-worker-{re.sub(r'[^A-Za-z0-9-]+', '_', pool)[:40]}-{identity[:8]}"
        return Child(
            [sys.executable, "-m", "prefect", "worker", "start", *("--pool", pool), *_WORKER_OPTIONS],
            environment=clean_environment()
            | {
                "PREFECT_API_URL": self._api_url,
                "PREFECT_HOME": str(self._state_dir),
                "PREFECT_CLI_PROMPT": "false",
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                # The defaults (10 s) suit a server with many workers; here somebody waits for the run.
                "PREFECT_WORKER_QUERY_SECONDS": "2",
            },
            working_directory=self._root,
            log=self._state_dir / f"{label}.log",
            pid_file=self._pids / f"{label}.pid",
        )

    def _find_pools(self) -> Mapping[str, str] | None:
        """Pool id -> name; None when the server does not answer just now."""
        body = json.dumps({"work_pools": {"type": {"any_": ["process"]}}, "limit": 200}).encode()
        request = urllib.request.Request(
            f"{self._api_url}/work_pools/filter", data=body, headers={"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return {str(pool["id"]): str(pool["name"]) for pool in json.loads(answer.read())}
        except (OSError, ValueError, urllib.error.URLError):
            return None
