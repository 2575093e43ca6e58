"""Where plugins are found, in Pulumi's order."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.host.virtualenvs import find_interpreter
from reconciler.providers.plugins.discovery import Attached, Launch, Places, choose_installed, choose_named, find_plugin


@pytest.fixture
def places(tmp_path):
    for folder in ("home/plugins", "path", "project", "program"):
        (tmp_path / folder).mkdir(parents=True)
    return Places(home=tmp_path / "home", program=tmp_path / "program", environment={"PATH": str(tmp_path / "path")})


def executable(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def with_environment(places: Places, **environment: str) -> Places:
    return Places(home=places.home, program=places.program, environment={**places.environment, **environment})


def in_project(places: Places, folder: Path) -> Places:
    return Places(
        home=places.home,
        program=places.program,
        environment=places.environment,
        project_paths={"x": folder},
        interpreter="/program/python",
        find_interpreter=find_interpreter,
    )


def command(found) -> tuple[str, ...]:
    assert isinstance(found, Launch)
    return found.command


def test_the_project_wins_over_the_path_and_the_path_over_what_is_installed(places, tmp_path):
    installed = executable(places.home / "plugins/resource-x-v1.0.0/pulumi-resource-x")
    assert command(find_plugin("x", "", places)) == (installed,)

    on_path = executable(tmp_path / "path/pulumi-resource-x")
    assert command(find_plugin("x", "", places)) == (on_path,)
    assert command(find_plugin("x", "", with_environment(places, PULUMI_IGNORE_AMBIENT_PLUGINS="true"))) == (installed,)

    named = executable(tmp_path / "project/pulumi-resource-x")
    assert command(find_plugin("x", "", in_project(places, tmp_path / "project"))) == (named,)
    assert command(find_plugin("x", "", in_project(places, Path(named)))) == (named,)


@pytest.mark.parametrize(
    ("version", "chosen"),
    [
        pytest.param("", "one", id="any version: the first"),
        pytest.param("2.0.0", "two", id="the version asked for"),
        pytest.param("v2.0.0", "two", id="the version asked for, with a v"),
        pytest.param("3.0.0", "any", id="one without a version serves every other"),
    ],
)
def test_of_what_the_project_names_the_version_asked_for_is_chosen(version, chosen):
    paths = {"x@1.0.0": Path("one"), "x@2.0.0": Path("two"), "y": Path("y"), "x": Path("any")}

    assert choose_named(paths, "x", version) == Path(chosen)
    assert choose_named({"x@1.0.0": Path("one")}, "x", "3.0.0") is None


def test_a_running_provider_is_attached_to_before_anything_else(places, tmp_path):
    executable(tmp_path / "path/pulumi-resource-x")

    assert find_plugin("x", "", with_environment(places, PULUMI_DEBUG_PROVIDERS="y:1,x:4321")) == Attached(4321)


@pytest.mark.parametrize(
    ("version", "chosen"),
    [
        pytest.param("7.9.0", "resource-x-v7.9.0", id="exact"),
        pytest.param("v7.9.0", "resource-x-v7.9.0", id="exact-with-v"),
        pytest.param("7.9.0+build", "resource-x-v7.9.0", id="build-metadata-does-not-count"),
        pytest.param("8.0.0-rc.1", "resource-x-v8.0.0-rc.1", id="a-pre-release-that-is-asked-for"),
        pytest.param("7.0.0", None, id="no-other-version-stands-in"),
        pytest.param("", "resource-x-v7.10.0", id="newest-stable-by-number"),
        pytest.param("9.0.0", None, id="half-downloaded"),
    ],
)
def test_of_what_is_installed_the_version_asked_for_is_chosen(version, chosen):
    names = ["resource-x-v7.9.0", "resource-x-v7.10.0", "resource-x-v8.0.0-rc.1", "resource-x-y-v99.0.0"]
    names += ["resource-x-v9.0.0", "resource-x-v9.0.0.partial", "analyzer-x-v50.0.0", "resource-x-v7.10.0.lock"]

    assert choose_installed(names, "x", version) == chosen


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.2.3", "no resource plugin 'pulumi-resource-x' found in the workspace at version v1.2.3"),
        ("", "no resource plugin 'pulumi-resource-x' found in the workspace or on your $PATH"),
    ],
)
def test_a_missing_plugin_is_told_in_pulumis_words_and_how_to_get_it(places, version, words):
    with pytest.raises(errors.ConfigureError) as raised:
        find_plugin("x", version, places)

    assert words in str(raised.value)
    assert "pulumi plugin install resource x" in raised.value.hint


def test_a_python_plugin_runs_in_its_own_environment_or_the_programs(places, tmp_path):
    folder = tmp_path / "project"
    (folder / "PulumiPlugin.yaml").write_text("runtime: python\n")
    (folder / "__main__.py").touch()
    found = in_project(places, folder)
    assert command(find_plugin("x", "", found)) == ("/program/python", "-u", str(folder))

    own = executable(folder / "venv/bin/python")
    assert command(find_plugin("x", "", found)) == (own, "-u", str(folder))

    named = executable(folder / "other/bin/python")
    (folder / "PulumiPlugin.yaml").write_text("runtime: {name: python, options: {virtualenv: other}}\n")
    assert command(find_plugin("x", "", found)) == (named, "-u", str(folder))

    uvs = executable(folder / ".venv/bin/python")
    (folder / "PulumiPlugin.yaml").write_text("runtime: {name: python, options: {toolchain: uv}}\n")
    assert command(find_plugin("x", "", found)) == (uvs, "-u", str(folder))

    (folder / "PulumiPlugin.yaml").write_text("runtime: {name: python, options: {virtualenv: other}}\n")
    (folder / "__main__.py").unlink()
    (folder / "pyproject.toml").write_text('[project]\nname = "my-plugin"\n')
    assert command(find_plugin("x", "", found)) == (named, "-u", "-m", "pulumi.run.plugin", "my-plugin")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("runtime: nodejs\n", "nodejs", id="another-language"),
        pytest.param("{", "cannot be read", id="not-yaml"),
        pytest.param("runtime: {name: python, options: {virtualenv: nowhere}}\n", "nowhere", id="no-such-environment"),
        pytest.param(
            "runtime: {name: python, options: {toolchain: conda}}\n", "Plugin.*'conda'", id="no-such-toolchain"
        ),
        pytest.param("runtime: python\n", "neither", id="nothing-to-run"),
    ],
)
def test_a_python_plugin_that_cannot_run_says_why(places, tmp_path, text, words):
    (tmp_path / "project/PulumiPlugin.yaml").write_text(text)

    with pytest.raises(errors.ConfigureError, match=words):
        find_plugin("x", "", in_project(places, tmp_path / "project"))


def test_dynamic_providers_need_no_plugin_but_the_sdk(places):
    launch = find_plugin("pulumi-python", "", places)

    assert command(launch)[0] == sys.executable
    assert "pulumi.dynamic" in command(launch)[-1]
