"""What a workspace keeps: stacks, config, tags, settings, state, plugins, templates, and what only Pulumi Cloud has."""

from __future__ import annotations

import getpass
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from pulumi import automation
from pulumi.automation import CommandError, ConfigValue, errors
from semver import VersionInfo

from reconciler.model import versions

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PLUGIN = Path(__file__).parents[1] / "plugins" / "experimental"


class HookedWorkspace(automation.LocalWorkspace):
    """Adds arguments to each command of a stack, and hears of it afterwards."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.told: list[str] = []

    def serialize_args_for_op(self, stack_name):
        return ["--lock-wait", "5s"]

    def post_command_callback(self, stack_name):
        self.told.append(stack_name)


def test_the_version_fits_what_the_sdk_asks_for(place):
    root = str(Path(place.command.command).parents[1])

    fitting = automation.PulumiCommand(root=root, version=VersionInfo.parse(versions.CONTRACT))
    with pytest.raises(errors.InvalidVersionError, match="Minimum version requirement failed"):
        automation.PulumiCommand(root=root, version=VersionInfo(3, 999, 0))
    lenient = automation.PulumiCommand(root=root, version=VersionInfo(3, 999, 0), skip_version_check=True)

    assert str(fitting.version).startswith(f"{versions.CONTRACT}+flowforge.")
    assert lenient.version == fitting.version


def test_stacks_are_made_found_renamed_and_removed(place):
    directory, options = str(place.project), place.options()
    with pytest.raises(errors.StackNotFoundError):
        automation.select_stack("one", work_dir=directory, opts=options)
    made = automation.create_or_select_stack("one", work_dir=directory, opts=options)
    with pytest.raises(errors.StackAlreadyExistsError):
        automation.Stack.create("one", made.workspace)
    workspace = made.workspace
    place.stack("other")
    again = automation.Stack.select("one", workspace)
    assert automation.Stack.create_or_select("one", workspace).name == "one"
    current = workspace.stack()
    listed = {stack.name: stack for stack in workspace.list_stacks(include_all=True)}

    assert again.info() is None
    assert (current.name, current.current, current.update_in_progress) == ("one", True, False)
    assert (listed["other"].current, listed["other"].resource_count, listed["other"].last_update) == (False, None, None)

    made.set_tag("team", "data")
    made.set_tag("tier", "1")
    made.remove_tag("tier")
    renamed = made.rename("first", show_secrets=True)
    assert made.name == "first"
    assert renamed.summary.kind == "rename"
    assert made.get_tag("team") == "data"
    assert made.list_tags().get("team") == "data"
    with pytest.raises(CommandError, match="'tier' not found"):
        made.get_tag("tier")

    resource = {"urn": "urn:pulumi:first::shop::pulumi:pulumi:Stack::shop-first", "custom": False}
    deployment = {
        **made.export_stack().deployment,
        "resources": [resource | {"type": "pulumi:pulumi:Stack", "outputs": {"size": "XL"}}],
    }
    made.import_stack(automation.Deployment(version=3, deployment=deployment))
    assert made.outputs()["size"].value == workspace.stack_outputs("first")["size"].value == "XL"
    with pytest.raises(CommandError, match="still has resources"):
        workspace.remove_stack("first")
    workspace.remove_stack("first", force=True, preserve_config=True)
    assert (place.project / "Pulumi.first.yaml").exists()
    workspace.remove_stack("other")
    assert not (place.project / "Pulumi.other.yaml").exists()


def test_config_is_set_read_and_removed_by_key_and_by_path(place):
    stack = place.stack("configured")
    values = {
        "plain": ConfigValue("one"),
        "other:key": ConfigValue("--two words"),
        "secret": ConfigValue("hush", secret=True),
        "dashed": ConfigValue("-x=1"),
    }
    stack.set_all_config(values)
    stack.set_config("negative", ConfigValue("-1"))
    stack.set_all_config({"tree.leaf": ConfigValue("green"), "list[0]": ConfigValue("a")}, path=True)
    stack.set_config("tree.hidden", ConfigValue("root", secret=True), path=True)

    every = stack.get_all_config()
    assert {key: (value.value, value.secret) for key, value in every.items() if key != "shop:tree"} == {
        "shop:plain": ("one", False),
        "other:key": ("--two words", False),
        "shop:secret": ("hush", True),
        "shop:dashed": ("-x=1", False),
        "shop:negative": ("-1", False),
        "shop:list": ('["a"]', False),
    }
    assert (json.loads(every["shop:tree"].value), every["shop:tree"].secret) == (
        {"leaf": "green", "hidden": "root"},
        True,
    )
    assert stack.get_config("secret").secret
    found = stack.get_config("tree.hidden", path=True)
    assert (found.value, found.secret) == ("root", True)
    assert "hush" not in (place.project / "Pulumi.configured.yaml").read_text()

    stack.remove_config("plain")
    stack.remove_config("tree.leaf", path=True)
    stack.remove_all_config(["negative", "other:key"])
    stack.remove_all_config(["list[0]", "tree.hidden"], path=True)
    stack.set_all_config_json(
        '{"shop:json": {"value": "{\\"a\\":1}", "objectValue": {"a": 1}, "secret": false},'
        ' "shop:quiet": {"value": "psst", "secret": true}}'
    )
    left = stack.get_all_config()
    assert sorted(left) == ["shop:dashed", "shop:json", "shop:list", "shop:quiet", "shop:secret", "shop:tree"]
    assert (left["shop:quiet"].value, left["shop:quiet"].secret) == ("psst", True)
    assert json.loads(left["shop:json"].value) == {"a": 1}
    with pytest.raises(CommandError, match="'plain' not found"):
        stack.get_config("plain")

    stack.up()
    stack.set_config("plain", ConfigValue("later"))
    stack.refresh_config()
    assert "shop:plain" not in stack.get_all_config()


def test_settings_written_by_the_sdk_are_what_the_command_reads(place, tmp_path):
    project = automation.ProjectSettings(name="store", runtime="python", description="made by settings")
    salt = "v1:AAECAwQFBgc=:v1:AAECAwQFBgcICQoL:kgnnlcYFS/Dkoq0dxFzyob4AA6pcOQ=="
    settings = automation.StackSettings(encryption_salt=salt, config={"store:size": "S"})
    workspace = place.workspace(
        work_dir=str(tmp_path),
        project_settings=project,
        stack_settings={"dev": settings},
        secrets_provider="passphrase",
    )
    workspace.create_stack("dev")
    workspace.select_stack("dev")

    read = workspace.project_settings()
    assert (read.name, read.description, workspace.pulumi_version) == (
        "store",
        "made by settings",
        str(place.command.version),
    )
    assert workspace.get_config("dev", "size").value == "S"
    workspace.set_config("dev", "token", ConfigValue("hush", secret=True))
    kept = workspace.stack_settings("dev")
    assert kept.encryption_salt == salt
    assert kept.config["store:size"] == "S"
    assert kept.config["store:token"].secure.startswith("v1:")

    kept.config["store:size"] = "M"
    workspace.save_stack_settings("dev", kept)
    read.description = "changed"
    workspace.save_project_settings(read)
    everything = workspace.get_all_config("dev")
    assert (everything["store:size"].value, everything["store:token"].value) == ("M", "hush")
    assert (workspace.serialize_args_for_op("dev"), workspace.post_command_callback("dev")) == ([], None)

    hooked = HookedWorkspace(**vars(place.options(work_dir=str(tmp_path))))
    assert automation.Stack.select("dev", hooked).history() == []
    assert hooked.told == ["dev"]


def test_it_is_said_who_is_here_and_what_only_pulumi_cloud_has(place, tmp_path, monkeypatch):
    workspace = place.workspace(work_dir=str(tmp_path), project_settings=automation.ProjectSettings("shelf", "python"))
    stack = automation.Stack.create("dev", workspace)

    me = workspace.who_am_i()
    assert (me.user, me.url, me.organizations) == (getpass.getuser(), f"file://{place.folder}/state", [])
    assert me.token_information is None
    refusals = {
        "Pulumi ESC, which is part of Pulumi Cloud": (
            lambda: stack.add_environments("team/env"),
            stack.list_environments,
            lambda: stack.remove_environment("team/env"),
        ),
        "backends of type 'file' do not support organizations": (
            workspace.org_get_default,
            lambda: workspace.org_set_default("acme"),
        ),
    }
    for words, calls in refusals.items():
        for call in calls:
            with pytest.raises(CommandError, match=words):
                call()

    # The SDK looks for the flag in our help before it tries.
    monkeypatch.setenv("PATH", f"{Path(place.command.command).parent}{os.pathsep}{os.environ['PATH']}")
    name = automation.fully_qualified_stack_name("acme", "shelf", "dev")
    for make in (
        automation.create_remote_stack_git_source,
        automation.select_remote_stack_git_source,
        automation.create_or_select_remote_stack_git_source,
    ):
        with pytest.raises(Exception, match="does not support remote operations"):
            make(name, "https://example.com/repository.git", branch="main")


def test_plugins_of_this_machine_are_listed_and_removed_and_none_is_downloaded(place):
    workspace = place.workspace()
    assert workspace.list_plugins() == []
    for call in (
        lambda: workspace.install_plugin("test", "1.2.0"),
        lambda: workspace.install_plugin_from_server("test", "1.2.0", "https://example.com"),
    ):
        with pytest.raises(CommandError, match="downloads no plugins"):
            call()
    for version in ("1.2.0", "2.0.0"):
        line = ["plugin", "install", "resource", "test", version, "--file", str(PLUGIN)]
        place.command.run(line, str(place.project), place.environment())

    workspace.install_plugin("test", "v1.2.0")
    listed = workspace.list_plugins()
    workspace.remove_plugin("test", ">=1.0.0 <2.0.0")
    left = workspace.list_plugins()
    workspace.remove_plugin()

    assert [(one.name, one.kind, one.version) for one in listed] == [
        ("test", "resource", "1.2.0"),
        ("test", "resource", "2.0.0"),
    ]
    assert all(one.size > 0 and isinstance(one.last_used, datetime) for one in listed)
    assert [one.version for one in left] == ["2.0.0"]
    assert workspace.list_plugins() == []


def make_wheel(folder: Path) -> None:
    """A package that pip installs without an index."""
    about = "tiny-1.0.dist-info"
    with zipfile.ZipFile(folder / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "SIZE = 'tiny'\n")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", f"tiny.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")


def lend_pip(virtualenv: Path) -> None:
    """Make a virtual environment with the pip of here, if there is one: seconds less than with one of its own."""
    if pip := importlib.util.find_spec("pip"):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", virtualenv], check=True)
        packages = next(virtualenv.glob("lib/python*/site-packages"))
        (packages / "lent.pth").write_text(str(Path(pip.origin).parents[1]))


def test_a_new_project_gets_what_it_imports_by_its_toolchain(place, tmp_path):
    template, made = tmp_path / "template", tmp_path / "made"
    template.mkdir()
    (template / "Pulumi.yaml").write_text("name: ${PROJECT}\nruntime: python\n")
    (template / "requirements.txt").write_text("--no-index\n./tiny-1.0-py3-none-any.whl\n")
    (template / "__main__.py").write_text("")
    make_wheel(template)
    workspace = place.workspace(work_dir=str(tmp_path))

    told = workspace.new(
        str(template),
        dir="made",
        name="corner",
        description="from a template",
        stack="dev",
        config=["size=S"],
        runtime_options=["toolchain=pip", "virtualenv=venv"],
        template_mode=True,
        offline=True,
    )
    project = place.workspace(work_dir=str(made))
    lend_pip(made / "venv")
    with pytest.raises(CommandError, match="--use-language-version-tools is not in this version"):
        project.install(use_language_version_tools=True)
    lines = []
    project.install(on_output=lines.append)

    assert "Created project 'corner'" in told.stdout
    settings = project.project_settings()
    assert (settings.name, settings.description) == ("corner", "from a template")
    assert settings.runtime.options == {"toolchain": "pip", "virtualenv": "venv"}
    assert lines[0] == "Installing dependencies..."
    assert lines[-1] == "Finished installing dependencies"
    tiny = [made / "venv" / "bin" / "python", "-c", "import tiny; print(tiny.SIZE)"]
    assert subprocess.run(tiny, capture_output=True, text=True, check=True).stdout == "tiny\n"
