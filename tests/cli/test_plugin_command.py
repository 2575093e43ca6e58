"""Plugins are installed from files of this machine, and then found by programs."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[1] / "plugins/experimental"
PROGRAM = """\
import pulumi


class Thing(pulumi.CustomResource):
    def __init__(self, name, **inputs):
        super().__init__("test:index:Thing", name, {"echo": None, **inputs})


pulumi.export("echo", Thing("a", size=3).echo)
"""


@pytest.fixture
def archive(tmp_path):
    """The plugin as a release has it."""
    path = tmp_path / "test.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        for file in PLUGIN.iterdir():
            if file.is_file():
                made.add(file, file.name)
    return path


def installed(cli):
    return sorted(path.name for path in (cli.home / ".pulumi/plugins").iterdir())


@pytest.mark.slow
def test_an_installed_plugin_serves_programs_until_it_is_removed(cli, archive):
    cli.write("__main__.py", PROGRAM)
    cli.ok("stack", "init", "dev")
    missing = cli("up", "--yes", "--skip-preview")
    told = cli.ok("plugin", "install", "resource", "test", "v1.2.0", "--file", str(archive)).out
    again = cli.ok("plugin", "install", "resource", "test", "1.2.0", "--file", str(archive)).out
    listed = cli.ok("plugin", "ls", "--json").data  # before Python compiles what it runs there
    cli.ok("up", "--yes", "--skip-preview")
    output = cli.ok("stack", "output", "echo").out
    table = cli.ok("plugin", "ls").out
    refused = cli("plugin", "rm", "resource", "test")
    cli.ok("plugin", "rm", "resource", "test", "--yes")

    assert "no resource plugin 'pulumi-resource-test' found" in missing.out
    assert "[resource plugin test-1.2.0] installed in " in told
    assert "is installed already; --reinstall" in again
    assert output == "size is 3\n"
    assert [(one["name"], one["kind"], one["version"]) for one in listed] == [("test", "resource", "1.2.0")]
    assert listed[0]["size"] == sum(path.stat().st_size for path in PLUGIN.iterdir() if path.is_file())
    assert table.splitlines()[0].split() == ["NAME", "KIND", "VERSION", "SIZE", "INSTALLED", "LAST", "USED"]
    assert refused.code == 2
    assert installed(cli) == []


def test_a_folder_and_a_binary_are_taken_as_well(cli, tmp_path):
    binary = tmp_path / "provider"
    binary.write_text("#!/bin/sh\n")
    cli.ok("plugin", "install", "resource", "folder", "0.1.0", "-f", str(PLUGIN))
    cli.ok("plugin", "install", "resource", "binary", "0.1.0", "-f", str(binary))

    assert installed(cli) == ["resource-binary-v0.1.0", "resource-folder-v0.1.0"]
    made = cli.home / ".pulumi/plugins/resource-binary-v0.1.0/pulumi-resource-binary"
    assert made.stat().st_mode & 0o100


def climbing_tar(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("../../outside")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"bad"))


def linking_tar(path):
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("link")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(member)


def climbing_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside", "bad")


def empty_tar(path):
    tarfile.open(path, "w").close()


def half_tar(path):
    whole = path.with_suffix(".whole")
    with tarfile.open(whole, "w:gz") as archive:
        archive.add(PLUGIN / "__main__.py", "__main__.py")
    path.write_bytes(whole.read_bytes()[:-200])


@pytest.mark.parametrize("make", [climbing_tar, linking_tar, climbing_zip, empty_tar, half_tar])
def test_an_archive_that_is_no_plugin_leaves_nothing(cli, tmp_path, make):
    path = tmp_path / "bad.tar"
    make(path)

    done = cli("plugin", "install", "resource", "bad", "1.0.0", "--file", str(path))

    assert done.code == 1
    assert "The plugin cannot be installed" in done.err
    assert installed(cli) == []
    assert not list(cli.home.rglob("outside"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("install", "resource", "aws", "7.0.0"), "this version downloads no plugins"),
        (("install", "resource", "../x", "7.0.0", "-f", "."), "names no plugin"),
        (("install", "resource", "x", "latest", "-f", "."), "a version is like 1.2.3"),
        (("rm",), "say which plugins to remove"),
    ],
)
def test_what_cannot_be_done_says_what_can(cli, arguments, told):
    done = cli("plugin", *arguments)

    assert done.code != 0
    assert told in done.err
