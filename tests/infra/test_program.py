"""What the program declares for the dev stack, seen as the engine sees it."""

import ast
import inspect
import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from google.protobuf import json_format
from pulumi.runtime import rpc

from flows.load_flights import load_flights
from infra.orchestration import ENTRYPOINT

pytestmark = pytest.mark.slow

PREFIX = "FLOWFORGE_DEV_"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"


def held_by(program, role):
    """Every (privilege, object) that a role has, through all roles that it inherits."""
    inherited, todo = {role}, [role]
    while todo:
        parent = todo.pop()
        for grant in program.of("GrantAccountRole"):
            child = grant.inputs["roleName"]
            if grant.inputs.get("parentRoleName") == parent and child not in inherited:
                inherited.add(child)
                todo.append(child)
    return {
        (privilege, thing(grant.inputs))
        for grant in program.of("GrantPrivilegesToAccountRole")
        if grant.inputs["accountRoleName"] in inherited
        for privilege in grant.inputs["privileges"]
    }


def thing(inputs):
    """What a grant is about, in a few words."""
    if on := inputs.get("onAccountObject"):
        return f"{on['objectType']} {on['objectName']}"
    if on := inputs.get("onSchema"):
        return f"SCHEMA {on['schemaName']}"
    on = inputs["onSchemaObject"]
    if future := on.get("future"):
        return f"FUTURE {future['objectTypePlural']} IN {future['inSchema']}"
    return f"{on['objectType']} {on['objectName']}"


def plain_texts(value):
    """Every text in a wire value that is not wrapped as a secret."""
    match value:
        case {rpc._special_sig_key: "1b47061264138c4ac30d75fd1eb44270"}:
            return
        case dict():
            for item in value.values():
                yield from plain_texts(item)
        case list():
            for item in value:
                yield from plain_texts(item)
        case str():
            yield value


def test_a_reader_can_select_from_gold_and_do_nothing_else(program):
    assert held_by(program, PREFIX + "READER") == {
        ("USAGE", "DATABASE FLOWFORGE_DEV"),
        ("USAGE", 'SCHEMA "FLOWFORGE_DEV"."GOLD"'),
        ("SELECT", 'FUTURE TABLES IN "FLOWFORGE_DEV"."GOLD"'),
        ("USAGE", "WAREHOUSE FLOWFORGE_DEV_SERVE"),
    }


def test_the_loader_cannot_touch_silver_or_gold_nor_create_anything(program):
    held = held_by(program, PREFIX + "LOADER")

    assert not [grant for grant in held if "SILVER" in grant[1] or "GOLD" in grant[1]]
    assert {privilege for privilege, _ in held} == {"USAGE", "SELECT", "INSERT", "DELETE"}


def test_the_transformer_cannot_change_bronze(program):
    held = {privilege for privilege, object_ in held_by(program, PREFIX + "TRANSFORMER") if '"BRONZE"' in object_}

    assert held == {"USAGE", "SELECT"}


@pytest.mark.parametrize(("role", "warehouse"), [("LOADER", "LOAD"), ("TRANSFORMER", "TRANSFORM"), ("READER", "SERVE")])
def test_each_functional_role_runs_on_its_own_warehouse_only(program, role, warehouse):
    used = {object_ for _, object_ in held_by(program, PREFIX + role) if object_.startswith("WAREHOUSE")}

    assert used == {f"WAREHOUSE {PREFIX}{warehouse}"}


def test_functional_roles_hold_no_privilege_of_their_own_and_roll_up_to_sysadmin(program):
    functional = {PREFIX + name for name in ("LOADER", "TRANSFORMER", "READER")}

    direct = {grant.inputs["accountRoleName"] for grant in program.of("GrantPrivilegesToAccountRole")}
    rolled_up = {
        grant.inputs["roleName"]
        for grant in program.of("GrantAccountRole")
        if grant.inputs.get("parentRoleName") == "SYSADMIN"
    }

    assert not direct & functional
    assert rolled_up == functional


def test_no_role_is_left_out_of_the_hierarchy(program):
    roles = {role.inputs["name"] for role in program.of("AccountRole")}

    granted = {grant.inputs["roleName"] for grant in program.of("GrantAccountRole")}

    assert granted == roles


def test_the_role_that_snowflake_assumes_is_made_from_the_integration_that_names_it(program):
    integration, role = program.one("lake-integration"), program.one("lake-reader")
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"]

    assert program.waits_for(role, integration)
    assert not program.waits_for(integration, role)
    # The partition is the caller's, not a constant.
    assert integration.inputs["storageAwsRoleArn"] == f"arn:aws-cn:iam::123456789012:role/{role.inputs['name']}"
    assert trust == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws-cn:iam::999999999999:user/snowflake"},
            "Condition": {"StringEquals": {"sts:ExternalId": "SB_SFCRole=1"}},
        }
    ]


def test_the_stage_waits_until_its_bucket_may_be_read(program):
    stage = program.one("landing")

    assert program.waits_for(stage, program.one("lake-reader"))
    assert program.waits_for(stage, program.one("lake-reader-reads"))


def test_snowflake_may_read_the_landing_prefix_and_write_nothing(program):
    statements = json.loads(program.one("lake-reader-reads").inputs["policy"])["Statement"]
    actions = {action for statement in statements for action in [statement["Action"]] for action in _list(action)}

    assert actions == {"s3:GetObject", "s3:GetObjectVersion", "s3:GetBucketLocation", "s3:ListBucket"}
    assert statements[0]["Resource"] == "arn:aws-cn:s3:::flowforge-dev-lake/bronze/*"


def test_the_bucket_is_private_and_encrypted(program):
    block = program.one("lake-is-private").inputs
    rule = program.one("lake-is-encrypted").inputs["rules"][0]

    assert all(block[name] for name in block if name != "bucket")
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "AES256"


def test_private_names_lead_to_the_endpoint(program):
    records = program.of("Record")

    assert {record.inputs["records"][0] for record in records} == {"vpce-1.vpce.amazonaws.com"}
    # Snowflake tells one of them with a port, which a DNS name has not.
    assert all(re.fullmatch(r"[a-z0-9_.-]+\.privatelink\.snowflakecomputing\.com", r.inputs["name"]) for r in records)
    assert len(records) == 6


def test_the_endpoint_is_open_for_tls_and_certificate_status_from_the_network_only(program):
    rules = [rule.inputs for rule in program.of("SecurityGroupIngressRule")]

    assert {(rule["fromPort"], rule["toPort"]) for rule in rules} == {(443, 443), (80, 80)}
    assert {rule["cidrIpv4"] for rule in rules} == {"10.20.0.0/16"}
    assert program.of("SecurityGroupEgressRule") == []


def test_the_private_key_leaves_the_program_only_as_a_secret(program):
    leaks = [
        resource.name
        for resource in program.resources
        for text in plain_texts(json_format.MessageToDict(resource.request.object))
        if "PRIVATE KEY" in text
    ]

    assert leaks == []


def test_the_published_outputs_hold_nothing_secret(program):
    wire = json_format.MessageToDict(program.one("outputs").request.object)

    assert SECRET_SIGNATURE not in json.dumps(wire)
    assert "PRIVATE" not in json.dumps(wire).replace("privateLinkEndpoint", "")
    assert program.one("outputs").inputs["value"]["database"] == "FLOWFORGE_DEV"


def test_snowflake_gets_the_public_half_of_the_key_in_secrets_manager(program):
    pem = rpc.unwrap_rpc_secret(program.one("loader-key-value").inputs["secretString"])
    public = rpc.unwrap_rpc_secret(program.one("loader").inputs["rsaPublicKey"])

    key = serialization.load_pem_private_key(pem.encode(), password=None).public_key()
    body = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    assert "".join(body.splitlines()[1:-1]) == public


def test_the_loader_service_may_take_the_roles_of_the_flow_one_at_a_time(program):
    taken = {grant.inputs["roleName"] for grant in program.of("GrantAccountRole") if grant.inputs.get("userName")}

    assert taken == {PREFIX + "LOADER", PREFIX + "TRANSFORMER"}
    assert program.one("loader").inputs["defaultSecondaryRolesOption"] == "NONE"


def test_the_deployment_hands_the_flow_exactly_the_parameters_that_it_takes(program):
    deployment = program.one("load-flights").inputs
    taken = list(inspect.signature(load_flights.fn).parameters)

    assert sorted(deployment["parameters"]) == sorted(taken)
    assert deployment["parameterOpenapiSchema"]["required"] == taken


def test_the_deployment_names_a_flow_that_is_there(program):
    deployment, flow = program.one("load-flights"), program.one("load-flights-flow")
    file, _, function = ENTRYPOINT.partition(":")
    directory = deployment.inputs["pullSteps"][0]["prefect.deployments.steps.set_working_directory"]["directory"]

    source = (Path(directory) / file).read_text()
    functions = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]

    assert function in functions
    assert flow.inputs["name"] == load_flights.name


def test_a_run_cannot_start_before_its_roles_are_granted(program):
    deployment = program.one("load-flights")

    for grant in program.of("GrantAccountRole") + program.of("GrantPrivilegesToAccountRole"):
        assert program.waits_for(deployment, grant), grant.name


def test_a_run_gets_the_sandbox_addresses_from_the_stack_config(program):
    environment = program.one("load-flights").inputs["jobVariables"]["env"]

    assert environment["SNOWFLAKE_HOST"] == "127.0.0.1"
    assert environment["SNOWFLAKE_PORT"] == "18710"
    assert environment["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:18720"


def test_the_stack_outputs_are_what_is_published(program):
    assert program.outputs == program.one("outputs").inputs["value"] | {
        key: None for key in program.outputs if program.outputs[key] is None
    }
    assert program.outputs["roles"]["reader"] == PREFIX + "READER"


def _list(value):
    return value if isinstance(value, list) else [value]
