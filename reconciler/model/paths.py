"""Property paths such as `tags[0].key`: parse, render, get, contain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from reconciler.model.values import Secret, Value

_BARE = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*`: any one key or index."""


Step: TypeAlias = "str | int | Wildcard"
Path: TypeAlias = "tuple[Step, ...]"


def parse_path(text: str) -> Path:
    """Split a path into keys, indexes and wildcards.

    >>> parse_path('a[0]["x.y"].*')
    ('a', 0, 'x.y', Wildcard())

    Raises:
        ValueError: a bracket or quote is not closed, or a key is empty.
    """
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] == ".":
            at += 1
            if at == len(text):
                raise ValueError(f"{text!r} ends in a dot")
            continue
        if text[at] == "[":
            step, at = _bracket(text, at)
        else:
            end = next((index for index in range(at, len(text)) if text[index] in ".["), len(text))
            step = Wildcard() if text[at:end] == "*" else text[at:end]
            at = end
        steps.append(step)
    if not steps:
        raise ValueError("a property path cannot be empty")
    return tuple(steps)


def parse_any(text: str) -> Path:
    """As `parse_path`, for paths that providers tell: what is no path is the name of one property.

    >>> parse_any("a[0"), parse_any("a[0]")
    (('a[0',), ('a', 0))
    """
    try:
        return parse_path(text)
    except ValueError:
        return (text,)


def top_level(text: str) -> str:
    """The property that a path begins with.

    >>> top_level('["x.y"].z[0]')
    'x.y'
    """
    return str(parse_any(text)[0])


def render_step(parent: str, step: Step) -> str:
    """Append one step to a rendered path, as Pulumi prints it.

    >>> render_step("tags", "a.b")
    'tags["a.b"]'
    """
    match step:
        case int():
            return f"{parent}[{step}]"
        case Wildcard():
            return f"{parent}[*]" if parent else "*"
        case _ if _BARE.fullmatch(step):
            return f"{parent}.{step}" if parent else step
        case _:
            quoted = step.replace('"', '\\"')
            return f'{parent}["{quoted}"]'


def render_path(path: Path) -> str:
    """Render a whole path."""
    text = ""
    for step in path:
        text = render_step(text, step)
    return text


def contains(outer: Path, inner: Path) -> bool:
    """Is `outer` a prefix of `inner`, a wildcard matching any one step?

    >>> contains(parse_path("a[*]"), parse_path("a[3].b"))
    True
    """
    return len(outer) <= len(inner) and all(
        isinstance(step, Wildcard) or step == other for step, other in zip(outer, inner, strict=False)
    )


def find_value(value: Value, path: Path) -> Value:
    """The value at a path without wildcards, None where there is none; secrets are looked through."""
    for step in path:
        while isinstance(value, Secret):
            value = value.value
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, tuple) and isinstance(step, int) and -1 < step < len(value):
            value = value[step]
        else:
            return None
    return value


def _bracket(text: str, at: int) -> tuple[Step, int]:
    if text.startswith('["', at):
        key, index = "", at + 2
        while index < len(text) and text[index] != '"':
            if text[index] == "\\" and text[index + 1 : index + 2] == '"':
                index += 1
            key += text[index]
            index += 1
        if text[index : index + 2] != '"]':
            raise ValueError(f"{text!r} has a quote that is not closed")
        return key, index + 2
    end = text.find("]", at)
    if end < 0:
        raise ValueError(f"{text!r} has a bracket that is not closed")
    inside = text[at + 1 : end]
    if inside == "*":
        return Wildcard(), end + 1
    if not inside.isdigit():
        raise ValueError(f"{text!r}: {inside!r} is not an index")
    return int(inside), end + 1
