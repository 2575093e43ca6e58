"""Who may do what: role closure, privileges, visibility, ownership, future grants. Pure.

Source: Snowflake documentation, Overview of Access Control; Access control
privileges; facts/snowflake-provider §7.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.sandbox.snowflake.account.catalogue import ACCOUNT_NUMBER, Catalogue, Future, SqlObject
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS, SandboxKind

ROLE_KINDS = ("ROLE", "DATABASE ROLE")


def reachable(catalogue: Catalogue, roots: Iterable[int]) -> frozenset[int]:
    """The roles, and every role granted to one of them, transitively."""
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        number = waiting.pop()
        if number in found or number not in catalogue.objects:
            continue
        found.add(number)
        waiting.extend(
            granted.on
            for granted in catalogue.grants_to(number)
            if granted.privilege == "USAGE" and catalogue.objects[granted.on].kind in ROLE_KINDS
        )
    return frozenset(found)


def roles_of_user(catalogue: Catalogue, user: int) -> frozenset[int]:
    """The roles that were granted to a user directly."""
    return frozenset(
        granted.on for granted in catalogue.grants_to(user) if catalogue.objects[granted.on].kind in ROLE_KINDS
    )


@dataclass(frozen=True, slots=True)
class Authority:
    """What one statement may do.

    Attributes:
        primary: number of the session's role; 0 for none.
        creating: closure of the primary role: what counts for creating objects.
        active: closure of primary and secondary roles: what counts for all else.
    """

    catalogue: Catalogue
    primary: int
    creating: frozenset[int]
    active: frozenset[int]

    def owns(self, item: SqlObject) -> bool:
        """Does an active role own it?"""
        return item.owner in self.active

    def manages_grants(self) -> bool:
        """MANAGE GRANTS on the account."""
        return self._holds(self.active, ACCOUNT_NUMBER, {"MANAGE GRANTS"})

    def has(self, item: SqlObject, *privileges: str) -> bool:
        """Does an active role own it, or hold one of the privileges on it?"""
        return self.owns(item) or self._holds(self.active, item.number, set(privileges))

    def may_create(self, kind: SandboxKind, container: SqlObject) -> bool:
        """Does the primary role hold the CREATE privilege, or own the container?"""
        return container.owner in self.creating or self._holds(self.creating, container.number, {kind.create_privilege})

    def has_any(self, item: SqlObject) -> bool:
        """Does an active role hold any privilege on it? Roles are also seen by those that hold them."""
        if self.owns(item) or item.number in self.active:
            return True
        return any(granted.grantee in self.active for granted in self.catalogue.grants_on(item.number))

    def sees(self, item: SqlObject) -> bool:
        """Is its existence shown to the session?

        Roles and users are seen by everyone; the rest by those with any privilege
        on it and USAGE on what contains it, and by those with MANAGE GRANTS.
        """
        if item.kind in ("ACCOUNT", "ROLE") or self.manages_grants():
            return True
        if item.parent:
            parent = self.catalogue.objects[item.parent]
            if not self.sees(parent) or not self.has(parent, "USAGE"):
                return False
            if item.kind == "DATABASE ROLE":
                return True
        return self.has_any(item)

    def can_use(self, item: SqlObject) -> bool:
        """USAGE on the database and schema that contain it."""
        while item.parent:
            item = self.catalogue.objects[item.parent]
            if not self.has(item, "USAGE"):
                return False
        return True

    def require(self, item: SqlObject, *privileges: str) -> None:
        """Refuse unless one of the privileges (or ownership) is held, and the containers may be used.

        Raises:
            RefusedError: 2003 when the object is not seen, 3001 when it is.
        """
        name = self.catalogue.shown_name(item)
        if not self.sees(item):
            raise refusals.missing(item.kind, name)
        if not self.has(item, *privileges) or not self.can_use(item):
            raise refusals.denied(item.kind, name if item.kind != "ACCOUNT" else item.name)

    def require_ownership(self, item: SqlObject) -> None:
        """Refuse unless an active role owns it."""
        self.require(item)

    def of_role(self, role: int) -> Authority:
        """What a role may do by itself, such as the owner of a view."""
        public = self.catalogue.find(BY_WORDS["ROLE"], "PUBLIC")
        closure = reachable(self.catalogue, (role, public.number if public is not None else 0))
        return Authority(self.catalogue, role, closure, closure)

    def grantor(self, item: SqlObject, privilege: str) -> int | None:
        """The role in whose name a privilege on the object is granted; None when it may not be.

        The owner's, when ownership or MANAGE GRANTS allows it; the session's, with the grant option.
        """
        managed = managed_schema(self.catalogue, item)
        if managed is not None and managed.number != item.number:
            # In a schema with managed access the objects' owners do not decide.
            allowed = self.owns(managed) or self.manages_grants()
        else:
            allowed = self.owns(item) or self.manages_grants()
        if allowed:
            return item.owner or self.primary
        held = (
            granted
            for granted in self.catalogue.grants_on(item.number)
            if granted.privilege == privilege and granted.option and granted.grantee in self.active
        )
        return next((granted.grantee for granted in held), None)

    def _holds(self, roles: frozenset[int], number: int, privileges: set[str]) -> bool:
        return any(
            self.catalogue.find_grant(privilege, number, role) is not None for privilege in privileges for role in roles
        )


def authority(catalogue: Catalogue, user: int, primary: int, *, secondary: bool) -> Authority:
    """The authority of a session."""
    public = catalogue.find(BY_WORDS["ROLE"], "PUBLIC")
    creating = reachable(catalogue, (primary, public.number if public is not None else 0))
    active = reachable(catalogue, (*creating, *roles_of_user(catalogue, user))) if secondary else creating
    return Authority(catalogue, primary, creating, active)


def managed_schema(catalogue: Catalogue, item: SqlObject) -> SqlObject | None:
    """The schema with managed access that the object is in (or is); None when there is none."""
    while item.parent:
        if item.kind == "SCHEMA":
            return item if item.facts.get("managed_access") is True else None
        item = catalogue.objects[item.parent]
    return None


def futures_for(catalogue: Catalogue, kind: str, schema: SqlObject | None, database: SqlObject) -> tuple[Future, ...]:
    """The future grants that a new object of the kind receives.

    Those of the schema; those of the database only for grantees to whom the
    schema has none for that kind.
    """
    every = [future for future in catalogue.futures() if future.kind == kind]
    in_schema = [future for future in every if schema is not None and future.container == schema.number]
    covered = {future.grantee for future in in_schema}
    in_database = [future for future in every if future.container == database.number and future.grantee not in covered]
    return (*in_schema, *in_database)


def would_cycle(catalogue: Catalogue, role: int, grantee: int) -> bool:
    """Would granting the role to the grantee make a circle?"""
    return grantee in reachable(catalogue, (role,))
