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

    def has(self, urn: str, needs: Iterable[str], chosen: Collection[str]) -> bool:
        """May this resource be touched?

        Args:
            needs: URNs that it depends on.
            chosen: URNs that were found to be targets (or, with excludes, to be excluded) before it.
        """
        if self.is_everything or _is_always_in(urn):
            return True
        follows = self.with_dependents and any(need in chosen for need in needs)
        if self.targets:
            return matches(self.targets, urn) or follows
        return not (matches(self.excludes, urn) or follows)

    def carries(self, urn: str, *, inside: bool) -> bool:
        """Do dependents of this resource follow it: into the targets, or out with the excludes?"""
        return not self.is_everything and inside is bool(self.targets) and not _is_always_in(urn)


def closure(selection: Selection, resources: Sequence[Recorded]) -> frozenset[str]:
    """The URNs of recorded resources that may be touched; `resources` in an order in which needs come first."""
    picked: set[str] = set()
    chosen: set[str] = set()
    for resource in resources:
        inside = selection.has(resource.urn, edges(resource), chosen)
        if inside:
            picked.add(resource.urn)
        if selection.carries(resource.urn, inside=inside):
            chosen.add(resource.urn)
    return frozenset(picked)


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
