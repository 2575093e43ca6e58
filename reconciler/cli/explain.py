"""Errors to text: a constant summary, where, what exactly, and what to do next.

The only place where an error becomes words for people. Secrets that the
redactor knows never pass.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from reconciler import errors
from reconciler.cli.redact import Redactor


def render_error(error: BaseException, redactor: Redactor) -> str:
    """What to print on stderr for an error that ended a command, `error: ` included, no newline at the end."""
    return redactor.mask("\n".join(_lines(error)))


def render_message(error: BaseException, redactor: Redactor) -> str:
    """The same without the leading `error: `, for a diagnostic."""
    return render_error(error, redactor).removeprefix("error: ")


def _lines(error: BaseException) -> Iterator[str]:
    match error:
        case errors.RunFailedError():
            yield f"error: {error.summary}: {_count(len(error.failures))} failed"
            for failure in error.failures:
                first, *rest = _lines(failure)
                yield f"  - {first.removeprefix('error: ')}"
                yield from (f"    {line}" for line in rest)
        case errors.BugError():
            yield from _ours(error)
            yield from "".join(traceback.format_exception(error)).rstrip().splitlines()
        case errors.ReconcilerError():
            yield from _ours(error)
        case KeyboardInterrupt():
            yield "error: The operation was cancelled"
        case _:
            # Nothing promised this error, so the reader needs to know where it came from.
            yield f"error: {errors.BugError.summary}: {type(error).__name__}: {error}"
            yield from "".join(traceback.format_exception(error)).rstrip().splitlines()


def _ours(error: errors.ReconcilerError) -> Iterator[str]:
    first, *rest = (error.detail or error.summary).splitlines() or [error.summary]
    # The root of the tree says nothing that its detail does not.
    prefix = "error: " if type(error) is errors.ReconcilerError else f"error: {error.summary}: "
    yield f"{prefix}{first}" if error.detail else f"error: {error.summary}"
    yield from rest
    urn = getattr(error, "urn", "")
    if urn and urn not in error.detail:
        yield f"  urn: {urn}"
    if code := getattr(error, "code", ""):
        yield f"  code: {code}"
    if trace := getattr(error, "trace", ""):
        yield from str(trace).rstrip().splitlines()
    if hint := error.hint or error.help:
        yield f"  hint: {hint}"


def _count(failures: int) -> str:
    return "1 step" if failures == 1 else f"{failures} steps"
