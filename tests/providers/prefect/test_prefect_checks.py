"""What check refuses, what diff and previews say: all without a server."""

from __future__ import annotations

import asyncio

import pytest

from reconciler import errors
from reconciler.contract import protocol
from reconciler.model.values import UNKNOWN, Secret, freeze_map
from reconciler.providers.prefect.provider import PrefectProvider

POOL, FLOW, DEPLOYMENT, VARIABLE, BLOCK = (
    f"prefect:index/{name[0].lower()}{name[1:]}:{name}"
    for name in ("WorkPool", "Flow", "Deployment", "Variable", "Block")
)
LOAD = {"name": "daily", "flowName": "load"}
SCHEMA = {"type": "object", "properties": {"rows": {"type": "integer"}, "table": {"type": "string"}}}


def check(token, **inputs):
    request = protocol.CheckRequest(urn="urn", token=token, name="it", news=freeze_map(inputs))
    return asyncio.run(PrefectProvider({}).check(request))


@pytest.mark.parametrize(
    ("token", "inputs", "where", "why"),
    [
        pytest.param(POOL, {"name": "a/b", "type": "process"}, "name", "without any of", id="slash-in-a-name"),
        pytest.param(POOL, {"name": "Prefect-x", "type": "process"}, "name", "reserved", id="reserved-name"),
        pytest.param(POOL, {"name": "a"}, "type", "missing required", id="pool-without-type"),
        pytest.param(POOL, {"name": "a", "type": "prefect-agent"}, "type", "no worker", id="agent-pool"),
        pytest.param(
            POOL,
            {"name": "a", "type": "process", "baseJobTemplate": {"variables": {}}},
            "baseJobTemplate",
            "missing `job_configuration`",
            id="half-a-template",
        ),
        pytest.param(
            POOL,
            {
                "name": "a",
                "type": "process",
                "baseJobTemplate": {"job_configuration": {"x": "{{ y }}"}, "variables": {"properties": {}}},
            },
            "baseJobTemplate.job_configuration",
            "`{{ y }}` is not among",
            id="unknown-placeholder",
        ),
        pytest.param(VARIABLE, {"name": "Upper", "value": 1}, "name", "lowercase", id="variable-name"),
        pytest.param(VARIABLE, {"name": "a", "value": "x" * 5000}, "value", "at most 5000", id="long-variable"),
        pytest.param(
            VARIABLE, {"name": "a", "value": {"k": Secret("s")}}, "value", "readable by all", id="secret-variable"
        ),
        pytest.param(
            BLOCK, {"typeSlug": "secret", "name": "a_b", "data": {"value": "v"}}, "name", "lowercase", id="block-name"
        ),
        pytest.param(
            BLOCK, {"typeSlug": "secret", "name": "a", "data": {"value": "********"}}, "data", "mask", id="masked-value"
        ),
        pytest.param(
            BLOCK,
            {"typeSlug": "x", "name": "a", "data": {"credentials": {"$ref": {"id": "1"}}}},
            "data",
            "block_document_id",
            id="wrong-reference",
        ),
        pytest.param(DEPLOYMENT, {"name": "a"}, "flowName", "or give flowId", id="no-flow"),
        pytest.param(
            DEPLOYMENT, LOAD | {"workQueueName": "q"}, "workQueueName", "needs its pool", id="queue-without-pool"
        ),
        pytest.param(
            DEPLOYMENT,
            LOAD | {"pullSteps": [{"set_working_directory": {}}]},
            "pullSteps[0]",
            "dotted",
            id="step-not-dotted",
        ),
        pytest.param(
            DEPLOYMENT,
            LOAD | {"pullSteps": [{"a.b": {}, "c.d": {}}]},
            "pullSteps[0]",
            "one key",
            id="step-with-two-keys",
        ),
        pytest.param(DEPLOYMENT, LOAD | {"schedules": [{}]}, "schedules[0]", "got none", id="empty-schedule"),
        pytest.param(
            DEPLOYMENT,
            LOAD | {"schedules": [{"cron": "@daily", "interval": 5}]},
            "schedules[0]",
            "got cron, interval",
            id="two-kinds-of-schedule",
        ),
        pytest.param(
            DEPLOYMENT, LOAD | {"schedules": [{"cron": "0 5"}]}, "schedules[0].cron", "five or six", id="cron"
        ),
        pytest.param(
            DEPLOYMENT,
            LOAD | {"schedules": [{"slug": "s", "cron": "@daily"}, {"slug": "s", "cron": "@hourly"}]},
            "schedules[1].slug",
            "used twice",
            id="slug-twice",
        ),
        pytest.param(
            DEPLOYMENT,
            LOAD | {"parameters": {"tabel": "T"}, "parameterOpenapiSchema": SCHEMA},
            "parameters.tabel",
            "did you mean table?",
            id="unknown-parameter",
        ),
        pytest.param(
            DEPLOYMENT,
            LOAD | {"parameters": {"rows": "many"}, "parameterOpenapiSchema": SCHEMA},
            "parameters.rows",
            "expected integer",
            id="parameter-of-another-type",
        ),
        pytest.param(DEPLOYMENT, LOAD | {"workPool": "p"}, "workPool", "did you mean", id="misspelled-property"),
    ],
)
def test_inputs_that_the_server_would_swallow_are_refused(token, inputs, where, why):
    failures = [failure for failure in check(token, **inputs).failures if failure.property == where]

    assert failures
    assert why in failures[0].reason


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({"flowName": UNKNOWN, "workPoolName": UNKNOWN, "schedules": UNKNOWN}, id="unknown-fields"),
        pytest.param(
            {"parameters": {"rows": UNKNOWN, "table": "T"}, "parameterOpenapiSchema": SCHEMA}, id="unknown-inside"
        ),
        pytest.param({"parameters": {"x": 1}, "parameterOpenapiSchema": {"type": "object"}}, id="signature-not-known"),
        pytest.param(
            {"parameters": {"x": 1}, "parameterOpenapiSchema": SCHEMA, "enforceParameterSchema": False},
            id="not-enforced",
        ),
        pytest.param(
            {"parameters": {"table": "{{ prefect.variables.t }}"}, "parameterOpenapiSchema": SCHEMA}, id="template"
        ),
    ],
)
def test_what_cannot_be_judged_yet_passes(inputs):
    assert check(DEPLOYMENT, **(LOAD | inputs)).failures == ()


def test_schedules_get_slugs_from_their_places():
    answer = check(DEPLOYMENT, **LOAD, schedules=[{"cron": "@daily"}, {"slug": "mine", "interval": 60}])

    assert [schedule["slug"] for schedule in answer.inputs["schedules"]] == ["schedule-0", "mine"]


def test_the_data_of_a_block_becomes_secret():
    assert check(BLOCK, typeSlug="secret", name="a", data={"value": "v"}).inputs["data"] == Secret({"value": "v"})


@pytest.mark.parametrize(
    ("token", "old", "new", "replaces", "delete_first"),
    [
        pytest.param(POOL, {"name": "a", "type": "x"}, {"name": "a", "type": "y"}, ("type",), True, id="same-name"),
        pytest.param(POOL, {"name": "a", "type": "x"}, {"name": "b", "type": "x"}, ("name",), False, id="other-name"),
        pytest.param(FLOW, {"name": "a"}, {"name": "b"}, ("name",), False, id="flow"),
        pytest.param(DEPLOYMENT, LOAD, LOAD | {"name": "weekly"}, ("name",), False, id="deployment"),
        pytest.param(VARIABLE, {"name": "a", "value": 1}, {"name": "b", "value": 1}, (), False, id="renamed-in-place"),
    ],
)
def test_a_replacement_deletes_first_only_when_the_names_would_collide(token, old, new, replaces, delete_first):
    request = protocol.DiffRequest(urn="urn", token=token, id="id", old_inputs=old, outputs=old, news=new)

    found = asyncio.run(PrefectProvider({}).diff(request))

    assert (found.replaces, found.delete_before_replace) == (replaces, delete_first)


def test_a_preview_needs_no_server_and_shows_what_is_not_known():
    request = protocol.CreateRequest(urn="urn", token=POOL, inputs={"name": "a", "type": "process"}, preview=True)

    created = asyncio.run(PrefectProvider({}).create(request))

    assert created.id == ""
    assert created.outputs == {"name": "a", "type": "process", "poolId": UNKNOWN, "defaultQueueId": UNKNOWN}


def configure(environment=(), **inputs):
    async def run():
        provider = PrefectProvider(dict(environment))
        await provider.configure(protocol.ConfigureRequest(urn="", inputs=inputs))
        await provider.close()

    asyncio.run(run())


def test_a_server_is_named_by_config_or_by_the_environment_of_prefects_client():
    configure(apiUrl="http://127.0.0.1:1/api")
    configure({"PREFECT_API_URL": "http://127.0.0.1:1/api"})
    configure(apiUrl=UNKNOWN)

    with pytest.raises(errors.ConfigureError) as caught:
        configure()
    assert "prefect:apiUrl" in caught.value.hint


def check_config(**news):
    request = protocol.CheckRequest(urn="", token="pulumi:providers:prefect", name="default", news=news)
    return asyncio.run(PrefectProvider({}).check_config(request))


def test_settings_are_checked_and_credentials_become_secret():
    assert check_config(apiKey="k", apiAuthString="a:b").inputs == {
        "apiKey": Secret("k"),
        "apiAuthString": Secret("a:b"),
    }
    assert [failure.property for failure in check_config(apiUlr="x").failures] == ["apiUlr"]
    assert [failure.property for failure in check_config(apiUrl="localhost:4200").failures] == ["apiUrl"]
    assert [failure.property for failure in check_config(customHeaders="[1]").failures] == ["customHeaders"]


@pytest.mark.parametrize(
    ("old", "new", "replaces"),
    [
        pytest.param("http://a:4200/api", "https://b/api", (), id="a-server-may-move"),
        pytest.param(
            "https://api.prefect.cloud/api/accounts/1/workspaces/2",
            "https://api.prefect.cloud/api/accounts/1/workspaces/3",
            ("apiUrl",),
            id="another-workspace-is-another-place",
        ),
    ],
)
def test_only_another_workspace_replaces_everything(old, new, replaces):
    request = protocol.DiffRequest(
        urn="", token="pulumi:providers:prefect", id="", old_inputs={"apiUrl": old}, outputs={}, news={"apiUrl": new}
    )

    found = asyncio.run(PrefectProvider({}).diff_config(request))

    assert found.changes is protocol.Changes.SOME
    assert found.replaces == replaces
