"""`pulumi package get-schema` and `info`, `pulumi schema check`, and the verbs that are refused with a reason."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.cli.conftest import ROOT

SCHEMA = {
    "name": "shop",
    "version": "1.2.0",
    "types": {"shop:index:Size": {"type": "string", "enum": [{"value": "S"}]}},
    "resources": {
        "shop:index:Thing": {
            "properties": {"size": {"$ref": "#/types/shop:index:Size", "description": "How big.\nMore."}},
            "required": ["size"],
            "inputProperties": {"tags": {"type": "object", "additionalProperties": {"type": "string"}}},
        }
    },
    "functions": {
        "shop:index:find": {
            "inputs": {"properties": {"name": {"type": "string"}}, "required": ["name"]},
            "outputs": {"properties": {"all": {"type": "array", "items": {"type": "number"}}}},
        }
    },
}


@pytest.fixture
def schema(cli):
    cli.write("schema.json", json.dumps(SCHEMA))
    return cli


def test_a_schema_file_passes_through(schema):
    assert schema.ok("package", "get-schema", "schema.json").data == SCHEMA


def test_a_package_is_told_in_short_and_its_parts_at_length(schema):
    told = schema.ok("package", "info", "schema.json").out
    assert told == "shop 1.2.0\n\nResources: 1\n  shop:index:Thing\n\nFunctions: 1\n  shop:index:find\n"
    thing = schema.ok("package", "info", "schema.json", "--resource", "Thing").out
    assert thing.endswith("\nInputs:\n  tags ({string})\n\nOutputs:\n  size* (shop:index:Size): How big.\n")
    assert (
        "  name* (string)\n\nResult:\n  all ([number])\n"
        in schema.ok("package", "info", "schema.json", "--function", "shop:index:find").out
    )
    strange = schema("package", "info", "schema.json", "--resource", "shop:index:Thin")
    assert (strange.code, "did you mean shop:index:Thing?" in strange.err) == (2, True)


@pytest.mark.slow
def test_a_plugin_is_started_and_asked_for_its_schema(cli):
    asked = cli.ok("package", "get-schema", str(ROOT / "plugins" / "prefect")).data

    assert asked == json.loads((ROOT / "sdks" / "prefect" / "schema.json").read_text())
    refused = cli("package", "get-schema", str(ROOT / "plugins" / "aws"))
    assert refused.code != 0
    assert "public SDK, which has the schema" in refused.err


def test_a_plugin_that_is_not_there_is_named(cli):
    done = cli("package", "get-schema", "nowhere@1.0.0", PATH=shutil.os.defpath)

    assert done.code != 0
    assert "no resource plugin 'pulumi-resource-nowhere'" in done.err


def test_a_schema_that_is_right_is_right_in_yaml_too(schema):
    assert schema.ok("schema", "check", "schema.json").out == ""
    schema.write("schema.yaml", "name: shop\nresources:\n  shop:index:Thing: {}\n")
    assert schema.ok("schema", "check", "schema.yaml").out == ""


def test_what_is_wrong_with_a_schema_is_told_with_its_place(cli):
    cli.write("schema.json", json.dumps({"name": "shop", "resources": {"shop:index/a:Thing": {"required": ["x"]}}}))

    done = cli("schema", "check", "schema.json")

    assert done.code == 1
    assert done.out == (
        "error: /resources/shop:index~1a:Thing/required/0: 'x' is required, and not among the properties\n"
    )
    assert done.err == "error: schema validation failed: 1 thing is wrong\n"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("absent.json", None, "could not read absent.json", id="absent"),
        pytest.param("broken.json", "{", "is no JSON", id="json"),
        pytest.param("broken.yaml", "a: [", "is no YAML", id="yaml"),
    ],
)
def test_a_schema_that_cannot_be_read_is_refused(cli, name, text, words):
    if text is not None:
        cli.write(name, text)

    done = cli("schema", "check", name)

    assert done.code == 2
    assert words in done.err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        pytest.param(["package", "add", "aws"], "it makes no SDKs", id="add"),
        pytest.param(["package", "gen-sdk", "aws"], "it makes no SDKs", id="gen-sdk"),
        pytest.param(["package", "publish", "x"], "it needs Pulumi Cloud", id="publish"),
        pytest.param(["convert", "--from", "terraform"], "`pulumi import` takes over", id="convert"),
        pytest.param(["logs", "-f"], "no provider here keeps logs", id="logs"),
        pytest.param(["console"], "flowforge browse", id="console"),
        pytest.param(["env", "ls"], "environments are of Pulumi Cloud", id="env"),
        pytest.param(["deployment", "run"], "it needs Pulumi Cloud", id="deployment"),
    ],
)
def test_a_verb_that_is_not_here_says_what_is_missing_in_one_line(cli, line, why):
    done = cli(*line)

    assert done.code == 2
    assert why in done.err
    assert done.err.count("\n") == 1
