"""What holds of any case: after the operation, however it ends, and after two more runs without faults."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from cases import Asked, Case, Declared, ready_made_test
from inventory import STRANGERS
from played import DEFAULT_PROVIDER, STACK_URN, program_urns
from stacks import assert_told_in_order
from world import Ended, Scrambled, World

from reconciler.deploy import events
from reconciler.model.graphs import edges
from reconciler.model.resources import Recorded
from reconciler.model.values import has_unknown
from reconciler.plan import steps, targets
from reconciler.state import checkpoints, journal_records
from reconciler.state.integrity import violations
from reconciler.state.journals import in_doubt, replay
from reconciler.state.snapshots import Snapshot

CANARY = "canary"
READY_MADE = "As a test, to be pasted into tests/lifecycle:\n\n"


class BrokenPromiseError(AssertionError):
    """A promise that the engine did not keep."""


def keep(case: Case) -> None:
    """See that every promise is kept.

    Raises:
        BrokenPromiseError: one is not; its note is a test of this case.
    """
    try:
        _keep(case)
    except BaseException as error:
        error.add_note(READY_MADE + ready_made_test(case))
        raise


def _keep(case: Case) -> None:
    world = World(case)
    _require(not violations(world.snapshot), "the case itself is sound", *violations(world.snapshot))
    history = _History(case, world.snapshot)
    is_planned = case.asked.planned and case.asked.kind == "update" and world.plan_ahead(case.asked)
    before = world.snapshot
    foretold = None if case.asked.kind == "update" else world.carry_out(dataclasses.replace(case.asked, preview=True))
    ended = world.carry_out_case()
    world.plan = None
    # Of what an earlier run left in doubt a preview asks nobody.
    goes_well = not case.faults and not before.pending and (case.cut, case.stopped, case.raises) == (None, None, None)
    if is_planned and goes_well:
        outside = [error for error in ended.errors if "saved plan" in error]
        _require(not outside, "what was planned can be done", outside)
    if foretold is not None and goes_well:
        _require(sorted(foretold.ops) == sorted(ended.ops), "a preview says what happens", foretold.ops, ended.ops)
    _sound(world, ended)
    if not ended.died:
        assert_told_in_order(ended.told)
    _selected_only(world, ended)
    _keeps_what_is_declared(world, ended)
    history.follow(world, ended)
    if case.asked.preview:
        _require(world.snapshot is before, "a preview leaves state alone")
        _require(not ended.changes, "a preview changes nothing", ended.changes)
    _mend(world, history)


def _mend(world: World, history: _History) -> None:
    """Two runs without faults; protection is taken off first, as `pulumi state unprotect --all` does."""
    free = [dataclasses.replace(item, protect=False) for item in world.snapshot.resources]
    pending = [
        dataclasses.replace(item, resource=dataclasses.replace(item.resource, protect=False))
        for item in world.snapshot.pending
    ]
    world.snapshot = dataclasses.replace(world.snapshot, resources=tuple(free), pending=tuple(pending))
    history.unprotect()
    vanished = any(record.drift == "gone" for record in world.case.records)
    mended = world.carry_out(Asked(refresh=vanished))
    _require(not mended.errors, "the next run succeeds", mended.errors)
    _sound(world, mended)
    history.follow(world, mended)
    once = world.snapshot

    again = world.carry_out(Asked())
    _require(not again.errors, "the run after it succeeds", again.errors)
    changed = [op for op in again.ops if not op.startswith("same") and not op.startswith("read")]
    _require(not changed, "the run after it has no changes", changed)
    _require(not again.changes, "it changes no object", again.changes)
    _require(_by_name(world.snapshot) == _by_name(once), "it leaves state as it is", _difference(once, world.snapshot))
    _settled(world, history)


def _sound(world: World, ended: Ended) -> None:
    """State is sound after every entry of the journal; what the journal says is what the run says."""
    for length in range(len(ended.entries) + 1):
        snapshot = replay(ended.base, ended.entries[:length])
        _require(not violations(snapshot), f"state is sound after {length} entries", *violations(snapshot))
    if not ended.asked.preview:
        _require(replay(ended.base, ended.entries) == world.snapshot, "the journal's end is the run's snapshot")
        doubts = in_doubt(ended.base, ended.entries)
        _require(doubts == world.snapshot.pending, "what is in doubt is what is pending", doubts)
        unknown = [item.urn for item in world.snapshot.resources if has_unknown({**item.inputs, **item.outputs})]
        _require(not unknown, "nothing unknown is recorded", *unknown)
    read = journal_records.parse_journal(ended.content, Scrambled())
    _require(read.entries == ended.entries, "a torn journal reads up to the tear", read.findings)
    checkpoint = checkpoints.Checkpoint(stack="s", secrets_provider={"type": "x"})
    text = checkpoints.render_checkpoint(checkpoint, world.snapshot, Scrambled(), time="2026-01-01T00:00:00Z")
    for where, content in (("state file", text), ("journal", ended.content.decode())):
        _require(CANARY not in content, f"the {where} has no secret in plain")
    again = checkpoints.decode_snapshot(checkpoints.read_checkpoint(text), Scrambled())
    _require(again.resources == world.snapshot.resources, "state survives its file")


def _selected_only(world: World, ended: Ended) -> None:
    """A run on some targets leaves the others' objects alone."""
    asked = ended.asked
    if asked.with_dependents or not (asked.targets or asked.excludes):
        return
    renamed = {alias: urn for declared, urn in _with_urns(world.case) for alias in declared.aliases}
    for change in ended.changes:
        known = (change.urn, renamed.get(change.urn, change.urn))
        if asked.targets:
            inside = any(targets.matches(world.named(asked.targets), urn) for urn in known)
        else:
            # Under another name it is not excluded: its old one in an update, its new one in a destroy.
            inside = not all(targets.matches(world.named(asked.excludes), urn) for urn in known)
        _require(inside, "what is no target is left alone", change, asked)


def _keeps_what_is_declared(world: World, ended: Ended) -> None:
    """An update deletes nothing that the program declares, or would if what that is known to need had not failed."""
    if ended.asked.kind != "update":
        return
    of_program = {item.name: _names(item, urn) for item, urn in _with_urns(world.case)}
    for name, failed in ended.never_declared.items():
        # Of a need that is new nobody can know; then it is as if the program did not declare it.
        known = {urn for item in ended.base.resources if item.urn in of_program[name] for urn in edges(item)}
        if known.isdisjoint(urn for need in failed for urn in of_program[need]):
            of_program[name] = set()
    declared = set().union(*of_program.values())
    for event in ended.told:
        if isinstance(event, (events.StepStarted, events.StepDone)) and isinstance(event.step, steps.Delete):
            _require(event.step.urn not in declared, "what the program declares is not deleted", event.step.urn)
            _require(world.case.raises is None, "a program that raised deletes nothing", event.step.urn)


def _with_urns(case: Case) -> Iterator[tuple[Declared, str]]:
    return zip(case.program, program_urns(case.program).values(), strict=True)


def _names(declared: Declared, urn: str) -> set[str]:
    """What a resource may be recorded as; a read knows no aliases."""
    return {urn} if declared.read_id else {urn, *declared.aliases}


def _settled(world: World, history: _History) -> None:
    """Every object of ours is recorded once, and every record has its object."""
    snapshot = world.snapshot
    _require(not snapshot.pending, "nothing is in doubt", snapshot.pending)
    _require(
        not any(item.delete or item.pending_replacement or item.taint for item in snapshot.resources),
        "nothing is left half done",
    )
    wanted = {STACK_URN, *program_urns(world.case.program).values()}
    present = {item.urn for item in snapshot.resources if item.urn != DEFAULT_PROVIDER}
    _require(present <= wanted and wanted - present <= {STACK_URN}, "state has what the program asks", present ^ wanted)
    ids = [item.id for item in snapshot.resources if _is_object(item) and not item.external]
    _require(len(set(ids)) == len(ids), "no object is recorded twice", ids)
    objects = set(world.service.objects)
    _require(set(ids) <= objects, "every record has its object", set(ids) - objects)
    forgotten = objects - set(ids) - set(STRANGERS) - history.let_go
    _require(not forgotten, "no object is forgotten", forgotten)


class _History:
    """What may happen to which object, followed through the runs of a case."""

    def __init__(self, case: Case, snapshot: Snapshot) -> None:
        self._program = {urn: declared for declared, urn in _with_urns(case)}
        self._aliased = {alias: declared for declared in case.program for alias in declared.aliases}
        self._protected = {
            item.id for item in snapshot.resources if item.protect and not item.delete and self._keeps_protection(item)
        }
        self._names_of_let_go = {declared.name for declared in case.program if declared.retain or declared.deleted_with}
        self.let_go: set[str] = set()
        """Objects that may stay behind: retained, or said to go with another object."""
        self._note(snapshot)

    def unprotect(self) -> None:
        """The person took protection off."""
        self._protected = set()

    def follow(self, world: World, ended: Ended) -> None:
        """See that what an operation did was allowed, and that it lost sight of nothing.

        Args:
            ended: the operation; the world is as it left it.
        """
        self._note(ended.base)
        for length in range(len(ended.entries) + 1) if ended.died else (len(ended.entries),):
            self._note(replay(ended.base, ended.entries[:length]))
        self._note(world.snapshot)
        imported = {declared.import_id for declared in self._program.values()}
        for change in ended.changes:
            if change.verb != "create":
                _require(change.id not in STRANGERS or change.id in imported, "strangers are left alone", change)
            if change.verb == "delete":
                _require(change.id not in self._protected, "what is protected is not deleted", change)
        known = {item.id for item in world.snapshot.resources}
        known |= {operation.resource.id for operation in world.snapshot.pending}
        known |= {
            id
            for operation in world.snapshot.pending
            if (id := world.service.operations.get(operation.operation_id)) is not None
        }
        lost = set(world.service.objects) - known - set(STRANGERS) - self.let_go
        _require(not lost, "no object is lost sight of", lost)

    def _keeps_protection(self, item: Recorded) -> bool:
        declared = self._program.get(item.urn) or self._aliased.get(item.urn)
        return declared is None or declared.protect

    def _note(self, snapshot: Snapshot) -> None:
        for item in snapshot.resources:
            declared = self._program.get(item.urn) or self._aliased.get(item.urn)
            # What was the stack's own and is now only read lives on.
            is_read_now = declared is not None and declared.read_id and not item.external
            if item.retain_on_delete or item.deleted_with or is_read_now:
                self.let_go.add(item.id)


def _is_object(item: Recorded) -> bool:
    return item.custom and not item.type.startswith("pulumi:")


def _by_name(snapshot: Snapshot) -> list[Recorded]:
    """The resources, whatever order they were finished in."""
    return sorted(snapshot.resources, key=lambda item: (item.urn, item.id))


def _difference(before: Snapshot, after: Snapshot) -> list[str]:
    told = []
    for old in before.resources:
        new = next((item for item in after.resources if (item.urn, item.id) == (old.urn, old.id)), None)
        if new is None:
            told.append(f"{old.urn} is gone")
            continue
        told.extend(
            f"{old.urn} {item.name}: {getattr(old, item.name)!r} -> {getattr(new, item.name)!r}"
            for item in dataclasses.fields(Recorded)
            if getattr(old, item.name) != getattr(new, item.name)
        )
    return told or ["the order"]


def _require(holds: object, promise: str, *facts: object) -> None:
    if not holds:
        raise BrokenPromiseError(f"broken: {promise}" + "".join(f"\n  {fact}" for fact in facts))
