"""Roles and their inline policies."""

from __future__ import annotations

from typing import Final

from reconciler.catalog import calls, spec
from reconciler.catalog.aws.fields import ARN, OPERATION_TAG, POLICY_JSON, TAGS, TAGS_ALL, marked
from reconciler.catalog.calls import Call, CallKind, Course, Refusal, Task
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

_GONE: Final = (Refusal("NoSuchEntity"),)
# A principal that was made a moment ago is not known everywhere yet.
_SPREADING: Final = (Refusal("MalformedPolicyDocument", "principal"),)
_CHANGING: Final = (Refusal("ConcurrentModification"), Refusal("DeleteConflict"))


def _call(
    method: str,
    arguments: PropertyMap,
    *,
    once: bool = False,
    absent: tuple[Refusal, ...] = (),
    retry: tuple[Refusal, ...] = (),
    retry_s: float = 120.0,
) -> Call:
    return Call(
        service="iam", method=method, arguments=arguments, once=once, absent=absent, retry=retry, retry_s=retry_s
    )


_NAME = spec.Text(max_length=64, pattern=r"[\w+=,.@-]+", expects="a role name: letters, digits and +=,.@-_")
_INLINE = spec.Block((Field("name", required=True), Field("policy", POLICY_JSON, required=True)))
_ROLE_FIELDS = (
    Field("name", _NAME, change=Change.REPLACE, sent_as="RoleName"),
    Field("path", default="/", change=Change.REPLACE),
    Field("assumeRolePolicy", POLICY_JSON, required=True, sent_as="AssumeRolePolicyDocument"),
    Field("description"),
    Field("maxSessionDuration", spec.Integer(minimum=3600, maximum=43200, unit="s"), default=3600),
    Field("permissionsBoundary", shown_as="PermissionsBoundary.PermissionsBoundaryArn"),
    Field("managedPolicyArns", spec.NAMES, computed=True),
    Field("inlinePolicies", spec.SetOf(_INLINE), computed=True),
    Field("forceDetachPolicies", spec.FLAG, default=False, shown_as=None),
    TAGS,
)
_ROLE_SENT = ("name", "path", "assumeRolePolicy", "description", "maxSessionDuration", "permissionsBoundary")


def _role_make(task: Task) -> Course[str]:
    arguments = calls.sent(_ROLE_FIELDS, task.inputs, *_ROLE_SENT)
    tags = marked(task.tags, task.operation)
    if tags:
        arguments["Tags"] = calls.tag_list(tags)
    yield from calls.ask(_call("create_role", arguments, once=True, retry=_SPREADING))
    return calls.text(task.inputs, "name")


def _role_complete(task: Task) -> Course[None]:
    yield from _match_policies(task)


def _match_policies(task: Task) -> Course[None]:
    """Attach and detach, put and delete, until the role has the policies that the program lists."""
    role: PropertyMap = {"RoleName": task.id}
    if "managedPolicyArns" in task.changed:
        live, wanted = set((yield from _attached(task.id))), set(calls.texts(task.inputs, "managedPolicyArns"))
        for arn in sorted(wanted - live):
            yield from calls.ask(_call("attach_role_policy", {**role, "PolicyArn": arn}))
        for arn in sorted(live - wanted):
            yield from calls.ask(_call("detach_role_policy", {**role, "PolicyArn": arn}, absent=_GONE))
    if "inlinePolicies" in task.changed:
        rows = calls.rows(task.inputs, "inlinePolicies")
        for row in rows:
            document = calls.to_wire(POLICY_JSON, row["policy"])
            put = {**role, "PolicyName": row["name"], "PolicyDocument": document}
            yield from calls.ask(_call("put_role_policy", put))
        names = {calls.text(row, "name") for row in rows}
        for name in sorted(set((yield from _inline_names(task.id))) - names):
            yield from calls.ask(_call("delete_role_policy", {**role, "PolicyName": name}, absent=_GONE))


def _attached(role: str) -> Course[tuple[str, ...]]:
    answer = yield from calls.ask(
        _call("list_attached_role_policies", {"RoleName": role, "MaxItems": 1000}, absent=_GONE)
    )
    return tuple(sorted(calls.text(row, "PolicyArn") for row in calls.rows(answer, "AttachedPolicies")))


def _inline_names(role: str) -> Course[tuple[str, ...]]:
    answer = yield from calls.ask(_call("list_role_policies", {"RoleName": role, "MaxItems": 1000}, absent=_GONE))
    return tuple(sorted(calls.texts(answer, "PolicyNames")))


def _role_read(task: Task) -> Course[PropertyMap | None]:
    found = yield from calls.look(_call("get_role", {"RoleName": task.id}, absent=_GONE))
    if found is None:
        return None
    role = calls.rows({"roles": (found["Role"],)}, "roles")[0]
    live: dict[str, Value] = {
        **calls.shown(_ROLE_FIELDS, role),
        "arn": calls.at(role, "Arn"),
        "uniqueId": calls.at(role, "RoleId"),
        "createDate": calls.at(role, "CreateDate"),
        "managedPolicyArns": (yield from _attached(task.id)),
        "tagsAll": calls.tag_map(calls.rows(role, "Tags")),
    }
    if "inlinePolicies" in task.inputs:
        live["inlinePolicies"] = yield from _inline(task.id)
    else:
        # Inline policies that the program does not list are resources of their own.
        del live["inlinePolicies"]
    return live


def _inline(role: str) -> Course[tuple[Value, ...]]:
    policies: list[Value] = []
    for name in (yield from _inline_names(role)):
        answer = yield from calls.look(_call("get_role_policy", {"RoleName": role, "PolicyName": name}, absent=_GONE))
        if answer is not None:
            document = calls.from_wire(POLICY_JSON, calls.at(answer, "PolicyDocument"))
            policies.append({"name": name, "policy": document})
    return tuple(policies)


def _role_update(task: Task) -> Course[None]:
    role: PropertyMap = {"RoleName": task.id}
    if "assumeRolePolicy" in task.changed:
        document = calls.to_wire(POLICY_JSON, task.inputs.get("assumeRolePolicy"))
        trust = {**role, "PolicyDocument": document}
        yield from calls.ask(_call("update_assume_role_policy", trust, retry=_SPREADING))
    if task.changed & {"description", "maxSessionDuration"}:
        # The call sets both, so say both.
        described = task.inputs.get("description") or ""
        lasting = calls.to_wire(spec.Integer(), task.inputs.get("maxSessionDuration") or 3600)
        change = {**role, "Description": described, "MaxSessionDuration": lasting}
        yield from calls.ask(_call("update_role", change))
    if "permissionsBoundary" in task.changed:
        boundary = task.inputs.get("permissionsBoundary")
        if boundary:
            put = {**role, "PermissionsBoundary": boundary}
            yield from calls.ask(_call("put_role_permissions_boundary", put))
        else:
            yield from calls.ask(_call("delete_role_permissions_boundary", role, absent=_GONE))
    yield from _match_policies(task)
    added, removed = calls.tags_to_set(task), calls.tags_to_remove(task)
    if added:
        yield from calls.ask(_call("tag_role", {**role, "Tags": calls.tag_list(added)}))
    if removed:
        yield from calls.ask(_call("untag_role", {**role, "TagKeys": removed}))


def _role_delete(task: Task) -> Course[None]:
    role: PropertyMap = {"RoleName": task.id}
    forced = str(task.inputs.get("forceDetachPolicies")).lower() == "true"
    if forced or task.inputs.get("managedPolicyArns") is not None:
        for arn in (yield from _attached(task.id)):
            yield from calls.ask(_call("detach_role_policy", {**role, "PolicyArn": arn}, absent=_GONE))
    if forced or task.inputs.get("inlinePolicies") is not None:
        for name in (yield from _inline_names(task.id)):
            yield from calls.ask(_call("delete_role_policy", {**role, "PolicyName": name}, absent=_GONE))
    # A policy that was detached a moment ago may still be seen on the role.
    yield from calls.ask(_call("delete_role", role, absent=_GONE, retry=_CHANGING, retry_s=15.0))


def _role_find(task: Task) -> Course[str]:
    name = calls.text(task.inputs, "name")
    found = yield from calls.look(_call("get_role", {"RoleName": name}, absent=_GONE))
    tags = calls.tag_map(calls.rows(found, "Role", "Tags"))
    return name if calls.text(tags, OPERATION_TAG) == task.operation else ""


ROLE = CallKind(
    token="aws:iam/role:Role",
    service="iam",
    source="AWS IAM API Reference: CreateRole, GetRole, UpdateRole, UpdateAssumeRolePolicy, DeleteRole",
    fields=_ROLE_FIELDS,
    outputs=(ARN, Output("uniqueId"), Output("createDate"), TAGS_ALL),
    autoname=spec.AutoName(max_length=64),
    regional=False,
    make=_role_make,
    complete=_role_complete,
    read=_role_read,
    update=_role_update,
    delete=_role_delete,
    find=_role_find,
    elsewhere=("namePrefix",),
)


_POLICY_FIELDS = (
    Field("role", spec.Ref("ROLE"), required=True, change=Change.REPLACE, sent_as="RoleName"),
    Field("name", spec.Text(max_length=128), change=Change.REPLACE, sent_as="PolicyName"),
    Field("policy", POLICY_JSON, required=True, sent_as="PolicyDocument"),
)


def _policy_make(task: Task) -> Course[str]:
    # Putting the same document again changes nothing, so a lost answer does no harm.
    yield from calls.ask(_call("put_role_policy", calls.sent(_POLICY_FIELDS, task.inputs), retry=_GONE))
    return f"{calls.text(task.inputs, 'role')}:{calls.text(task.inputs, 'name')}"


def _policy_key(task: Task) -> PropertyMap:
    role, _, name = task.id.partition(":")
    return {"RoleName": role, "PolicyName": name}


def _policy_read(task: Task) -> Course[PropertyMap | None]:
    found = yield from calls.look(_call("get_role_policy", _policy_key(task), absent=_GONE))
    return None if found is None else calls.shown(_POLICY_FIELDS, found)


def _policy_update(task: Task) -> Course[None]:
    yield from _policy_make(task)


def _policy_delete(task: Task) -> Course[None]:
    yield from calls.ask(_call("delete_role_policy", _policy_key(task), absent=_GONE))


ROLE_POLICY = CallKind(
    token="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    source="AWS IAM API Reference: PutRolePolicy, GetRolePolicy, DeleteRolePolicy",
    fields=_POLICY_FIELDS,
    autoname=spec.AutoName(max_length=128),
    regional=False,
    make=_policy_make,
    read=_policy_read,
    update=_policy_update,
    delete=_policy_delete,
    elsewhere=("namePrefix",),
)
