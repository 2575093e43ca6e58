"""What a command costs before it does anything: `make bench-startup`.

Prints a line per bar, `name  value  limit  ok|miss`, and exits 1 when one misses. CPU
seconds of whole processes, user and system, the least of some runs, files compiled and cached.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.bars import Bar, report

RUNS = 5
PROJECT = "name: bench\nruntime: python\n"
# What may not be imported by commands that do not need it.
SDK = ("pulumi", "grpc", "google.protobuf", "obstore")


def bars() -> Iterator[Bar]:
    """Name, value, limit."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        project.mkdir()
        (project / "Pulumi.yaml").write_text(PROJECT)
        (project / "__main__.py").write_text("")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment |= {
            "HOME": folder,
            "PULUMI_HOME": f"{folder}/home",
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
        }
        completion = {"COMP_WORDS": "pulumi st", "COMP_CWORD": "1", "_PULUMI_COMPLETE": "bash_complete"}
        _cpu_s(project, environment, "stack", "init", "dev")
        yield "pulumi version, CPU s", _least(project, environment, "version"), 0.2
        yield "preview of an empty program, CPU s", _least(project, environment, "preview"), 1.2
        yield "pulumi version: SDK modules", _loaded(project, environment, SDK, "version"), 0
        yield "completion: SDK modules", _loaded(project, environment | completion, SDK), 0
        yield "stack output: gRPC modules", _loaded(project, environment, ("grpc",), "stack", "output"), 0
        yield "config: gRPC modules", _loaded(project, environment, ("grpc",), "config"), 0


def _least(project: Path, environment: dict[str, str], *arguments: str) -> float:
    return min(_cpu_s(project, environment, *arguments) for _ in range(RUNS))


def _cpu_s(project: Path, environment: dict[str, str], *arguments: str) -> float:
    before = os.times()
    subprocess.run([_pulumi(), *arguments], cwd=project, env=environment, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _loaded(project: Path, environment: dict[str, str], packages: tuple[str, ...], *arguments: str) -> int:
    """How many modules of these packages a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler.cli.main", *arguments],
        cwd=project,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    assert len(names) > len(packages), done.stderr
    return sum(name in packages or name.startswith(tuple(f"{package}." for package in packages)) for name in names)


def _pulumi() -> str:
    return str(Path(sys.executable).with_name("pulumi"))


if __name__ == "__main__":
    sys.exit(report(bars()))
