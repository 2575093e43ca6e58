"""Snowflake's error numbers as our errors: what each means for the step, and what helps.

Pure. Source: Snowflake error numbers as drivers and providers see them
(facts/snowflake-provider.md §5); the texts are Snowflake's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final


class Meaning(Enum):
    """What an error says about the statement."""

    GONE = auto()
    """The object, or its container, does not exist or is not visible to the role."""
    REFUSED = auto()
    """Snowflake refused; the same statement will be refused again."""
    LATER = auto()
    """Nothing happened; the same statement may work later."""
    LOGIN = auto()
    """The session could not be opened: a setting is wrong."""
    EXPIRED = auto()
    """The session ended before the statement ran: log in again."""
    LOST = auto()
    """No answer came: the statement may or may not have run."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an error number means, and what the user can do about it."""

    meaning: Meaning
    hint: str = ""


_PRIVILEGES: Final = "grant the missing privilege to the role, or use a provider with another role"
_LOGIN: Final = "check user, password or key, account and role in the provider's configuration"
_ATTACHED: Final = "detach it first: it is still used by the account, a user, an integration or a policy"

EXISTS: Final = "2002"
"""An object of that name is there already."""

CODES: Final = {
    2003: Code(Meaning.GONE, "create what it names first, or let the role see it"),
    2043: Code(Meaning.GONE, "create what it names first, or let the role see it"),
    int(EXISTS): Code(Meaning.REFUSED, "an object of that name exists: choose another name"),
    3001: Code(Meaning.REFUSED, _PRIVILEGES),
    1044: Code(Meaning.REFUSED, _PRIVILEGES),
    3011: Code(Meaning.REFUSED, "the role may not grant all of these privileges"),
    3036: Code(Meaning.REFUSED, "dependent grants exist: choose COPY or REVOKE for outbound privileges"),
    3078: Code(Meaning.REFUSED, "the account's edition or a behaviour bundle does not offer this"),
    1432: Code(Meaning.REFUSED, "a table keeps at least one column"),
    1492: Code(Meaning.REFUSED, _ATTACHED),
    98507: Code(Meaning.REFUSED, _ATTACHED),
    98508: Code(Meaning.REFUSED, _ATTACHED),
    98519: Code(Meaning.REFUSED, "give the network policy an address or a rule first"),
    606: Code(Meaning.REFUSED, "name a `warehouse` in the provider's configuration"),
    603: Code(Meaning.LATER),
    625: Code(Meaning.LATER),
    3101: Code(Meaning.LATER),
    3122: Code(Meaning.LATER),
    3909: Code(Meaning.LATER),
    91003: Code(Meaning.LATER, "a cloud role or policy that was just made may need a minute to take effect"),
    91016: Code(Meaning.LATER, "a cloud role or policy that was just made may need a minute to take effect"),
    91423: Code(Meaning.LATER),
    390100: Code(Meaning.LOGIN, _LOGIN),
    390102: Code(Meaning.LOGIN, "the user is locked; wait or unlock it"),
    390144: Code(Meaning.LOGIN, "check the key, the clock and the spelling of account and user"),
    390195: Code(Meaning.LOGIN, _LOGIN),
    390201: Code(Meaning.LOGIN, "the role, warehouse, database or schema of the connection does not exist"),
    390303: Code(Meaning.LOGIN, "the OAuth token is expired or not valid"),
    390318: Code(Meaning.LOGIN, "the OAuth token is expired or not valid"),
    390420: Code(Meaning.LOGIN, "a network policy does not allow this address"),
    390422: Code(Meaning.LOGIN, "a network policy does not allow this address"),
    **{number: Code(Meaning.EXPIRED) for number in (390103, 390104, 390110, 390111, 390112, 390113, 390114, 390115)},
}
"""Error number -> what it means; a number that is not here is a refusal."""

_CLIENT: Final = range(250000, 300000)


def find_meaning(number: int | None, *, answered: bool) -> Code:
    """What an error of the connector means.

    Args:
        number: its error number, if any.
        answered: whether Snowflake itself answered (the error has a query id or a SQL state).
    """
    if number in CODES:
        return CODES[number]
    if number is None or number in _CLIENT or not answered:
        return Code(Meaning.LOST)
    return Code(Meaning.REFUSED)
