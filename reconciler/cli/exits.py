"""What does the process's exit code say?

Numbers are upstream's; the Automation API needs only "not 0".
"""

from __future__ import annotations

from enum import IntEnum

from reconciler import errors


class Exit(IntEnum):
    """Exit codes of `pulumi`."""

    OK = 0
    ERROR = 1
    CONFIGURATION = 2
    AUTHENTICATION = 3
    RESOURCE = 4
    POLICY = 5
    STACK_NOT_FOUND = 6
    CHANGES_FOUND = 7
    CANCELLED = 8
    INTERNAL = 255


# The first class that fits decides: the special before the general.
CODES: tuple[tuple[type[BaseException], Exit], ...] = (
    (errors.StackNotFoundError, Exit.STACK_NOT_FOUND),
    (errors.NoStackSelectedError, Exit.STACK_NOT_FOUND),
    (errors.UsageError, Exit.CONFIGURATION),
    (errors.ProjectError, Exit.CONFIGURATION),
    (errors.CancelledError, Exit.CANCELLED),
    (errors.PassphraseError, Exit.AUTHENTICATION),
    (errors.ConfigureError, Exit.CONFIGURATION),
    (errors.ProviderError, Exit.RESOURCE),
    (errors.RunFailedError, Exit.RESOURCE),
    (errors.PolicyViolationError, Exit.POLICY),
    (errors.BugError, Exit.INTERNAL),
    (errors.ReconcilerError, Exit.ERROR),
    (KeyboardInterrupt, Exit.CANCELLED),
)


def of_error(error: BaseException) -> Exit:
    """The exit code of an error that ended a command; one that is not ours is internal."""
    return next((code for kind, code in CODES if isinstance(error, kind)), Exit.INTERNAL)
