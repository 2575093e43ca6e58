"""Where files land, and how Snowflake reads them without holding a key.

The bucket belongs to AWS, the stage to Snowflake, and between them stands a
role that only Snowflake's own user may assume. Role and integration each need
the other: the integration names the role's ARN, the role's trust policy names
the integration's user and external id. The knot is cut by computing the ARN
from the account and a name of our choice, creating the integration first
(Snowflake does not look at the role then), and the role from its outputs.

Source: Snowflake user guide, "Configuring a Snowflake storage integration to
access Amazon S3".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
import pulumi_snowflake as snowflake

from infra.settings import Settings
from infra.warehouse import Layers

PREFIX: Final = "bronze/"


@dataclass(frozen=True, slots=True)
class Landing:
    """The way in for files.

    Attributes:
        url: where files are put, `s3://bucket/prefix/`; the stage points there.
    """

    bucket: aws.s3.Bucket
    integration: snowflake.StorageIntegrationAws
    parquet: snowflake.FileFormatParquet
    stage: snowflake.StageExternalS3
    url: pulumi.Output[str]


def landing(settings: Settings, layers: Layers) -> Landing:
    """Declare bucket, role, integration, stage and file format."""
    bucket = _bucket(settings)
    url = pulumi.Output.concat("s3://", bucket.bucket, "/", PREFIX)
    role_name = f"{settings.slug}-lake-reader"
    integration = snowflake.StorageIntegrationAws(
        "lake-integration",
        name=f"{settings.prefix}_LAKE",
        storage_provider="S3",
        enabled=True,
        storage_allowed_locations=[url],
        storage_aws_role_arn=_role_arn(role_name),
        comment="Reads the landing bucket by assuming a role; holds no key",
    )
    role, policy = _role(role_name, bucket, integration)
    parquet = snowflake.FileFormatParquet(
        "parquet",
        database=layers.database.name,
        schema=layers.bronze.name,
        name="PARQUET",
        # Dates and times as what they are, not as bare integers.
        use_logical_type="true",
        comment="Files as the flows write them",
    )
    stage = snowflake.StageExternalS3(
        "landing",
        database=layers.database.name,
        schema=layers.bronze.name,
        name="LANDING",
        url=url,
        storage_integration=integration.name,
        file_format={"format_name": parquet.fully_qualified_name},
        comment="Files that wait to be loaded into bronze",
        # A stage that Snowflake may not yet read would fail at its first use.
        opts=pulumi.ResourceOptions(depends_on=[role, policy]),
    )
    return Landing(bucket, integration, parquet, stage, url)


def _bucket(settings: Settings) -> aws.s3.Bucket:
    bucket = aws.s3.Bucket(
        "lake",
        bucket=settings.bucket,
        force_destroy=not settings.protect,
        tags={"environment": settings.stack},
        opts=pulumi.ResourceOptions(protect=settings.protect),
    )
    aws.s3.BucketPublicAccessBlock(
        "lake-is-private",
        bucket=bucket.bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        "lake-is-encrypted",
        bucket=bucket.bucket,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
    )
    return bucket


def _role_arn(name: str) -> pulumi.Output[str]:
    """The ARN that the role will have: made of the account and the name, so known before the role is."""
    identity = aws.get_caller_identity_output()
    # The partition differs in China and GovCloud; the caller's own ARN says which one this is.
    partition = identity.arn.apply(lambda arn: str(arn.split(":")[1]))
    return pulumi.Output.concat("arn:", partition, ":iam::", identity.account_id, ":role/", name)


def _role(
    name: str, bucket: aws.s3.Bucket, integration: snowflake.StorageIntegrationAws
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """The role that Snowflake assumes: it may read the landing prefix and nothing else."""
    described = integration.describe_outputs[0]
    role = aws.iam.Role(
        "lake-reader",
        name=name,
        description="Assumed by Snowflake's storage integration",
        assume_role_policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"AWS": described.iam_user_arn},
                        "Condition": {"StringEquals": {"sts:ExternalId": described.external_id}},
                    }
                ],
            }
        ),
    )
    policy = aws.iam.RolePolicy(
        "lake-reader-reads",
        role=role.name,
        name="read-landing",
        policy=pulumi.Output.json_dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                        "Resource": pulumi.Output.concat(bucket.arn, "/", PREFIX, "*"),
                    },
                    {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": bucket.arn},
                    {
                        "Effect": "Allow",
                        "Action": "s3:ListBucket",
                        "Resource": bucket.arn,
                        "Condition": {"StringLike": {"s3:prefix": [f"{PREFIX}*"]}},
                    },
                ],
            }
        ),
    )
    return role, policy
