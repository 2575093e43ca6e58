"""The composition root: puts backend, engine, host and providers together for one run.

With `provisioning`, the only module that knows both the engine and the providers.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from reconciler import provisioning
from reconciler.backend import operations
from reconciler.backend.addresses import open_backend
from reconciler.backend.references import ORGANIZATION, StackReference, parse_reference
from reconciler.backend.stacks import Backend
from reconciler.deploy import doubts, events, operation, policing
from reconciler.deploy.deployment import Deployment
from reconciler.deploy.ledger import Ledger
from reconciler.deploy.options import Kind, RunOptions
from reconciler.deploy.packages import extensions_of
from reconciler.deploy.planning import Planning
from reconciler.deploy.ports import Clock, Ids, Journal, ProviderFactories
from reconciler.deploy.recorder import Recorder
from reconciler.deploy.registry import Registry
from reconciler.deploy.run import Run
from reconciler.host.shim import patient_collector
from reconciler.model import urns
from reconciler.model.values import EMPTY, PropertyMap, Secret
from reconciler.plan import saved
from reconciler.plan.autonaming import NamingRules
from reconciler.providers.plugins.discovery import DYNAMIC, Places
from reconciler.providers.pulumi import provider as builtin
from reconciler.provisioning import Emit, LazyPlugins, OwnProviders
from reconciler.state.secrets import SecretsManager
from reconciler.state.snapshots import Snapshot

if TYPE_CHECKING:
    from reconciler.policies.manifests import Pack
    from reconciler.providers.plugins.engine import Said

T = TypeVar("T")
OpenSecrets = Callable[[Mapping[str, object] | None], SecretsManager | None]

UNLIMITED: Final = 2**31 - 1
"""What Pulumi's own engine takes for `--parallel 0`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """One run of one stack.

    Attributes:
        root: folder of Pulumi.yaml. entry: the program's folder or file.
        runtime_options: of Pulumi.yaml. client: where an inline program waits to be run, "" for none.
        config: effective configuration, "ns:key" -> text, secrets in plain.
        secret_keys: the keys of `config` whose values are secret.
        open_backend: opens another backend, for references to stacks of it.
        open_secrets: opens the secrets of another stack, given what its state file says of them.
        history_config: the same configuration as history keeps it, secrets encrypted.
        plugins: where provider plugins are; None for a run with our own providers alone.
        naming: what the stack's configuration says of generated names.
        plan: a saved plan to stay within, the preview too. save_plan: is handed the plan of a preview that succeeded.
        stop: set it from a signal handler: no new step begins, running ones finish, state is saved.
        packs: the policy packs to obey.
        at_once: filled by the run: what to call before the process ends without waiting for anything.
    """

    root: Path
    entry: Path
    stack: StackReference
    backend: Backend
    secrets: SecretsManager | None
    config: Mapping[str, str]
    secret_keys: frozenset[str]
    options: RunOptions
    runtime_options: Mapping[str, object] = field(default_factory=dict)
    client: str = ""
    message: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    history_config: Mapping[str, object] = field(default_factory=dict)
    open_secrets: OpenSecrets = lambda _provider: None
    open_backend: Callable[[str], Backend] = lambda url: open_backend(url, {})
    stop: threading.Event = field(default_factory=threading.Event)
    at_once: list[Callable[[], None]] = field(default_factory=list)
    check_integrity: bool = True
    plugins: Places | None = None
    packs: tuple[Pack, ...] = ()
    naming: NamingRules = field(default_factory=NamingRules)
    plan: saved.Plan | None = None
    save_plan: Callable[[saved.Plan], None] | None = None


def run(request: RunRequest, emit: Emit, factories: ProviderFactories | None = None) -> events.Summary:
    """Carry one run out.

    Args:
        emit: called from the engine's and the program's threads.
        factories: other providers than ours, for tests and embedders.

    Raises:
        ReconcilerError: what stops a run before it begins (lock, state, passphrase). Failures
            inside the run come as events, and as the result of the summary.
    """
    providers = factories or _providers(request, emit)
    blinded = {key: "[secret]" if key in request.secret_keys else value for key, value in request.config.items()}
    emit(events.Prelude(blinded))
    with patient_collector:
        return (_preview if request.options.preview else _change)(request, emit, providers)


def _change(request: RunRequest, emit: Emit, providers: ProviderFactories) -> events.Summary:
    intent = operations.Intent(
        kind=request.options.kind.value,
        message=request.message,
        environment=request.environment,
        config=request.history_config,
    )
    with operations.operation(
        request.backend, request.stack, request.secrets, intent, check_integrity=request.check_integrity
    ) as under_way:
        for finding in under_way.findings:
            emit(events.Diagnostic(finding, events.Severity.WARNING))
        if under_way.snapshot.pending:
            settled = _run_loop(_settle(request, under_way.snapshot, emit, providers))
            under_way.rebase(settled)
        outcome = _run_loop(_execute(request, under_way.snapshot, under_way.journal, emit, providers))
        changes = {op.value: count for op, count in sorted(outcome.summary.changes.items())}
        result = "succeeded" if outcome.summary.result is events.Result.SUCCEEDED else "failed"
        under_way.finish(result, changes, snapshot=outcome.snapshot)
    return outcome.summary


def _refer(request: RunRequest, name: str) -> builtin.ReferredStack:
    # `<backend url>#<stack>` is a stack of another backend: no stack has a `#` in its name.
    url, separator, reference = name.rpartition("#")
    backend = request.open_backend(url) if separator else request.backend
    stack = parse_reference(reference, request.stack.project)
    stored = backend.read(stack)
    secrets = request.open_secrets(stored.checkpoint.secrets_provider)
    resources = backend.load(stack, secrets).snapshot.resources
    outputs = next((resource.outputs for resource in resources if resource.type == urns.STACK_TYPE), EMPTY)
    return builtin.ReferredStack(outputs, {resource.urn: resource.outputs for resource in resources})


class SystemClock:
    """The machine's time."""

    def __init__(self) -> None:
        self._told = (0, "")

    def now(self) -> str:
        second = int(time.time())
        if second != self._told[0]:
            self._told = (second, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second)))
        return self._told[1]

    def monotonic_s(self) -> float:
        return time.monotonic()


class RandomIds:
    """The operating system's randomness, asked for many at a time: each time hands the processor to another thread."""

    def __init__(self) -> None:
        self._drawn = b""

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self._draw(16), version=4))

    def seed(self) -> bytes:
        return self._draw(32)

    def _draw(self, count: int) -> bytes:
        if len(self._drawn) < count:
            self._drawn = secrets.token_bytes(4096)
        drawn, self._drawn = self._drawn[:count], self._drawn[count:]
        return drawn


def _providers(request: RunRequest, emit: Emit) -> ProviderFactories:
    plugins = None if request.plugins is None else LazyPlugins(request.plugins, emit)
    if plugins is not None:
        request.at_once.append(plugins.kill)
    return OwnProviders(lambda name: _refer(request, name), plugins)


def _preview(request: RunRequest, emit: Emit, providers: ProviderFactories) -> events.Summary:
    loaded = request.backend.load(request.stack, request.secrets, check_integrity=request.check_integrity)
    for finding in loaded.findings:
        emit(events.Diagnostic(finding, events.Severity.WARNING))
    for pending in loaded.snapshot.pending:
        emit(
            events.Diagnostic(
                f"an earlier run was interrupted while {pending.type.value} this resource; the next `pulumi up` or"
                " `pulumi refresh` looks what came of it",
                events.Severity.WARNING,
                pending.resource.urn,
            )
        )
    outcome = _run_loop(_execute(request, loaded.snapshot, None, emit, providers))
    if request.save_plan is not None and outcome.summary.result is events.Result.SUCCEEDED:
        request.save_plan(outcome.plan)
    return outcome.summary


async def _settle(request: RunRequest, base: Snapshot, emit: Emit, providers: ProviderFactories) -> Snapshot:
    registry = _registry(request, base, providers, RandomIds())
    try:
        adopts = request.options.kind is Kind.REFRESH
        return await doubts.settle(base, registry, emit, SystemClock().now(), adopts_imports=adopts)
    finally:
        await registry.close()


async def _execute(
    request: RunRequest, base: Snapshot, journal: Journal | None, emit: Emit, providers: ProviderFactories
) -> operation.Outcome:
    clock: Clock = SystemClock()
    ids: Ids = RandomIds()
    parallel = request.options.parallel or UNLIMITED
    run = Run(
        options=request.options,
        emit=emit,
        recorder=Recorder(base, journal),
        ledger=Ledger(base),
        registry=_registry(request, base, providers, ids),
        clock=clock,
        ids=ids,
        slots=asyncio.Semaphore(parallel),
        stop=request.stop,
        planning=Planning(ids, request.plan),
        naming=request.naming,
    )
    deployment = Deployment(run, project=request.stack.project, stack=request.stack.stack)

    async def program(deployment: Deployment) -> None:
        # Imported here: a destroy or a refresh runs no program, and needs no SDK.
        from reconciler.host import doors
        from reconciler.host.program import Program

        await doors.run(
            Program(
                root=request.root,
                entry=request.entry,
                project=request.stack.project,
                stack=request.stack.stack,
                organization=ORGANIZATION,
                config=dict(request.config),
                secret_keys=tuple(sorted(request.secret_keys)),
                parallel=parallel,
            ),
            deployment,
            emit,
            request.stop,
            doors.Door(runtime_options=request.runtime_options, client=request.client),
        )

    async with _policed(request, run):
        return await operation.execute(run, deployment, program, base)


@asynccontextmanager
async def _policed(request: RunRequest, run: Run) -> AsyncIterator[None]:
    """While inside, the request's policy packs run and look at what the run asks for."""
    if not request.packs:
        yield
        return
    from reconciler.policies.packs import Packs, Surroundings  # gRPC, which nothing else here may need

    def tell(said: Said) -> None:
        if (diagnostic := provisioning.diagnosed(said)) is not None:
            run.emit(diagnostic)

    surroundings = Surroundings(
        project=request.stack.project,
        stack=request.stack.stack,
        organization=ORGANIZATION,
        preview=request.options.preview,
        config=request.config,
        secret_keys=request.secret_keys,
        tags=request.backend.tags(request.stack),
        environment=request.plugins.environment if request.plugins is not None else {},
    )
    packs = Packs(request.packs, surroundings, tell)
    request.at_once.append(packs.kill)
    try:
        run.emit(events.PoliciesLoading())
        run.analyzers = await policing.unless_stopped(run, packs.start())
        yield
    finally:
        await packs.close()


def _registry(request: RunRequest, base: Snapshot, providers: ProviderFactories, ids: Ids) -> Registry:
    recorded = {
        str(urns.ProviderReference(resource.urn, resource.id)): resource
        for resource in base.resources
        if urns.is_provider_type(resource.type)
    }

    def config(package: str) -> PropertyMap:
        # Dynamic providers are of the program: they get its whole configuration, under full names.
        prefix = "" if package == DYNAMIC else f"{package}:"
        return {
            key.removeprefix(prefix): Secret(value) if key in request.secret_keys else value
            for key, value in request.config.items()
            if key.startswith(prefix)
        }

    return Registry(providers, config, ids, recorded, extensions_of(base.resources))


def _run_loop(work: Coroutine[Any, Any, T]) -> T:
    done: list[T] = []

    async def carried_out() -> None:
        # Not as the task's result: when the loop gives the signals back, Python renders the task, whole state included.
        done.append(await work)

    try:
        import uvloop
    except ImportError:
        asyncio.run(carried_out())
    else:
        uvloop.run(carried_out())
    return done[0]
