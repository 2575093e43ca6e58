"""Which commands install what a program imports, by the project's toolchain."""

from __future__ import annotations

import sys

import pytest

from reconciler import errors
from reconciler.host.dependencies import installing_commands

PIP = ("-m", "pip", "install", "--disable-pip-version-check")


@pytest.fixture
def tools(tmp_path, monkeypatch):
    """A search path with a `uv` and nothing else."""
    tool = tmp_path / "bin" / "uv"
    tool.parent.mkdir()
    tool.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tool.parent))
    return tool


def test_a_program_without_a_list_of_packages_needs_no_command(tmp_path):
    assert installing_commands(tmp_path, tmp_path, {}) == ()


def test_pip_installs_where_this_runs_or_into_a_virtual_environment_that_it_makes(tmp_path):
    (tmp_path / "requirements.txt").touch()
    listed = ("--requirement", "requirements.txt")
    python = str(tmp_path / "venv" / "bin" / "python")

    here = installing_commands(tmp_path, tmp_path, {"toolchain": "pip"})
    fresh = installing_commands(tmp_path, tmp_path, {"virtualenv": "venv"})
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").touch()
    again = installing_commands(tmp_path, tmp_path, {"virtualenv": "venv"}, again=True)

    assert here == ((sys.executable, *PIP, *listed),)
    assert fresh == ((sys.executable, "-m", "venv", str(tmp_path / "venv")), (python, *PIP, *listed))
    assert again == ((python, *PIP, "--force-reinstall", *listed),)


def test_pip_installs_a_project_that_lists_its_packages_itself(tmp_path):
    (tmp_path / "pyproject.toml").touch()

    assert installing_commands(tmp_path, tmp_path, {}) == ((sys.executable, *PIP, "--editable", "."),)


def test_another_toolchain_installs_by_its_own_command(tmp_path, tools):
    assert installing_commands(tmp_path, tmp_path, {"toolchain": "uv"}) == ((str(tools), "sync"),)
    assert installing_commands(tmp_path, tmp_path, {"toolchain": "UV"}, again=True) == (
        (str(tools), "sync", "--reinstall"),
    )


@pytest.mark.parametrize(("toolchain", "words"), [("poetry", "no `poetry` on the PATH"), ("conda", "no toolchain")])
def test_a_toolchain_that_is_not_there_is_named(tmp_path, tools, toolchain, words):
    with pytest.raises(errors.ProjectError, match=words) as raised:
        installing_commands(tmp_path, tmp_path, {"toolchain": toolchain})

    assert raised.value.key == "runtime.options.toolchain"
