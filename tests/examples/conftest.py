"""Programs to run as their users do: each in a project of its own, with providers that run already."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import SALT, Cli, cli  # noqa: F401  # a fixture
from tests.providers.aws.conftest import aws_url  # noqa: F401  # likewise

HERE = Path(__file__).parent
PROVIDERS = HERE / "providers"
SHARED = (
    "asset-archive", "fail_on_create", "large", "nestedobject", "output", "primitive", "random", "replaceonchanges",
    "simple", "simple-invoke", "testprovider", "unique",
)  # fmt: skip
OWN_PROCESS = {
    "config": PROVIDERS / "resources.py",
    "calls": PROVIDERS / "calls.py",
    "many": HERE.parent / "plugins" / "many" / "__main__.py",
}
"""Plugins whose providers have settings, and what serves them: an attached provider has one set of them."""


@contextmanager
def running(script):
    """A plugin that is attached to: its port."""
    process = subprocess.Popen([sys.executable, script, "127.0.0.1:9"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def attached():
    """What `PULUMI_DEBUG_PROVIDERS` says: one process for all resources, one for the components."""
    with running(PROVIDERS / "resources.py") as resources, running(PROVIDERS / "components.py") as components:
        ports = {**dict.fromkeys(SHARED, resources), "parts": components}
        yield ",".join(f"{package}:{port}" for package, port in ports.items())


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory):
    """A folder for the PATH with the plugins that are started anew by each run."""
    folder = tmp_path_factory.mktemp("plugins")
    for package, script in OWN_PROCESS.items():
        plugin = folder / f"pulumi-resource-{package}"
        plugin.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        plugin.chmod(0o755)
    return folder


@dataclass(frozen=True)
class Ran:
    """How `pulumi up --json` ended."""

    code: int
    events: list
    text: str

    @property
    def changes(self):
        """How many resources had which operation."""
        return next(event["summaryEvent"]["resourceChanges"] for event in self.events if "summaryEvent" in event)

    @property
    def changed(self):
        """What did not stay as it was."""
        steps = [event["resOutputsEvent"]["metadata"] for event in self.events if "resOutputsEvent" in event]
        return [f"{step['op']} {step['urn']} {step['diffs']}" for step in steps if step["op"] not in ("same", "read")]

    @property
    def said(self):
        """All that the program and the engine said."""
        return "\n".join(event["diagnosticEvent"]["message"] for event in self.events if "diagnosticEvent" in event)


class Example:
    """One project of an example, in a folder of its own, and its stack `dev`."""

    def __init__(self, cli: Cli, folder: Path) -> None:  # noqa: F811
        self._cli, self.folder = cli, folder
        self.project = cli.project.parent / f"{folder.parent.name}-{folder.name}"
        shutil.copytree(folder, self.project)
        (self.project / "Pulumi.dev.yaml").write_text(f"encryptionsalt: {SALT}\n")

    def __call__(self, *arguments):
        return self._cli("--cwd", str(self.project), *arguments)

    def ok(self, *arguments):
        return self._cli.ok("--cwd", str(self.project), *arguments)

    def lay_over(self, step):
        """Put a step's files over the program's, as an edit."""
        shutil.copytree(self.project / step, self.project, dirs_exist_ok=True)
        # Python takes byte code of a source of the same second and size for that of the edited one.
        for compiled in self.project.rglob("__pycache__"):
            shutil.rmtree(compiled)

    def previewed(self, *flags):
        """What a preview says will change."""
        done = self("preview", "--json", "--stack", "dev", *flags)
        assert done.code == 0, [item["message"] for item in done.data.get("diagnostics", [])] or done.err
        return done.data["changeSummary"]

    def up(self, *flags):
        """Deploy the program."""
        done = self("up", "--yes", "--skip-preview", "--json", "--stack", "dev", *flags)
        events = [json.loads(line) for line in done.out.splitlines() if line.startswith("{")]
        return Ran(done.code, events, done.out + done.err)

    @property
    def outputs(self):
        """The stack's outputs, secrets in plain."""
        return self.ok("stack", "output", "--json", "--show-secrets", "--stack", "dev").data

    @property
    def secrets(self):
        """The outputs that are secret."""
        shown = self.ok("stack", "output", "--json", "--stack", "dev").data
        return sorted(name for name, value in shown.items() if value == "[secret]")

    @property
    def resources(self):
        """What state has, by name; providers by `provider <package>`."""
        exported = self.ok("stack", "export", "--show-secrets", "--stack", "dev").data
        return {_called(item): item for item in exported["deployment"].get("resources", [])}


def _called(item):
    kind, name = item["urn"].split("::")[-2:]
    return f"provider {kind.split(':')[-1]} {name}" if kind.startswith("pulumi:providers:") else name


@pytest.fixture
def open_example(cli, attached, plugin_folder, monkeypatch, request):  # noqa: F811
    """Call it with an example's folder for its projects, in order."""
    monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", attached)
    monkeypatch.setenv("PATH", f"{plugin_folder}{os.pathsep}{os.environ['PATH']}")
    # The programs are unchanged: no Pulumi.yaml of theirs opts in to running code that state holds.
    monkeypatch.setenv("FLOWFORGE_TRUST_PICKLED_STATE", "1")
    monkeypatch.syspath_prepend(HERE / "sdks")

    def open_it(name):
        folder = HERE / name
        expected = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))
        if expected.get("aws"):
            where = {"AWS_ENDPOINT_URL": request.getfixturevalue("aws_url"), "AWS_REGION": "us-east-1"}
            for variable, value in {**where, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}.items():
                monkeypatch.setenv(variable, value)
        projects = expected.get("projects") or {".": expected["steps"]}
        return expected, [(Example(cli, (folder / path).resolve()), steps) for path, steps in projects.items()]

    return open_it
