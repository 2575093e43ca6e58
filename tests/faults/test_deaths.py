"""Runs that die, or whose writes are refused, at any write: real processes, a service that outlives them."""

from __future__ import annotations

import base64
import errno
import json
import os
import signal
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from lives import Place, new_life
from programs import HEADER, Program, Wanted
from rows import fault
from starting import Starter

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FIRST = Program((Wanted("a", 1, "x"), Wanted("b", 1, "x", "a"), Wanted("u", 1, "x", unique=True)))
# One is made, one changed, one replaced before its old object goes and one after, one removed.
SECOND = Program((Wanted("a", 2, "x"), Wanted("c", 1, "x", "a"), Wanted("u", 1, "y", unique=True)))
CANARY = 'c4n4ry/+value=1 &2 <of "it">'


def reaches(life, verb, program):
    """The run that is not disturbed ends well, and everything agrees."""
    code, text = life.run(verb)
    assert code == 0, text
    life.check_settled(program)


@fault(1, sampled=True)
def test_kills_at_random_moments_lose_nothing(tmp_path, folder_place, cloud, starter, row):
    """A taste of `make faults KILLS=n`."""
    kills = 0
    while not kills:  # on a quick machine all runs of a life may end before they are killed; the test's timeout ends it
        life = new_life(tmp_path, folder_place, cloud, starter, is_short=True, most_kills_of_a_phase=3)
        life.live()
        kills += life.tally.kills
        assert (life.tally.forgotten, life.tally.twice) == (0, 0)


@fault(1)
@pytest.mark.parametrize(("verb", "before", "program"), [
    pytest.param("up", None, FIRST, id="a first up"),
    pytest.param("up", FIRST, SECOND, id="a change"),
    pytest.param("refresh", FIRST, FIRST, id="a refresh"),
    pytest.param("destroy", SECOND, None, id="a destroy"),
])  # fmt: skip
def test_a_kill_at_any_write_of_a_process_loses_nothing(
    tmp_path, folder_place, cloud, starter, verb, before, program, row
):
    at = 0
    while True:
        life = new_life(tmp_path, folder_place, cloud, starter)
        if before is not None:
            life.write(before.render(life.stack))
            reaches(life, "up", before)
        if program is not None:
            life.write(program.render(life.stack))

        died = life.start(verb, "--yes", "--skip-preview", at=at, wrong="SIGKILL")
        assert died.has_ended(60), died.text
        life.check_nothing_is_lost()
        reaches(life, verb, program)
        if died.code == 0:
            break
        assert died.code == -signal.SIGKILL
        at += 1

    assert at > 12, "the kills went through the whole run"
    if program is not None:
        life.changes_nothing()


def leave_a_journal(life):
    """Kill a run while its second object is made; the journal's file."""
    life.write(
        HEADER + "a = Thing('a', size=1, zone='x')\nThing('b', size=1, zone='x', source=a.serial, fault='waits')\n"
    )
    life.cloud.hold()
    died = life.start("up", "--yes", "--skip-preview")
    life.cloud.wait_for_calls(2)
    died.kill()
    life.cloud.go()
    life.check_nothing_is_lost()
    (journal,) = (life.backend.store.root / "journals").rglob("*.journal")
    return journal


@fault(2)
@pytest.mark.parametrize("tail", [
    pytest.param(lambda content: content.splitlines(keepends=True)[-1][:40], id="half a record"),
    pytest.param(lambda content: b"\0" * 4096, id="zeros"),
    pytest.param(lambda content: content.splitlines(keepends=True)[-1].replace(b"a", b"b"), id="flipped bits"),
])  # fmt: skip
def test_what_a_power_cut_left_of_a_record_is_dropped_with_one_warning(life, tail, row):
    journal = leave_a_journal(life)
    content = journal.read_bytes()
    journal.write_bytes(content + tail(content))

    code, text = life.run("up")

    assert code == 0, text
    assert text.partition("Diagnostics:")[2].count("dropped") == 1, text
    assert len(life.cloud.rest(life.stack).objects) == 2
    life.check_nothing_is_lost()
    life.changes_nothing()


@fault(2)
def test_a_state_that_is_cut_short_is_refused_and_left_alone(life, row):
    life.write(FIRST.render(life.stack))
    reaches(life, "up", FIRST)
    state = life.backend.store.root / "stacks" / "shop" / f"{life.stack}.json"
    whole = state.read_bytes()
    state.write_bytes(whole[: len(whole) // 2])

    code, text = life.run("up")

    assert code != 0
    assert state.name in text
    assert state.read_bytes() == whole[: len(whole) // 2]
    assert len(life.cloud.rest(life.stack).objects) == 3
    state.write_bytes(whole)
    life.changes_nothing()


@fault(3)
@pytest.mark.parametrize("wrong", ["ENOSPC", "EIO", "EROFS", "EDQUOT"])
def test_a_disk_that_fails_at_any_write_stops_the_run_and_loses_nothing(
    tmp_path, folder_place, cloud, starter, wrong, row
):
    at = 0
    while True:
        life = new_life(tmp_path, folder_place, cloud, starter)
        life.write(FIRST.render(life.stack))
        reaches(life, "up", FIRST)
        life.write(SECOND.render(life.stack))

        stopped = life.start("up", "--yes", "--skip-preview", at=at, wrong=wrong)
        assert stopped.has_ended(60)
        text = stopped.text
        life.check_nothing_is_lost()
        reaches(life, "up", SECOND)
        if stopped.code == 0:
            break
        assert stopped.code > 0, (at, stopped.code, text)
        assert os.strerror(getattr(errno, wrong)) in text, (at, text)
        assert "Traceback" not in text
        at += 3

    assert at > 12


@fault(3, sampled=True)
def test_no_call_goes_out_after_a_write_that_was_refused(life, row):
    chain = (
        "before = None\nfor i in range(40):\n    before = Thing(f't{i}', zone='x', source=before and before.serial)\n"
    )
    life.write(HEADER + chain)

    stopped = life.start("up", "--yes", "--skip-preview", limit_bytes=20_000)
    assert stopped.has_ended(60)

    made = len(life.cloud.rest(life.stack).objects)
    journal = next((life.backend.store.root / "journals").rglob("*.journal"))
    assert stopped.code > 0
    assert "File too large" in stopped.text
    assert 2 < made < 40
    assert journal.stat().st_size == 20_000, "the last record is torn, really"
    life.check_nothing_is_lost()
    assert len(life.state().resources) + len(life.state().pending) >= made
    code, text = life.run("up")
    assert code == 0, text
    assert len(life.cloud.rest(life.stack).objects) == 40
    life.changes_nothing()


@contextmanager
def small_disk(folder, size):
    """A starter whose runs see a small disk at `folder`, and where this process sees it."""
    folder.mkdir()
    script = 'mount -t tmpfs -o size=$0 none "$1" && shift && exec "$@"'
    try:
        started = Starter("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, size, str(folder))
        if not started.is_ready():
            started.stop()
            pytest.skip("this system lets nobody mount a disk of his own")
    except FileNotFoundError:
        pytest.skip("this system has no unshare")
    try:
        yield started, f"/proc/{started.pid}/root{folder}"
    finally:
        started.stop()


@fault(3)
def test_a_disk_that_fills_up_stops_the_run_and_shows_no_secret(tmp_path, cloud, row):
    with small_disk(tmp_path / "disk", "300k") as (started, seen):
        place = Place("file", f"file://{tmp_path / 'disk'}", {}, lambda stack: lambda: True, seen_url=f"file://{seen}")
        life = new_life(tmp_path, place, cloud, started, is_secret=True)
        text = "".join(f"Thing('t{i}', password=pulumi.Output.secret({CANARY!r} + '{i}' * 2000))\n" for i in range(60))
        life.write(HEADER + text)

        stopped = life.start("up", "--yes", "--skip-preview")
        assert stopped.has_ended(60)

        assert stopped.code > 0
        assert "No space left on device" in stopped.text
        assert CANARY not in stopped.text
        assert "c4n4ry" not in stopped.text
        made = len(life.cloud.rest(life.stack).objects)
        assert 0 < made < 60
        life.check_nothing_is_lost()
        assert life.state() is not None


@fault(6, sampled=True)
def test_the_lock_of_a_killed_run_is_taken_over_at_once_and_that_is_told(life, row):
    leave_a_journal(life)

    code, text = life.run("up")

    assert code == 0, text
    assert "took over the lock of" in text
    assert "runs no more" in text
    newest = life.backend.history(life.reference)[0]
    assert "runs no more" in newest["environment"]["lock.takenOver"]


def spellings(text):
    content = text.encode()
    return {text, json.dumps(text)[1:-1], base64.b64encode(content).decode(), quote(text, safe=""), quote(text)}


@fault(16)
def test_a_killed_run_leaves_its_secrets_nowhere(tmp_path, folder_place, cloud, starter, row):
    life = new_life(tmp_path, folder_place, cloud, starter, is_secret=True)
    temporary = life.folder / "tmp"
    temporary.mkdir()
    life.write(HEADER + f"a = Thing('a', password=pulumi.Output.secret({CANARY!r}), zone='x')\n"
               f"Thing('b', password=pulumi.Output.secret({CANARY!r}), source=a.serial, fault='waits')\n")  # fmt: skip
    cloud.hold()
    variables = {"TMPDIR": str(temporary)}
    flags = ("--event-log", str(life.folder / "events.json"), "--debug", "-v=9", "--logtostderr")
    died = life.start("up", "--yes", "--skip-preview", *flags, variables=variables)
    cloud.wait_for_calls(2)
    listed = Path(f"/proc/{died.pid}/cmdline").read_text()

    died.kill()
    cloud.go()

    files = [path for folder in (life.folder, life.backend.store.root) for path in folder.rglob("*") if path.is_file()]
    found = {path.name: path.read_text(errors="replace") for path in files if path.name != "__main__.py"}
    assert any(name.endswith(".journal") for name in found)
    assert "events.json" in found
    for where, text in {**found, "process list": listed}.items():
        for spelling in spellings(CANARY):
            assert spelling not in text, where
