"""What this run knows of each resource: what was recorded, what was asked, what came of it.

The one mutable part of a deployment. Every change of it happens on the engine's
event loop, between two awaits.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reconciler.model.goals import Goal
from reconciler.model.resources import Recorded
from reconciler.plan.steps import Op
from reconciler.state.journals import Old, Place
from reconciler.state.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Placed:
    """A resource and where the journal knows it."""

    place: Place
    resource: Recorded


class Ledger:
    """Bookkeeping of one run."""

    def __init__(self, base: Snapshot) -> None:
        recorded = [Placed(Old(index), resource) for index, resource in enumerate(base.resources)]
        placed = [item for item in recorded if not item.resource.view_of]
        self.recorded = base.resources
        """What was recorded when the run began, dependencies first."""
        self._views = {item.resource.urn: item for item in recorded if item.resource.view_of}
        self._order = {item.resource.urn: index for index, item in enumerate(placed) if not item.resource.delete}
        self.priors = {item.resource.urn: item for item in placed if not item.resource.delete}
        """What was recorded, by the URN that it was recorded under; refreshed values once refreshed."""
        self.retired = [item for item in placed if item.resource.delete]
        """Old objects that wait for their deletion."""
        self.goals: dict[str, Goal] = {}
        self.results: dict[str, Placed] = {}
        """What this run made of each registered resource."""
        self.continued: dict[str, str] = {}
        """Recorded URN -> the URN that continues it."""
        self.renamed: dict[str, str] = {}
        """URN of this run -> the recorded URN that it continues, where an alias made them differ."""
        self.replaced: set[str] = set()
        """What is replaced, by its recorded URN and by that of this run."""
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        """New resources that are no targets of this run: not made, not recorded."""
        self.named: set[str] = set()
        """Registered resources that the targets or excludes name, or bring along."""
        self.going: dict[str, asyncio.Event] = {}
        """Recorded resources that a delete-first replacement is about to delete -> set when it is done with them."""
        self.changes: Counter[Op] = Counter()

    def view(self, urn: str) -> Placed | None:
        """What is recorded of a view; nobody registers views, so they are in no other list."""
        return self._views.get(urn)

    def views_of(self, urn: str) -> list[Placed]:
        """The views of an object, whatever it was called before."""
        if not self._views:
            return []
        owners = {urn, self.renamed.get(urn, urn)}
        return [item for item in self._views.values() if item.resource.view_of in owners]

    def put_view(self, view: Placed) -> None:
        """Note what a view is now."""
        self._views[view.resource.urn] = view

    def forget_view(self, urn: str) -> None:
        """Note that a view is gone."""
        del self._views[urn]

    def leftover(self) -> list[Placed]:
        """What no registration of this run continues, and what replacements left, in recorded order."""
        unclaimed = [item for urn, item in self.priors.items() if urn not in self.continued]
        return sorted((*self.retired, *unclaimed), key=self._position)

    def _position(self, item: Placed) -> int:
        # Several records may share a URN: each has a place of its own, but for one that a migration wrote.
        return item.place.index if isinstance(item.place, Old) else self._order.get(item.resource.urn, -1)

    def unregistered(self) -> Iterator[Recorded]:
        """Recorded resources that the program has not (yet) registered."""
        return (item.resource for urn, item in self.priors.items() if urn not in self.continued)

    def unfinished(self) -> Iterator[Recorded]:
        """Recorded resources that the program asks for, and that this run could not bring to what is asked."""
        return (self.priors[old].resource for old, new in self.continued.items() if new not in self.results)

    def amend(self, urn: str, resource: Recorded) -> Place:
        """Note what a recorded resource is now; says where it stands."""
        place = self.priors[urn].place
        self.priors[urn] = Placed(place, resource)
        return place

    def retire(self, prior: Recorded) -> Place:
        """The object of a recorded resource was replaced: it waits for its deletion."""
        place = self.priors[prior.urn].place
        self.retired.append(Placed(place, replace(prior, delete=True)))
        return place

    def succeed(self, resource: Recorded, place: Place, followed: Iterable[str]) -> None:
        """A migrated record takes the place of those that it follows."""
        order = [self._order[urn] for urn in (resource.urn, *followed) if urn in self._order]
        for urn in followed:
            del self.priors[urn]
        self.priors[resource.urn] = Placed(place, resource)
        self._order[resource.urn] = min(order, default=-1)

    def rewrite(self, before: Recorded, after: Recorded) -> Place:
        """Note what a record is now, waiting for its deletion or not; says where it stands."""
        if not before.delete:
            return self.amend(before.urn, after)
        index = next(index for index, item in enumerate(self.retired) if item.resource is before)
        place = self.retired[index].place
        self.retired[index] = Placed(place, after)
        return place

    def forget(self, resource: Recorded) -> None:
        """Note that a recorded resource is gone, retired or not."""
        if resource.delete:
            self.retired = [item for item in self.retired if item.resource is not resource]
        else:
            del self.priors[resource.urn]
            self.continued.pop(resource.urn, None)

    def place_of(self, resource: Recorded) -> Place:
        """Where a recorded resource stands, retired or not."""
        if resource.delete:
            return next(item.place for item in self.retired if item.resource is resource)
        return self.priors[resource.urn].place
