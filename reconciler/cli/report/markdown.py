"""Reports as a comment in a pull request.

The head, with the verdict, is always there; when a forge's limit does not hold
everything, diffs go first (of creates before those of updates, and so on), then
rows, and what is left out is counted. No text of a program or a service can
leave its place: it stands in code spans and fences that it cannot close.

Source: facts/peers.md §2.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from reconciler.cli.render import words
from reconciler.cli.report.model import Attribute, Change, Report, Verdict
from reconciler.deploy.events import Severity
from reconciler.model import urns
from reconciler.plan.steps import Op


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one forge takes. `most_bytes` is counted in UTF-8, which no forge exceeds."""

    most_bytes: int
    folds: bool = True


class Forge(Enum):
    """Where the comment is read. Limits: facts/peers.md §2."""

    NONE = Dialect(1_000_000)  # a file; a step summary of GitHub takes 1 MiB
    GITHUB = Dialect(65_536)
    GITLAB = Dialect(999_900)
    AZURE = Dialect(150_000)
    BITBUCKET = Dialect(32_768, folds=False)


LONGEST_VALUE = 400
_MOST_NAMES = 6
_MOST_MESSAGES = 20
_SHORT_COMMIT = 9
_LIGHTS = {
    Verdict.NO_CHANGES: "⚪",
    Verdict.SAFE: "🟢",
    Verdict.REPLACES: "🟠",
    Verdict.DESTROYS: "🔴",
    Verdict.FAILED: "❌",
}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A report's texts, by how dear they are."""

    head: str
    rows: tuple[str, ...]
    folds: tuple[str, ...]
    tail: str


def render(reports: Sequence[Report], forge: Forge = Forge.GITHUB, *, reserved: int = 0) -> str:
    """One markdown text of some stacks' reports, within the forge's limit.

    Args:
        reserved: bytes that the caller adds to it.
    """
    room = forge.value.most_bytes - reserved
    share = room // max(1, len(reports))
    return "\n".join(_fit(_parts(report, forge.value), share - 1) for report in reports)


def headline(report: Report) -> str:
    """The verdict in one line, without markup but for the stack's name."""
    return f"{_LIGHTS[report.verdict]} {code(f'{report.project}/{report.stack}')}: {_verdict(report)}"


def code(text: str) -> str:
    r"""A code span that its text cannot end.

    >>> code("a`b"), code("a\nb")
    ('`` a`b ``', '`a b`')
    """
    flat = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    if not longest:
        return f"`{flat}`" if flat else ""
    fence = "`" * (longest + 1)
    return f"{fence} {flat} {fence}"


def _verdict(report: Report) -> str:
    match report.verdict:
        case Verdict.FAILED:
            return f"{report.kind} {'preview ' if report.is_preview else ''}{report.result}"
        case Verdict.NO_CHANGES:
            return "no changes"
        case _:
            return _counts(report) or "drift"


def _counts(report: Report) -> str:
    return ", ".join(f"{many} {words.counted(op, report.is_preview)}" for op, many in report.counts.items())


def _parts(report: Report, dialect: Dialect) -> _Parts:
    head = [f"## {headline(report)}", "", _facts(report)]
    if warning := _warning(report):
        head += ["", f"> **{warning}**"]
    tail = [*_messages(report), *_drift(report.drift)]
    return _Parts(
        head="\n".join(head),
        rows=tuple(_row(change) for change in report.changes),
        folds=tuple(_fold(change, dialect) for change in report.changes),
        tail="\n".join(tail),
    )


def _facts(report: Report) -> str:
    facts = [f"{report.unchanged} unchanged" if report.unchanged else ""]
    facts += [f"commit {code(report.commit[:_SHORT_COMMIT])}" if report.commit else ""]
    facts += [f"plan {code(report.plan_hash)}" if report.plan_hash else ""]
    if report.is_preview and report.expected_s:
        facts.append(f"about {words.duration(report.expected_s)} by earlier runs")
    return " · ".join(fact for fact in facts if fact)


def _warning(report: Report) -> str:
    gone = report.counts.get(Op.DELETE, 0)
    replaced = report.counts.get(Op.REPLACE, 0)
    will = "will be" if report.is_preview else "were"
    said = [f"{gone} {_objects(gone)} {will} destroyed" if gone else ""]
    said += [f"{replaced} {_objects(replaced)} {will} replaced: destroyed and made anew" if replaced else ""]
    return "; ".join(part for part in said if part)


def _objects(many: int) -> str:
    return "object" if many == 1 else "objects"


_TABLE = "| | object | what changes | why, and what it means |\n|---|---|---|---|"


def _row(change: Change) -> str:
    names = list(dict.fromkeys(_root(attribute.path) for attribute in change.attributes))
    shown = ", ".join(code(name) for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    why = [f"{', '.join(map(code, change.reasons))} forces it" if change.reasons else ""]
    why += [code(fact) for fact in change.facts]
    why += ["protected" if change.protected and change.op in (Op.DELETE, Op.REPLACE) else ""]
    why += [f"**failed**: {code(_short(change.failure))}" if change.failure else ""]
    what = shown + more if change.op in (Op.UPDATE, Op.REPLACE) else ""
    reasons = "; ".join(part for part in why if part)
    cells = (_verb(change.op), _object(change), what, reasons)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _verb(op: Op) -> str:
    return f"`{words.PREFIX[op].strip() or op}` {op}"


def _object(change: Change) -> str:
    return f"{code(urns.short_type(urns.type_token(change.urn)))} {code(urns.name(change.urn))}"


def _fold(change: Change, dialect: Dialect) -> str:
    kind = html.escape(urns.short_type(urns.type_token(change.urn)))
    sign = _tag(html.escape(words.PREFIX[change.op].strip()))
    title = f"{sign} {change.op} {_tag(kind)} {_tag(html.escape(urns.name(change.urn)))}"
    lines = [line for attribute in change.attributes for line in _diff(attribute)]
    body = [code(change.urn) + (f" · id {code(change.id)}" if change.id else ""), "", *_fenced(lines)]
    if dialect.folds:
        return "\n".join([f"<details><summary>{title}</summary>", "", *body, "", "</details>"])
    return "\n".join([f"**{change.op}** {_object(change)}", "", *body, ""])


def _tag(escaped: str) -> str:
    # Entities for what markdown or a forge would act on inside a summary: mentions, issue numbers, emphasis.
    safe = re.sub(r"[@#*_`~\[\]|!:\\]", lambda found: f"&#{ord(found[0])};", escaped)
    return f"<code>{safe}</code>"


def _diff(attribute: Attribute) -> Iterable[str]:
    note = "  # forces replacement" if attribute.forces else ""
    if attribute.before:
        yield _flat(f"- {attribute.path}: {_short(attribute.before)}{'' if attribute.after else note}")
    if attribute.after:
        yield _flat(f"+ {attribute.path}: {_short(attribute.after)}{note}")


def _flat(text: str) -> str:
    return " ".join(text.splitlines())


def _fenced(lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}diff", *lines, fence]


def _messages(report: Report) -> list[str]:
    told = [message for message in report.messages if message.severity is Severity.ERROR]
    told += [message for message in report.messages if message.severity is not Severity.ERROR]
    if not told:
        return []
    lines = ["", "**Messages**", ""]
    for message in told[:_MOST_MESSAGES]:
        where = f" {code(urns.name(message.urn))}" if message.urn else ""
        lines.append(f"- {message.severity}{where}: {code(_short(message.text))}")
    if len(told) > _MOST_MESSAGES:
        lines.append(f"- and {len(told) - _MOST_MESSAGES} more")
    return lines


def _drift(drift: Sequence[Change]) -> list[str]:
    """What changed behind the program's back; what changed alike in several objects is one line."""
    if not drift:
        return []
    groups: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for change in drift:
        groups[change.op, urns.type_token(change.urn), change.attributes].append(change)
    lines = ["", f"**Drift: {len(drift)} {_objects(len(drift))} not as the state says**", ""]
    for alike in groups.values():
        first = alike[0]
        names = ", ".join(code(urns.name(change.urn)) for change in alike[:_MOST_NAMES])
        more = f" and {len(alike) - _MOST_NAMES} more" if len(alike) > _MOST_NAMES else ""
        kind = code(urns.short_type(urns.type_token(first.urn)))
        what = "; ".join(
            f"{code(item.path)}: {code(_short(item.before)) or 'nothing'} → {code(_short(item.after)) or 'nothing'}"
            for item in first.attributes[:_MOST_NAMES]
        )
        lines.append(f"- {kind} {names}{more}: {'gone' if first.op is Op.DELETE else what}")
    return lines


def _fit(parts: _Parts, limit: int) -> str:
    """As much as fits: the head always, then rows, then messages and drift, then diffs, the dearest first."""
    text = parts.head
    left = limit - _size(text) - 200  # what is said of what is left out
    if parts.rows:
        rows, left = _taken(parts.rows, left - _size(_TABLE) - 2)
        text += "\n\n" + "\n".join([_TABLE, *rows])
        text += _left_out(len(parts.rows) - len(rows), "row")
    if parts.tail and _size(parts.tail) < left:
        text += f"\n{parts.tail}"
        left -= _size(parts.tail) + 1
    folds, left = _taken(parts.folds, left - 2)
    if folds:
        text += "\n\n" + "\n".join(folds)
    return text + _left_out(len(parts.folds) - len(folds), "diff") + "\n"


def _taken(texts: Sequence[str], room: int) -> tuple[list[str], int]:
    taken: list[str] = []
    for text in texts:
        size = _size(text) + 1
        if size > room:
            break
        taken.append(text)
        room -= size
    return taken, room


def _left_out(many: int, what: str) -> str:
    if not many:
        return ""
    return f"\n\n_{many} more {what}{'' if many == 1 else 's'} did not fit here; the full report has them._"


def _size(text: str) -> int:
    return len(text.encode())


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _root(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0] or path
