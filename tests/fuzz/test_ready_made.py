"""A failing case says itself as a test that can be pasted and run."""

from __future__ import annotations

import pytest
from cases import Asked, Case, Declared, Fault, Record, ready_made_test
from fuzz import Batch, batches, progress, run
from promises import BrokenPromiseError

from reconciler.plan import deletes, steps


def pasted(source: str):
    """The test function of a printed source."""
    module: dict[str, object] = {}
    exec(compile(source, "<pasted>", "exec"), module)
    return module["test_what_the_fuzzer_found"]


@pytest.mark.slow
def test_a_defect_of_the_engine_is_found_shrunk_and_printed_as_a_test_that_shows_it(monkeypatch):
    with monkeypatch.context() as defect:
        # The engine forgets what it should delete.
        defect.setattr(deletes, "decide_delete", lambda prior, **_: steps.Discard(prior))
        outcome = run(Batch("1", 100))
        test = pasted(outcome.test)

        with pytest.raises(BrokenPromiseError, match="no object is"):
            test()

    test()
    assert outcome.test in outcome.failure
    assert outcome.test.count("Record(") + outcome.test.count("Declared(") <= 10, outcome.test


def test_a_printed_case_is_the_case():
    case = Case(
        records=(
            Record(
                declared=Declared(name="a", secret='with "quotes"', aliases=("x", "y"), depends_on=("b",)), waits=True
            ),
            Record(
                declared=Declared(name="b", type="Unique", unique="n", trigger=0), under_way="creating", happened=True
            ),
        ),
        program=(Declared(name="c", delete_first=False),),
        asked=Asked(kind="destroy", targets=("a",)),
        faults=(Fault("create", "a", "lost"), Fault("read", "b")),
        cut=0,
        torn=3,
    )
    read: dict[str, object] = {"Asked": Asked, "Case": Case, "Declared": Declared, "Fault": Fault, "Record": Record}
    printed = ready_made_test(case).partition("keep(")[2].partition("from")[0].rstrip().removesuffix(")")

    assert eval(printed, read) == case


def test_batches_make_up_the_cases_and_have_seeds_of_their_own():
    drawn = list(batches(450, "7"))

    assert [batch.cases for batch in drawn] == [200, 200, 50]
    assert len({batch.seed for batch in drawn}) == 3


def test_progress_says_how_fast_it_goes_and_how_long_it_takes():
    assert progress(2500, 10000, 50.0) == "2,500 of 10,000 cases, 50 a second, 0:50 so far, 2:30 to go"
