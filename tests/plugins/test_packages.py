"""Packages that a parameter makes of a plugin, as generated SDKs register them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.model import urns

SDK = '''
import asyncio, functools
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

@functools.cache
def package(name, value):
    """What a generated SDK does once: register the package, and keep its reference."""
    async def ref():
        request = resource_pb2.RegisterPackageRequest(
            name="many", version="1.0.0",
            parameterization=resource_pb2.Parameterization(name=name, version="3.1.0", value=value),
        )
        answer = await asyncio.get_event_loop().run_in_executor(None, get_monitor().RegisterPackage, request)
        return answer.ref
    return asyncio.ensure_future(ref())

class Word(pulumi.CustomResource):
    word: pulumi.Output[str]
    def __init__(self, name, of, value, opts=None):
        super().__init__(f"{of}:index:Word", name, {"word": None}, opts, package_ref=package(of, value))
'''


@pytest.fixture
def stack(stack):
    stack.places = replace(stack.places, project_paths={"many": Path(__file__).parent / "many"})
    return stack


@pytest.mark.slow
def test_one_plugin_serves_packages_by_their_parameters(stack):
    program = SDK + (
        'a, b = Word("a", "red", b"rouge"), Word("b", "blue", b"bleu")\n'
        'pulumi.export("words", [a.word, b.word])\n'
        'red = package("red", b"rouge")\n'
        'got = pulumi.runtime.invoke_async("red:index:get", {}, pulumi.InvokeOptions(), package_ref=red)\n'
        'pulumi.export("got", pulumi.Output.from_input(got))\n'
    )
    made = stack.up(program)
    again = stack.up(program)
    destroyed = stack.destroy()

    assert made.errors == []
    assert made.summary.outputs == {"words": ("rouge", "bleu"), "got": {"word": "rouge"}}
    provider = next(item for item in made.snapshot.resources if item.type == "pulumi:providers:red")
    assert urns.name(provider.urn) == "default_3_1_0"
    assert provider.inputs == {
        "version": "3.1.0",
        "__internal": {
            "name": "many",
            "version": "1.0.0",
            "parameterization": base64.b64encode(b"rouge").decode(),
        },
    }
    assert {op.split()[0] for op in again.ops} == {"same"}
    assert sorted(destroyed.ops) == ["delete a", "delete b"]


@pytest.mark.slow
def test_a_parameter_that_the_plugin_refuses_is_the_providers_error(stack):
    failed = stack.up(SDK + 'Word("a", "red", b"refuse")\n')

    assert any("not this one" in error for error in failed.errors)
    assert "create a" not in failed.ops


EXTENDED = '''
from pulumi.runtime.settings import register_package
import base64

def extended(name, value):
    """What the SDK of an extension does."""
    coded = base64.b64encode(value).decode()
    return asyncio.ensure_future(register_package("many", "1.0.0", "", name, "2.0.0", coded, extension=True))

class Word(pulumi.CustomResource):
    word: pulumi.Output[str]
    def __init__(self, name, ref, opts=None):
        super().__init__("many:index:Word", name, {"word": None}, opts, package_ref=ref)
'''


@pytest.mark.slow
def test_extensions_of_a_package_are_served_by_its_own_provider_in_runs_without_the_program_too(stack):
    program = (
        "import asyncio\n"
        + EXTENDED
        + (
            'red, blue = extended("red", b"rouge"), extended("blue", b"bleu")\n'
            'a = Word("a", red)\n'
            'b = Word("b", blue, Options(depends_on=[a]))\n'
            'pulumi.export("words", [a.word, b.word])\n'
        )
    )
    made = stack.up(program)
    again = stack.up(program)
    refreshed = stack.refresh()
    destroyed = stack.destroy()

    assert made.errors == again.errors == []
    assert made.summary.outputs == {"words": ("rouge", "bleu")}
    providers = [item for item in made.snapshot.resources if item.type == "pulumi:providers:many"]
    assert [urns.name(item.urn) for item in providers] == ["default_1_0_0"]
    assert made.recorded("a").extra["extensionRef"] == hashlib.sha256(b"red\x002.0.0\x00rouge").hexdigest()
    assert {op.split()[0] for op in again.ops} == {"same"}
    assert again.recorded("a").extra == made.recorded("a").extra
    assert refreshed.recorded("a").outputs["word"] == "bleu rouge"
    assert destroyed.errors == []
    assert sorted(destroyed.ops) == ["delete a", "delete b"]


@pytest.mark.slow
def test_an_extension_that_the_plugin_refuses_fails_what_needs_it(stack):
    failed = stack.up("import asyncio\n" + EXTENDED + 'Word("a", extended("red", b"refuse"))\n')

    assert any("not this one" in error for error in failed.errors)
    assert "create a" not in failed.ops
