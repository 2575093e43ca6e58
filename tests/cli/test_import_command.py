"""`pulumi import` and `pulumi preview --import-file`, as far as no service is needed."""

from __future__ import annotations

import json

import pytest

from reconciler.cli.render import words
from reconciler.plan.steps import Op

COMPONENTS = """\
import pulumi


class Lake(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Lake", name, {}, opts)


class Zone(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shop:index:Zone", name, {}, opts)


lake = Lake("raw")
Zone("raw", opts=pulumi.ResourceOptions(parent=lake))
"""


def test_a_preview_writes_an_import_file_that_pulumi_import_reads(stack):
    stack.write("__main__.py", COMPONENTS)

    stack.ok("preview", "--import-file", "import.json")

    text = (stack.project / "import.json").read_text()
    assert text.startswith('{\n    "resources": [\n        {\n            "type": "shop:index:Lake",\n')
    assert json.loads(text) == {
        "resources": [
            {"type": "shop:index:Lake", "name": "raw", "component": True},
            {"type": "shop:index:Zone", "name": "rawZone", "parent": "raw", "component": True, "logicalName": "raw"},
        ]
    }

    done = stack.ok("import", "--file", "import.json", "--yes", "--suppress-progress")

    assert done.out.startswith("Previewing import (dev):\n")
    assert "Importing (dev):\n" in done.out
    assert "+ 3 created" in done.out
    assert "declare the component shop:index:Zone 'raw' here" in done.out
    history = stack.ok("stack", "history", "--json").data
    assert history[0]["kind"] == "resource-import"
    assert stack.ok("preview", "--expect-no-changes", "--import-file", "none.json").code == 0
    assert json.loads((stack.project / "none.json").read_text()) == {"resources": []}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param([], "a resource is named by its TYPE, NAME and ID", id="nothing"),
        pytest.param(["a:b:C", "x"], "and there are 2 words", id="two-words"),
        pytest.param(["a:b:C", "x", "y", "--file", "f.json"], "cannot be given together", id="a-file-too"),
        pytest.param(["--file", "absent.json"], "could not read import file", id="no-such-file"),
        pytest.param(["a:b:C", "x", "y", "--parent", "lake"], "--parent lake: expected NAME=URN", id="no-urn"),
        pytest.param(["--from", "terraform", "x"], "--from is not in this version", id="a-converter"),
        pytest.param(["--generate-resources", "x"], "--generate-resources is not in this version", id="resources"),
        pytest.param(["a", "x", "y"], "which is no type token", id="no-token"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused(cli, line, words):
    done = cli("import", *line, "--yes")

    assert done.code == 2
    assert words in done.err


def test_nobody_is_asked_where_nobody_answers(stack):
    done = stack("import", "a:b:C", "x", "y")

    assert done.code == 2
    assert "--yes or --skip-preview or --preview-only" in done.err


def test_a_package_without_a_provider_is_an_error_that_names_the_resource(stack):
    done = stack("import", "nowhere:index:Thing", "x", "y", "--yes", "--skip-preview", "--out", "code.py")

    assert done.code != 0
    assert "nowhere" in done.out + done.err
    assert (stack.project / "code.py").read_text() == ""


@pytest.mark.parametrize("op", list(Op))
def test_every_op_has_a_sign_and_words(op):
    assert len(words.PREFIX[op]) == 2
    assert words.failed(op)
    assert words.counted(op, planning=True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param(
            ["--parent", "lake=urn:pulumi:dev::shop::shop:index:Lake::old"],
            "there is no urn:pulumi:dev::shop::shop:index:Lake::old in this stack to be its parent",
            id="parent",
        ),
        pytest.param(
            ["--provider", "urn:pulumi:dev::shop::pulumi:providers:aws::admin"],
            "there is no provider urn:pulumi:dev::shop::pulumi:providers:aws::admin in this stack",
            id="provider",
        ),
        pytest.param(
            ["--provider", "lake=urn:pulumi:dev::shop::shop:index:Lake::old"],
            "the provider of resource 'x' of type 'aws:s3/bucket:Bucket' is a shop:index:Lake",
            id="no-provider",
        ),
    ],
)
def test_a_parent_and_a_provider_must_be_there(stack, line, words):
    done = stack("import", "aws:s3/bucket:Bucket", "x", "y", "--yes", "--skip-preview", *line)

    assert done.code != 0
    assert words in done.out + done.err


PROVIDED = """\
import pulumi


class Provider(pulumi.ProviderResource):
    def __init__(self, name):
        super().__init__("aws", name, {"region": "us-east-1"})


options = pulumi.ResourceOptions(provider=Provider("mine") if pulumi.Config().get_bool("own") else None)
for name in ("raw", "ripe"):
    pulumi.CustomResource("aws:s3/bucket:Bucket", name, {"bucket": name}, options)
pulumi.CustomResource("aws:iam/role:Role", "raw", {"assumeRolePolicy": "{}"}, options)
"""


def test_each_object_of_an_import_file_has_a_name_of_its_own_and_a_place_for_its_id(stack):
    stack.write("__main__.py", PROVIDED)

    stack.ok("preview", "--import-file", "import.json", AWS_REGION="us-east-1")

    listed = json.loads((stack.project / "import.json").read_text())["resources"]
    # Registrations come side by side: which of two with one name comes first is not told.
    names = {one["name"] for one in listed}
    assert names in ({"raw", "rawRole", "ripe"}, {"raw", "rawBucket", "ripe"})
    assert [one["logicalName"] for one in listed if one["name"] not in ("raw", "ripe")] == ["raw"]
    assert {one["id"] for one in listed} == {"<PLACEHOLDER>"}


def test_nothing_is_imported_by_a_provider_that_is_to_be_made_itself(stack):
    stack.write("__main__.py", PROVIDED)

    done = stack("preview", "--config", "own=true", "--import-file", "import.json")

    assert done.code == 2
    assert "its provider urn:pulumi:dev::shop::pulumi:providers:aws::mine is not there yet" in done.err
    assert not (stack.project / "import.json").exists()
