"""LIKE, as SHOW understands it."""

from __future__ import annotations

import re
from collections.abc import Callable


def like(pattern: str | None) -> Callable[[str], bool]:
    r"""The test of LIKE: any case, % and _ as wildcards, a backslash takes their meaning away.

    >>> like("a_c%")("ABCDE"), like(r"a\_c")("abc")
    (True, False)
    """
    if pattern is None:
        return lambda _: True
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, "\\")))
        else:
            parts.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    test = re.compile("".join(parts), re.IGNORECASE | re.DOTALL)
    return lambda text: test.fullmatch(text) is not None
