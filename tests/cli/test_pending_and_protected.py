"""`refresh` with creates that were cut off, and `destroy --exclude-protected`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from test_terminal import Person  # the folder is put on the path above

BARE = Path(__file__).parents[1] / "plugins" / "bare"
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:test::default"
URN = "urn:pulumi:dev::shop::test:index:Thing::{}"
LAKES = """\
import pulumi

class Lake(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Lake", name, {{}}, opts)
        self.register_outputs({{}})

Lake("raw", pulumi.ResourceOptions(protect={}))
Lake("clean")
"""


@pytest.fixture
def cut_off(stack, monkeypatch):
    """A stack with two creates in doubt; the object of `a` exists, of `b` it does not."""
    store = stack.home / "service.json"
    store.write_text(json.dumps({"a": {"size": 3}}))
    monkeypatch.setenv("TEST_SERVICE", str(store))
    path = f"name: shop\nruntime: python\nplugins:\n  providers:\n    - {{name: test, path: {BARE}}}\n"
    stack.write("Pulumi.yaml", path)
    file = stack.state / ".pulumi/stacks/shop/dev.json"
    content = json.loads(file.read_text())
    deployment = content["checkpoint"]["latest"]
    id = "00000000-0000-4000-8000-000000000001"
    deployment["resources"] = [
        {"urn": PROVIDER, "custom": True, "id": id, "type": "pulumi:providers:test", "inputs": {"__internal": {}}}
    ]
    deployment["pending_operations"] = [
        {
            "type": "creating",
            "resource": {
                "urn": URN.format(name),
                "custom": True,
                "type": "test:index:Thing",
                "inputs": {"size": 3},
                "provider": f"{PROVIDER}::{id}",
            },
        }
        for name in ("a", "b")
    ]
    file.write_text(json.dumps(content))
    return stack


def pending(stack):
    operations = stack.ok("stack", "export").data["deployment"].get("pending_operations") or []
    return [(each["type"], each["resource"]["urn"].rpartition("::")[2]) for each in operations]


@pytest.mark.slow
def test_flags_say_what_became_of_creates(cut_off):
    left = cut_off.ok("refresh", "--yes", "--skip-preview", "--skip-pending-creates")
    assert "its provider cannot tell what came of it" in left.out
    assert pending(cut_off) == [("creating", "a"), ("creating", "b")]

    both = cut_off("refresh", "--yes", "--skip-pending-creates", "--clear-pending-creates")
    assert (both.code, "cannot set both --skip-pending-creates and --clear-pending-creates" in both.err) == (2, True)
    odd = cut_off("refresh", "--yes", "--import-pending-creates", URN.format("a"))
    assert (odd.code, "found an odd number of entries" in odd.err) == (2, True)
    assert pending(cut_off) == [("creating", "a"), ("creating", "b")]

    pairs = [word for pair in ((URN.format("a"), "a"), (URN.format("z"), "z")) for word in pair]
    flags = [flag for word in pairs for flag in ("--import-pending-creates", word)]
    imported = cut_off.ok("refresh", "--yes", "--skip-preview", "--clear-pending-creates", *flags)
    assert f'warning: "{URN.format("z")}" did not correspond to a pending create' in imported.err
    assert pending(cut_off) == []
    resources = cut_off.ok("stack", "export").data["deployment"]["resources"]
    assert [(item["urn"], item["id"]) for item in resources][1:] == [(URN.format("a"), "a")]


@pytest.mark.slow
def test_what_is_protected_stays_and_so_does_what_it_needs(stack):
    stack.write("__main__.py", LAKES.format("True"))
    stack.ok("up", "--yes", "--skip-preview")

    contradicted = stack("destroy", "--yes", "--exclude-protected", "--target", "**raw")
    ran = stack.ok("destroy", "--yes", "--skip-preview", "--exclude-protected", "--remove")
    again = stack.ok("destroy", "--yes", "--skip-preview", "--exclude-protected")

    assert "you cannot specify --target and --exclude-protected" in contradicted.err
    assert "All unprotected resources were destroyed. There are still 2 protected resources" in ran.out
    assert "    - 1 deleted\n" in ran.out
    assert "There were no unprotected resources to destroy. There are still 2 protected resources" in again.out
    left = stack.ok("stack", "export").data["deployment"]["resources"]
    assert [item["urn"].rpartition("::")[2] for item in left] == ["shop-dev", "raw"]


@pytest.mark.slow
def test_a_person_is_asked_what_became_of_each_create(cut_off):
    environment = cut_off.process_environment() | {"TEST_SERVICE": str(cut_off.home / "service.json")}
    cut_off.process_environment = lambda: environment
    person = Person(cut_off, "refresh", "--yes", "--skip-preview")

    person.sees(f"Options for pending CREATE of {URN.format('a')}").types("perhaps").sees("Please answer").types(
        "import"
    )
    person.sees("ID: ").types("a")
    person.sees(f"Options for pending CREATE of {URN.format('b')}").types("clear")

    assert person.leaves() == 0
    assert pending(cut_off) == []
    assert len(cut_off.ok("stack", "export").data["deployment"]["resources"]) == 2
