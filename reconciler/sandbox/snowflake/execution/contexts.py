"""What one statement is run with, and how it finds the objects that it names."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.catalog.sql import Scope
from reconciler.sandbox.snowflake.account.catalogue import Catalogue, SqlObject, account
from reconciler.sandbox.snowflake.account.objects import ObjectStore
from reconciler.sandbox.snowflake.account.roles import Authority
from reconciler.sandbox.snowflake.execution.sessions import Session
from reconciler.sandbox.snowflake.execution.storage import Storage
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, render_name
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS, SandboxKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The account, the session and its authority, the time (seconds since the epoch), and AWS if there is one."""

    catalogue: Catalogue
    storage: Storage
    session: Session
    authority: Authority
    now_s: float
    aws: ObjectStore | None = None

    def container(self, kind: SandboxKind, name: Name) -> SqlObject:
        """The account, database or schema in which an object of that name and kind is.

        Raises:
            RefusedError: too many parts; no current database or schema; a container that is not seen.
        """
        if kind.scope is Scope.ACCOUNT:
            if len(name) != 1:
                raise refusals.syntax(f"invalid identifier '{render_name(name)}'")
            return account(self.catalogue)
        if kind.scope is Scope.DATABASE:
            if len(name) > 2:
                raise refusals.syntax(f"invalid identifier '{render_name(name)}'")
            return self.get(BY_WORDS["DATABASE"], name[:1]) if len(name) == 2 else self.database()
        if len(name) == 1:
            return self.schema()
        return self.get(BY_WORDS["SCHEMA"], name[:-1])

    def database(self) -> SqlObject:
        """The session's database."""
        found = self.session.current(self.catalogue, self.session.database)
        if found is None:
            raise refusals.no_database()
        return found

    def schema(self) -> SqlObject:
        """The session's schema."""
        found = self.session.current(self.catalogue, self.session.schema)
        if found is None:
            raise refusals.no_database() if not self.session.place(self.catalogue) else refusals.no_schema()
        return found

    def find(self, kind: SandboxKind, name: Name) -> SqlObject | None:
        """The object of that name, whatever the session may do with it; None when it or a container is not there.

        A table's name finds a view, too: they share one namespace.
        """
        try:
            container = self.container(kind, name)
        except refusals.RefusedError as refusal:
            if refusal.errno == 2003:
                return None
            raise
        return self.catalogue.find(kind, name[-1], container.number if kind.scope is not Scope.ACCOUNT else 0)

    def get(self, kind: SandboxKind, name: Name) -> SqlObject:
        """The object of that name and exactly that kind, if the session sees it.

        Raises:
            RefusedError: 2003 otherwise.
        """
        if kind.words == "ACCOUNT":
            return account(self.catalogue)
        container = self.container(kind, name)
        found = self.catalogue.find(kind, name[-1], container.number if kind.scope is not Scope.ACCOUNT else 0)
        if found is None or found.kind != kind.words or not self.authority.sees(found):
            full = name if kind.scope is Scope.ACCOUNT else (*self.catalogue.full_name(container), name[-1])
            raise refusals.missing(kind.words, render_name(full))
        return found

    def relation(self, name: Name) -> SqlObject:
        """The table or view of that name, if the session sees it."""
        found = self.find(BY_WORDS["TABLE"], name)
        if found is None or not self.authority.sees(found):
            raise refusals.missing("Object", render_name(name))
        return found
