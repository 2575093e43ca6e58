"""The flow's steps on the Snowflake sandbox and S3: as their roles, with grants enforced."""

import base64
import dataclasses
import json
import uuid

import boto3
import pytest
import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.server import ThreadedMotoServer
from pyarrow import compute

from flows import connections
from flows.settings import Target, Workload
from flows.tasks import bronze, landing, models, quality, source
from infra.warehouse import FLIGHT_COLUMNS
from reconciler.sandbox.snowflake.serving.server import SnowflakeSandbox

pytestmark = pytest.mark.slow

LOADER = Workload("LOADER", "LOAD")
TRANSFORMER = Workload("TRANSFORMER", "TRANSFORM")
READER = Workload("READER", "SERVE")


@pytest.fixture(scope="module")
def flights():
    return source.read_flights()


@pytest.fixture(scope="module")
def aws():
    """AWS, found as workers find it; answers its address."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_S3", address)
        patch.setenv("AWS_ACCESS_KEY_ID", "sandbox")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")
        patch.setenv("AWS_REGION", "us-east-1")
        yield address
    server.stop()


@pytest.fixture(scope="module")
def account(aws, tmp_path_factory):
    """An account that holds what a stack makes: the login of its service user, and where to work."""
    bucket = f"lake-{uuid.uuid4()}"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    sandbox = SnowflakeSandbox(tmp_path_factory.mktemp("snowflake"), port=0, aws_endpoint=aws).start()
    address = {"host": "127.0.0.1", "port": sandbox.port, "protocol": "http"}
    connection = snowflake.connector.connect(
        account=sandbox.account, user="DEPLOYER", password="sandbox", role="ACCOUNTADMIN", **address
    )
    with connection.cursor() as cursor:
        for statement in render_account(bucket, public_half(key)):
            cursor.execute(statement)
        cursor.execute("DESC STORAGE INTEGRATION LAKE")
        described = {row[0]: row[2] for row in cursor.fetchall()}
    connection.close()
    make_lake(aws, bucket, described["STORAGE_AWS_IAM_USER_ARN"], described["STORAGE_AWS_EXTERNAL_ID"])
    login = connections.Login(
        account=sandbox.account,
        user="LOADER_SERVICE",
        private_key=key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        address=address,
    )
    target = Target(
        database="PLATFORM",
        flights_table='"PLATFORM"."BRONZE"."FLIGHTS"',
        stage='"PLATFORM"."BRONZE"."LANDING"',
        file_format='"PLATFORM"."BRONZE"."PARQUET"',
        landing_url=f"s3://{bucket}/bronze/",
        silver_schema='"PLATFORM"."SILVER"',
        gold_schema='"PLATFORM"."GOLD"',
    )
    yield login, target
    sandbox.stop()


def public_half(key):
    body = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(body).decode()


def render_account(bucket, public_key):
    """What `infra` declares, in Snowflake's words, as far as a load needs it."""
    columns = ", ".join(f"{name} {type_}" for name, type_ in FLIGHT_COLUMNS.items())
    return [
        "CREATE DATABASE PLATFORM",
        *(f"CREATE SCHEMA PLATFORM.{layer} WITH MANAGED ACCESS" for layer in ("BRONZE", "SILVER", "GOLD")),
        f"CREATE TABLE PLATFORM.BRONZE.FLIGHTS ({columns})",
        (
            "CREATE STORAGE INTEGRATION LAKE TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
            " STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/lake-reader'"
            f" STORAGE_ALLOWED_LOCATIONS = ('s3://{bucket}/bronze/')"
        ),
        "CREATE FILE FORMAT PLATFORM.BRONZE.PARQUET TYPE = PARQUET USE_LOGICAL_TYPE = TRUE",
        f"CREATE STAGE PLATFORM.BRONZE.LANDING URL = 's3://{bucket}/bronze/' STORAGE_INTEGRATION = LAKE",
        *(f"CREATE ROLE {role}" for role in ("LOADER", "TRANSFORMER", "READER")),
        *(f"CREATE WAREHOUSE {name} INITIALLY_SUSPENDED = TRUE" for name in ("LOAD", "TRANSFORM", "SERVE")),
        *(
            f"GRANT USAGE ON WAREHOUSE {workload.warehouse} TO ROLE {workload.role}"
            for workload in (LOADER, TRANSFORMER, READER)
        ),
        *(f"GRANT USAGE ON DATABASE PLATFORM TO ROLE {role}" for role in ("LOADER", "TRANSFORMER", "READER")),
        "GRANT USAGE ON SCHEMA PLATFORM.BRONZE TO ROLE LOADER",
        "GRANT SELECT, INSERT, DELETE ON TABLE PLATFORM.BRONZE.FLIGHTS TO ROLE LOADER",
        "GRANT USAGE ON STAGE PLATFORM.BRONZE.LANDING TO ROLE LOADER",
        "GRANT USAGE ON FILE FORMAT PLATFORM.BRONZE.PARQUET TO ROLE LOADER",
        "GRANT USAGE ON SCHEMA PLATFORM.BRONZE TO ROLE TRANSFORMER",
        "GRANT SELECT ON TABLE PLATFORM.BRONZE.FLIGHTS TO ROLE TRANSFORMER",
        "GRANT USAGE, CREATE TABLE ON SCHEMA PLATFORM.SILVER TO ROLE TRANSFORMER",
        "GRANT USAGE, CREATE TABLE ON SCHEMA PLATFORM.GOLD TO ROLE TRANSFORMER",
        "GRANT USAGE ON SCHEMA PLATFORM.GOLD TO ROLE READER",
        "GRANT SELECT ON FUTURE TABLES IN SCHEMA PLATFORM.GOLD TO ROLE READER",
        f"CREATE USER LOADER_SERVICE TYPE = SERVICE RSA_PUBLIC_KEY = '{public_key}' DEFAULT_SECONDARY_ROLES = ()",
        *(f"GRANT ROLE {role} TO USER LOADER_SERVICE" for role in ("LOADER", "TRANSFORMER", "READER")),
    ]


def make_lake(aws, bucket, user_arn, external_id):
    """The bucket, and the role that lets Snowflake read it."""
    options = {"region_name": "us-east-1", "endpoint_url": aws}
    s3, iam = boto3.client("s3", **options), boto3.client("iam", **options)
    s3.create_bucket(Bucket=bucket)
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": user_arn},
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    reads = {
        "Effect": "Allow",
        "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:GetBucketLocation"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/bronze/*"],
    }
    iam.create_role(RoleName="lake-reader", AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName="lake-reader", PolicyName="read", PolicyDocument=document(reads))
    s3.close()
    iam.close()


def document(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def load(account, flights, batch):
    login, target = account
    folder = landing.put_months(flights, batch, target.landing_url)
    with connections.session(login, LOADER, target.database) as cursor:
        return bronze.replace_batch(cursor, target, batch, folder)


def test_a_load_fills_all_layers_and_a_second_one_leaves_them_equal(account, flights):
    login, target = account
    expected = source.carrier_counts(flights)

    for _ in range(2):
        loaded = load(account, flights, "batch")
        with connections.session(login, TRANSFORMER, target.database) as cursor:
            models.build_silver(cursor, target)
            models.build_gold(cursor, target)
            rows = quality.count_rows(cursor, target)
            by_carrier = quality.count_by_carrier(cursor, target)

        assert loaded == 336_776
        assert quality.violations(expected, rows, by_carrier) == ()
        assert rows["gold.MONTHS"] == 12


def test_gold_holds_the_figures_of_the_source(account, flights):
    login, target = account
    load(account, flights, "batch")
    delays = flights.filter(compute.equal(flights["carrier"], "UA"))["arr_delay"]

    with connections.session(login, TRANSFORMER, target.database) as cursor:
        models.build_silver(cursor, target)
        models.build_gold(cursor, target)
        cursor.execute(
            "SELECT FLIGHTS, CANCELLED, LATE, MEAN_ARRIVAL_DELAY_MIN FROM PLATFORM.GOLD.CARRIERS WHERE CARRIER = 'UA'"
        )
        (figures,) = cursor.fetchall()

    assert figures[0] == 58_665
    assert figures[1] == 686
    assert figures[2] == compute.sum(compute.greater_equal(delays, 15)).as_py()
    assert float(figures[3]) == pytest.approx(compute.mean(delays).as_py(), abs=0.005)


def test_a_load_that_fails_leaves_bronze_as_it_was(account, flights):
    login, target = account
    january = source.select_month(flights, 1)
    load(account, january, "january")

    with (
        pytest.raises(snowflake.connector.errors.ProgrammingError),
        connections.session(login, LOADER, target.database) as cursor,
    ):
        bronze.replace_batch(cursor, dataclasses.replace(target, stage="NO_SUCH_STAGE"), "january", "flights/january/")

    with connections.session(login, TRANSFORMER, target.database) as cursor:
        cursor.execute("SELECT COUNT(*) FROM PLATFORM.BRONZE.FLIGHTS WHERE BATCH = 'january'")
        assert cursor.fetchall() == [(27_004,)]
        assert load(account, january.slice(0, 0), "january") == 0


@pytest.mark.parametrize(
    ("workload", "statement"),
    [
        pytest.param(READER, "SELECT COUNT(*) FROM PLATFORM.BRONZE.FLIGHTS", id="reader-in-bronze"),
        pytest.param(READER, "SELECT COUNT(*) FROM PLATFORM.SILVER.FLIGHTS", id="reader-in-silver"),
        pytest.param(LOADER, "SELECT COUNT(*) FROM PLATFORM.GOLD.CARRIERS", id="loader-in-gold"),
        pytest.param(TRANSFORMER, "DELETE FROM PLATFORM.BRONZE.FLIGHTS", id="transformer-writes-bronze"),
        pytest.param(LOADER, "CREATE TABLE PLATFORM.BRONZE.OTHER (X INT)", id="loader-makes-a-table"),
    ],
)
def test_a_role_is_refused_what_it_was_not_granted(account, flights, workload, statement):
    login, target = account

    with (
        connections.session(login, workload, target.database) as cursor,
        pytest.raises(snowflake.connector.errors.ProgrammingError) as refused,
    ):
        cursor.execute(statement)

    assert refused.value.errno in {2003, 3001}


def test_a_reader_sees_gold(account, flights):
    login, target = account
    with connections.session(login, TRANSFORMER, target.database) as cursor:
        models.build_silver(cursor, target)
        models.build_gold(cursor, target)

    with connections.session(login, READER, target.database) as cursor:
        cursor.execute("SELECT COUNT(*) FROM PLATFORM.GOLD.MONTHS")
        (row,) = cursor.fetchall()

    assert row[0] >= 0
