"""The hooks that a program registered, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from reconciler import errors
from reconciler.plan import steps
from reconciler.plan.hooks import Occasion


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A function of the program's, called around operations.

    Attributes:
        call: answers with the words of its error, "" when there is none. Raises ProgramError when it cannot be called.
        on_dry_run: previews call it, too. `ignore_errors`: its errors are warnings.
    """

    name: str
    call: Callable[[Occasion], Awaitable[str]]
    on_dry_run: bool = False
    ignore_errors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHook:
    """A function of the program's, called when an operation failed.

    Attributes:
        call: answers whether to try again. Raises ProgramError when it fails itself.
    """

    name: str
    call: Callable[[Occasion], Awaitable[bool]]


class Hooks:
    """What the program of one run registered, and which components' hooks wait for outputs."""

    def __init__(self) -> None:
        self.resource: dict[str, Hook] = {}
        self.error: dict[str, ErrorHook] = {}
        self.waiting: dict[str, steps.Step] = {}
        """URN of a component -> the step that is over when the program tells its outputs."""

    def add(self, hook: Hook) -> None:
        """Take a hook.

        Raises:
            PlanError: the name is taken.
        """
        _refuse_taken(hook.name, self.resource)
        self.resource[hook.name] = hook

    def add_error_hook(self, hook: ErrorHook) -> None:
        """Take an error hook.

        Raises:
            PlanError: the name is taken.
        """
        _refuse_taken(hook.name, self.error)
        self.error[hook.name] = hook


def _refuse_taken(name: str, taken: dict[str, Hook] | dict[str, ErrorHook]) -> None:
    if name in taken:
        raise errors.PlanError(f"a hook named '{name}' was registered already", hint="give one of the two another name")
