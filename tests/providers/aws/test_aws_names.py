"""Tokens and property names are those of the public SDK, read from its source."""

import functools
import importlib.util
import re
from pathlib import Path

import pytest

from reconciler.catalog import index

KINDS = index.kinds("aws")
FUNCTIONS = index.functions("aws")
SDK = Path(importlib.util.find_spec("pulumi_aws").origin).parent


@functools.cache
def sources():
    """Token of a resource -> its module's text."""
    found = {}
    for path in SDK.glob("*/*.py"):
        text = path.read_text()
        for token in re.findall(r"__self__\)\.__init__\(\s*'(aws:[^']+)'", text):
            found[token] = text
    return found


def properties(text, suffix):
    """Wire names of the class whose name ends so."""
    body = next(part for part in re.split(r"\nclass ", text) if re.match(rf"\w*{suffix}:", part))
    pattern = r'@pulumi\.getter(?:\(name="(\w+)"\))?\n(?:    @_utilities.*\n)*    def (\w+)\(self\) -> (.*):'
    return {wire or python: kind for wire, python, kind in re.findall(pattern, body)}


@pytest.mark.parametrize("token", sorted(KINDS))
def test_inputs_are_those_of_the_public_class(token):
    kind, public = KINDS[token], properties(sources()[token], "(?:Init)?Args")

    assert {field.name for field in kind.fields} | set(kind.elsewhere) == set(public)
    assert {field.name for field in kind.fields} & set(kind.elsewhere) == set()


@pytest.mark.parametrize("token", sorted(KINDS))
def test_what_the_public_class_requires_is_required(token):
    kind, public = KINDS[token], properties(sources()[token], "(?:Init)?Args")
    required = {name for name, sort in public.items() if "Optional" not in sort}

    assert required <= {field.name for field in kind.fields if field.required}


@pytest.mark.parametrize("token", sorted(KINDS))
def test_outputs_exist_in_the_public_class(token):
    kind, public = KINDS[token], properties(sources()[token], "State")

    assert {output.name for output in kind.outputs} <= set(public)


@pytest.mark.parametrize("token", sorted(KINDS))
def test_what_the_public_class_keeps_secret_is_secret(token):
    kind = KINDS[token]
    found = re.search(r"additional_secret_outputs=\[(.*?)\]", sources()[token])
    public = set(re.findall(r'"(\w+)"', found.group(1))) if found else set()

    assert public - set(kind.elsewhere) == {field.name for field in kind.fields if field.secret}


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_a_functions_arguments_exist_in_the_public_one(token):
    module, name = token.split(":")[1].split("/")
    path = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    text = (SDK / (path if module == "index" else f"{module}/{path}")).with_suffix(".py").read_text()
    public = set(re.findall(r"__args__\['(\w+)'\]", text))

    assert f"'{token}'" in text
    assert {field.name for field in FUNCTIONS[token].arguments} <= public
