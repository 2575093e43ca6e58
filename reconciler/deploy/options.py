"""What one run is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The operations, as history spells them."""

    UPDATE = "update"
    REFRESH = "refresh"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Options of one run.

    Attributes:
        preview: decide and show, change nothing.
        parallel: how many provider calls may be under way at once; 0 for no limit.
        refresh: make state say what is live before anything is decided.
        continue_on_error: go on with what does not depend on a failed step.
    """

    kind: Kind
    preview: bool = False
    parallel: int = 16
    refresh: bool = False
    continue_on_error: bool = False
