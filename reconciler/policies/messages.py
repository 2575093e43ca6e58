"""What policies are told and what they say, as protobuf messages of the SDK's pulumi/analyzer.proto."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from reconciler.contract import wire
from reconciler.contract.policies import (
    Findings,
    Level,
    PolicyInfo,
    ProviderSeen,
    Remediation,
    Remediations,
    ResourceSeen,
    Sort,
    Violation,
)
from reconciler.model.values import PropertyMap
from reconciler.policies.settings import Declared, Setting

_LEVELS: Final = {
    analyzer_pb2.ADVISORY: Level.ADVISORY,
    analyzer_pb2.MANDATORY: Level.MANDATORY,
    analyzer_pb2.DISABLED: Level.DISABLED,
    analyzer_pb2.REMEDIATE: Level.REMEDIATE,
}
_NUMBERS: Final = {level: number for number, level in _LEVELS.items()}
_SORTS: Final = {
    analyzer_pb2.POLICY_TYPE_RESOURCE: Sort.RESOURCE,
    analyzer_pb2.POLICY_TYPE_STACK: Sort.STACK,
}
_SEVERITIES: Final = {
    analyzer_pb2.POLICY_SEVERITY_LOW: "low",
    analyzer_pb2.POLICY_SEVERITY_MEDIUM: "medium",
    analyzer_pb2.POLICY_SEVERITY_HIGH: "high",
    analyzer_pb2.POLICY_SEVERITY_CRITICAL: "critical",
}


def write_resource(resource: ResourceSeen, *, internals: bool) -> analyzer_pb2.AnalyzeRequest:
    """One resource to look at. `internals`: with properties of the engine's own, which a remediation must keep."""
    return analyzer_pb2.AnalyzeRequest(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=_properties(resource.properties, internals=internals),
        options=_options(resource),
        provider=_provider(resource.provider),
    )


def write_stack_resource(resource: ResourceSeen) -> analyzer_pb2.AnalyzerResource:
    """One of the stack's resources."""
    return analyzer_pb2.AnalyzerResource(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        properties=_properties(resource.properties, internals=False),
        options=_options(resource),
        provider=_provider(resource.provider),
        parent=resource.parent,
        dependencies=resource.dependencies,
        propertyDependencies={
            name: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
            for name, urns in resource.property_dependencies.items()
            if urns
        },
    )


def read_findings(response: analyzer_pb2.AnalyzeResponse, version: str) -> Findings:
    """What a pack found. `version`: of PulumiPolicy.yaml, which wins over the message's; "" for none."""
    return Findings(
        tuple(
            Violation(
                policy=found.policyName,
                pack=found.policyPackName,
                version=version or found.policyPackVersion,
                message=found.message,
                # What a remediation did not mend is mandatory.
                level=Level.MANDATORY if found.enforcementLevel == analyzer_pb2.REMEDIATE else _level(found),
                severity=_SEVERITIES.get(found.severity, ""),
                urn=found.urn,
            )
            for found in response.diagnostics
        ),
        frozenset(policy.policy_name for policy in response.not_applicable),
    )


def read_remediations(response: analyzer_pb2.RemediateResponse, version: str) -> Remediations:
    """What a pack changed; `version` as in `read_findings`."""
    return Remediations(
        tuple(
            Remediation(
                policy=made.policyName,
                pack=made.policyPackName,
                version=version or made.policyPackVersion,
                description=made.description,
                properties=(
                    wire.read_map(made.properties) if made.HasField("properties") and not made.diagnostic else None
                ),
                problem=made.diagnostic,
            )
            for made in response.remediations
        ),
        frozenset(policy.policy_name for policy in response.not_applicable),
    )


def read_policies(info: analyzer_pb2.AnalyzerInfo) -> tuple[Declared, ...]:
    """The policies that a pack declares, by name."""
    declared = (
        Declared(
            name=policy.name,
            level=_level(policy),
            schema=_plain(policy.configSchema.properties),
            required=tuple(policy.configSchema.required),
        )
        for policy in info.policies
    )
    return tuple(sorted(declared, key=lambda policy: policy.name))


def read_initial(info: analyzer_pb2.AnalyzerInfo) -> Mapping[str, Setting]:
    """The settings that a pack begins with."""
    return {
        name: Setting(level=_level(config), properties=_plain(config.properties))
        for name, config in sorted(info.initialConfig.items())
    }


def read_infos(info: analyzer_pb2.AnalyzerInfo, settled: Mapping[str, Setting]) -> tuple[PolicyInfo, ...]:
    """The policies at the levels that are in force."""
    return tuple(
        PolicyInfo(
            name=policy.name,
            level=(settled[policy.name].level if policy.name in settled else None) or _level(policy),
            sort=_SORTS.get(policy.policy_type, Sort.UNKNOWN),
        )
        for policy in sorted(info.policies, key=lambda policy: policy.name)
    )


def write_settings(settled: Mapping[str, Setting]) -> analyzer_pb2.ConfigureAnalyzerRequest:
    """Levels and settings for a pack."""
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    for name, setting in settled.items():
        config = request.policyConfig[name]
        config.enforcementLevel = _NUMBERS[setting.level or Level.ADVISORY]
        json_format.ParseDict(dict(setting.properties), config.properties)
    return request


def _level(message: analyzer_pb2.AnalyzeDiagnostic | analyzer_pb2.PolicyInfo | analyzer_pb2.PolicyConfig) -> Level:
    return _LEVELS.get(message.enforcementLevel, Level.ADVISORY)


def _plain(struct: struct_pb2.Struct) -> Mapping[str, object]:
    return cast("Mapping[str, object]", json_format.MessageToDict(struct))


def _properties(properties: PropertyMap, *, internals: bool) -> struct_pb2.Struct:
    shown = properties if internals else {name: item for name, item in properties.items() if not name.startswith("__")}
    # Packs know secrets, but no references to resources.
    return wire.write_map(wire.fitted(shown, secrets=True, references=False))


def _options(resource: ResourceSeen) -> analyzer_pb2.AnalyzerResourceOptions:
    timeouts = resource.custom_timeouts
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=resource.protect,
        ignoreChanges=resource.ignore_changes,
        deleteBeforeReplace=bool(resource.delete_before_replace),
        deleteBeforeReplaceDefined=resource.delete_before_replace is not None,
        additionalSecretOutputs=resource.additional_secret_outputs,
        aliases=resource.aliases,
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(
            create=timeouts.get("create", 0),
            update=timeouts.get("update", 0),
            delete=timeouts.get("delete", 0),
            read=timeouts.get("read", 0),
        ),
        parent=resource.parent,
    )


def _provider(provider: ProviderSeen | None) -> analyzer_pb2.AnalyzerProviderResource | None:
    if provider is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        urn=provider.urn,
        type=provider.type,
        name=provider.name,
        properties=_properties(provider.properties, internals=False),
    )
