"""getPolicyDocument: an IAM policy's JSON from its statements. Makes no call.

Source: AWS IAM User Guide, "IAM JSON policy elements reference"; the defaults
and the merging are those that the public provider documents for the function.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Final

from reconciler.catalog import calls, spec
from reconciler.catalog.aws.fields import POLICY_JSON
from reconciler.catalog.calls import CallFunction, Course, Task
from reconciler.catalog.spec import Field
from reconciler.model.values import PropertyMap

VERSION: Final = "2012-10-17"

# The function's list -> the element of the policy's statement.
_LISTS: Final[Mapping[str, str]] = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_PRINCIPALS: Final[Mapping[str, str]] = {"principals": "Principal", "notPrincipals": "NotPrincipal"}


def _plain(text: str) -> str:
    # `${…}` belongs to the program's language, so the function takes `&{…}` for the policy's own variables.
    return text.replace("&{", "${")


def _one_or_many(listed: tuple[str, ...]) -> object:
    """A list of one stands as its item; longer ones are sorted downwards, as the public provider prints them."""
    plain = [_plain(item) for item in listed]
    return plain[0] if len(plain) == 1 else sorted(plain, reverse=True)


def _principals(blocks: tuple[PropertyMap, ...]) -> object:
    by_type: dict[str, list[str]] = {}
    for block in blocks:
        by_type.setdefault(calls.text(block, "type"), []).extend(calls.texts(block, "identifiers"))
    if set(by_type) == {"*"} and by_type["*"] == ["*"]:
        return "*"
    return {sort: _one_or_many(tuple(by_type[sort])) for sort in sorted(by_type)}


def _conditions(blocks: tuple[PropertyMap, ...]) -> dict[str, dict[str, object]]:
    tests: dict[str, dict[str, object]] = {}
    for block in sorted(blocks, key=lambda row: (calls.text(row, "test"), calls.text(row, "variable"))):
        values = tuple(_plain(value) for value in calls.texts(block, "values"))
        found = values[0] if len(values) == 1 else list(values)
        tests.setdefault(calls.text(block, "test"), {})[_plain(calls.text(block, "variable"))] = found
    return tests


def _statement(block: PropertyMap) -> dict[str, object]:
    """One statement, its elements in the order of the IAM grammar as the public provider prints them."""
    found: dict[str, object] = {}
    if calls.text(block, "sid"):
        found["Sid"] = calls.text(block, "sid")
    found["Effect"] = calls.text(block, "effect") or "Allow"
    for name, element in _LISTS.items():
        listed = calls.texts(block, name)
        if listed:
            found[element] = _one_or_many(listed)
    for name, element in _PRINCIPALS.items():
        blocks = calls.rows(block, name)
        if blocks:
            found[element] = _principals(blocks)
    conditions = _conditions(calls.rows(block, "conditions"))
    if conditions:
        found["Condition"] = conditions
    return found


def _statements(document: object) -> list[dict[str, object]]:
    found = document.get("Statement", []) if isinstance(document, dict) else []
    return [found] if isinstance(found, dict) else list(found)


def _merged(
    statements: list[dict[str, object]], others: list[dict[str, object]], *, override: bool
) -> list[dict[str, object]]:
    """Statements joined; one with the sid of an earlier one replaces it when overriding."""
    joined = list(statements)
    for other in others:
        places = [index for index, one in enumerate(joined) if other.get("Sid") and one.get("Sid") == other["Sid"]]
        if places and override:
            joined[places[0]] = other
        else:
            joined.append(other)
    return joined


def render_policy(arguments: PropertyMap) -> dict[str, object]:
    """The policy document that the function's arguments describe.

    >>> render_policy({"statements": ({"actions": ("s3:Get*",), "resources": ("*",)},)})["Statement"]
    [{'Effect': 'Allow', 'Action': 's3:Get*', 'Resource': '*'}]
    """
    statements: list[dict[str, object]] = []
    for source in calls.texts(arguments, "sourcePolicyDocuments"):
        statements = _merged(statements, _statements(json.loads(source)), override=False)
    own = [_statement(block) for block in calls.rows(arguments, "statements")]
    statements = _merged(statements, own, override=True)
    for document in calls.texts(arguments, "overridePolicyDocuments"):
        statements = _merged(statements, _statements(json.loads(document)), override=True)
    policy: dict[str, object] = {"Version": calls.text(arguments, "version") or VERSION}
    if calls.text(arguments, "policyId"):
        policy["Id"] = calls.text(arguments, "policyId")
    return {**policy, "Statement": statements}


def _run(task: Task) -> Course[PropertyMap]:
    policy = render_policy(task.inputs)
    indented = json.dumps(policy, indent=2)
    yield from ()
    return {
        **task.inputs,
        "json": indented,
        "minifiedJson": json.dumps(policy, separators=(",", ":")),
        "version": policy["Version"] if isinstance(policy["Version"], str) else VERSION,
        "id": str(zlib.crc32(indented.encode())),
    }


_PRINCIPAL = spec.Block((Field("type", required=True), Field("identifiers", spec.NAMES, required=True)))
_CONDITION = spec.Block(
    (
        Field("test", required=True),
        Field("variable", required=True),
        Field("values", spec.ListOf(spec.TEXT), required=True),
    )
)
_STATEMENT = spec.Block(
    (
        Field("sid"),
        Field("effect", spec.OneOf("Allow", "Deny", any_case=False)),
        *(Field(name, spec.NAMES) for name in _LISTS),
        *(Field(name, spec.SetOf(_PRINCIPAL)) for name in _PRINCIPALS),
        Field("conditions", spec.SetOf(_CONDITION)),
    )
)
_DOCUMENTS: Final[spec.Type] = spec.ListOf(POLICY_JSON)


GET_POLICY_DOCUMENT = CallFunction(
    token="aws:iam/getPolicyDocument:getPolicyDocument",
    arguments=(
        Field("statements", spec.ListOf(_STATEMENT)),
        Field("version", spec.OneOf(VERSION, "2008-10-17", any_case=False)),
        Field("policyId"),
        Field("sourcePolicyDocuments", _DOCUMENTS),
        Field("overridePolicyDocuments", _DOCUMENTS),
    ),
    source="AWS IAM User Guide: IAM JSON policy elements reference",
    run=_run,
)
