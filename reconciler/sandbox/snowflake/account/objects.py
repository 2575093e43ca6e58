"""Files in object storage, reached as Snowflake would reach them: through a role that must trust it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import botocore.exceptions
from botocore.config import Config

from reconciler.sandbox.snowflake.account import accounts
from reconciler.sandbox.snowflake.account.locations import Location
from reconciler.sandbox.snowflake.account.trust import Document, allows, trusts
from reconciler.sandbox.snowflake.vocabulary import refusals

_CONFIG: Final = Config(
    retries={"max_attempts": 2}, connect_timeout=5, read_timeout=60, s3={"addressing_style": "path"}
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One object: its key, size, entity tag (without quotes) and time of change, seconds since the epoch."""

    key: str
    size_bytes: int
    tag: str
    modified_s: float


class ObjectStore:
    """The AWS endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._s3 = self._client("s3", endpoint)
        self._iam = self._client("iam", endpoint)

    @staticmethod
    def _client(service: str, endpoint: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=accounts.REGION,
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",  # the sandbox's AWS takes any
            config=_CONFIG,
        )

    def policies(self, role_arn: str, user_arn: str, external_id: str) -> tuple[Document, ...]:
        """The permission policies of a role, once it is clear that it trusts Snowflake.

        Raises:
            RefusedError: 3167 when there is no such role, or it does not trust the user with the external id.
        """
        name = role_arn.rsplit("/", 1)[-1]
        try:
            role = self._iam.get_role(RoleName=name)["Role"]
        except botocore.exceptions.ClientError as error:
            raise not_assumed(user_arn, role_arn) from error
        except botocore.exceptions.BotoCoreError as error:
            raise _unreachable(error) from error
        if role["Arn"] != role_arn or not trusts(role["AssumeRolePolicyDocument"], user_arn, external_id):
            raise not_assumed(user_arn, role_arn)
        inline = self._iam.list_role_policies(RoleName=name)["PolicyNames"]
        found = [self._iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in inline]
        for attached in self._iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            policy = self._iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
            version = self._iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
            found.append(version["PolicyVersion"]["Document"])
        return tuple(found)

    def files(self, location: Location, path: str) -> tuple[StoredFile, ...]:
        """The files below a location whose keys continue with the path, by key.

        Raises:
            RefusedError: 91003 when there is no such bucket.
        """
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=location.bucket, Prefix=location.prefix + path
        )
        with _as_refusals(location.url):
            return tuple(
                StoredFile(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"].timestamp())
                for page in pages
                for item in page.get("Contents", ())
                if not item["Key"].endswith("/")
            )

    def fetch(self, location: Location, key: str, to: Path) -> None:
        """Copy one file to disk."""
        with _as_refusals(f"s3://{location.bucket}/{key}"):
            self._s3.download_file(location.bucket, key, str(to))

    def delete(self, location: Location, key: str) -> None:
        """Delete one file."""
        with _as_refusals(f"s3://{location.bucket}/{key}"):
            self._s3.delete_object(Bucket=location.bucket, Key=key)


def require(policies: tuple[Document, ...], action: str, location: Location, key: str | None = None) -> None:
    """Refuse what the role's policies do not allow.

    Args:
        key: the object; None for the bucket, as s3:ListBucket has it.

    Raises:
        RefusedError: 91003, as S3's own refusal reaches a Snowflake user.
    """
    resource = f"arn:aws:s3:::{location.bucket}" + (f"/{key}" if key is not None else "")
    if not allows(policies, action, resource, None if key is not None else location.prefix):
        raise refusals.RefusedError(
            91003,
            "22000",
            "Failure using stage area. Cause: [Access Denied (Status Code: 403; Error Code: AccessDenied)]"
            f" ({action} on {resource})",
        )


def not_assumed(user_arn: str, role_arn: str) -> refusals.RefusedError:
    """AWS does not let Snowflake assume the role."""
    return refusals.RefusedError(
        3167,
        "42601",
        f"Error assuming AWS_ROLE:\nUser: {user_arn} is not authorized to perform: sts:AssumeRole on resource:"
        f" {role_arn}. Check the role's trust policy: principal and sts:ExternalId.",
    )


def _unreachable(error: Exception) -> refusals.RefusedError:
    return refusals.RefusedError(91003, "22000", f"Failure using stage area. Cause: [{error}]")


@contextmanager
def _as_refusals(what: str) -> Iterator[None]:
    try:
        yield
    except botocore.exceptions.ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise refusals.RefusedError(91003, "22000", f"Failure using stage area. Cause: [{what}: {code}]") from error
    except botocore.exceptions.BotoCoreError as error:
        raise _unreachable(error) from error
