"""Pulumi.yaml."""

from pathlib import Path

import pytest

from reconciler import errors
from reconciler.project.documents import parse_document
from reconciler.project.files import PluginSource, find_project_file, parse_project, read_project

FILE = Path("/x/Pulumi.yaml")
FULL = """
name: shop
runtime:
  name: python
  options: {virtualenv: venv}
main: infra
description: A shop
author: Ann
website: 1.5
license: MIT
stackConfigDir: stacks
backend: {url: "file://~"}
options: {refresh: always}
template: {description: d}
plugins:
  providers: [{name: a, path: ./a}]
  analyzers: [{name: b, version: 1.2.3}]
packages: {c: c@1.0.0}
requiredPulumiVersion: ">=3.0.0"
config: {size: 5}
somethingNew: [1]
"""


def project(text):
    return parse_project(parse_document(FILE, text))


def test_every_key_is_read():
    found = project(FULL)

    assert (found.name, found.runtime, found.runtime_options) == ("shop", "python", {"virtualenv": "venv"})
    assert (found.description, found.author, found.website, found.license) == ("A shop", "Ann", "1.5", "MIT")
    assert found.folder == Path("/x")
    assert found.program == Path("/x/infra")
    assert found.stack_file("dev") == Path("/x/stacks/Pulumi.dev.yaml")
    assert found.stack_file("team/dev") == Path("/x/stacks/Pulumi.team-dev.yaml")
    assert found.backend_url == "file://~"
    assert found.refreshes
    assert found.template == {"description": "d"}
    assert found.plugins == (
        PluginSource(kind="providers", name="a", path="./a"),
        PluginSource(kind="analyzers", name="b", version="1.2.3"),
    )
    assert found.packages == {"c": "c@1.0.0"}
    assert found.required_version == ">=3.0.0"
    assert found.config["shop:size"].default == 5
    assert found.extra == {"somethingNew": [1]}


@pytest.mark.parametrize(
    ("packages", "name", "path"),
    [
        pytest.param("{sites: ../sites}", "sites", "../sites", id="short"),
        pytest.param("{sites: {source: ./sites, version: 1.0.0}}", "sites", "./sites", id="in-full"),
        pytest.param("{sites: /opt/sites}", "sites", "/opt/sites", id="absolute"),
        pytest.param(
            "{random: {source: ../bin/pulumi-resource-terraform-provider, parameters: [hashicorp/random]}}",
            "terraform-provider",
            "../bin/pulumi-resource-terraform-provider",
            id="a-plugin-that-serves-another-package",
        ),
    ],
)
def test_a_package_in_a_folder_names_its_plugin(packages, name, path):
    found = project(f"name: shop\nruntime: python\npackages: {packages}\n")

    assert found.plugins == (PluginSource(kind="providers", name=name, path=path),)


@pytest.mark.parametrize("source", ["random", "random@1.0.0", "github.com/team/sites@v1.0.0", "git://host/sites"])
def test_a_package_from_elsewhere_names_no_folder(source):
    assert project(f"name: shop\nruntime: python\npackages: {{sites: '{source}'}}\n").plugins == ()


def test_a_short_project_has_defaults():
    found = project("name: shop\nruntime: python\n")

    assert found.program == Path("/x")
    assert found.stack_file("dev") == Path("/x/Pulumi.dev.yaml")
    assert not found.refreshes
    assert found.config == {}


def test_config_as_text_is_the_old_name_of_the_stack_folder():
    found = project("name: shop\nruntime: python\nconfig: stacks\n")

    assert found.stack_file("dev") == Path("/x/stacks/Pulumi.dev.yaml")
    assert found.config == {}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param("runtime: python\n", "name", id="no-name"),
        pytest.param("name: a b\nruntime: python\n", "name", id="space-in-name"),
        pytest.param("name: [a]\nruntime: python\n", "name", id="name-of-another-type"),
        pytest.param("name: true\nruntime: python\n", "name", id="name-is-a-flag"),
        pytest.param("name: shop\n", "runtime", id="no-runtime"),
        pytest.param("name: shop\nruntime: {options: {}}\n", "runtime", id="runtime-without-name"),
        pytest.param("name: shop\nruntime: {name: python, options: []}\n", "options", id="options-of-another-type"),
        pytest.param("name: shop\nruntime: python\nbackend: x\n", "backend", id="backend-of-another-type"),
        pytest.param("name: shop\nruntime: python\nconfig: [a]\n", "config", id="config-of-another-type"),
        pytest.param("name: shop\nruntime: python\nplugins: {providers: {}}\n", "plugins.providers", id="plugins"),
        pytest.param("name: shop\nruntime: python\nplugins: {languages: [a]}\n", "plugins.languages", id="plugin"),
        pytest.param("name: shop\nruntime: python\npackages: {a: [b]}\n", "source", id="package-of-another-type"),
    ],
)
def test_a_wrong_project_names_file_and_key(text, key):
    with pytest.raises(errors.ProjectError) as caught:
        project(text)

    assert (caught.value.file, caught.value.key) == (str(FILE), key)


@pytest.mark.parametrize("name", ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"])
def test_the_project_is_found_upwards(tmp_path, name):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / name).write_text('{"name": "shop", "runtime": "python"}')

    assert find_project_file(inner) == tmp_path / name
    assert read_project(inner).stack_file("dev").name == f"Pulumi.dev{Path(name).suffix}"


def test_the_nearest_project_counts_and_none_is_an_error(tmp_path):
    inner = tmp_path / "a"
    inner.mkdir()
    assert find_project_file(inner) is None
    with pytest.raises(errors.ProjectError) as caught:
        read_project(inner)
    assert str(inner) in caught.value.detail

    for folder in (tmp_path, inner):
        (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n")

    assert read_project(inner).folder == inner
