"""A run as one value, from which every report is rendered.

Texts are masked already: nothing in a `Report` is secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.deploy.events import Result, Severity
from reconciler.deploy.options import Kind
from reconciler.plan.steps import Op


class Verdict(StrEnum):
    """What a reviewer wants to know first, mildest first."""

    NO_CHANGES = "no-changes"
    SAFE = "safe"
    REPLACES = "replaces"
    DESTROYS = "destroys"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One property that differs, in texts as people read them.

    Attributes:
        before: "" where there was none; `after` likewise.
        forces: this change is why the object is replaced.
    """

    path: str
    before: str = ""
    after: str = ""
    forces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happens to one object.

    Attributes:
        op: the logical op; a replacement is one change, `REPLACE`.
        reasons: why it is replaced: names of properties.
        facts: what its provider knows of the object and a reviewer should (rows, grants, …).
        drift: not asked for by the program: found live by a refresh.
        failure: what went wrong, "" for nothing.
        position: `path#line` of the declaration, "" where the program did not say.
    """

    urn: str
    op: Op
    id: str = ""
    attributes: tuple[Attribute, ...] = ()
    reasons: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    protected: bool = False
    drift: bool = False
    failure: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something said of a resource (`urn`) or of the run (""): a diagnostic."""

    urn: str
    severity: Severity
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run.

    Attributes:
        changes: what a reviewer reads, in the order destroy, replace, update, create, the rest; drift apart.
        unchanged: how many objects stay as they are.
        plan_hash: of the plan file saved in this run, "" for none.
        commit: the git commit of the program, "" outside a repository.
        expected_s: how long earlier runs let expect that it takes; 0 where there is nothing to go by.
    """

    project: str
    stack: str
    kind: Kind
    is_preview: bool
    result: Result
    changes: tuple[Change, ...] = ()
    drift: tuple[Change, ...] = ()
    messages: tuple[Message, ...] = ()
    unchanged: int = 0
    duration_s: float = 0.0
    plan_hash: str = ""
    commit: str = ""
    expected_s: float = 0.0

    @property
    def counts(self) -> Mapping[Op, int]:
        """Changes by op, in the order in which they are told."""
        return {op: many for op in ORDER if (many := sum(change.op is op for change in self.changes))}

    @property
    def verdict(self) -> Verdict:
        """The worst that this run brings."""
        if self.result is not Result.SUCCEEDED:
            return Verdict.FAILED
        if Op.DELETE in self.counts:
            return Verdict.DESTROYS
        if Op.REPLACE in self.counts:
            return Verdict.REPLACES
        return Verdict.SAFE if self.changes or self.drift else Verdict.NO_CHANGES


ORDER = (Op.DELETE, Op.REPLACE, Op.UPDATE, Op.CREATE, Op.IMPORT, Op.READ, Op.DISCARD, Op.REFRESH)
