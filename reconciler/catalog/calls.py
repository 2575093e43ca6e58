"""CallKind: a kind managed by calling methods of a vendor's SDK (boto3).

An operation on such a kind is a *course*: a generator that yields the calls it
wants made and is sent the answers. It decides and does nothing else: no course
touches the network, a clock or a thread, so tests can step through one by hand.
Who makes the calls, retries them and turns errors into ours: `providers.aws`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from reconciler.catalog import spec
from reconciler.catalog.spec import Function, Kind
from reconciler.model import paths
from reconciler.model.values import EMPTY, PropertyMap, Value, thaw

T = TypeVar("T")

NO_TAGS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A service's error code, and words that its message must hold where the code alone says too little."""

    code: str
    words: str = ""

    def matches(self, code: str, message: str) -> bool:
        """Is this error the one meant?"""
        return code == self.code and self.words.lower() in message.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a client's method.

    Attributes:
        method: in snake_case, as boto3 spells it.
        arguments: as the API spells them; may hold secrets, never unknowns.
        once: a second sending could make a second object, so a lost answer
            must surface instead of being sent again.
        absent: refusals that mean "there is nothing": the answer is then None.
        retry: refusals that pass with time, tried again for `retry_s` seconds.
    """

    service: str
    method: str
    arguments: PropertyMap = field(default_factory=lambda: EMPTY)
    once: bool = False
    absent: tuple[Refusal, ...] = ()
    retry: tuple[Refusal, ...] = ()
    retry_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """Make a call again and again until its answer (None for absent) is the one waited for.

    Attributes:
        failed: the reason why it never will be; "" while there is hope.
    """

    call: Call
    done: Callable[[PropertyMap | None], bool]
    failed: Callable[[PropertyMap | None], str] = lambda _answer: ""
    within_s: float = 600.0


Step: TypeAlias = "Call | Until"
Course: TypeAlias = Generator[Step, "PropertyMap | None", T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What an operation works on; secrets are opened, unknowns are gone.

    Attributes:
        inputs: what the program wants.
        prior: the recorded inputs; empty for a new object and for an import.
        live: the recorded outputs; of a new object only `tagsAll`, as it was made with.
        changed: names of inputs that differ from the object as it is.
        tags: every tag the object is to have, the provider's default tags included.
        operation: unique to this creation and written down before it.
    """

    id: str = ""
    inputs: PropertyMap = field(default_factory=lambda: EMPTY)
    prior: PropertyMap = field(default_factory=lambda: EMPTY)
    live: PropertyMap = field(default_factory=lambda: EMPTY)
    changed: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=lambda: NO_TAGS)
    region: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKind(Kind):
    """A kind behind an SDK client.

    Attributes:
        make: the one call that brings the object into being, and its id. Whatever
            follows belongs in `complete`, so that a crash between the two loses nothing.
        complete: takes a fresh object to what the program wants; safe to run again.
        read: live values by wire name, None where the service shows none; `tagsAll` raw.
            None when the object is gone.
        update: takes `live` to `inputs`; safe to run again. None when inputs that
            can change in place concern only us.
        find: the id of the object that `operation` made, or "". None when making
            the object a second time is the same as making it once.
        replaces: more inputs whose change needs a new object, given live and wanted values.
        regional: has a `region` input, and lives there; otherwise in the whole account.
        elsewhere: properties of the public SDK's class that this kind does not take.
    """

    service: str
    make: Callable[[Task], Course[str]]
    read: Callable[[Task], Course[PropertyMap | None]]
    delete: Callable[[Task], Course[None]]
    complete: Callable[[Task], Course[None]] | None = None
    update: Callable[[Task], Course[None]] | None = None
    find: Callable[[Task], Course[str]] | None = None
    replaces: Callable[[PropertyMap, PropertyMap], tuple[str, ...]] | None = None
    regional: bool = True
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFunction(Function):
    """An invoke; `run` answers it from a task that holds arguments (`inputs`) and region."""

    run: Callable[[Task], Course[PropertyMap]]


def ask(step: Step) -> Course[PropertyMap]:
    """The answer to a step; empty when there is nothing."""
    return (yield step) or EMPTY


def look(step: Step) -> Course[PropertyMap | None]:
    """The answer to a step, None when there is nothing."""
    return (yield step)


def at(value: Value, *steps: str | int) -> Value:
    """The value found by keys and indexes, None where there is none."""
    return paths.find_value(value, steps)


def text(value: Value, *steps: str | int) -> str:
    """The string found by keys and indexes, "" where there is none."""
    found = at(value, *steps)
    return found if isinstance(found, str) else ""


def texts(value: Value, *steps: str | int) -> tuple[str, ...]:
    """The list of strings found by keys and indexes, () where there is none."""
    found = at(value, *steps)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, tuple) else ()


def rows(value: Value, *steps: str | int) -> tuple[PropertyMap, ...]:
    """The list of objects found by keys and indexes, () where there is none."""
    found = at(value, *steps)
    return tuple(item for item in found if isinstance(item, Mapping)) if isinstance(found, tuple) else ()


def wire_name(name: str) -> str:
    """How an API spells a property unless a field says otherwise.

    >>> wire_name("cidrBlock")
    'CidrBlock'
    """
    return name[:1].upper() + name[1:]


def sent(fields: tuple[spec.Field, ...], inputs: PropertyMap, *names: str) -> dict[str, Value]:
    """The arguments that carry the named inputs (all when none is named); absent ones are left out."""
    arguments: dict[str, Value] = {}
    for item in fields:
        value = inputs.get(item.name)
        if value is not None and (not names or item.name in names):
            arguments[item.sent_as or wire_name(item.name)] = to_wire(item.type, value)
    return arguments


def shown(fields: tuple[spec.Field, ...], document: PropertyMap) -> dict[str, Value]:
    """The live values of fields as a response shows them, None where it shows none."""
    live: dict[str, Value] = {}
    for item in fields:
        if item.shown_as is not None:
            where = item.shown_as or item.sent_as or wire_name(item.name)
            live[item.name] = from_wire(item.type, at(document, *where.split(".")))
    return live


def to_wire(kind: spec.Type, value: Value) -> Value:
    """One input in the API's form: blocks renamed, numbers and flags typed, documents as text."""
    match kind:
        case spec.Block() if isinstance(value, Mapping):
            return sent(kind.fields, value)
        case spec.ListOf() | spec.SetOf() if isinstance(value, tuple):
            return tuple(to_wire(kind.item, item) for item in value)
        case spec.MapOf() if isinstance(value, Mapping):
            return {key: to_wire(kind.item, item) for key, item in value.items()}
        case spec.Flag():
            return str(value).lower() == "true"
        case spec.Integer() if isinstance(value, str):
            return int(value)
        case spec.Json() if not isinstance(value, str):
            return json.dumps(thaw(value))
        case spec.Text() if isinstance(value, (int, float)):
            return str(value).lower() if isinstance(value, bool) else str(value)
        case _:
            return value


def from_wire(kind: spec.Type, value: Value) -> Value:
    """One live value in the program's form; the inverse of `to_wire`."""
    match kind:
        case spec.Block() if isinstance(value, Mapping):
            return {name: item for name, item in shown(kind.fields, value).items() if item is not None}
        case spec.ListOf() | spec.SetOf() if isinstance(value, tuple):
            return tuple(from_wire(kind.item, item) for item in value)
        case spec.Json() if value is not None and not isinstance(value, str):
            return json.dumps(thaw(value))
        case _:
            return value


def tag_list(tags: Mapping[str, str]) -> tuple[PropertyMap, ...]:
    """Tags as the APIs take them, ordered by key."""
    return tuple({"Key": key, "Value": tags[key]} for key in sorted(tags))


def tag_map(listed: tuple[PropertyMap, ...]) -> dict[str, Value]:
    """Tags as the APIs list them, as a map."""
    return {text(tag, "Key"): text(tag, "Value") for tag in listed}


def tags_to_set(task: Task) -> dict[str, str]:
    """Wanted tags that the object lacks or has with another value."""
    live = at(task.live, "tagsAll")
    return {key: value for key, value in task.tags.items() if at(live, key) != value}


def tags_to_remove(task: Task) -> tuple[str, ...]:
    """Keys that the object has and is not to have."""
    live = at(task.live, "tagsAll")
    return tuple(sorted(key for key in live if key not in task.tags)) if isinstance(live, Mapping) else ()
