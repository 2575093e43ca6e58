"""Which resources a run may touch: `--target`, `--exclude`, and what comes along with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reconciler.model import urns
from reconciler.model.graphs import edges
from reconciler.model.resources import Recorded


def matches(patterns: Iterable[str], urn: str) -> bool:
    """Does a URN match one of some URNs or globs? `*` is any run without `:`, `**` is anything.

    >>> matches(["urn:pulumi:dev::p::a:b:*::x"], "urn:pulumi:dev::p::a:b:C::x")
    True
    """
    return any(_compiled(pattern).fullmatch(urn) is not None for pattern in patterns)


def unmatched(patterns: Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The patterns that match none of the known URNs."""
    return tuple(pattern for pattern in patterns if not any(matches((pattern,), urn) for urn in known))


@dataclass(frozen=True, slots=True)
class Selection:
    """What a run may touch.

    Attributes:
        targets, excludes: URNs or patterns; at most one of the two is not empty.
        with_dependents: dependents of targets may be touched, dependents of excludes may not.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    with_dependents: bool = False

    @property
    def is_everything(self) -> bool:
        """May the run touch every resource?"""
        return not self.targets and not self.excludes

    @property
    def outside(self) -> str:
        """What a resource is that may not be touched, in words."""
        return "not a target" if self.targets else "excluded"

    def hint_for(self, urn: str) -> str:
        """How a person lets the run touch a resource."""
        return f"add --target '{urn}'" if self.targets else f"take '{urn}' out of --exclude"

    def names(self, urn: str, needs: Iterable[str], named: Collection[str]) -> bool:
        """Do the targets (or the excludes) name this resource, or bring it along?

        Args:
            needs: URNs that it depends on.
            named: URNs that were found to be named before it.
        """
        if matches(self.targets or self.excludes, urn):
            return True
        return self.with_dependents and any(need in named for need in needs)

    def has(self, urn: str, *, is_named: bool) -> bool:
        """May this resource be touched? Providers and the stack always may, since everything else needs them."""
        return self.is_everything or is_named is bool(self.targets) or _is_always_in(urn)


def closure(selection: Selection, resources: Sequence[Recorded]) -> frozenset[str]:
    """The URNs of recorded resources that may be read or deleted; `resources` in an order in which needs come first.

    A provider is used by whatever is touched; it is deleted only where it is named itself.
    """
    named: set[str] = set()
    for resource in resources:
        if not selection.is_everything and selection.names(resource.urn, edges(resource), named):
            named.add(resource.urn)
    if selection.targets:
        return frozenset(named)
    return frozenset(resource.urn for resource in resources if resource.urn not in named)


def protected(resources: Sequence[Recorded]) -> frozenset[str]:
    """The URNs of protected resources and of everything that they need: parents, providers, dependencies."""
    needed = {resource.urn: edges(resource) for resource in resources}
    found: set[str] = set()
    waiting = [resource.urn for resource in resources if resource.protect]
    while waiting:
        urn = waiting.pop()
        if urn not in found:
            found.add(urn)
            waiting.extend(needed.get(urn, ()))
    return frozenset(found)


def kept_back(deleted: Collection[str], resources: Sequence[Recorded]) -> tuple[tuple[str, str], ...]:
    """(dependent, what it needs) for each resource that stays although something it needs would be deleted."""
    return tuple(
        (resource.urn, need)
        for resource in resources
        if resource.urn not in deleted
        for need in dict.fromkeys(edges(resource))
        if need in deleted
    )


def _is_always_in(urn: str) -> bool:
    token = urns.type_token(urn)
    return urns.is_provider_type(token) or token == urns.STACK_TYPE


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", pattern)
    text = "".join(".*" if part == "**" else "[^:]*" if part == "*" else re.escape(part) for part in parts)
    return re.compile(text, re.DOTALL)
