"""Every kind against the sandbox: create, read, change each field, import, delete twice."""

import pytest

from reconciler.contract.protocol import Changes
from reconciler.model.values import freeze_map, reveal_map

KEY_1 = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0/Iz"
    "W7yWR7QkrmBL7jTKEn5u+qKhbwKfBstIs+bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW/VDL5AaWTg0nLV"
    "kjRo9z+40RQzuVaE8AkAFmxZzow3x+VJYKdjykkJ0iT9wCS0DRTXu269V264Vf/3jvredZiKRkgwlL9xNAwxXFg0x/XFw005UWVRIkdgcKWT"
    "jpBP2dPwVZ4WWC+9aGVd+Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmwIDAQAB"
)
PEM_1 = (
    "-----BEGIN PUBLIC KEY-----\n"
    + "\n".join(KEY_1[i : i + 64] for i in range(0, len(KEY_1), 64))
    + ("\n-----END PUBLIC KEY-----\n")
)
ROLE_ARN = "arn:aws:iam::123456789012:role/lake"


def database(_account):
    base = {"name": "{name}", "comment": "it's 100 % raw"}
    return base, [
        {"comment": "landing"},
        {"comment": None},
        {"dataRetentionTimeInDays": 3},
        {"dataRetentionTimeInDays": 5, "maxDataExtensionTimeInDays": 7, "logLevel": "INFO"},
        {"quotedIdentifiersIgnoreCase": True, "storageSerializationPolicy": "COMPATIBLE"},
        {"name": "{name}_NEW"},
    ]


def schema(account):
    base = {"database": account.database(), "name": "{name}", "withManagedAccess": "true", "comment": "raw"}
    return base, [
        {"withManagedAccess": "default"},
        {"comment": "more"},
        {"dataRetentionTimeInDays": 3, "traceLevel": "ALWAYS"},
        {"pipeExecutionPaused": True},
        {"name": "{name} new"},
    ]


def warehouse(_account):
    base = {"name": "{name}", "warehouseSize": "x-small", "autoSuspend": 60, "initiallySuspended": True}
    return base, [
        {"warehouseSize": "MEDIUM"},
        {"autoSuspend": 120, "autoResume": "false"},
        {"autoSuspend": -1, "autoResume": "default"},
        {"comment": "load"},
        {"minClusterCount": 1, "maxClusterCount": 2, "scalingPolicy": "ECONOMY"},
        {"scalingPolicy": None},
        {"enableQueryAcceleration": "true", "queryAccelerationMaxScaleFactor": 4},
        {"enableQueryAcceleration": None, "queryAccelerationMaxScaleFactor": -1},
        {"statementTimeoutInSeconds": 3600, "maxConcurrencyLevel": 4},
        {"statementTimeoutInSeconds": None},
        {"warehouseType": "SNOWPARK-OPTIMIZED"},
        {"name": "{name}_NEW"},
    ]


def account_role(_account):
    return {"name": "{name}"}, [{"comment": "loads"}, {"comment": None}, {"name": "{name}_NEW"}]


def database_role(account):
    base = {"database": account.database(), "name": "{name}", "comment": "reads"}
    return base, [{"comment": "looks"}, {"comment": ""}, {"name": "{name}_NEW"}]


def service_user(account):
    account.sql(f"CREATE NETWORK POLICY {account.name('NP')} ALLOWED_IP_LIST = ('0.0.0.0/0')")
    base = {"name": "{name}", "loginName": "login_{name}", "rsaPublicKey": PEM_1, "defaultRole": "PUBLIC"}
    return base, [
        {"rsaPublicKey2": KEY_1, "rsaPublicKey": None},
        {"defaultWarehouse": "LOAD_WH", "defaultNamespace": "A.B", "displayName": "Loader"},
        {"defaultWarehouse": None, "defaultNamespace": None},
        {"defaultSecondaryRolesOption": "NONE"},
        {"email": "data@example.com", "disabled": "true"},
        {"disabled": None},
        {"queryTag": "load", "statementTimeoutInSeconds": 60},
        {"queryTag": None},
        {"comment": "loads"},
        {"name": "{name}_NEW"},
    ]


def network_policy(_account):
    base = {"name": "{name}", "allowedIpLists": ["192.0.2.0/24", "198.51.100.7"]}
    return base, [
        {"allowedIpLists": ["198.51.100.0/24"], "blockedIpLists": ["198.51.100.9"]},
        {"blockedIpLists": None},
        {"comment": "office"},
        {"name": "{name}_NEW"},
    ]


def storage_integration_aws(_account):
    base = {
        "name": "{name}",
        "storageProvider": "S3",
        "enabled": True,
        "storageAwsRoleArn": ROLE_ARN,
        "storageAllowedLocations": ["s3://lake/silver/", "s3://lake/bronze/"],
    }
    return base, [
        {"storageAllowedLocations": ["s3://lake/"], "storageBlockedLocations": ["s3://lake/private/"]},
        {"storageBlockedLocations": None},
        {"storageAwsRoleArn": f"{ROLE_ARN}-2", "enabled": False},
        {"storageAwsExternalId": "lake-7"},
        {"comment": "lake"},
        {"usePrivatelinkEndpoint": "true"},
    ]


def file_format_parquet(account):
    base = {"database": account.database(), "schema": "S", "name": "{name}", "compression": "snappy"}
    return base, [
        {"compression": "NONE", "binaryAsText": "false", "nullIfs": ["\\N", ""]},
        {"useLogicalType": "true", "trimSpace": "true", "useVectorizedScanner": "true"},
        {"replaceInvalidCharacters": "true", "compression": None, "nullIfs": None},
        {"comment": "files"},
        {"name": "{name}_NEW"},
    ]


def stage_internal(account):
    base = {
        "database": account.database(),
        "schema": "S",
        "name": "{name}",
        "encryption": {"snowflakeSse": {}},
        "directory": {"enable": True},
    }
    return base, [
        {"directory": {"enable": False}},
        {"fileFormat": {"parquet": {"compression": "SNAPPY"}}},
        {"comment": "files"},
        {"comment": None},
        {"name": "{name}_NEW"},
    ]


def stage_external_s3(account):
    database, integration = account.database(), account.name("INT")
    account.sql(
        f"CREATE STORAGE INTEGRATION {integration} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        f" STORAGE_AWS_ROLE_ARN = '{ROLE_ARN}' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')"
    )
    account.sql(f'CREATE FILE FORMAT "{database}"."S"."PARQUET" TYPE = PARQUET')
    base = {
        "database": database,
        "schema": "S",
        "name": "{name}",
        "url": "s3://lake/flights/",
        "storageIntegration": integration,
        "directory": {"enable": True, "refreshOnCreate": "false"},
        "fileFormat": {"formatName": f"{database}.S.PARQUET"},
    }
    return base, [
        {"url": "s3://lake/planes/"},
        {"comment": "files"},
        {"directory": {"enable": True, "autoRefresh": "true"}},
        {"fileFormat": {"csv": {"skipHeader": 1, "fieldDelimiter": ";", "trimSpace": "true"}}},
        {"fileFormat": None},
        {"name": "{name}_NEW"},
    ]


def table(account):
    columns = [
        {"name": "ID", "type": "INT", "nullable": False},
        {"name": "CARRIER", "type": "VARCHAR(2)", "comment": "two letters"},
        {"name": "at", "type": "TIMESTAMP_NTZ"},
    ]
    base = {"database": account.database(), "schema": "S", "name": "{name}", "columns": columns}
    return base, [
        {"columns": [*columns, {"name": "DELAY", "type": "FLOAT"}]},
        {"columns": [columns[0], {"name": "CARRIER", "type": "VARCHAR(5)"}, columns[2]]},
        {"columns": [columns[0], {"name": "CARRIER", "type": "STRING"}]},
        {"comment": "departures", "dataRetentionTimeInDays": 2, "changeTracking": True},
        {"changeTracking": None, "dataRetentionTimeInDays": -1},
        {"clusterBies": ["ID"]},
        {"clusterBies": None},
        {"name": "{name}_NEW"},
    ]


def grant_account_role(account):
    role = account.name("R")
    account.sql(f"CREATE ROLE {role}")
    return {"roleName": role, "parentRoleName": "SYSADMIN"}, []


def grant_account_role_to_user(account):
    role = account.name("R")
    account.sql(f"CREATE ROLE {role}")
    return {"roleName": role, "userName": "DEPLOYER"}, []


def grant_database_role(account):
    database = account.database()
    account.sql(f'CREATE DATABASE ROLE "{database}"."READER"')
    return {"databaseRoleName": f'"{database}"."READER"', "parentRoleName": "SYSADMIN"}, []


def _granted(account, **target):
    role = account.name("R")
    account.sql(f"CREATE ROLE {role}")
    return {"accountRoleName": role, **target}


def grant_on_account(account):
    return _granted(account, privileges=["EXECUTE TASK"], onAccount=True), [
        {"privileges": ["EXECUTE TASK", "CREATE DATABASE"]},
        {"privileges": ["CREATE DATABASE"]},
    ]


def grant_on_database(account):
    target = {"objectType": "DATABASE", "objectName": account.database()}
    return _granted(account, privileges=["usage", "MONITOR"], onAccountObject=target, withGrantOption=True), [
        {"privileges": ["USAGE", "CREATE SCHEMA"]},
        {"strictPrivilegeManagement": True},
        {"alwaysApply": True},
    ]


def grant_on_schema(account):
    return _granted(account, privileges=["USAGE"], onSchema={"schemaName": f"{account.database()}.S"}), [
        {"privileges": ["USAGE", "CREATE TABLE"]},
        {"privileges": None, "allPrivileges": True},
        {"privileges": ["USAGE"], "allPrivileges": None},
    ]


def grant_on_all_tables(account):
    database = account.database()
    account.sql(f'CREATE TABLE "{database}"."S"."A" (ID INT)')
    target = {"all": {"objectTypePlural": "TABLES", "inSchema": f"{database}.S"}}
    return _granted(account, privileges=["SELECT"], onSchemaObject=target), [{"privileges": ["SELECT", "INSERT"]}]


def grant_on_future_tables(account):
    target = {"future": {"objectTypePlural": "TABLES", "inDatabase": account.database()}}
    return _granted(account, privileges=["SELECT"], onSchemaObject=target), [{"privileges": ["INSERT"]}]


def grant_on_future_schemas(account):
    return _granted(account, privileges=["USAGE"], onSchema={"futureSchemasInDatabase": account.database()}), []


def grant_on_all_schemas(account):
    return _granted(account, privileges=["USAGE"], onSchema={"allSchemasInDatabase": account.database()}), []


def grant_to_database_role(account):
    database = account.database()
    account.sql(f'CREATE DATABASE ROLE "{database}"."READER"')
    return {"databaseRoleName": f"{database}.READER", "privileges": ["USAGE"], "onDatabase": database}, [
        {"privileges": ["USAGE", "MONITOR"]}
    ]


def execute(account):
    role = account.name("R")
    return {"execute": f"CREATE ROLE {role}", "revert": f"DROP ROLE {role}", "query": f"SHOW ROLES LIKE '{role}'"}, [
        {"revert": f"DROP ROLE IF EXISTS {role}"},
        {"query": "SHOW WAREHOUSES LIKE 'none'"},
    ]


CASES = [
    pytest.param(kind, case, id=case.__name__)
    for kind, case in [
        ("Database", database),
        ("Schema", schema),
        ("Warehouse", warehouse),
        ("AccountRole", account_role),
        ("DatabaseRole", database_role),
        ("ServiceUser", service_user),
        ("NetworkPolicy", network_policy),
        ("StorageIntegrationAws", storage_integration_aws),
        ("FileFormatParquet", file_format_parquet),
        ("StageInternal", stage_internal),
        ("StageExternalS3", stage_external_s3),
        ("Table", table),
        ("GrantAccountRole", grant_account_role),
        ("GrantAccountRole", grant_account_role_to_user),
        ("GrantDatabaseRole", grant_database_role),
        ("GrantPrivilegesToAccountRole", grant_on_account),
        ("GrantPrivilegesToAccountRole", grant_on_database),
        ("GrantPrivilegesToAccountRole", grant_on_schema),
        ("GrantPrivilegesToAccountRole", grant_on_all_tables),
        ("GrantPrivilegesToAccountRole", grant_on_future_tables),
        ("GrantPrivilegesToAccountRole", grant_on_future_schemas),
        ("GrantPrivilegesToAccountRole", grant_on_all_schemas),
        ("GrantPrivilegesToDatabaseRole", grant_to_database_role),
        ("Execute", execute),
    ]
]
every_kind = pytest.mark.parametrize(("kind", "case"), CASES)


def made(account, case):
    base, changes = case(account)
    name = account.name("OBJ")
    return named(base, name), [named(change, name) for change in changes]


def named(inputs, name):
    return {key: value.format(name=name) if isinstance(value, str) else value for key, value in inputs.items()}


def merged(inputs, change):
    return {key: value for key, value in {**inputs, **change}.items() if value is not None}


@pytest.mark.slow
@every_kind
def test_what_was_created_reads_back_without_drift(account, kind, case):
    inputs, _ = made(account, case)

    resource = account.up(kind, inputs)

    assert resource.diff().changes is Changes.NONE
    read = resource.read()
    assert read.inputs == resource.inputs
    assert reveal_map(freeze_map(dict(read.outputs))) == reveal_map(resource.outputs)


@pytest.mark.slow
@every_kind
def test_each_field_changes_in_place_and_settles(account, kind, case):
    inputs, changes = made(account, case)
    resource = account.up(kind, inputs)

    for change in changes:
        inputs = merged(inputs, change)
        planned = resource.diff(inputs)
        resource.update(inputs)

        assert (planned.changes, planned.replaces) == (Changes.SOME, ()), change
        assert resource.diff().detailed == {}, change
        read = resource.read()
        assert read.inputs == resource.inputs, change
        assert reveal_map(freeze_map(dict(read.outputs))) == reveal_map(resource.outputs), change


@pytest.mark.slow
@every_kind
def test_an_imported_object_needs_no_change(account, kind, case):
    if kind == "Execute":
        return
    inputs, _ = made(account, case)
    resource = account.up(kind, inputs)

    read = resource.imported()
    resource.inputs, resource.outputs = freeze_map(dict(read.inputs)), freeze_map(dict(read.outputs))

    # What Snowflake never reports is new to an imported resource.
    unseen = {"initiallySuspended", "encryption", "strictPrivilegeManagement"}
    assert {path.partition(".")[0] for path in resource.diff(inputs).detailed} <= unseen


@pytest.mark.slow
@every_kind
def test_deleting_twice_is_no_error_and_leaves_nothing(account, kind, case):
    inputs, _ = made(account, case)
    resource = account.up(kind, inputs)

    resource.delete()

    if kind != "Execute":
        resource.delete()
        assert resource.read() is None
