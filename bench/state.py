"""What keeping state costs: `make bench-state`.

Prints a line per bar, `name  value  limit  ok|miss`, and exits 1 when one misses. Each measurement is a
process of its own. The S3 service is moto, in another process, which answers each request 50 ms late.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.bars import Bar, report
from bench.engine import HEADER, STACK, Factories
from reconciler import wiring
from reconciler.backend.addresses import open_backend
from reconciler.backend.folders import FolderStore
from reconciler.backend.operations import Intent, operation
from reconciler.backend.run_journals import file_key
from reconciler.backend.stacks import Backend
from reconciler.deploy.options import Kind, RunOptions
from reconciler.model import urns
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import freeze_map
from reconciler.state import journals
from reconciler.state.snapshots import Snapshot

LATENCY_S = 0.05
PARALLEL = 16
TYPE = "bench:index:Thing"
# 600 resources of 16 KB each, of inputs and outputs together.
LARGE = 'for i in range(600): Thing(f"t{i}", size=i, blob="x" * 8000)'


class CountingStore(FolderStore):
    """A folder that counts the bytes written to it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.written_bytes = 0

    def write(self, key: str, content: bytes) -> str:
        self.written_bytes += len(content)
        return super().write(key, content)

    def create(self, key: str, content: bytes) -> str | None:
        self.written_bytes += len(content)
        return super().create(key, content)

    def replace(self, key: str, content: bytes, tag: str) -> str | None:
        self.written_bytes += len(content)
        return super().replace(key, content, tag)


def thing(number: int, size_bytes: int = 800) -> Recorded:
    """A resource of about that size in state."""
    inputs = freeze_map({"name": f"thing-{number}", "blob": "x" * (size_bytes // 2 - 200)})
    urn = urns.build(STACK.stack, STACK.project, "", TYPE, f"t{number}")
    return Recorded(urn=urn, type=TYPE, custom=True, id=f"id-{number}", inputs=inputs, outputs=inputs)


def run_steps(count: int) -> dict[str, float]:
    """`count` creates in a folder, as many at a time as the engine would, nothing but their state."""
    with tempfile.TemporaryDirectory() as folder:
        store = CountingStore(Path(folder) / ".pulumi")
        backend = Backend(store)
        backend.create_stack(STACK)
        store.written_bytes = 0
        things = [thing(number) for number in range(count)]
        began_s = time.monotonic()
        with operation(backend, STACK, None, Intent(kind="update")) as run:

            async def step(number: int, slots: asyncio.Semaphore) -> None:
                async with slots:
                    pending = PendingOperation(type=PendingType.CREATING, resource=things[number])
                    run.journal.append(journals.Began(2 * number, pending))
                    await run.journal.durable()
                    run.journal.append(journals.Put(2 * number + 1, things[number], ends=2 * number))

            async def steps() -> None:
                slots = asyncio.Semaphore(PARALLEL)
                await asyncio.gather(*(step(number, slots) for number in range(count)))

            asyncio.run(steps())
            journal_bytes = store.path(file_key(STACK)).stat().st_size
            run.finish("succeeded")
        took_s = time.monotonic() - began_s
        state_bytes = len(backend.read(STACK).content)
        return {
            "step_ms": took_s * 1000 / count,
            "step_bytes": journal_bytes / count,
            "over_state": (store.written_bytes + journal_bytes) / state_bytes,
        }


def run_up(url: str) -> dict[str, float]:
    """One `up` of the program of large resources, from opening the backend to its end."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "__main__.py").write_text(HEADER + LARGE)
        began_s = time.monotonic()
        backend = open_backend(url, os.environ)
        request = wiring.RunRequest(
            root=root,
            entry=root,
            stack=STACK,
            backend=backend,
            secrets=None,
            config={},
            secret_keys=frozenset(),
            options=RunOptions(kind=Kind.UPDATE, parallel=PARALLEL),
        )
        summary = wiring.run(request, lambda _event: None, Factories())
        took_s = time.monotonic() - began_s
        assert summary.result == "succeeded", summary
        return {"took_s": took_s, "changes": float(sum(summary.changes.values()))}


def run_load(count: int, size_bytes: int) -> dict[str, float]:
    """Loading a large state."""
    with tempfile.TemporaryDirectory() as folder:
        backend = open_backend(f"file://{folder}", {})
        backend.create_stack(STACK)
        backend.save(STACK, Snapshot(resources=tuple(thing(number, size_bytes) for number in range(count))))
        size_mb = len(backend.read(STACK).content) / 1_000_000
        script = (
            "import json,resource,time;from reconciler.backend.addresses import open_backend;"
            "from bench.engine import STACK;"
            f"b=time.process_time();n=len(open_backend('file://{folder}',{{}}).load(STACK).snapshot.resources);"
            "print(json.dumps({'load_s':time.process_time()-b,'count':n,"
            "'peak_mb':resource.getrusage(resource.RUSAGE_SELF).ru_maxrss/1024}))"
        )
        done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, float] = json.loads(done.stdout)
        return {**found, "size_mb": size_mb}


def serve() -> None:
    """Serve S3, late, until standard input ends; prints the port."""
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = DomainDispatcherApplication(create_backend_app)
    count = 0

    def late(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        nonlocal count
        if environ["PATH_INFO"] == "/requests":
            start_response("200 OK", [])
            return [str(count).encode()]
        count += 1
        time.sleep(LATENCY_S)
        return app(environ, start_response)

    server = make_server("127.0.0.1", 0, late, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


@contextmanager
def s3() -> Iterator[tuple[str, Callable[[], int]]]:
    """A backend's URL in a bucket of its own, and how many requests there have been."""
    import httpx

    server = subprocess.Popen([sys.executable, "-m", "bench.state", "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{int(server.stdout.readline())}"
        httpx.put(f"{address}/bench-bucket").raise_for_status()
        keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_REGION": "us-east-1"}
        os.environ.update(keys)
        yield f"s3://bench-bucket/state?endpoint={address}", lambda: int(httpx.get(f"{address}/requests").text)
    finally:
        server.kill()
        server.wait()


RUNS: dict[str, Callable[..., dict[str, float]]] = {"steps": run_steps, "up": run_up, "load": run_load}


def measure(what: str, *arguments: object) -> dict[str, float]:
    """Run one measurement in a process of its own."""
    order = json.dumps({"what": what, "arguments": arguments})
    done = subprocess.run(
        [sys.executable, "-m", "bench.state", "--one", order], stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def bars() -> Iterator[Bar]:
    """Each bar: what, its value, its limit."""
    steps = {count: measure("steps", count) for count in (100, 1_000, 10_000)}
    for count, found in steps.items():
        yield f"bytes written over the state's, {count:,}", found["over_state"], 5.0
        yield (
            f"journal bytes per step, {count:,}, over those of 100",
            found["step_bytes"] / steps[100]["step_bytes"],
            1.05,
        )
        yield f"time per step, {count:,}, ms", found["step_ms"], 20.0
    with s3() as (url, requests):
        open_backend(url, os.environ).create_stack(STACK)
        before = requests()
        yield "S3 + 50 ms: create of 600 x 16 KB, s", measure("up", url)["took_s"], 15.0
        between = requests()
        yield "S3 + 50 ms: its requests", float(between - before), 600.0
        yield "S3 + 50 ms: no-op of 600 x 16 KB, s", measure("up", url)["took_s"], 5.0
        yield "S3 + 50 ms: its requests", float(requests() - between), 60.0
    load = measure("load", 30_000, 3_040)
    yield f"load of 30,000 resources, {load['size_mb']:.0f} MB, s of CPU", load["load_s"], 15.0
    yield "peak memory of it, MB", load["peak_mb"], 1_500.0


def main(arguments: list[str]) -> int:
    """Print the bars, or one measurement for a parent process."""
    if arguments[:1] == ["--serve"]:
        serve()
        return 0
    if arguments[:1] == ["--one"]:
        order = json.loads(arguments[1])
        found = RUNS[order["what"]](*order["arguments"])
        found["own_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(json.dumps(found) + "\n")
        return 0
    return report(bars())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
