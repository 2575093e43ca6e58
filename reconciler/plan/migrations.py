"""State migrations: what a function of the program is given, and whether what it gives back may be believed. Pure.

A migration rewrites what is recorded of a resource and its descendants. It may
rename, split and merge records; the objects behind them stay as they are, and
each stays behind one record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reconciler import errors
from reconciler.model import urns
from reconciler.model.resources import Recorded

_KEPT_FLAGS = ("id", "external", "protect", "retain_on_delete", "pending_replacement", "taint", "delete")


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration makes of a subtree.

    Attributes:
        successors: URN of each record that is gone -> URN of the one that stands for it.
    """

    resources: tuple[Recorded, ...]
    successors: Mapping[str, str] = field(default_factory=dict)


def subtree(root: str, recorded: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """The record of `root`, then those of its descendants in recorded order."""
    parents = {resource.urn: resource.parent for resource in recorded}

    def is_inside(urn: str) -> bool:
        while urn and urn != root:
            urn = parents.get(urn, "")
        return urn == root

    own = [resource for resource in recorded if is_inside(resource.urn)]
    return tuple(sorted(own, key=lambda resource: resource.urn != root))


def check(olds: Sequence[Recorded], migrated: Migrated, *, urn: str) -> None:
    """Is it a migration, and nothing more?

    Raises:
        PlanError: a record is lost or there twice, an object changes hands, a provider differs.
    """
    for problem in _problems(olds, migrated):
        raise errors.PlanError(f"its state migration is refused: {problem}", urn=urn)


def _problems(olds: Sequence[Recorded], migrated: Migrated) -> Iterator[str]:
    news = {resource.urn: resource for resource in migrated.resources}
    before = {resource.urn: resource for resource in olds}
    if len(news) != len(migrated.resources):
        yield "it gives two records of one URN"
    for gone, successor in migrated.successors.items():
        if gone not in before or gone in news:
            yield f"{gone} has a successor and is not a record that is gone"
        if successor not in news:
            yield f"{successor} succeeds {gone} and is not there"
    followed: set[str] = set()
    for old in olds:
        new = news.get(migrated.successors.get(old.urn, old.urn))
        if new is None:
            yield f"{old.urn} is gone and has no successor"
        elif old.custom:
            followed.add(new.urn)
            yield from _changed_hands(old, new)
    for new in migrated.resources:
        if new.custom and new.urn not in followed:
            yield f"{new.urn} claims an object that no record had"


def _changed_hands(old: Recorded, new: Recorded) -> Iterator[str]:
    if urns.is_provider_type(old.type) and new != old:
        yield f"{old.urn} is a provider, and must stay as it is"
    if not new.custom:
        yield f"{old.urn} has an object, and its successor is a component"
    for name in _KEPT_FLAGS:
        if getattr(old, name) != getattr(new, name):
            yield f"{name} of {old.urn} must stay as it is"
