"""Secrets of Secrets Manager and the versions of their values."""

from __future__ import annotations

import hashlib
from typing import Final

from reconciler.catalog import calls, spec
from reconciler.catalog.aws.fields import ARN, OPERATION_TAG, POLICY_JSON, REGION, TAGS, TAGS_ALL, marked
from reconciler.catalog.calls import Call, CallKind, Course, Refusal, Task
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

_GONE: Final = (Refusal("ResourceNotFoundException"),)
_DELETED: Final = (
    *_GONE,
    Refusal("InvalidRequestException", "marked for deletion"),
    Refusal("InvalidRequestException", "marked deleted"),
)
_SPREADING: Final = (Refusal("MalformedPolicyDocumentException", "principal"),)
_CURRENT: Final = "AWSCURRENT"


def _call(
    method: str,
    arguments: PropertyMap,
    *,
    once: bool = False,
    absent: tuple[Refusal, ...] = (),
    retry: tuple[Refusal, ...] = (),
) -> Call:
    return Call(service="secretsmanager", method=method, arguments=arguments, once=once, absent=absent, retry=retry)


def request_token(operation: str) -> str:
    """The operation in the form that the API takes for request tokens: 32 to 64 characters."""
    return operation if 32 <= len(operation) <= 64 else hashlib.sha256(operation.encode()).hexdigest()


_SECRET_FIELDS = (
    Field("name", spec.Text(max_length=512), change=Change.REPLACE),
    Field("description"),
    Field("kmsKeyId"),
    Field("policy", POLICY_JSON, shown_as="Policy", sent_as="ResourcePolicy"),
    Field("recoveryWindowInDays", spec.Integer(minimum=0, maximum=30, unit="days"), default=30, shown_as=None),
    TAGS,
    REGION,
)


def _secret_make(task: Task) -> Course[str]:
    arguments = calls.sent(_SECRET_FIELDS, task.inputs, "name", "description", "kmsKeyId")
    tags = marked(task.tags, task.operation)
    if tags:
        arguments["Tags"] = calls.tag_list(tags)
    if task.operation:
        arguments["ClientRequestToken"] = request_token(task.operation)
    made = yield from calls.ask(_call("create_secret", arguments, once=True))
    return calls.text(made, "ARN")


def _secret_complete(task: Task) -> Course[None]:
    if "policy" in task.changed:
        yield from _put_policy(task)


def _put_policy(task: Task) -> Course[None]:
    policy = task.inputs.get("policy")
    if policy:
        put = {"SecretId": task.id, "ResourcePolicy": calls.to_wire(POLICY_JSON, policy)}
        yield from calls.ask(_call("put_resource_policy", put, retry=_SPREADING))
    else:
        yield from calls.ask(_call("delete_resource_policy", {"SecretId": task.id}, absent=_GONE))


def _secret_read(task: Task) -> Course[PropertyMap | None]:
    secret = yield from calls.look(_call("describe_secret", {"SecretId": task.id}, absent=_GONE))
    if secret is None or calls.at(secret, "DeletedDate") is not None:
        return None
    attached = yield from calls.ask(_call("get_resource_policy", {"SecretId": task.id}, absent=_GONE))
    return {
        **calls.shown(_SECRET_FIELDS, secret),
        "policy": calls.at(attached, "ResourcePolicy"),
        "arn": calls.at(secret, "ARN"),
        "tagsAll": calls.tag_map(calls.rows(secret, "Tags")),
    }


def _secret_update(task: Task) -> Course[None]:
    if task.changed & {"description", "kmsKeyId"}:
        change: dict[str, Value] = {"SecretId": task.id, "Description": task.inputs.get("description") or ""}
        if "kmsKeyId" in task.changed:
            # No key means the account's own key for Secrets Manager.
            change["KmsKeyId"] = task.inputs.get("kmsKeyId") or "alias/aws/secretsmanager"
        yield from calls.ask(_call("update_secret", change))
    if "policy" in task.changed:
        yield from _put_policy(task)
    added, removed = calls.tags_to_set(task), calls.tags_to_remove(task)
    if added:
        yield from calls.ask(_call("tag_resource", {"SecretId": task.id, "Tags": calls.tag_list(added)}))
    if removed:
        yield from calls.ask(_call("untag_resource", {"SecretId": task.id, "TagKeys": removed}))


def _secret_delete(task: Task) -> Course[None]:
    days = task.inputs.get("recoveryWindowInDays")
    window = 30 if days is None else calls.to_wire(spec.Integer(), days)
    how: PropertyMap = {"ForceDeleteWithoutRecovery": True} if window == 0 else {"RecoveryWindowInDays": window}
    yield from calls.ask(_call("delete_secret", {"SecretId": task.id, **how}, absent=_DELETED))


def _secret_find(task: Task) -> Course[str]:
    name = calls.text(task.inputs, "name")
    secret = yield from calls.look(_call("describe_secret", {"SecretId": name}, absent=_GONE))
    tags = calls.tag_map(calls.rows(secret, "Tags"))
    return calls.text(secret, "ARN") if calls.text(tags, OPERATION_TAG) == task.operation else ""


SECRET = CallKind(
    token="aws:secretsmanager/secret:Secret",
    service="secretsmanager",
    source="AWS Secrets Manager API Reference: CreateSecret, DescribeSecret, UpdateSecret, DeleteSecret",
    fields=_SECRET_FIELDS,
    outputs=(ARN, TAGS_ALL),
    autoname=spec.AutoName(max_length=512),
    make=_secret_make,
    complete=_secret_complete,
    read=_secret_read,
    update=_secret_update,
    delete=_secret_delete,
    find=_secret_find,
    elsewhere=("forceOverwriteReplicaSecret", "namePrefix", "replicas", "type"),
)


_VERSION_FIELDS = (
    Field("secretId", spec.Ref("SECRET"), required=True, change=Change.REPLACE, shown_as=None),
    Field("secretString", change=Change.REPLACE, secret=True),
    Field("secretBinary", change=Change.REPLACE, secret=True),
    Field("versionStages", spec.NAMES, computed=True),
    REGION,
)


def _version_make(task: Task) -> Course[str]:
    arguments = calls.sent(_VERSION_FIELDS, task.inputs, "secretId", "secretString", "secretBinary", "versionStages")
    if task.operation:
        # The token becomes the version's id: a second sending finds the first one's version.
        arguments["ClientRequestToken"] = request_token(task.operation)
    made = yield from calls.ask(_call("put_secret_value", arguments, retry=_GONE))
    return f"{calls.text(made, 'ARN')}|{calls.text(made, 'VersionId')}"


def _version_key(task: Task) -> PropertyMap:
    secret, _, version = task.id.rpartition("|")
    return {"SecretId": secret, "VersionId": version}


def _version_read(task: Task) -> Course[PropertyMap | None]:
    value = yield from calls.look(_call("get_secret_value", _version_key(task), absent=_DELETED))
    if value is None:
        return None
    live = calls.shown(_VERSION_FIELDS, value)
    return {
        **live,
        "secretId": task.inputs.get("secretId") or calls.at(value, "ARN"),
        "versionStages": tuple(sorted(calls.texts(value, "VersionStages"))),
        "arn": calls.at(value, "ARN"),
        "secretArn": calls.at(value, "ARN"),
        "versionId": calls.at(value, "VersionId"),
    }


def _version_update(task: Task) -> Course[None]:
    key = _version_key(task)
    secret, version = key["SecretId"], key["VersionId"]
    wanted, live = set(calls.texts(task.inputs, "versionStages")), set(calls.texts(task.live, "versionStages"))
    if wanted - live:
        described = yield from calls.ask(_call("describe_secret", {"SecretId": secret}))
        for stage in sorted(wanted - live):
            move: dict[str, Value] = {"SecretId": secret, "VersionStage": stage, "MoveToVersionId": version}
            holder = _holder(described, stage)
            if holder:
                move["RemoveFromVersionId"] = holder
            yield from calls.ask(_call("update_secret_version_stage", move))
    for stage in sorted(live - wanted - {_CURRENT}):
        yield from _unstage(key, stage)


def _holder(described: PropertyMap, stage: str) -> str:
    versions = calls.at(described, "VersionIdsToStages")
    found = [id for id in versions if stage in calls.texts(versions, id)] if isinstance(versions, dict) else []
    return found[0] if found else ""


def _unstage(key: PropertyMap, stage: str) -> Course[None]:
    remove = {"SecretId": key["SecretId"], "VersionStage": stage, "RemoveFromVersionId": key["VersionId"]}
    yield from calls.ask(_call("update_secret_version_stage", remove, absent=_DELETED))


def _version_delete(task: Task) -> Course[None]:
    # A version cannot be deleted: it goes when no stage points at it, and the
    # current one stays until the secret goes.
    value = yield from calls.look(_call("get_secret_value", _version_key(task), absent=_DELETED))
    for stage in sorted(set(calls.texts(value, "VersionStages")) - {_CURRENT}):
        yield from _unstage(_version_key(task), stage)


def _version_find(task: Task) -> Course[str]:
    token = request_token(task.operation)
    key = {"SecretId": task.inputs.get("secretId"), "VersionId": token}
    value = yield from calls.look(_call("get_secret_value", key, absent=_DELETED))
    return f"{calls.text(value, 'ARN')}|{token}" if value is not None else ""


def _version_check(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    if (inputs.get("secretString") is None) == (inputs.get("secretBinary") is None):
        return (("", "give one of secretString and secretBinary (base64 text)"),)
    return ()


SECRET_VERSION = CallKind(
    token="aws:secretsmanager/secretVersion:SecretVersion",
    service="secretsmanager",
    source="AWS Secrets Manager API Reference: PutSecretValue, GetSecretValue, UpdateSecretVersionStage",
    fields=_VERSION_FIELDS,
    outputs=(ARN, Output("secretArn"), Output("versionId")),
    check=_version_check,
    make=_version_make,
    read=_version_read,
    update=_version_update,
    delete=_version_delete,
    find=_version_find,
    elsewhere=("secretStringWo", "secretStringWoVersion"),
)
