"""Plugins that do not start say so with what they printed; a run ends and leaves no process behind."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.deploy import events
from reconciler.providers.plugins.discovery import Launch
from reconciler.providers.plugins.process import PluginProcess


def a_plugin(stack, tmp_path, body):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").write_text(
        f"import os, sys, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n{body}\n"
    )
    stack.places = replace(stack.places, project_paths={"test": folder})


def is_running(tmp_path) -> bool:
    try:
        os.kill(int((tmp_path / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("print('hello')", ["invalid port", "'hello'"], id="says hello"),
        pytest.param("print('70000')", ["invalid port"], id="no port has this number"),
        pytest.param("print('x' * 200_000)", ["invalid port"], id="talks without end"),
        pytest.param("sys.exit('no licence')", ["exited with 1", "no licence"], id="exits at once"),
        pytest.param("import nowhere", ["exited with 1", "No module named 'nowhere'"], id="cannot be imported"),
        pytest.param("time.sleep(60)", ["did not say its port within 0.5 s"], id="hangs"),
        pytest.param(
            "print('no licence', file=sys.stderr)\nos.close(1)\ntime.sleep(60)",
            ["closed its stdout and said no port", "no licence"],
            id="closes its stdout",
        ),
        pytest.param(
            "import subprocess\nsubprocess.Popen(['sleep', '60'])\nsys.exit('no licence')",
            ["exited with 1", "no licence"],
            id="exits, and what it started holds its stdout",
        ),
        pytest.param(
            "print('1', flush=True)\nsys.exit('no licence')",
            ["does not answer on port 1", "exited with 1", "no licence"],
            id="exits when it has said its port",
        ),
    ],
)
def test_a_plugin_that_does_not_start(stack, tmp_path, body, words):
    a_plugin(stack, tmp_path, body)
    stack.port_timeout_s = 0.5 if body == "time.sleep(60)" else 20.0

    began_s = time.monotonic()
    ran = stack.up('Thing("a")')

    # What is waited for longest is its port, and its answer.
    assert time.monotonic() - began_s < 9
    assert len(ran.errors) == 1
    assert all(word in ran.errors[0] for word in words), ran.errors
    assert not is_running(tmp_path)


@pytest.mark.slow
def test_a_plugin_that_listens_nowhere_is_given_up(stack, tmp_path, monkeypatch):
    monkeypatch.setattr("reconciler.providers.plugins.connection._CONNECT_TIMEOUT_S", 0.5)
    a_plugin(
        stack, tmp_path, "print('1', flush=True)\nprint('about to fail', file=sys.stderr, flush=True)\ntime.sleep(60)"
    )

    ran = stack.up('Thing("a")')

    assert "does not answer on port 1" in ran.errors[0]
    assert "about to fail" in ran.errors[0]
    assert not is_running(tmp_path)


@pytest.mark.slow
def test_on_the_command_lines_event_loop_a_plugin_that_closes_its_stdout_is_not_waited_for(tmp_path):
    launch = Launch(command=(sys.executable, "-c", "import os, time; os.close(1); time.sleep(60)"), folder=tmp_path)
    start = PluginProcess.start("test", launch, engine_address="", folder=tmp_path, environment={}, timeout_s=20.0)

    with pytest.raises(errors.ConfigureError, match="closed its stdout and said no port"):
        pytest.importorskip("uvloop").run(start)


def test_a_package_without_a_plugin_fails_its_resources(stack):
    stack.places = replace(stack.places, project_paths={}, environment={"PATH": ""})

    ran = stack.up('Thing("a")')

    assert "no resource plugin 'pulumi-resource-test' found in the workspace" in ran.errors[0]


@pytest.mark.slow
def test_no_process_outlives_its_run(stack, tmp_path):
    folder = stack.places.project_paths["test"]
    a_plugin(
        stack,
        tmp_path,
        f"sys.argv[0] = {str(folder)!r}\nimport runpy\nrunpy.run_path({str(folder)!r}, run_name='__main__')",
    )

    ran = stack.up('Thing("a")')

    assert ran.ops == ["create a"]
    deadline = time.monotonic() + 5
    while is_running(tmp_path):
        assert time.monotonic() < deadline


@pytest.mark.slow
def test_what_a_plugin_logs_has_its_stream_and_says_whether_it_is_for_keeps(stack):
    stack.places = replace(stack.places, project_paths={"test": Path(__file__).parent / "bare"})

    ran = stack.up('Thing("a")')

    [progress] = [event for event in ran.events if getattr(event, "message", "") == "published"]
    assert progress == events.Diagnostic("published", urn=ran.recorded("a").urn, ephemeral=True, stream=7)
