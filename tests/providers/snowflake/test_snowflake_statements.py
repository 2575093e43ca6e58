"""Promises of the renderer and the readings that hold for any inputs."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.catalog import index, spec, sql, sqltext
from reconciler.contract import declared, protocol
from reconciler.model.values import UNKNOWN, freeze_map
from reconciler.providers.snowflake import readings, statements
from reconciler.sandbox.snowflake.parsing.parser import parse

KINDS = {token.rpartition(":")[2]: kind for token, kind in index.kinds("snowflake").items()}
PLAIN = sorted(name for name, kind in KINDS.items() if kind.oddity is None and not name.startswith(("Stage", "Table")))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
NAMES = TEXTS.filter(lambda name: not name.startswith('"'))


def of_type(type):
    match type:
        case spec.Flag():
            return st.booleans()
        case spec.TriState():
            return st.sampled_from(["true", "false", "default"])
        case spec.Integer():
            return st.integers(type.minimum or 1, type.maximum or 9999)
        case spec.OneOf():
            return st.sampled_from(type.words)
        case spec.Ref():
            return st.from_regex(r"[A-Za-z_][A-Za-z_0-9 ]{0,8}", fullmatch=True)
        case spec.ListOf() | spec.SetOf():
            items = st.just("A.B.C") if isinstance(type.item, spec.Ref) else of_type(type.item)
            return st.lists(items, min_size=1, max_size=3).map(tuple)
        case _:
            return TEXTS


@st.composite
def inputs_of(draw, kind):
    """Inputs that check accepts: names and a handful of fields."""
    given_names = {field.name for field in kind.fields if field.required}
    optional = [field.name for field in kind.fields if field.name != "name" and field.name not in given_names]
    chosen = {*given_names, *draw(st.lists(st.sampled_from(optional), unique=True, max_size=6))}
    fields = [field for field in kind.fields if field.name in chosen]
    return {"name": draw(NAMES), **{field.name: draw(of_type(field.type)) for field in fields}}


@pytest.mark.slow
@pytest.mark.parametrize("name", PLAIN)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_statement_is_one_that_the_sandbox_can_parse(name, data):
    kind = KINDS[name]
    before, after = data.draw(inputs_of(kind)), data.draw(inputs_of(kind))
    before, after = freeze_map(before), freeze_map({**after, **required_parts(kind, before)})
    id = statements.identify(kind, before)
    request = protocol.DiffRequest(urn="u", token=kind.token, id=id, old_inputs=before, outputs=before, news=after)

    changed = declared.changed_fields(kind, request) - set(declared.diff(kind, request).replaces)

    plan = [
        *statements.create(kind, before),
        *statements.update(kind, id, before, after, changed),
        *statements.delete(kind, id, before),
    ]

    for statement in plan:
        parse(statement.text)
    for query in statements.reads(kind, {}, statements.parse_id(kind, id)):
        parse(query)


def required_parts(kind, inputs):
    return {name: inputs[name] for name in ("database", "schema") if kind.find_field(name) is not None}


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_a_qualified_name_reads_back_as_it_was(names):
    assert sqltext.parts(sqltext.qualified(*names)) == tuple(names)


@given(NAMES)
def test_an_id_reads_back_as_the_name_that_it_was_made_of(name):
    for kind in (KINDS["Warehouse"], KINDS["Schema"], KINDS["Table"]):
        inputs = {"database": "D", "schema": "S", "name": name}
        parts = statements.name_parts(kind, inputs)
        if kind.scope is not sql.Scope.ACCOUNT and "|" in name:
            continue  # the older dialect's separator

        assert statements.name_parts(kind, statements.parse_id(kind, statements.identify(kind, inputs))) == parts


def test_a_preview_is_unknown_in_no_more_than_what_changes():
    kind = KINDS["StorageIntegrationAws"]
    old = freeze_map(
        {
            "name": "LAKE",
            "storageAllowedLocations": ["s3://a/"],
            "describeOutputs": [{"externalId": "x", "allowedLocations": ["s3://a/"]}],
        }
    )
    news = freeze_map({"name": "LAKE", "storageAllowedLocations": ["s3://b/"]})
    request = protocol.DiffRequest(urn="u", token=kind.token, id="LAKE", old_inputs=old, outputs=old, news=news)

    told = readings.preview(kind, old, declared.changed_fields(kind, request), declared.preview_update(kind, request))

    assert told["describeOutputs"] == ({"externalId": "x", "allowedLocations": UNKNOWN},)
    assert told["fullyQualifiedName"] == '"LAKE"'


def test_a_full_name_is_unknown_while_a_part_of_it_is():
    kind = KINDS["Schema"]
    inputs = {"database": UNKNOWN, "name": "S"}

    told = readings.preview(kind, {}, frozenset(), declared.preview_create(kind, inputs))

    assert told["fullyQualifiedName"] is UNKNOWN


@pytest.mark.parametrize(
    ("type", "text", "expected"),
    [
        pytest.param(spec.FLAG, "Y", True, id="Y-is-true"),
        pytest.param(spec.FLAG, "false", False, id="false"),
        pytest.param(spec.TriState(), "ON", "true", id="on"),
        pytest.param(spec.Integer(), None, None, id="no-number"),
        pytest.param(spec.Integer(), "600", 600, id="number"),
        pytest.param(spec.Ref("RESOURCE MONITOR"), "null", "", id="null-text-is-no-name"),
        pytest.param(spec.TEXT, "null", "null", id="a-comment-may-say-null"),
        pytest.param(spec.NAMES, "a, b", ("a", "b"), id="list"),
    ],
)
def test_shown_texts_become_values(type, text, expected):
    assert readings.parse(type, text, {}) == expected
