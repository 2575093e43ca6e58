"""The account's objects, grants and future grants, and their durable record.

What an object means is decided elsewhere; here is what exists, under which
name, owned by whom, and who was granted what. Objects are known by number, so
a rename touches one object and nothing that refers to it. Every statement is
one transaction: written to SQLite before it is answered, undone when refused.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, render_name
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS, SandboxKind
from reconciler.sandbox.snowflake.vocabulary.properties import Kept

ACCOUNT_NUMBER: Final = 1
"""The account is the first object."""

GrantKey: TypeAlias = tuple[str, int, int]
FutureKey: TypeAlias = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlObject:
    """One object.

    Attributes:
        kind: its kind's words.
        parent: number of the database or schema it is in; 0 for account objects.
        owner: number of the owning role; 0 for what nobody owns (system roles, the account).
        created_s: seconds since the epoch.
        properties: what was set explicitly.
        facts: what the sandbox keeps about it (state, generated ids, columns, definition).
    """

    number: int
    kind: str
    name: str
    parent: int = 0
    owner: int = 0
    created_s: float = 0.0
    properties: Mapping[str, Kept] = field(default_factory=dict)
    facts: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def declared(self) -> SandboxKind:
        """Its kind."""
        return BY_WORDS[self.kind]

    def value(self, name: str) -> Kept:
        """A property: as set, or its default."""
        if name in self.properties:
            return self.properties[name]
        declared = self.declared.properties.get(name)
        return declared.default if declared is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """One privilege on one object, held by one grantee (a role, database role or user).

    Membership in a role is USAGE on it.
    """

    privilege: str
    on: int
    grantee: int
    option: bool = False
    granted_by: int = 0
    created_s: float = 0.0

    @property
    def key(self) -> GrantKey:
        """What makes it one grant."""
        return (self.privilege, self.on, self.grantee)


@dataclass(frozen=True, slots=True, kw_only=True)
class Future:
    """A privilege to come, on new objects of a kind in a container."""

    privilege: str
    kind: str
    container: int
    grantee: int
    option: bool = False
    created_s: float = 0.0

    @property
    def key(self) -> FutureKey:
        """What makes it one future grant."""
        return (self.privilege, self.kind, self.container, self.grantee)


TABLES: Final = ("objects", "grants", "futures", "counters")
_SCHEMA: Final = "".join(
    f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, body NOT NULL);" for table in TABLES
)
_UNTOUCHED: Final = object()


class Catalogue:
    """What exists. Callers hold the account's lock; nothing here is safe to share without it."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # A killed process loses nothing that was answered: the log is replayed at the next start.
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_SCHEMA)
        self._load()

    def _load(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self._dirty: dict[tuple[str, str], str | None] = {}
        self._depth = 0
        self.objects: dict[int, SqlObject] = {}
        self._by_name: dict[tuple[int, str, str], int] = {}
        self._children: dict[int, set[int]] = defaultdict(set)
        self._owned: dict[int, set[int]] = defaultdict(set)
        self._grants_on: dict[int, dict[GrantKey, Granted]] = defaultdict(dict)
        self._grants_to: dict[int, dict[GrantKey, Granted]] = defaultdict(dict)
        self._futures: dict[FutureKey, Future] = {}
        for (body,) in self._database.execute("SELECT body FROM objects"):
            item = SqlObject(**json.loads(body))
            self._place(item.number, item)
        for (body,) in self._database.execute("SELECT body FROM grants"):
            granted = Granted(**json.loads(body))
            self._place_grant(granted.key, granted)
        for (body,) in self._database.execute("SELECT body FROM futures"):
            future = Future(**json.loads(body))
            self._place_future(future.key, future)
        row = self._database.execute("SELECT body FROM counters WHERE key = 'next'").fetchone()
        self._next: int = row[0] if row else ACCOUNT_NUMBER

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def clear(self) -> None:
        """Forget everything."""
        self._database.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            self._database.execute(f"DELETE FROM {table}")  # names of our own
        self._database.execute("COMMIT")
        self._load()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Changes within are durable when the outermost block ends; undone when it raises."""
        mark = len(self._undo)
        self._depth += 1
        try:
            yield
            if self._depth == 1:
                self._write()
        except BaseException:
            while len(self._undo) > mark:
                self._undo.pop()()
            raise
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._undo.clear()
                self._dirty.clear()

    def _write(self) -> None:
        if not self._undo:
            return
        self._database.execute("BEGIN IMMEDIATE")
        try:
            for (table, key), body in self._dirty.items():
                if body is None:
                    self._database.execute(f"DELETE FROM {table} WHERE key = ?", (key,))  # own names
                else:
                    self._database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, body))  # own
            self._database.execute("INSERT OR REPLACE INTO counters VALUES ('next', ?)", (self._next,))
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise

    def _changed(self, table: str, key: str, body: str | None, undo: Callable[[], None]) -> None:
        # A row that an inner block changed and undid is written as it was: harmless.
        old = self._dirty.get((table, key), _UNTOUCHED)

        def back() -> None:
            undo()
            if old is _UNTOUCHED:
                del self._dirty[table, key]
            else:
                self._dirty[table, key] = old if isinstance(old, str) else None

        self._dirty[table, key] = body
        self._undo.append(back)

    # Objects.

    def new_number(self) -> int:
        """A number that no object has had."""
        self._next += 1
        return self._next - 1

    def put(self, item: SqlObject) -> SqlObject:
        """Store a new or changed object."""
        old = self.objects.get(item.number)
        self._place(item.number, item)
        self._changed("objects", str(item.number), json.dumps(asdict(item)), lambda: self._place(item.number, old))
        return item

    def remove(self, item: SqlObject) -> None:
        """Remove one object with its grants and futures; its children are the caller's."""
        for granted in (*self.grants_on(item.number), *self.grants_to(item.number)):
            self.revoke(granted)
        for future in self.futures():
            if item.number in (future.container, future.grantee):
                self.revoke_future(future)
        self._place(item.number, None)
        self._changed("objects", str(item.number), None, lambda: self._place(item.number, item))

    def _place(self, number: int, item: SqlObject | None) -> None:
        old = self.objects.pop(number, None)
        if old is not None:
            del self._by_name[old.parent, old.declared.names_in, old.name]
            self._children[old.parent].discard(number)
            self._owned[old.owner].discard(number)
        if item is not None:
            self.objects[number] = item
            self._by_name[item.parent, item.declared.names_in, item.name] = number
            self._children[item.parent].add(number)
            self._owned[item.owner].add(number)

    def find(self, kind: SandboxKind, name: str, parent: int = 0) -> SqlObject | None:
        """The object of that name in the kind's namespace (a view when a table was asked for, too)."""
        number = self._by_name.get((parent, kind.names_in, name))
        return self.objects[number] if number is not None else None

    def children(self, number: int) -> tuple[SqlObject, ...]:
        """What is directly in a database or schema, by number."""
        return tuple(self.objects[child] for child in sorted(self._children[number]))

    def below(self, number: int) -> tuple[SqlObject, ...]:
        """Everything in a database or schema, deepest first."""
        found: list[SqlObject] = []
        for child in self.children(number):
            found.extend(self.below(child.number))
            found.append(child)
        return tuple(found)

    def of_kind(self, words: str) -> tuple[SqlObject, ...]:
        """All objects of a kind, by full name."""
        return tuple(sorted((item for item in self.objects.values() if item.kind == words), key=self.full_name))

    def owned_by(self, number: int) -> tuple[SqlObject, ...]:
        """What a role owns, by number."""
        return tuple(self.objects[item] for item in sorted(self._owned[number]))

    def full_name(self, item: SqlObject) -> Name:
        """All parts of the name."""
        if not item.parent:
            return (item.name,)
        return (*self.full_name(self.objects[item.parent]), item.name)

    def shown_name(self, item: SqlObject) -> str:
        """The full name, quoted where needed."""
        return render_name(self.full_name(item))

    def database_of(self, item: SqlObject) -> SqlObject:
        """The database that an object is in, or is."""
        while item.parent:
            item = self.objects[item.parent]
        return item

    # Grants.

    def grant(self, granted: Granted) -> None:
        """Store a grant; the same grant again keeps its date and the wider option."""
        old = self._grants_on[granted.on].get(granted.key)
        if old is not None:
            granted = replace(granted, created_s=old.created_s, option=old.option or granted.option)
        self._set_grant(granted.key, granted)

    def regrant(self, granted: Granted) -> None:
        """Store a grant exactly as given."""
        self._set_grant(granted.key, granted)

    def narrow(self, granted: Granted) -> None:
        """Take the grant option away."""
        self._set_grant(granted.key, replace(granted, option=False))

    def revoke(self, granted: Granted) -> None:
        """Remove a grant."""
        self._set_grant(granted.key, None)

    def _set_grant(self, key: GrantKey, granted: Granted | None) -> None:
        old = self._grants_on[key[1]].get(key)
        self._place_grant(key, granted)
        body = json.dumps(asdict(granted)) if granted is not None else None
        self._changed("grants", json.dumps(key), body, lambda: self._place_grant(key, old))

    def _place_grant(self, key: GrantKey, granted: Granted | None) -> None:
        _, on, grantee = key
        self._grants_on[on].pop(key, None)
        self._grants_to[grantee].pop(key, None)
        if granted is not None:
            self._grants_on[on][key] = granted
            self._grants_to[grantee][key] = granted

    def find_grant(self, privilege: str, on: int, grantee: int) -> Granted | None:
        """That grant, if it stands."""
        return self._grants_on[on].get((privilege, on, grantee))

    def grants_on(self, number: int) -> tuple[Granted, ...]:
        """All grants on an object, in the order of privilege and grantee."""
        return tuple(granted for _, granted in sorted(self._grants_on[number].items()))

    def grants_to(self, number: int) -> tuple[Granted, ...]:
        """All that a role or user was granted."""
        return tuple(granted for _, granted in sorted(self._grants_to[number].items()))

    def futures(self) -> tuple[Future, ...]:
        """All future grants."""
        return tuple(future for _, future in sorted(self._futures.items()))

    def grant_future(self, future: Future) -> None:
        """Store a future grant."""
        self._set_future(future.key, future)

    def revoke_future(self, future: Future) -> None:
        """Remove a future grant."""
        self._set_future(future.key, None)

    def find_future(self, key: FutureKey) -> Future | None:
        """That future grant, if it stands."""
        return self._futures.get(key)

    def _set_future(self, key: FutureKey, future: Future | None) -> None:
        old = self._futures.get(key)
        self._place_future(key, future)
        body = json.dumps(asdict(future)) if future is not None else None
        self._changed("futures", json.dumps(key), body, lambda: self._place_future(key, old))

    def _place_future(self, key: FutureKey, future: Future | None) -> None:
        self._futures.pop(key, None)
        if future is not None:
            self._futures[key] = future


def account(catalogue: Catalogue) -> SqlObject:
    """The account itself."""
    return catalogue.objects[ACCOUNT_NUMBER]
