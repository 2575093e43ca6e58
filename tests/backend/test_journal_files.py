"""The journal on disk."""

import asyncio
import os
import threading
from dataclasses import dataclass

import pytest

from reconciler import errors
from reconciler.backend.folders import FolderStore
from reconciler.backend.journal_files import FileJournals, JournalFile
from reconciler.backend.run_journals import must_sync
from reconciler.state import journal_records, journals
from tests.backend.stacks import DEV, create, creating, thing
from tests.state.arbitrary import cipher

HEADER = journal_records.Header(base="b", operation="update", started="t")


def open_journal(tmp_path):
    return JournalFile(FolderStore(tmp_path), "journals/dev.journal", HEADER, cipher())


def read(tmp_path):
    return journal_records.parse_journal((tmp_path / "journals" / "dev.journal").read_bytes(), cipher())


def test_entries_are_in_the_file_as_soon_as_they_are_written(tmp_path):
    journal = open_journal(tmp_path)

    create(journal, 0, 1)

    assert read(tmp_path).header == HEADER
    assert read(tmp_path).entries == journal.entries
    assert len(journal.entries) == 2
    journal.end(journal_records.Closing("c"))
    journal.close()
    journal.close()
    assert read(tmp_path).closing == journal_records.Closing("c")


def test_only_what_a_provider_call_depends_on_is_flushed_at_once(tmp_path, monkeypatch):
    journal = open_journal(tmp_path)
    flushes = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (flushes.append(descriptor), real(descriptor)))

    journal.write(journals.Kept(1, 0))
    journal.write(journals.Put(2, thing(1)))
    assert flushes == []
    journal.write(journals.Kept(3, 0), sync=True)
    assert len(flushes) == 1
    journal.write(journals.Began(4, creating(2)), sync=False)
    assert len(flushes) == 1
    journal.write(journals.Put(5, thing(2), ends=4))
    assert len(flushes) == 2
    journal.flush()
    assert len(flushes) == 2, "there is nothing more to flush"
    journal.close()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (journals.Began(1, creating(1)), True),
        (journals.Put(2, thing(1), ends=1), True),
        (journals.Put(2, thing(1)), False),
        (journals.Forgot(2, (), ends=1), True),
        (journals.Forgot(2, ()), False),
        (journals.Amended(2, journals.Old(0), thing(1), ends=1), True),
        (journals.Amended(2, journals.Old(0), thing(1)), False),
        (journals.Kept(1, 0), False),
        (journals.Failed(2, 1), False),
    ],
)
def test_losing_sight_of_a_provider_call_is_what_must_not_happen(entry, expected):
    assert must_sync(entry) is expected


def test_many_threads_write_whole_entries(tmp_path):
    journal = open_journal(tmp_path)

    def write(start):
        for number in range(start, start + 50):
            journal.write(journals.Kept(number, number), sync=number % 10 == 0)

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 50, 100, 150)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()

    text = read(tmp_path)
    assert text.findings == ()
    assert sorted(entry.number for entry in text.entries) == list(range(200))
    assert text.entries == journal.entries


def test_a_journal_never_overwrites_another(tmp_path):
    open_journal(tmp_path).close()

    with pytest.raises(errors.BackendError):
        open_journal(tmp_path)


def test_writing_after_the_end_is_refused(tmp_path):
    journal = open_journal(tmp_path)
    journal.close()

    with pytest.raises(errors.BackendError):
        journal.write(journals.Kept(1, 0))


@dataclass
class Holder:
    """A run's lock."""

    token: int
    holder: str = "run"
    is_fresh: bool = True

    def check(self):
        return None


def test_what_a_call_waits_for_was_read_by_who_takes_over_or_no_call_goes_out(tmp_path):
    store = FileJournals(FolderStore(tmp_path))
    journal = store.open(DEV, HEADER, cipher(), Holder(7))
    journal.append(journals.Began(1, creating(1)))
    asyncio.run(journal.durable())

    store.seal(DEV, Holder(8))

    assert journal_records.parse_journal(store.find(DEV), cipher()).entries == journal.entries
    journal.append(journals.Began(2, creating(2)))
    with pytest.raises(errors.LockLostError, match="another run has taken over"):
        asyncio.run(journal.durable())


def test_a_journal_that_was_removed_or_is_another_runs_lets_no_call_go_out(tmp_path):
    store = FileJournals(FolderStore(tmp_path))
    late = store.open(DEV, HEADER, cipher(), Holder(7))
    store.seal(DEV, Holder(8))
    store.remove(DEV)
    mine = store.open(DEV, HEADER, cipher(), Holder(8))

    for journal, entry in ((late, 1), (mine, 1)):
        journal.append(journals.Began(entry, creating(1)))
    with pytest.raises(errors.LockLostError):
        asyncio.run(late.durable())
    asyncio.run(mine.durable())
    late.discard()

    assert journal_records.parse_journal(store.find(DEV), cipher()).entries == mine.entries
    mine.discard()
    assert list((tmp_path / "journals").rglob("*.*")) == []


def test_a_seal_that_a_run_left_behind_when_it_died_ends_no_later_one(tmp_path):
    store = FileJournals(FolderStore(tmp_path))
    store.open(DEV, HEADER, cipher(), Holder(7)).close()
    store.seal(DEV, Holder(8))
    (next((tmp_path / "journals").rglob("*.journal"))).unlink()

    journal = store.open(DEV, HEADER, cipher(), Holder(9))
    journal.append(journals.Began(1, creating(1)))

    asyncio.run(journal.durable())
