"""How a load is followed, and when it is not repeated."""

import json

import httpx
import pytest

from scripts.load import PAGE, PICKED_UP_WITHIN_S, LoadError, Runs, follow

PARAMETERS = {"database": "FLOWFORGE_DEV"}
DONE = {"name": "brave-finch", "deployment_version": "v1", "parameters": PARAMETERS}


class Prefect:
    """As much of Prefect's API as the script asks of it; a run goes through `states`, one per question."""

    def __init__(self, states=(), lines=(), completed=(), version="v1"):
        self.states = list(states)
        self.lines = list(lines)
        self.completed = list(completed)
        self.version = version
        self.written = 0
        self.runs = Runs(
            httpx.Client(transport=httpx.MockTransport(self.answer), base_url="http://prefect/api"), "load", "dev"
        )

    def answer(self, request):
        match request.method, request.url.path.removeprefix("/api"):
            case "GET", "/deployments/name/load/dev":
                return httpx.Response(200, json={"id": "d1", "version": self.version, "parameters": PARAMETERS})
            case "POST", "/flow_runs/filter":
                return httpx.Response(200, json=self.completed)
            case "POST", "/deployments/d1/create_flow_run":
                return httpx.Response(201, json={"id": "r1"})
            case "GET", "/flow_runs/r1":
                state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
                return httpx.Response(200, json={"state": {"type": state, "name": state.title(), "message": "why"}})
            case "POST", "/logs/filter":
                offset = json.loads(request.content)["offset"]
                return httpx.Response(200, json=self.log()[offset : offset + PAGE])
        raise AssertionError(f"the script asked for {request.method} {request.url.path}")

    def log(self):
        """What is written so far: one line more each time that somebody asks."""
        self.written += 1
        return [
            {"id": f"line-{number}", "name": name, "message": text}
            for number, (name, text) in enumerate(self.lines[: self.written])
        ]


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self):
        self.now = 0.0

    def pause(self, seconds):
        self.now += seconds


def followed(prefect):
    clock, said = Clock(), []
    follow(prefect.runs, prefect.runs.start(), say=said.append, clock=lambda: clock.now, pause=clock.pause)
    return said


def test_what_a_run_prints_is_shown_once_even_when_it_arrives_after_the_end():
    log = [
        ("prefect.flow_runs.worker", "Worker 'w' submitting flow run"),
        ("prefect.flow_runs", "Beginning flow run 'r' for flow 'f'"),
        ("prefect.task_runs", "1 file written"),
        ("prefect.task_runs", "Finished in state Completed()"),
        ("prefect.task_runs", "1 row loaded"),
        ("prefect.flow_runs", "Finished in state Completed()"),
    ]

    assert followed(Prefect(["PENDING", "RUNNING", "COMPLETED"], log)) == ["  1 file written", "  1 row loaded"]


@pytest.mark.parametrize("state", ["FAILED", "CRASHED", "CANCELLED"])
def test_a_run_that_does_not_complete_is_an_error_that_says_why(state):
    log = [("prefect.flow_runs.runner", "exited with 1"), ("prefect.flow_runs", "Finished in state Failed()")]

    with pytest.raises(LoadError) as failed:
        followed(Prefect(["RUNNING", state], log))

    assert "why" in str(failed.value)
    assert "exited with 1" in str(failed.value)


def test_a_run_that_nobody_picks_up_is_given_up_with_a_hint():
    with pytest.raises(LoadError) as failed:
        followed(Prefect(["SCHEDULED"]))

    assert "flowforge sandbox status" in str(failed.value)


def test_a_run_that_takes_its_time_is_waited_for():
    states = ["RUNNING"] * int(PICKED_UP_WITHIN_S * 4) + ["COMPLETED"]

    assert followed(Prefect(states)) == []


def test_a_completed_run_of_the_same_code_and_parameters_is_found():
    assert Prefect(completed=[DONE]).runs.find_completed() == DONE


@pytest.mark.parametrize(
    "change", [{"deployment_version": "v0"}, {"parameters": {"database": "OTHER"}}], ids=["other-code", "other-target"]
)
def test_a_completed_run_of_something_else_does_not_count(change):
    assert Prefect(completed=[DONE | change]).runs.find_completed() is None


def test_a_busy_server_is_asked_again_for_the_same_run():
    prefect, asked = Prefect(), []
    answer = prefect.answer

    def busy_once(request):
        if request.url.path.endswith("/create_flow_run"):
            asked.append(json.loads(request.content)["idempotency_key"])
            if len(asked) == 1:
                return httpx.Response(503, json={"exception_message": "Service Unavailable"})
        return answer(request)

    client = httpx.Client(transport=httpx.MockTransport(busy_once), base_url="http://prefect/api")
    started = Runs(client, "load", "dev").start()

    assert started == "r1"
    assert len(asked) == 2
    assert len(set(asked)) == 1
