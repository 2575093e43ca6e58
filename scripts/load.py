"""Runs the deployment that the stack registered, once, and waits for it.

    python -m scripts.load [--again]

A load of the same code with the same parameters that was completed is not
repeated, unless `--again` asks for it. The run's log is shown as it is written.
"""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import stamina

from scripts.stack import read_outputs

TIMEOUT_S = 600.0
POLL_S = 0.5
# The server gives at most this many at once.
PAGE = 200
LOG_WITHIN_S = 5.0
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
NOT_STARTED = ("SCHEDULED", "PENDING")
# What the flow prints comes by these loggers, between Prefect's own remarks.
FLOW_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
LAST_LINE = "Finished in state"
PREFECTS_OWN = (
    LAST_LINE,
    "All deployment steps",
    "Beginning flow run",
    "Created task run",
    "Deployment step",
    "Executing deployment step",
    "Running 1 deployment pull step",
)
# A process worker looks for runs every few seconds; far past that, it is not there.
PICKED_UP_WITHIN_S = 90.0


class LoadError(Exception):
    """The load did not complete; says why and what to do."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a run's log."""

    id: str
    writer: str
    message: str

    @property
    def is_last(self) -> bool:
        """Is it the flow's last line?"""
        return self.writer == "prefect.flow_runs" and self.message.startswith(LAST_LINE)

    @property
    def is_the_flows_own(self) -> bool:
        """Did the flow print it?"""
        return self.writer in FLOW_LOGGERS and not self.message.startswith(PREFECTS_OWN)


def _is_busy(error: Exception) -> bool:
    """A server on SQLite answers a write in a hundred with 503, and closes the connection after it."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == httpx.codes.SERVICE_UNAVAILABLE
    return isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)


class Runs:
    """The runs of one deployment, over Prefect's REST API."""

    def __init__(self, api: httpx.Client, flow: str, deployment: str) -> None:
        self._api = api
        self._deployment = self._get(f"/deployments/name/{flow}/{deployment}")

    def find_completed(self) -> Mapping[str, Any] | None:
        """The newest completed run of this very code with these very parameters."""
        runs = self._post(
            "/flow_runs/filter",
            {
                "deployments": {"id": {"any_": [self._deployment["id"]]}},
                "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
                "sort": "END_TIME_DESC",
                "limit": 1,
            },
        )
        wanted = (self._deployment["version"], self._deployment["parameters"])
        return next((run for run in runs if (run["deployment_version"], run["parameters"]) == wanted), None)

    def start(self) -> str:
        """Start a run; returns its id. Asked twice, the server starts it once."""
        body = {"idempotency_key": str(uuid.uuid4())}
        return str(self._post(f"/deployments/{self._deployment['id']}/create_flow_run", body)["id"])

    def state(self, run: str) -> Mapping[str, Any]:
        """The run's state: type, name, message."""
        state: Mapping[str, Any] = self._get(f"/flow_runs/{run}")["state"]
        return state

    def log_lines(self, run: str) -> Iterator[LogLine]:
        """The run's whole log so far, oldest first."""
        offset = 0
        while True:
            page = self._post(
                "/logs/filter",
                {
                    "logs": {"flow_run_id": {"any_": [run]}},
                    "sort": "TIMESTAMP_ASC",
                    "offset": offset,
                    "limit": PAGE,
                },
            )
            yield from (LogLine(str(line["id"]), str(line["name"]), str(line["message"])) for line in page)
            offset += len(page)
            if len(page) < PAGE:
                return

    def _get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def _post(self, path: str, body: Mapping[str, object]) -> Any:
        return self._ask("POST", path, body)

    @stamina.retry(on=_is_busy, attempts=6, timeout=30)
    def _ask(self, method: str, path: str, body: Mapping[str, object] | None) -> Any:
        return self._api.request(method, path, json=body).raise_for_status().json()


def follow(
    runs: Runs, run: str, *, say: Callable[[str], None], clock: Callable[[], float], pause: Callable[[float], None]
) -> None:
    """Wait for a run to end, showing what it says.

    Raises:
        LoadError: it failed (all of its log is in the text), nobody picked it up, or it took too long.
    """
    began = clock()
    log: dict[str, LogLine] = {}
    while (state := runs.state(run))["type"] not in ENDED:
        _show_new(runs.log_lines(run), log, say)
        waited = clock() - began
        if state["type"] in NOT_STARTED and waited > PICKED_UP_WITHIN_S:
            raise LoadError("no worker picked the run up\nhint: flowforge sandbox status")
        if waited > TIMEOUT_S:
            raise LoadError(f"the run is still {state['name']} after {TIMEOUT_S:.0f} s")
        pause(POLL_S)
    ended = clock()
    # A run's last lines reach the server after its last state.
    while not any(line.is_last for line in log.values()) and clock() - ended < LOG_WITHIN_S:
        _show_new(runs.log_lines(run), log, say)
        pause(POLL_S)
    if state["type"] != "COMPLETED":
        told = [line.message for line in log.values()]
        raise LoadError("\n".join([f"the run ended as {state['name']}: {state['message']}", *told]))


def _show_new(lines: Iterable[LogLine], log: dict[str, LogLine], say: Callable[[str], None]) -> None:
    """Add lines to the log, and say those that the flow itself printed."""
    for line in lines:
        if line.id not in log:
            log[line.id] = line
            if line.is_the_flows_own:
                say(f"  {line.message}")


def main(arguments: list[str]) -> int:
    """Run the load; returns the exit status."""
    outputs = read_outputs()
    name = f"{outputs['flow']}/{outputs['deployment']}"
    try:
        with httpx.Client(base_url=str(outputs["prefectUrl"]), timeout=30) as api:
            runs = Runs(api, str(outputs["flow"]), str(outputs["deployment"]))
            if "--again" not in arguments and (done := runs.find_completed()):
                print(f"{name} was completed by run {done['name']!r} and nothing changed since: not run again")
                return 0
            print(f"running {name} on work pool {outputs['workPool']}")
            follow(runs, runs.start(), say=print, clock=time.monotonic, pause=time.sleep)
    except httpx.TransportError as error:
        print(f"error: {name}: no answer from {outputs['prefectUrl']}: {error}", file=sys.stderr)
        print("hint: is the sandbox up? run `flowforge sandbox up`", file=sys.stderr)
        return 1
    except (httpx.HTTPError, LoadError) as error:
        print(f"error: {name}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
