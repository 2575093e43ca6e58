"""A whole run of the engine whose lock is taken away while it works."""

import threading

import pytest

from bench.engine import HEADER, STACK, Factories, NoOpProvider
from reconciler import errors, wiring
from reconciler.backend import leases
from reconciler.backend.addresses import open_store
from reconciler.backend.stacks import Backend
from reconciler.contract import protocol
from reconciler.deploy import events
from reconciler.deploy.options import Kind, RunOptions
from tests.backend.stacks import files

PROGRAM = """
first = Thing("first", size=1)
second = Thing("second", size=first.out)
"""


class Cancelling(Factories):
    """Its first create takes as long as the run's lock is taken away, and the run has found out."""

    def __init__(self, backend):
        super().__init__()
        self.backend = backend
        self.calls = []

    def create(self, origin):
        factories = self

        class Provider(NoOpProvider):
            async def create(self, request):
                factories.calls.append(request.urn.rpartition("::")[2])
                assert factories.backend.remove_locks(STACK) == 1
                beating = next(thread for thread in threading.enumerate() if thread.name == "lease")
                beating.join(20)
                return protocol.CreateResponse(id="id", outputs={**request.inputs, "out": "x"})

        return Provider(0.0, {})


@pytest.mark.slow
def test_a_run_that_was_cancelled_calls_no_provider_and_writes_nothing_more(s3, tmp_path):
    (tmp_path / "__main__.py").write_text(HEADER + PROGRAM)
    store = open_store(s3.url, s3.environment)
    backend = Backend(store, terms=leases.Terms(lease_s=30, beat_s=0.05))
    backend.create_stack(STACK)
    before = backend.read(STACK).content
    factories, told = Cancelling(backend), []
    request = wiring.RunRequest(
        root=tmp_path,
        entry=tmp_path,
        stack=STACK,
        backend=backend,
        secrets=None,
        config={},
        secret_keys=frozenset(),
        options=RunOptions(kind=Kind.UPDATE, parallel=4),
    )

    with pytest.raises(errors.LockLostError):
        wiring.run(request, told.append, factories)

    assert factories.calls == ["first"], "no call goes out without the lock"
    assert any(isinstance(event, events.StepFailed) and "writes no more" in str(event.error) for event in told)
    assert backend.read(STACK).content == before
    assert not any(key.startswith("history") for key in files(backend))
    # What it had done is not lost: the next run finds it.
    left = backend.load(STACK).snapshot
    recorded = {resource.urn for resource in left.resources} | {pending.resource.urn for pending in left.pending}
    assert any(urn.endswith("::first") for urn in recorded)
