"""`pulumi state`: what a person may do to the record, and what each verb leaves behind."""

from __future__ import annotations

import json
import sys

import pytest

from tests.cli.test_terminal import Person, words

PREFIX = "urn:pulumi:dev::shop::"
ROOT = f"{PREFIX}pulumi:pulumi:Stack::shop-dev"
PROVIDER = f"{PREFIX}pulumi:providers:test::p"
LAKE, TABLE = f"{PREFIX}test:index:Thing::lake", f"{PREFIX}test:index:Thing::table"
CANARY = "c4n4ry-0f-the-mine"
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(CANARY)}


def thing(urn, **fields):
    return {"urn": urn, "custom": True, "id": urn[-4:], "type": "test:index:Thing", "parent": ROOT} | fields


def deployment(*resources):
    root = {"urn": ROOT, "custom": False, "type": "pulumi:pulumi:Stack"}
    return {"version": 3, "deployment": {"manifest": {"time": "", "magic": "", "version": ""},
            "resources": [root, *resources]}}  # fmt: skip


USUAL = (
    {"urn": PROVIDER, "custom": True, "id": "1", "type": "pulumi:providers:test"},
    thing(LAKE, provider=f"{PROVIDER}::1", inputs={"password": SECRET, "size": "S"}, protect=True),
    thing(TABLE, provider=f"{PROVIDER}::1", dependencies=[LAKE]),
)


def load(cli, *resources, force=False, stack="dev"):
    file = cli.write("state.json", json.dumps(deployment(*resources)))
    more = ["--force"] if force else []
    cli.ok("stack", "import", "--file", str(file), "--stack", stack, *more)


def resources(cli, *arguments):
    data = cli.ok("stack", "export", *arguments).data["deployment"]
    return {one["urn"].rpartition("::")[2]: one for one in data.get("resources", [])}


@pytest.fixture
def filled(stack):
    """A stack with a provider, a protected lake and a table that needs it."""
    load(stack, *USUAL)
    return stack


def test_delete_refuses_what_others_need_and_says_who_they_are(filled):
    before = filled.stored()

    done = filled("state", "delete", LAKE, "--force")

    assert (done.code, filled.stored()) == (1, before)
    assert f'can\'t be safely deleted because the following resources depend on it:\n * "table" ({TABLE})' in done.err
    assert "--target-dependents" in done.err
    done = filled("state", "delete", LAKE, "--target-dependents", "-y")
    assert (done.code, "--force" in done.err, filled.stored()) == (1, True, before)


def test_delete_leaves_a_backup_a_record_and_a_report(filled):
    before = filled.stored()[".pulumi/stacks/shop/dev.json"]

    done = filled.ok("state", "delete", TABLE, "--yes")

    assert done.out == (
        "Integrity: 3 resources, no rule is broken\n"
        f"Backup: file://{filled.state}/.pulumi/stacks/shop/dev.json.bak\n"
        "Resource deleted\n"
    )
    stored = filled.stored()
    assert stored[".pulumi/stacks/shop/dev.json.bak"] == before
    assert before in [content for name, content in stored.items() if name.startswith(".pulumi/backups/")]
    assert not any("locks" in name or "journals" in name for name in stored)
    assert filled.ok("stack", "history", "--json").data[0]["message"] == f"state delete {TABLE}"
    assert list(resources(filled)) == ["shop-dev", "p", "lake"]


def test_delete_takes_dependents_and_protected_ones_when_told_to(filled):
    done = filled.ok("state", "delete", LAKE, "--target-dependents", "--force", "--yes")
    assert f"deleting protected resource {LAKE} due to presence of --force" in done.err
    assert list(resources(filled)) == ["shop-dev", "p"]

    assert filled.ok("state", "delete", "--all", "--yes").out.endswith("Resources deleted\n")
    assert resources(filled) == {}


def test_a_urn_must_be_given_off_a_terminal_and_must_be_there(filled):
    for arguments, code, told in (
        (("delete",), 2, "Must supply <resource URN> unless pulumi is run interactively"),
        (("rename", LAKE), 2, "Must supply <resource URN> and <new name> unless"),
        (("delete", "--all", LAKE), 2, "cannot specify a resource URN"),
        (("delete", f"{LAKE}s"), 1, f"did you mean '{LAKE}'?"),
        (("taint", LAKE, "urn:x"), 1, 'No such resource "urn:x" exists in the current state'),
        (("rename", "lake", "x"), 2, "input URN is not valid"),
        (("rename", LAKE, "table"), 1, "is there already"),
        (("edit",), 2, "must be run in interactive mode"),
        (("get",), 2, "Must supply <resource> unless"),
        (("get", "no"), 1, 'No such resource "no"'),
        (("eject", LAKE), 2, "not in this version"),
    ):
        done = filled("state", *arguments)
        assert (done.code, told in done.err) == (code, True), (arguments, done)


def test_one_resource_is_shown_by_name_or_urn(filled):
    assert filled.ok("state", "get", "lake", PULUMI_CONFIG_PASSPHRASE="").out == (
        f'Type: test:index:Thing\nURN:  {LAKE}\nID:   lake\nInputs:\n    password: [secret]\n    size    : "S"\n'
    )
    data = filled.ok("state", "get", LAKE, "--json", "--show-secrets").data
    assert data["inputs"] == {"password": CANARY, "size": "S"}
    load(filled, *USUAL, {**USUAL[1], "delete": True, "id": "old"})
    assert "1 copy(ies) of this resource are pending deletion" in filled.ok("state", "get", "lake").err


def test_marks_are_set_and_cleared(filled):
    assert filled.ok("state", "unprotect", LAKE).out.endswith("1 resources unprotected\n")
    assert filled.ok("state", "taint", LAKE, TABLE).out.endswith("2 resources tainted\n")
    marked = resources(filled)
    assert ("protect" in marked["lake"], marked["lake"]["taint"], marked["table"]["taint"]) == (False, True, True)

    filled.ok("state", "untaint", "--all")
    assert filled.ok("state", "protect", "--all").out.endswith("All resources protected\n")

    marked = resources(filled)
    assert not any("taint" in one for one in marked.values())
    assert all(one["protect"] for one in marked.values())
    assert filled.ok("state", "protect", LAKE).out.startswith(
        "Integrity: 4 resources, no rule is broken\nNothing had to be written\n"
    )


def test_rename_changes_the_urn_and_who_names_it_and_keeps_the_secret(filled):
    filled.ok("state", "rename", LAKE, "ocean")

    shown = resources(filled, "--show-secrets")
    assert shown["table"]["dependencies"] == [f"{PREFIX}test:index:Thing::ocean"]
    assert CANARY in json.dumps(shown["ocean"])
    assert all(CANARY.encode() not in content for content in filled.stored().values())


def test_a_locked_stack_is_not_edited(filled):
    folder = filled.state / ".pulumi" / "locks" / "organization" / "shop" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    lock = {"pid": 1, "username": "ann", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}
    (folder / "x.json").write_text(json.dumps(lock))
    before = filled.stored()

    done = filled("state", "delete", TABLE, "-y")

    assert (done.code, "the stack is currently locked by 1 lock(s)" in done.err) == (1, True)
    assert filled.stored() == before


def test_repair_shows_what_it_does_and_does_it_with_a_yes(filled):
    assert filled.ok("state", "repair").out == "The snapshot is already valid; skipping repair\n"
    load(filled, *reversed(USUAL[1:]), thing(f"{PREFIX}a:b:C$test:index:Thing::orphan", parent=f"{PREFIX}a:b:C::gone"),
         USUAL[0], force=True)  # fmt: skip
    before = filled.stored()
    assert "pulumi state repair" in filled("state", "delete", TABLE).err

    done = filled("state", "repair")
    assert (done.code, "--yes" in done.err, filled.stored()) == (2, True, before)
    assert "will be reordered to appear before their dependents:" in done.out
    assert f"~ {PREFIX}a:b:C$test:index:Thing::orphan\n  ~ {PREFIX}test:index:Thing::orphan [urn]\n" in done.out
    assert f"  - {PREFIX}a:b:C::gone [parent]\n" in done.out

    done = filled.ok("state", "repair", "--yes")
    assert "Integrity: 5 resources, no rule is broken\n" in done.out
    assert done.out.endswith("State repaired successfully\n")
    assert list(resources(filled)) == ["shop-dev", "p", "lake", "table", "orphan"]


def test_a_repair_that_only_reorders_is_written(filled):
    load(filled, *reversed(USUAL), force=True)

    filled.ok("state", "repair", "--yes")

    assert list(resources(filled)) == ["shop-dev", "p", "lake", "table"]


def test_what_cannot_be_repaired_is_left_alone_with_a_way_out(filled):
    load(filled, thing(LAKE), thing(LAKE, id="two"), force=True)
    before = filled.stored()

    done = filled("state", "repair", "--yes")

    assert (done.code, filled.stored()) == (1, before)
    assert "is there twice" in done.err
    assert "pulumi stack export --disable-integrity-checking" in done.err


def test_move_takes_resources_and_secrets_to_another_stack(filled):
    filled.write("Pulumi.prod.yaml", (filled.project / "Pulumi.dev.yaml").read_text())
    filled.ok("stack", "init", "prod", "--no-select")
    before = filled.stored()
    done = filled("state", "move", "--dest", "prod", LAKE)
    assert (done.code, "--yes" in done.err, filled.stored()) == (2, True, before)
    assert f"  - {TABLE} has a dependency on {LAKE}\n" in done.out

    done = filled.ok("state", "move", "--dest", "prod", LAKE, "urn:none", "--yes")

    assert "Resource urn:none not found in source stack" in done.out
    assert "Integrity of organization/shop/prod: 3 resources, no rule is broken" in done.out
    assert done.out.endswith("Successfully moved resources from organization/shop/dev to organization/shop/prod\n")
    assert list(resources(filled)) == ["shop-dev", "p", "table"]
    arrived = resources(filled, "--stack", "prod", "--show-secrets")
    assert list(arrived) == ["shop-prod", "p", "lake"]
    assert arrived["lake"]["urn"] == "urn:pulumi:prod::shop::test:index:Thing::lake"
    assert CANARY in json.dumps(arrived["lake"])
    assert filled("state", "move", LAKE, "--yes").code == 2
    assert filled("state", "move", LAKE, "--source", "prod", "--dest", "prod", "--yes").code == 2


EDITOR = """\
import pathlib, sys
file = pathlib.Path(sys.argv[1])
text = file.read_text()
assert "c4n4ry" not in text
file.write_text(text.replace('"size": "S"', '"size": "L"') if '"size": "S"' in text else text[:40])
"""


@pytest.mark.slow
def test_on_a_terminal_resources_are_picked_and_edits_confirmed(filled):
    person = Person(filled, "state", "delete")
    person.sees("Select the resource to delete").types("table")
    person.sees("Confirm? (y/N)").types("n")
    assert (person.leaves(), "confirmation declined" in person.seen) == (8, True)
    assert "table" in resources(filled)

    editor = f"{sys.executable} {filled.write('editor.py', EDITOR)}"
    person = Person(filled, "state", "edit", EDITOR=editor)
    person.sees("[accept/edit/reset/cancel] (edit): ").types("edit")
    person.sees("Received invalid state").types("reset")
    person.sees("not valid").sees("Do you want to perform this edit?").types("accept")
    assert person.leaves() == 0
    assert '"S" => "L"' in words(person.seen)
    assert resources(filled)["lake"]["inputs"]["size"] == "L"


def test_a_store_of_the_oldest_layout_is_upgraded(filled):
    folder = filled.state / ".pulumi"
    assert filled.ok("state", "upgrade").out == "Nothing to do\n"
    stack = folder / "stacks" / "shop" / "dev.json"
    (folder / "stacks" / "dev.json").write_text(stack.read_text().replace("organization/shop/dev", "dev"))
    stack.rename(folder / "stacks" / "dev.json.bak")
    (folder / "history" / "shop" / "dev").rename(folder / "history" / "dev")
    (folder / "stacks" / "empty.json").write_text('{"version":3,"checkpoint":{"stack":"empty"}}')
    (folder / "meta.yaml").unlink()
    assert "pulumi state upgrade" in filled("stack", "ls").err
    assert filled("state", "upgrade").code == 2

    done = filled.ok("state", "upgrade", "--yes")

    assert done.out == "  dev: shop\n  empty: project not known\nUpgraded 1 stack(s) to project mode\n"
    assert "skipping stack 'empty'" in done.err
    assert list(resources(filled)) == ["shop-dev", "p", "lake", "table"]
    assert len(filled.ok("stack", "history", "--json").data) == 1
    stored = filled.stored()
    assert b'"stack":"organization/shop/dev"' in stored[".pulumi/stacks/shop/dev.json"]
    assert ".pulumi/stacks/shop/dev.json.bak" in stored
    assert not any(name.startswith((".pulumi/stacks/dev", ".pulumi/history/dev")) for name in stored)
