"""Properties of objects (`KEY = value`): what may be written and what is kept.

Raw values are what the parser read; kept values are plain JSON, which is what
the catalogue stores and SHOW and DESC print from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from reconciler.sandbox.snowflake import refusals
from reconciler.sandbox.snowflake.identifiers import Name, parse_name, render_name


@dataclass(frozen=True, slots=True)
class Word:
    """A bare or quoted name of one or more parts, as in `STORAGE_INTEGRATION = "LAKE"`."""

    name: Name
    quoted: bool = False

    @property
    def text(self) -> str:
        """The parts joined."""
        return ".".join(self.name)


Raw: TypeAlias = "Word | str | int | float | tuple[Raw, ...] | Mapping[str, Raw]"
Kept: TypeAlias = "str | int | float | bool | None | list[Kept] | dict[str, Kept]"


class Sort(Enum):
    """What a property takes."""

    TEXT = "text"
    INTEGER = "integer"
    FLAG = "flag"
    NAME = "name"
    CHOICE = "choice"
    TEXTS = "texts"
    NAMES = "names"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a kind.

    Attributes:
        default: what the object has when it is not set.
        choices: for CHOICE, what may be written (upper case) -> what is kept.
        parameter: listed by SHOW PARAMETERS and inherited from the containers.
        fixed: taken by CREATE only.
        minimum: for INTEGER, the least value.
    """

    sort: Sort
    default: Kept = None
    choices: Mapping[str, str] = field(default_factory=dict)
    parameter: bool = False
    fixed: bool = False
    minimum: int = 0
    description: str = ""


TEXT: Final = Property(Sort.TEXT, "")


def choice(*words: str, default: str | None = None, parameter: bool = False, fixed: bool = False) -> Property:
    """A property that takes one of the words, kept in upper case."""
    return Property(Sort.CHOICE, default, {word: word for word in words}, parameter=parameter, fixed=fixed)


def keep(name: str, declared: Property, raw: Raw) -> Kept:
    """The value to keep for what was written.

    Raises:
        RefusedError: 1422 when the value does not fit.
    """
    refusal = refusals.invalid_value(_shown(raw), name)
    match declared.sort:
        case Sort.TEXT:
            if isinstance(raw, Word):
                return None if raw.text == "NULL" and not raw.quoted else raw.text
            if isinstance(raw, str | int | float):
                return str(raw)
        case Sort.INTEGER:
            if isinstance(raw, Word) and raw.text == "NULL":
                return None
            number = int(raw) if isinstance(raw, str) and raw.lstrip("-").isdigit() else raw
            if isinstance(number, int) and number >= declared.minimum:
                return number
        case Sort.FLAG:
            text = raw.text.upper() if isinstance(raw, Word) else raw.upper() if isinstance(raw, str) else ""
            if text in ("TRUE", "FALSE"):
                return text == "TRUE"
        case Sort.NAME:
            if isinstance(raw, Word):
                return None if raw.text == "NULL" and not raw.quoted else render_name(raw.name)
            if isinstance(raw, str):
                return render_name(parse_name(raw)) if raw else None
        case Sort.CHOICE:
            text = raw.text if isinstance(raw, Word) else raw if isinstance(raw, str) else str(raw)
            if text.upper() in declared.choices:
                return declared.choices[text.upper()]
        case Sort.TEXTS:
            items = raw if isinstance(raw, tuple) else (raw,)
            if all(isinstance(item, str | Word) for item in items):
                return [item if isinstance(item, str) else item.text for item in items if isinstance(item, str | Word)]
        case Sort.NAMES:
            items = raw if isinstance(raw, tuple) else (raw,)
            names = [
                render_name(item.name) if isinstance(item, Word) else render_name(parse_name(item))
                for item in items
                if isinstance(item, str | Word)
            ]
            if len(names) == len(items):
                return list(names)
        case Sort.GROUP:
            if isinstance(raw, Mapping):
                return {key: plain(value) for key, value in raw.items()}
            if raw == ():
                return {}
    raise refusal


def plain(raw: Raw) -> Kept:
    """A raw value as JSON, words as their text and TRUE and FALSE as booleans."""
    if isinstance(raw, Word):
        return raw.text == "TRUE" if raw.text in ("TRUE", "FALSE") and not raw.quoted else raw.text
    if isinstance(raw, Mapping):
        return {key: plain(value) for key, value in raw.items()}
    if isinstance(raw, tuple):
        return [plain(value) for value in raw]
    return raw


def _shown(raw: Raw) -> str:
    """How an error quotes the value."""
    return f"'{raw}'" if isinstance(raw, str) else raw.text if isinstance(raw, Word) else str(plain(raw))
