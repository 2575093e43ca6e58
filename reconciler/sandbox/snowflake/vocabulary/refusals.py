"""The errors that statements and logins end in, with the numbers that Snowflake gives them.

Who raises: every module here. Who turns them into the wire's form: `wire`.
Two numbers are our own, so that nobody mistakes a gap of the sandbox for an
answer of Snowflake: `UNSUPPORTED` and `BROKEN`.
"""

from __future__ import annotations

from typing import Final

from reconciler.errors import ReconcilerError

UNSUPPORTED: Final = 990001
"""The statement is (or may be) good Snowflake, and the sandbox does not know it."""
BROKEN: Final = 990002
"""The sandbox failed on a statement: a bug of ours."""


class RefusedError(ReconcilerError):
    """A statement or login was refused.

    Attributes:
        errno: Snowflake's error number.
        sqlstate: five characters.
        text: the message as the client sees it.
    """

    summary = "The sandbox refused"

    def __init__(self, errno: int, sqlstate: str, text: str) -> None:
        self.errno = errno
        self.sqlstate = sqlstate
        self.text = text
        super().__init__(text)


def syntax(detail: str) -> RefusedError:
    """The text is not a statement."""
    return RefusedError(1003, "42000", f"SQL compilation error:\n{detail}")


def unsupported(what: str) -> RefusedError:
    """The sandbox does not know this, and says so instead of guessing."""
    return RefusedError(UNSUPPORTED, "0A000", f"unsupported by the sandbox: {what}")


def missing(kind: str, name: str) -> RefusedError:
    """The object does not exist, or the role may not see it: deliberately the same answer."""
    return RefusedError(
        2003,
        "02000",
        f"SQL compilation error:\n{kind.capitalize()} '{name}' does not exist or not authorized.",
    )


def cannot_operate(kind: str, name: str) -> RefusedError:
    """DESC and ALTER of account objects phrase absence in this way."""
    return RefusedError(
        2043,
        "02000",
        "SQL compilation error:\nObject does not exist, or operation cannot be performed."
        f" ({kind.capitalize()} '{name}')",
    )


def exists(name: str) -> RefusedError:
    """The name is taken."""
    return RefusedError(2002, "42710", f"SQL compilation error:\nObject '{name}' already exists.")


def denied(kind: str, name: str) -> RefusedError:
    """The role sees the object and may not do this with it."""
    return RefusedError(
        3001,
        "42501",
        f"SQL access control error:\nInsufficient privileges to operate on {kind.lower()} '{name}'.",
    )


def invalid_value(value: object, property_name: str) -> RefusedError:
    """A property was given a value that it cannot have."""
    return RefusedError(
        1422, "22023", f"SQL compilation error:\ninvalid value [{value}] for parameter '{property_name}'"
    )


def invalid_property(property_name: str, kind: str) -> RefusedError:
    """The kind has no such property."""
    return RefusedError(1405, "42601", f"SQL compilation error:\ninvalid property '{property_name}' for '{kind}'")


def no_database() -> RefusedError:
    """An unqualified name, and the session has no database."""
    return RefusedError(
        90105,
        "22000",
        "Cannot perform operation. This session does not have a current database."
        " Call 'USE DATABASE', or use a qualified name.",
    )


def no_schema() -> RefusedError:
    """An unqualified name, and the session has no schema."""
    return RefusedError(
        90106,
        "22000",
        "Cannot perform operation. This session does not have a current schema."
        " Call 'USE SCHEMA', or use a qualified name.",
    )


def no_warehouse() -> RefusedError:
    """Data SQL needs a warehouse."""
    return RefusedError(
        606,
        "57P03",
        "No active warehouse selected in the current session."
        "  Select an active warehouse with the 'use warehouse' command.",
    )
