"""Every token, input and output of the Snowflake kinds is one of the public SDK's, and gaps are told."""

import ast
import functools
import importlib.util
import re
from pathlib import Path

import pytest

from reconciler.catalog import index, spec, sql
from reconciler.catalog.snowflake.functions import FUNCTIONS
from reconciler.contract import declared, protocol

SDK = Path(importlib.util.find_spec("pulumi").origin).parents[1] / "pulumi_snowflake"
KINDS = sorted(index.kinds("snowflake").values(), key=lambda kind: kind.token)


@functools.cache
def source(module):
    return (SDK / f"{module}.py").read_text()


def getters(module, class_name):
    """Wire names of the properties of one class of the SDK."""
    # Cut the class out first: some modules are megabytes.
    text = source(module)
    start = re.search(rf"^class {class_name}\b", text, re.MULTILINE).start()
    end = re.compile(r"^(?=\S)|\Z", re.MULTILINE).search(text, text.index(":\n", start) + 2).start()
    body = ast.parse(text[start:end]).body[0].body
    found = set()
    for node in body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pulumi.getter":
                found.add(next(word.value.value for word in decorator.keywords if word.arg == "name"))
            elif ast.unparse(decorator) == "pulumi.getter":
                found.add(node.name)
    return found


def class_of(token):
    return token.rpartition(":")[2]


def top_level(names):
    return {name for name in names if "." not in name}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: class_of(kind.token))
def test_a_kind_has_the_sdks_token_and_inputs(kind):
    module = spec.snake(class_of(kind.token))

    inputs = getters(module, f"{class_of(kind.token)}Args")

    assert f"'{kind.token}'" in source(module)
    assert {field.name for field in kind.fields} | top_level(kind.gaps) == inputs


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: class_of(kind.token))
def test_a_kinds_outputs_are_the_sdks(kind):
    module = spec.snake(class_of(kind.token))

    outputs = getters(module, class_of(kind.token))

    assert {output.name for output in kind.outputs} <= outputs


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.shows], ids=lambda kind: class_of(kind.token))
def test_columns_of_show_outputs_are_the_sdks(kind):
    if not any(output.name == "showOutputs" for output in kind.outputs):
        return
    known = getters("outputs", f"{class_of(kind.token)}ShowOutput")

    assert {column.output or sql.camel(column.name) for column in kind.shows} <= known


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: class_of(function.token))
def test_a_function_has_the_sdks_token_and_results(function):
    name = class_of(function.token)
    module = spec.snake(name)

    result = function.result({"config": "{}"})

    assert f"'{function.token}'" in source(module)
    assert set(result) == getters(module, f"{name[0].upper()}{name[1:]}Result")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.gaps], ids=lambda kind: class_of(kind.token))
def test_an_input_that_is_a_gap_is_refused_by_name(kind):
    gap = kind.gaps[0]
    block, _, name = gap.rpartition(".")
    given = {block: {name: {}}} if block else {name: {}}

    answer = declared.check(kind, protocol.CheckRequest(urn="u", token=kind.token, name="n", news=given, seed=b"s"))

    assert protocol.CheckFailure(gap, "not supported by this version of the provider") in answer.failures


def test_every_kind_names_its_source():
    assert [kind.token for kind in KINDS if not kind.source] == []
