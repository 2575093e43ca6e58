"""State migrations: records rewritten by functions of the program, before anything is compared with them.

A migration is one entry of the journal: of half a migration the program could
not tell what is left to do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from reconciler import errors
from reconciler.deploy.run import Run
from reconciler.model.goals import Goal
from reconciler.model.graphs import in_dependency_order
from reconciler.model.renaming import renamed
from reconciler.model.resources import Recorded
from reconciler.plan import migrations as planning
from reconciler.plan.aliases import find_prior
from reconciler.plan.migrations import Migrated
from reconciler.state.integrity import violations
from reconciler.state.snapshots import Snapshot

Migration = Callable[[str, tuple[Recorded, ...]], Awaitable[Migrated | None]]
"""URN that registers, and the records of its subtree -> what they become; None when they stay."""


async def migrate(run: Run, goal: Goal, migrations: Sequence[Migration]) -> None:
    """Let the program rewrite what is recorded of a resource and of what is below it.

    Raises:
        PlanError: what it gives back is more, or less, than a migration.
        ProgramError: a migration raised.
    """
    for migration in migrations:
        placed = find_prior(goal, run.ledger.priors, run.ledger.renamed)
        if placed is None:
            return
        olds = planning.subtree(placed.resource.urn, list(run.ledger.unregistered()))
        migrated = await migration(goal.urn, olds)
        if migrated is not None and olds:
            _take(run, goal, olds, migrated)


def _take(run: Run, goal: Goal, olds: Sequence[Recorded], migrated: Migrated) -> None:
    planning.check(olds, migrated, urn=goal.urn)
    ledger, names = run.ledger, migrated.successors
    gone = {resource.urn for resource in olds}
    waiting = [item.resource for item in ledger.retired]
    others = [*waiting, *(resource for resource in ledger.unregistered() if resource.urn not in gone)]
    news = in_dependency_order([renamed(resource, names) for resource in migrated.resources])
    _refuse_unsound(run, goal, [*others, *olds], [*(renamed(other, names) for other in others), *news])
    places = {resource.urn: ledger.priors[resource.urn].place for resource in olds}
    before = {resource.urn: resource for resource in olds}
    with run.recorder.together():
        for new in news:
            followed = [urn for urn, successor in names.items() if successor == new.urn]
            if followed or new.urn not in before:
                taken = tuple(places[urn] for urn in (new.urn, *followed) if urn in places)
                ledger.succeed(new, run.recorder.put(new, forgets=taken), followed)
            elif new != before[new.urn]:
                run.recorder.amended(ledger.amend(new.urn, new), new)
        for other in others:
            rewritten = renamed(other, names)
            if rewritten != other:
                run.recorder.amended(ledger.rewrite(other, rewritten), rewritten)


def _refuse_unsound(run: Run, goal: Goal, olds: Sequence[Recorded], news: Sequence[Recorded]) -> None:
    def findings(resources: Sequence[Recorded]) -> set[str]:
        return set(violations(Snapshot(resources=in_dependency_order(resources))))

    registered = [item.resource for item in run.ledger.results.values()]
    added = findings([*registered, *news]) - findings([*registered, *olds])
    if added:
        raise errors.PlanError(f"its state migration is refused: {min(added)}", urn=goal.urn)
