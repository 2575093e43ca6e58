"""The vocabulary that all kinds of resource share: fields, their types, how they change.

A kind is one declaration. Check, diff, drift, preview, docs and the sandbox's
tables derive from its fields; what is special to one service stands in the
subclass of `Kind` (`sql.SqlKind`, `calls.CallKind`, `rest.RestKind`).
Pure data and pure functions; who calls them: `contract.declared`, renderers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeAlias

from reconciler.model.values import PropertyMap, Value


class Change(Enum):
    """What a changed input means for the object that exists."""

    SET = "set"
    """Changed in place."""
    RENAME = "rename"
    """Changed in place by the service's own renaming."""
    REPLACE = "replace"
    """Only a new object can have it."""
    CREATE_ONLY = "create-only"
    """Acts once, at creation: a later change does nothing and it cannot drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A string; `pattern` must match the whole of it."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    expects: str = "a string"


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean. The strings "true" and "false" mean the same."""


@dataclass(frozen=True, slots=True)
class TriState:
    """The strings "true", "false" and "default", where "default" means not managed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integer:
    """A whole number; `unmanaged` is the number that means "not managed"."""

    minimum: int | None = None
    maximum: int | None = None
    unmanaged: int | None = None
    unit: str = ""


def seconds(*, minimum: int = 0, unmanaged: int | None = None) -> Integer:
    """A duration in whole seconds."""
    return Integer(minimum=minimum, unmanaged=unmanaged, unit="s")


class OneOf:
    """One of some words, in any case when `any_case`."""

    __slots__ = ("any_case", "words")

    def __init__(self, *words: str, any_case: bool = True) -> None:
        self.words = words
        self.any_case = any_case


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of another object; `to` is its sort in the service's words."""

    to: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose order matters."""

    item: Type


@dataclass(frozen=True, slots=True)
class SetOf:
    """A list whose order and repetitions mean nothing."""

    item: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """Any string keys, values of one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class Block:
    """A nested object with its own fields."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Json:
    """Any JSON value; `text` when it crosses the wire as JSON text and is compared by meaning."""

    text: bool = False


@dataclass(frozen=True, slots=True)
class Anything:
    """Any property value; compared by value."""


Type: TypeAlias = "Text | Flag | TriState | Integer | OneOf | Ref | ListOf | SetOf | MapOf | Block | Json | Anything"

TEXT: Final = Text()
FLAG: Final = Flag()
NAMES: Final = SetOf(TEXT)


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a kind, every fact about it stated once.

    Attributes:
        name: wire name, camelCase, as the public SDK spells it.
        default: what the service does when the input is absent. Never written
            into inputs; used to compare, and by the sandbox.
        shown_as: the name under which the service reports it back (SHOW column,
            DESC property, response key); None when it never does, so that it
            cannot drift; "" when it is the kind's usual derivation of `name`.
        sent_as: the name under which the service takes it; "" likewise.
        computed: unset means "whatever the service chose", read back as output.
        can_unset: the service can go back to its default in place; otherwise
            removing the input leaves the object as it is.
        spelled: what the service reports -> what it takes, for words that differ.
        same: says whether a recorded input and a live value mean the same; for
            oddities that no type covers.
        replaces_when: says of a wanted and a live value that differ whether only
            a new object can have the wanted one (else `change` tells).
    """

    name: str
    type: Type = TEXT
    required: bool = field(default=False, kw_only=True)
    default: Value = field(default=None, kw_only=True)
    change: Change = field(default=Change.SET, kw_only=True)
    secret: bool = field(default=False, kw_only=True)
    shown_as: str | None = field(default="", kw_only=True)
    sent_as: str = field(default="", kw_only=True)
    computed: bool = field(default=False, kw_only=True)
    can_unset: bool = field(default=True, kw_only=True)
    spelled: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    same: Callable[[Value, Value], bool] | None = field(default=None, kw_only=True)
    replaces_when: Callable[[Value, Value], bool] | None = field(default=None, kw_only=True)
    doc: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class Output:
    """A value that the service computes.

    Attributes:
        follows: inputs whose change alters it; () when only a replacement does.
            In previews of an update it is unknown exactly when one of them changed.
    """

    name: str
    follows: tuple[str, ...] = field(default=(), kw_only=True)
    secret: bool = field(default=False, kw_only=True)
    shown_as: str = field(default="", kw_only=True)
    doc: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class AutoName:
    """How a name is made when the program gives none: `<logical>-<7 hex>` as the bridge does."""

    field: str = "name"
    separator: str = "-"
    max_length: int = 255
    lower: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What every kind has, whatever service it belongs to.

    Attributes:
        token: Pulumi's type token.
        source: the vendor document that the facts come from.
        delete_first: a replacement must delete before it creates (unique names).
        gaps: inputs that the public SDK has and this version does not take yet.
        check: extra rules on inputs: (path, reason) pairs. Inputs may hold unknowns and secrets.
    """

    token: str
    fields: tuple[Field, ...]
    outputs: tuple[Output, ...] = ()
    source: str = ""
    autoname: AutoName | None = None
    delete_first: bool = False
    gaps: tuple[str, ...] = ()
    check: Callable[[PropertyMap], tuple[tuple[str, str], ...]] | None = None
    doc: str = ""

    def find_field(self, name: str) -> Field | None:
        """The field of that wire name."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """An invoke (data source): its token and arguments."""

    token: str
    arguments: tuple[Field, ...] = ()
    source: str = ""


_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """The snake_case form of a wire name.

    >>> snake("autoSuspend")
    'auto_suspend'
    """
    return _WORD.sub("_", name).lower()
