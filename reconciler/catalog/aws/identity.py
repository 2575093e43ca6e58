"""Invokes that say who and where we are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.catalog import calls, spec
from reconciler.catalog.aws.fields import partition
from reconciler.catalog.calls import Call, CallFunction, Course, Task
from reconciler.catalog.spec import Field
from reconciler.model.values import PropertyMap, Value

# Source: AWS General Reference, Regions and Availability Zones; botocore's endpoint data has the same words.
_DESCRIPTIONS: Final = {
    "af-south-1": "Africa (Cape Town)",
    "ap-east-1": "Asia Pacific (Hong Kong)",
    "ap-northeast-1": "Asia Pacific (Tokyo)",
    "ap-northeast-2": "Asia Pacific (Seoul)",
    "ap-northeast-3": "Asia Pacific (Osaka)",
    "ap-south-1": "Asia Pacific (Mumbai)",
    "ap-south-2": "Asia Pacific (Hyderabad)",
    "ap-southeast-1": "Asia Pacific (Singapore)",
    "ap-southeast-2": "Asia Pacific (Sydney)",
    "ap-southeast-3": "Asia Pacific (Jakarta)",
    "ap-southeast-4": "Asia Pacific (Melbourne)",
    "ca-central-1": "Canada (Central)",
    "ca-west-1": "Canada West (Calgary)",
    "cn-north-1": "China (Beijing)",
    "cn-northwest-1": "China (Ningxia)",
    "eu-central-1": "Europe (Frankfurt)",
    "eu-central-2": "Europe (Zurich)",
    "eu-north-1": "Europe (Stockholm)",
    "eu-south-1": "Europe (Milan)",
    "eu-south-2": "Europe (Spain)",
    "eu-west-1": "Europe (Ireland)",
    "eu-west-2": "Europe (London)",
    "eu-west-3": "Europe (Paris)",
    "il-central-1": "Israel (Tel Aviv)",
    "me-central-1": "Middle East (UAE)",
    "me-south-1": "Middle East (Bahrain)",
    "sa-east-1": "South America (Sao Paulo)",
    "us-east-1": "US East (N. Virginia)",
    "us-east-2": "US East (Ohio)",
    "us-gov-east-1": "AWS GovCloud (US-East)",
    "us-gov-west-1": "AWS GovCloud (US-West)",
    "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)",
}
_SUFFIXES: Final[Mapping[str, str]] = {"aws-cn": "amazonaws.com.cn"}


def _suffix(region: str) -> str:
    return _SUFFIXES.get(partition(region), "amazonaws.com")


def _caller(_task: Task) -> Course[PropertyMap]:
    answer = yield from calls.ask(Call(service="sts", method="get_caller_identity"))
    account = calls.text(answer, "Account")
    return {
        "accountId": account,
        "arn": calls.text(answer, "Arn"),
        "id": account,
        "userId": calls.text(answer, "UserId"),
    }


def _region(task: Task) -> Course[PropertyMap]:
    endpoint = calls.text(task.inputs, "endpoint")
    by_endpoint = endpoint.removeprefix("ec2.").split(".", 1)[0] if endpoint else ""
    name = calls.text(task.inputs, "region") or calls.text(task.inputs, "name") or by_endpoint or task.region
    yield from ()
    return {
        "region": name,
        "name": name,
        "id": name,
        "description": _DESCRIPTIONS.get(name, name),
        "endpoint": f"ec2.{name}.{_suffix(name)}",
    }


def _partition(task: Task) -> Course[PropertyMap]:
    name, suffix = partition(task.region), _suffix(task.region)
    yield from ()
    return {
        "partition": name,
        "id": name,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": ".".join(reversed(suffix.split("."))),
    }


def _zones(task: Task) -> Course[PropertyMap]:
    asked: list[Value] = [
        {"Name": calls.text(row, "name"), "Values": calls.texts(row, "values")}
        for row in calls.rows(task.inputs, "filters")
    ]
    state = calls.text(task.inputs, "state")
    if state:
        asked.append({"Name": "state", "Values": (state,)})
    arguments: dict[str, Value] = {"Filters": tuple(asked)} if asked else {}
    if str(task.inputs.get("allAvailabilityZones")).lower() == "true":
        arguments["AllAvailabilityZones"] = True
    answer = yield from calls.ask(Call(service="ec2", method="describe_availability_zones", arguments=arguments))
    names, ids = calls.texts(task.inputs, "excludeNames"), calls.texts(task.inputs, "excludeZoneIds")
    zones = sorted(
        (
            zone
            for zone in calls.rows(answer, "AvailabilityZones")
            if zone["ZoneName"] not in names and zone.get("ZoneId") not in ids
        ),
        key=lambda zone: calls.text(zone, "ZoneName"),
    )
    return {
        **task.inputs,
        "id": task.region,
        "region": task.region,
        "names": tuple(calls.text(zone, "ZoneName") for zone in zones),
        "zoneIds": tuple(calls.text(zone, "ZoneId") for zone in zones),
        "groupNames": tuple(sorted({calls.text(zone, "GroupName") for zone in zones} - {""})),
    }


GET_CALLER_IDENTITY = CallFunction(
    token="aws:index/getCallerIdentity:getCallerIdentity",
    arguments=(Field("id"),),
    source="AWS STS API Reference: GetCallerIdentity",
    run=_caller,
)
GET_REGION = CallFunction(
    token="aws:index/getRegion:getRegion",
    arguments=(Field("endpoint"), Field("id"), Field("name"), Field("region")),
    source="AWS General Reference: Regional endpoints",
    run=_region,
)
GET_PARTITION = CallFunction(
    token="aws:index/getPartition:getPartition",
    arguments=(Field("id"),),
    source="AWS General Reference: Amazon Resource Names (ARNs)",
    run=_partition,
)
_FILTER = spec.Block((Field("name", required=True), Field("values", spec.NAMES, required=True)))
GET_AVAILABILITY_ZONES = CallFunction(
    token="aws:index/getAvailabilityZones:getAvailabilityZones",
    arguments=(
        Field("allAvailabilityZones", spec.FLAG),
        Field("excludeNames", spec.NAMES),
        Field("excludeZoneIds", spec.NAMES),
        Field("filters", spec.SetOf(_FILTER)),
        Field("region"),
        Field("state", spec.OneOf("available", "information", "impaired", "unavailable")),
    ),
    source="Amazon EC2 API Reference: DescribeAvailabilityZones",
    run=_zones,
)
