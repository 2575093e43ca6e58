"""`pulumi install`: what a project imports, and the plugins that it names. `pulumi org`: what it says here."""

from __future__ import annotations

from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[1] / "plugins" / "experimental"
PLUGINS = "name: shop\nruntime: python\nplugins:\n  providers:\n    - name: test\n      path: {}\n    - name: aws\n"


def test_plugins_that_the_project_names_are_looked_for(cli):
    cli.write("Pulumi.yaml", PLUGINS.format(PLUGIN))
    found = cli.ok("install").out
    cli.write("Pulumi.yaml", PLUGINS.format("nowhere"))
    missing = cli("install", "--no-dependencies")
    cli.ok("install", "--no-plugins")

    assert "Finished installing dependencies" in found
    assert "[resource plugin test] is there" in found
    assert missing.code == 2
    assert "correct `plugins.providers` or `packages` in Pulumi.yaml" in missing.err


def test_packages_in_folders_have_their_plugins_there_unless_plugins_says_otherwise(cli):
    cli.write("Pulumi.yaml", f"name: shop\nruntime: python\npackages:\n  test: {PLUGIN}\n")
    found = cli.ok("install", "--no-dependencies").out
    cli.write("Pulumi.yaml", PLUGINS.format("nowhere") + f"packages:\n  test: {PLUGIN}\n")
    missing = cli("install", "--no-dependencies")

    assert "[resource plugin test] is there" in found
    assert missing.code == 2
    assert "nowhere" in missing.err


@pytest.mark.slow
def test_an_installer_that_fails_is_named_with_its_exit_code(cli):
    cli.write("requirements.txt", "--no-index\n./nothing-here\n")

    failed = cli("install")

    assert failed.code == 2
    assert "-m pip install" in failed.err
    assert "ended with exit code 1" in failed.err


@pytest.mark.parametrize("version", ["1.2.0", "<2.0.0", "1.x"])
def test_plugins_are_removed_by_version_and_by_range(cli, version):
    for number in ("1.2.0", "2.0.0"):
        cli.ok("plugin", "install", "resource", "folder", number, "--file", str(PLUGIN))

    wrong = cli("plugin", "rm", "resource", "folder", "newest", "--yes")
    cli.ok("plugin", "rm", "resource", "folder", version, "--yes")

    assert wrong.code == 2
    assert "is neither a version nor a range" in wrong.err
    assert [one["version"] for one in cli.ok("plugin", "ls", "--json").data] == ["2.0.0"]


def test_runtime_options_join_those_of_the_template(cli, tmp_path):
    template = tmp_path / "template"
    template.mkdir()
    template.joinpath("Pulumi.yaml").write_text(
        "name: ${PROJECT}\nruntime:\n  name: python\n  options:\n    toolchain: pip\n    typechecker: mypy\n"
    )
    made = tmp_path / "made"

    cli.ok("new", str(template), "--dir", str(made), "--generate-only", "--runtime-options", "toolchain=uv")

    assert "toolchain: uv\n" in made.joinpath("Pulumi.yaml").read_text()
    assert "typechecker: mypy\n" in made.joinpath("Pulumi.yaml").read_text()


@pytest.mark.parametrize("line", [("get-default",), ("set-default", "acme")])
def test_a_backend_of_ones_own_has_no_organizations(cli, line):
    done = cli("org", *line)

    assert done.code == 2
    assert "backends of type 'file' do not support organizations" in done.err
