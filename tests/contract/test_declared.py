"""What follows from a kind's fields: accepted inputs, differences, previews, refreshed inputs."""

import pytest

from reconciler.catalog import spec
from reconciler.contract import declared
from reconciler.contract.protocol import Changes, CheckFailure, CheckRequest, DiffKind, DiffRequest
from reconciler.model.values import UNKNOWN, Secret, freeze_map

TOKEN = "pkg:index/thing:Thing"
SIZES = {"X-Small": "XSMALL", "Large": "LARGE"}
RULE = spec.Block((spec.Field("port", spec.Integer(minimum=1, maximum=65535), required=True), spec.Field("note")))

THING = spec.Kind(
    token=TOKEN,
    autoname=spec.AutoName(max_length=20),
    gaps=("later", "rules.later"),
    fields=(
        spec.Field("name", change=spec.Change.RENAME),
        spec.Field("size", spec.OneOf("XSMALL", "LARGE"), default="XSMALL", spelled=SIZES),
        spec.Field("timeout", spec.Integer(minimum=0, maximum=100, unmanaged=-1), default=10),
        spec.Field("active", spec.TriState(), default="true"),
        spec.Field("zone", change=spec.Change.REPLACE),
        spec.Field("once", spec.FLAG, change=spec.Change.CREATE_ONLY, shown_as=None),
        spec.Field("key", secret=True, shown_as=None),
        spec.Field("tags", spec.MapOf(spec.TEXT), default={}),
        spec.Field("peers", spec.NAMES),
        spec.Field("rules", RULE),
        spec.Field("policy", spec.Json(text=True)),
        spec.Field("chosen", computed=True),
        spec.Field("kept", can_unset=False),
        spec.Field("shrinks", spec.Integer(), replaces_when=lambda wanted, live: (wanted or 0) < (live or 0)),
    ),
    outputs=(spec.Output("address"), spec.Output("details", follows=("size", "tags"))),
)
URN = "urn:pulumi:dev::p::a:b:Thing::thing"


def check(news, olds=None, seed=b"1"):
    return declared.check(THING, CheckRequest(urn=URN, token=TOKEN, name="thing", news=news, olds=olds, seed=seed))


def request(news, recorded, live=None):
    """A comparison; `live` stands over the recorded values, as a refresh leaves it."""
    recorded = freeze_map(recorded)
    outputs = {**recorded, **freeze_map(live or {})}
    return DiffRequest(urn=URN, token=TOKEN, id="1", old_inputs=recorded, outputs=outputs, news=freeze_map(news))


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        pytest.param({"sise": "LARGE"}, "sise", id="unknown-property"),
        pytest.param({"size": "HUGE"}, "size", id="not-one-of-the-words"),
        pytest.param({"timeout": 101}, "timeout", id="too-large"),
        pytest.param({"timeout": True}, "timeout", id="a-flag-is-no-number"),
        pytest.param({"timeout": "soon"}, "timeout", id="not-a-number"),
        pytest.param({"active": "maybe"}, "active", id="not-a-tri-state"),
        pytest.param({"peers": "a"}, "peers", id="not-a-list"),
        pytest.param({"tags": ()}, "tags", id="not-an-object"),
        pytest.param({"rules": {}}, "rules.port", id="missing-in-a-block"),
        pytest.param({"rules": {"port": 0}}, "rules.port", id="too-small-in-a-block"),
        pytest.param({"policy": "{"}, "policy", id="not-json"),
    ],
)
def test_wrong_inputs_are_refused_at_their_path(inputs, path):
    assert [failure.property for failure in check(inputs).failures] == [path]


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({"size": "large"}, id="words-in-any-case"),
        pytest.param({"timeout": "50"}, id="numbers-as-text"),
        pytest.param({"timeout": -1}, id="the-unmanaged-number"),
        pytest.param({"active": "default"}, id="the-unmanaged-word"),
        pytest.param({"size": UNKNOWN, "rules": UNKNOWN, "peers": (UNKNOWN,)}, id="unknowns-are-of-any-type"),
        pytest.param({"timeout": Secret(5)}, id="secrets-are-looked-into"),
    ],
)
def test_right_inputs_are_accepted(inputs):
    assert check(inputs).failures == ()


def test_a_misspelt_property_is_told_the_right_one():
    assert check({"timeot": 1}).failures == (CheckFailure("timeot", "unknown property; did you mean timeout?"),)


@pytest.mark.parametrize(
    ("inputs", "path"), [({"later": 1}, "later"), ({"rules": {"port": 1, "later": 1}}, "rules.later")]
)
def test_a_known_gap_is_called_one(inputs, path):
    assert check(inputs).failures == (CheckFailure(path, "not supported by this version of the provider"),)


def test_secret_fields_become_secret_even_inside_blocks():
    kind = spec.Kind(token=TOKEN, fields=(spec.Field("login", spec.Block((spec.Field("password", secret=True),))),))

    checked = declared.check(
        kind, CheckRequest(urn=URN, token=TOKEN, name="n", news={"login": {"password": "x"}, "other": 1})
    )

    assert checked.inputs["login"] == {"password": Secret("x")}
    assert check({"key": "x"}).inputs["key"] == Secret("x")


def test_a_generated_name_follows_the_seed_and_is_then_kept():
    first = check({}, seed=b"a").inputs["name"]

    assert (first, len(first)) == (check({}, seed=b"a").inputs["name"], len("thing-") + 7)
    assert check({}, seed=b"b").inputs["name"] != first
    assert check({}, olds={"name": first}, seed=b"b").inputs["name"] == first


def test_a_generated_name_keeps_to_the_limit():
    long = CheckRequest(urn=URN, token=TOKEN, name="x" * 50, news={}, seed=b"1")

    assert len(declared.check(THING, long).inputs["name"]) == 20


@pytest.mark.parametrize(
    ("news", "recorded", "live"),
    [
        pytest.param({"size": "LARGE"}, {"size": "LARGE"}, {"size": "Large"}, id="spelled-by-the-service"),
        pytest.param({"size": "large"}, {"size": "LARGE"}, {}, id="case-of-words"),
        pytest.param({"timeout": "10"}, {"timeout": 10}, {}, id="numbers-as-text"),
        pytest.param({"timeout": -1}, {}, {"timeout": 99}, id="unmanaged-number"),
        pytest.param({"active": "default"}, {}, {"active": "false"}, id="unmanaged-word"),
        pytest.param({"zone": ""}, {}, {}, id="empty-is-absent"),
        pytest.param({"peers": ["b", "a"]}, {"peers": ["a", "b"]}, {}, id="order-of-sets"),
        pytest.param({"policy": '{"a": 1}'}, {"policy": '{ "a":1 }'}, {}, id="json-by-meaning"),
        pytest.param({"once": True}, {}, {}, id="acts-only-at-creation"),
        pytest.param({}, {}, {"size": "LARGE"}, id="never-set-is-not-managed"),
        pytest.param({}, {"chosen": "a"}, {}, id="computed-stays-when-dropped"),
        pytest.param({}, {"kept": "a"}, {}, id="cannot-be-unset"),
        pytest.param({}, {"timeout": 10}, {}, id="dropped-at-its-default"),
        pytest.param({"size": "XSMALL"}, {}, {}, id="default-said-aloud"),
        pytest.param({"key": Secret("x")}, {"key": "x"}, {}, id="secrets-are-opened"),
    ],
)
def test_what_means_the_same_is_no_change(news, recorded, live):
    assert declared.diff(THING, request(news, recorded, live)).changes is Changes.NONE


@pytest.mark.parametrize(
    ("news", "recorded", "live", "detailed"),
    [
        pytest.param({"size": "LARGE"}, {}, {}, {"size": DiffKind.ADD}, id="added"),
        pytest.param({"size": "LARGE"}, {"size": "XSMALL"}, {}, {"size": DiffKind.UPDATE}, id="changed"),
        pytest.param({}, {"timeout": 5}, {}, {"timeout": DiffKind.DELETE}, id="dropped"),
        pytest.param({"timeout": -1}, {"timeout": 5}, {}, {"timeout": DiffKind.DELETE}, id="no-longer-managed"),
        pytest.param({"size": "LARGE"}, {"size": "LARGE"}, {"size": "X-Small"}, {"size": DiffKind.UPDATE}, id="drift"),
        pytest.param(
            {"tags": {"a": "1", "c": "3"}},
            {"tags": {"a": "1", "b": "2"}},
            {},
            {"tags.b": DiffKind.DELETE, "tags.c": DiffKind.ADD},
            id="by-path",
        ),
        pytest.param({"zone": "b"}, {"zone": "a"}, {}, {"zone": DiffKind.UPDATE_REPLACE}, id="replaces"),
        pytest.param({"shrinks": 1}, {"shrinks": 2}, {}, {"shrinks": DiffKind.UPDATE_REPLACE}, id="replaces-this-way"),
        pytest.param({"shrinks": 3}, {"shrinks": 2}, {}, {"shrinks": DiffKind.UPDATE}, id="not-that-way"),
        pytest.param({"size": UNKNOWN}, {"size": "LARGE"}, {}, {"size": DiffKind.UPDATE}, id="unknown-may-differ"),
        pytest.param({"peers": [UNKNOWN]}, {"peers": ["a"]}, {}, {"peers[0]": DiffKind.UPDATE}, id="unknown-inside"),
    ],
)
def test_a_change_is_told_by_its_path(news, recorded, live, detailed):
    found = declared.diff(THING, request(news, recorded, live))

    assert found.changes is Changes.SOME
    assert {path: entry.kind for path, entry in found.detailed.items()} == detailed
    assert set(found.replaces) == {path for path, kind in detailed.items() if kind.replaces}


def test_a_field_that_is_never_shown_is_compared_with_what_was_recorded():
    found = declared.diff(THING, request({"key": "new"}, {"key": "old"}))

    assert found.detailed["key"].input_diff
    assert not declared.diff(THING, request({"size": "LARGE"}, {"size": "XSMALL"})).detailed["size"].input_diff


def test_a_replacement_of_the_same_name_deletes_first():
    same = declared.diff(THING, request({"name": "n", "zone": "b"}, {"name": "n", "zone": "a"}))
    other = declared.diff(THING, request({"name": "m", "zone": "b"}, {"name": "n", "zone": "a"}))

    assert (same.delete_before_replace, other.delete_before_replace) == (True, False)


def test_outputs_that_no_changed_field_feeds_are_stable():
    assert declared.diff(THING, request({"size": "LARGE"}, {})).stables == ("address",)
    assert declared.diff(THING, request({"timeout": 5}, {})).stables == ("address", "details")
    assert declared.diff(THING, request({"zone": "b"}, {"zone": "a"})).stables == ()


def test_before_it_exists_inputs_are_known_and_outputs_are_not():
    told = declared.preview_create(THING, {"name": "n"})

    assert told == {"name": "n", "address": UNKNOWN, "details": UNKNOWN, "chosen": UNKNOWN}


def test_before_an_update_only_what_a_change_feeds_is_unknown():
    live = {"address": "1.2.3.4", "details": "d"}

    told = declared.preview_update(THING, request({"size": "LARGE"}, {"size": "XSMALL", "timeout": 5}, live))

    assert (told["size"], told["address"], told["details"], told["timeout"]) == ("LARGE", "1.2.3.4", UNKNOWN, 10)


@pytest.mark.parametrize(
    ("recorded", "live", "expected"),
    [
        pytest.param({"size": "large"}, {"size": "Large"}, {"size": "large"}, id="recorded-spelling-stays"),
        pytest.param({"size": "XSMALL"}, {"size": "Large"}, {"size": "Large"}, id="drift-is-taken-over"),
        pytest.param({"zone": "a"}, {"zone": None}, {}, id="what-is-gone-is-dropped"),
        pytest.param({"timeout": -1}, {"timeout": 10}, {"timeout": -1}, id="unmanaged-stays-unmanaged"),
        pytest.param({"active": "default"}, {"active": "false"}, {"active": "default"}, id="default-stays"),
        pytest.param({"once": True}, {"once": False}, {"once": True}, id="never-shown"),
        pytest.param({"size": "XSMALL"}, {"size": "X-Small", "zone": "b"}, {"size": "XSMALL"}, id="never-set"),
        pytest.param({"zone": Secret("a")}, {"zone": "b"}, {"zone": Secret("b")}, id="secrets-stay-secret"),
    ],
)
def test_refreshed_inputs_say_what_is_live_in_the_programs_words(recorded, live, expected):
    assert declared.refreshed_inputs(THING, recorded, live) == expected


def test_imported_inputs_leave_defaults_out():
    live = {"name": "n", "size": "X-Small", "timeout": 30, "zone": "", "chosen": None}

    assert declared.refreshed_inputs(THING, {}, live) == {"name": "n", "timeout": 30}


def test_changed_fields_are_names_not_paths():
    assert declared.changed_fields(THING, request({"tags": {"a": "1"}}, {"tags": {"a": "2"}})) == {"tags"}


def test_a_generated_name_is_made_anew_so_that_both_objects_can_exist():
    first = declared.check(THING, CheckRequest(urn=URN, token=TOKEN, name="thing", news={"zone": "x"}, seed=b"1"))
    wanted = first.inputs | {"zone": "y"}

    found = declared.diff(THING, request(wanted, first.inputs, {**first.inputs}))

    assert found.replaces == ("zone",)
    assert not found.delete_before_replace
