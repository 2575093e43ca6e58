"""Storage integrations with Amazon S3.

Changed by ALTER alone: CREATE OR REPLACE would mint a new external id, and
every stage that relies on the trust policy would break without a word.
"""

from __future__ import annotations

from dataclasses import replace

from reconciler.catalog import spec, sql
from reconciler.model.values import PropertyMap, Value


def _locations(name: str, observation: sql.Observation) -> tuple[Value, ...]:
    text = observation.find_property(name) or ""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _allowed(observation: sql.Observation) -> Value:
    return _locations("STORAGE_ALLOWED_LOCATIONS", observation)


def _blocked(observation: sql.Observation) -> Value:
    return _locations("STORAGE_BLOCKED_LOCATIONS", observation)


def _describe(observation: sql.Observation) -> tuple[PropertyMap, ...]:
    """Source: the public SDK's StorageIntegrationAwsDescribeOutput; DESCRIBE INTEGRATION."""
    find = observation.find_property
    return (
        {
            "id": observation.row.get("name"),
            "enabled": find("ENABLED") == "true",
            "provider": find("STORAGE_PROVIDER") or "",
            "allowedLocations": _allowed(observation),
            "blockedLocations": _blocked(observation),
            "comment": find("COMMENT") or "",
            "usePrivatelinkEndpoint": find("USE_PRIVATELINK_ENDPOINT") == "true",
            "iamUserArn": find("STORAGE_AWS_IAM_USER_ARN") or "",
            "roleArn": find("STORAGE_AWS_ROLE_ARN") or "",
            "objectAcl": find("STORAGE_AWS_OBJECT_ACL") or "",
            "externalId": find("STORAGE_AWS_EXTERNAL_ID") or "",
        },
    )


_FIELDS = (
    sql.FIXED_NAME,
    replace(sql.COMMENT, told_as="comment"),
    sql.Property(
        "storageProvider",
        spec.OneOf("S3", "S3GOV", "S3CHINA"),
        required=True,
        change=spec.Change.REPLACE,
        style=sql.Style.STRING,
        read_from=sql.ReadFrom.DESCRIBE,
    ),
    sql.Property("enabled", spec.FLAG, required=True, told_as="enabled"),
    sql.Property("storageAwsRoleArn", required=True, told_as="roleArn", read_from=sql.ReadFrom.DESCRIBE),
    # Dropped from a program it stays: an external id that changes breaks the role's trust policy.
    sql.Property("storageAwsExternalId", can_unset=False, told_as="externalId", read_from=sql.ReadFrom.DESCRIBE),
    sql.Property(
        "storageAwsObjectAcl",
        spec.OneOf("bucket-owner-full-control", any_case=False),
        style=sql.Style.STRING,
        read_from=sql.ReadFrom.DESCRIBE,
        told_as="objectAcl",
    ),
    sql.Property(
        "usePrivatelinkEndpoint",
        spec.TriState(),
        default="false",
        told_as="usePrivatelinkEndpoint",
        read_from=sql.ReadFrom.DESCRIBE,
    ),
    sql.Property(
        "storageAllowedLocations",
        spec.NAMES,
        required=True,
        read_from=sql.ReadFrom.DESCRIBE,
        observe=_allowed,
        told_as="allowedLocations",
    ),
    sql.Property(
        "storageBlockedLocations",
        spec.NAMES,
        default=(),
        read_from=sql.ReadFrom.DESCRIBE,
        observe=_blocked,
        told_as="blockedLocations",
    ),
)

STORAGE_INTEGRATION_AWS = sql.SqlKind(
    token="snowflake:index/storageIntegrationAws:StorageIntegrationAws",
    words="STORAGE INTEGRATION",
    scope=sql.Scope.ACCOUNT,
    options="TYPE = EXTERNAL_STAGE",
    source="Snowflake SQL reference: CREATE STORAGE INTEGRATION, ALTER STORAGE INTEGRATION, DESCRIBE INTEGRATION",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=sql.outputs(_FIELDS, describe=True),
    described=True,
    describe=_describe,
    shows=(
        sql.Column(name="name"),
        sql.Column(name="type", output="storageType"),
        sql.Column(name="category"),
        sql.Column(name="enabled", type="flag"),
        sql.Column(name="comment"),
        sql.Column(name="created_on"),
    ),
)
