"""Network policies."""

from __future__ import annotations

import json

from reconciler.catalog import spec, sql, sqltext
from reconciler.model.values import PropertyMap, Value


def _addresses(name: str, observation: sql.Observation) -> Value:
    text = observation.find_property(name) or ""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _allowed_addresses(observation: sql.Observation) -> Value:
    return _addresses("ALLOWED_IP_LIST", observation)


def _blocked_addresses(observation: sql.Observation) -> Value:
    return _addresses("BLOCKED_IP_LIST", observation)


def _rules(name: str, observation: sql.Observation) -> Value:
    """DESCRIBE prints rules as JSON: [{"fullyQualifiedRuleName": "DB.S.R"}, …]."""
    rules = json.loads(observation.find_property(name) or "[]")
    return tuple(sqltext.requalified(rule["fullyQualifiedRuleName"]) for rule in rules)


def _allowed_rules(observation: sql.Observation) -> Value:
    return _rules("ALLOWED_NETWORK_RULE_LIST", observation)


def _blocked_rules(observation: sql.Observation) -> Value:
    return _rules("BLOCKED_NETWORK_RULE_LIST", observation)


def _describe(observation: sql.Observation) -> tuple[PropertyMap, ...]:
    names = ("ALLOWED_IP_LIST", "ALLOWED_NETWORK_RULE_LIST", "BLOCKED_IP_LIST", "BLOCKED_NETWORK_RULE_LIST")
    return ({sql.camel(name): observation.find_property(name) or "" for name in names},)


_RULES = spec.SetOf(spec.Ref("NETWORK RULE"))

_FIELDS = (
    sql.NAME,
    sql.COMMENT,
    sql.Property(
        "allowedIpLists",
        spec.NAMES,
        default=(),
        sent_as="ALLOWED_IP_LIST",
        read_from=sql.ReadFrom.DESCRIBE,
        observe=_allowed_addresses,
        told_as="allowedIpList",
    ),
    sql.Property(
        "blockedIpLists",
        spec.NAMES,
        default=(),
        sent_as="BLOCKED_IP_LIST",
        read_from=sql.ReadFrom.DESCRIBE,
        observe=_blocked_addresses,
        told_as="blockedIpList",
    ),
    sql.Property(
        "allowedNetworkRuleLists",
        _RULES,
        default=(),
        sent_as="ALLOWED_NETWORK_RULE_LIST",
        read_from=sql.ReadFrom.DESCRIBE,
        style=sql.Style.PATH,
        same=sql.same_names,
        observe=_allowed_rules,
        told_as="allowedNetworkRuleList",
    ),
    sql.Property(
        "blockedNetworkRuleLists",
        _RULES,
        default=(),
        sent_as="BLOCKED_NETWORK_RULE_LIST",
        read_from=sql.ReadFrom.DESCRIBE,
        style=sql.Style.PATH,
        same=sql.same_names,
        observe=_blocked_rules,
        told_as="blockedNetworkRuleList",
    ),
)

NETWORK_POLICY = sql.SqlKind(
    token="snowflake:index/networkPolicy:NetworkPolicy",
    words="NETWORK POLICY",
    scope=sql.Scope.ACCOUNT,
    plural="NETWORK POLICIES",
    source="Snowflake SQL reference: CREATE NETWORK POLICY, ALTER NETWORK POLICY, DESCRIBE NETWORK POLICY",
    autoname=sql.AUTONAME,
    fields=_FIELDS,
    outputs=sql.outputs(_FIELDS, describe=True),
    described=True,
    describe=_describe,
    shows=sql.columns(
        "created_on",
        "name",
        "comment",
        "entries_in_allowed_ip_list:number",
        "entries_in_blocked_ip_list:number",
        "entries_in_allowed_network_rules:number",
        "entries_in_blocked_network_rules:number",
    ),
)
