"""What Pulumi.yaml declares of config keys."""

from pathlib import Path

import pytest

from reconciler import errors
from reconciler.project.declarations import Declaration, Shape, parse_declarations

FILE = Path("Pulumi.yaml")


@pytest.mark.parametrize(
    ("written", "content", "expected"),
    [
        pytest.param("size", 5, Declaration(key="shop:size", default=5), id="bare-value-is-a-default"),
        pytest.param("tags", ["a"], Declaration(key="shop:tags", default=["a"]), id="bare-list"),
        pytest.param("aws:region", "eu", Declaration(key="aws:region", value="eu"), id="bare-value-of-another-package"),
        pytest.param(
            "aws:tags", {"owner": "ann"}, Declaration(key="aws:tags", value={"owner": "ann"}), id="object-of-another"
        ),
        pytest.param(
            "aws:token",
            {"value": "x", "secret": True},
            Declaration(key="aws:token", value="x", secret=True),
            id="value",
        ),
        pytest.param("shop:size", {}, Declaration(key="shop:size"), id="required"),
        pytest.param("size", None, Declaration(key="shop:size"), id="nothing"),
        pytest.param(
            "tags",
            {"type": "array", "items": {"type": "integer"}, "default": [1], "description": "d"},
            Declaration(key="shop:tags", shape=Shape("array", Shape("integer")), default=[1], description="d"),
            id="array",
        ),
        pytest.param(
            "o",
            {"type": "object", "value": {"a": 1}},
            Declaration(key="shop:o", shape=Shape("object"), value={"a": 1}),
            id="object",
        ),
    ],
)
def test_declarations_are_read(written, content, expected):
    assert parse_declarations(FILE, "shop", {written: content}) == {expected.key: expected}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param({"a": {"default": 1, "value": 2}}, "both a default and a value", id="default-and-value"),
        pytest.param({"a": {"type": "array"}}, "`items`", id="array-without-items"),
        pytest.param({"a": {"type": "array", "items": {}}}, "`items`", id="items-without-type"),
        pytest.param({"a": {"items": {"type": "string"}}}, "no array", id="items-without-array"),
        pytest.param({"a": {"type": "number"}}, "number", id="unknown-type"),
        pytest.param({"a": {"type": "integer", "default": "x"}}, "not of type integer", id="default-of-another-type"),
        pytest.param({"a": {"type": "integer", "value": 1.5}}, "not of type integer", id="value-of-another-type"),
        pytest.param({"a": {"typ": "string"}}, "'typ'", id="misspelt"),
        pytest.param({"a": {"secret": "yes"}}, "`secret`", id="secret-of-another-type"),
        pytest.param({"aws:a": {"type": "string"}}, "another package", id="type-of-another-package"),
        pytest.param({"aws:a": {"default": 1}}, "another package", id="default-of-another-package"),
        pytest.param({"a": 1, "shop:a": 2}, "twice", id="twice"),
        pytest.param({"a:b:c": 1}, "not a config key", id="no-key"),
    ],
)
def test_wrong_declarations_name_their_key(data, words):
    with pytest.raises(errors.ProjectError) as caught:
        parse_declarations(FILE, "shop", data)

    assert words in caught.value.detail
    assert caught.value.key.startswith("config.")


@pytest.mark.parametrize(
    ("shape", "fitting", "others"),
    [
        (Shape("string"), ["", "5"], [5, True, None, []]),
        (Shape("integer"), [5, 5.0, "5", "-5"], [5.5, True, "x", "5.0", None, []]),
        (Shape("boolean"), [True, "false"], ["yes", 1, None]),
        (Shape("object"), [{}, {"a": 1}], [[], "{}"]),
        (Shape("array"), [[], [1]], [{}, "[]"]),
        (Shape("array", Shape("integer")), [[], [1, "2"]], [["x"], 1]),
    ],
)
def test_types_fit_what_upstream_lets_them_fit(shape, fitting, others):
    assert [value for value in fitting if not shape.fits(value)] == []
    assert [value for value in others if shape.fits(value)] == []


def test_types_are_printed_as_upstream_prints_them():
    assert str(Shape("array", Shape("array", Shape("string")))) == "array<array<string>>"
    assert str(Shape("string")) == "string"
