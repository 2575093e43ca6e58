"""Fields, outputs and words that kinds of AWS share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.catalog import spec

OPERATION_TAG: Final = "flowforge:operation"
"""The tag by which an interrupted creation is found again. Set by the call that creates, shown to nobody."""

REGION: Final = spec.Field("region", change=spec.Change.REPLACE, computed=True)
TAGS: Final = spec.Field("tags", spec.MapOf(spec.TEXT))
POLICY_JSON: Final = spec.Json(text=True)

ARN: Final = spec.Output("arn")
TAGS_ALL: Final = spec.Output("tagsAll", follows=("tags",))
OWNER: Final = spec.Output("ownerId")


def partition(region: str) -> str:
    """The partition that a region belongs to.

    Source: AWS General Reference, Amazon Resource Names (ARNs).

    >>> partition("cn-north-1"), partition("eu-west-1")
    ('aws-cn', 'aws')
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def marked(tags: Mapping[str, str], operation: str) -> dict[str, str]:
    """Tags to create an object with: the wanted ones and the mark of the operation."""
    return {**tags, OPERATION_TAG: operation} if operation else dict(tags)
