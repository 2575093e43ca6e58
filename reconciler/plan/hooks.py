"""Which of a resource's hooks a step calls, and with what. Pure.

A hook is a function of the program, known by its name; state keeps the names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.resources import Recorded
from reconciler.plan import steps

MOST_RETRIES = 100
"""As many times may error hooks have one operation repeated."""


class Moment(StrEnum):
    """When a hook is called, as state files spell it."""

    BEFORE_CREATE = "BeforeCreate"
    AFTER_CREATE = "AfterCreate"
    BEFORE_UPDATE = "BeforeUpdate"
    AFTER_UPDATE = "AfterUpdate"
    BEFORE_DELETE = "BeforeDelete"
    AFTER_DELETE = "AfterDelete"
    ON_ERROR = "OnError"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One moment of one resource, as hooks are told of it.

    Attributes:
        old: what was recorded; None in creates. `new`: what is wanted, afterwards what came of it; None in deletes.
        operation: `create`, `update` or `delete`.
        errors: what went wrong so far, newest first; of error hooks only.
    """

    moment: Moment
    operation: str
    old: Recorded | None
    new: Recorded | None
    errors: tuple[str, ...] = ()

    @property
    def subject(self) -> Recorded:
        """The resource that it is about."""
        subject = self.new or self.old
        assert subject is not None, "an occasion has an old or a new resource"
        return subject

    @property
    def names(self) -> tuple[str, ...]:
        """The hooks to call, in order."""
        return tuple(self.subject.resource_hooks.get(self.moment, ()))

    @property
    def is_after(self) -> bool:
        """Is the operation over and done, so that there are new outputs?"""
        return self.moment in (Moment.AFTER_CREATE, Moment.AFTER_UPDATE, Moment.AFTER_DELETE)


def before(step: steps.Step) -> Occasion | None:
    """The moment before a step's call, None for steps that have no hooks."""
    return _occasion(step, _BEFORE)


def after(step: steps.Step, recorded: Recorded | None) -> Occasion | None:
    """The moment after a step succeeded; `recorded` is what state says now."""
    return _occasion(step, _AFTER, recorded)


def failed(step: steps.Step, errors: tuple[str, ...]) -> Occasion | None:
    """The moment at which a step's call failed."""
    return _occasion(step, dict.fromkeys(_BEFORE, Moment.ON_ERROR), errors=errors)


def waits_for_outputs(step: steps.Step) -> bool:
    """Is the step over only when the program tells its outputs, as a component's is?"""
    return not step.subject.custom and isinstance(step, (steps.Create, steps.Update))


_BEFORE = {"create": Moment.BEFORE_CREATE, "update": Moment.BEFORE_UPDATE, "delete": Moment.BEFORE_DELETE}
_AFTER = {"create": Moment.AFTER_CREATE, "update": Moment.AFTER_UPDATE, "delete": Moment.AFTER_DELETE}


def _occasion(
    step: steps.Step,
    moments: dict[str, Moment],
    recorded: Recorded | None = None,
    errors: tuple[str, ...] = (),
) -> Occasion | None:
    old: Recorded | None = None
    new: Recorded | None = None
    match step:
        case steps.Create() | steps.CreateReplacement():
            operation, new = "create", recorded or step.wanted
        case steps.Update():
            operation, old, new = "update", step.prior, recorded or step.wanted
        case steps.Delete() | steps.DeleteReplaced() if not step.prior.retain_on_delete:
            operation, old = "delete", step.prior
        case _:
            return None
    return Occasion(moment=moments[operation], operation=operation, old=old, new=new, errors=errors)
