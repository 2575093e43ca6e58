from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.cli.render.forecast import forecast


def record(took_s, kind="update", result="succeeded", **changes):
    return {"kind": kind, "result": result, "startTime": 100, "endTime": 100 + took_s, "resourceChanges": changes}


def test_a_run_takes_as_long_per_change_as_earlier_ones_did():
    history = [record(4, same=9), record(14, create=5, same=4), record(24, update=10)]

    assert forecast(history, "update", 20).total_s == 4 + 2 * 20


def test_other_kinds_and_failed_runs_tell_nothing():
    assert forecast([record(50, "destroy", delete=5), record(50, result="failed", create=5)], "update", 3) is None
    assert forecast([record(4, same=9)], "update", 3) is None
    assert forecast([record(50, create=5)], "update", 0) is None


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "kind": st.just("update"),
                "result": st.just("succeeded"),
                "startTime": st.one_of(st.integers(0, 99), st.none(), st.text()),
                "endTime": st.integers(-9, 99),
                "resourceChanges": st.one_of(st.none(), st.dictionaries(st.text(), st.integers(0, 9))),
            },
        )
    )
)
def test_any_history_gives_a_forecast_or_none(history):
    found = forecast(history, "update", 3)

    assert found is None or found.total_s >= 0
