"""Invokes: transforms, dependencies that do not exist yet, the provider of a parent; and whether an object exists."""

from __future__ import annotations

import pytest

HEADER = """
from pulumi.runtime import invoke_output
from pulumi import InvokeOptions, InvokeOutputOptions
from pulumi.invoke import InvokeTransformArgs as Args, InvokeTransformResult as Result
from pulumi.runtime.proto import resource_pb2
everywhere = pulumi.runtime.register_invoke_transform
"""


def program(text: str) -> str:
    return HEADER + text


def test_an_invoke_transform_changes_arguments(stack):
    ran = stack.up(
        program("""
everywhere(lambda args: Result(args={**args.args, "size": 2}, opts=args.opts))
everywhere(lambda args: Result(args={**args.args, "seen": args.args["size"], "token": args.token}, opts=args.opts))
pulumi.export("found", invoke_output("test:index:find", {"size": 1}))
""")
    )

    assert ran.errors == []
    assert ran.summary.outputs["found"] == {"account": "default", "size": 2, "seen": 2, "token": "test:index:find"}


def test_an_invoke_transform_that_gives_nothing_changes_nothing(stack):
    ran = stack.up(
        program('everywhere(lambda args: None)\npulumi.export("found", invoke_output("test:index:find", {"size": 1}))')
    )

    assert ran.summary.outputs["found"] == {"account": "default", "size": 1}


def test_an_invoke_transform_chooses_another_provider(stack):
    ran = stack.up(
        program("""
special = TestProvider("special", account="special")
def choose(args):
    return Result(args=args.args, opts=InvokeOptions(provider=special))
everywhere(choose)
pulumi.export("found", invoke_output("test:index:find", {}))
""")
    )

    assert ran.errors == []
    assert ran.summary.outputs["found"] == {"account": "special"}


def test_an_invoke_transform_that_raises_fails_the_invoke(stack):
    ran = stack.up(
        program("""
def refuse(args):
    raise ValueError("not like this")
everywhere(refuse)
pulumi.export("found", invoke_output("test:index:find", {}))
""")
    )

    assert any("not like this" in message for message in ran.errors)
    assert ran.summary.result == "failed"


DEPENDS = """
a = Thing("a", zone={zone!r})
found = invoke_output("test:index:find", {{"size": 1}}, InvokeOutputOptions(depends_on=[a]))
pulumi.export("found", found)
"""


def test_an_invoke_that_depends_on_what_a_preview_would_create_is_unknown(stack):
    ran = stack.preview(program(DEPENDS.format(zone="x")))

    assert stack.service.calls == []
    assert repr(ran.summary.outputs["found"]) == "[unknown]"


def test_an_invoke_that_depends_on_what_a_preview_would_replace_is_unknown(stack):
    stack.up(program(DEPENDS.format(zone="x")))
    calls = len(stack.service.calls)

    ran = stack.preview(program(DEPENDS.format(zone="y")))

    assert len(stack.service.calls) == calls
    assert repr(ran.summary.outputs["found"]) == "[unknown]"


@pytest.mark.parametrize("preview", [True, False])
def test_an_invoke_that_depends_on_what_exists_is_made(stack, preview):
    stack.up(program(DEPENDS.format(zone="x")))

    ran = (stack.preview if preview else stack.up)(program(DEPENDS.format(zone="x")))

    assert ran.summary.outputs["found"] == {"account": "default", "size": 1}


def test_an_invoke_waits_for_what_it_depends_on(stack):
    stack.up(program(DEPENDS.format(zone="x")))

    assert stack.service.calls == [("create", "a"), ("invoke", "test:index:find")]


def test_an_invoke_goes_to_the_provider_of_its_parent(stack):
    ran = stack.up(
        program("""
special = TestProvider("special", account="special")
outer = pulumi.ComponentResource("test:index:Group", "outer", None, Options(providers={"test": special}))
inner = Group("inner", Options(parent=outer))
thing = Thing("thing", opts=Options(provider=special))
monitor = pulumi.runtime.settings.get_monitor()

def account(urn):
    answer = monitor.Invoke(resource_pb2.ResourceInvokeRequest(tok="test:index:find", parent=urn))
    return getattr(answer, "return")["account"]

pulumi.export("component", inner.urn.apply(account))
pulumi.export("custom", thing.urn.apply(account))
pulumi.export("none", Thing("plain").urn.apply(account))
""")
    )

    assert ran.errors == []
    assert dict(ran.summary.outputs) == {"component": "special", "custom": "special", "none": "default"}


def test_whether_an_object_exists_is_asked_of_its_provider(stack):
    stack.up('Thing("a")')

    ran = stack.up("""
from pulumi.runtime.resource import exists_resource
Thing("a")
for id in ("id-1", "id-2"):
    pulumi.export(id, exists_resource(None, "test:index:Thing", id, {}, Options()))
""")

    assert ran.errors == []
    assert dict(ran.summary.outputs) == {"id-1": True, "id-2": False}


def test_whether_an_object_of_no_known_id_exists_is_not_known(stack):
    ran = stack.preview("""
from pulumi.runtime.resource import exists_resource
a = Thing("a")
pulumi.export("found", exists_resource(None, "test:index:Thing", a.id, {}, Options()))
""")

    assert ran.errors == []
    assert stack.service.calls == []
    assert repr(ran.summary.outputs["found"]) == "[unknown]"


@pytest.mark.parametrize("accepts", [True, False])
def test_text_that_is_not_utf_8_goes_through_where_the_asker_takes_it(stack, accepts):
    ran = stack.up(
        program(f"""
import base64
monitor = pulumi.runtime.settings.get_monitor()
request = resource_pb2.ResourceInvokeRequest(tok="test:index:find", accepts_byte_string={accepts})
request.args["name"] = {{
    "4dabf18193072939515e22adb298388d": "803fd3297a5875dc03ca845dda5d2a98",
    "value": base64.b64encode(b"caf\\xe9").decode(),
}}
try:
    answer = getattr(monitor.Invoke(request), "return")
    pulumi.export("found", base64.b64decode(answer["name"]["value"]).hex())
except Exception as error:
    pulumi.export("found", error.details())
""")
    )

    assert ran.errors == []
    expected = b"caf\xe9".hex() if accepts else "a property holds text that is not UTF-8, which this SDK does not take"
    assert ran.summary.outputs["found"] == expected


KNOWN_BY_URN = """
    class Known(pulumi.CustomResource):
        echo: pulumi.Output[str]
        def __init__(self, urn):
            super().__init__("test:index:Thing", "known", {"echo": None}, Options(urn=urn))
"""


def test_a_program_may_ask_for_a_resource_by_its_urn(stack):
    ran = stack.up(
        KNOWN_BY_URN
        + """
    a = Thing("a", size=3)
    found = a.urn.apply(lambda urn: Known(urn))
    pulumi.export("id", found.apply(lambda known: known.id))
    pulumi.export("echo", found.apply(lambda known: known.echo))
"""
    )

    assert ran.errors == []
    assert ran.summary.outputs == {"id": "id-1", "echo": "size is 3"}
    assert stack.service.calls == [("create", "a")]


def test_a_urn_that_names_nothing_is_an_error(stack):
    ran = stack.up(KNOWN_BY_URN + '    Known("urn:pulumi:dev::proj::test:index:Thing::nobody")\n')

    assert any(
        "there is no resource urn:pulumi:dev::proj::test:index:Thing::nobody" in message for message in ran.errors
    )
