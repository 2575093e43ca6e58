"""The text of the comment: marker, reports, and what earlier previews said. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from reconciler.cli.report import markdown
from reconciler.cli.report.forges import Comments
from reconciler.cli.report.markdown import Forge
from reconciler.cli.report.model import Report

MOST_EARLIER: Final = 10
_NOW = re.compile(r"^<!-- flowforge:now (.*) -->$", re.MULTILINE)
_EARLIER = re.compile(r"<!-- flowforge:earlier -->(.*)<!-- /flowforge:earlier -->", re.DOTALL)
_SHORT_COMMIT: Final = 9


def publish(comments: Comments, key: str, reports: Sequence[Report], forge: Forge) -> str:
    """Write the comment, over the one of an earlier preview where there is one; where to read it, "" if not told.

    Raises:
        ForgeError: the forge refuses.
    """
    first = marker(key)
    earlier = next((posted for posted in comments.all() if posted.body.startswith(first)), None)
    body = render(key, reports, forge, earlier.body if earlier else "")
    return comments.update(earlier.id, body) if earlier else comments.create(body)


def marker(key: str) -> str:
    """The first line of our comment; `key` tells several of one pull request apart."""
    return f"<!-- flowforge:preview {re.sub('[^A-Za-z0-9_./-]|--+', '-', key)} -->"


def render(key: str, reports: Sequence[Report], forge: Forge, before: str = "") -> str:
    """The comment's body.

    Args:
        before: the body that it takes the place of.
    """
    now = "; ".join(map(_told, reports))
    lines = [*_earlier(before)]
    if (last := _NOW.search(before)) and last[1] != now:
        lines.insert(0, f"- {last[1]}")
    folded = _folded(lines[:MOST_EARLIER], forge) if lines else ""
    head = f"{marker(key)}\n<!-- flowforge:now {now} -->\n"
    reserved = len(f"{head}{folded}".encode()) + 2
    return f"{head}\n{markdown.render(reports, forge, reserved=reserved)}{folded}"


def _told(report: Report) -> str:
    commit = f"{markdown.code(report.commit[:_SHORT_COMMIT])} " if report.commit else ""
    return f"{commit}{markdown.headline(report)}".replace("-->", "")


def _earlier(before: str) -> list[str]:
    found = _EARLIER.search(before)
    return [line for line in found[1].splitlines() if line.startswith("- ")] if found else []


def _folded(lines: Sequence[str], forge: Forge) -> str:
    told = "\n".join(lines)
    if forge.value.folds:
        told = f"<details><summary>Earlier previews</summary>\n\n{told}\n\n</details>"
    return f"\n<!-- flowforge:earlier -->\n{told}\n<!-- /flowforge:earlier -->\n"
