"""Properties of objects (`KEY = value`): what may be written and what is kept.

Raw values are what the parser read; kept values are plain JSON, which is what
the catalogue stores and SHOW and DESC print from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import Name, parse_name, render_name


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
    kept = _KEEPERS[declared.sort](declared, raw)
    if kept is _UNFIT:
        raise refusals.invalid_value(_shown(raw), name)
    return kept


def _is_null(raw: Raw) -> bool:
    return isinstance(raw, Word) and raw.text == "NULL" and not raw.quoted


def _text(_declared: Property, raw: Raw) -> Kept:
    if isinstance(raw, Word):
        return None if _is_null(raw) else raw.text
    return str(raw) if isinstance(raw, str | int | float) else _UNFIT


def _integer(declared: Property, raw: Raw) -> Kept:
    if _is_null(raw):
        return None
    number = int(raw) if isinstance(raw, str) and raw.lstrip("-").isdigit() else raw
    return number if isinstance(number, int) and number >= declared.minimum else _UNFIT


def _flag(_declared: Property, raw: Raw) -> Kept:
    text = raw.text.upper() if isinstance(raw, Word) else raw.upper() if isinstance(raw, str) else ""
    return text == "TRUE" if text in ("TRUE", "FALSE") else _UNFIT


def _name(_declared: Property, raw: Raw) -> Kept:
    if isinstance(raw, Word):
        return None if _is_null(raw) else render_name(raw.name)
    if isinstance(raw, str):
        return render_name(parse_name(raw)) if raw else None
    return _UNFIT


def _choice(declared: Property, raw: Raw) -> Kept:
    text = raw.text if isinstance(raw, Word) else str(raw)
    return declared.choices.get(text.upper(), _UNFIT)


def _texts(_declared: Property, raw: Raw) -> Kept:
    items = raw if isinstance(raw, tuple) else (raw,)
    texts = [item.text if isinstance(item, Word) else item for item in items if isinstance(item, str | Word)]
    return list(texts) if len(texts) == len(items) else _UNFIT


def _group(_declared: Property, raw: Raw) -> Kept:
    if isinstance(raw, Mapping):
        return {key: plain(value) for key, value in raw.items()}
    return {} if raw == () else _UNFIT


_UNFIT: Final[Kept] = "\0unfit"
"""No value that anyone can write: the mark of one that does not fit."""
_KEEPERS: Final[Mapping[Sort, Callable[[Property, Raw], Kept]]] = {
    Sort.TEXT: _text,
    Sort.INTEGER: _integer,
    Sort.FLAG: _flag,
    Sort.NAME: _name,
    Sort.CHOICE: _choice,
    Sort.TEXTS: _texts,
    Sort.GROUP: _group,
}


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
