"""Edits of the state and renamed stacks: cut off before any write, nothing is lost and it can be done again."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from reconciler import errors
from reconciler.backend import edits, operations
from reconciler.backend.references import StackReference
from reconciler.backend.renames import rename_stack
from reconciler.state import integrity, surgery
from tests.backend.stacks import DEV, UP, backend, create, files, new_stack, thing
from tests.state.arbitrary import cipher

PROD = StackReference("shop", "prod")


class CutError(Exception):
    """The process dies here."""


class Scissors:
    """A store that dies before its `at`-th change."""

    def __init__(self, store, at):
        self._store, self._left = store, at

    def __getattr__(self, name):
        method = getattr(self._store, name)
        if name not in ("write", "create", "replace", "remove"):
            return method

        def change(*arguments):
            self._left -= 1
            if self._left < 0:
                raise CutError
            return method(*arguments)

        return change


def filled(place):
    """A stack of two things, the second of which needs the first."""
    store = new_stack(place)
    with edits.opened(store, DEV, cipher()) as opened:
        first = thing(1)
        opened.save(replace(opened.snapshot, resources=(first, thing(2, dependencies=(first.urn,)))), "filled")
    return store


def cut_off(place, at, work):
    """Do the work in a process that dies before its `at`-th change; did it come to its end?"""
    dying = backend(place)
    dying.store = Scissors(dying.store, at)
    try:
        work(dying)
    except CutError:
        return False
    return True


def forget(store):
    snapshot = store.load(DEV, cipher()).snapshot
    return edits.edit(store, DEV, cipher(), snapshot, lambda state: surgery.delete(state, [1]), "state delete")


@pytest.fixture(autouse=True)
def _no_flush(monkeypatch):
    """Only a power cut needs the flushes, and they take long."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)


@pytest.mark.slow
def test_an_edit_that_is_cut_off_is_made_or_not(tmp_path):
    done, at = False, -1
    while not done:
        at += 1
        folder = tmp_path / str(at)
        store = filled(folder)
        before = store.load(DEV, cipher()).snapshot

        done = cut_off(folder, at, forget)

        after = backend(folder)
        found = after.load(DEV, cipher()).snapshot
        assert found in (before, surgery.delete(before, [1]))
        after.remove_locks(DEV)
        if found == before:
            assert not done
            forget(after)
        assert [one.id for one in after.load(DEV, cipher()).snapshot.resources] == ["id-1"]
    assert at > 5


@pytest.mark.slow
def test_a_rename_that_is_cut_off_leaves_the_old_stack_or_a_whole_new_one(tmp_path):
    done, at = False, -1
    while not done:
        at += 1
        folder = tmp_path / str(at)
        filled(folder)

        done = cut_off(folder, at, lambda dying: rename_stack(dying, DEV, PROD, cipher()))

        after = backend(folder)
        assert any(
            after.has_stack(stack) and len(after.load(stack, cipher()).snapshot.resources) == 2 for stack in (DEV, PROD)
        )
    assert at > 10


def test_a_rename_moves_everything_and_leaves_a_copy(tmp_path):
    store = filled(tmp_path)
    store.write_tags(DEV, {"a": "b"})

    edited = rename_stack(store, DEV, PROD, cipher())

    assert integrity.violations(edited.snapshot) == ()
    assert (store.stacks(), store.tags(PROD)) == ((PROD,), {"a": "b"})
    assert store.load(PROD, cipher()).snapshot == edited.snapshot
    assert all(":prod::" in one.urn for one in edited.snapshot.resources)
    kept = files(store)
    assert "stacks/shop/dev.json.bak" in kept
    assert not any(key.startswith(("history/shop/dev", "locks", "journals")) for key in kept)
    assert [record["kind"] for record in store.history(PROD)] == ["rename", "import"]


def test_an_edit_takes_over_what_a_dead_run_left(tmp_path):
    store = filled(tmp_path)
    with operations.operation(store, DEV, cipher(), UP) as run:
        create(run.journal, 3, 1)
        run.abandon = run.journal.close
    snapshot = store.load(DEV, cipher()).snapshot

    edited = edits.edit(
        store, DEV, cipher(), snapshot, lambda state: surgery.mark(state, None, protect=True), "protect"
    )

    assert {one.id for one in edited.snapshot.resources} == {"id-1", "id-2", "id-3"}
    assert all(one.protect for one in store.load(DEV, cipher()).snapshot.resources)
    assert not any(key.startswith("journals") for key in files(store))


def test_a_state_that_changed_since_it_was_shown_is_not_edited(tmp_path):
    store = filled(tmp_path)
    shown = store.load(DEV, cipher()).snapshot
    forget(store)
    before = files(store)

    with pytest.raises(errors.BackendError, match="changed by somebody else"):
        edits.edit(store, DEV, cipher(), shown, lambda state: state, "late")

    assert files(store) == before


def test_an_edit_that_would_break_a_rule_is_not_written(tmp_path):
    store = filled(tmp_path)
    before = files(store)

    with pytest.raises(errors.SnapshotIntegrityError), edits.opened(store, DEV, cipher()) as opened:
        opened.save(replace(opened.snapshot, resources=opened.snapshot.resources[1:]), "wrong")

    assert files(store) == before
