"""Security groups, with rules given inline.

Rules are compared and changed one by one: an inline rule of the program is a
bundle (several ranges share protocol and ports), and EC2 regroups bundles as it
likes, so both sides are first taken apart into single permissions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.catalog import calls, spec
from reconciler.catalog.aws import ec2
from reconciler.catalog.aws.fields import ARN, OWNER, REGION, TAGS, TAGS_ALL
from reconciler.catalog.calls import CallKind, Course, Refusal, Task
from reconciler.catalog.spec import Change, Field
from reconciler.model.values import PropertyMap, Value

ALL_TRAFFIC: PropertyMap = {"IpProtocol": "-1", "IpRanges": ({"CidrIp": "0.0.0.0/0"},)}


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One protocol, port range and source. `sort` is the API's list that the source stands in."""

    protocol: str
    from_port: int
    to_port: int
    sort: str
    source: str
    description: str = ""


# The program's list of sources -> the API's list, and the key of a source in it.
_SOURCES = {
    "cidrBlocks": ("IpRanges", "CidrIp"),
    "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListIds": ("PrefixListIds", "PrefixListId"),
    "securityGroups": ("UserIdGroupPairs", "GroupId"),
}
_SELF = "self"


def parse_rules(rules: Value) -> frozenset[Permission]:
    """The single permissions of inline rules as the program writes them."""
    return frozenset(permission for rule in calls.rows({"rules": rules}, "rules") for permission in _parse_rule(rule))


def _parse_rule(rule: PropertyMap) -> Iterator[Permission]:
    protocol = _protocol(calls.text(rule, "protocol"))
    ports = (-1, -1) if protocol == "-1" else (_port(rule.get("fromPort")), _port(rule.get("toPort")))
    described = calls.text(rule, "description")
    for name, (sort, _key) in _SOURCES.items():
        for source in calls.texts(rule, name):
            yield Permission(protocol, *ports, sort, source, described)
    if str(rule.get("self")).lower() == "true":
        yield Permission(protocol, *ports, "UserIdGroupPairs", _SELF, described)


def parse_permissions(permissions: tuple[PropertyMap, ...], group: str) -> frozenset[Permission]:
    """The single permissions of a DescribeSecurityGroups answer."""
    found = set()
    for entry in permissions:
        protocol = _protocol(calls.text(entry, "IpProtocol"))
        ports = (-1, -1) if protocol == "-1" else (_port(entry.get("FromPort")), _port(entry.get("ToPort")))
        for sort, key in _SOURCES.values():
            for row in calls.rows(entry, sort):
                source = calls.text(row, key)
                source = _SELF if sort == "UserIdGroupPairs" and source == group else source
                found.add(Permission(protocol, *ports, sort, source, calls.text(row, "Description")))
    return frozenset(found)


def render_rules(permissions: frozenset[Permission]) -> tuple[Value, ...]:
    """Inline rules that mean these permissions, one per protocol, ports and description."""
    bundles: dict[tuple[str, int, int, str], dict[str, list[str]]] = {}
    names = {sort: name for name, (sort, _key) in _SOURCES.items()}
    for one in sorted(permissions):
        bundle = bundles.setdefault((one.protocol, one.from_port, one.to_port, one.description), {})
        bundle.setdefault(_SELF if one.source == _SELF else names[one.sort], []).append(one.source)
    rules: list[Value] = []
    for (protocol, from_port, to_port, described), sources in bundles.items():
        # With every protocol the ports mean nothing; the public provider shows zeros.
        ports = (0, 0) if protocol == "-1" else (from_port, to_port)
        rule: dict[str, Value] = {"protocol": protocol, "fromPort": ports[0], "toPort": ports[1]}
        rule.update({name: True if name == _SELF else tuple(listed) for name, listed in sources.items()})
        if described:
            rule["description"] = described
        rules.append(rule)
    return tuple(rules)


def render_permissions(permissions: frozenset[Permission], group: str) -> tuple[Value, ...]:
    """The API's form of permissions, one entry each."""
    entries: list[Value] = []
    keys = dict(_SOURCES.values())
    for one in sorted(permissions):
        source: dict[str, Value] = {keys[one.sort]: group if one.source == _SELF else one.source}
        if one.description:
            source["Description"] = one.description
        entry: dict[str, Value] = {"IpProtocol": one.protocol, one.sort: (source,)}
        if one.protocol != "-1":
            entry |= {"FromPort": one.from_port, "ToPort": one.to_port}
        entries.append(entry)
    return tuple(entries)


def _same_rules(wanted: Value, live: Value) -> bool:
    return parse_rules(wanted) == parse_rules(live)


def _protocol(word: str) -> str:
    return {"all": "-1", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}.get(word.lower(), word.lower())


def _port(value: Value) -> int:
    return int(value) if isinstance(value, (int, str)) else -1


_PORT = spec.Integer(minimum=-1, maximum=65535)
_RULE = spec.Block(
    (
        Field("protocol", required=True),
        Field("fromPort", _PORT, required=True),
        Field("toPort", _PORT, required=True),
        Field("cidrBlocks", spec.ListOf(spec.TEXT)),
        Field("ipv6CidrBlocks", spec.ListOf(spec.TEXT)),
        Field("prefixListIds", spec.ListOf(spec.TEXT)),
        Field("securityGroups", spec.SetOf(spec.TEXT)),
        Field("self", spec.FLAG),
        Field("description"),
    )
)
_FIELDS = (
    Field("name", spec.Text(max_length=255), change=Change.REPLACE, sent_as="GroupName"),
    Field("description", default="Managed by Pulumi", change=Change.REPLACE),
    Field("vpcId", spec.Ref("VPC"), change=Change.REPLACE, computed=True),
    # Unset means that the group's rules are somebody else's business.
    Field("ingress", spec.SetOf(_RULE), computed=True, same=_same_rules),
    Field("egress", spec.SetOf(_RULE), computed=True, same=_same_rules),
    Field("revokeRulesOnDelete", spec.FLAG, default=False, shown_as=None),
    TAGS,
    REGION,
)
# Input -> the API's list of its permissions, and the ending of its methods.
_DIRECTIONS: Mapping[str, tuple[str, str]] = {
    "ingress": ("IpPermissions", "ingress"),
    "egress": ("IpPermissionsEgress", "egress"),
}


def _make(task: Task) -> Course[str]:
    arguments = {
        "Description": "Managed by Pulumi",
        **calls.sent(_FIELDS, task.inputs, "name", "description", "vpcId"),
    }
    made = yield from calls.ask(
        ec2.call(
            "create_security_group",
            ec2.create_arguments("security-group", task, arguments),
            once=True,
            retry=ec2.FRESH_VPC,
        )
    )
    return calls.text(made, "GroupId")


def _complete(task: Task) -> Course[None]:
    # EC2 opens a new group's egress to the world; the public provider closes it in every case.
    yield from calls.ask(
        ec2.call(
            "revoke_security_group_egress",
            {"GroupId": task.id, "IpPermissions": (ALL_TRAFFIC,)},
            absent="InvalidPermission.NotFound",
            retry=ec2.FRESH_GROUP,
        )
    )
    yield from _update(task)


def _update(task: Task) -> Course[None]:
    directions = [name for name in _DIRECTIONS if name in task.changed]
    group = (yield from _describe(task)) if directions else None
    for direction in directions:
        listed, ending = _DIRECTIONS[direction]
        live = parse_permissions(calls.rows(group, listed), task.id)
        wanted = parse_rules(task.inputs.get(direction))
        for verb, permissions in (("revoke", live - wanted), ("authorize", wanted - live)):
            if permissions:
                change: PropertyMap = {"GroupId": task.id, "IpPermissions": render_permissions(permissions, task.id)}
                yield from calls.ask(ec2.call(f"{verb}_security_group_{ending}", change))
    yield from ec2.retag(task)


def _describe(task: Task) -> Course[PropertyMap | None]:
    described = yield from calls.look(
        ec2.call("describe_security_groups", {"GroupIds": (task.id,)}, absent="InvalidGroup.NotFound")
    )
    return next(iter(calls.rows(described, "SecurityGroups")), None)


def _read(task: Task) -> Course[PropertyMap | None]:
    group = yield from _describe(task)
    if group is None:
        return None
    rules = {
        name: render_rules(parse_permissions(calls.rows(group, listed), task.id))
        for name, (listed, _ending) in _DIRECTIONS.items()
    }
    return {
        **calls.shown(_FIELDS, group),
        **rules,
        "arn": calls.at(group, "SecurityGroupArn"),
        "ownerId": calls.at(group, "OwnerId"),
        "tagsAll": calls.tag_map(calls.rows(group, "Tags")),
    }


def _delete(task: Task) -> Course[None]:
    if str(task.inputs.get("revokeRulesOnDelete")).lower() == "true":
        group = yield from _describe(task)
        for listed, ending in _DIRECTIONS.values():
            permissions = parse_permissions(calls.rows(group, listed), task.id)
            if permissions:
                change: PropertyMap = {"GroupId": task.id, "IpPermissions": render_permissions(permissions, task.id)}
                yield from calls.ask(ec2.call(f"revoke_security_group_{ending}", change))
    yield from calls.ask(
        ec2.call(
            "delete_security_group",
            {"GroupId": task.id},
            absent="InvalidGroup.NotFound",
            retry=(*ec2.IN_USE, Refusal("InvalidGroup.InUse")),
            retry_s=ec2.IN_USE_S,
        )
    )


SECURITY_GROUP = CallKind(
    token="aws:ec2/securityGroup:SecurityGroup",
    service="ec2",
    source="Amazon EC2 API Reference: CreateSecurityGroup, DescribeSecurityGroups, AuthorizeSecurityGroupIngress",
    fields=_FIELDS,
    outputs=(ARN, OWNER, TAGS_ALL),
    autoname=spec.AutoName(max_length=255),
    make=_make,
    complete=_complete,
    read=_read,
    update=_update,
    delete=_delete,
    find=lambda task: ec2.find("describe_security_groups", "SecurityGroups", "GroupId", task),
    elsewhere=("namePrefix",),
)
