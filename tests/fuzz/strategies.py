"""Draws cases: a valid snapshot, a program that begins with it and changes it, an operation, faults, a death.

Simple is what is drawn first, so that hypothesis shrinks towards a case with little in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from cases import COMPONENTS, PROJECT, STACK, Asked, Case, Declared, Fault, Record
from hypothesis import strategies as st
from inventory import STRANGERS
from promises import CANARY

from reconciler.model import urns

_INDEX = st.integers(0, 2**16 - 1)
_CHANCES = {odds: st.integers(0, odds - 1) for odds in (2, 3, 4, 5, 6, 8, 12, 16, 24)}
VERBS = ("create", "update", "delete", "read", "check", "diff", "configure", "find")
CONDITIONS = ("changed", "gone", "taint", "init", "waiting", "creating", "updating", "deleting")
HOWS = ("refused", "lost", "partial", "bug")


class _Draws:
    """Small draws, by name."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def one_in(self, odds: int) -> bool:
        """True once in so many draws; shrinks to False."""
        return self._draw(_CHANCES[odds]) == odds - 1

    def below(self, limit: int) -> int:
        """A number from 0 up to the limit."""
        return self._draw(st.integers(0, limit - 1))

    def among(self, options: Sequence[str]) -> str:
        """One of some options; shrinks to the first."""
        return options[self.below(len(options))]

    def maybe(self, options: Sequence[str], odds: int = 3) -> str:
        """One of some options once in so many draws, else none."""
        return self.among(options) if options and self.one_in(odds) else ""

    def some(self, options: Sequence[str], odds: int = 4) -> tuple[str, ...]:
        """Now and then one or two of some options."""
        first, second = self.maybe(options, odds), self.maybe(options, odds * 2)
        return tuple(dict.fromkeys(filter(None, (first, second))))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A whole case; in half of them all that is amiss is of one sort, since some things go wrong only together."""
    draws = _Draws(draw)
    condition, verb = (draws.among(CONDITIONS), draws.among(VERBS)) if draws.one_in(2) else ("", "")
    records = _records(draws, condition)
    program = _program(draws, records)
    names = tuple(dict.fromkeys([*(r.declared.name for r in records), *(d.name for d in program)]))
    faults = _faults(draws, names, records, verb)
    return Case(
        records=records,
        program=program,
        asked=_asked(draws, names, records, faults),
        faults=faults,
        cut=draws.below(40) if draws.one_in(3) else None,
        torn=draws.below(60),
        stopped=draws.below(20) if draws.one_in(8) else None,
        raises=draws.below(len(program) + 1) if draws.one_in(12) else None,
    )


def _records(draws: _Draws, condition: str) -> tuple[Record, ...]:
    records: list[Record] = []
    for number in range(draws.below(7)):
        current = [r for r in records if not r.waits and r.under_way != "creating"]
        old = [r for r in current if not (r.declared.is_component or r.declared.read_id or r.declared.unique)]
        if old and draws.one_in(6):
            records.append(_old_copy(draws, old[draws.below(len(old))], records))
            continue
        declared = _declared(draws, f"r{number}", [r.declared for r in current])
        records.append(_with_condition(draws, declared, condition))
    return tuple(records)


def _old_copy(draws: _Draws, record: Record, records: Sequence[Record]) -> Record:
    """An object that was replaced and waits for its deletion, beside its replacement."""
    declared = dataclasses.replace(
        record.declared,
        protect=draws.one_in(4),
        retain=draws.one_in(6),
        deleted_with="",
        source="" if draws.one_in(2) else record.declared.source,
        depends_on=() if draws.one_in(2) else record.declared.depends_on,
    )
    return Record(declared=declared, waits=True, drift="gone" if draws.one_in(8) else "")


def _with_condition(draws: _Draws, declared: Declared, condition: str) -> Record:
    plain = Record(declared=declared, taint=declared.is_component and draws.one_in(8))
    if not declared.has_object or declared.read_id or not draws.one_in(2 if condition else 3):
        return plain
    condition = condition or draws.among(CONDITIONS)
    match condition:
        case "changed" | "gone":
            return dataclasses.replace(plain, drift=condition)
        case "taint":
            return dataclasses.replace(plain, taint=True)
        case "init":
            return dataclasses.replace(plain, init_errors=True)
        case "waiting":
            return dataclasses.replace(plain, gone_for_now=True)
        case _:
            return dataclasses.replace(plain, under_way=condition, happened=draws.one_in(2))


def _declared(draws: _Draws, name: str, before: Sequence[Declared]) -> Declared:
    """A resource that may need any that stand before it."""
    type = draws.among(("Thing", "Thing", "Group", "Unique", "Provider", "Thing", "Team", "Thing"))
    components = [item.name for item in before if item.is_component]
    others = [item.name for item in before if item.has_object]
    parent = draws.maybe(components, 2) or draws.maybe(others, 8)
    anything = [item.name for item in before]
    options = Declared(
        name=name,
        type=type,
        parent=parent,
        depends_on=draws.some(anything),
        protect=draws.one_in(8),
    )
    objects = [item.name for item in before if item.has_object]
    own = [item.name for item in before if item.has_object and not item.read_id]
    if type == "Provider":
        return dataclasses.replace(options, account=draws.among(("one", "two")), source=draws.maybe(objects, 5))
    trigger = draws.below(2) if draws.one_in(12) else None
    if type in COMPONENTS:
        return dataclasses.replace(
            options,
            trigger=trigger,
            deleted_with=draws.maybe(own, 12),
            replace_with=draws.some([*own, *components], 8),
        )
    providers = [item.name for item in before if item.type == "Provider"]
    options = dataclasses.replace(options, provider=draws.maybe(providers, 2))
    if type == "Thing" and draws.one_in(12):
        return dataclasses.replace(
            options, read_id=draws.among(STRANGERS), read_after=draws.maybe(objects, 2), size=0, protect=False
        )
    return dataclasses.replace(
        options,
        size=draws.below(3),
        zone=draws.among(("x", "y")),
        source=draws.maybe(objects),
        zone_of=draws.maybe(objects, 5),
        unique=f"n-{name}" if type == "Unique" else "",
        secret=f"{CANARY}-{name}" if draws.one_in(4) else "",
        deleted_with=draws.maybe(own, 6) if type != "Unique" else "",
        replace_with=draws.some([*own, *components], 8),
        retain=type != "Unique" and draws.one_in(12),
        delete_first=(None, True, False)[draws.below(3)] if type == "Thing" and draws.one_in(4) else None,
        ignores=draws.some(("size", "zone", "source", "password"), 8),
        replaces_on=draws.some(("size", "source", "password", "*"), 12),
        secret_outputs=draws.some(("echo", "size"), 12),
        trigger=trigger,
    )


def _program(draws: _Draws, records: Sequence[Record]) -> tuple[Declared, ...]:
    """What is recorded, dropped, changed, moved, renamed; and what is new."""
    recorded = _recorded_urns(records)
    program: list[Declared] = []
    pool = [record.declared for record in records if not record.waits]
    if draws.one_in(4) and len(pool) > 1:
        index = draws.below(len(pool))
        pool.insert(draws.below(len(pool)), pool.pop(index))
    renamed: dict[str, str] = {}
    number = 0
    while pool or draws.one_in(3):
        if len(program) > 9:
            break
        if not pool or draws.one_in(8):
            number += 1
            program.append(_new(draws, f"new{number}", program))
            continue
        declared = pool.pop(0)
        action = draws.among(("copy", "copy", "change", "drop", "change", "rename"))
        if action == "drop":
            continue
        before = {item.name for item in program}
        names = {item.name: renamed.get(item.name, item.name) for item in [*program, *pool, declared]}
        changed = _renamed_needs(declared, {**names, **renamed})
        changed = changed.without(changed.needs - before)
        if action == "change":
            changed = _changed(draws, changed, program)
        if action == "rename":
            changed = dataclasses.replace(changed, name=f"{declared.name}x")
            renamed[declared.name] = changed.name
        program.append(_continued(draws, changed, declared, program, recorded))
    return tuple(dataclasses.replace(item, in_apply=True) if draws.one_in(3) else item for item in program)


def _new(draws: _Draws, name: str, program: Sequence[Declared]) -> Declared:
    declared = _declared(draws, name, program)
    return _imported(draws, declared, program) if draws.one_in(6) else declared


def _imported(draws: _Draws, declared: Declared, program: Sequence[Declared]) -> Declared:
    """A stranger's object under this name, where one is left."""
    taken = {item.import_id or item.read_id for item in program}
    free = [id for id in STRANGERS if id not in taken]
    if declared.type != "Thing" or declared.read_id or not free:
        return declared
    id = draws.among(free)
    return Declared(name=declared.name, import_id=id, size=STRANGERS.index(id), parent=declared.parent)


def _changed(draws: _Draws, declared: Declared, program: Sequence[Declared]) -> Declared:
    """The same resource, drawn anew; some of it stays as it was."""
    anew = _declared(draws, declared.name, program)
    if draws.one_in(16):
        return _imported(draws, declared, program)
    if anew.type != declared.type:
        # A resource does not become one of another type; its options may change still.
        shared = ("depends_on", "protect", "parent")
    elif declared.has_object and declared.read_id and draws.one_in(2):
        return dataclasses.replace(anew, unique=declared.unique)
    else:
        shared = tuple(
            item.name for item in dataclasses.fields(Declared) if item.name not in ("type", "name", "unique")
        )
    kept = {name: getattr(anew, name) for name in shared if draws.one_in(2)}
    changed = dataclasses.replace(declared, **kept)
    return dataclasses.replace(changed, read_id="", protect=False) if changed.read_id and changed.secret else changed


def _continued(
    draws: _Draws, changed: Declared, declared: Declared, program: Sequence[Declared], recorded: dict[str, str]
) -> Declared:
    """With an alias where its URN is another now; or without one, and then it is another resource."""
    parents = {item.name: item for item in program}
    urn = _urn(changed, parents)
    if changed.read_id:
        # A read knows no aliases.
        return changed
    old = recorded.get(declared.name, urn)
    if urn == old:
        return changed
    if changed.unique:
        # Two of one name cannot be: with no alias the new one would stand beside the old one.
        return dataclasses.replace(changed, aliases=(old,))
    return changed if draws.one_in(3) else dataclasses.replace(changed, aliases=(old,))


def _renamed_needs(declared: Declared, names: dict[str, str]) -> Declared:
    def new(name: str) -> str:
        return names.get(name, name)

    return dataclasses.replace(
        declared,
        parent=new(declared.parent),
        provider=new(declared.provider),
        source=new(declared.source),
        zone_of=new(declared.zone_of),
        read_after=new(declared.read_after),
        deleted_with=new(declared.deleted_with),
        depends_on=tuple(map(new, declared.depends_on)),
        replace_with=tuple(map(new, declared.replace_with)),
    )


def _recorded_urns(records: Sequence[Record]) -> dict[str, str]:
    parents: dict[str, Declared] = {}
    for record in records:
        parents[record.declared.name] = record.declared
    return {name: _urn(declared, parents) for name, declared in parents.items()}


def _urn(declared: Declared, parents: dict[str, Declared]) -> str:
    parent = _urn(parents[declared.parent], parents) if declared.parent else ""
    return urns.build(STACK, PROJECT, parent, declared.token, declared.name)


def _asked(draws: _Draws, names: Sequence[str], records: Sequence[Record], faults: Sequence[Fault]) -> Asked:
    kind = draws.among(("update", "update", "update", "refresh", "destroy"))
    has_drifted = any(record.drift for record in records)
    asked = Asked(
        kind=kind,
        preview=draws.one_in(8),
        refresh=kind != "refresh" and draws.one_in(2 if has_drifted else 4),
        continue_on_error=draws.one_in(2 if faults else 4),
        runs_program=draws.one_in(3),
        parallel=(16, 1, 2)[draws.below(3)],
    )
    if names and draws.one_in(3):
        picked = tuple(dict.fromkeys(draws.among(names) for _ in range(1 + draws.below(3))))
        asked = dataclasses.replace(
            asked,
            **{draws.among(("targets", "excludes")): picked},
            with_dependents=draws.one_in(2),
        )
    if kind == "update":
        recorded = tuple(dict.fromkeys(record.declared.name for record in records))
        asked = dataclasses.replace(asked, planned=draws.one_in(3), replace=draws.some(recorded, 8))
    return asked


def _faults(draws: _Draws, names: Sequence[str], records: Sequence[Record], verb: str) -> tuple[Fault, ...]:
    if not names or draws.one_in(3):
        return ()
    drifted = [record.declared.name for record in records if record.drift]
    faults = [
        Fault(
            verb or draws.among(VERBS),
            draws.maybe(drifted, 2) or draws.among((*names, "default")),
            draws.among(HOWS),
        )
        for _ in range(draws.below(4))
    ]
    return tuple({(fault.verb, fault.name): fault for fault in faults}.values())
