"""What the engine adds to the SDK's own cost: `make bench-engine`.

Prints a line per bar of DESIGN's table, `name  value  limit  ok|miss`, and exits 1
when one misses. Every ratio is measured in one run; CPU seconds, not wall, but
for the makespan. Each measurement is a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.bars import Bar, report
from reconciler import wiring
from reconciler.backend.addresses import open_backend
from reconciler.backend.references import StackReference
from reconciler.contract import protocol
from reconciler.deploy.options import Kind, RunOptions
from reconciler.model import urns

STACK = StackReference("bench", "dev")
HEADER = """
import pulumi
class Thing(pulumi.CustomResource):
    def __init__(self, resource, opts=None, **inputs):
        super().__init__("bench:index:Thing", resource, {"out": None, **inputs}, opts)
"""
FLAT = 'for i in range({n}): Thing(f"t{{i}}", size=i, name=f"name-{{i}}", tags={{"team": "x", "cost": "y"}})'
# `width` chains, each `depth` long.
CHAINS = """
for i in range({width}):
    before = None
    for j in range({depth}):
        before = Thing(f"t{{i}}-{{j}}", size=i, after=before.out if before else None)
"""
TERRAFORM_APPLY_5000_S = 750.0
TERRAFORM_PLAN_10000_S = 28.0
LATENCY_S = 0.1


class NoOpProvider:
    """Answers at once, or after a while; keeps nothing."""

    def __init__(self, latency_s: float, spans: dict[object, list[float]]) -> None:
        self._latency_s = latency_s
        self._spans = spans
        self._made = 0

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        return protocol.CheckResponse(inputs=request.news)

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.Diff:
        return protocol.NO_DIFF

    async def configure(self, request: protocol.ConfigureRequest) -> None:
        return None

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        return protocol.CheckResponse(inputs=request.news)

    async def diff(self, request: protocol.DiffRequest) -> protocol.Diff:
        return protocol.NO_DIFF

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        if self._latency_s:
            # Resources of one chain have one size: when it began, and when it was last heard of.
            span = self._spans.setdefault(request.inputs.get("size"), [time.monotonic(), 0.0])
            await asyncio.sleep(self._latency_s)
            span[1] = time.monotonic()
        self._made += 1
        return protocol.CreateResponse(id=f"id-{self._made}", outputs={**request.inputs, "out": "x"})

    async def find(self, request: protocol.FindRequest) -> protocol.ReadResponse | None:
        return None

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse | None:
        return protocol.ReadResponse(id=request.id, inputs=request.inputs, outputs=request.outputs)

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        return protocol.UpdateResponse(outputs=request.outputs)

    async def delete(self, request: protocol.DeleteRequest) -> None:
        return None

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        return protocol.InvokeResponse(result={})

    async def close(self) -> None:
        return None


class Factories:
    """Gives the provider that does nothing."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self._latency_s = latency_s
        self.spans: dict[object, list[float]] = {}

    def create(self, origin: protocol.Origin) -> protocol.Provider:
        return NoOpProvider(self._latency_s, self.spans)

    async def cancel(self) -> None:
        return None

    async def close(self) -> None:
        return None


class EmptyMonitor:
    """Answers a registration with its inputs, at once or after a while: what is left is the SDK's own cost."""

    def __init__(self, latency_s: float) -> None:
        self._latency_s = latency_s
        self.spans: dict[object, list[float]] = {}

    def __getattr__(self, name: str) -> Callable[[Any], Any]:
        from google.protobuf import empty_pb2
        from pulumi.runtime.proto import resource_pb2

        def answer(request: Any) -> Any:
            if name == "RegisterResource":
                urn = urns.build(STACK.stack, STACK.project, request.parent, request.type, request.name)
                answered = resource_pb2.RegisterResourceResponse(urn=urn, id="id" if request.custom else "")
                answered.object.CopyFrom(request.object)
                answered.object["out"] = "x"
                if self._latency_s and request.custom:
                    span = self.spans.setdefault(request.object["size"], [time.monotonic(), 0.0])
                    time.sleep(self._latency_s)
                    span[1] = time.monotonic()
                return answered
            return resource_pb2.DeploymentInfo() if name == "GetDeploymentInfo" else empty_pb2.Empty()

        return answer


def run_sdk(program: str, *, latency_s: float = 0.0) -> dict[str, float]:
    """The SDK with an empty monitor, as its own shim runs it."""
    from pulumi.runtime import Settings, configure, run_in_stack

    source = compile(textwrap.dedent(HEADER + program), "program", "exec")
    monitor = EmptyMonitor(latency_s)
    configure(Settings(monitor=monitor, engine=monitor, project=STACK.project, stack=STACK.stack, dry_run=False))
    began_s = time.process_time()
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=256))
    loop.run_until_complete(run_in_stack(lambda: exec(source, {"__name__": "__main__"})))  # noqa: S102  # our own program
    return _measured(time.process_time() - began_s, _longest(monitor.spans))


def run_engine(program: str, *, repeats: int = 1, preview: bool = False, latency_s: float = 0.0) -> dict[str, float]:
    """The engine with providers that do nothing, on real files; the last of `repeats` runs is measured.

    Args:
        preview: the last run is a preview.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "__main__.py").write_text(HEADER + program)
        backend = open_backend(f"file://{root}", {})
        backend.create_stack(STACK)
        began_s, factories = 0.0, Factories(latency_s)
        for number in range(repeats):
            is_last = number == repeats - 1
            request = wiring.RunRequest(
                root=root,
                entry=root,
                stack=STACK,
                backend=backend,
                secrets=None,
                config={},
                secret_keys=frozenset(),
                options=RunOptions(kind=Kind.UPDATE, preview=preview and is_last, parallel=0),
            )
            began_s = time.process_time()
            summary = wiring.run(request, lambda _event: None, factories)
            assert summary.result == "succeeded", summary
        return _measured(time.process_time() - began_s, _longest(factories.spans))


def _longest(spans: dict[object, list[float]]) -> float:
    return max((end_s - begin_s for begin_s, end_s in spans.values()), default=0.0)


def _measured(cpu_s: float, longest_chain_s: float) -> dict[str, float]:
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu_s": cpu_s, "longest_chain_s": longest_chain_s, "peak_mb": peak_mb}


def measure(what: str, program: str, **settings: object) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    order = json.dumps({"what": what, "program": program, "settings": settings})
    done = subprocess.run(
        [sys.executable, "-m", "bench.engine", "--one", order], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def bars() -> Iterator[Bar]:
    """Each bar: what, its value, its limit."""
    flat = {n: FLAT.format(n=n) for n in (1_000, 5_000, 10_000)}
    up, sdk = {1_000: measure("engine", flat[1_000])}, {1_000: measure("sdk", flat[1_000])}
    yield "engine cost above the SDK's own, 1,000", up[1_000]["cpu_s"] / sdk[1_000]["cpu_s"] - 1, 1.0
    up[10_000] = measure("engine", flat[10_000])
    yield "growth of up, 1,000 to 10,000", up[10_000]["cpu_s"] / up[1_000]["cpu_s"], 12.0
    preview = {n: measure("engine", flat[n], repeats=2, preview=True) for n in (1_000, 10_000)}
    yield "growth of preview, 1,000 to 10,000", preview[10_000]["cpu_s"] / preview[1_000]["cpu_s"], 12.0
    up[5_000] = measure("engine", flat[5_000])
    yield "up of 5,000 over terraform apply", up[5_000]["cpu_s"] / TERRAFORM_APPLY_5000_S, 0.05
    yield "preview of 10,000 over terraform plan", preview[10_000]["cpu_s"] / TERRAFORM_PLAN_10000_S, 1.0
    sdk[10_000] = measure("sdk", flat[10_000])
    yield "peak memory over the SDK's own, 10,000", up[10_000]["peak_mb"] / sdk[10_000]["peak_mb"], 1.3
    for width, depth in ((1, 30), (10, 10), (50, 4), (100, 5)):
        chains = CHAINS.format(width=width, depth=depth)
        ran = measure("engine", chains, latency_s=LATENCY_S)
        # The slowest chain, from its first call to its last one's end, against the same under an empty monitor:
        # between two calls the SDK resolves outputs and serialises, whatever the engine.
        ideal = measure("sdk", chains, latency_s=LATENCY_S)
        yield f"makespan over the ideal, {width} x {depth}", ran["longest_chain_s"] / ideal["longest_chain_s"], 1.05


def main(arguments: list[str]) -> int:
    """Print the bars, or one measurement for a parent process."""
    if arguments[:1] == ["--one"]:
        order = json.loads(arguments[1])
        run: Callable[..., dict[str, float]] = run_sdk if order["what"] == "sdk" else run_engine
        sys.stdout.write(json.dumps(run(order["program"], **order["settings"])) + "\n")
        return 0
    return report(bars())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
