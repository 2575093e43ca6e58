"""A project from a template: files, stack, config."""

from __future__ import annotations

import pytest

TEMPLATE = """\
name: ${PROJECT}
description: ${DESCRIPTION}
runtime: python
template:
  description: Made for tests
  config:
    region:
      description: Where
      default: eu-1
    ${PROJECT}:size: S
    token:
      description: A token
      secret: true
    owner:
      description: Who
"""


@pytest.fixture
def template(cli):
    folder = cli.home / "template"
    (folder / "lib").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("")
    (folder / "Pulumi.yaml").write_text(TEMPLATE)
    (folder / "__main__.py").write_text('import pulumi\npulumi.export("of", "${PROJECT}")\n')
    (folder / "lib/logo.bin").write_bytes(b"\xff\x00${PROJECT}")
    return folder


def test_a_template_becomes_a_project_that_deploys(cli, template):
    made = cli.home / "made"
    arguments = ("--dir", str(made), "--name", "store", "--description", "a store", "--stack", "dev")
    told = cli.ok("new", str(template), *arguments, "--yes", "-c", "token=hunter2hunter2").out
    cli.ok("up", "--yes", "--skip-preview", "--cwd", str(made))

    assert (made / "Pulumi.yaml").read_text() == "name: store\ndescription: a store\nruntime: python\n"
    assert (made / "lib/logo.bin").read_bytes() == b"\xff\x00${PROJECT}"
    assert not (made / ".git").exists()
    assert cli.ok("stack", "output", "of", "--cwd", str(made)).out == "store\n"
    assert cli.ok("config", "get", "region", "--cwd", str(made)).out == "eu-1\n"
    assert cli.ok("config", "get", "size", "--cwd", str(made)).out == "S\n"
    assert cli.ok("config", "get", "token", "--cwd", str(made)).out == "hunter2hunter2\n"
    assert "hunter2" not in (made / "Pulumi.dev.yaml").read_text() + told
    assert "Not configured yet: `pulumi config set owner VALUE`" in told


@pytest.mark.slow
@pytest.mark.parametrize("name", ["python", "snowflake-python"])
def test_each_template_of_this_version_can_be_generated(cli, name):
    made = cli.home / "made"
    assert name in cli.ok("new", "--list-templates").out
    cli.ok("new", name, "--dir", str(made), "--generate-only")

    assert "template" not in (made / "Pulumi.yaml").read_text()
    assert "${" not in "".join(path.read_text() for path in made.iterdir())
    compile((made / "__main__.py").read_text(), "__main__.py", "exec")
    assert "dev" not in cli.ok("stack", "ls").out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing-here", "--dir", "x"), "no template of this version"),
        (("python",), "is not empty"),
        (("python", "--dir", "x", "--name", "a/b"), "cannot name a project"),
        ((), "say which template to use"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(cli, arguments, told):
    before = sorted(cli.project.iterdir())

    done = cli("new", *arguments)

    assert done.code != 0
    assert told in done.err
    assert sorted(cli.project.iterdir()) == before
