from __future__ import annotations

import json
import re

import pytest

PROGRAM = """\
import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class Tables(ResourceProvider):
    def create(self, props):
        return CreateResult(f"id-{props['name']}", dict(props))

    def diff(self, id, old, new):
        changed = [key for key in new if key != "__provider" and old.get(key) != new[key]]
        return DiffResult(changes=bool(changed), replaces=["name"] if "name" in changed else [])

    def update(self, id, old, new):
        return UpdateResult(dict(new))


class Table(Resource):
    def __init__(self, logical, **inputs):
        super().__init__(Tables(), logical, inputs)


config = pulumi.Config()
Table("orders", name=config.get("name") or "ORDERS")
Table("customers", name="CUSTOMERS", password=config.require_secret("password"), comment=config.get("comment") or "x")
if config.get_bool("trips") is not False:
    Table("trips", name="TRIPS")
pulumi.log.warn(f"the password is {config.require('password')}")
"""
CANARY = "canary-31-canary"


@pytest.fixture
def deployed(cli):
    cli.write("__main__.py", PROGRAM)
    cli.ok("stack", "init", "dev")
    cli.ok("config", "set", "--secret", "password", CANARY)
    cli.ok("up", "--yes", "--skip-preview")
    for key, value in {"name": "ORDERS2", "comment": "y", "trips": "false"}.items():
        cli.ok("config", "set", key, value)
    return cli


def test_a_preview_tells_a_pull_request_tools_and_the_apply_the_same(deployed):
    reports = [f"--report=reports/dev.{suffix}" for suffix in ("md", "json", "sarif", "xml")]
    done = deployed.ok("preview", *reports, "--save-plan", "plan.json", "--show-secrets")
    printed = deployed.ok("preview", "--format", "markdown").out

    folder = deployed.project / "reports"
    told = json.loads((folder / "dev.json").read_text())
    assert told["counts"] == {"delete": 1, "replace": 1, "update": 1}
    assert "Resources:" in done.out  # the display is still there
    assert re.match(r"## 🔴 `shop/dev`: 1 to delete, 1 to replace, 1 to update\n", printed)
    assert '- name: "ORDERS"\n+ name: "ORDERS2"  # forces replacement\n' in (folder / "dev.md").read_text()
    for path in folder.iterdir():
        assert CANARY not in path.read_text()
        assert "__provider" not in path.read_text()
    assert CANARY not in printed

    refused = deployed("up", "--yes", "--plan", "plan.json", "--plan-hash", "sha256:" + "0" * 64)
    assert refused.code != 0
    assert f"not sha256:{'0' * 64}" in refused.err
    after = deployed.ok(
        "up",
        "--yes",
        "--skip-preview",
        "--plan",
        "plan.json",
        "--plan-hash",
        told["plan_hash"],
        "--report",
        "done.json",
    )
    done = json.loads((deployed.project / "done.json").read_text())
    assert (done["is_preview"], done["counts"]) == (False, told["counts"]), after.out


def test_a_preview_that_fails_leaves_a_report_that_says_so(deployed):
    deployed.write("__main__.py", "raise ValueError('no such region')\n")

    done = deployed("preview", "--report", "dev.json", "--format", "markdown")

    assert done.code != 0
    assert done.out.startswith("## ❌ `shop/dev`: update preview failed")
    assert "no such region" in done.out
    assert json.loads((deployed.project / "dev.json").read_text())["verdict"] == "failed"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--report", "dev.txt"], "let it end in .json"),
        (["--format", "markdown", "--json"], "--format takes the place of --json"),
        (["--format", "html"], "'html' is not one of 'markdown'"),
    ],
)
def test_a_form_that_there_is_not_is_refused_before_anything_runs(cli, flags, told):
    cli.ok("stack", "init", "dev")
    cli.write("__main__.py", "raise AssertionError('it ran')\n")

    done = cli("preview", *flags)

    assert done.code != 0
    assert told in done.err
    assert "it ran" not in done.out + done.err
