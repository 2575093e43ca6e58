"""Which folder is a policy pack, and which Python runs it."""

from __future__ import annotations

import sys

import pytest

from reconciler import errors
from reconciler.policies.manifests import find_pack


def pack(folder, manifest="runtime: python\n", main="", **files):
    folder.mkdir(exist_ok=True)
    for name, text in {"PulumiPolicy.yaml": manifest, "__main__.py": main, **files}.items():
        if text is not None:
            (folder / name).write_text(text)
    return folder


def test_a_manifest_has_a_version_and_the_options_of_its_runtime(tmp_path):
    folder = pack(tmp_path / "rules", "runtime: {name: python, options: {virtualenv: env}}\nversion: 1.10\n")
    python = folder / "env/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()

    found = find_pack("./rules", folder, None, "/fallback/python")

    assert found.manifest.path == "./rules"
    assert found.manifest.version == "1.10"
    assert found.python == str(python)
    assert not found.has_settings


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"venv/bin/python": ""}, "venv/bin/python"),
        ({".venv/bin/python": ""}, ".venv/bin/python"),
        ({}, ""),
    ],
)
def test_a_pack_runs_in_its_own_environment_else_in_the_programs(tmp_path, files, expected):
    folder = pack(tmp_path / "rules")
    for name in files:
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()

    found = find_pack("rules", folder, None, "/fallback/python")

    assert found.python == (str(folder / expected) if expected else "/fallback/python")


def test_an_environment_that_is_the_one_that_runs_this_is_taken(tmp_path):
    folder = pack(tmp_path / "rules", f"runtime: {{name: python, options: {{virtualenv: {sys.prefix}}}}}\n")

    assert find_pack("rules", folder, None, "/fallback/python").python == sys.executable


@pytest.mark.parametrize(
    ("manifest", "main", "problem"),
    [
        (None, "", "there is no PulumiPolicy.yaml in it"),
        ("runtime: [", "", "PulumiPolicy.yaml cannot be read"),
        ("- runtime", "", "PulumiPolicy.yaml is not a mapping"),
        ("version: 1.0.0\n", "", "PulumiPolicy.yaml is missing a 'runtime' attribute"),
        ("runtime: nodejs\n", "", "its runtime is 'nodejs'; this version runs packs of runtime python"),
        ("runtime: {name: python, options: [a]}\n", "", "runtime.options is not a mapping"),
        (
            "runtime: {name: python, options: {virtualenv: env}}\n",
            "",
            "PulumiPolicy.yaml: runtime.options.virtualenv: there is no virtual environment at env",
        ),
        ("runtime: {name: python, options: {toolchain: conda}}\n", "", "there is no toolchain 'conda'"),
        ("runtime: python\n", None, "there is no __main__.py in it"),
    ],
)
def test_a_folder_that_is_no_pack_is_refused_with_its_reason(tmp_path, manifest, main, problem):
    folder = pack(tmp_path / "rules", manifest, main)

    with pytest.raises(errors.PolicyPackError) as refused:
        find_pack("rules", folder, None, sys.executable)

    assert refused.value.pack == "rules"
    assert problem in refused.value.detail


def test_a_pack_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(errors.PolicyPackError, match="policy pack 'rules': there is no such folder"):
        find_pack("rules", tmp_path / "rules", None, sys.executable)
