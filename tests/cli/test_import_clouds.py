"""Objects made by hand are imported, and the code that `pulumi import` prints leaves nothing to change."""

from __future__ import annotations

import json
import re
import shlex
import warnings
from importlib import metadata

import boto3
import httpx
import pytest
import snowflake.connector

from reconciler.sandbox.aws.server import AwsSandbox
from reconciler.sandbox.snowflake.serving.server import SnowflakeSandbox
from tests.prefect_server import prefect_server  # noqa: F401 a fixture

pytestmark = pytest.mark.slow

ACCOUNT = {
    "SNOWFLAKE_ORGANIZATION_NAME": "FLOWFORGE",
    "SNOWFLAKE_ACCOUNT_NAME": "SANDBOX",
    "SNOWFLAKE_USER": "DEPLOYER",
    "SNOWFLAKE_PASSWORD": "sandbox",
    "SNOWFLAKE_ROLE": "ACCOUNTADMIN",
    "SNOWFLAKE_HOST": "127.0.0.1",
    "SNOWFLAKE_PROTOCOL": "http",
}
BOTO = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
BY_HAND = (
    "CREATE DATABASE LAKE COMMENT = 'the raw data'",
    "CREATE SCHEMA LAKE.FLIGHTS DATA_RETENTION_TIME_IN_DAYS = 3",
    "CREATE TABLE LAKE.FLIGHTS.RAW (ID NUMBER(38,0) NOT NULL, NAME VARCHAR(20) COMMENT 'of whom', AT TIMESTAMP_NTZ(9))",
    "CREATE WAREHOUSE LOADING WAREHOUSE_SIZE = 'SMALL' AUTO_SUSPEND = 60",
    "CREATE ROLE LOADER COMMENT = 'loads \"it\"'",
    "CREATE ROLE READER",
    "GRANT USAGE ON DATABASE LAKE TO ROLE LOADER",
    "GRANT SELECT ON ALL TABLES IN SCHEMA LAKE.FLIGHTS TO ROLE READER",
    "GRANT SELECT, INSERT ON TABLE LAKE.FLIGHTS.RAW TO ROLE LOADER",
    "GRANT ROLE READER TO ROLE LOADER",
    "CREATE USER SVC TYPE = SERVICE DEFAULT_WAREHOUSE = 'LOADING' COMMENT = 'for flows'",
    "CREATE NETWORK POLICY HOME ALLOWED_IP_LIST = ('10.0.0.0/8')",
    (
        "CREATE STORAGE INTEGRATION BUCKETS TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        " STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/lake' STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')"
    ),
    "CREATE FILE FORMAT LAKE.FLIGHTS.PARQUET TYPE = PARQUET COMPRESSION = SNAPPY",
    (
        "CREATE STAGE LAKE.FLIGHTS.LANDING URL = 's3://lake/flights/' STORAGE_INTEGRATION = BUCKETS"
        " FILE_FORMAT = (FORMAT_NAME = 'LAKE.FLIGHTS.PARQUET') DIRECTORY = (ENABLE = TRUE)"
    ),
    "CREATE STAGE LAKE.FLIGHTS.SCRATCH",
    "CREATE DATABASE ROLE LAKE.INSIDE",
    "GRANT DATABASE ROLE LAKE.INSIDE TO ROLE READER",
    "GRANT USAGE ON SCHEMA LAKE.FLIGHTS TO DATABASE ROLE LAKE.INSIDE",
    "GRANT SELECT ON FUTURE TABLES IN SCHEMA LAKE.FLIGHTS TO ROLE READER",
)
GRANT = "snowflake:index/grantPrivilegesToAccountRole:GrantPrivilegesToAccountRole"
OBJECTS = (
    ("snowflake:index/database:Database", "lake", "LAKE"),
    ("snowflake:index/schema:Schema", "flights", '"LAKE"."FLIGHTS"'),
    ("snowflake:index/table:Table", "raw", "LAKE|FLIGHTS|RAW"),
    ("snowflake:index/warehouse:Warehouse", "loading", '"LOADING"'),
    ("snowflake:index/accountRole:AccountRole", "loader", '"LOADER"'),
    ("snowflake:index/accountRole:AccountRole", "reader", '"READER"'),
    (GRANT, "usage", '"LOADER"|false|false|USAGE|OnAccountObject|DATABASE|"LAKE"'),
    (GRANT, "select", '"LOADER"|false|false|INSERT,SELECT|OnSchemaObject|OnObject|TABLE|"LAKE"."FLIGHTS"."RAW"'),
    ("snowflake:index/grantAccountRole:GrantAccountRole", "inherits", '"READER"|ROLE|"LOADER"'),
    ("snowflake:index/serviceUser:ServiceUser", "flows", "SVC"),
    ("snowflake:index/networkPolicy:NetworkPolicy", "home", "HOME"),
    ("snowflake:index/storageIntegrationAws:StorageIntegrationAws", "buckets", "BUCKETS"),
    ("snowflake:index/fileFormatParquet:FileFormatParquet", "parquet", '"LAKE"."FLIGHTS"."PARQUET"'),
    ("snowflake:index/stageExternalS3:StageExternalS3", "landing", '"LAKE"."FLIGHTS"."LANDING"'),
    ("snowflake:index/stageInternal:StageInternal", "scratch", '"LAKE"."FLIGHTS"."SCRATCH"'),
    ("snowflake:index/databaseRole:DatabaseRole", "inside", '"LAKE"."INSIDE"'),
    ("snowflake:index/grantDatabaseRole:GrantDatabaseRole", "member", '"LAKE"."INSIDE"|ROLE|"READER"'),
    (
        "snowflake:index/grantPrivilegesToDatabaseRole:GrantPrivilegesToDatabaseRole",
        "look",
        '"LAKE"."INSIDE"|false|false|USAGE|OnSchema|OnSchema|"LAKE"."FLIGHTS"',
    ),
    (GRANT, "later", '"READER"|false|false|SELECT|OnSchemaObject|OnFuture|TABLES|InSchema|"LAKE"."FLIGHTS"'),
)


def generated(cli, **environment):
    """Import by the file, take the printed code for the program, and see that it changes nothing."""
    cli.ok("import", "--file", "import.json", "--yes", "--skip-preview", "--out", "generated.py", **environment)
    text = (cli.project / "generated.py").read_text()
    cli.write("__main__.py", text)
    done = cli.ok("preview", "--expect-no-changes", "--diff", **environment)
    assert "unchanged" in done.out
    return text


def write_import_file(cli, *objects):
    resources = [{"type": token, "name": name, "id": id} for token, name, id in objects]
    cli.write("import.json", json.dumps({"resources": resources}))


def test_snowflake_objects_made_by_hand_become_a_program(stack, tmp_path):
    with warnings.catch_warnings():
        # fakesnow's own use of DuckDB warns.
        warnings.simplefilter("ignore")
        server = SnowflakeSandbox(tmp_path / "snowflake", port=0).start()
    try:
        with snowflake.connector.connect(
            account="FLOWFORGE-SANDBOX",
            user="DEPLOYER",
            password="sandbox",
            role="ACCOUNTADMIN",
            host="127.0.0.1",
            port=server.port,
            protocol="http",
        ) as worksheet:
            for statement in BY_HAND:
                worksheet.cursor().execute(statement)
        write_import_file(stack, *OBJECTS)

        text = generated(stack, **ACCOUNT, SNOWFLAKE_PORT=str(server.port))

        assert "import pulumi_snowflake as snowflake\n" in text
        assert 'comment="loads \\"it\\""' in text
        # Nested names are Python's too.
        assert '"comment": "of whom"' in text
        assert "on_account_object={" in text
        assert '"object_name": ' in text
        # What the object has by default is left out.
        assert "is_transient" not in text
        assert text.count("protect=True") == len(OBJECTS)
    finally:
        server.stop()


def test_a_bucket_made_by_hand_becomes_a_program(stack, tmp_path):
    server = AwsSandbox(tmp_path / "aws", 0)
    server.start()
    try:
        s3 = boto3.client("s3", endpoint_url=server.url, region_name="us-east-1", **BOTO)
        s3.create_bucket(Bucket="raw-bucket")
        s3.put_bucket_tagging(Bucket="raw-bucket", Tagging={"TagSet": [{"Key": "costCenter", "Value": "7"}]})
        endpoint = {"AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1"}
        keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        write_import_file(stack, ("aws:s3/bucket:Bucket", "raw", "raw-bucket"))

        text = generated(stack, **endpoint, **keys)

        assert "raw = aws.s3.Bucket(\n" in text
        assert 'tags={"costCenter": "7"}' in text

        # A file that a preview wrote, its placeholder filled in, is as good.
        stack.write("__main__.py", text + '\naws.s3.Bucket("more", bucket="more-bucket")\n')
        s3.create_bucket(Bucket="more-bucket")
        refused = stack("up", "--yes", "--skip-preview", **endpoint, **keys)
        assert "`pulumi import aws:s3/bucket:Bucket NAME more-bucket` manages it as it is" in refused.out
        stack.ok("preview", "--import-file", "import.json", **endpoint, **keys)
        (listed,) = json.loads((stack.project / "import.json").read_text())["resources"]
        assert listed == {
            "type": "aws:s3/bucket:Bucket",
            "name": "more",
            "id": "<PLACEHOLDER>",
            "version": metadata.version("pulumi_aws"),
        }
        assert "still has the ID <PLACEHOLDER>" in stack("import", "--file", "import.json", "--yes").err
        stack.write("import.json", json.dumps({"resources": [listed | {"id": "more-bucket"}]}))
        stack.ok("import", "-f", "import.json", "--yes", "--skip-preview", "--protect=false", **endpoint, **keys)
        stack.ok("preview", "--expect-no-changes", **endpoint, **keys)

        # What is secret stays out of the code, and out of what is printed.
        vault = boto3.client("secretsmanager", endpoint_url=server.url, region_name="us-east-1", **BOTO)
        made = vault.create_secret(Name="door", SecretString="open sesame")
        token, id = "aws:secretsmanager/secretVersion:SecretVersion", f"{made['ARN']}|{made['VersionId']}"
        done = stack.ok("import", token, "door", id, "--yes", "--diff", "--no-protect", **endpoint, **keys)
        assert 'secret_string=config.require_secret("door-secretString")' in done.out
        assert "open sesame" not in done.out
        code = done.out.rpartition("config = pulumi.Config()\n")[2]
        program = (stack.project / "__main__.py").read_text()
        stack.write("__main__.py", f"{program}\nconfig = pulumi.Config()\n{code}")
        stack.ok("config", "set", "--secret", "door-secretString", "open sesame")
        stack.ok("preview", "--expect-no-changes", **endpoint, **keys)

        missing = stack("import", "aws:s3/bucket:Bucket", "gone", "no-such", "--yes", "--json", **endpoint, **keys)
        assert missing.code == 4
        assert "there is no aws:s3:Bucket with id no-such to import as 'gone'" in missing.out
    finally:
        server.stop()


def test_a_work_pool_made_by_hand_becomes_a_program(stack, prefect_server):  # noqa: F811 the fixture imported above
    httpx.post(
        f"{prefect_server.url}/work_pools/",
        json={"name": "by-hand", "type": "process", "concurrency_limit": 3},
        timeout=30,
    ).raise_for_status()
    stack.write("__main__.py", 'import pulumi_prefect as p\np.WorkPool("my pool", name="by-hand", type="process")\n')
    refused = stack("up", "--yes", "--skip-preview", PREFECT_API_URL=prefect_server.url)
    assert refused.code == 4

    # The command of the hint, as a person copies it.
    (hint,) = set(re.findall(r"hint: `pulumi (import [^`]+)`", refused.out))
    done = stack.ok(*shlex.split(hint), "--yes", PREFECT_API_URL=prefect_server.url)

    assert "= 1 imported" in done.out
    text = done.out[done.out.index("import pulumi\n") :]
    assert "my_pool = prefect.WorkPool(\n" in text
    assert "concurrency_limit=3" in text
    stack.write("__main__.py", text)
    stack.ok("preview", "--expect-no-changes", PREFECT_API_URL=prefect_server.url)
