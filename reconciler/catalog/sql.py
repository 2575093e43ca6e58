"""SqlKind: a kind managed by SQL statements (Snowflake).

Says where CREATE takes a field, how ALTER changes it and where SHOW, DESCRIBE
or SHOW PARAMETERS report it. What follows from that (statements, read-back,
ids) is in `providers.snowflake`; the sandbox takes names, columns and defaults
from here too. An oddity is a function named in the field or the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final, TypeAlias

from reconciler.catalog import spec, sqltext
from reconciler.model.values import PropertyMap, Value

Row: TypeAlias = "Mapping[str, str | None]"
"""One row of a result: column name in lower case -> text, None for NULL."""

Rows: TypeAlias = "tuple[Row, ...]"


class Scope(Enum):
    """What an object's name is unique in, which gives its id and full name their form."""

    ACCOUNT = "account"
    DATABASE = "database"
    SCHEMA = "schema"


class ReadFrom(Enum):
    """Which statement reports a field back."""

    SHOW = "show"
    DESCRIBE = "describe"
    PARAMETERS = "parameters"


class Place(Enum):
    """Where CREATE takes a field."""

    OPTION = "option"
    """`KEY = value` after the name; ALTER … SET KEY = value, ALTER … UNSET KEY."""
    PART = "part"
    """A part of the object's qualified name."""
    PREFIX = "prefix"
    """A word before the kind (CREATE TRANSIENT DATABASE), present when true."""
    SUFFIX = "suffix"
    """Words after the name (WITH MANAGED ACCESS), present when true."""
    BODY = "body"
    """In the text right after the name, which the kind's `body` writes (a column list)."""
    NOWHERE = "nowhere"
    """Not taken by CREATE; `after` or `alter` of the field says what is done instead."""


class Style(Enum):
    """How an option's value is written."""

    STRING = "string"
    WORD = "word"
    NAME = "name"
    """One identifier."""
    PATH = "path"
    """An identifier with its containers."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement to run. `tolerates`: error numbers that mean "was so already"."""

    text: str
    tolerates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was read of one object: its SHOW row, and the rows of DESCRIBE and SHOW PARAMETERS."""

    row: Row
    described: Rows = ()
    parameters: Rows = ()

    def find_property(self, name: str) -> str | None:
        """A DESCRIBE property's value; `PARENT.NAME` where properties are grouped. "null" is None."""
        for row in self.described:
            parent = row.get("parent_property")
            title = row.get("property") or row.get("name") or ""
            if name in (title, f"{parent}.{title}"):
                value = row.get("property_value", row.get("value"))
                return None if value in ("null", "") else value
        return None


@dataclass(frozen=True, slots=True)
class Property(spec.Field):
    """A field of a kind behind SQL.

    Attributes:
        read_from: which statement reports it. `shown_as` is a SHOW column (lower
            case), a DESCRIBE property or a parameter (upper case).
        place: where CREATE takes it.
        style: how its value is written; None when its type tells.
        words: what a PREFIX or SUFFIX says; for an alterable one, see `alter`.
        render: the option's whole text (`KEY = value`) for values of an odd form.
        alter: statements that take an object from a live value to a wanted one,
            given `ALTER <kind> <name>`; None as wanted means "back to the default".
        after: statements run after CREATE, given the object's quoted name.
        refuses: why an object cannot go from a live value to a wanted one, neither in
            place nor safely anew; "" when it can.
        observe: the live value; None as function means the shown text, by type.
        told_as: its key in the object of `describeOutputs`; "" when it has no key of its own there.
        repeats: the field whose value Snowflake takes when this one is not given.
        unset_to: what "back to the default" sets where UNSET does not exist or does something else.
    """

    read_from: ReadFrom = field(default=ReadFrom.SHOW, kw_only=True)
    place: Place = field(default=Place.OPTION, kw_only=True)
    style: Style | None = field(default=None, kw_only=True)
    words: str = field(default="", kw_only=True)
    render: Callable[[Value], str] | None = field(default=None, kw_only=True)
    alter: Callable[[str, Value, Value], tuple[Statement, ...]] | None = field(default=None, kw_only=True)
    after: Callable[[str, Value], tuple[Statement, ...]] | None = field(default=None, kw_only=True)
    refuses: Callable[[Value, Value], str] | None = field(default=None, kw_only=True)
    observe: Callable[[Observation], Value] | None = field(default=None, kw_only=True)
    told_as: str = field(default="", kw_only=True)
    repeats: str = field(default="", kw_only=True)
    unset_to: Value = field(default=None, kw_only=True)

    @property
    def key(self) -> str:
        """The option's name in statements: `sent_as`, or the wire name in upper snake case."""
        return self.sent_as or spec.snake(self.name).upper()

    @property
    def column(self) -> str | None:
        """The SHOW column, DESCRIBE property or parameter that reports it; None when nothing does."""
        if self.shown_as is None:
            return None
        return self.shown_as or (spec.snake(self.name) if self.read_from is ReadFrom.SHOW else self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of SHOW.

    Attributes:
        type: `text`, `flag` (true/false, Y/N) or `number`.
        volatile: it changes by itself or with the session: never drift.
        output: its name in `showOutputs`; "" when it is the camelCase of `name`.
    """

    name: str
    type: str = "text"
    volatile: bool = False
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """The functions of a kind that CREATE, ALTER and DROP of one named object do not describe.

    Attributes:
        identify: the id that follows from inputs; "" when it does not follow.
        parse_id: the inputs that an id implies, for imports. Raises ValueError.
        create: statements that make it.
        alter: statements from live values and recorded inputs (merged) to new inputs.
        drop: statements that take it away.
        queries: statements that read it.
        observe: live input values and outputs from the queries' results (None: an
            object named in the query does not exist); None when it is gone.
    """

    identify: Callable[[PropertyMap], str]
    parse_id: Callable[[str], PropertyMap]
    create: Callable[[PropertyMap], tuple[Statement, ...]]
    alter: Callable[[PropertyMap, PropertyMap], tuple[Statement, ...]]
    drop: Callable[[PropertyMap], tuple[Statement, ...]]
    queries: Callable[[PropertyMap], tuple[str, ...]]
    observe: Callable[[PropertyMap, Mapping[str, Rows | None]], PropertyMap | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlKind(spec.Kind):
    """A kind behind SQL.

    Attributes:
        words: as CREATE, ALTER and DROP spell it ("DATABASE ROLE").
        scope: what its name is unique in.
        plural: as SHOW spells it; "" is `words` + "S".
        options: words that every CREATE has, whatever the inputs ("TYPE = SERVICE").
        body: the text after the name in CREATE, from the BODY fields.
        shows: the columns of SHOW, in order.
        shows_in: the widest container that one SHOW lists.
        describe: builds `describeOutputs`; None when DESCRIBE is not among its outputs.
        described: DESCRIBE is always read; otherwise only where a field that it reports is managed.
        parameters_of: "IN DATABASE", "FOR USER", …; "" when it has no parameters.
        has_unset: ALTER … UNSET exists; else "back to the default" sets the field's default.
        adopts: says of inputs that Snowflake makes such an object by itself, so that it may be there already.
        oddity: replaces all of the above for a kind of another shape.
        runs_own_text: its statements are the user's own, and may change the session that they run in.
    """

    words: str
    scope: Scope
    plural: str = ""
    options: str = ""
    body: Callable[[PropertyMap], str] | None = None
    shows: tuple[Column, ...] = ()
    shows_in: Scope = Scope.ACCOUNT
    described: bool = False
    describe: Callable[[Observation], tuple[PropertyMap, ...]] | None = None
    parameters_of: str = ""
    has_unset: bool = True
    adopts: Callable[[PropertyMap], bool] | None = None
    oddity: Oddity | None = None
    runs_own_text: bool = False

    def properties(self) -> tuple[Property, ...]:
        """The fields, as the properties that they are."""
        return tuple(field for field in self.fields if isinstance(field, Property))


def columns(*names: str) -> tuple[Column, ...]:
    """Columns in a short form: `name`, `name:flag`, `name:number`; a trailing `~` marks a volatile one.

    >>> columns("size", "running:number~")[1].volatile
    True
    """
    found = []
    for entry in names:
        name, _, type_name = entry.rstrip("~").partition(":")
        found.append(Column(name=name, type=type_name or "text", volatile=entry.endswith("~")))
    return tuple(found)


def camel(name: str) -> str:
    """A column's name as outputs spell it.

    >>> camel("is_default")
    'isDefault'
    """
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def reference(name: str, to: str, **facts: object) -> Property:
    """A field that names another object; spellings of a name compare as the object they mean."""
    made = Property(name, spec.Ref(to), same=sqltext.same_name, style=Style.NAME)
    return replace(made, **facts)  # type: ignore[arg-type]  # keyword facts are Property's own


def parameter(name: str, type: spec.Type = spec.TEXT, **facts: object) -> Property:
    """A field that is a Snowflake parameter of the object: set where managed, else inherited."""
    made = Property(name, type, read_from=ReadFrom.PARAMETERS)
    return replace(made, **facts)  # type: ignore[arg-type]  # keyword facts are Property's own


def same_names(left: Value, right: Value) -> bool:
    """Do two lists name the same objects, in any order?"""
    return _name_set(left) == _name_set(right)


def _name_set(value: Value) -> set[tuple[str, ...]]:
    return {sqltext.parts(str(item)) for item in value} if isinstance(value, tuple) else set()


def outputs(fields: Iterable[spec.Field], *, show: bool = True, describe: bool = False) -> tuple[spec.Output, ...]:
    """The outputs that named objects share, each with the inputs that it follows."""
    settable = [field for field in fields if isinstance(field, Property) and field.change is not spec.Change.REPLACE]
    renamed = tuple(field.name for field in settable if field.change is spec.Change.RENAME)
    found = [spec.Output("fullyQualifiedName", follows=renamed, doc="The quoted name with its containers.")]
    if show:
        shown = tuple(f.name for f in settable if f.read_from is ReadFrom.SHOW and f.column is not None)
        found.append(spec.Output("showOutputs", follows=shown, doc="One object: the row of SHOW."))
    if describe:
        told = tuple(f.name for f in settable if f.told_as or (f.read_from is ReadFrom.DESCRIBE and f.column))
        found.append(spec.Output("describeOutputs", follows=told, doc="One object: the result of DESCRIBE."))
    return tuple(found)


def _part(name: str, to: str) -> Property:
    return reference(name, to, required=True, change=spec.Change.REPLACE, place=Place.PART, shown_as=f"{name}_name")


NAME: Final = Property(
    "name", change=spec.Change.RENAME, place=Place.PART, same=sqltext.same_name, doc="The name; case is kept."
)
FIXED_NAME: Final = replace(NAME, change=spec.Change.REPLACE)
"""The name of an object that has no ALTER … RENAME TO."""
COMMENT: Final = Property("comment", doc="A comment; an empty one is the same as none.")
DATABASE: Final = _part("database", "DATABASE")
SCHEMA: Final = _part("schema", "SCHEMA")
AUTONAME: Final = spec.AutoName(max_length=255)
"""Source: facts of the Pulumi bridge: `<logical name>-<7 hex>`, 255 characters at most."""
