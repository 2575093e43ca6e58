"""Values and the wire agree in both directions."""

from __future__ import annotations

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from reconciler.host import translate
from reconciler.model.values import UNKNOWN, Archive, Asset, ResourceReference, Secret, freeze

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
).map(freeze)


@given(PLAIN)
def test_plain_values_survive_the_wire(value):
    assert translate.read_value(translate.write_value(value)) == value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Secret("x"), id="secret"),
        pytest.param((Secret(1), {"a": Secret(None)}), id="nested-secrets"),
        pytest.param(Asset(hash="h", text="t"), id="asset"),
        pytest.param(Archive(hash="h", assets={"f": Asset(hash="g", path="p")}), id="archive"),
        pytest.param(ResourceReference("urn:pulumi:s::p::t::n", "id", "1.0.0"), id="reference"),
        pytest.param(ResourceReference("urn:pulumi:s::p::t::n"), id="component-reference"),
        pytest.param(b"caf\xe9".decode("utf-8", "surrogateescape"), id="bytes-that-are-not-utf-8"),
    ],
)
def test_values_with_a_signature_survive_the_wire(value):
    assert translate.read_value(translate.write_value(value)) == value


@pytest.mark.parametrize("sentinel", sorted(translate.UNKNOWNS))
def test_each_sentinel_is_the_one_unknown(sentinel):
    assert translate.read_value(struct_pb2.Value(string_value=sentinel)) is UNKNOWN


def test_a_secret_unknown_is_still_unknown():
    secret = translate.read_value(translate.write_value(Secret(UNKNOWN)))

    assert isinstance(secret, Secret)
    assert secret.value is UNKNOWN


def test_a_signature_that_nobody_knows_is_refused():
    struct = struct_pb2.Struct()
    struct[translate.SIGNATURE] = "0000"

    with pytest.raises(ValueError, match="does not know"):
        translate.read_value(struct_pb2.Value(struct_value=struct))


def test_nulls_at_the_top_are_absent_properties():
    struct = struct_pb2.Struct()
    struct.update({"a": None, "b": {"c": None}})

    assert translate.read_map(struct) == {"b": {"c": None}}


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("1h5m", 3900), ("1.5s", 1.5), (".5s", 0.5), ("0", 0), ("20ms", 0.02)]
)
def test_go_durations_are_seconds(text, seconds):
    assert translate.read_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["30", "1d", "5 m", "m", "1.2.3s", "5m!", "-5m"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is not a duration"):
        translate.read_duration(text)
