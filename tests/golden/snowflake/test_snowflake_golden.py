"""Each case of this folder: what a kind's statements are, and what is made of what Snowflake says.

A case file holds `source` (the vendor's page it was typed from) and
create  inputs -> expected statements;
change  prior inputs, inputs, maybe live values -> expected statements, or `replaces`;
delete  id, inputs -> expected statements;
read    id, inputs, results (one list of rows per query) -> expected queries and live values.
"""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from reconciler.catalog import index, sql
from reconciler.contract import declared, protocol
from reconciler.model.values import freeze_map
from reconciler.providers.snowflake import readings, statements

HERE = Path(__file__).parent
KINDS = {token.rpartition(":")[2]: kind for token, kind in index.kinds("snowflake").items()}
CASES = sorted(HERE.glob("*/*.yaml"))


def load(path):
    case = YAML(typ="safe").load(path.read_text())
    kind = next(kind for name, kind in KINDS.items() if name.lower() == path.parent.name.replace("_", ""))
    return kind, {**case, "inputs": freeze_map(case.get("inputs") or {})}


def of_op(prefix):
    found = [path for path in CASES if path.stem.startswith(prefix)]
    return pytest.mark.parametrize("path", found, ids=lambda path: f"{path.parent.name}-{path.stem}")


@of_op("create")
def test_create_is_written_as_documented(path):
    kind, case = load(path)

    plan = statements.create(kind, case["inputs"])

    assert [statement.text for statement in plan] == case["expected"]
    if "id" in case:
        assert statements.identify(kind, case["inputs"]) == case["id"]


@of_op("change")
def test_a_change_is_written_as_documented(path):
    kind, case = load(path)
    prior = freeze_map(case["prior"])
    id = case.get("id") or statements.identify(kind, prior)
    outputs = {**prior, **freeze_map(case.get("live") or {})}
    request = protocol.DiffRequest(
        urn="u", token=kind.token, id=id, old_inputs=prior, outputs=outputs, news=case["inputs"]
    )

    diff = declared.diff(kind, request)
    changed = declared.changed_fields(kind, request)

    assert list(diff.replaces) == case.get("replaces", [])
    if not diff.replaces:
        plan = statements.update(kind, id, outputs, case["inputs"], changed)
        assert [statement.text for statement in plan] == case["expected"]
        assert statements.identify_again(kind, id, case["inputs"]) == case.get("id_after", id)


@of_op("delete")
def test_delete_is_written_as_documented(path):
    kind, case = load(path)

    plan = statements.delete(kind, case["id"], case["inputs"])

    assert [statement.text for statement in plan] == case["expected"]


@of_op("read")
def test_what_snowflake_says_is_read_as_documented(path):
    kind, case = load(path)
    names = statements.parse_id(kind, case["id"])
    queries = statements.reads(kind, case["inputs"], names)
    results = [tuple(rows) if rows is not None else None for rows in case["results"]]

    live, outputs = read(kind, names, case["inputs"], queries, results)

    assert list(queries) == case["queries"]
    assert thawed(live) == case["live"]
    for name, value in (case.get("outputs") or {}).items():
        assert thawed(outputs[name]) == value


def read(kind, names, inputs, queries, results):
    if kind.oddity is not None:
        live = kind.oddity.observe({**names, **inputs}, dict(zip(queries, results, strict=True)))
        return live, live
    by_query = dict(zip(queries, results, strict=True))
    row = readings.find_row(statements.name_parts(kind, names), results[0])
    observation = sql.Observation(
        row=row,
        described=next((rows for query, rows in by_query.items() if query.startswith("DESCRIBE")), ()),
        parameters=next((rows for query, rows in by_query.items() if query.startswith("SHOW PARAMETERS")), ()),
    )
    live = readings.live_inputs(kind, names, observation)
    return live, readings.outputs(kind, inputs, live, observation)


def thawed(value):
    """The value as YAML has it."""
    if isinstance(value, (tuple, list)):
        return [thawed(item) for item in value]
    return {name: thawed(item) for name, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_has_cases_for_create_and_delete(name):
    stems = {path.stem.partition("-")[0] for path in CASES if path.parent.name.replace("_", "") == name.lower()}

    wanted = {"create", "delete", "read"} if name != "Execute" else {"create", "delete"}  # an Execute is not read back
    assert wanted <= stems


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_case_names_its_source(path):
    assert YAML(typ="safe").load(path.read_text())["source"]
