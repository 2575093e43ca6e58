"""SqlKind: a kind managed by SQL statements (Snowflake)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from reconciler.catalog.spec import Kind


class Scope(Enum):
    """What an object's name is unique in, which gives its id and full name their form."""

    ACCOUNT = "account"
    DATABASE = "database"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlKind(Kind):
    """A kind behind SQL; `words` as CREATE and DROP spell it ("DATABASE ROLE")."""

    words: str
    scope: Scope
