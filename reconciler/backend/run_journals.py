"""What a run needs of its journal, and a backend of the journals of its stacks, whatever they are kept in."""

from __future__ import annotations

from typing import Protocol, assert_never

from reconciler.backend.references import StackReference
from reconciler.model.codec import Cipher
from reconciler.state import journal_records, journals


class Guard(Protocol):
    """Says whether a run may still write."""

    @property
    def is_fresh(self) -> bool:
        """Would `check` return at once?"""

    @property
    def token(self) -> int:
        """Greater than that of every run before."""

    @property
    def holder(self) -> str:
        """Names the run."""

    def check(self) -> None:
        """Return if the run may write.

        Raises:
            LockLostError: it may not.
        """


class RunJournal(Protocol):
    """The journal of a run under way; implements `deploy.ports.Journal`."""

    @property
    def entries(self) -> tuple[journals.Entry, ...]:
        """What was written so far, in order."""

    def write(self, entry: journals.Entry, *, sync: bool | None = None) -> None:
        """Append one entry.

        Args:
            sync: must it be durable before this returns? None leaves it to the entry's kind (`must_sync`).
        """

    def append(self, entry: journals.Entry) -> None:
        """Append one entry, to be made durable with others."""

    async def durable(self) -> None:
        """Return when everything written so far is durable, and the run may still write.

        Raises:
            LockLostError: the stack's lock is another's by now.
        """

    def flush(self) -> None:
        """Return when everything written so far is durable."""

    def end(self, closing: journal_records.Closing) -> None:
        """Say which checkpoint comes of this run."""

    def close(self) -> None:
        """Make durable what is not, and let go; a second time does nothing."""

    def discard(self) -> None:
        """Remove it, once the checkpoint has all of it."""


class Journals(Protocol):
    """The journals of all stacks of a store: one per stack, of the run that is under way or died."""

    def find(self, stack: StackReference) -> bytes | None:
        """The records of a stack's journal, None where there is none."""

    def seal(self, stack: StackReference, guard: Guard) -> None:
        """Refuse what a run that lost its lock may still want to write."""

    def open(
        self, stack: StackReference, header: journal_records.Header, cipher: Cipher, guard: Guard | None
    ) -> RunJournal:
        """Begin a journal. There must be none."""

    def finish(self, stack: StackReference, content: bytes, closing: bytes) -> None:
        """Say which checkpoint comes of a run that died; `content` is as far as its records are whole."""

    def set_aside(self, stack: StackReference, content: bytes, moment_ns: int) -> None:
        """Keep records that could not be used where nobody takes them for a journal."""

    def remove(self, stack: StackReference) -> None:
        """Remove the journal, if there is one."""


def must_sync(entry: journals.Entry) -> bool:
    """Would losing this entry lose sight of something that a provider does or did?"""
    match entry:
        case journals.Began():
            return True
        case journals.Put() | journals.Forgot() | journals.Amended():
            return entry.ends is not None
        case journals.Failed() | journals.Kept() | journals.Together():
            return False
        case _:
            assert_never(entry)


def file_key(stack: StackReference) -> str:
    """Where a journal stands that is one file."""
    return f"journals/{stack.project}/{stack.stack}.journal"


def aside_key(stack: StackReference, moment_ns: int) -> str:
    """Where records are kept that could not be used."""
    return f"{file_key(stack)}.{moment_ns}.unused"
