"""Hosted zones, public and private."""

from __future__ import annotations

from reconciler.catalog import calls, spec
from reconciler.catalog.aws import route53
from reconciler.catalog.aws.fields import ARN, TAGS, TAGS_ALL
from reconciler.catalog.calls import CallKind, Course, Task
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value


def _same_vpcs(wanted: Value, live: Value) -> bool:
    """A wanted VPC without a region is in the provider's, which the live one always tells."""
    wanted_rows, live_rows = (calls.rows({"vpcs": side}, "vpcs") for side in (wanted, live))
    regions = {calls.text(row, "vpcId"): calls.text(row, "vpcRegion") for row in live_rows}
    return {calls.text(row, "vpcId") for row in wanted_rows} == set(regions) and all(
        calls.text(row, "vpcRegion") in ("", regions[calls.text(row, "vpcId")]) for row in wanted_rows
    )


_VPC = spec.Block((Field("vpcId", required=True), Field("vpcRegion")))
_ZONE_FIELDS = (
    Field("name", spec.Text(max_length=1024), change=Change.REPLACE, same=route53.same_name),
    Field("comment", default="Managed by Pulumi", shown_as="Config.Comment"),
    Field("vpcs", spec.SetOf(_VPC), same=_same_vpcs, shown_as=""),
    Field("forceDestroy", spec.FLAG, default=False, shown_as=None),
    TAGS,
)


def _vpcs(task: Task, inputs: PropertyMap) -> dict[str, PropertyMap]:
    """Wanted VPCs in the API's form, by id."""
    return {
        calls.text(row, "vpcId"): {
            "VPCRegion": calls.text(row, "vpcRegion") or task.region,
            "VPCId": calls.text(row, "vpcId"),
        }
        for row in calls.rows(inputs, "vpcs")
    }


def _zone_make(task: Task) -> Course[str]:
    comment = task.inputs.get("comment") or "Managed by Pulumi"
    arguments: dict[str, Value] = {
        "Name": task.inputs.get("name"),
        # The reference makes the call repeatable, and tells later whose zone it is.
        "CallerReference": task.operation,
        "HostedZoneConfig": {"Comment": comment},
    }
    vpcs = _vpcs(task, task.inputs)
    if vpcs:
        arguments["VPC"] = next(iter(vpcs.values()))
        arguments["HostedZoneConfig"] = {"Comment": comment, "PrivateZone": True}
    made = yield from calls.ask(route53.call("create_hosted_zone", arguments, once=True))
    return calls.text(made, "HostedZone", "Id").removeprefix("/hostedzone/")


def _zone_complete(task: Task) -> Course[None]:
    # Public and private zones are settled once their SOA is served; the call itself waits for nothing.
    yield from _associate(task)
    yield from _retag(task)


def _associate(task: Task) -> Course[None]:
    zone = yield from calls.ask(route53.call("get_hosted_zone", {"Id": task.id}))
    live = {calls.text(row, "VPCId"): row for row in calls.rows(zone, "VPCs")}
    wanted = _vpcs(task, task.inputs)
    # A private zone must keep one VPC, so the new ones come before the old ones go.
    for id in sorted(wanted.keys() - live.keys()):
        added: PropertyMap = {"HostedZoneId": task.id, "VPC": wanted[id]}
        yield from route53.spread((yield from calls.ask(route53.call("associate_vpc_with_hosted_zone", added))))
    for id in sorted(live.keys() - wanted.keys()):
        removed: PropertyMap = {"HostedZoneId": task.id, "VPC": live[id]}
        yield from route53.spread((yield from calls.ask(route53.call("disassociate_vpc_from_hosted_zone", removed))))


def _retag(task: Task) -> Course[None]:
    added, removed = calls.tags_to_set(task), calls.tags_to_remove(task)
    change: dict[str, Value] = {}
    if added:
        change["AddTags"] = calls.tag_list(added)
    if removed:
        change["RemoveTagKeys"] = removed
    if change:
        arguments = {"ResourceType": "hostedzone", "ResourceId": task.id, **change}
        yield from calls.ask(route53.call("change_tags_for_resource", arguments))


def _zone_read(task: Task) -> Course[PropertyMap | None]:
    found = yield from calls.look(route53.call("get_hosted_zone", {"Id": task.id}, absent=(route53.NO_ZONE,)))
    if found is None:
        return None
    zone = calls.at(found, "HostedZone")
    name = calls.text(zone, "Name")
    apex = yield from calls.ask(
        route53.call("list_resource_record_sets", {"HostedZoneId": task.id, "StartRecordName": name, "MaxItems": "10"})
    )
    at_apex = {calls.text(row, "Type"): row for row in calls.rows(apex, "ResourceRecordSets") if row["Name"] == name}
    servers = calls.texts(found, "DelegationSet", "NameServers") or tuple(
        calls.text(row, "Value") for row in calls.rows(at_apex.get("NS"), "ResourceRecords")
    )
    authority = calls.text(at_apex.get("SOA"), "ResourceRecords", 0, "Value").split(" ")[0]
    tags = yield from calls.ask(
        route53.call("list_tags_for_resource", {"ResourceType": "hostedzone", "ResourceId": task.id})
    )
    vpcs: tuple[Value, ...] = tuple(
        {"vpcId": calls.text(row, "VPCId"), "vpcRegion": calls.text(row, "VPCRegion")}
        for row in sorted(calls.rows(found, "VPCs"), key=lambda row: calls.text(row, "VPCId"))
    )
    return {
        "name": route53.plain_name(name),
        "comment": calls.at(zone, "Config", "Comment"),
        "vpcs": vpcs or None,
        "arn": f"arn:aws:route53:::hostedzone/{task.id}",
        "zoneId": task.id,
        "nameServers": tuple(sorted(route53.plain_name(server) for server in servers)),
        "primaryNameServer": route53.plain_name(authority),
        "tagsAll": calls.tag_map(calls.rows(tags, "ResourceTagSet", "Tags")),
    }


def _zone_update(task: Task) -> Course[None]:
    if "comment" in task.changed:
        comment = task.inputs.get("comment", "Managed by Pulumi")
        yield from calls.ask(route53.call("update_hosted_zone_comment", {"Id": task.id, "Comment": comment}))
    if "vpcs" in task.changed:
        yield from _associate(task)
    yield from _retag(task)


def _zone_delete(task: Task) -> Course[None]:
    if str(task.inputs.get("forceDestroy")).lower() == "true":
        yield from _empty_zone(task)
    yield from calls.ask(route53.call("delete_hosted_zone", {"Id": task.id}, absent=(route53.NO_ZONE,)))


def _empty_zone(task: Task) -> Course[None]:
    zone = yield from calls.look(route53.call("get_hosted_zone", {"Id": task.id}, absent=(route53.NO_ZONE,)))
    if zone is None:
        return
    apex = calls.text(zone, "HostedZone", "Name")
    start: PropertyMap = {}
    while True:
        listed = yield from calls.ask(
            route53.call("list_resource_record_sets", {"HostedZoneId": task.id, "MaxItems": "300", **start})
        )
        changes: tuple[Value, ...] = tuple(
            {"Action": "DELETE", "ResourceRecordSet": row}
            for row in calls.rows(listed, "ResourceRecordSets")
            if not (row["Name"] == apex and row["Type"] in ("NS", "SOA"))
        )
        if changes:
            batch: PropertyMap = {"HostedZoneId": task.id, "ChangeBatch": {"Changes": changes}}
            yield from route53.spread((yield from calls.ask(route53.call("change_resource_record_sets", batch))))
        if calls.at(listed, "IsTruncated") is not True:
            return
        start = {
            "StartRecordName": calls.at(listed, "NextRecordName"),
            "StartRecordType": calls.at(listed, "NextRecordType"),
        }


def _zone_find(task: Task) -> Course[str]:
    listed = yield from calls.ask(
        route53.call("list_hosted_zones_by_name", {"DNSName": task.inputs.get("name"), "MaxItems": "100"})
    )
    for zone in calls.rows(listed, "HostedZones"):
        if calls.text(zone, "CallerReference") == task.operation:
            return calls.text(zone, "Id").removeprefix("/hostedzone/")
    return ""


def _zone_replaces(live: PropertyMap, wanted: PropertyMap) -> tuple[str, ...]:
    # A zone is public or private from birth.
    return ("vpcs",) if bool(calls.rows(live, "vpcs")) is not bool(calls.rows(wanted, "vpcs")) else ()


ZONE = CallKind(
    token="aws:route53/zone:Zone",
    service="route53",
    source="Amazon Route 53 API Reference: CreateHostedZone, GetHostedZone, AssociateVPCWithHostedZone",
    fields=_ZONE_FIELDS,
    outputs=(ARN, Output("zoneId"), Output("nameServers"), Output("primaryNameServer"), TAGS_ALL),
    autoname=spec.AutoName(max_length=255),
    regional=False,
    replaces=_zone_replaces,
    make=_zone_make,
    complete=_zone_complete,
    read=_zone_read,
    update=_zone_update,
    delete=_zone_delete,
    find=_zone_find,
    elsewhere=("delegationSetId", "enableAcceleratedRecovery"),
)
