"""Rules of security groups, one resource each."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.catalog import calls, spec
from reconciler.catalog.aws import ec2
from reconciler.catalog.aws.fields import ARN, REGION, TAGS, TAGS_ALL, partition
from reconciler.catalog.calls import CallKind, Course, Task
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

# The source's property -> the API's list of such sources, and the key of a source in it.
_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
_GONE = "InvalidSecurityGroupRuleId.NotFound"


def _same_protocol(wanted: Value, live: Value) -> bool:
    numbers = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
    return numbers.get(str(wanted).lower(), str(wanted).lower()) == str(live).lower()


_PORT = spec.Integer(minimum=-1, maximum=65535)
_FIELDS = (
    Field("securityGroupId", spec.Ref("SECURITY GROUP"), required=True, change=Change.REPLACE, sent_as="GroupId"),
    Field("ipProtocol", required=True, same=_same_protocol),
    Field("fromPort", _PORT),
    Field("toPort", _PORT),
    Field("cidrIpv4"),
    Field("cidrIpv6"),
    Field("prefixListId"),
    Field("referencedSecurityGroupId", shown_as="ReferencedGroupInfo.GroupId"),
    Field("description"),
    TAGS,
    REGION,
)


def _permission(inputs: PropertyMap) -> PropertyMap:
    """The rule as AuthorizeSecurityGroup… takes it."""
    permission = calls.sent(_FIELDS, inputs, "ipProtocol", "fromPort", "toPort")
    described = calls.sent(_FIELDS, inputs, "description")
    for name, (listed, key) in _SOURCES.items():
        if inputs.get(name) is not None:
            permission[listed] = ({key: inputs[name], **described},)
    return permission


def _rule(inputs: PropertyMap) -> PropertyMap:
    """The rule as ModifySecurityGroupRules takes it."""
    names = ("ipProtocol", "fromPort", "toPort", "cidrIpv4", "cidrIpv6", "prefixListId", "description")
    rule = calls.sent(_FIELDS, inputs, *names)
    if rule.get("IpProtocol") == "-1":
        # A change must name ports even where they mean nothing.
        rule |= {"FromPort": -1, "ToPort": -1}
    if inputs.get("referencedSecurityGroupId") is not None:
        rule["ReferencedGroupId"] = inputs["referencedSecurityGroupId"]
    return rule


def _maker(direction: str) -> Callable[[Task], Course[str]]:
    def make(task: Task) -> Course[str]:
        arguments: PropertyMap = {
            "GroupId": task.inputs.get("securityGroupId"),
            "IpPermissions": (_permission(task.inputs),),
        }
        made = yield from calls.ask(
            ec2.call(
                f"authorize_security_group_{direction}",
                ec2.create_arguments("security-group-rule", task, arguments),
                once=True,
                retry=ec2.FRESH_GROUP,
            )
        )
        return calls.text(made, "SecurityGroupRules", 0, "SecurityGroupRuleId")

    return make


def _deleter(direction: str) -> Callable[[Task], Course[None]]:
    def delete(task: Task) -> Course[None]:
        found = yield from _describe(task)
        if found is None:
            return
        group = calls.text(found, "GroupId")
        change: PropertyMap = {"GroupId": group, "SecurityGroupRuleIds": (task.id,)}
        yield from calls.ask(ec2.call(f"revoke_security_group_{direction}", change, absent=_GONE))

    return delete


def _describe(task: Task) -> Course[PropertyMap | None]:
    described = yield from calls.look(
        ec2.call("describe_security_group_rules", {"SecurityGroupRuleIds": (task.id,)}, absent=_GONE)
    )
    return next(iter(calls.rows(described, "SecurityGroupRules")), None)


def _read(task: Task) -> Course[PropertyMap | None]:
    rule = yield from _describe(task)
    if rule is None:
        return None
    live = calls.shown(_FIELDS, rule)
    if live["ipProtocol"] == "-1":
        # Every protocol has no ports; EC2 says -1, the program says nothing.
        live |= {"fromPort": task.inputs.get("fromPort"), "toPort": task.inputs.get("toPort")}
    owner = calls.text(rule, "GroupOwnerId")
    arn = f"arn:{partition(task.region)}:ec2:{task.region}:{owner}:security-group-rule/{task.id}"
    return {
        **live,
        "securityGroupRuleId": task.id,
        "arn": calls.text(rule, "SecurityGroupRuleArn") or arn,
        "tagsAll": calls.tag_map(calls.rows(rule, "Tags")),
    }


def _update(task: Task) -> Course[None]:
    if task.changed - {"tags"}:
        rules: tuple[Value, ...] = ({"SecurityGroupRuleId": task.id, "SecurityGroupRule": _rule(task.inputs)},)
        change: PropertyMap = {"GroupId": task.inputs.get("securityGroupId"), "SecurityGroupRules": rules}
        yield from calls.ask(ec2.call("modify_security_group_rules", change))
    yield from ec2.retag(task)


def _find(task: Task) -> Course[str]:
    return ec2.find("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId", task)


def _check(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    given = [name for name in _SOURCES if inputs.get(name) is not None]
    if len(given) != 1:
        return (("", f"give exactly one of {', '.join(_SOURCES)}; got {', '.join(given) or 'none'}"),)
    return ()


def _kind(token: str, direction: str) -> CallKind:
    return CallKind(
        token=token,
        service="ec2",
        source=f"Amazon EC2 API Reference: AuthorizeSecurityGroup{direction.title()}, ModifySecurityGroupRules",
        fields=_FIELDS,
        outputs=(ARN, Output("securityGroupRuleId"), TAGS_ALL),
        check=_check,
        # The same rule cannot stand twice in a group, and a changed group needs no such care.
        make=_maker(direction),
        read=_read,
        update=_update,
        delete=_deleter(direction),
        find=_find,
    )


INGRESS_RULE = _kind("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "ingress")
EGRESS_RULE = _kind("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "egress")
