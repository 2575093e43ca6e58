"""The whole sandbox as a person and `make` use it: real daemon, real servers, on ports of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from click.testing import CliRunner

from reconciler import errors
from reconciler.cli import flowforge
from reconciler.sandbox import children, process
from reconciler.sandbox.prefect.server import ensure_template
from reconciler.sandbox.settings import DAEMON_PID_FILE, PORTS, port_variable, read_record, read_settings
from tests.prefect_server import patient_client, template_dir

FLOW = """
from prefect import flow

@flow
def go(name: str) -> str:
    with open("ran.txt", "w") as file:
        file.write(name)
    return name
"""


def free_ports(count):
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]


def wait_until(is_so, timeout_s=60):
    """Poll a condition; returns its first true value."""
    deadline = time.monotonic() + timeout_s
    while not (found := is_so()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


@pytest.fixture
def environment():
    return {port_variable(name): str(port) for name, port in zip(PORTS, free_ports(len(PORTS)), strict=True)}


@pytest.fixture
def settings(tmp_path, environment):
    """A project of its own, its sandbox stopped at the end; Prefect's template is made once for all."""
    (tmp_path / "Pulumi.yaml").touch()
    settings = read_settings(environment, tmp_path)
    settings.cache.mkdir(parents=True)
    template = ensure_template(template_dir())
    shutil.copy(template, settings.cache / template.name)
    yield settings
    process.down(settings)


@pytest.fixture
def run(settings, environment, monkeypatch):
    """Run `flowforge sandbox …` in the project."""
    monkeypatch.chdir(settings.root)
    return lambda *words: CliRunner().invoke(flowforge.main, ["sandbox", *words], env=environment)


def prefect(settings):
    return patient_client(f"http://127.0.0.1:{settings.ports['prefect']}/api")


def recorded(settings):
    return [children.read_pid_file(file) for file in settings.pids.glob("*.pid")]


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_it_comes_up_goes_down_and_keeps_its_state_until_it_is_reset(settings, run):
    assert run("status").exit_code == 1

    first = run("up")
    assert first.exit_code == 0, first.output
    assert all(f"127.0.0.1:{port}" in first.output for port in settings.ports.values())
    again = run("up")
    assert (again.exit_code, again.output.splitlines()[0]) == (
        0,
        f"the sandbox is up already (pid {read_record(settings)['pid']})",
    )
    assert run("status").exit_code == 0
    with prefect(settings) as api:
        assert api.post("/variables/", json={"name": "kept", "value": 1}).status_code == 201
        ui = api.get(f"http://127.0.0.1:{settings.ports['prefect']}/ui-settings").json()
        assert ui["api_url"] == f"http://127.0.0.1:{settings.ports['prefect']}/api"

    assert run("down").output == "the sandbox is stopped; its state is kept\n"
    assert run("down").output == "the sandbox was not running\n"
    assert all(is_free(port) for port in settings.ports.values())

    process.up(settings)
    with prefect(settings) as api:
        assert api.get("/variables/name/kept").json()["value"] == 1

    # Asked, and not answered with yes: nothing happens.
    assert run("reset").exit_code == 1
    assert process.find_running(settings) is not None
    assert run("reset", "--yes").exit_code == 0
    assert process.find_running(settings) is None
    assert {entry.name for entry in settings.state_dir.iterdir()} == {"cache", "lock"}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_daemon_takes_its_children_along_and_the_next_up_works(settings):
    running, _started = process.up(settings)
    processes = recorded(settings)
    assert len(processes) == 2

    os.kill(running.pid, signal.SIGKILL)

    assert process.find_running(settings) is None
    wait_until(lambda: not any(children.is_alive(each) for each in processes))
    again, started = process.up(settings)
    assert (started, again.is_healthy) == (True, True)
    assert again.pid != running.pid

    # A server that dies alone is started again.
    os.kill(again.services["prefect"]["pid"], signal.SIGKILL)
    revived = wait_until(
        lambda: (
            (now := process.find_running(settings)) is not None
            and now.is_healthy
            and now.services["prefect"]["restarts"] == 1
        )
    )
    assert revived


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_serves_a_pool_as_soon_as_it_exists_and_ends_with_it(settings):
    (settings.root / "flow.py").write_text(FLOW)
    process.up(settings)
    with prefect(settings) as api:
        api.post("/work_pools/", json={"name": "a pool", "type": "process"})
        flow = api.post("/flows/", json={"name": "go"}).json()
        made = api.post(
            "/deployments/",
            json={
                "name": "it",
                "flow_id": flow["id"],
                "work_pool_name": "a pool",
                "entrypoint": "flow.py:go",
                "parameters": {"name": "Ada"},
                "enforce_parameter_schema": False,
                "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(settings.root)}}],
            },
        )
        assert made.status_code == 201, made.text
        deployment = made.json()
        flow_run = api.post(f"/deployments/{deployment['id']}/create_flow_run", json={}).json()

        def ended():
            return api.get(f"/flow_runs/{flow_run['id']}").json()["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED")

        wait_until(ended)

        assert (settings.root / "ran.txt").read_text() == "Ada"
        api.delete("/work_pools/a pool")
        wait_until(lambda: process.find_running(settings).services["prefect"]["counters"]["workers"] == 0)


@pytest.mark.parametrize("service", PORTS)
def test_a_taken_port_is_one_clear_error_and_nothing_is_left(settings, run, service):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", settings.ports[service]))
        other.listen()

        answer = run("up")

    assert answer.exit_code == 1
    assert f"port {settings.ports[service]}, meant for {service}, is taken" in answer.output
    assert port_variable(service) in answer.output
    assert recorded(settings) == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_service_that_dies_at_its_start_shows_the_end_of_its_log(settings):
    # Prefect reads this file from the folder that it starts in, and refuses what it says.
    (settings.state_dir / "prefect").mkdir()
    (settings.state_dir / "prefect" / "prefect.toml").write_text('[client]\nmax_retries = "none"\n')

    with pytest.raises(errors.SandboxError) as caught:
        process.up(settings)

    assert "prefect did not start" in caught.value.detail
    assert "unable to parse string as an integer" in caught.value.detail
    assert recorded(settings) == []
    assert all(is_free(port) for port in settings.ports.values())


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_start_leaves_nothing_running(settings, environment, number):
    command = subprocess.Popen(
        [sys.executable, "-m", "reconciler.cli.flowforge", "sandbox", "up"],
        cwd=settings.root,
        env=os.environ | environment | children.own_modules(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A test run in the background of a script inherits that SIGINT is ignored; a person's shell does not do that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # no threads yet
    )
    assert "starting" in command.stdout.readline()
    daemon = children.read_pid_file(settings.pids / DAEMON_PID_FILE)

    command.send_signal(number)
    output, _ = command.communicate(timeout=60)

    assert command.returncode == 130
    assert "what was started is stopped" in output
    assert not children.is_alive(daemon)
    assert recorded(settings) == []
    assert all(is_free(port) for port in settings.ports.values())


def test_a_record_of_somebody_elses_process_is_not_believed(settings):
    # The pid was handed out again: alive, and not ours.
    stranger = children.find_identity(os.getpid())
    forged = children.Identity(pid=stranger.pid, born="0", command=stranger.command)
    children.write_pid_file(settings.pids / DAEMON_PID_FILE, forged)
    settings.record.write_text('{"pid": 1, "token": "t", "control": "http://127.0.0.1:1", "services": {}}')

    assert process.find_running(settings) is None
    assert process.down(settings) is False


@pytest.mark.parametrize("text", ["x", "0", "70000", "-1"])
def test_a_port_variable_that_is_no_port_is_refused(tmp_path, text):
    with pytest.raises(errors.SandboxError) as caught:
        read_settings({port_variable("aws"): text}, tmp_path)

    assert port_variable("aws") in caught.value.detail


def test_two_services_on_one_port_are_refused(tmp_path):
    with pytest.raises(errors.SandboxError, match="aws and snowflake are both to listen on port 18710"):
        read_settings({port_variable("aws"): "18710"}, tmp_path)


def test_the_sandbox_belongs_to_the_project_that_one_stands_in(tmp_path):
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "infra").mkdir()

    assert read_settings({}, tmp_path / "infra").state_dir == tmp_path / ".sandbox"
    assert read_settings({"FLOWFORGE_SANDBOX_DIR": "elsewhere"}, tmp_path).state_dir == tmp_path / "elsewhere"
    assert read_settings({}, tmp_path).ports == {"snowflake": 18710, "aws": 18720, "prefect": 18730}


def test_help_teaches_what_to_do_first(run):
    answer = CliRunner().invoke(flowforge.main, ["--help"])

    assert " flowforge sandbox up   " in answer.output
    assert "\\b" not in answer.output
    assert all(port_variable(name) in run("--help").output for name in PORTS)
