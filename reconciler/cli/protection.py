"""What does `destroy --exclude-protected` keep?"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from reconciler.plan import targets

if TYPE_CHECKING:
    from reconciler import wiring
    from reconciler.cli.workspace import Workspace


@dataclasses.dataclass(frozen=True, slots=True)
class Protected:
    """The URNs of protected resources and of what they need; `is_everything`: nothing is left to destroy."""

    urns: tuple[str, ...] = ()
    is_everything: bool = False

    def excluded(self, request: wiring.RunRequest) -> wiring.RunRequest:
        """The request, with these left alone."""
        options = dataclasses.replace(request.options, excludes=(*request.options.excludes, *self.urns))
        return dataclasses.replace(request, options=options)


def find_protected(workspace: Workspace) -> Protected:
    """What the stack's state has protected.

    Raises:
        ReconcilerError: the state cannot be read.
    """
    checks = workspace.checks_integrity
    resources = workspace.backend.load(workspace.stack, workspace.secrets, check_integrity=checks).snapshot.resources
    kept = targets.protected(resources)
    # A view goes and stays with its object.
    others = [resource for resource in resources if resource.urn not in kept and not resource.view_of]
    return Protected(tuple(sorted(kept)), bool(kept) and not others)
