"""How Snowflake spells names: unquoted folds to upper case, quoted keeps its case.

Source: Snowflake SQL reference, Identifier Requirements.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from reconciler.sandbox.snowflake.vocabulary.refusals import syntax

Name: TypeAlias = tuple[str, ...]
"""The parts of a name, folded: ("DB", "SCHEMA", "TABLE"), shorter when less was written."""

_PLAIN: Final = re.compile(r"[A-Z_][A-Z0-9_$]*\Z")
_PART: Final = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([A-Za-z_][A-Za-z0-9_$]*))\s*')


def is_plain(part: str) -> bool:
    """Can the part be written without quotes?"""
    return _PLAIN.match(part) is not None


def render_part(part: str) -> str:
    """One part, quoted only where it has to be.

    >>> render_part("GOLD"), render_part("gold")
    ('GOLD', '"gold"')
    """
    return part if is_plain(part) else quoted(part)


def quoted(part: str) -> str:
    """One part, always quoted."""
    return '"' + part.replace('"', '""') + '"'


def render_name(name: Name) -> str:
    """All parts, joined by dots."""
    return ".".join(render_part(part) for part in name)


def render_quoted(name: Name) -> str:
    """All parts quoted, joined by dots."""
    return ".".join(quoted(part) for part in name)


def fold(text: str) -> str:
    """The meaning of one identifier as written: `"a"` is a, `a` is A.

    >>> fold('"gold"'), fold("gold")
    ('gold', 'GOLD')
    """
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('""', '"')
    return text.upper()


def parse_name(text: str) -> Name:
    """The name inside a string, such as `FORMAT_NAME = 'db.schema."fmt"'`.

    Raises:
        RefusedError: the text is not a name.
    """
    parts: list[str] = []
    position = 0
    while True:
        match = _PART.match(text, position)
        if match is None:
            raise syntax(f"invalid identifier '{text}'")
        parts.append(match[1].replace('""', '"') if match[1] is not None else match[2].upper())
        position = match.end()
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            raise syntax(f"invalid identifier '{text}'")
        position += 1
