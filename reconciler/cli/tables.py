"""Small tables of text, and moments as people and programs read them."""

from __future__ import annotations

import time
from collections.abc import Sequence


def render_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, indent: str = "") -> str:
    r"""The lines, each with a newline: columns as wide as their widest cell, two spaces between.

    >>> render_table(("KEY", "VALUE"), [("a", "1")], indent=" ")
    ' KEY  VALUE\n a    1\n'
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    cells = ("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in cells)


def ago(seconds: float) -> str:
    """How long ago, in words.

    >>> ago(5), ago(3700), ago(200000)
    ('now', '1 hour ago', '2 days ago')
    """
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            many = int(seconds // size)
            return f"{many} {word}{'s' if many != 1 else ''} ago"
    return "now" if seconds < 10 else f"{int(seconds)} seconds ago"


def json_time(seconds: float) -> str:
    """A moment as the SDK parses it: UTC with milliseconds.

    >>> json_time(0)
    '1970-01-01T00:00:00.000Z'
    """
    moment = time.gmtime(seconds)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', moment)}.{int(seconds * 1000) % 1000:03d}Z"
