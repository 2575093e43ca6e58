"""A provider that somebody runs in a debugger is attached to, and left running; one that we run ends with us."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import pytest

from reconciler.contract.extensions import WATCH_STDIN
from reconciler.providers.plugins.discovery import find_plugin


@contextmanager
def running(command, environment):
    process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        port = int(process.stdout.readline())
        yield process, port
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_provider_that_runs_already_is_attached_to_and_outlives_the_run(stack):
    environment = stack.places.environment
    with running([sys.executable, str(stack.places.project_paths["test"])], environment) as (process, port):
        debugged = {**environment, "PULUMI_DEBUG_PROVIDERS": f"test:{port}"}
        stack.places = replace(stack.places, environment=debugged, project_paths={})

        first = stack.up('Thing("a", size=1)')
        second = stack.up('Thing("a", size=2)')

        assert first.errors == second.errors == []
        assert [first.ops, second.ops] == [["create a"], ["update a"]]
        assert process.poll() is None


@pytest.mark.slow
def test_a_port_where_nobody_listens_is_named_with_who_names_it(stack, monkeypatch):
    monkeypatch.setattr("reconciler.providers.plugins.connection._CONNECT_TIMEOUT_S", 0.5)
    debugged = {**stack.places.environment, "PULUMI_DEBUG_PROVIDERS": "test:1"}
    stack.places = replace(stack.places, environment=debugged, project_paths={})

    ran = stack.up('Thing("a")')

    assert "does not answer on port 1, which PULUMI_DEBUG_PROVIDERS names for it" in ran.errors[0]
    assert ran.ops == []


@pytest.mark.slow
@pytest.mark.parametrize("package", ["test", "pulumi-python"])
def test_a_plugin_ends_when_the_engine_that_started_it_is_gone(stack, package):
    launch = find_plugin(package, "", stack.places)
    environment = {**stack.places.environment, WATCH_STDIN: "1"}

    with running(launch.command, environment) as (process, _port):
        process.stdin.close()
        process.stdin = None

        assert process.wait(timeout=10) is not None
