"""A backend with one stack, and things to put into it."""

import itertools

from reconciler.backend.folders import FolderStore
from reconciler.backend.operations import Intent
from reconciler.backend.references import StackReference
from reconciler.backend.stacks import Backend
from reconciler.backend.stores import read
from reconciler.model.resources import PendingOperation, PendingType, Recorded
from reconciler.model.values import Secret
from reconciler.state import journals
from tests.state.arbitrary import cipher, urn

DEV = StackReference("shop", "dev")
UP = Intent(kind="update", message="first", environment={"git.head": "abc"}, config={"shop:a": "b"})
START_NS = 1_795_000_000_000_000_000


def clock():
    """A clock that goes one millisecond ahead whenever it is read."""
    ticks = itertools.count(START_NS, 1_000_000)
    return lambda: next(ticks)


def backend(place, **options):
    """A backend in a folder, or in a store."""
    store = place if hasattr(place, "find") else FolderStore(place / ".pulumi")
    return Backend(store, **({"url": f"file://{place}", "now_ns": clock()} | options))


def new_stack(place, **options):
    store = backend(place, **options)
    store.create_stack(DEV, cipher().state)
    return store


def thing(number, **fields):
    return Recorded(urn=urn(number), type="test:index:Thing", custom=True, id=f"id-{number}", **fields)


def creating(number):
    return PendingOperation(type=PendingType.CREATING, resource=thing(number), operation_id=f"op-{number}")


def create(journal, number, entry):
    """What a deployment writes around the creation of one resource; `entry` is the number of the first of the two."""
    journal.write(journals.Began(entry, creating(number)))
    journal.write(journals.Put(entry + 1, thing(number, outputs={"password": Secret("hunter2")}), ends=entry))


def files(backend):
    """Key -> content of every object, leases left out."""
    return {key: read(backend.store, key) for key in backend.store.keys("") if not key.startswith("leases/")}
