"""How is text coloured, and when is it not?

Styles are upstream's. `--color raw` leaves upstream's markup (`<{%fg 2%}>`) in
the text; off a terminal there is no control code at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.deploy.events import Severity
from reconciler.plan.steps import Op


class Style(StrEnum):
    """Upstream's markup words."""

    BOLD = "bold"
    UNDERLINE = "underline"
    RED = "fg 1"
    GREEN = "fg 2"
    YELLOW = "fg 3"
    MAGENTA = "fg 5"
    GREY = "fg 8"
    BRIGHT_RED = "fg 9"
    BRIGHT_GREEN = "fg 10"
    BRIGHT_BLUE = "fg 12"
    BRIGHT_MAGENTA = "fg 13"
    BRIGHT_CYAN = "fg 14"


class Mode(StrEnum):
    """`--color`, once `auto` is decided."""

    NEVER = "never"
    ALWAYS = "always"
    RAW = "raw"


HEADING = (Style.BOLD, Style.BRIGHT_MAGENTA)

OF_OP: Mapping[Op, Style] = {
    Op.CREATE: Style.GREEN,
    Op.UPDATE: Style.YELLOW,
    Op.DELETE: Style.RED,
    Op.REPLACE: Style.BRIGHT_MAGENTA,
    Op.CREATE_REPLACEMENT: Style.BRIGHT_GREEN,
    Op.DELETE_REPLACED: Style.BRIGHT_RED,
    Op.READ: Style.BRIGHT_CYAN,
    Op.READ_REPLACEMENT: Style.BRIGHT_MAGENTA,
    Op.REFRESH: Style.YELLOW,
    Op.DISCARD: Style.RED,
    Op.DISCARD_REPLACED: Style.RED,
    Op.IMPORT: Style.GREEN,
    Op.IMPORT_REPLACEMENT: Style.BRIGHT_MAGENTA,
}

OF_SEVERITY: Mapping[Severity, Style] = {
    Severity.DEBUG: Style.GREY,
    Severity.INFO: Style.MAGENTA,
    Severity.STDERR: Style.MAGENTA,
    Severity.WARNING: Style.YELLOW,
    Severity.ERROR: Style.RED,
}

# Colour codes and everything else that moves a cursor: text from programs and services may carry them.
_CONTROL = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


@dataclass(frozen=True, slots=True)
class Painter:
    """Puts styles around text, as `--color` wants it."""

    mode: Mode = Mode.NEVER

    def paint(self, text: str, *styles: Style | None) -> str:
        """The text in these styles; None stands for no style.

        >>> Painter(Mode.RAW).paint("x", Style.GREEN)
        '<{%fg 2%}>x<{%reset%}>'
        """
        wanted = [style for style in styles if style is not None]
        if not text or not wanted or self.mode is Mode.NEVER:
            return text
        if self.mode is Mode.RAW:
            return "".join(f"<{{%{style}%}}>" for style in wanted) + text + "<{%reset%}>"
        return "".join(map(_code, wanted)) + text + "\x1b[0m"

    def op(self, text: str, op: Op) -> str:
        """The text in the colour of an op."""
        return self.paint(text, OF_OP.get(op))

    def heading(self, text: str) -> str:
        """The text as a section's heading."""
        return self.paint(text, *HEADING)


# Text as it is: for logs, files and tests.
PLAIN = Painter()


def plain(text: str) -> str:
    r"""The text without control codes; newlines and tabs stay.

    >>> plain("a\x1b[31mb\x1b[0m")
    'ab'
    """
    return _CONTROL.sub("", text)


def one_line(text: str) -> str:
    r"""The text without control codes, on one line.

    >>> one_line("a\x1b[31m\nb")
    'a\\nb'
    """
    return plain(text).replace("\n", "\\n")


def _code(style: Style) -> str:
    match style:
        case Style.BOLD:
            return "\x1b[1m"
        case Style.UNDERLINE:
            return "\x1b[4m"
        case _:
            return f"\x1b[38;5;{style.value.removeprefix('fg ')}m"
