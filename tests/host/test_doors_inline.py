"""Inline programs: the public Automation API drives this CLI, and the program stays in the caller's process."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
import pytest
from pulumi import automation
from pulumi.automation import errors

sys.path.insert(0, str(Path(__file__).parent))

from doorways import inline_program  # the folder is put on the path above

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


class Lake(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("shop:index:Lake", name, {})
        self.register_outputs({})


@pytest.fixture
def environment(tmp_path):
    """What the command needs: a backend, a home, a passphrase."""
    for name in ("state", "home"):
        (tmp_path / name).mkdir()
    return {
        "HOME": str(tmp_path / "home"),
        "PULUMI_HOME": str(tmp_path / "home" / ".pulumi"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_CONFIG_PASSPHRASE": "opensesame",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture
def command(tmp_path):
    """`pulumi` on a search path of its own."""
    folder = tmp_path / "cli" / "bin"
    folder.mkdir(parents=True)
    script = folder / "pulumi"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m reconciler.cli.main "$@"\n')
    script.chmod(0o755)
    return automation.PulumiCommand(root=str(folder.parent))


@pytest.fixture
def create(environment, command):
    """A function that makes a stack of an inline program."""

    def create(name: str, program: automation.PulumiFn) -> automation.Stack:
        options = automation.LocalWorkspaceOptions(env_vars=environment, pulumi_command=command)
        return automation.create_stack(stack_name=name, project_name="shop", program=program, opts=options)

    return create


def test_an_inline_program_runs_in_its_own_process(create):
    ran_in: list[int] = []

    def program() -> None:
        ran_in.append(os.getpid())
        config = pulumi.Config()
        Lake(config.require("lake"))
        pulumi.export("lake", config.get("lake"))
        pulumi.export("token", config.require_secret("token"))
        pulumi.export("preview", pulumi.runtime.is_dry_run())
        pulumi.export("where", [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack()])

    stack = create("dev", program)
    stack.set_config("lake", automation.ConfigValue("raw"))
    stack.set_config("token", automation.ConfigValue("hush", secret=True))

    assert stack.preview().change_summary == {"create": 2}
    heard: list[automation.EngineEvent] = []
    result = stack.up(on_event=heard.append)
    assert result.summary.resource_changes == {"create": 2}
    assert result.outputs["lake"].value == "raw"
    assert (result.outputs["token"].value, result.outputs["token"].secret) == ("hush", True)
    assert result.outputs["preview"].value is False
    assert result.outputs["where"].value == ["organization", "shop", "dev"]
    assert any(event.summary_event for event in heard)
    assert stack.up().summary.resource_changes == {"same": 2}
    stack.refresh()
    assert stack.destroy().summary.resource_changes == {"delete": 2}
    assert set(ran_in) == {os.getpid()}
    stack.workspace.remove_stack("dev")


def test_an_error_of_an_inline_program_is_told_as_such(create):
    def program() -> None:
        raise KeyError("not there")

    stack = create("dev", program)

    with pytest.raises(errors.InlineSourceRuntimeError, match="not there"):
        stack.up()
    with pytest.raises(errors.InlineSourceRuntimeError, match="not there"):
        stack.preview()


def test_stacks_of_one_process_run_side_by_side(create):
    together = threading.Barrier(2, timeout=60)

    def program() -> None:
        # Neither program goes on before the other has begun.
        together.wait()
        Lake(f"lake-of-{pulumi.get_stack()}")
        pulumi.export("stack", pulumi.get_stack())

    stacks = [create(name, program) for name in ("one", "two")]

    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda stack: stack.up(), stacks))

    assert [result.outputs["stack"].value for result in results] == ["one", "two"]
    assert [result.summary.resource_changes for result in results] == [{"create": 2}] * 2


def test_an_up_with_a_preview_calls_the_program_twice(create, command, environment, tmp_path):
    stack = create("dev", lambda: None)
    (tmp_path / "__main__.py").write_text(
        "import pathlib, pulumi\n"
        "with pathlib.Path(__file__).with_name('runs').open('a') as runs:\n"
        "    runs.write(f'{pulumi.runtime.is_dry_run()} ')\n"
    )

    with inline_program(tmp_path) as address:
        up = ["up", "--yes", "--stack", "dev", f"--client={address}"]
        command.run(up, str(stack.workspace.work_dir), environment)

    assert (tmp_path / "runs").read_text().split() == ["True", "False"]


def test_a_client_that_is_not_there_is_said(create, command, environment, tmp_path):
    stack = create("dev", lambda: None)

    with pytest.raises(errors.CommandError, match=r"its process at 127\.0\.0\.1:9 does not answer"):
        command.run(["preview", "--stack", "dev", "--client=127.0.0.1:9"], str(stack.workspace.work_dir), environment)
