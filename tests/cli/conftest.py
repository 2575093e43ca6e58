"""A project, a backend and a home of one's own, and the `pulumi` command in them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.cli import main

ROOT = Path(__file__).parents[2]
PASSPHRASE = "opensesame"
# A salt that the passphrase fits: made once, so that its key is derived once per process.
SALT = "v1:AAECAwQFBgc=:v1:AAECAwQFBgcICQoL:kgnnlcYFS/Dkoq0dxFzyob4AA6pcOQ=="

PROGRAM = """\
import pulumi

config = pulumi.Config()


class Lake(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Lake", name, {}, opts)
        self.register_outputs({})


Lake(config.get("lake") or "raw")
pulumi.export("size", config.get("size") or "S")
pulumi.export("token", config.get_secret("token"))
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self):
        """What it printed, read as JSON."""
        return json.loads(self.out)


class Cli:
    """Runs `pulumi` in this process, off a terminal."""

    def __init__(self, folder: Path, monkeypatch, capfd) -> None:
        self.project, self.state, self.home = folder / "project", folder / "state", folder / "home"
        self._monkeypatch, self._capfd = monkeypatch, capfd
        for each in (self.project, self.state, self.home):
            each.mkdir()
        self.write("Pulumi.yaml", "name: shop\nruntime: python\n")
        self.write("__main__.py", PROGRAM)
        self.write("Pulumi.dev.yaml", f"encryptionsalt: {SALT}\n")
        for name in [name for name in os.environ if name.startswith("PULUMI_")]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(self.project)

    @property
    def environment(self):
        """What the command needs to be told by the environment."""
        return {
            "HOME": str(self.home),
            "PULUMI_HOME": str(self.home / ".pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        }

    def __call__(self, *arguments: str, **environment: str) -> Done:
        """Run a command; what it needs besides from the environment by name, "" to unset."""
        with self._monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value) if value else patch.delenv(name, raising=False)
            self._capfd.readouterr()
            code = main.run(arguments)
        captured = self._capfd.readouterr()
        return Done(code, captured.out, captured.err)

    def ok(self, *arguments: str, **environment: str) -> Done:
        """Run a command that must succeed."""
        done = self(*arguments, **environment)
        assert done.code == 0, done
        return done

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.project / name
        path.write_text(text, encoding="utf-8")
        return path

    def stored(self):
        """The content of every file of the backend, by path."""
        return {
            str(path.relative_to(self.state)): path.read_bytes()
            for path in sorted(self.state.rglob("*"))
            if path.is_file()
        }

    def subprocess(self, *arguments: str, **settings) -> subprocess.Popen:
        """Start the command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "reconciler.cli.main", *arguments],
            cwd=self.project,
            env=self.process_environment(),
            **settings,
        )

    def process_environment(self):
        """The environment of a process of its own."""
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        return kept | self.environment | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def cli(tmp_path, monkeypatch, capfd):
    """The command in an empty backend."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return Cli(tmp_path, monkeypatch, capfd)


@pytest.fixture
def stack(cli):
    """The command with a stack `dev` selected."""
    cli.ok("stack", "init", "dev")
    return cli
