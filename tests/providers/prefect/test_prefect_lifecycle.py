"""Every kind through its life on a real server: make, compare, change, drift, repair, delete."""

from __future__ import annotations

import re

import pytest

from reconciler import errors
from reconciler.model.values import UNKNOWN, Secret, reveal_map

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

POOL = {"name": "pool-a", "type": "process"}
SCHEMA = {
    "title": "Parameters",
    "type": "object",
    "properties": {"n": {"type": "integer"}, "table": {"type": "string"}},
}


@pytest.fixture
def pool(managed):
    return managed("WorkPool", **POOL).create()


@pytest.fixture
def deployment(managed, pool):
    return managed(
        "Deployment",
        name="daily",
        flowName="load",
        entrypoint="flows/load.py:load",
        parameters={"n": 3.0, "table": "FLIGHTS"},
        parameterOpenapiSchema=SCHEMA,
        workPoolName=POOL["name"],
        workPoolId=pool.outputs["poolId"],
        jobVariables={"env": {"STAGE": "BRONZE"}},
        tags=["b", "a"],
        description="loads flights",
        schedules=[{"cron": "0 5 * * *", "timezone": "Europe/Berlin"}, {"slug": "often", "interval": 3600}],
    ).create()


@pytest.mark.parametrize(
    ("token", "inputs", "change", "after"),
    [
        pytest.param(
            "WorkPool",
            POOL | {"description": "first", "concurrencyLimit": 4},
            {"description": None, "concurrencyLimit": None, "isPaused": True},
            {"isPaused": True},
            id="pool",
        ),
        pytest.param("Flow", {"name": "flow-a", "tags": ["x"]}, {"tags": ["y", "x"]}, {"tags": ("y", "x")}, id="flow"),
        pytest.param(
            "Variable",
            {"name": "var_a", "value": {"rows": 5, "nested": [1, 2.5]}, "tags": ["t"]},
            {"value": [1], "tags": None},
            {"value": (1,)},
            id="variable",
        ),
        pytest.param(
            "Block",
            {"typeSlug": "secret", "name": "block-a", "data": {"value": "first"}},
            {"data": {"value": "second"}},
            {"data": {"value": "second"}},
            id="block",
        ),
        pytest.param(
            "WorkQueue",
            {"workPoolName": "default-agent-pool", "name": "queue-a", "concurrencyLimit": 1},
            {"concurrencyLimit": 2, "description": "second"},
            {"concurrencyLimit": 2, "description": "second"},
            id="queue",
        ),
    ],
)
def test_a_resource_lives_and_dies_without_false_differences(managed, token, inputs, change, after):
    if token == "WorkQueue":
        managed("WorkPool", name="default-agent-pool", type="process").create()
    resource = managed(token, **inputs).create()
    assert resource.refresh()
    assert resource.changes() == []

    assert {re.split(r"[.\[]", path)[0] for path in resource.changes(**change)} == set(change)
    resource.update()

    assert resource.refresh()
    assert resource.changes() == []
    assert {name: reveal_map(resource.outputs)[name] for name in after} == after
    resource.delete()
    assert not resource.refresh()


def test_a_deployment_is_made_as_the_program_says(deployment, prefect_api):
    live = prefect_api.get(f"/deployments/{deployment.id}").json()

    assert live["parameters"] == {"n": 3, "table": "FLIGHTS"}
    assert isinstance(live["parameters"]["n"], int)
    assert (live["work_pool_name"], live["work_queue_name"]) == ("pool-a", "default")
    assert live["job_variables"] == {"env": {"STAGE": "BRONZE"}}
    assert live["tags"] == ["a", "b"]
    assert {(schedule["slug"], schedule["active"]) for schedule in live["schedules"]} == {
        ("schedule-0", True),
        ("often", True),
    }
    assert deployment.refresh()
    assert deployment.changes() == []


def test_a_deployment_changed_in_the_ui_shows_as_drift_and_is_repaired(deployment, prefect_api):
    # The UI sends what it changed; without the pool the server does not look at the rest.
    changed = {"parameters": {"n": 9, "table": "FLIGHTS"}, "description": "by hand", "tags": []}
    assert prefect_api.patch(f"/deployments/{deployment.id}", json=changed).status_code == 204

    assert deployment.refresh()
    assert deployment.inputs["description"] == "by hand"
    assert deployment.changes() == ["description", "parameters.n", "tags[0]", "tags[1]"]
    deployment.update()

    live = prefect_api.get(f"/deployments/{deployment.id}").json()
    assert (live["parameters"]["n"], live["description"], live["tags"]) == (3, "loads flights", ["a", "b"])
    assert live["work_pool_name"] == "pool-a"


def test_a_schedule_switched_off_by_hand_stays_off_and_a_foreign_one_is_left_alone(deployment, prefect_api):
    base = f"/deployments/{deployment.id}/schedules"
    cron = next(item for item in prefect_api.get(base).json() if item["slug"] == "schedule-0")
    prefect_api.patch(f"{base}/{cron['id']}", json={"active": False})
    foreign = {"schedule": {"interval": 60}, "slug": "mine", "active": True}
    assert prefect_api.post(base, json=[foreign]).status_code == 201

    assert deployment.refresh()
    assert deployment.changes() == []
    # Another cron, the interval dropped: one PATCH, one DELETE, the foreign one untouched.
    deployment.update(schedules=[{"cron": "0 6 * * *", "timezone": "Europe/Berlin"}])

    live = {item["slug"]: item for item in prefect_api.get(base).json()}
    assert set(live) == {"schedule-0", "mine"}
    assert live["schedule-0"]["id"] == cron["id"]
    assert live["schedule-0"]["schedule"]["cron"] == "0 6 * * *"
    assert live["schedule-0"]["active"] is False
    assert deployment.refresh()
    assert deployment.changes() == []


def test_dropping_all_schedules_removes_those_that_the_program_named(deployment, prefect_api):
    assert deployment.changes(schedules=None) == ["schedules"]
    deployment.update()

    assert prefect_api.get(f"/deployments/{deployment.id}/schedules").json() == []
    assert deployment.refresh()
    assert deployment.changes() == []


def test_a_limit_on_planned_runs_comes_and_goes(deployment, prefect_api):
    schedule = {"cron": "0 5 * * *", "timezone": "Europe/Berlin"}
    for limit in (4, None):
        deployment.update(schedules=[schedule | {"maxScheduledRuns": limit}])
        live = prefect_api.get(f"/deployments/{deployment.id}/schedules").json()
        assert [item["max_scheduled_runs"] for item in live] == [limit]
        assert deployment.refresh()
        assert deployment.changes() == []


def test_a_concurrency_limit_is_read_back_and_removed(deployment, prefect_api):
    deployment.update(concurrencyLimit=2, concurrencyOptions={"collisionStrategy": "CANCEL_NEW"})
    assert deployment.refresh()
    assert deployment.changes() == []
    limit = prefect_api.get(f"/deployments/{deployment.id}").json()["global_concurrency_limit"]
    assert limit["limit"] == 2

    deployment.update(concurrencyLimit=None, concurrencyOptions=None)

    live = prefect_api.get(f"/deployments/{deployment.id}").json()
    assert (live["global_concurrency_limit"], live["concurrency_options"]) == (None, None)
    assert deployment.refresh()
    assert deployment.changes() == []


def test_a_shared_limit_survives_the_deployments_that_use_it(deployment, prefect_api):
    shared = prefect_api.post("/v2/concurrency_limits/", json={"name": "shared", "limit": 3}).json()
    prefect_api.patch(f"/deployments/{deployment.id}", json={"global_concurrency_limit_id": shared["id"]})

    deployment.delete()

    assert prefect_api.get("/v2/concurrency_limits/shared").status_code == 200
    prefect_api.delete("/v2/concurrency_limits/shared")


def test_a_replaced_pool_gets_its_deployments_back_in_the_same_run(deployment, pool, prefect_api):
    found = pool.diff(type="docker")
    assert (found.replaces, found.delete_before_replace) == (("type",), True)
    # Unknown until the new pool exists: the deployment must still show a change.
    assert deployment.changes(workPoolId=UNKNOWN) == ["workPoolId"]
    pool.delete()
    pool.create()
    assert prefect_api.get(f"/deployments/{deployment.id}").json()["work_pool_name"] is None

    deployment.update(workPoolId=pool.outputs["poolId"])

    live = prefect_api.get(f"/deployments/{deployment.id}").json()
    assert (live["work_pool_name"], live["work_queue_name"]) == ("pool-a", "default")


def test_a_queue_changes_without_losing_the_pool(deployment, managed, prefect_api):
    managed("WorkQueue", workPoolName="pool-a", name="fast").create()
    deployment.update(workQueueName="fast")
    deployment.update(description="again")

    live = prefect_api.get(f"/deployments/{deployment.id}").json()
    assert (live["work_pool_name"], live["work_queue_name"]) == ("pool-a", "fast")


def test_a_queue_that_does_not_exist_is_refused_rather_than_made(deployment, prefect_api):
    with pytest.raises(errors.InvalidInputsError) as caught:
        deployment.update(workQueueName="fsat")

    assert caught.value.failures == (("workQueueName", "the pool has no queue 'fsat'"),)
    assert prefect_api.get("/work_pools/pool-a/queues/fsat").status_code == 404


def test_a_pool_that_does_not_exist_is_named(managed):
    lost = managed("Deployment", name="lost", flowName="load", workPoolName="nowhere")

    with pytest.raises(errors.InvalidInputsError) as caught:
        lost.create()

    assert caught.value.failures == (("workPoolName", "no work pool 'nowhere' on this server"),)


@pytest.mark.parametrize(
    ("token", "inputs", "import_id"),
    [
        pytest.param("WorkPool", POOL, "pool-a", id="pool"),
        pytest.param("Variable", {"name": "taken", "value": 1}, "taken", id="variable"),
        pytest.param(
            "Block", {"typeSlug": "secret", "name": "taken", "data": {"value": "x"}}, "secret/taken", id="block"
        ),
        pytest.param("Deployment", {"name": "taken", "flowName": "load"}, "load/taken", id="deployment"),
    ],
)
def test_what_exists_is_neither_overwritten_nor_taken_over_unasked(managed, token, inputs, import_id):
    first = managed(token, **inputs).create(operation_id="op-first")

    with pytest.raises(errors.PermanentError) as caught:
        managed(token, **inputs).create(operation_id="op-second")
    assert caught.value.code == "exists"
    assert f"`pulumi import {first.token} it {first.id}`" in caught.value.hint

    second = managed(token, **inputs, adopt=True).create(operation_id="op-third")
    assert second.id == first.id
    assert second.changes() == []
    assert second.imported(import_id).id == first.id


def test_adopting_brings_the_object_to_what_the_program_wants(managed, prefect_api):
    managed("Variable", name="taken", value=1).create()

    managed("Variable", name="taken", value={"a": 2}, adopt=True).create()

    assert prefect_api.get("/variables/name/taken").json()["value"] == {"a": 2}


def test_an_interrupted_create_is_found_by_its_mark_or_by_being_as_wanted(managed):
    marked = managed("Deployment", name="marked", flowName="load").create(operation_id="op-7")
    plain = managed("Variable", name="plain", value=1).create()

    assert marked.find("op-7").id == marked.id
    assert marked.find("op-8") is None
    assert plain.find("op-9").id == "plain"
    assert managed("Variable", name="plain", value=2).find("op-9") is None
    assert managed("Variable", name="missing", value=2).find("op-9") is None


def test_an_interrupted_create_of_a_flow_is_found_only_by_its_mark(managed, prefect_api):
    flow = managed("Flow", name="marked").create(operation_id="op-7")
    prefect_api.post("/flows/", json={"name": "of-others"})

    assert flow.find("op-7").outputs["adopted"] is False
    assert flow.find("op-8") is None
    assert managed("Flow", name="of-others").find("op-7") is None


def test_an_update_never_touches_another_object_that_has_the_new_name(managed, prefect_api):
    variable = managed("Variable", name="mine", value=1).create()
    prefect_api.delete("/variables/name/mine")
    theirs = managed("Variable", name="theirs", value=2).create()

    with pytest.raises(errors.NotFoundError):
        variable.update(name="theirs", value=3)

    assert theirs.refresh()
    assert theirs.outputs["value"] == 2
    variable.id = ""


def test_a_variable_is_renamed_in_place_and_a_repeated_rename_is_harmless(managed, prefect_api):
    variable = managed("Variable", name="before", value=1).create()
    id_before = variable.outputs["variableId"]
    outputs_before = variable.outputs

    variable.update(name="after")
    assert (variable.id, variable.outputs["variableId"]) == ("after", id_before)

    # The run died before it could record the rename.
    variable.id, variable.outputs = "before", outputs_before
    variable.update(name="after")
    assert variable.id == "after"
    assert prefect_api.get("/variables/name/before").status_code == 404


def test_a_block_refers_to_another_without_taking_over_its_secrets(managed, prefect_api):
    credentials = managed(
        "Block",
        typeSlug="snowflake-credentials",
        name="loader",
        data={"account": "FLOWFORGE-SANDBOX", "user": "LOADER", "password": "hunter2", "role": "LOADER"},
    ).create()
    connector = managed(
        "Block",
        typeSlug="snowflake-connector",
        name="bronze",
        data={
            "credentials": {"$ref": {"block_document_id": credentials.outputs["blockDocumentId"]}},
            "database": "RAW",
            "warehouse": "LOAD",
            "schema": "BRONZE",
        },
    ).create()

    assert connector.refresh()
    assert connector.changes() == []
    assert isinstance(connector.outputs["data"], Secret)
    assert "hunter2" not in str(reveal_map(connector.outputs))
    shown = prefect_api.get(f"/block_documents/{connector.outputs['blockDocumentId']}").json()
    assert shown["data"]["credentials"]["user"] == "LOADER"


def test_a_key_removed_from_a_block_is_removed_and_a_changed_secret_is_drift(managed, prefect_api):
    block = managed(
        "Block", typeSlug="snowflake-credentials", name="keys", data={"account": "a", "user": "u", "role": "r"}
    )
    block.create()
    block.update(data={"account": "a", "user": "u"})
    id = block.outputs["blockDocumentId"]
    assert prefect_api.get(f"/block_documents/{id}?include_secrets=true").json()["data"] == {
        "account": "a",
        "user": "u",
    }

    prefect_api.patch(f"/block_documents/{id}", json={"data": {"user": "other"}})

    assert block.refresh()
    assert block.changes() == ["data"]


@pytest.mark.parametrize(
    ("inputs", "failure"),
    [
        pytest.param(
            {"typeSlug": "snowflake-credential", "data": {"a": 1}},
            (
                "typeSlug",
                (
                    "no block type 'snowflake-credential' is registered on this server;"
                    " did you mean snowflake-credentials?"
                ),
            ),
            id="unknown-type",
        ),
        pytest.param(
            {"typeSlug": "snowflake-credentials", "data": {"user": "u"}},
            ("data.account", "missing required property of this block type"),
            id="missing-field",
        ),
    ],
)
def test_a_block_that_its_type_does_not_know_is_refused(managed, inputs, failure):
    with pytest.raises(errors.InvalidInputsError) as caught:
        managed("Block", name="bad", **inputs).create()

    assert caught.value.failures == (failure,)


def test_a_flow_that_was_there_before_is_taken_over_and_kept(managed, prefect_api):
    prefect_api.post("/flows/", json={"name": "old"})
    flow = managed("Flow", name="old", tags=["t"]).create()
    assert flow.outputs["adopted"] is True
    assert prefect_api.get("/flows/name/old").json()["tags"] == ["t"]

    flow.delete()

    assert prefect_api.get("/flows/name/old").status_code == 200


def test_a_flow_of_ours_goes_unless_a_deployment_still_uses_it(managed, prefect_api):
    flow = managed("Flow", name="new").create(operation_id="op-new")
    assert managed("Flow", name="new").create(operation_id="op-new").outputs["adopted"] is False
    user = managed("Deployment", name="user", flowId=flow.id).create()

    flow.delete()
    assert flow.refresh()
    user.delete()
    flow.delete()

    assert not flow.refresh()


def test_a_worker_that_fills_the_pools_template_causes_no_difference(pool, prefect_api):
    template = {"job_configuration": {"command": "{{ command }}"}, "variables": {"properties": {"command": {}}}}
    prefect_api.patch("/work_pools/pool-a", json={"base_job_template": template})

    assert pool.refresh()
    assert "baseJobTemplate" not in pool.outputs
    assert pool.changes() == []


def test_the_queue_that_every_pool_is_born_with_is_reset_rather_than_deleted(pool, managed, prefect_api):
    queue = managed("WorkQueue", workPoolName="pool-a", name="default", concurrencyLimit=1, adopt=True).create()

    queue.delete()

    live = prefect_api.get("/work_pools/pool-a/queues/default").json()
    assert live["concurrency_limit"] is None


def test_an_import_shows_what_differs_from_the_defaults(deployment):
    found = deployment.imported("load/daily")

    assert found.id == deployment.id
    assert found.inputs["flowName"] == "load"
    assert "flowId" not in found.inputs
    assert "paused" not in found.inputs
    assert [schedule["slug"] for schedule in found.inputs["schedules"]] == ["often", "schedule-0"]


def test_deleting_what_is_gone_is_fine_and_updating_it_says_so(managed, prefect_api):
    variable = managed("Variable", name="gone", value=1).create()
    prefect_api.delete("/variables/name/gone")

    assert not variable.refresh()
    with pytest.raises(errors.NotFoundError):
        variable.update(value=2)
    variable.delete()


def test_parameters_that_the_server_refuses_are_its_own_words(deployment):
    # A constraint that check does not know; the server knows it on PATCH.
    schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 2}, "table": {"type": "string"}}}

    with pytest.raises(errors.PermanentError) as caught:
        deployment.update(parameterOpenapiSchema=schema, parameters={"n": 3, "table": "t"})

    assert caught.value.code == "409"
    assert "maximum" in caught.value.detail


def test_a_preview_can_say_what_hangs_on_an_object(pool, deployment, prefect_api):
    assert pool.foresee() == ("1 deployment loses its work pool (daily)",)
    assert deployment.foresee() == ()

    prefect_api.post(f"/deployments/{deployment.outputs['deploymentId']}/create_flow_run", json={}).raise_for_status()

    assert deployment.foresee() == ("1 run that waits is lost",)
