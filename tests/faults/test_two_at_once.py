"""Two runs of one stack, a run that sleeps past its lease, clocks that are wrong, a bucket that stumbles."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading

import pytest
from lives import new_life
from programs import HEADER, WAITING
from rows import fault

from reconciler.backend.leases import read as read_lease

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SKIPPING = ("--yes", "--skip-preview")


def stored(life):
    """Everything in the backend, but a late record: its journal is gone, so that it belongs to nothing."""
    store = life.backend.store
    return {key: store.find(key).content for key in store.keys("") if not key.startswith("journals/")}


@fault(4)
def test_of_two_runs_one_writes_and_the_other_is_told_who_does(life, other_starter, row):
    life.write(WAITING)
    first = life.begin_and_wait()

    refused = {}
    for verb in ("up", "destroy", "refresh"):
        second = life.start(verb, *SKIPPING, starter=other_starter)
        assert second.has_ended(60)
        refused[verb] = second.code, second.text
    preview = life.start("preview", starter=other_starter)
    assert preview.has_ended(60)
    shown = preview.text
    exported = life.start("stack", "export", starter=other_starter)
    assert exported.has_ended(60)
    life.cloud.go()
    assert first.has_ended(60)

    assert first.code == 0, first.text
    for code, text in refused.values():
        assert code > 0
        assert f"(pid {first.pid}) at " in text
        assert "s ago" in text
        assert "pulumi cancel" in text
    assert (preview.code, exported.code) == (0, 0), shown
    assert "+ 1 to create" in shown, shown
    assert len(life.cloud.rest(life.stack).objects) == 2
    life.changes_nothing()


@fault(5)
@pytest.mark.parametrize("kind", ["file", "s3"])
def test_a_run_that_was_stopped_past_its_lease_writes_nothing_more(
    request, tmp_path, cloud, starter, other_starter, kind, row
):
    place = request.getfixturevalue({"file": "folder_place", "s3": "s3_place"}[kind])
    life = new_life(tmp_path, place, cloud, starter)
    variables = {"FLOWFORGE_LOCK_LEASE_SECONDS": "1"}
    life.write(WAITING)
    sleeper = life.begin_and_wait(variables=variables)
    os.kill(sleeper.pid, signal.SIGSTOP)

    cloud.go()
    later = life.start("up", *SKIPPING, "--lock-wait", "60s", starter=other_starter, variables=variables)
    assert later.has_ended(60)
    told = later.text
    before = stored(life)
    os.kill(sleeper.pid, signal.SIGCONT)
    assert sleeper.has_ended(60)

    assert later.code == 0, told
    assert "gave no sign of life" in told
    assert sleeper.code > 0
    assert "writes no more" in sleeper.text
    assert stored(life) == before
    assert len(cloud.rest(life.stack).objects) == 2
    life.changes_nothing()


@fault(5)
def test_a_run_whose_lock_was_removed_by_hand_writes_nothing_more(life, other_starter, row):
    life.write(WAITING)
    late = life.begin_and_wait()
    os.kill(late.pid, signal.SIGSTOP)
    state, file = life.backend.store, f"stacks/shop/{life.stack}.json"
    state.remove(f"leases/shop/{life.stack}.json", *state.keys("locks"))
    life.cloud.go()
    life.cloud.rest(life.stack)

    # Nobody holds the stack by now: who comes has it at once, and takes over what was begun.
    later = life.start("refresh", *SKIPPING, starter=other_starter)
    assert later.has_ended(60)
    before = state.find(file).content
    os.kill(late.pid, signal.SIGCONT)
    assert late.has_ended(60)

    assert later.code == 0, later.text
    assert late.code > 0
    assert "writes no more" in late.text
    assert state.find(file).content == before
    assert len(life.cloud.rest(life.stack).objects) == 2
    life.changes_nothing()


# A `pulumi` on a machine whose clock is wrong by so many seconds.
SKEWED = """
import sys, time
offset_s = float(sys.argv.pop(1))
now_s, now_ns = time.time, time.time_ns
time.time = lambda: now_s() + offset_s
time.time_ns = lambda: now_ns() + int(offset_s * 1e9)
from reconciler.cli.main import main
sys.argv[0] = "pulumi"
main()
"""


def skewed(life, offset_s, *arguments, **variables):
    return subprocess.run(
        [sys.executable, "-c", SKEWED, str(offset_s), *arguments, "--stack", life.stack],
        cwd=life.folder / "project",
        env={**life.environment(), **variables},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@fault(7)
@pytest.mark.parametrize("offset_s", [3600, -3600])
def test_a_clock_that_is_an_hour_off_takes_over_no_live_lock(life, offset_s, row):
    life.write(WAITING)
    first = life.begin_and_wait(variables={"FLOWFORGE_LOCK_LEASE_SECONDS": "2"})

    second = skewed(life, offset_s, "up", *SKIPPING, TZ="America/New_York", FLOWFORGE_LOCK_LEASE_SECONDS="2")
    life.cloud.go()
    assert first.has_ended(60)

    assert second.returncode > 0
    assert "currently locked" in second.stdout + second.stderr
    assert first.code == 0, first.text
    life.changes_nothing()


@fault(7)
def test_the_latest_state_is_that_of_the_latest_run_whatever_the_clocks_said(life, row):
    tokens = []
    for size, offset_s in ((1, 3600), (2, -7200), (3, 0)):
        life.write(HEADER + f"Thing('a', size={size}, zone='x')\n")
        done = skewed(life, offset_s, "up", *SKIPPING)
        assert done.returncode == 0, done.stdout + done.stderr
        tokens.append(read_lease(life.backend.store, f"leases/shop/{life.stack}.json").token)

    (thing,) = life.cloud.rest(life.stack).objects.values()
    assert thing["size"] == 3
    assert tokens == sorted(set(tokens))
    assert len(life.backend.history(life.reference)) == 3
    life.changes_nothing()


@fault(8)
def test_runs_on_a_bucket_that_stumbles_lose_nothing_and_ask_again(tmp_path, s3_place, cloud, starter, row):
    chance, lock, faults = random.Random(8), threading.Lock(), []

    def stumble(method, path):
        with lock:
            if chance.random() < 0.8:
                return None
            faults.append(chance.choice(["503", "429", "500-after"] if method == "PUT" else ["503", "429"]))
            return faults[-1]

    life = new_life(tmp_path, s3_place, cloud, starter)
    life.write(HEADER + "".join(f"Thing('t{number}', zone='x')\n" for number in range(10)))
    s3_place.stumble(stumble)
    try:
        code, text = life.run("up")
        again = life.run("up", "--expect-no-changes")
    finally:
        s3_place.stumble(None)

    assert code == 0, text
    assert again[0] == 0, again[1]
    assert {"503", "429", "500-after"} == set(faults)
    assert len(cloud.rest(life.stack).objects) == 10
    life.changes_nothing()
