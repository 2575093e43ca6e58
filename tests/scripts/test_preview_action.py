"""The script of the composite action, as a build server runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.report.forge_server import ForgeServer

SCRIPT = Path(__file__).parents[2] / ".github/actions/preview/preview.sh"
PROGRAM = """\
import pulumi

if pulumi.get_stack() == "broken":
    raise ValueError("no such region")
pulumi.export("size", "S")
"""


@pytest.fixture
def forge():
    server = ForgeServer()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_each_stack_is_previewed_told_and_a_failed_one_fails_the_job(tmp_path, forge):
    project = tmp_path / "platform"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (project / "__main__.py").write_text(PROGRAM)
    (tmp_path / "event.json").write_text('{"pull_request": {"number": 7}}')
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": "opensesame",
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "shop/platform",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_TOKEN": "t",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    for stack in ("dev", "broken"):
        subprocess.run(
            ["pulumi", "stack", "init", stack], cwd=project, env=environment, check=True, capture_output=True
        )
    asked = environment | {"STACKS": "dev\n  broken  \n\n", "WORK_DIR": "platform", "REPORTS": "out"}

    done = subprocess.run([SCRIPT], cwd=tmp_path, env=asked, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done
    assert "error: the preview failed of: broken" in done.stderr
    (only,) = forge.comments
    assert "`shop/dev`: 1 to create" in only["body"]
    assert "❌ `shop/broken`: update preview failed" in only["body"]
    assert "no such region" in only["body"]
    assert (tmp_path / "output").read_text() == f"reports={tmp_path / 'out'}\n"
    assert "## ❌ `shop/broken`" in (tmp_path / "summary.md").read_text()
    assert json.loads((tmp_path / "out/dev.json").read_text())["plan_hash"].startswith("sha256:")
