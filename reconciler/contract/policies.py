"""What a policy pack promises: it looks at resources and says what is wrong, or changes what they ask for.

Values and protocol only; who carries findings out is `deploy.policing`, who speaks to packs is `policies`.

Source: facts/engine-contract.md §4.2 (5); the SDK's pulumi/analyzer.proto.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from reconciler.model.resources import NO_URNS
from reconciler.model.values import EMPTY, PropertyMap


class Level(StrEnum):
    """What a violation means, as engine events spell it. Pulumi's word: enforcement level."""

    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


class Sort(StrEnum):
    """What a policy looks at. A pack of an older SDK does not say."""

    RESOURCE = "resource"
    STACK = "stack"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInfo:
    """One policy of a pack, at the level that is in force."""

    name: str
    level: Level
    sort: Sort = Sort.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class PackInfo:
    """A pack as it names itself.

    Attributes:
        version: of PulumiPolicy.yaml where it has one.
        path: the pack's folder, as the person gave it.
        has_failed: it died, or failed to answer; what it did not say is not known.
    """

    name: str
    version: str
    path: str
    policies: tuple[PolicyInfo, ...] = ()
    has_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSeen:
    """The provider of a resource, as policies see it. `properties` are its inputs."""

    urn: str
    type: str
    name: str
    properties: PropertyMap = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSeen:
    """One resource as policies see it.

    Attributes:
        properties: checked inputs; for a stack's policies, the outputs. Unknowns in previews only; secrets marked.
        delete_before_replace: None when the program does not say.
        custom_timeouts: operation -> seconds.
    """

    urn: str
    type: str
    name: str
    properties: PropertyMap = field(default_factory=lambda: EMPTY)
    parent: str = ""
    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, float] = field(default_factory=dict)
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_URNS)
    provider: ProviderSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A policy says that something is wrong. `urn` is what it names itself, "" for the resource or stack at hand.

    Attributes:
        severity: low, medium, high or critical; "" when the policy does not say.
    """

    policy: str
    pack: str
    version: str
    message: str
    level: Level
    severity: str = ""
    urn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remediation:
    """A policy changed what a resource asks for: to `properties`, all of it; None when `problem` kept it from that."""

    policy: str
    pack: str
    version: str
    description: str = ""
    properties: PropertyMap | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a pack says of one resource or of the stack. `not_applicable`: policies that had nothing to look at."""

    violations: tuple[Violation, ...] = ()
    not_applicable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Remediations:
    """What a pack changed of one resource, in the order in which it did."""

    remediations: tuple[Remediation, ...] = ()
    not_applicable: frozenset[str] = frozenset()


class Analyzer(Protocol):
    """A policy pack that runs.

    Every method raises PolicyPackError when the pack died, or failed to answer.
    """

    @property
    def info(self) -> PackInfo:
        """What the pack is."""

    async def remediate(self, resource: ResourceSeen) -> Remediations:
        """Let the pack change what a resource asks for."""

    async def analyze(self, resource: ResourceSeen) -> Findings:
        """Let the pack look at one resource."""

    async def analyze_stack(self, resources: Sequence[ResourceSeen]) -> Findings:
        """Let the pack look at everything that the program registered."""


def outcome(
    sort: Sort, info: PackInfo, failed: frozenset[str], not_applicable: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the policies of a sort that passed and that failed, each sorted.

    >>> pack = PackInfo(name="p", version="1", path=".", policies=(PolicyInfo(name="a", level=Level.ADVISORY),))
    >>> outcome(Sort.RESOURCE, pack, frozenset({"b"}), frozenset())
    (('a',), ('b',))
    """
    passed = (
        policy.name
        for policy in info.policies
        if policy.sort in (sort, Sort.UNKNOWN)
        and policy.level is not Level.DISABLED
        and policy.name not in failed | not_applicable
    )
    return tuple(sorted(passed)), tuple(sorted(failed))
