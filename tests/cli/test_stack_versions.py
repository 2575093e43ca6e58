"""`pulumi stack` over time: versions and what differs between them, renaming, tags, pictures."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from tests.cli.test_state_command import CANARY, LAKE, PREFIX, PROVIDER, SECRET, TABLE, USUAL, deployment, load, thing

NEW_SECRET = {**SECRET, "plaintext": json.dumps("an0ther-c4n4ry")}


@pytest.fixture
def filled(stack):
    """A stack of two versions; in the second the table is gone, a view is there, the lake is larger."""
    load(stack, *USUAL)
    view = thing(f"{PREFIX}test:index:View::view", type="test:index:View", propertyDependencies={"of": [LAKE]})
    lake = {**USUAL[1], "inputs": {"password": NEW_SECRET, "size": "L"}, "protect": False}
    load(stack, USUAL[0], lake, view)
    return stack


def test_any_two_versions_are_compared_and_secrets_stay_hidden(filled):
    shown = filled.ok("stack", "history", "diff", "1", "2").out

    assert shown == (
        "Changes from version 1 to version 2:\n"
        "~ test:index:Thing: (changed)\n"
        f"    [urn={LAKE}]\n"
        "  ~ protect: true => false\n"
        "    --inputs:--\n"
        "  ~ password: [secret] => [secret]\n"
        '  ~ size    : "S" => "L"\n'
        "+ test:index:View: (added)\n"
        f"    [urn={PREFIX}test:index:View::view]\n"
        "    [id=view]\n"
        "- test:index:Thing: (removed)\n"
        f"    [urn={TABLE}]\n"
        "    [id=able]\n"
        "Resources: 1 added, 1 removed, 1 changed, 2 unchanged\n"
    )
    data = filled.ok("stack", "history", "diff", "1", "--json").data
    assert (data["from"], data["to"]) == ("1", "latest")
    assert data["summary"] == {"added": 1, "removed": 1, "changed": 1, "unchanged": 2}
    assert data["changes"][0]["inputs"] == {
        "password": {"change": "update", "old": "[secret]", "new": "[secret]"},
        "size": {"change": "update", "old": "S", "new": "L"},
    }
    assert filled.ok("stack", "history", "diff", "2").out.endswith("latest state:\nResources: 4 unchanged\n")
    for arguments, code in ((("1", "9"), 1), (("one", "2"), 2), ((), 2)):
        assert filled("stack", "history", "diff", *arguments).code == code


def test_an_old_version_is_exported_and_comes_back(filled):
    old = filled.ok("stack", "export", "--version", "1", "--show-secrets")
    assert [one["urn"] for one in old.data["deployment"]["resources"]][1:] == [PROVIDER, LAKE, TABLE]
    assert CANARY in old.out
    assert CANARY not in filled.ok("stack", "export", "--version", "1").out
    assert "has no version 7" in filled("stack", "export", "--version", "7").err

    filled.ok(
        "stack", "import", "--file", str(filled.write("old.json", filled.ok("stack", "export", "--version", "1").out))
    )

    assert filled.ok("stack", "history", "diff", "1").out.endswith("Resources: 4 unchanged\n")


def test_an_import_drops_what_was_under_way_and_reports(filled):
    data = deployment(*USUAL)
    data["deployment"]["pending_operations"] = [{"type": "creating", "resource": thing(f"{PREFIX}a:b:C::doubt")}]

    done = filled.ok("stack", "import", "--file", str(filled.write("state.json", json.dumps(data))))

    assert f"removing pending operation 'creating' on '{PREFIX}a:b:C::doubt' from snapshot" in done.err
    assert done.out.startswith("Import complete.\nIntegrity: 4 resources, no rule is broken\nBackup: ")
    assert "doubt" not in filled.ok("stack", "export").out


def test_a_renamed_stack_keeps_its_state_history_tags_config_and_selection(filled):
    filled.ok("stack", "tag", "set", "team", "data")
    filled.ok("config", "set", "--secret", "token", CANARY)
    filled.write("Pulumi.app.yaml", (filled.project / "Pulumi.dev.yaml").read_text())
    filled.ok("stack", "init", "app", "--no-select")
    reader = {
        "urn": "urn:pulumi:app::shop::pulumi:pulumi:StackReference::dev",
        "custom": True, "external": True, "id": "organization/shop/dev", "type": "pulumi:pulumi:StackReference",
        "inputs": {"name": "organization/shop/dev"},
    }  # fmt: skip
    load(filled, reader, stack="app", force=True)

    done = filled.ok("stack", "rename", "prod", "--stack", "dev")

    assert "Integrity: 4 resources, no rule is broken\n" in done.out
    assert done.out.endswith("Renamed dev to prod\n")
    assert "the program of organization/shop/app reads 'organization/shop/dev' by its old name" in done.err
    assert filled.ok("stack", "--show-name").out == "prod\n"
    assert {one["name"] for one in filled.ok("stack", "ls", "--json").data} == {"app", "prod"}
    exported = filled.ok("stack", "export", "--show-secrets").out
    assert ":dev:" not in exported
    assert "an0ther-c4n4ry" in exported
    assert filled.ok("stack", "tag", "get", "team").out == "data\n"
    assert filled.ok("config", "get", "token").out == f"{CANARY}\n"
    assert not (filled.project / "Pulumi.dev.yaml").exists()
    assert [one["kind"] for one in filled.ok("stack", "history", "--json").data] == ["rename", "import", "import"]
    assert filled.ok("stack", "history", "diff", "2").out.endswith("Resources: 4 unchanged\n")
    stored = filled.stored()
    assert ".pulumi/stacks/shop/dev.json.bak" in stored
    assert not any(name.startswith((".pulumi/history/shop/dev", ".pulumi/locks")) for name in stored)


def test_a_rename_to_what_is_there_changes_nothing(filled):
    filled.write("Pulumi.prod.yaml", (filled.project / "Pulumi.dev.yaml").read_text())
    before = filled.stored()
    assert "the new stack's config file exists already" in filled("stack", "rename", "prod").err
    assert filled("stack", "rename", "dev").code == 2
    assert filled.stored() == before

    filled.ok("stack", "init", "prod", "--no-select")
    (filled.project / "Pulumi.prod.yaml").unlink()
    before = filled.stored()
    assert "stack 'prod' already exists" in filled("stack", "rename", "prod").err
    assert filled.stored() == before


def test_tags_are_set_listed_and_removed(stack):
    stack.ok("stack", "tag", "set", "team", "data")
    stack.ok("stack", "tag", "set", "cost:center", "42", "--stack", "dev")

    assert stack.ok("stack", "tag", "ls").out == "NAME         VALUE\ncost:center  42\nteam         data\n"
    assert stack.ok("stack", "tag", "ls", "--json").data == {"cost:center": "42", "team": "data"}
    assert stack.ok("stack", "tag", "get", "team").out == "data\n"
    stack.ok("stack", "tag", "rm", "team")
    done = stack("stack", "tag", "get", "team")
    assert (done.code, "stack tag 'team' not found for stack 'dev'" in done.err) == (1, True)


def test_unselect_forgets_the_current_stack(stack):
    assert stack.ok("stack", "unselect").out == "Stack was unselected\n"
    assert stack("stack", "export").code == 6
    assert stack.ok("stack", "unselect").out == ""


def test_a_stack_is_drawn_in_the_form_that_its_file_asks_for(filled):
    told = filled.ok("stack", "graph", "out.dot", PULUMI_CONFIG_PASSPHRASE="").out
    assert told == "Wrote stack dependency graph to `out.dot`\n"
    dot = (filled.project / "out.dot").read_text()
    assert dot.startswith(
        'strict digraph {\n    Resource0 [label="urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"];\n'
    )
    assert '    Resource2 -> Resource3 [color = "#246C60", label = "of"];\n' in dot
    assert '    Resource2 -> Resource0 [color = "#AA6639"];\n' in dot

    flags = (
        "--ignore-parent-edges",
        "--dependency-edge-color",
        "#000",
        "--short-node-name",
        "--dot-fragment",
        "rankdir=LR",
    )
    dot = filled.ok("stack", "graph", "-", *flags).out
    assert dot.startswith('strict digraph {\nrankdir=LR\n    Resource0 [label="shop-dev"];\n')
    assert dot.count(" -> ") == 1
    assert '[color = "#000", label = "of"]' in dot

    assert (
        '  r2["lake<br/><small>test:index:Thing</small>"]\n'
        in filled.ok("stack", "graph", "-", "--format", "mermaid").out
    )
    filled.ok("stack", "graph", "out.svg")
    drawn = ET.parse(filled.project / "out.svg").getroot()
    texts = {text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")}
    assert {"dev: 4 resources", "lake", "view", "test:index:View", "needed by", "belongs to"} <= texts


@pytest.mark.slow
def test_a_preview_is_drawn_with_what_would_become_of_each(stack):
    stack.ok("up", "--yes", "--skip-preview")
    stack.ok("config", "set", "lake", "clear")

    done = stack.ok("preview", "--json", "--graph", "out.mmd")

    assert done.data["changeSummary"] == {"create": 1, "delete": 1, "same": 1}
    drawn = (stack.project / "out.mmd").read_text()
    assert '["clear<br/><small>shop:index:Lake</small>"]:::op_create\n' in drawn
    assert '["raw<br/><small>shop:index:Lake</small>"]:::op_delete\n' in drawn
    assert '["shop-dev<br/><small>pulumi:pulumi:Stack</small>"]\n' in drawn
    assert drawn.count(" -.-> ") == 2
    assert "  classDef op_create fill:" in drawn
