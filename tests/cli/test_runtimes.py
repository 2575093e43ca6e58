"""A program that asks for another interpreter is not run in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PULUMI = Path(sys.executable).parent / "pulumi"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("runtime", "words"),
    [
        pytest.param("nodejs", "programs in 'nodejs' are not in this version", id="another-language"),
        pytest.param("{name: python, options: {virtualenv: venv}}", "the interpreter of 'venv'", id="another-python"),
    ],
)
def test_another_runtime_is_refused_by_name(tmp_path, runtime, words):
    (tmp_path / "Pulumi.yaml").write_text(f"name: p\nruntime: {runtime}\n")
    (tmp_path / "__main__.py").write_text("raise SystemExit('it ran')\n")
    variables = {
        **os.environ,
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": "",
    }

    def pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PULUMI, "--non-interactive", *arguments],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    pulumi("stack", "init", "dev")
    ran = pulumi("preview")

    assert ran.returncode != 0
    assert words in ran.stderr
    assert "it ran" not in ran.stdout + ran.stderr
