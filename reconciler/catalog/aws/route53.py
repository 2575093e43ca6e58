"""Hosted zones and records."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.catalog import calls, spec
from reconciler.catalog.aws.fields import ARN, TAGS, TAGS_ALL
from reconciler.catalog.calls import Call, CallKind, Course, Refusal, Task, Until
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

_NO_ZONE = Refusal("NoSuchHostedZone")
_BUSY = (Refusal("PriorRequestNotComplete"),)


def _call(method: str, arguments: PropertyMap, *, once: bool = False, absent: tuple[Refusal, ...] = ()) -> Call:
    return Call(service="route53", method=method, arguments=arguments, once=once, absent=absent, retry=_BUSY)


def _spread(answer: PropertyMap) -> Course[None]:
    """Wait until every name server of Route 53 knows a change."""
    change = calls.text(answer, "ChangeInfo", "Id")
    if change:
        yield from calls.ask(
            Until(
                call=_call("get_change", {"Id": change}),
                done=lambda answer: calls.text(answer, "ChangeInfo", "Status") == "INSYNC",
            )
        )


def plain_name(name: str) -> str:
    r"""A domain name as people write it: lower case, no final dot, escapes of `*` undone.

    >>> plain_name("\\052.Example.COM.")
    '*.example.com'
    """
    return name.lower().removesuffix(".").replace("\\052", "*")


def _same_name(wanted: Value, live: Value) -> bool:
    return plain_name(str(wanted)) == plain_name(str(live))


def _same_vpcs(wanted: Value, live: Value) -> bool:
    """A wanted VPC without a region is in the provider's, which the live one always tells."""
    wanted_rows, live_rows = (calls.rows({"vpcs": side}, "vpcs") for side in (wanted, live))
    regions = {calls.text(row, "vpcId"): calls.text(row, "vpcRegion") for row in live_rows}
    return {calls.text(row, "vpcId") for row in wanted_rows} == set(regions) and all(
        calls.text(row, "vpcRegion") in ("", regions[calls.text(row, "vpcId")]) for row in wanted_rows
    )


_VPC = spec.Block((Field("vpcId", required=True), Field("vpcRegion")))
_ZONE_FIELDS = (
    Field("name", spec.Text(max_length=1024), change=Change.REPLACE, same=_same_name),
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
    made = yield from calls.ask(_call("create_hosted_zone", arguments, once=True))
    return calls.text(made, "HostedZone", "Id").removeprefix("/hostedzone/")


def _zone_complete(task: Task) -> Course[None]:
    # Public and private zones are settled once their SOA is served; the call itself waits for nothing.
    yield from _associate(task)
    yield from _retag(task)


def _associate(task: Task) -> Course[None]:
    zone = yield from calls.ask(_call("get_hosted_zone", {"Id": task.id}))
    live = {calls.text(row, "VPCId"): row for row in calls.rows(zone, "VPCs")}
    wanted = _vpcs(task, task.inputs)
    # A private zone must keep one VPC, so the new ones come before the old ones go.
    for id in sorted(wanted.keys() - live.keys()):
        added: PropertyMap = {"HostedZoneId": task.id, "VPC": wanted[id]}
        yield from _spread((yield from calls.ask(_call("associate_vpc_with_hosted_zone", added))))
    for id in sorted(live.keys() - wanted.keys()):
        removed: PropertyMap = {"HostedZoneId": task.id, "VPC": live[id]}
        yield from _spread((yield from calls.ask(_call("disassociate_vpc_from_hosted_zone", removed))))


def _retag(task: Task) -> Course[None]:
    added, removed = calls.tags_to_set(task), calls.tags_to_remove(task)
    change: dict[str, Value] = {}
    if added:
        change["AddTags"] = calls.tag_list(added)
    if removed:
        change["RemoveTagKeys"] = removed
    if change:
        arguments = {"ResourceType": "hostedzone", "ResourceId": task.id, **change}
        yield from calls.ask(_call("change_tags_for_resource", arguments))


def _zone_read(task: Task) -> Course[PropertyMap | None]:
    found = yield from calls.look(_call("get_hosted_zone", {"Id": task.id}, absent=(_NO_ZONE,)))
    if found is None:
        return None
    zone = calls.at(found, "HostedZone")
    name = calls.text(zone, "Name")
    apex = yield from calls.ask(
        _call("list_resource_record_sets", {"HostedZoneId": task.id, "StartRecordName": name, "MaxItems": "10"})
    )
    at_apex = {calls.text(row, "Type"): row for row in calls.rows(apex, "ResourceRecordSets") if row["Name"] == name}
    servers = calls.texts(found, "DelegationSet", "NameServers") or tuple(
        calls.text(row, "Value") for row in calls.rows(at_apex.get("NS"), "ResourceRecords")
    )
    authority = calls.text(at_apex.get("SOA"), "ResourceRecords", 0, "Value").split(" ")[0]
    tags = yield from calls.ask(_call("list_tags_for_resource", {"ResourceType": "hostedzone", "ResourceId": task.id}))
    vpcs: tuple[Value, ...] = tuple(
        {"vpcId": calls.text(row, "VPCId"), "vpcRegion": calls.text(row, "VPCRegion")}
        for row in sorted(calls.rows(found, "VPCs"), key=lambda row: calls.text(row, "VPCId"))
    )
    return {
        "name": plain_name(name),
        "comment": calls.at(zone, "Config", "Comment"),
        "vpcs": vpcs or None,
        "arn": f"arn:aws:route53:::hostedzone/{task.id}",
        "zoneId": task.id,
        "nameServers": tuple(sorted(plain_name(server) for server in servers)),
        "primaryNameServer": plain_name(authority),
        "tagsAll": calls.tag_map(calls.rows(tags, "ResourceTagSet", "Tags")),
    }


def _zone_update(task: Task) -> Course[None]:
    if "comment" in task.changed:
        comment = task.inputs.get("comment", "Managed by Pulumi")
        yield from calls.ask(_call("update_hosted_zone_comment", {"Id": task.id, "Comment": comment}))
    if "vpcs" in task.changed:
        yield from _associate(task)
    yield from _retag(task)


def _zone_delete(task: Task) -> Course[None]:
    if str(task.inputs.get("forceDestroy")).lower() == "true":
        yield from _empty_zone(task)
    yield from calls.ask(_call("delete_hosted_zone", {"Id": task.id}, absent=(_NO_ZONE,)))


def _empty_zone(task: Task) -> Course[None]:
    zone = yield from calls.look(_call("get_hosted_zone", {"Id": task.id}, absent=(_NO_ZONE,)))
    if zone is None:
        return
    apex = calls.text(zone, "HostedZone", "Name")
    start: PropertyMap = {}
    while True:
        listed = yield from calls.ask(
            _call("list_resource_record_sets", {"HostedZoneId": task.id, "MaxItems": "300", **start})
        )
        changes: tuple[Value, ...] = tuple(
            {"Action": "DELETE", "ResourceRecordSet": row}
            for row in calls.rows(listed, "ResourceRecordSets")
            if not (row["Name"] == apex and row["Type"] in ("NS", "SOA"))
        )
        if changes:
            batch: PropertyMap = {"HostedZoneId": task.id, "ChangeBatch": {"Changes": changes}}
            yield from _spread((yield from calls.ask(_call("change_resource_record_sets", batch))))
        if calls.at(listed, "IsTruncated") is not True:
            return
        start = {
            "StartRecordName": calls.at(listed, "NextRecordName"),
            "StartRecordType": calls.at(listed, "NextRecordType"),
        }


def _zone_find(task: Task) -> Course[str]:
    listed = yield from calls.ask(
        _call("list_hosted_zones_by_name", {"DNSName": task.inputs.get("name"), "MaxItems": "100"})
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


_ALIAS = spec.Block(
    (
        Field("name", required=True, sent_as="DNSName", same=_same_name),
        Field("zoneId", required=True, sent_as="HostedZoneId"),
        Field("evaluateTargetHealth", spec.FLAG, required=True),
    )
)


def _same_aliases(wanted: Value, live: Value) -> bool:
    def plain(aliases: Value) -> list[tuple[str, str, str]]:
        return [
            (
                plain_name(calls.text(row, "name")),
                calls.text(row, "zoneId"),
                str(row.get("evaluateTargetHealth")).lower(),
            )
            for row in calls.rows({"aliases": aliases}, "aliases")
        ]

    return plain(wanted) == plain(live)


_RECORD_FIELDS = (
    Field("zoneId", spec.Ref("ZONE"), required=True, change=Change.REPLACE),
    Field("name", required=True, change=Change.REPLACE, same=_same_name),
    Field("type", required=True, change=Change.REPLACE),
    Field("ttl", spec.Integer(minimum=0, unit="s"), sent_as="TTL"),
    Field("records", spec.NAMES),
    Field("aliases", spec.ListOf(_ALIAS), same=_same_aliases),
    Field("allowOverwrite", spec.FLAG, default=False, change=Change.CREATE_ONLY, shown_as=None),
    Field("healthCheckId"),
)


def full_name(name: str, zone: str) -> str:
    """The record's full name: names outside the zone are relative to it.

    >>> full_name("www", "example.com."), full_name("www.example.com", "example.com")
    ('www.example.com', 'www.example.com')
    """
    name, zone = plain_name(name), plain_name(zone)
    if name == zone or name.endswith(f".{zone}"):
        return name
    return f"{name}.{zone}" if name else zone


def _quoted(sort: str, value: str) -> str:
    """Text records stand in quotes on the wire; the program leaves them out."""
    return f'"{value}"' if sort in ("TXT", "SPF") and not value.startswith('"') else value


def record_set(inputs: PropertyMap, fqdn: str) -> PropertyMap:
    """The record set in the API's form."""
    sort = calls.text(inputs, "type").upper()
    found: dict[str, Value] = {"Name": fqdn, "Type": sort, **calls.sent(_RECORD_FIELDS, inputs, "healthCheckId")}
    aliases = calls.rows(inputs, "aliases")
    if aliases:
        found["AliasTarget"] = calls.sent(_ALIAS.fields, aliases[0])
        return found
    found |= calls.sent(_RECORD_FIELDS, inputs, "ttl")
    found["ResourceRecords"] = tuple({"Value": _quoted(sort, value)} for value in calls.texts(inputs, "records"))
    return found


def _fqdn(task: Task) -> Course[str]:
    known = calls.text(task.live, "fqdn")
    if known:
        return known
    zone = yield from calls.ask(_call("get_hosted_zone", {"Id": _zone_of(task)}))
    return full_name(_name_of(task), calls.text(zone, "HostedZone", "Name"))


def _zone_of(task: Task) -> str:
    return calls.text(task.inputs, "zoneId") or task.id.split("_", 1)[0]


def _name_of(task: Task) -> str:
    # An import has the id alone: `ZONE_name_TYPE`, and names may hold underscores.
    return calls.text(task.inputs, "name") or task.id.split("_", 1)[-1].rpartition("_")[0]


def _type_of(task: Task) -> str:
    return (calls.text(task.inputs, "type") or task.id.rpartition("_")[2]).upper()


def _find_live(task: Task, fqdn: str) -> Course[PropertyMap | None]:
    listed = yield from calls.look(
        _call(
            "list_resource_record_sets",
            {
                "HostedZoneId": _zone_of(task),
                "StartRecordName": fqdn,
                "StartRecordType": _type_of(task),
                "MaxItems": "1",
            },
            absent=(_NO_ZONE,),
        )
    )
    for row in calls.rows(listed, "ResourceRecordSets"):
        if plain_name(calls.text(row, "Name")) == fqdn and row["Type"] == _type_of(task):
            return row
    return None


def _change(task: Task, action: str, wanted: PropertyMap, absent: tuple[Refusal, ...] = ()) -> Course[None]:
    batch: PropertyMap = {
        "HostedZoneId": _zone_of(task),
        "ChangeBatch": {"Comment": "Managed by Pulumi", "Changes": ({"Action": action, "ResourceRecordSet": wanted},)},
    }
    call = _call("change_resource_record_sets", batch, once=action == "CREATE", absent=absent)
    yield from _spread((yield from calls.ask(call)))


def _record_make(task: Task) -> Course[str]:
    fqdn = yield from _fqdn(task)
    overwrite = str(task.inputs.get("allowOverwrite")).lower() == "true"
    yield from _change(task, "UPSERT" if overwrite else "CREATE", record_set(task.inputs, fqdn))
    return f"{_zone_of(task)}_{plain_name(_name_of(task))}_{_type_of(task)}"


def _record_read(task: Task) -> Course[PropertyMap | None]:
    zone = yield from calls.look(_call("get_hosted_zone", {"Id": _zone_of(task)}, absent=(_NO_ZONE,)))
    if zone is None:
        return None
    fqdn = full_name(_name_of(task), calls.text(zone, "HostedZone", "Name"))
    live = yield from _find_live(task, fqdn)
    if live is None:
        return None
    values = tuple(calls.text(row, "Value") for row in calls.rows(live, "ResourceRecords"))
    target = calls.at(live, "AliasTarget")
    given = calls.text(task.inputs, "name")
    return {
        "zoneId": _zone_of(task),
        # A relative name stays relative: it means the same.
        "name": given or fqdn,
        "type": calls.at(live, "Type"),
        "ttl": calls.at(live, "TTL"),
        "records": tuple(_unquoted(_type_of(task), value) for value in values) or None,
        "aliases": (calls.from_wire(_ALIAS, target),) if isinstance(target, Mapping) else None,
        "healthCheckId": calls.at(live, "HealthCheckId"),
        "fqdn": fqdn,
    }


def _unquoted(sort: str, value: str) -> str:
    quoted = sort in ("TXT", "SPF") and len(value) > 1 and value.startswith('"') and value.endswith('"')
    return value[1:-1] if quoted and '" "' not in value else value


def _record_update(task: Task) -> Course[None]:
    fqdn = yield from _fqdn(task)
    yield from _change(task, "UPSERT", record_set(task.inputs, fqdn))


def _record_delete(task: Task) -> Course[None]:
    fqdn = plain_name(calls.text(task.live, "fqdn")) or (yield from _fqdn(task))
    live = yield from _find_live(task, fqdn)
    if live is not None:
        # DELETE takes the set exactly as it is.
        gone = (_NO_ZONE, Refusal("InvalidChangeBatch", "not found"))
        yield from _change(task, "DELETE", live, gone)


def _record_find(task: Task) -> Course[str]:
    """The record when it stands exactly as it was to be made: CREATE refuses what exists."""
    fqdn = yield from _fqdn(task)
    live = yield from _find_live(task, fqdn)
    wanted = record_set(task.inputs, fqdn)
    if live is None or _comparable(live) != _comparable(wanted):
        return ""
    return f"{_zone_of(task)}_{plain_name(_name_of(task))}_{_type_of(task)}"


def _comparable(row: PropertyMap) -> tuple[object, ...]:
    return (
        plain_name(calls.text(row, "Name")),
        row["Type"],
        row.get("TTL"),
        sorted(calls.text(value, "Value") for value in calls.rows(row, "ResourceRecords")),
        plain_name(calls.text(row, "AliasTarget", "DNSName")),
        calls.text(row, "AliasTarget", "HostedZoneId"),
    )


def _record_check(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    records, aliases = inputs.get("records"), inputs.get("aliases")
    if (records is None) == (aliases is None):
        return (("", "give either records (with a ttl) or aliases"),)
    if records is not None and inputs.get("ttl") is None:
        return (("ttl", "missing: records need one"),)
    if isinstance(aliases, tuple) and len(aliases) != 1:
        return (("aliases", f"expected one alias, got {len(aliases)}"),)
    return ()


RECORD = CallKind(
    token="aws:route53/record:Record",
    service="route53",
    source="Amazon Route 53 API Reference: ChangeResourceRecordSets, ListResourceRecordSets",
    fields=_RECORD_FIELDS,
    outputs=(Output("fqdn"),),
    check=_record_check,
    regional=False,
    make=_record_make,
    read=_record_read,
    update=_record_update,
    delete=_record_delete,
    find=_record_find,
    elsewhere=(
        "cidrRoutingPolicy",
        "failoverRoutingPolicies",
        "geolocationRoutingPolicies",
        "geoproximityRoutingPolicy",
        "latencyRoutingPolicies",
        "multivalueAnswerRoutingPolicy",
        "setIdentifier",
        "weightedRoutingPolicies",
    ),
)
