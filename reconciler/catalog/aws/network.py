"""VPCs and subnets."""

from __future__ import annotations

from reconciler.catalog import calls, spec
from reconciler.catalog.aws import ec2
from reconciler.catalog.aws.fields import ARN, OWNER, REGION, TAGS, TAGS_ALL, partition
from reconciler.catalog.calls import CallKind, Course, Task, Until
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

# In this order: hostnames need DNS support to be on.
_VPC_ATTRIBUTES = (
    Field("enableDnsSupport", spec.FLAG, default=True),
    Field("enableDnsHostnames", spec.FLAG, default=False),
    Field("enableNetworkAddressUsageMetrics", spec.FLAG, default=False),
)
_VPC_FIELDS = (
    Field("cidrBlock", required=True, change=Change.REPLACE),
    Field("instanceTenancy", spec.OneOf("default", "dedicated"), default="default", change=Change.REPLACE),
    *_VPC_ATTRIBUTES,
    TAGS,
    REGION,
)


def _vpc_make(task: Task) -> Course[str]:
    arguments = calls.sent(_VPC_FIELDS, task.inputs, "cidrBlock", "instanceTenancy")
    made = yield from calls.ask(ec2.call("create_vpc", ec2.create_arguments("vpc", task, arguments), once=True))
    return calls.text(made, "Vpc", "VpcId")


def _vpc_complete(task: Task) -> Course[None]:
    describe = ec2.call("describe_vpcs", {"VpcIds": (task.id,)}, absent="InvalidVpcID.NotFound")
    yield from calls.ask(
        Until(call=describe, done=lambda answer: calls.text(answer, "Vpcs", 0, "State") == "available")
    )
    yield from _vpc_update(task)


def _vpc_update(task: Task) -> Course[None]:
    for attribute in _VPC_ATTRIBUTES:
        if attribute.name in task.changed:
            wanted = task.inputs.get(attribute.name)
            value = calls.to_wire(attribute.type, attribute.default if wanted is None else wanted)
            # The API takes one attribute a call.
            change: PropertyMap = {"VpcId": task.id, calls.wire_name(attribute.name): {"Value": value}}
            yield from calls.ask(ec2.call("modify_vpc_attribute", change, retry=ec2.FRESH_VPC))
    yield from ec2.retag(task)


def _vpc_read(task: Task) -> Course[PropertyMap | None]:
    described = yield from calls.look(ec2.call("describe_vpcs", {"VpcIds": (task.id,)}, absent="InvalidVpcID.NotFound"))
    vpc = next(iter(calls.rows(described, "Vpcs")), None)
    if vpc is None:
        return None
    live = calls.shown(_VPC_FIELDS, vpc)
    for attribute in _VPC_ATTRIBUTES:
        word = calls.wire_name(attribute.name)
        asked = {"VpcId": task.id, "Attribute": attribute.name}
        answer = yield from calls.ask(ec2.call("describe_vpc_attribute", asked))
        live[attribute.name] = calls.at(answer, word, "Value")
    owner = calls.text(vpc, "OwnerId")
    group = yield from calls.ask(
        ec2.call("describe_security_groups", {"Filters": ec2.filters(vpc_id=task.id, group_name="default")})
    )
    network_acl = yield from calls.ask(
        ec2.call("describe_network_acls", {"Filters": ec2.filters(vpc_id=task.id, default="true")})
    )
    # EC2 spells this filter with a dot.
    main: tuple[Value, ...] = (
        {"Name": "vpc-id", "Values": (task.id,)},
        {"Name": "association.main", "Values": ("true",)},
    )
    tables = yield from calls.ask(ec2.call("describe_route_tables", {"Filters": main}))
    main_table = calls.at(tables, "RouteTables", 0, "RouteTableId")
    return {
        **live,
        "arn": f"arn:{partition(task.region)}:ec2:{task.region}:{owner}:vpc/{task.id}",
        "ownerId": owner,
        "dhcpOptionsId": calls.at(vpc, "DhcpOptionsId"),
        "defaultSecurityGroupId": calls.at(group, "SecurityGroups", 0, "GroupId"),
        "defaultNetworkAclId": calls.at(network_acl, "NetworkAcls", 0, "NetworkAclId"),
        # A VPC's main table is the one it was made with until somebody swaps it.
        "mainRouteTableId": main_table,
        "defaultRouteTableId": calls.at(task.live, "defaultRouteTableId") or main_table,
        "tagsAll": calls.tag_map(calls.rows(vpc, "Tags")),
    }


def _vpc_delete(task: Task) -> Course[None]:
    yield from calls.ask(
        ec2.call(
            "delete_vpc", {"VpcId": task.id}, absent="InvalidVpcID.NotFound", retry=ec2.IN_USE, retry_s=ec2.IN_USE_S
        )
    )


VPC = CallKind(
    token="aws:ec2/vpc:Vpc",
    service="ec2",
    source="Amazon EC2 API Reference: CreateVpc, DescribeVpcs, ModifyVpcAttribute, DeleteVpc",
    fields=_VPC_FIELDS,
    outputs=(
        ARN,
        OWNER,
        Output("dhcpOptionsId"),
        Output("defaultSecurityGroupId"),
        Output("defaultNetworkAclId"),
        Output("defaultRouteTableId"),
        Output("mainRouteTableId"),
        TAGS_ALL,
    ),
    make=_vpc_make,
    complete=_vpc_complete,
    read=_vpc_read,
    update=_vpc_update,
    delete=_vpc_delete,
    find=lambda task: ec2.find("describe_vpcs", "Vpcs", "VpcId", task),
    elsewhere=(
        "assignGeneratedIpv6CidrBlock",
        "ipv4IpamPoolId",
        "ipv4NetmaskLength",
        "ipv6CidrBlock",
        "ipv6CidrBlockNetworkBorderGroup",
        "ipv6IpamPoolId",
        "ipv6NetmaskLength",
    ),
)


_RESOURCE_NAME_RECORD = Field(
    "enableResourceNameDnsARecordOnLaunch",
    spec.FLAG,
    default=False,
    shown_as="PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
)
_SUBNET_ATTRIBUTES = (Field("mapPublicIpOnLaunch", spec.FLAG, default=False), _RESOURCE_NAME_RECORD)
_SUBNET_FIELDS = (
    Field("vpcId", spec.Ref("VPC"), required=True, change=Change.REPLACE),
    Field("cidrBlock", required=True, change=Change.REPLACE),
    Field("availabilityZone", change=Change.REPLACE, computed=True),
    Field("availabilityZoneId", change=Change.REPLACE, computed=True),
    *_SUBNET_ATTRIBUTES,
    TAGS,
    REGION,
)


def _subnet_make(task: Task) -> Course[str]:
    arguments = calls.sent(_SUBNET_FIELDS, task.inputs, "vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId")
    made = yield from calls.ask(
        ec2.call("create_subnet", ec2.create_arguments("subnet", task, arguments), once=True, retry=ec2.FRESH_VPC)
    )
    return calls.text(made, "Subnet", "SubnetId")


def _subnet_complete(task: Task) -> Course[None]:
    describe = ec2.call("describe_subnets", {"SubnetIds": (task.id,)}, absent="InvalidSubnetID.NotFound")
    yield from calls.ask(
        Until(call=describe, done=lambda answer: calls.text(answer, "Subnets", 0, "State") == "available")
    )
    yield from _subnet_update(task)


def _subnet_update(task: Task) -> Course[None]:
    for attribute in _SUBNET_ATTRIBUTES:
        if attribute.name in task.changed:
            wanted = task.inputs.get(attribute.name)
            value = calls.to_wire(attribute.type, attribute.default if wanted is None else wanted)
            change: dict[str, Value] = {"SubnetId": task.id, calls.wire_name(attribute.name): {"Value": value}}
            yield from calls.ask(ec2.call("modify_subnet_attribute", change))
    yield from ec2.retag(task)


def _subnet_read(task: Task) -> Course[PropertyMap | None]:
    described = yield from calls.look(
        ec2.call("describe_subnets", {"SubnetIds": (task.id,)}, absent="InvalidSubnetID.NotFound")
    )
    subnet = next(iter(calls.rows(described, "Subnets")), None)
    if subnet is None:
        return None
    return {
        **calls.shown(_SUBNET_FIELDS, subnet),
        "arn": calls.at(subnet, "SubnetArn"),
        "ownerId": calls.at(subnet, "OwnerId"),
        "tagsAll": calls.tag_map(calls.rows(subnet, "Tags")),
    }


def _subnet_delete(task: Task) -> Course[None]:
    yield from calls.ask(
        ec2.call(
            "delete_subnet",
            {"SubnetId": task.id},
            absent="InvalidSubnetID.NotFound",
            retry=ec2.IN_USE,
            retry_s=ec2.IN_USE_S,
        )
    )


def _subnet_check(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    if inputs.get("availabilityZone") is not None and inputs.get("availabilityZoneId") is not None:
        return (("availabilityZoneId", "conflicts with availabilityZone: give one of the two"),)
    return ()


SUBNET = CallKind(
    token="aws:ec2/subnet:Subnet",
    service="ec2",
    source="Amazon EC2 API Reference: CreateSubnet, DescribeSubnets, ModifySubnetAttribute, DeleteSubnet",
    fields=_SUBNET_FIELDS,
    outputs=(ARN, OWNER, TAGS_ALL),
    check=_subnet_check,
    make=_subnet_make,
    complete=_subnet_complete,
    read=_subnet_read,
    update=_subnet_update,
    delete=_subnet_delete,
    find=lambda task: ec2.find("describe_subnets", "Subnets", "SubnetId", task),
    elsewhere=(
        "assignIpv6AddressOnCreation",
        "customerOwnedIpv4Pool",
        "enableDns64",
        "enableLniAtDeviceIndex",
        "enableResourceNameDnsAaaaRecordOnLaunch",
        "ipv4IpamPoolId",
        "ipv4NetmaskLength",
        "ipv6CidrBlock",
        "ipv6IpamPoolId",
        "ipv6Native",
        "ipv6NetmaskLength",
        "mapCustomerOwnedIpOnLaunch",
        "outpostArn",
        "privateDnsHostnameTypeOnLaunch",
    ),
)
