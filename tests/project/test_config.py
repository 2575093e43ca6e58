"""The config that a program gets."""

from pathlib import Path

import pytest

from reconciler import errors
from reconciler.model.values import Secret
from reconciler.project.config import effective_config
from reconciler.project.documents import parse_document
from reconciler.project.files import parse_project
from reconciler.project.stack_files import StackFile


def effective(stack, declared=""):
    project = parse_project(parse_document(Path("Pulumi.yaml"), f"name: shop\nruntime: python\n{declared}"))
    file = StackFile(parse_document(Path("Pulumi.dev.yaml"), stack), "shop")
    return effective_config(project, "dev", file, lambda ciphertext: f"open {ciphertext}")


def test_values_reach_the_program_as_text():
    config = effective(
        "config:\n  a: text\n  b: 5\n  c: 1.0\n  d: true\n  e:\n  f: {z: [1, 2.5], y: <é>}\n  aws:region: eu\n"
        "  g: {secure: x}\n  h: [{secure: y}, 1]\n  i: 2026-01-02\n"
    )

    assert dict(config.values) == {
        "aws:region": "eu",
        "shop:a": "text",
        "shop:b": "5",
        "shop:c": "1",
        "shop:d": "true",
        "shop:e": "",
        "shop:f": '{"y":"<é>","z":[1,2.5]}',
        "shop:g": "open x",
        "shop:h": '["open y",1]',
        "shop:i": "2026-01-02",
    }
    assert list(config.values) == sorted(config.values)
    assert config.secret_keys == {"shop:g", "shop:h"}
    assert config.structured["shop:h"] == (Secret("open y"), 1)
    assert config.structured["shop:f"] == {"z": (1, 2.5), "y": "<é>"}
    assert config.stored["shop:g"] == {"secure": "x"}
    assert config.stored["shop:h"] == {"secure": '[{"secure":"y"},1]'}
    assert config.stored["shop:b"] == "5"


def test_a_provider_is_given_its_own_keys():
    config = effective("config:\n  aws:region: eu\n  aws:token: {secure: x}\n  awsx:a: b\n")

    assert config.namespace("aws") == {"region": "eu", "token": Secret("open x")}
    assert config.namespace("none") == {}


def test_the_project_fills_what_the_stack_does_not_have():
    config = effective(
        "config:\n  shop:a: mine\n",
        "config:\n  a: theirs\n  b: {default: 5}\n  c: {value: [1]}\n  aws:region: eu\n"
        "  d: {secret: true, default: hush}\n",
    )

    assert dict(config.values) == {
        "aws:region": "eu",
        "shop:a": "mine",
        "shop:b": "5",
        "shop:c": "[1]",
        "shop:d": "hush",
    }
    assert config.secret_keys == {"shop:d"}
    assert config.structured["shop:d"] == Secret("hush")
    assert "hush" not in str(config.stored)


def test_all_missing_keys_are_named_in_one_error():
    declared = "config: {a: {type: string}, aws:b: {}, c: {}, d: 1}\n"

    with pytest.raises(errors.ProjectError) as caught:
        effective("", declared)

    assert "Stack 'dev' is missing configuration values 'a', 'aws:b' and 'c'" in caught.value.detail
    assert "pulumi config set a" in caught.value.hint
    with pytest.raises(errors.ProjectError) as caught:
        effective("config: {a: 1, aws:b: 1}\n", declared)
    assert "Stack 'dev' is missing configuration value 'c'" in caught.value.detail


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("string", "text"),
        ("string", "5"),
        ("string", "true"),
        ("integer", "5"),
        ("integer", "'5'"),
        ("integer", "5.0"),
        ("boolean", "'true'"),
        ("array, items: {type: integer}", "[1, 2]"),
        ("object", "{a: 1}"),
        ("integer", "{secure: x}"),
    ],
)
def test_values_of_the_declared_type_are_taken(type, value):
    assert effective(f"config: {{a: {value}}}\n", f"config: {{a: {{type: {type}}}}}\n").values.keys() == {"shop:a"}


@pytest.mark.parametrize(
    ("type", "value", "name"),
    [
        ("integer", "x", "integer"),
        ("integer", "5.5", "integer"),
        ("boolean", "'maybe'", "boolean"),
        ("string", "[a]", "string"),
        ("array, items: {type: integer}", "[x]", "array<integer>"),
        ("object", "[]", "object"),
    ],
)
def test_values_of_another_type_are_refused(type, value, name):
    with pytest.raises(errors.ProjectError) as caught:
        effective(f"config: {{a: {value}}}\n", f"config: {{a: {{type: {type}}}}}\n")

    assert f"Stack 'dev' with configuration key 'a' must be of type '{name}'" in caught.value.detail
    assert caught.value.key == "a"


def test_what_is_declared_secret_must_be_encrypted():
    declared = "config: {a: {secret: true}}\n"

    with pytest.raises(errors.ProjectError) as caught:
        effective("config: {a: open}\n", declared)

    assert "must be encrypted as it's secret" in caught.value.detail
    assert effective("config: {a: {secure: x}}\n", declared).secret_keys == {"shop:a"}


def test_environments_of_pulumi_cloud_are_refused_rather_than_passed_over():
    with pytest.raises(errors.ProjectError) as caught:
        effective("environment: [prod]\n")

    assert caught.value.key == "environment"
