"""Writes docs/errors.md from the error classes: `python -m scripts.error_page`; `--check` only compares."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from reconciler import errors
from reconciler.cli import exits

PAGE = Path(__file__).parents[1] / "docs/errors.md"
_HEAD = """\
# Errors

Every error that `pulumi` raises on purpose: what it says first, when it is said, what usually helps, and the exit code
of a command that it ends. An error names what it is about (file and key, URN, the service's own code) and, where more
is known than here, a better hint. No error before a run touches the state; in a run, what is done stays done and is
recorded.

Written by `python -m scripts.error_page` from `reconciler/errors.py`.

| error | when | what helps | exit code |
|---|---|---|---|
"""


def render() -> str:
    """The page's text."""
    return _HEAD + "".join(f"{_row(kind)}\n" for kind in _kinds(errors.ReconcilerError))


def _kinds(kind: type[errors.ReconcilerError]) -> Iterator[type[errors.ReconcilerError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from _kinds(below)


def _row(kind: type[errors.ReconcilerError]) -> str:
    when = " ".join((kind.__doc__ or "").partition("\n\n")[0].split())
    code = next(code for known, code in exits.CODES if issubclass(kind, known))
    cells = (f"**{kind.summary}**", when, kind.help, f"{int(code)}")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date."""
    text = render()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print("docs/errors.md is not up to date: run `python -m scripts.error_page`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
