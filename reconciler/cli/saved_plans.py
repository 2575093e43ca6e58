"""Plan files on disk: `preview --save-plan` writes one, `up --plan` reads one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from reconciler import errors
from reconciler.model.codec import Cipher
from reconciler.plan.plan_files import parse_plan, render_plan
from reconciler.plan.saved import Plan

# A plan of ten thousand resources has about 20 MB; what is far larger is no plan.
MOST_BYTES = 500 * 1024 * 1024


def read_plan(path: Path, cipher: Cipher, *, expected: str = "", state: str = "", program: str = "") -> Plan:
    """The plan in a file.

    Args:
        expected: the hash of the plan that was reviewed, "" for any.
        state, program: name the stack's state and the committed program of today.

    Raises:
        UsageError: it cannot be read.
        PlanFormatError: it is not the plan that was reviewed.
        StalePlanError: it was made for another state or another commit's program.
        PlanFormatError, DecryptError: it is no plan, or another stack's.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise errors.PlanFormatError(f"{path} is larger than any plan")
        content = path.read_bytes()
        if expected and expected not in (found := hash_of(content), found.partition(":")[2]):
            raise errors.PlanFormatError(
                f"{path} is {found}, not {expected}", hint="the reviewed plan was replaced: preview and review again"
            )
        return parse_plan(content, cipher, state=state, program=program)
    except OSError as error:
        raise errors.UsageError(
            f"--plan names {path}: {error.strerror}", hint="`pulumi preview --save-plan` writes one"
        ) from error


def hash_of(content: bytes) -> str:
    """What names a plan file's content: `sha256:` and 64 digits."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def plan_writer(path: Path, cipher: Cipher, *, state: str, program: str) -> Callable[[Plan], None]:
    """What writes a plan to a file, whole or not at all, for its owner's eyes only.

    Args:
        state, program: name the state and the committed program that the plan is made for.
    """

    def write(plan: Plan) -> None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        text = render_plan(plan, cipher, time=now, state=state, program=program)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            unfinished.touch(mode=0o600)
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise errors.UsageError(f"--save-plan names {path}: {error.strerror}") from error

    return write
