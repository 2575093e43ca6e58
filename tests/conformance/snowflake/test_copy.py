"""COPY INTO and LIST: from S3, through a role that must trust Snowflake.

Source: Snowflake SQL reference, COPY INTO <table>; Snowflake documentation,
Configuring a storage integration to access Amazon S3.
"""

import datetime as dt
import io
import json
import time
from types import SimpleNamespace

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conformance.snowflake.connections import CREDENTIALS

pytestmark = pytest.mark.slow

AT = dt.datetime.fromisoformat("2013-01-01")


def parquet(**columns):
    data = io.BytesIO()
    pq.write_table(pa.table(columns), data)
    return data.getvalue()


@pytest.fixture
def lake(aws, bucket, admin, place, name):
    """An external stage with two files, whose integration's role trusts Snowflake."""
    admin.run(
        f"CREATE STORAGE INTEGRATION {name}_I TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE"
        f" STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/{name}'"
        f" STORAGE_ALLOWED_LOCATIONS = ('s3://{bucket.name}/raw/')"
        f" STORAGE_BLOCKED_LOCATIONS = ('s3://{bucket.name}/raw/secret/')",
        f"CREATE STAGE {place.schema}.LAKE URL = 's3://{bucket.name}/raw/' STORAGE_INTEGRATION = {name}_I",
        f"CREATE FILE FORMAT {place.schema}.PQ TYPE = PARQUET",
        f"CREATE TABLE {place.schema}.LOADED (ID INT, NAME VARCHAR, SEEN TIMESTAMP_NTZ)",
    )
    described = {row["property"]: row["property_value"] for row in admin.rows(f"DESC INTEGRATION {name}_I")}
    found = SimpleNamespace(
        stage=f"@{place.schema}.LAKE",
        table=f"{place.schema}.LOADED",
        integration=f"{name}_I",
        role=name,
        user=described["STORAGE_AWS_IAM_USER_ARN"],
        external_id=described["STORAGE_AWS_EXTERNAL_ID"],
        iam=boto3.client("iam", endpoint_url=aws, region_name="us-east-1", **CREDENTIALS),
        bucket=bucket.name,
        s3=bucket.s3,
        format=f"FILE_FORMAT = (FORMAT_NAME = '{place.schema}.PQ')",
    )
    found.copy = f"COPY INTO {found.table} FROM {found.stage} {found.format} MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"
    for number in (1, 2):
        body = parquet(id=[number], name=[f"n{number}"], seen=[AT + dt.timedelta(days=number - 1)])
        found.s3.put_object(Bucket=found.bucket, Key=f"raw/day={number}/part.parquet", Body=body)
    found.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(found.user, found.external_id))
    found.iam.put_role_policy(RoleName=name, PolicyName="read", PolicyDocument=reads(found.bucket))
    return found


def trust(user, external_id):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": user},
                    "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
                }
            ],
        }
    )


def reads(bucket, *actions):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:GetObjectVersion", *actions],
                    "Resource": f"arn:aws:s3:::{bucket}/raw/*",
                },
                {
                    "Effect": "Allow",
                    "Action": "s3:ListBucket",
                    "Resource": f"arn:aws:s3:::{bucket}",
                    "Condition": {"StringLike": {"s3:prefix": ["raw/*"]}},
                },
            ],
        }
    )


def test_files_are_loaded_by_column_name_and_only_once(admin, lake):
    first = admin.rows(lake.copy)
    second = admin.rows(lake.copy)

    assert [(row["file"], row["status"], row["rows_parsed"], row["rows_loaded"]) for row in first] == [
        (f"s3://{lake.bucket}/raw/day={number}/part.parquet", "LOADED", 1, 1) for number in (1, 2)
    ]
    assert second == [{"status": "Copy executed with 0 files processed."}]
    assert admin.run(f"SELECT * FROM {lake.table} ORDER BY ID") == [
        (1, "n1", AT),
        (2, "n2", AT + dt.timedelta(days=1)),
    ]


def test_a_changed_file_force_and_truncate_load_again(admin, lake):
    admin.run(lake.copy)

    lake.s3.put_object(Bucket=lake.bucket, Key="raw/day=1/part.parquet", Body=parquet(id=[9], name=["new"]))
    assert len(admin.rows(lake.copy)) == 1
    assert len(admin.rows(f"{lake.copy} FORCE = TRUE")) == 2
    admin.run(f"TRUNCATE TABLE {lake.table}")
    assert len(admin.rows(lake.copy)) == 2
    assert admin.run(f"SELECT COUNT(*) FROM {lake.table}") == [(2,)]


def test_paths_patterns_and_file_lists_choose(admin, lake):
    assert len(admin.rows(lake.copy.replace("LAKE ", "LAKE/day=2/ "))) == 1
    assert len(admin.rows(f"{lake.copy} FORCE = TRUE PATTERN = '.*day=1.*[.]parquet'")) == 1
    assert len(admin.rows(f"{lake.copy} FORCE = TRUE FILES = ('day=1/part.parquet')")) == 1
    assert admin.errno(f"{lake.copy} FORCE = TRUE FILES = ('day=3/part.parquet')") == 91016


def test_a_transformation_chooses_casts_and_names_the_file(admin, lake):
    admin.run(
        f"COPY INTO {lake.table} (NAME, ID) FROM (SELECT METADATA$FILENAME, s.$1:id::INT + 10 FROM {lake.stage} s)"
        " FILE_FORMAT = (TYPE = PARQUET)"
    )

    assert admin.run(f"SELECT ID, NAME, SEEN FROM {lake.table} ORDER BY ID") == [
        (11, "raw/day=1/part.parquet", None),
        (12, "raw/day=2/part.parquet", None),
    ]


def test_without_names_parquet_fits_one_variant_column_only(admin, lake, place):
    assert admin.errno(f"COPY INTO {lake.table} FROM {lake.stage} {lake.format}") == 2023

    admin.run(
        f"CREATE TABLE {place.schema}.RAW (V VARIANT)", f"COPY INTO {place.schema}.RAW FROM {lake.stage} {lake.format}"
    )
    assert admin.run(f"SELECT V:name::VARCHAR FROM {place.schema}.RAW ORDER BY 1") == [("n1",), ("n2",)]


def test_a_bad_file_ends_the_load_and_leaves_nothing_unless_it_is_skipped(admin, lake):
    lake.s3.put_object(Bucket=lake.bucket, Key="raw/day=3/part.parquet", Body=parquet(id=["many"]))

    assert admin.errno(lake.copy) == 100071
    assert admin.run(f"SELECT COUNT(*) FROM {lake.table}") == [(0,)]
    rows = admin.rows(f"{lake.copy} ON_ERROR = SKIP_FILE")

    assert [row["status"] for row in rows] == ["LOADED", "LOADED", "LOAD_FAILED"]
    assert rows[2]["first_error"]
    assert admin.run(f"SELECT COUNT(*) FROM {lake.table}") == [(2,)]


def test_purge_deletes_what_was_loaded_if_the_role_may(admin, lake):
    assert admin.errno(f"{lake.copy} PURGE = TRUE") == 91003

    policy = reads(lake.bucket, "s3:DeleteObject")
    lake.iam.put_role_policy(RoleName=lake.role, PolicyName="read", PolicyDocument=policy)
    admin.run(f"{lake.copy} PURGE = TRUE FORCE = TRUE")

    assert "Contents" not in lake.s3.list_objects_v2(Bucket=lake.bucket)


def test_list_names_the_files(admin, lake):
    rows = admin.rows(f"LIST {lake.stage}")

    assert [row["name"] for row in rows] == [f"s3://{lake.bucket}/raw/day={number}/part.parquet" for number in (1, 2)]
    assert rows[0]["size"] > 0


@pytest.mark.parametrize("by", ["user", "external id", "no condition", "no role"])
def test_a_role_that_does_not_trust_snowflake_refuses_the_files(admin, lake, by):
    if by == "no role":
        lake.iam.delete_role_policy(RoleName=lake.role, PolicyName="read")
        lake.iam.delete_role(RoleName=lake.role)
    else:
        document = json.loads(
            trust(
                "arn:aws:iam::999999999999:user/else" if by == "user" else lake.user,
                "guess" if by == "external id" else lake.external_id,
            )
        )
        if by == "no condition":
            del document["Statement"][0]["Condition"]
        lake.iam.update_assume_role_policy(RoleName=lake.role, PolicyDocument=json.dumps(document))

    for statement in (lake.copy, f"LIST {lake.stage}"):
        error = admin.error(statement)
        assert error.errno == 3167
        assert "sts:AssumeRole" in error.msg


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:ListBucket"])
def test_the_roles_policies_must_allow_the_location(admin, lake, action):
    document = json.loads(reads(lake.bucket))
    document["Statement"].append({"Effect": "Deny", "Action": action, "Resource": "*"})
    lake.iam.put_role_policy(RoleName=lake.role, PolicyName="read", PolicyDocument=json.dumps(document))

    error = admin.error(lake.copy)

    assert error.errno == 91003
    assert "Access Denied" in error.msg


def test_the_integration_decides_on_locations(admin, lake, place):
    outside = (
        f"CREATE STAGE {place.schema}.X URL = 's3://{lake.bucket}/other/' STORAGE_INTEGRATION = {lake.integration}"
    )
    blocked = outside.replace("other", "raw/secret")

    assert "is not allowed by integration" in admin.error(outside).msg
    assert "is not allowed by integration" in admin.error(blocked).msg
    admin.run(f"ALTER STORAGE INTEGRATION {lake.integration} SET ENABLED = FALSE")
    assert admin.errno(lake.copy) == 3168
    admin.run(
        f"ALTER STORAGE INTEGRATION {lake.integration} SET ENABLED = TRUE"
        " STORAGE_ALLOWED_LOCATIONS = ('s3://elsewhere/')"
    )
    assert admin.errno(lake.copy) == 1422


def test_loading_takes_usage_on_stage_and_format_and_insert_on_the_table(admin, as_role, lake, place):
    admin.run(
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE ON SCHEMA {place.schema} TO ROLE {place.role}",
    )
    loader = as_role(place.role, place.warehouse)

    for grant in (
        f"INSERT ON TABLE {lake.table}",
        f"USAGE ON STAGE {place.schema}.LAKE",
        f"USAGE ON FILE FORMAT {place.schema}.PQ",
    ):
        assert loader.errno(lake.copy) == 2003
        admin.run(f"GRANT {grant} TO ROLE {place.role}")

    assert len(loader.rows(lake.copy)) == 2
    assert loader.errno(f"SELECT * FROM {lake.table}") == 3001


def test_a_stage_needs_usage_on_its_integration(admin, as_role, lake, place):
    admin.run(
        f"GRANT USAGE ON DATABASE {place.database} TO ROLE {place.role}",
        f"GRANT USAGE, CREATE STAGE ON SCHEMA {place.schema} TO ROLE {place.role}",
    )
    statement = (
        f"CREATE STAGE {place.schema}.X URL = 's3://{lake.bucket}/raw/' STORAGE_INTEGRATION = {lake.integration}"
    )
    maker = as_role(place.role)

    assert maker.errno(statement) == 2003
    admin.run(f"GRANT USAGE ON INTEGRATION {lake.integration} TO ROLE {place.role}")
    maker.run(statement)


def test_a_load_belongs_to_the_transaction_it_stands_in(admin, lake):
    admin.run("BEGIN", lake.copy, "ROLLBACK")

    assert admin.run(f"SELECT COUNT(*) FROM {lake.table}") == [(0,)]
    assert len(admin.rows(lake.copy)) == 2


def test_a_third_of_a_million_rows_load_in_seconds(admin, lake, place):
    rows = 336_776
    body = parquet(id=list(range(rows)), name=["carrier"] * rows)
    lake.s3.put_object(Bucket=lake.bucket, Key="raw/big/part.parquet", Body=body)
    began = time.monotonic()

    (row,) = admin.rows(lake.copy.replace("LAKE ", "LAKE/big/ "))

    assert row["rows_loaded"] == rows
    assert time.monotonic() - began < 20
