"""Files that somebody spoilt, by accident or on purpose: each is refused by an error of ours, and does nothing."""

from __future__ import annotations

import contextlib
import gzip
import json
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler import errors
from reconciler.backend import compression
from reconciler.model.values import freeze
from reconciler.plan.plan_files import parse_plan
from reconciler.project.config import render_value
from reconciler.project.documents import parse_document
from reconciler.project.files import parse_project
from reconciler.project.stack_files import StackFile
from reconciler.state import integrity, journal_records, journals
from reconciler.state.checkpoints import decode_snapshot, read_checkpoint, read_export, render_checkpoint
from reconciler.state.snapshots import Snapshot
from tests.state.arbitrary import cipher

URN = "urn:pulumi:dev::shop::a:b:C::x"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


def nested(depth: int) -> str:
    return "[" * depth + "1" + "]" * depth


def state(inputs: str = "{}", **latest: object) -> str:
    """A state file with one resource whose inputs are this text."""
    parts = {"manifest": {"time": "", "magic": "", "version": ""}, "metadata": {}, "resources": ["HERE"], **latest}
    text = json.dumps({"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": parts}})
    resource = f'{{"urn":"{URN}","custom":true,"type":"a:b:C","inputs":{inputs}}}'
    return text.replace('"HERE"', resource)


def load(content):
    """All that reading a state means: form, values, rules, and writing it again."""
    checkpoint = read_checkpoint(content)
    snapshot = decode_snapshot(checkpoint, cipher())
    integrity.violations(snapshot)
    render_checkpoint(checkpoint, snapshot, cipher(), time="2026-01-01T00:00:00Z")
    return snapshot


STATES = {
    "empty": "",
    "blank": " \n",
    "cut short": state()[:-20],
    "zeros": "\0" * 100,
    "not UTF-8": state('{"a":"é"}').encode("latin-1"),
    "a list": "[]",
    "a number": "5",
    "a newer version": state().replace('"version": 3', '"version": 5', 1),
    "a version that is none": state().replace('"version": 3', '"version": true', 1),
    "a feature of the future": state().replace('{"version": 3', '{"features": ["timeTravel"], "version": 3', 1),
    "another magic": state(manifest={"version": "v3", "magic": "0"}),
    "resources are an object": state().replace('"resources": [', '"resources": {"a": [').replace("]}}}", "]}}}}"),
    "a resource is a text": state(resources=["x"]),
    "a resource has no urn": state(resources=[{"custom": True}]),
    "a urn is a number": state(resources=[{"urn": 5}]),
    "NaN": state('{"a":NaN}'),
    "Infinity": state('{"a":-Infinity}'),
    "a number beyond all numbers": state('{"a":1e999}'),
    "a number of 5,000 digits": state(f'{{"a":{"9" * 5000}}}'),
    "nested 300 deep": state(f'{{"a":{nested(300)}}}'),
    "nested 700 deep": state(f'{{"a":{nested(700)}}}'),
    "nested 50,000 deep": state(f'{{"a":{nested(50_000)}}}'),
    "nested deep where nobody looks": state(metadata=json.loads(nested(500))),
    "nested deep in what is not known": state(future=json.loads(nested(500))),
    "a signature that is none": state(f'{{"a":{{"{SIGNATURE}":"x"}}}}'),
    "a signature that is a list": state(f'{{"a":{{"{SIGNATURE}":["x"]}}}}'),
    "a secret without a text": state(f'{{"a":{{"{SIGNATURE}":"{SECRET}"}}}}'),
    "a secret of another key": state(f'{{"a":{{"{SIGNATURE}":"{SECRET}","ciphertext":"v1:AAAAAAAAAAAAAAAA:AAAA"}}}}'),
    "a secret that is no JSON": state(f'{{"a":{{"{SIGNATURE}":"{SECRET}","plaintext":"{{"}}}}'),
    "a timeout that is none": state(resources=[{"urn": URN, "customTimeouts": {"create": "soon"}}]),
    "a pending operation of no kind": state(pending_operations=[{"type": "x", "resource": {"urn": URN}}]),
}


@pytest.mark.parametrize("name", STATES)
def test_a_spoilt_state_is_refused(name):
    with pytest.raises(errors.StateError):
        load(STATES[name])


def test_an_anchor_may_be_used_again_and_nobody_is_warned():
    read_yaml("config:\n  a: &x 1\n  b: &x 2\n  c: *x\n")


def test_the_same_resource_twice_breaks_the_rules():
    data = json.loads(state())
    data["checkpoint"]["latest"]["resources"] *= 2

    assert integrity.violations(load(json.dumps(data))) == (f"{URN} is there twice",)


def test_of_a_key_that_is_there_twice_the_last_counts_as_in_go():
    assert load(state('{"a":1,"a":2}')).resources[0].inputs == {"a": 2}


def test_a_state_as_deep_as_values_go_is_read_and_written():
    assert load(state(f'{{"a":{nested(150)}}}'))


@pytest.mark.parametrize("name", ["empty", "cut short", "a list", "a newer version", "nested 50,000 deep"])
def test_a_spoilt_export_is_refused(name):
    with pytest.raises(errors.CheckpointFormatError):
        read_export(STATES[name])


def zstd_of(content: bytes) -> bytes:
    """Without the size at its head."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(content) + packer.flush()


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.ZstdCompressor().compress, zstd_of], ids=["gz", "zst", "zst-"]
)
def test_packed_files_that_are_bombs_or_damaged_are_refused(pack):
    bomb = pack(b"\0" * 5_000_000)
    good = pack(state().encode())

    assert compression.unpack(good) == state().encode()
    with pytest.raises(errors.CheckpointFormatError, match="more than 1000000 bytes"):
        compression.unpack(bomb, most_bytes=1_000_000)
    for spoilt in (good[:-5], good[:12], good[:20] + b"\xff\xff\xff\xff" + good[24:]):
        with pytest.raises(errors.CheckpointFormatError):
            load(compression.unpack(spoilt))


def journal(*entries: object, header: object = None) -> bytes:
    """A journal file with right digests: made on purpose, not by an accident."""
    lines = [header or {"journal": 1, "base": "x"}, *entries]
    return b"".join(journal_records._line(line) for line in lines)


RESOURCE = {"urn": URN, "custom": True, "type": "a:b:C"}
DEEP: dict[str, object] = {"entry": "Together", "number": 1, "parts": []}
for _ in range(200):
    DEEP = {"entry": "Together", "number": 1, "parts": [DEEP]}
JOURNALS = {
    "a later format": journal(header={"journal": 2}),
    "a header that is none": journal(header={"base": "x"}),
    "an unknown entry": journal({"entry": "Undo", "number": 1}),
    "an entry without a name": journal({"number": 1}),
    "an entry without a number": journal({"entry": "Kept", "index": 1}),
    "a resource that is not there": journal({"entry": "Kept", "number": 1, "index": 7}),
    "a negative index": journal({"entry": "Kept", "number": 1, "index": -1}),
    "a place that is none": journal({"entry": "Amended", "number": 1, "place": 5, "resource": RESOURCE}),
    "a resource without a urn": journal({"entry": "Put", "number": 1, "resource": {}}),
    "an operation of no kind": journal(
        {"entry": "Began", "number": 1, "operation": {"type": "x", "resource": RESOURCE}}
    ),
    "parts that are none": journal({"entry": "Together", "number": 1, "parts": [5]}),
    "parts in parts in parts": journal(DEEP),
    "a closing that is none": journal({"closes": 5}),
}


def replay(content: bytes) -> None:
    journals.replay(Snapshot(), journal_records.parse_journal(content, cipher()).entries)


@pytest.mark.parametrize("name", JOURNALS)
def test_a_spoilt_journal_is_refused(name):
    with pytest.raises(errors.StateError):
        replay(JOURNALS[name])


PLANS = {
    "empty": "",
    "a list": "[]",
    "no plans": "{}",
    "plans are a list": '{"resourcePlans":[]}',
    "a goal is a number": '{"resourcePlans":{"u":{"goal":5}}}',
    "a difference is a number": '{"resourcePlans":{"u":{"goal":{"inputDiff":5}}}}',
    "an unknown step": '{"resourcePlans":{"u":{"steps":["jump"]}}}',
    "a step is a number": '{"resourcePlans":{"u":{"steps":[5]}}}',
    "a seed is no base64": '{"resourcePlans":{"u":{"seed":"%"}}}',
    "nested deep": f'{{"resourcePlans":{{"u":{{"state":{{"a":{nested(700)}}}}}}}}}',
    "not UTF-8": b'{"resourcePlans":{"\xff":{}}}',
    "cut short": '{"resourcePlans":{"u":{',
}


@pytest.mark.parametrize("name", PLANS)
def test_a_spoilt_plan_is_refused(name):
    with pytest.raises(errors.PlanFormatError):
        parse_plan(PLANS[name], cipher())


def read_yaml(text: str, name: str = "Pulumi.dev.yaml") -> None:
    """All that reading a stack's config file means."""
    file = StackFile(parse_document(Path(name), text), "shop")
    for value in file.entries().values():
        render_value(freeze(value))
    assert (file.encryption_salt, file.secrets_provider, file.encrypted_key) is not None
    file.render()


BOMB = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" if n else "a0: &a0 [x, x]" for n in range(9))
YAMLS = {
    "aliases of aliases": f"{BOMB}\nconfig: {{a: *a8}}",
    "an alias of itself": "config: &a {b: *a}",
    "an alias of nothing": "config: {a: *nobody}",
    "a Python object": "config: {a: !!python/object/apply:os.system ['touch hacked']}",
    "a Python name": "config: {a: !!python/name:os.system }",
    "a tag of one's own": "config: {a: !secret x}",
    "binary": "config: {a: !!binary aGk=}",
    "a set": "config: {a: !!set {b, c}}",
    "no bool": "config: {a: !!bool perhaps}",
    "no int": "config: {a: !!int ''}",
    "no date": "config: {a: 2020-13-45}",
    "not a number": "config: {a: .nan}",
    "an endless number": "config: {a: -.inf}",
    "a number of 5,000 digits": f"config: {{a: {'9' * 5000}}}",
    "a key that is a list": "config: {? [a] : b}",
    "a key twice": "config: {a: 1, a: 2}",
    "a key twice in another spelling": "config: {a: 1, shop:a: 2}",
    "nested deep": f"config: {{a: {nested(400)}}}",
    "a list": "- config",
    "two documents": "config: {}\n---\nconfig: {}",
    "a zero byte": "config: {a: \0}",
    "another version of YAML": "%YAML 3.0\n---\nconfig: {}",
    "config is a list": "config: [a]",
    "a salt that is a list": "encryptionsalt: [a]",
    "a merge of nothing": "config: {<<: 5}",
}


@pytest.mark.parametrize("name", YAMLS)
def test_a_spoilt_config_file_is_refused(name):
    with pytest.raises(errors.ProjectError) as caught:
        read_yaml(YAMLS[name])

    assert caught.value.file == "Pulumi.dev.yaml"


@pytest.mark.parametrize("text", ['{"config":{"a":NaN}}', '{"config":{},"config":{}}', "[" * 5000, '{"config":', "5"])
def test_a_spoilt_config_file_in_json_is_refused(text):
    with pytest.raises(errors.ProjectError):
        read_yaml(text, "Pulumi.dev.json")


# Whatever is in a file: an error of ours, or none.

PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "\\",
    "null",
    "1e999",
    "-",
    "NaN",
    "\0",
    "é",
    "&a",
    "*a",
    "!!",
    "\n",
    "  ",
    "%",
]
noise = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map("".join)


@st.composite
def mutated(draw, valid: str) -> str:
    """A valid text with a few stretches cut out, doubled or replaced."""
    text = valid
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(noise | st.just(text[start:end] * 2)) + text[end:]
    return text


VALID_STATE = state(f'{{"a":{{"{SIGNATURE}":"{SECRET}","plaintext":"5"}},"b":[1.5,"x"]}}')
VALID_PLAN = json.dumps(
    {"resourcePlans": {URN: {"goal": {"type": "t", "inputDiff": {"adds": {"a": 1}}}, "steps": ["create"]}}}
)
VALID_YAML = "encryptionsalt: v1:AA==:v1:a:b\nconfig:\n  a: &x\n    secure: v1:a:b\n  shop:list: [1, 'two', *x]\n"
VALID_PROJECT = """\
name: shop
runtime:
  name: python
  options: {virtualenv: venv}
config:
  a: {type: array, items: {type: string}}
"""


# The first text of these is slow to make, and on a busy machine slower than the check allows.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=60) | mutated(VALID_STATE).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_of_a_state_do_more_than_be_refused(content):
    for read in (load, lambda content: load(compression.unpack(content))):
        with contextlib.suppress(errors.StateError):
            read(content)


WORDS = ["entry", "number", "index", "resource", "operation", "place", "forgets", "parts"]
WORDS += ["old", "new", "ends", "urn", "type", "closes"]
json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=8,
)
entries = st.sampled_from(["Began", "Put", "Kept", "Amended", "Forgot", "Failed", "Together"])


@given(st.binary(max_size=60), json_data, entries)
def test_no_bytes_of_a_journal_do_more_than_be_refused(tail, data, kind):
    entry = {"number": 1, **(data if isinstance(data, dict) else {}), "entry": kind}
    with contextlib.suppress(errors.StateError):
        replay(journal(entry) + tail)


@given(st.binary(max_size=60) | mutated(VALID_PLAN).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_of_a_plan_do_more_than_be_refused(content):
    with contextlib.suppress(errors.PlanFormatError, errors.DecryptError):
        parse_plan(content, cipher())


@given(st.text(max_size=40) | noise | mutated(VALID_YAML))
def test_no_text_of_a_config_file_does_more_than_be_refused(text):
    for name in ("Pulumi.dev.yaml", "Pulumi.dev.json"):
        with contextlib.suppress(errors.ProjectError):
            read_yaml(text, name)


@given(mutated(VALID_PROJECT))
def test_no_text_of_a_project_file_does_more_than_be_refused(text):
    with contextlib.suppress(errors.ProjectError):
        parse_project(parse_document(Path("Pulumi.yaml"), text))
