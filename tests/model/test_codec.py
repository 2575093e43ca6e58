"""Property values as state JSON: every signature, numbers, refusals, and the round trip for any value."""

import json
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import errors
from reconciler.model import codec
from reconciler.model.values import UNKNOWN, Archive, Asset, ResourceReference, Secret, Unknown, same
from tests.state.arbitrary import values

SIG = codec.SIGNATURE_KEY


class Reversing:
    """A cipher whose work can be read: it writes the text backwards."""

    def __init__(self):
        self.known = {}

    def encrypt(self, plaintext, place=()):
        return self.known.get((place, plaintext), plaintext[::-1])

    def decrypt(self, ciphertext):
        return ciphertext[::-1]

    def remember(self, plaintext, place, ciphertext):
        self.known[place, plaintext] = ciphertext


def special(signature, **fields):
    return {SIG: signature.value, **fields}


@pytest.mark.parametrize(
    ("value", "data"),
    [
        pytest.param(None, None, id="null"),
        pytest.param((1, "a", True), [1, "a", True], id="list"),
        pytest.param({"b": 1, "a": {}}, {"a": {}, "b": 1}, id="keys-are-sorted"),
        pytest.param(Secret({"a": "<"}), special(codec.Signature.SECRET, ciphertext='}"<":"a"{'), id="secret"),
        pytest.param(UNKNOWN, "04da6b54-80e4-46f7-96ec-b56ff0331ba9", id="unknown"),
        pytest.param(Asset(hash="h", text="t"), special(codec.Signature.ASSET, hash="h", text="t"), id="text-asset"),
        pytest.param(Asset(hash="h", path="p"), special(codec.Signature.ASSET, hash="h", path="p"), id="file-asset"),
        pytest.param(Asset(hash="h", uri="u"), special(codec.Signature.ASSET, hash="h", uri="u"), id="remote-asset"),
        pytest.param(
            Asset(hash=codec.EMPTY_TEXT_HASH, text=""),
            special(codec.Signature.ASSET, hash=codec.EMPTY_TEXT_HASH),
            id="empty-asset",
        ),
        pytest.param(
            Archive(hash="h", assets={"b": Archive(hash="i", uri="u"), "a": Asset(hash="j", text="t")}),
            special(
                codec.Signature.ARCHIVE,
                assets={
                    "a": special(codec.Signature.ASSET, hash="j", text="t"),
                    "b": special(codec.Signature.ARCHIVE, hash="i", uri="u"),
                },
                hash="h",
            ),
            id="archive",
        ),
        pytest.param(
            ResourceReference("urn:x", "i", "1.0.0"),
            special(codec.Signature.RESOURCE_REFERENCE, id="i", packageVersion="1.0.0", urn="urn:x"),
            id="resource",
        ),
        pytest.param(
            ResourceReference("urn:x"),
            special(codec.Signature.RESOURCE_REFERENCE, packageVersion="", urn="urn:x"),
            id="component",
        ),
        pytest.param(
            ResourceReference("urn:x", UNKNOWN),
            special(codec.Signature.RESOURCE_REFERENCE, id="", packageVersion="", urn="urn:x"),
            id="resource-not-made-yet",
        ),
        pytest.param("a\udcff", special(codec.Signature.BYTES, value="Yf8="), id="bytes-that-are-not-text"),
        pytest.param(math.inf, special(codec.Signature.NUMBER, value="7ff0000000000000"), id="infinity"),
    ],
)
def test_each_kind_of_value_has_its_form_in_the_state_file(value, data):
    encoded = codec.encode(value, Reversing())

    assert encoded == data
    assert codec.render_json(encoded) == codec.render_json(data), "the order of keys counts too"
    assert codec.decode(data, Reversing()) == value


def test_not_a_number_survives():
    encoded = codec.encode(math.nan, None)

    assert encoded == special(codec.Signature.NUMBER, value=struct.pack(">d", math.nan).hex())
    assert math.isnan(codec.decode(encoded, None))


@pytest.mark.parametrize("sentinel", codec.UNKNOWN_SENTINELS)
def test_all_seven_sentinels_mean_unknown(sentinel):
    assert isinstance(codec.decode(sentinel, None), Unknown)
    assert len(set(codec.UNKNOWN_SENTINELS)) == 7


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (2**53, "9007199254740992"),
        (2**53 + 1, "9007199254740992"),
        (1.2345678901234568e20, "123456789012345680000"),
        (1e21, "1e+21"),
        (2.5, "2.5"),
        (-7, "-7"),
    ],
)
def test_numbers_are_doubles_and_written_as_go_does(number, text):
    assert codec.render_json(codec.encode(number, None)) == text


def test_a_whole_number_beyond_every_double_is_infinite():
    assert codec.decode_number(10**400) == math.inf


@pytest.mark.parametrize(
    ("data", "value"),
    [
        pytest.param(special(codec.Signature.OUTPUT, value=1), 1, id="plain-output"),
        pytest.param(special(codec.Signature.OUTPUT, value=1, secret=True), Secret(1), id="secret-output"),
        pytest.param(special(codec.Signature.OUTPUT), UNKNOWN, id="output-not-known"),
        pytest.param(special(codec.Signature.SECRET, plaintext='{"a":1}'), Secret({"a": 1}), id="secret-shown"),
        pytest.param(
            special(codec.Signature.RESOURCE_REFERENCE, urn="u", id={"V": "i"}, packageVersion=""),
            ResourceReference("u", "i"),
            id="reference-of-an-old-engine",
        ),
        pytest.param(
            special(codec.Signature.RESOURCE_REFERENCE, urn="u", id=codec.UNKNOWN_SENTINELS[0]),
            ResourceReference("u", UNKNOWN),
            id="reference-with-sentinel",
        ),
        pytest.param(special(codec.Signature.ASSET, hash="h"), Asset(hash="h"), id="placeholder"),
        pytest.param(special(codec.Signature.ASSET, uri="u"), Asset(hash="", uri="u"), id="asset-without-hash"),
        pytest.param(special(codec.Signature.ARCHIVE, hash="h"), Archive(hash="h"), id="archive-placeholder"),
        pytest.param(1e3, 1000, id="whole-float"),
    ],
)
def test_other_spellings_are_read(data, value):
    assert codec.decode(data, None) == value


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({SIG: "elsewhere"}, id="unknown-signature"),
        pytest.param({SIG: 5}, id="signature-of-another-type"),
        pytest.param(special(codec.Signature.SECRET), id="secret-without-text"),
        pytest.param(special(codec.Signature.SECRET, plaintext="{"), id="secret-that-is-not-json"),
        pytest.param(special(codec.Signature.SECRET, ciphertext=5), id="ciphertext-of-another-type"),
        pytest.param(special(codec.Signature.BYTES, value="%"), id="bytes-not-base64"),
        pytest.param(special(codec.Signature.NUMBER, value="zz"), id="bits-not-hex"),
        pytest.param(special(codec.Signature.NUMBER, value="00"), id="too-few-bits"),
        pytest.param(special(codec.Signature.RESOURCE_REFERENCE, urn="u", id=5), id="id-of-another-type"),
        pytest.param(special(codec.Signature.RESOURCE_REFERENCE, id="i"), id="reference-without-urn"),
        pytest.param(special(codec.Signature.ARCHIVE, assets=[]), id="members-not-an-object"),
        pytest.param(special(codec.Signature.ARCHIVE, assets={"a": 1}), id="member-not-an-asset"),
        pytest.param({1, 2}, id="not-json-data"),
    ],
)
def test_malformed_special_values_are_refused(data):
    with pytest.raises(errors.CheckpointFormatError):
        codec.decode({"outer": [data]}, Reversing())


def test_an_archive_inside_a_property_map_is_no_property_map():
    with pytest.raises(errors.CheckpointFormatError):
        codec.decode_map(special(codec.Signature.ARCHIVE, hash="h"), None)
    assert codec.decode_map(None, None) == {}


def test_an_asset_without_hash_is_written_without_one():
    assert codec.encode(Asset(hash="", uri="u"), None) == special(codec.Signature.ASSET, uri="u")


def test_a_ciphertext_without_a_cipher_is_refused():
    with pytest.raises(errors.DecryptError):
        codec.decode(special(codec.Signature.SECRET, ciphertext="v1:…"), None)


def test_secrets_are_readable_only_where_no_cipher_is_given():
    assert codec.encode(Secret("a"), None) == special(codec.Signature.SECRET, plaintext='"a"')


def test_a_secret_in_a_secret_is_encrypted_once():
    encoded = codec.encode(Secret((Secret("x"), 1)), Reversing())

    assert encoded == special(codec.Signature.SECRET, ciphertext=']1,"x"[')
    assert codec.decode(encoded, Reversing()) == Secret(("x", 1))


def test_an_unchanged_secret_keeps_its_ciphertext_whatever_spelling_was_encrypted():
    cipher = Reversing()
    spaced = '{ "a" : 1.0 }'[::-1]

    value = codec.decode({"x": special(codec.Signature.SECRET, ciphertext=spaced)}, cipher)

    assert codec.encode(value, cipher) == {"x": special(codec.Signature.SECRET, ciphertext=spaced)}
    assert codec.encode({"y": value["x"]}, cipher)["y"]["ciphertext"] != spaced, "another place, another ciphertext"


def test_json_is_written_as_go_does():
    assert codec.render_json({"a": "<&>\u2028\u00e9\x7f\x08"}) == '{"a":"<&>\\u2028é\x7f\\b"}'
    assert codec.render_json({"a": [1]}, indent=4) == '{\n    "a": [\n        1\n    ]\n}'


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a":Infinity}', "[" * 100_000, b"\xff"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(errors.CheckpointFormatError):
        codec.parse_json(text)


@pytest.mark.parametrize("text", ["\ud800", "a\ud800\udcff"])
def test_half_characters_never_stop_a_state_from_being_written(text):
    data = codec.encode({text: text, "secret": Secret({text: text})}, Reversing())

    json.loads(codec.render_json(data).encode("utf-8"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\udcff", True),
        ({"a": (Secret("\udc80"),)}, True),
        ({"a": ("é", 1, None)}, False),
    ],
)
def test_byte_strings_are_found_at_any_depth(value, expected):
    assert codec.has_byte_string(value) is expected


@pytest.mark.slow
@settings(deadline=None)
@given(value=values())
def test_any_value_survives_the_state_file(value):
    text = codec.render_json(codec.encode(value, Reversing()))
    back = codec.decode(codec.parse_json(text), Reversing())

    assert codec.render_json(codec.encode(back, Reversing())) == text
    assert same(back, value) or codec.UNKNOWN_SENTINELS[0] in json.dumps(codec.encode(value, None))


@pytest.mark.slow
@settings(deadline=None)
@given(number=st.floats(allow_nan=False))
def test_any_number_survives_the_state_file(number):
    text = codec.render_json(codec.encode(number, None))

    assert codec.decode(codec.parse_json(text), None) == number
