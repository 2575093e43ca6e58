"""Records of hosted zones."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.catalog import calls, spec
from reconciler.catalog.aws import route53
from reconciler.catalog.calls import CallKind, Course, Refusal, Task
from reconciler.catalog.spec import Change, Field, Output
from reconciler.model.values import PropertyMap, Value

_ALIAS = spec.Block(
    (
        Field("name", required=True, sent_as="DNSName", same=route53.same_name),
        Field("zoneId", required=True, sent_as="HostedZoneId"),
        Field("evaluateTargetHealth", spec.FLAG, required=True),
    )
)


def _same_aliases(wanted: Value, live: Value) -> bool:
    def plain(aliases: Value) -> list[tuple[str, str, str]]:
        return [
            (
                route53.plain_name(calls.text(row, "name")),
                calls.text(row, "zoneId"),
                str(row.get("evaluateTargetHealth")).lower(),
            )
            for row in calls.rows({"aliases": aliases}, "aliases")
        ]

    return plain(wanted) == plain(live)


_RECORD_FIELDS = (
    Field("zoneId", spec.Ref("ZONE"), required=True, change=Change.REPLACE),
    Field("name", required=True, change=Change.REPLACE, same=route53.same_name),
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
    name, zone = route53.plain_name(name), route53.plain_name(zone)
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
    zone = yield from calls.ask(route53.call("get_hosted_zone", {"Id": _zone_of(task)}))
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
        route53.call(
            "list_resource_record_sets",
            {
                "HostedZoneId": _zone_of(task),
                "StartRecordName": fqdn,
                "StartRecordType": _type_of(task),
                "MaxItems": "1",
            },
            absent=(route53.NO_ZONE,),
        )
    )
    for row in calls.rows(listed, "ResourceRecordSets"):
        if route53.plain_name(calls.text(row, "Name")) == fqdn and row["Type"] == _type_of(task):
            return row
    return None


def _change(task: Task, action: str, wanted: PropertyMap, absent: tuple[Refusal, ...] = ()) -> Course[None]:
    batch: PropertyMap = {
        "HostedZoneId": _zone_of(task),
        "ChangeBatch": {"Comment": "Managed by Pulumi", "Changes": ({"Action": action, "ResourceRecordSet": wanted},)},
    }
    call = route53.call("change_resource_record_sets", batch, once=action == "CREATE", absent=absent)
    yield from route53.spread((yield from calls.ask(call)))


def _record_make(task: Task) -> Course[str]:
    fqdn = yield from _fqdn(task)
    overwrite = str(task.inputs.get("allowOverwrite")).lower() == "true"
    yield from _change(task, "UPSERT" if overwrite else "CREATE", record_set(task.inputs, fqdn))
    return f"{_zone_of(task)}_{route53.plain_name(_name_of(task))}_{_type_of(task)}"


def _record_read(task: Task) -> Course[PropertyMap | None]:
    zone = yield from calls.look(route53.call("get_hosted_zone", {"Id": _zone_of(task)}, absent=(route53.NO_ZONE,)))
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
    fqdn = route53.plain_name(calls.text(task.live, "fqdn")) or (yield from _fqdn(task))
    live = yield from _find_live(task, fqdn)
    if live is not None:
        # DELETE takes the set exactly as it is.
        gone = (route53.NO_ZONE, Refusal("InvalidChangeBatch", "not found"))
        yield from _change(task, "DELETE", live, gone)


def _record_find(task: Task) -> Course[str]:
    """The record when it stands exactly as it was to be made: CREATE refuses what exists."""
    fqdn = yield from _fqdn(task)
    live = yield from _find_live(task, fqdn)
    wanted = record_set(task.inputs, fqdn)
    if live is None or _comparable(live) != _comparable(wanted):
        return ""
    return f"{_zone_of(task)}_{route53.plain_name(_name_of(task))}_{_type_of(task)}"


def _comparable(row: PropertyMap) -> tuple[object, ...]:
    return (
        route53.plain_name(calls.text(row, "Name")),
        row["Type"],
        row.get("TTL"),
        sorted(calls.text(value, "Value") for value in calls.rows(row, "ResourceRecords")),
        route53.plain_name(calls.text(row, "AliasTarget", "DNSName")),
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
