"""VPC endpoints: PrivateLink interfaces and gateways."""

from __future__ import annotations

from reconciler.catalog import calls, spec
from reconciler.catalog.aws import ec2
from reconciler.catalog.aws.fields import ARN, OWNER, POLICY_JSON, REGION, TAGS, TAGS_ALL, partition
from reconciler.catalog.calls import CallKind, Course, Task, Until
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

_GONE = "InvalidVpcEndpointId.NotFound"
_MEMBERS = {
    # Input -> the API's list in answers, the key in it, and the word in ModifyVpcEndpoint's arguments.
    "subnetIds": ("SubnetIds", "", "SubnetIds"),
    "securityGroupIds": ("Groups", "GroupId", "SecurityGroupIds"),
    "routeTableIds": ("RouteTableIds", "", "RouteTableIds"),
}
_DNS_OPTIONS = spec.Block(
    (
        Field("dnsRecordIpType"),
        Field("privateDnsOnlyForInboundResolverEndpoint", spec.FLAG),
        Field("privateDnsPreference"),
        Field("privateDnsSpecifiedDomains", spec.SetOf(spec.TEXT)),
    )
)
_FIELDS = (
    Field("vpcId", spec.Ref("VPC"), required=True, change=Change.REPLACE),
    Field("serviceName", required=True, change=Change.REPLACE),
    Field(
        "vpcEndpointType",
        spec.OneOf("Gateway", "Interface", "GatewayLoadBalancer"),
        default="Gateway",
        change=Change.REPLACE,
    ),
    Field("serviceRegion", change=Change.REPLACE, computed=True),
    Field("subnetIds", spec.NAMES, computed=True),
    Field("securityGroupIds", spec.NAMES, computed=True),
    Field("routeTableIds", spec.NAMES, computed=True),
    Field("privateDnsEnabled", spec.FLAG, default=False),
    Field("ipAddressType", computed=True),
    Field("dnsOptions", _DNS_OPTIONS, computed=True),
    Field("policy", POLICY_JSON, sent_as="PolicyDocument", computed=True),
    TAGS,
    REGION,
)
_SENT = (
    "vpcId",
    "serviceName",
    "vpcEndpointType",
    "serviceRegion",
    "subnetIds",
    "securityGroupIds",
    "routeTableIds",
    "privateDnsEnabled",
    "ipAddressType",
    "dnsOptions",
    "policy",
)
_STOPPED = ("failed", "rejected", "expired", "deleting", "deleted")


def _make(task: Task) -> Course[str]:
    arguments = calls.sent(_FIELDS, task.inputs, *_SENT)
    if calls.text(task.inputs, "vpcEndpointType") == "Interface":
        # The API's own default is true, the public provider's is false.
        arguments.setdefault("PrivateDnsEnabled", False)
    if task.operation:
        arguments["ClientToken"] = task.operation
    made = yield from calls.ask(
        ec2.call(
            "create_vpc_endpoint",
            ec2.create_arguments("vpc-endpoint", task, arguments),
            retry=(*ec2.FRESH_VPC, *ec2.FRESH_GROUP),
        )
    )
    return calls.text(made, "VpcEndpoint", "VpcEndpointId")


def _complete(task: Task) -> Course[None]:
    # An endpoint that waits for its owner's consent is made: the consent may be a later resource.
    yield from calls.ask(
        Until(
            call=_described(task),
            done=lambda answer: _state(answer) in ("available", "pendingacceptance"),
            failed=lambda answer: _reason(answer) if _state(answer) in _STOPPED else "",
        )
    )


def _described(task: Task) -> calls.Call:
    return ec2.call("describe_vpc_endpoints", {"VpcEndpointIds": (task.id,)}, absent=_GONE)


def _state(answer: PropertyMap | None) -> str:
    return calls.text(answer, "VpcEndpoints", 0, "State").lower()


def _reason(answer: PropertyMap | None) -> str:
    told = calls.text(answer, "VpcEndpoints", 0, "LastError", "Message")
    return f"the endpoint is {_state(answer)}" + (f": {told}" if told else "")


def _read(task: Task) -> Course[PropertyMap | None]:
    described = yield from calls.look(_described(task))
    endpoint = next(iter(calls.rows(described, "VpcEndpoints")), None)
    if endpoint is None or _state(described) in ("deleting", "deleted"):
        return None
    live = calls.shown(_FIELDS, endpoint)
    for name, (listed, key, _word) in _MEMBERS.items():
        found = calls.rows(endpoint, listed) if key else calls.texts(endpoint, listed)
        live[name] = tuple(sorted(calls.text(item, key) if key else str(item) for item in found))
    for name in ("serviceRegion", "ipAddressType", "dnsOptions"):
        # Not every partition and service reports these; silence says nothing about them.
        if live[name] is None:
            del live[name]
    owner = calls.text(endpoint, "OwnerId")
    entries: tuple[Value, ...] = tuple(
        {"dnsName": calls.text(entry, "DnsName"), "hostedZoneId": calls.text(entry, "HostedZoneId")}
        for entry in calls.rows(endpoint, "DnsEntries")
    )
    return {
        **live,
        "arn": f"arn:{partition(task.region)}:ec2:{task.region}:{owner}:vpc-endpoint/{task.id}",
        "ownerId": owner,
        "state": calls.at(endpoint, "State"),
        "dnsEntries": entries,
        "networkInterfaceIds": calls.texts(endpoint, "NetworkInterfaceIds"),
        "requesterManaged": calls.at(endpoint, "RequesterManaged") is True,
        "tagsAll": calls.tag_map(calls.rows(endpoint, "Tags")),
    }


def _update(task: Task) -> Course[None]:
    arguments: dict[str, Value] = {}
    for name, (_listed, _key, word) in _MEMBERS.items():
        if name in task.changed:
            wanted, live = set(calls.texts(task.inputs, name)), set(calls.texts(task.live, name))
            if wanted - live:
                arguments[f"Add{word}"] = tuple(sorted(wanted - live))
            if live - wanted:
                arguments[f"Remove{word}"] = tuple(sorted(live - wanted))
    if "privateDnsEnabled" in task.changed:
        arguments["PrivateDnsEnabled"] = str(task.inputs.get("privateDnsEnabled")).lower() == "true"
    simple = tuple(name for name in ("ipAddressType", "dnsOptions", "policy") if name in task.changed)
    if simple:
        arguments.update(calls.sent(_FIELDS, task.inputs, *simple))
    if arguments:
        yield from calls.ask(ec2.call("modify_vpc_endpoint", {"VpcEndpointId": task.id, **arguments}))
        yield from _complete(task)
    yield from ec2.retag(task)


def _delete(task: Task) -> Course[None]:
    # The answer lists what could not be deleted instead of refusing: the wait below sees it too.
    answer = yield from calls.ask(ec2.call("delete_vpc_endpoints", {"VpcEndpointIds": (task.id,)}, absent=_GONE))
    refusals = [row for row in calls.rows(answer, "Unsuccessful") if calls.text(row, "Error", "Code") != _GONE]
    told = calls.text(refusals[0], "Error", "Message") if refusals else ""
    yield from calls.ask(
        Until(
            call=_described(task),
            done=lambda answer: _state(answer) in ("", "deleted"),
            failed=lambda _answer: told,
            within_s=ec2.IN_USE_S,
        )
    )


VPC_ENDPOINT = CallKind(
    token="aws:ec2/vpcEndpoint:VpcEndpoint",
    service="ec2",
    source="Amazon EC2 API Reference: CreateVpcEndpoint, DescribeVpcEndpoints, ModifyVpcEndpoint, DeleteVpcEndpoints",
    fields=_FIELDS,
    outputs=(
        ARN,
        OWNER,
        Output("state"),
        Output("dnsEntries", follows=("subnetIds", "ipAddressType", "dnsOptions")),
        Output("networkInterfaceIds", follows=("subnetIds",)),
        Output("requesterManaged"),
        TAGS_ALL,
    ),
    make=_make,
    complete=_complete,
    read=_read,
    update=_update,
    delete=_delete,
    find=lambda task: ec2.find("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", task),
    elsewhere=("autoAccept", "resourceConfigurationArn", "serviceNetworkArn", "subnetConfigurations"),
)
