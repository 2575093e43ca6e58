"""Which schemas of packages are refused, where, and why."""

from __future__ import annotations

import json

import pytest

from reconciler.contract.package_schemas import violations
from tests.cli.conftest import ROOT

TOKEN = "shop:index:Thing"


def thing(**spec):
    return {"name": "shop", "resources": {TOKEN: spec}}


def with_type(spec):
    return thing(properties={"x": spec})


@pytest.mark.parametrize(
    ("schema", "pointer", "words"),
    [
        pytest.param([], "", "is an object", id="no-object"),
        pytest.param({}, "/name", "required", id="no-name"),
        pytest.param({"name": "1shop"}, "/name", "is no package name", id="name"),
        pytest.param({"name": "shop", "version": "1.2"}, "/version", "is no semantic version", id="version"),
        pytest.param({"name": "shop", "resource": {}}, "/resource", "did you mean 'resources'?", id="key"),
        pytest.param({"name": "shop", "types": []}, "/types", "expected an object", id="types-are-a-list"),
        pytest.param(
            {"name": "shop", "resources": {"shop:Thing": {}}}, "/resources/shop:Thing", "no type token", id="token"
        ),
        pytest.param(
            {"name": "shop", "resources": {"aws:index:Thing": {}}},
            "/resources/aws:index:Thing",
            "another package",
            id="foreign",
        ),
        pytest.param(thing(requiredInputs=["x"]), f"/resources/{TOKEN}/requiredInputs/0", "not among", id="required"),
        pytest.param(
            thing(properties={"urn": {"type": "string"}}), f"/resources/{TOKEN}/properties/urn", "already", id="urn"
        ),
        pytest.param(
            thing(methods={"go": "shop:index:Thing/go"}), f"/resources/{TOKEN}/methods/go", "no function", id="method"
        ),
        pytest.param(with_type({}), f"/resources/{TOKEN}/properties/x/type", "is no type", id="no-type"),
        pytest.param(with_type({"type": "text"}), f"/resources/{TOKEN}/properties/x/type", "'text'", id="strange-type"),
        pytest.param(with_type({"type": "array"}), f"/resources/{TOKEN}/properties/x", "'items'", id="array"),
        pytest.param(
            with_type({"type": "array", "items": {"$ref": "#/types/shop:index:Szie"}}),
            f"/resources/{TOKEN}/properties/x/items/$ref",
            "there is no shop:index:Szie",
            id="reference",
        ),
        pytest.param(
            with_type({"$ref": "pulumi.json#/Assets"}),
            f"/resources/{TOKEN}/properties/x/$ref",
            "no pulumi.json#/Assets",
            id="built-in",
        ),
        pytest.param(
            with_type({"oneOf": [{"type": "string"}]}),
            f"/resources/{TOKEN}/properties/x/oneOf",
            "two types",
            id="union",
        ),
        pytest.param(
            with_type({"type": "string", "secret": "yes"}),
            f"/resources/{TOKEN}/properties/x/secret",
            "true or false",
            id="secret",
        ),
        pytest.param(
            {"name": "shop", "types": {TOKEN: {"type": "text", "enum": [1]}}},
            f"/types/{TOKEN}/type",
            "an enum's type",
            id="enum",
        ),
        pytest.param(
            {"name": "shop", "functions": {TOKEN: {"multiArgumentInputs": ["x"]}}},
            f"/functions/{TOKEN}/multiArgumentInputs/0",
            "no input 'x'",
            id="arguments",
        ),
        pytest.param({"name": "shop", "provider": []}, "/provider", "expected an object", id="provider"),
    ],
)
def test_a_broken_rule_is_told_with_its_place(schema, pointer, words):
    first = violations(schema)[0]

    assert first.pointer == pointer
    assert words in first.message


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(json.loads((ROOT / "sdks" / "prefect" / "schema.json").read_text()), id="our-own"),
        pytest.param(with_type({"$ref": "/aws/v6.0.0/schema.json#/types/aws:index:X"}), id="another-document"),
        pytest.param(with_type({"$ref": "pulumi.json#/Any"}), id="anything"),
        pytest.param(with_type({"$ref": "#/resources/shop:index:Thing"}), id="a-resource"),
        pytest.param(
            with_type({"$ref": "#/types/shop:a%2Fb:C"}) | {"types": {"shop:a/b:C": {"type": "object"}}}, id="escaped"
        ),
        pytest.param({"name": "shop", "functions": {TOKEN: {"outputs": {"type": "string"}}}}, id="a-plain-result"),
    ],
)
def test_what_keeps_the_rules_has_no_findings(schema):
    assert violations(schema) == ()
