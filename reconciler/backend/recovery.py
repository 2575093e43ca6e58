"""What does a journal that was left behind mean for the checkpoint beside it? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from reconciler.model.codec import Cipher
from reconciler.state import journal_records, journals
from reconciler.state.snapshots import Snapshot


class Use(Enum):
    """What to do with a journal that was left behind."""

    REPLAY = auto()
    """The run died: its entries belong on the checkpoint."""
    DROP = auto()
    """The checkpoint has all of it already, or there is nothing in it."""
    SET_ASIDE = auto()
    """It belongs to another checkpoint: never replay it, never destroy it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A journal that was left behind, read.

    Attributes:
        text: what could be read of it.
        findings: what a person should know.
    """

    use: Use
    text: journal_records.JournalText
    findings: tuple[str, ...] = ()


def judge(content: bytes, base_hash: str, cipher: Cipher) -> Left:
    """Decide about a journal's content beside a checkpoint of this hash.

    Raises:
        StateError, DecryptError: as `journal_records.parse_journal`.
    """
    text = journal_records.parse_journal(content, cipher)
    if text.header is None:
        return Left(use=Use.DROP, text=text, findings=text.findings)
    if text.header.base == base_hash:
        run = f"the {text.header.operation or 'run'} of {text.header.started or 'an unknown time'}"
        finding = f"{run} did not end; {len(text.entries)} journal record(s) of it were taken over"
        return Left(use=Use.REPLAY, text=text, findings=(finding, *text.findings))
    if text.closing is not None and text.closing.result == base_hash:
        return Left(use=Use.DROP, text=text)
    doubtful = ", ".join(_in_doubt(text.entries)) or "none"
    finding = (
        "a journal belongs to another state file than the present one and was not used;"
        f" operations in doubt in it: {doubtful}"
    )
    return Left(use=Use.SET_ASIDE, text=text, findings=(finding, *text.findings))


def _in_doubt(entries: tuple[journals.Entry, ...]) -> tuple[str, ...]:
    pending = journals.replay(Snapshot(), [entry for entry in entries if not _needs_base(entry)]).pending
    return tuple(f"{operation.resource.urn} ({operation.type.value})" for operation in pending)


def _needs_base(entry: journals.Entry) -> bool:
    return isinstance(entry, journals.Kept)
