"""Secret texts inside other texts, in every spelling."""

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.codec import encode
from reconciler.model.redaction import MASK, Redactor
from reconciler.model.resources import Recorded
from reconciler.model.values import Asset, ResourceReference, Secret
from reconciler.state.resource_records import encode_resource
from tests.state.arbitrary import cipher

SECRET = 'pa$$ "w<ö>rd" &/?+%\\n'
_LINES = "\n".join(f"MIIEvQIBADANBgkqhkiG9w0B{n}" for n in range(6))
DATA = {"database": "RAW_DEV", "owner": "OWNER_1", "password": "hunter2-hunter2"}
PEM = f"-----BEGIN PRIVATE KEY-----\n{_LINES}\n-----END PRIVATE KEY-----\n"


def encodings(text):
    """Name -> what a tool makes of a text."""
    content = text.encode()
    encoded = base64.b64encode(content).decode()
    return {
        "plain": text,
        "stripped": text.strip(),
        "json": json.dumps(text),
        "json of go": re.sub("[<>&]", lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False)),
        "json in json": json.dumps({"body": json.dumps({"password": text})}),
        "url": quote(text, safe=""),
        "url path": quote(text),
        "url form": quote_plus(text),
        "url in small letters": re.sub("%..", lambda code: code[0].lower(), quote(text, safe="")),
        "base64": encoded,
        "base64 for urls": base64.urlsafe_b64encode(content).decode(),
        "base64 without padding": encoded.rstrip("="),
        "basic auth": base64.b64encode(b"user:" + content).decode(),
        "basic auth of a longer name": base64.b64encode(b"user1:" + content).decode(),
        "basic auth of a still longer name": base64.b64encode(b"user12:" + content + b"@host").decode(),
        "mime": base64.encodebytes(content * 1).decode(),
        "repr": repr(text),
        "html": html.escape(text),
    }


@pytest.mark.parametrize("name", encodings(SECRET))
def test_a_secret_is_hidden_however_it_is_spelt(name):
    masked = Redactor([SECRET]).mask(f"before {encodings(SECRET)[name]} after")

    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    # Whoever decodes what is left finds no part of it that is worth having.
    for part in ("pa$$", "w<", "pa%24", "cGEkJ"):
        assert part not in masked


def test_each_line_of_a_longer_secret_is_hidden_and_its_markers_stay():
    message = f"cannot parse:\n{PEM}"

    masked = Redactor([PEM]).mask("\n".join(line + " " for line in message.splitlines()))

    assert "MIIE" not in masked
    assert "-----BEGIN PRIVATE KEY-----" in masked


@pytest.mark.parametrize("columns", [64, 76])
def test_long_base64_is_hidden_line_by_line(columns):
    encoded = base64.b64encode(PEM.encode()).decode()
    rows = [encoded[at : at + columns] for at in range(0, len(encoded) - 11, columns)]

    masked = Redactor([PEM]).mask("\n".join(f"  {row}" for row in rows))

    assert all(row not in masked for row in rows)


def test_short_words_and_the_longest_spelling():
    redactor = Redactor(["no", "small", "Abc", "Abcdef-1"])

    assert redactor.mask("no small thing: Abcdef-1, Abc") == "no small thing: [secret], [secret]"


def test_what_a_manager_decrypts_is_learnt_leaf_by_leaf():
    redactor = Redactor()
    manager = cipher()
    manager.watch(redactor.learn_plaintext)

    old = manager.encrypt('{"user":"root-user","port":54321,"on":true,"list":["deep-one"]}')
    Redactor()
    manager.decrypt(old)

    assert redactor.mask("root-user 54321 deep-one true") == "[secret] [secret] [secret] true"


@pytest.mark.parametrize("order", [1, -1], ids=["plain-first", "secret-first"])
def test_a_part_of_a_secret_map_that_a_resource_has_as_a_plain_input_is_shown(order):
    database, connection = (
        Recorded(urn=f"urn:{name}", type=f"a:b:{name}", custom=True, inputs=inputs)
        for name, inputs in (
            ("Database", {"name": "RAW_DEV", "tags": ({"a": "OWNER_1"},)}),
            ("Block", {"data": Secret(DATA)}),
        )
    )
    redactor = Redactor()
    redactor.learn_plaintext(json.dumps(DATA))

    redactor.learn_resources(*[database, connection][::order])

    assert redactor.mask("OWNER_1: RAW_DEV_READER/hunter2-hunter2") == f"OWNER_1: RAW_DEV_READER/{MASK}"
    # What is a secret by itself stays one, whoever says it in plain.
    redactor.learn("RAW_DEV")
    assert redactor.mask("RAW_DEV") == MASK


def test_a_resource_that_a_secret_refers_to_keeps_its_name():
    redactor = Redactor()
    reference = ResourceReference(urn="urn:pulumi:dev::proj::aws:s3:Bucket::logs", id="logs-1f3c9a7")
    secret = (reference, "hunter2-hunter2")
    redactor.learn_plaintext(json.dumps(encode(secret, None)))
    redactor.learn_values({"of": Secret(secret)})

    told = redactor.mask(f"{reference.urn} {reference.id} hunter2-hunter2")

    assert told == f"{reference.urn} {reference.id} {MASK}"


def test_the_text_of_a_secret_asset_is_learnt():
    redactor = Redactor()

    redactor.learn_values({"file": Secret(Asset(hash="", text="asset-text-1"))})

    assert redactor.mask("<asset-text-1>") == "<[secret]>"


def test_data_keeps_its_keys_and_the_names_of_resources():
    data = {"urn": "urn:token-1", "id": "token-1", "token-1": 5, "list": ["x token-1"]}

    assert Redactor(["token-1"]).mask_data(data) == {
        "urn": "urn:token-1",
        "id": "[secret]",
        "token-1": 5,
        "list": ["x [secret]"],
    }


def test_what_a_provider_said_of_a_half_made_object_is_written_without_its_secrets():
    resource = Recorded(
        urn="urn:pulumi:d::p::a:b:C::x",
        type="a:b:C",
        custom=True,
        inputs={"password": Secret("hunter2-x")},
        init_errors=("login as root:hunter2-x refused",),
    )

    assert encode_resource(resource, cipher())["initErrors"] == ["login as root:[secret] refused"]


@given(st.lists(st.text(min_size=3, max_size=20), min_size=1, max_size=8), st.text(max_size=30), st.text(max_size=30))
def test_no_text_is_left_that_was_learnt(secrets, before, after):
    redactor = Redactor(secrets)
    hidden = [secret for secret in secrets if redactor.mask(secret) != secret]

    masked = redactor.mask(before + "|".join(secrets) + after)

    remaining = masked.replace(MASK, "\0")
    assert all(secret not in remaining for secret in hidden)


def test_thousands_of_secrets_are_found_in_a_long_text_at_once():
    secrets = [f"{n:06d}-secret-value" for n in range(2_000)]
    text = " ".join(secrets)

    assert Redactor(secrets).mask(text) == " ".join([MASK] * len(secrets))
