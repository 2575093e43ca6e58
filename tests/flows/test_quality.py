"""Which disagreements between source and layers are found."""

import pytest

from flows.tasks.quality import violations

SOURCE = {"AA": 2, "UA": 3}
ROWS = {"bronze.FLIGHTS": 5, "silver.FLIGHTS": 5, "gold.CARRIERS": 2, "gold.MONTHS": 12}


def test_layers_that_agree_with_the_source_have_no_violation():
    assert violations(SOURCE, ROWS, SOURCE) == ()


@pytest.mark.parametrize(
    ("rows", "by_carrier", "found"),
    [
        pytest.param({"bronze.FLIGHTS": 10}, {}, "bronze.FLIGHTS has 10 rows, the source 5", id="loaded-twice"),
        pytest.param({"silver.FLIGHTS": 4}, {}, "silver.FLIGHTS has 4 rows, the source 5", id="lost-on-the-way"),
        pytest.param({}, {"UA": 2}, "carrier UA: gold has 2 flights, the source 3", id="miscounted"),
        pytest.param({}, {"ZZ": 1}, "carrier ZZ: gold has 1 flights, the source 0", id="invented"),
        pytest.param({}, {"AA": 0}, "carrier AA: gold has 0 flights, the source 2", id="forgotten"),
    ],
)
def test_a_disagreement_is_named(rows, by_carrier, found):
    assert violations(SOURCE, ROWS | rows, SOURCE | by_carrier) == (found,)
