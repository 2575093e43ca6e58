"""A client's session: who it is, in which role, where it stands."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.sandbox.snowflake.account import roles
from reconciler.sandbox.snowflake.account.catalogue import Catalogue, SqlObject
from reconciler.sandbox.snowflake.execution.storage import DataSession
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name
from reconciler.sandbox.snowflake.vocabulary.properties import Kept

KEPT_ANSWERS: Final = 16
"""How many answers a session keeps: a client repeats a request at once or not at all."""


@dataclass(slots=True, kw_only=True)
class Session:
    """One session. Objects are held by number: what was dropped is simply no longer there.

    Attributes:
        answers: what was answered to each request id, so that a repeated request is not executed again.
        lock: one statement at a time.
    """

    number: int
    token: str
    master_token: str
    user: int
    role: int
    secondary: bool
    data: DataSession
    warehouse: int = 0
    database: int = 0
    schema: int = 0
    parameters: dict[str, Kept] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def authority(self, catalogue: Catalogue) -> roles.Authority:
        """What the session may do now."""
        return roles.authority(catalogue, self.user, self.role, secondary=self.secondary)

    def place(self, catalogue: Catalogue) -> Name:
        """Database and schema, as far as both are set and still exist."""
        database = self.current(catalogue, self.database)
        if database is None:
            return ()
        schema = self.current(catalogue, self.schema)
        return (database.name,) if schema is None else (database.name, schema.name)

    @staticmethod
    def current(catalogue: Catalogue, number: int) -> SqlObject | None:
        """The object of that number, if it still exists."""
        return catalogue.objects.get(number)

    def remember(self, request_id: str, answer: dict[str, Any]) -> None:
        """Keep an answer for the case that its request comes again; old ones are forgotten."""
        self.answers[request_id] = answer
        while len(self.answers) > KEPT_ANSWERS:
            del self.answers[next(iter(self.answers))]
