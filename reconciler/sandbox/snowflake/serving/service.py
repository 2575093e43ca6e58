"""The account as a service: logins, sessions, and statements one after the other.

Control statements change the catalogue and hold its lock; data statements hold
it only until it is clear what they may do.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from reconciler.sandbox.snowflake.account import accounts, logins
from reconciler.sandbox.snowflake.account.catalogue import Catalogue, SqlObject
from reconciler.sandbox.snowflake.account.objects import ObjectStore
from reconciler.sandbox.snowflake.execution import relations
from reconciler.sandbox.snowflake.execution.contexts import Context
from reconciler.sandbox.snowflake.execution.sessions import Session
from reconciler.sandbox.snowflake.execution.storage import Storage
from reconciler.sandbox.snowflake.parsing import parser
from reconciler.sandbox.snowflake.serving import execute
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, fold, parse_name
from reconciler.sandbox.snowflake.vocabulary.results import Result

VALIDITY_S: Final = 3600
MASTER_VALIDITY_S: Final = 14400


class Service:
    """One account, its state under a directory."""

    def __init__(self, directory: Path, aws_endpoint: str | None = None, now: Callable[[], float] = time.time) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._aws = ObjectStore(aws_endpoint) if aws_endpoint is not None else None
        self._now = now
        self._lock = threading.RLock()
        self._sessions: dict[str, Session] = {}
        self._counts: Counter[str] = Counter()
        self._open()

    def _open(self) -> None:
        self.catalogue = Catalogue(self._directory / "catalogue.sqlite")
        accounts.establish(self.catalogue, self._now())
        self._storage = Storage(self._directory / "data")
        relations.repair(self._storage, self.catalogue)
        self._next_session = 1

    def close(self) -> None:
        """End all sessions and close the files."""
        with self._lock:
            for session in self._sessions.values():
                session.data.close()
            self._sessions.clear()
            self._storage.close()
            self.catalogue.close()

    def reset(self) -> None:
        """Empty the account: as on the first day, without sessions and counts."""
        with self._lock:
            self.close()
            for file in (*self._directory.glob("catalogue.sqlite*"), *(self._directory / "data").glob("*.duckdb*")):
                file.unlink()
            self._counts.clear()
            self._open()

    def statistics(self) -> dict[str, Any]:
        """How many statements were run, in all and by their first words."""
        with self._lock:
            counts = dict(sorted(self._counts.items()))
            return {"total": sum(counts.values()), "by_kind": counts, "sessions": len(self._sessions)}

    # Sessions.

    def find_session(self, token: str) -> Session | None:
        """The session of a token."""
        return self._sessions.get(token)

    def login(self, data: Mapping[str, Any], query: Mapping[str, str], address: str) -> dict[str, Any]:
        """Open a session.

        Raises:
            RefusedError: 390xxx.
        """
        with self._lock:
            user = logins.authenticate(self.catalogue, data, address)
            parameters = data.get("SESSION_PARAMETERS") or {}
            secondary = user.value("DEFAULT_SECONDARY_ROLES")
            session = Session(
                number=self._next_session,
                token=secrets.token_urlsafe(32),
                master_token=secrets.token_urlsafe(32),
                user=user.number,
                role=logins.starting_role(self.catalogue, user, query.get("roleName")),
                secondary=isinstance(secondary, list) and "ALL" in [str(each).upper() for each in secondary],
                data=self._storage.session(autocommit=parameters.get("AUTOCOMMIT") is not False),
            )
            self._next_session += 1
            self._start(session, user, query)
            self._sessions[session.token] = session
            return {"data": self._session_data(session), "success": True, "code": None, "message": None}

    def _start(self, session: Session, user: SqlObject, query: Mapping[str, str]) -> None:
        """Stand where the client asked for, or where the user's defaults say. What is not there is no error."""
        context = self._context(session)
        warehouse = query.get("warehouse") or user.value("DEFAULT_WAREHOUSE")
        namespace = user.value("DEFAULT_NAMESPACE")
        place: Name = ()
        if database := query.get("databaseName"):
            schema = query.get("schemaName")
            place = (fold(database), fold(schema)) if schema else (fold(database),)
        elif isinstance(namespace, str):
            place = parse_name(namespace)
        attempts: list[tuple[Callable[[Context, Name], None], Name]] = []
        if isinstance(warehouse, str):
            attempts.append((execute.use_warehouse, parse_name(warehouse)))
        if place:
            attempts.append((execute.use_database, place[:1]))
        if len(place) == 2:
            attempts.append((execute.use_schema, place))
        for use, name in attempts:
            try:
                use(context, name)
            except refusals.RefusedError:
                continue

    def _session_data(self, session: Session) -> dict[str, Any]:
        place = session.place(self.catalogue)
        warehouse = self.catalogue.objects.get(session.warehouse)
        return {
            "token": session.token,
            "masterToken": session.master_token,
            "validityInSeconds": VALIDITY_S,
            "masterValidityInSeconds": MASTER_VALIDITY_S,
            "sessionId": session.number,
            "serverVersion": "9.0.0",
            "displayUserName": self.catalogue.objects[session.user].name,
            "parameters": [
                {"name": "AUTOCOMMIT", "value": True},
                {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
                {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
                {"name": "TIMEZONE", "value": "Etc/UTC"},
            ],
            "sessionInfo": {
                "databaseName": place[0] if place else None,
                "schemaName": place[1] if len(place) > 1 else None,
                "warehouseName": warehouse.name if warehouse is not None else None,
                "roleName": self.catalogue.objects[session.role].name,
            },
        }

    def renew(self, master_token: str) -> dict[str, Any]:
        """A new session token for a master token.

        Raises:
            RefusedError: 390115 for a token that is none.
        """
        with self._lock:
            session = next((each for each in self._sessions.values() if each.master_token == master_token), None)
            if session is None:
                raise refusals.RefusedError(390115, "08001", "Master token is invalid.")
            del self._sessions[session.token]
            session.token = secrets.token_urlsafe(32)
            self._sessions[session.token] = session
            return {
                "data": {
                    "sessionToken": session.token,
                    "validityInSecondsST": VALIDITY_S,
                    "masterToken": session.master_token,
                    "validityInSecondsMT": MASTER_VALIDITY_S,
                    "sessionId": session.number,
                },
                "success": True,
                "code": None,
                "message": None,
            }

    def logout(self, token: str) -> None:
        """Close a session; an open transaction is rolled back."""
        with self._lock:
            session = self._sessions.pop(token, None)
        if session is not None:
            with session.lock:
                session.data.close()

    # Statements.

    def execute(self, session: Session, sql: str, bindings: Mapping[str, Any] | None) -> Result:
        """Run one statement of a session, whose lock the caller holds.

        Raises:
            RefusedError: it was refused.
        """
        self._count(sql)
        statement = parser.parse(sql)
        with self._lock:
            if session.user not in self.catalogue.objects:
                raise refusals.RefusedError(390104, "08001", "User must login again to access the service.")
            outcome = execute.execute(self._context(session), statement, bindings)
        return outcome() if callable(outcome) else outcome

    def _count(self, sql: str) -> None:
        words = _NOISE.sub(" ", sql.upper()).split(maxsplit=2)[:2]
        kind = " ".join(words if words and words[0] in _TWO_WORDS else words[:1])
        with self._lock:
            self._counts[kind] += 1

    def _context(self, session: Session) -> Context:
        return Context(
            catalogue=self.catalogue,
            storage=self._storage,
            session=session,
            authority=session.authority(self.catalogue),
            now_s=self._now(),
            aws=self._aws,
        )


_NOISE: Final = re.compile(r"\bOR REPLACE\b|\b(?:TRANSIENT|SECURE)\b|;|--[^\n]*|/\*.*?\*/", re.DOTALL)
"""What says nothing about the kind of a statement."""
_TWO_WORDS: Final = frozenset({"CREATE", "ALTER", "DROP", "SHOW", "DESC", "DESCRIBE", "USE"})
