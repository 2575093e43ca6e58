"""What a person sees of the environment: nothing twice, drift repaired, roles that hold, a clean end."""

from __future__ import annotations

import re

import pytest
import snowflake.connector
from cryptography.hazmat.primitives import serialization

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

INSUFFICIENT = 3001
INVISIBLE = 2003


def test_ten_kills_leave_nothing_twice_and_nothing_forgotten(environment, survivor):
    found = environment.objects(survivor)

    recorded = environment.resources(survivor)
    by_type = {}
    for resource in recorded:
        by_type.setdefault(resource["type"], []).append(resource.get("id", ""))
    for kind, token in (
        ("vpcs", "aws:ec2/vpc:Vpc"),
        ("subnets", "aws:ec2/subnet:Subnet"),
        ("security groups", "aws:ec2/securityGroup:SecurityGroup"),
        ("vpc endpoints", "aws:ec2/vpcEndpoint:VpcEndpoint"),
    ):
        assert sorted(found[kind]) == sorted(by_type[token]), kind
    assert len(found["zones"]) == len(by_type["aws:route53/zone:Zone"])
    assert len(found["ROLES"]) == len(by_type["snowflake:index/accountRole:AccountRole"])
    assert len(found["deployments"]) == 1
    assert len({resource["urn"] for resource in recorded}) == len(recorded)


def test_a_second_up_is_all_same(environment, survivor):
    ran = environment.pulumi("preview", "--json", "--stack", survivor)

    assert set(environment.changes(ran)) == {"same"}


def test_a_changed_setting_is_one_update_and_reaches_snowflake(environment, survivor):
    name = f"FLOWFORGE_{survivor.upper()}_LOAD"
    environment.pulumi("config", "set", "--path", "warehouses.load.size", "SMALL", "--stack", survivor)

    previewed = environment.pulumi("preview", "--json", "--stack", survivor)
    applied = environment.pulumi("up", "--yes", "--stack", survivor)
    size = environment.show(f"SHOW WAREHOUSES LIKE '{name}'")[0]["size"]
    environment.pulumi("config", "set", "--path", "warehouses.load.size", "XSMALL", "--stack", survivor)
    environment.pulumi("up", "--yes", "--skip-preview", "--stack", survivor)

    changes = environment.changes(previewed)
    assert changes.pop("same") > 50
    assert changes == {"update": 1}
    assert applied.code == 0, applied.text
    assert "~ 1 updated" in applied.out
    assert size == "Small"


def test_a_warehouse_altered_by_hand_is_reported_and_repaired(environment, survivor):
    name = f"FLOWFORGE_{survivor.upper()}_SERVE"
    environment.show(f'ALTER WAREHOUSE "{name}" SET WAREHOUSE_SIZE = LARGE')

    refreshed = environment.pulumi("refresh", "--yes", "--skip-preview", "--stack", survivor)
    repaired = environment.pulumi("up", "--yes", "--skip-preview", "--stack", survivor)

    assert re.search(r"serve-warehouse .*warehouseSize", refreshed.out), refreshed.text
    assert "~ 1 updated" in refreshed.out
    assert "~ 1 updated" in repaired.out
    assert environment.show(f"SHOW WAREHOUSES LIKE '{name}'")[0]["size"] == "X-Small"


def test_a_deployment_changed_in_prefect_is_reported_and_repaired(environment, survivor):
    with environment.prefect() as api:
        deployment = api.get(f"/deployments/name/load-flights/{survivor}").raise_for_status().json()
        changed = {"description": "changed by hand", "tags": ["by-hand"]}
        api.patch(f"/deployments/{deployment['id']}", json=changed).raise_for_status()

        refreshed = environment.pulumi("refresh", "--yes", "--skip-preview", "--stack", survivor)
        repaired = environment.pulumi("up", "--yes", "--skip-preview", "--stack", survivor)

        after = api.get(f"/deployments/{deployment['id']}").json()
    assert re.search(r"load-flights .*description", refreshed.out), refreshed.text
    assert "~ 1 updated" in repaired.out
    assert after["description"] == deployment["description"]


def test_a_reader_sees_gold_and_nothing_else(environment, survivor):
    outputs = environment.outputs(survivor)
    database, roles = outputs["database"], outputs["roles"]
    admin = environment.snowflake()
    with admin, admin.cursor() as cursor:
        cursor.execute(f'GRANT ROLE "{roles["reader"]}" TO USER DEPLOYER')
        cursor.execute(f'GRANT ROLE "{roles["transformer"]}" TO USER DEPLOYER')
        cursor.execute("USE SECONDARY ROLES NONE")
        cursor.execute(f'USE ROLE "{roles["transformer"]}"')
        cursor.execute(f'USE WAREHOUSE "{outputs["warehouses"]["transform"]}"')
        for layer in ("silver", "gold"):
            schema = outputs["layers"][layer]
            cursor.execute(f'CREATE OR REPLACE TABLE "{database}"."{schema}"."PROBE" AS SELECT 1 AS N')
    reader = environment.snowflake(
        user="DEPLOYER", password="sandbox", role=roles["reader"], warehouse=outputs["warehouses"]["serve"]
    )
    refused = {}
    with reader, reader.cursor() as cursor:
        cursor.execute("USE SECONDARY ROLES NONE")
        seen = cursor.execute(f'SELECT N FROM "{database}"."{outputs["layers"]["gold"]}"."PROBE"').fetchall()
        gold = f'"{database}"."{outputs["layers"]["gold"]}"'
        for statement in (
            f'SELECT * FROM "{database}"."{outputs["layers"]["silver"]}"."PROBE"',
            f'SELECT * FROM "{database}"."{outputs["layers"]["bronze"]}"."FLIGHTS"',
            f"INSERT INTO {gold}.PROBE VALUES (2)",
            f"CREATE TABLE {gold}.MINE (N INT)",
            f"DROP TABLE {gold}.PROBE",
            f'USE WAREHOUSE "{outputs["warehouses"]["load"]}"',
            "CREATE DATABASE MINE",
        ):
            with pytest.raises(snowflake.connector.errors.ProgrammingError) as caught:
                cursor.execute(statement)
            refused[statement] = caught.value.errno

    assert seen == [(1,)]
    assert set(refused.values()) <= {INSUFFICIENT, INVISIBLE, 2043}, refused
    assert refused[f"INSERT INTO {gold}.PROBE VALUES (2)"] == INSUFFICIENT
    assert refused["CREATE DATABASE MINE"] == INSUFFICIENT


def test_the_loader_signs_in_with_the_key_that_secrets_manager_keeps(environment, survivor):
    outputs = environment.outputs(survivor)
    pem = environment.aws("secretsmanager").get_secret_value(SecretId=outputs["loaderKeySecret"])["SecretString"]
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    connection = environment.snowflake(user=outputs["loaderUser"], private_key=der)
    with connection, connection.cursor() as cursor:
        role = cursor.execute("SELECT CURRENT_ROLE()").fetchone()[0]

    assert role == outputs["roles"]["loader"]


def test_no_secret_stands_in_any_file_or_in_what_is_shown(environment, survivor):
    key = (environment.folder / ".state/keys/loader.p8").read_text().splitlines()[5]

    shown = environment.pulumi("preview", "--diff", "--json", "--stack", survivor).text
    exported = environment.pulumi("stack", "export", "--stack", survivor).text
    files = [path for path in (environment.folder / ".state/.pulumi").rglob("*") if path.is_file()]

    assert files
    assert key not in shown + exported
    assert not [path for path in files if key.encode() in path.read_bytes()]


def test_destroy_leaves_nothing_and_the_stack_can_be_removed(environment):
    environment.add_stack("passing")
    before = environment.objects("passing")
    up = environment.pulumi("up", "--yes", "--skip-preview", "--stack", "passing")

    made = environment.objects("passing")
    destroyed = environment.pulumi("destroy", "--yes", "--skip-preview", "--stack", "passing")
    removed = environment.pulumi("stack", "rm", "--yes", "passing")

    assert up.code == 0, up.text
    assert made != before
    assert destroyed.code == 0, destroyed.text
    assert environment.objects("passing") == before
    assert removed.code == 0, removed.text


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        pytest.param({"PULUMI_CONFIG_PASSPHRASE": "wrong"}, "incorrect passphrase", id="wrong-passphrase"),
        pytest.param({"PULUMI_BACKEND_URL": "file:///nowhere/at/all"}, "no stack named", id="another-backend"),
    ],
)
def test_a_run_that_cannot_begin_says_why_and_touches_nothing(environment, survivor, extra, words):
    state = environment.folder / ".state/.pulumi/stacks/flowforge" / f"{survivor}.json"
    before = state.read_bytes()

    ran = environment.pulumi("up", "--yes", "--stack", survivor, **extra)

    assert ran.code != 0
    assert words in ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith("error")]) == 1
    assert state.read_bytes() == before
