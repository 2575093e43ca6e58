"""Every promise of `promises` is kept on random cases; `make fuzz` draws more of them."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from promises import keep
from strategies import cases

CASES = 200


@pytest.mark.slow
@settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)
@given(case=cases())
def test_every_promise_is_kept_whatever_stands_is_asked_and_fails(case):
    keep(case)
