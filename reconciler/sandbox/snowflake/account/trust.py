"""Would AWS let Snowflake in? What a role's trust policy and permission policies say. Pure.

A small reading of IAM: Allow and Deny statements, wildcards, StringEquals and
StringLike conditions on the keys that matter here. Source: AWS IAM User Guide,
policy evaluation logic; Snowflake documentation, storage integrations on S3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]
"""A policy document as JSON."""


def trusts(document: Document, user_arn: str, external_id: str) -> bool:
    """Does a trust policy let the IAM user assume the role with the external id, and nobody without it?"""
    for statement in _statements(document):
        principal = statement.get("Principal")
        named = _texts(principal.get("AWS")) if isinstance(principal, Mapping) else _texts(principal)
        condition = statement.get("Condition")
        if (
            statement.get("Effect") == "Allow"
            and _matches(("sts:AssumeRole",), _texts(statement.get("Action")))
            and user_arn in named
            and isinstance(condition, Mapping)
            and external_id in _condition(condition, "sts:ExternalId")
        ):
            return True
    return False


def allows(documents: Sequence[Document], action: str, resource: str, prefix: str | None = None) -> bool:
    """Do permission policies allow an action on a resource?

    Args:
        prefix: for s3:ListBucket, the prefix that is listed.
    """
    decisions = [
        statement.get("Effect")
        for document in documents
        for statement in _statements(document)
        if _applies(statement, action, resource, prefix)
    ]
    return "Allow" in decisions and "Deny" not in decisions


def _applies(statement: Mapping[str, Any], action: str, resource: str, prefix: str | None) -> bool:
    if not _matches((action,), _texts(statement.get("Action"))):
        return False
    if not any(fnmatchcase(resource, pattern) for pattern in _texts(statement.get("Resource"))):
        return False
    condition = statement.get("Condition")
    if not isinstance(condition, Mapping) or prefix is None:
        return True
    prefixes = _condition(condition, "s3:prefix")
    return not prefixes or any(fnmatchcase(prefix, pattern) for pattern in prefixes)


def _matches(actions: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for action in actions for pattern in patterns)


def _condition(condition: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The values that a condition names for a key, in any of the string operators."""
    found: list[str] = []
    for operator, pairs in condition.items():
        if operator in ("StringEquals", "StringLike", "ForAnyValue:StringLike", "ForAnyValue:StringEquals"):
            for name, values in pairs.items():
                if name.lower() == key.lower():
                    found.extend(_texts(values))
    return tuple(found)


def _statements(document: Document) -> tuple[Mapping[str, Any], ...]:
    statements = document.get("Statement") or ()
    return (statements,) if isinstance(statements, Mapping) else tuple(statements)


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(str(each) for each in value) if isinstance(value, list) else ()
