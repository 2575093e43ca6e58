"""Which of its own rules does a snapshot break?

Source: facts/engine-contract.md §5.1, integrity rules.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.state.snapshots import Snapshot


def violations(snapshot: Snapshot) -> tuple[str, ...]:
    """One sentence per broken rule, in the snapshot's order; empty when it is sound."""
    findings: list[str] = []
    earlier: set[str] = set()
    current: set[str] = set()
    providers: set[str] = set()
    for resource in snapshot.resources:
        findings.extend(_own(resource, providers))
        findings.extend(_references(resource, earlier))
        if not resource.delete:
            if resource.urn in current:
                findings.append(f"{resource.urn} is there twice")
            current.add(resource.urn)
        earlier.add(resource.urn)
        if urns.is_provider_type(resource.type):
            providers.add(str(urns.ProviderReference(resource.urn, resource.id)))
    return tuple(findings)


def _own(resource: Recorded, providers: set[str]) -> Iterator[str]:
    if not urns.is_urn(resource.urn):
        yield f"{resource.urn!r} is not a URN"
    if resource.id and not resource.custom:
        yield f"{resource.urn} is a component and yet has an id"
    # A resource that waits to be created again may name a provider that was replaced too.
    if resource.provider and not resource.pending_replacement and resource.provider not in providers:
        yield f"{resource.urn} names the provider {resource.provider}, which does not come before it"


def _references(resource: Recorded, earlier: set[str]) -> Iterator[str]:
    named = [("parent", resource.parent), ("deletedWith", resource.deleted_with)]
    named += [("dependency", urn) for urn in resource.dependencies]
    named += [
        (f"dependency of {key}", urn)
        for key, dependencies in resource.property_dependencies.items()
        for urn in dependencies
    ]
    named += [("replaceWith", urn) for urn in resource.replace_with]
    for role, urn in named:
        if urn and urn not in earlier:
            yield f"{resource.urn} names {urn} as its {role}, which does not come before it"
