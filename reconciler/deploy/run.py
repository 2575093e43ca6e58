"""One run: what its parts share, and how a chain of steps is carried out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler import errors
from reconciler.contract.policies import Analyzer
from reconciler.deploy import events
from reconciler.deploy.hooks import Hooks
from reconciler.deploy.ledger import Ledger
from reconciler.deploy.options import RunOptions
from reconciler.deploy.planning import Planning
from reconciler.deploy.ports import Clock, Ids
from reconciler.deploy.recorder import Recorder
from reconciler.deploy.registry import Registry
from reconciler.model import urns
from reconciler.model.resources import Recorded
from reconciler.plan import steps
from reconciler.plan.autonaming import NamingRules
from reconciler.plan.targets import Selection


@dataclass(slots=True)
class Run:
    """What the parts of one run share.

    Attributes:
        slots: as many provider calls may be under way at once.
        stop: set by the person, from another thread: begin no new step.
        naming: what the stack's configuration says of generated names.
        planning: what was decided; holds the run to a saved plan, if there is one.
        failures: one error per failed step, in the order in which they failed.
        tolerated: how many of the failures fail the run and yet do not end it.
        analyzers: the policy packs that look at what is asked for.
        is_violated: a mandatory policy was violated where no step could fail of it: in a preview, or by the stack.
    """

    options: RunOptions
    emit: Callable[[events.Event], None]
    recorder: Recorder
    ledger: Ledger
    registry: Registry
    clock: Clock
    ids: Ids
    slots: asyncio.Semaphore
    stop: threading.Event
    planning: Planning
    naming: NamingRules = field(default_factory=NamingRules)
    failures: list[Exception] = field(default_factory=list)
    tolerated: int = 0
    hooks: Hooks = field(default_factory=Hooks)
    analyzers: tuple[Analyzer, ...] = ()
    is_violated: bool = False

    @property
    def selection(self) -> Selection:
        """What the run may touch."""
        options = self.options
        return Selection(options.targets, options.excludes, options.with_dependents)

    @property
    def preview(self) -> bool:
        """Does this run only decide?"""
        return self.options.preview

    def is_stopping(self) -> bool:
        """Must no new step begin, because one failed or the person said stop?"""
        return self.stop.is_set() or (len(self.failures) > self.tolerated and not self.options.continue_on_error)

    def fail(self, error: Exception, urn: str = "") -> None:
        """Note a failure, and tell it unless that was done. What the person's stop cut short is none."""
        if isinstance(error, errors.CancelledError):
            self.ledger.failed.add(urn)
            return
        is_told = any(error is known for known in self.failures) or isinstance(error, errors.PolicyViolationError)
        self.failures.append(error)
        if urn:
            self.ledger.failed.add(urn)
        if not is_told and not (isinstance(error, errors.ProgramError) and error.told):
            self.emit(events.diagnostic_of(error, urn))

    def tolerate(self, error: Exception, urn: str = "") -> None:
        """Tell a failure that fails the run in the end, and go on: there may be more that a person wants to hear of."""
        self.tolerated += 1
        self.failures.append(error)
        self.emit(events.diagnostic_of(error, urn))

    def warn(self, message: str, urn: str = "") -> None:
        """Tell something that the person should know."""
        self.emit(events.Diagnostic(message, events.Severity.WARNING, urn))


def is_internal(resource: Recorded) -> bool:
    """Is it a default provider, which nobody wrote and nobody wants to see?"""
    return urns.is_provider_type(resource.type) and urns.name(resource.urn).startswith("default")


def count(run: Run, step: steps.Step, op: steps.Op) -> None:
    """Count a step that succeeded, if it is one that people count."""
    if op.is_logical and not is_internal(step.subject):
        run.ledger.changes[op] += 1


def named(error: Exception, step: steps.Step) -> Exception:
    """A provider's error with the resource and the verb that it is about."""
    if isinstance(error, errors.ProviderError):
        error.urn = error.urn or step.urn
        error.op = error.op or step.op.value
    return error
