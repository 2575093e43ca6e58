"""The journal of a run in a bucket: groups, order, seals."""

import asyncio
import threading
from dataclasses import dataclass

import pytest

from reconciler import errors
from reconciler.backend.addresses import open_store
from reconciler.backend.journal_objects import JournalObjects, ObjectJournals
from reconciler.state import journal_records, journals
from tests.backend.stacks import DEV, create, creating, thing
from tests.state.arbitrary import cipher

HEADER = journal_records.Header(base="b", operation="update", started="t")
FOLDER = "journals/shop/dev/00000007-run"


@dataclass
class Holder:
    """A run's lock: number 7, of `run`."""

    token: int = 7
    holder: str = "run"
    is_fresh: bool = True

    def check(self):
        if not self.is_fresh:
            raise errors.LockLostError("it is another's")


@pytest.fixture
def store():
    return open_store("mem://", {})


class Held:
    """A store whose puts wait until they are let go, in any order."""

    def __init__(self, store):
        self.store = store
        self.gates = {}
        self.arrived = threading.Condition()
        self.open = set()
        self.there = set()

    def create(self, key, content):
        gate = threading.Event()
        number = int(key.rpartition("/")[2])
        with self.arrived:
            self.gates[number] = gate
            self.arrived.notify_all()
        if number not in self.open:
            assert gate.wait(20)
        tag = self.store.create(key, content)
        with self.arrived:
            self.there.add(number)
            self.arrived.notify_all()
        return tag

    def wait_for(self, number):
        with self.arrived:
            assert self.arrived.wait_for(lambda: number in self.gates, 20)

    def wait_until_there(self, number):
        with self.arrived:
            assert self.arrived.wait_for(lambda: number in self.there, 20)

    def __getattr__(self, name):
        return getattr(self.store, name)


def open_journal(store, guard=None):
    return ObjectJournals(store).open(DEV, HEADER, cipher(), guard or Holder())


def parsed(store):
    return journal_records.parse_journal(ObjectJournals(store).find(DEV), cipher())


def test_what_was_made_durable_is_there_in_order(store):
    journal = open_journal(store)
    create(journal, 0, 1)
    create(journal, 1, 3)
    journal.end(journal_records.Closing("c"))
    journal.close()
    journal.close()

    text = parsed(store)
    assert text.header == HEADER
    assert text.entries == journal.entries
    assert len(text.entries) == 4
    assert text.closing == journal_records.Closing("c")
    assert text.findings == ()
    assert all(key.startswith(FOLDER) for key in store.keys("journals"))
    journal.discard()
    assert store.keys("journals") == ()
    assert ObjectJournals(store).find(DEV) is None


def test_entries_that_come_while_objects_are_on_their_way_share_one(store):
    held = Held(store)
    held.open = {1}
    journal = open_journal(held)

    async def steps():
        waiting = []
        for number in range(100):
            journal.append(journals.Began(number, creating(number)))
            waiting.append(asyncio.ensure_future(journal.durable()))
        await asyncio.sleep(0)
        await asyncio.to_thread(held.wait_for, 2)
        for number in sorted(held.gates):
            held.gates[number].set()
        held.open = set(range(1000))
        await asyncio.gather(*waiting)

    asyncio.run(steps())
    journal.close()

    assert len(parsed(store).entries) == 100
    assert len(store.keys("journals")) < 12, "a hundred steps are a few requests"


def test_an_entry_is_durable_only_when_all_before_it_are(store):
    held = Held(store)
    held.open = {1}
    journal = open_journal(held)

    async def steps():
        journal.append(journals.Began(1, creating(1)))
        first = asyncio.ensure_future(journal.durable())
        await asyncio.to_thread(held.wait_for, 2)
        journal.append(journals.Began(2, creating(2)))
        second = asyncio.ensure_future(journal.durable())
        await asyncio.to_thread(held.wait_for, 3)
        held.gates[3].set()
        await asyncio.to_thread(held.wait_until_there, 3)
        assert not second.done(), "its predecessor is still on its way"
        assert parsed(store).entries == (), "a reader stops at the gap"
        assert "dropped" in parsed(store).findings[0]
        held.gates[2].set()
        await asyncio.gather(first, second)

    asyncio.run(steps())
    journal.close()

    assert len(parsed(store).entries) == 2


def test_who_takes_over_seals_the_journal_and_the_late_writer_is_refused(store):
    journal = open_journal(store)
    create(journal, 1, 1)
    ObjectJournals(store).seal(DEV, Holder(token=8, holder="next"))

    with pytest.raises(errors.LockLostError) as caught:
        journal.write(journals.Began(3, creating(3)))

    assert "another run has put an end" in caught.value.detail
    with pytest.raises(errors.LockLostError):
        asyncio.run(journal.durable())
    with pytest.raises(errors.LockLostError):
        journal.end(journal_records.Closing("c"))
    assert len(parsed(store).entries) == 2
    assert parsed(store).findings == ()
    journal.close()


def test_a_run_without_its_lock_lets_no_call_go_out(store):
    guard = Holder()
    journal = open_journal(store, guard)
    journal.append(journals.Began(1, creating(1)))
    guard.is_fresh = False

    with pytest.raises(errors.LockLostError):
        asyncio.run(journal.durable())
    journal.close()


def test_what_a_died_run_led_to_is_noted_behind_its_seal(store):
    journal = open_journal(store)
    create(journal, 1, 1)
    journal.close()
    kept = ObjectJournals(store)

    kept.seal(DEV, Holder(token=8))
    kept.finish(DEV, kept.find(DEV), journal_records.render_closing(journal_records.Closing("c")))

    assert len(parsed(store).entries) == 2
    assert parsed(store).closing == journal_records.Closing("c")
    kept.remove(DEV)
    assert store.keys("journals") == ()


def test_a_journal_that_is_half_removed_is_none(store):
    journal = open_journal(store)
    create(journal, 1, 1)
    journal.close()
    store.remove(f"{FOLDER}/00000001")

    assert ObjectJournals(store).find(DEV) is None
    ObjectJournals(store).seal(DEV, Holder(token=8))
    ObjectJournals(store).remove(DEV)
    assert store.keys("journals") == ()


def test_of_two_journals_the_later_lock_s_counts(store):
    ObjectJournals(store).open(DEV, HEADER, cipher(), Holder(token=3)).close()
    journal = ObjectJournals(store).open(DEV, HEADER, cipher(), Holder(token=11))
    journal.write(journals.Put(1, thing(1)))
    journal.close()

    assert len(parsed(store).entries) == 1


def test_a_store_that_fails_stops_the_run_before_its_next_call(store):
    class Failing:
        def create(self, key, content):
            if key.endswith("2"):
                raise errors.BackendError("no space")
            return store.create(key, content)

        locate = store.locate

    journal = JournalObjects(Failing(), FOLDER, HEADER, cipher())

    with pytest.raises(errors.BackendError):
        journal.write(journals.Began(1, creating(1)))
    journal.append(journals.Failed(2, 1))
    with pytest.raises(errors.BackendError):
        asyncio.run(journal.durable())
    journal.close()
    with pytest.raises(errors.BackendError):
        journal.append(journals.Failed(3, 1))


@pytest.mark.slow
def test_a_group_that_was_put_twice_is_there_once(s3, s3_store):
    faults = iter([None, "500-after", "503", "500-after"])
    s3.fault = lambda method, path: next(faults, None) if method == "PUT" else None

    journal = open_journal(s3_store)
    create(journal, 1, 1)
    create(journal, 2, 3)
    journal.close()

    assert len(parsed(s3_store).entries) == 4
    assert parsed(s3_store).findings == ()


def test_bytes_per_step_do_not_grow_with_the_run(store):
    written = []

    class Counting:
        def create(self, key, content):
            written.append(len(content))
            return store.create(key, content)

        locate = store.locate

    journal = JournalObjects(Counting(), FOLDER, HEADER, cipher())
    sums = []
    for number in range(200):
        create(journal, 5, 2 * number)
        sums.append(sum(written))
    journal.close()

    assert sums[199] - sums[99] <= 1.05 * (sums[99] - written[0])
