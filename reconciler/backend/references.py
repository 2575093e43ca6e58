"""Names of stacks: `stack`, `organization/stack`, `organization/project/stack`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from reconciler import errors

# The only organization that stores of one's own have.
ORGANIZATION: Final = "organization"
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True, slots=True)
class StackReference:
    """One stack of one project."""

    project: str
    stack: str

    def __str__(self) -> str:
        """The full name, as state and workspace files hold it."""
        return f"{ORGANIZATION}/{self.project}/{self.stack}"


def parse_reference(text: str, project: str) -> StackReference:
    """The stack that a person names inside a project.

    >>> str(parse_reference("dev", "shop"))
    'organization/shop/dev'

    Raises:
        UsageError: the organization is another one, a part is empty or has characters that names cannot have.
    """
    parts = text.split("/")
    if len(parts) > 3:
        raise errors.UsageError(f"{text!r} is not a stack name", hint="write organization/project/stack at most")
    *outer, stack = parts
    if outer and outer[0] != ORGANIZATION:
        raise errors.UsageError(
            f"{text!r} names the organization {outer[0]!r}", hint=f"here it is always {ORGANIZATION!r}"
        )
    reference = StackReference(outer[1] if len(outer) == 2 else project, stack)
    for part in (reference.project, reference.stack):
        if not _NAME.fullmatch(part) or part in (".", ".."):
            raise errors.UsageError(
                f"{part!r} is not a name for a stack or project",
                hint="up to 100 letters, digits, underscores, hyphens and periods",
            )
    return reference
