"""How names and values are written in Snowflake SQL, and how names are read back.

Pure text. Names are always written in double quotes, so that their case is
kept; SHOW and DESCRIBE print them quoted only when they need it.
Source: Snowflake SQL reference, "Identifier requirements", "String constants".
"""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^".]+))\s*(\.|$)')


def quote(name: str) -> str:
    """One name as an identifier.

    >>> quote("a b")
    '"a b"'
    """
    return '"' + bare(name).replace('"', '""') + '"'


def qualified(*parts: str) -> str:
    """A name with the names of its containers before it.

    >>> qualified("DB", "s.1", "T")
    '"DB"."s.1"."T"'
    """
    return ".".join(quote(part) for part in parts)


def requalified(name: str) -> str:
    """A dotted name, quoted or not, with every part quoted.

    >>> requalified('DB."s.1".T')
    '"DB"."s.1"."T"'
    """
    return qualified(*parts(name))


def bare(name: str) -> str:
    """One name without its quotes; a name that has none is as it is.

    >>> bare('"a""b"'), bare("a.b")
    ('a"b', 'a.b')
    """
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        return name[1:-1].replace('""', '"')
    return name


def parts(name: str) -> tuple[str, ...]:
    """The parts of a dotted name, unquoted, case kept.

    >>> parts('DB."s.1"."a""b"')
    ('DB', 's.1', 'a"b')

    Raises:
        ValueError: a quote is not closed, or a part is empty.
    """
    found: list[str] = []
    position = 0
    while True:
        match = _PART.match(name, position)
        if match is None:
            raise ValueError(f"{name!r} is not a name")
        quoted, plain, end = match.groups()
        found.append(quoted.replace('""', '"') if quoted is not None else plain.strip())
        position = match.end()
        if not end:
            return tuple(found)


def same_name(left: object, right: object) -> bool:
    """Do two spellings of a dotted name mean the same object? "" and None are no name.

    >>> same_name('"DB"."S"', "DB.S"), same_name("a", "A")
    (True, False)
    """
    if not left or not right:
        return not left and not right
    if bare(str(left)) == bare(str(right)):
        return True
    try:
        return parts(str(left)) == parts(str(right))
    except ValueError:
        return str(left) == str(right)


def literal(text: str) -> str:
    r"""A string constant.

    >>> print(literal("it's a \\ "))
    'it''s a \\ '
    """
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def literals(texts: tuple[object, ...] | list[object]) -> str:
    """A parenthesised list of string constants.

    >>> literals(("a", "b"))
    "('a', 'b')"
    """
    return "(" + ", ".join(literal(str(text)) for text in texts) + ")"
