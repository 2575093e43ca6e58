"""Which versions a range allows, row by row."""

from __future__ import annotations

import itertools

import pytest

from reconciler.model.versions import parse_range, parse_version


@pytest.mark.parametrize(
    ("range", "inside", "outside"),
    [
        pytest.param("3.2.1", ["3.2.1", "v3.2.1", "3.2.1+build"], ["3.2.0", "3.2.2", "3.2.1-rc.1"], id="exactly"),
        pytest.param("=3.2.1", ["3.2.1"], ["3.2.2"], id="equals"),
        pytest.param("==3.2.1", ["3.2.1"], ["3.2.2"], id="equals-twice"),
        pytest.param("!3.2.1", ["3.2.0", "3.2.2"], ["3.2.1"], id="not"),
        pytest.param("!=3.2.1", ["3.2.0", "3.2.2"], ["3.2.1"], id="not-equal"),
        pytest.param("<3.2.1", ["3.2.0", "2.9.9", "3.2.1-beta"], ["3.2.1", "3.3.0"], id="less"),
        pytest.param("<=3.2.1", ["3.2.1", "3.2.0"], ["3.2.2"], id="at-most"),
        pytest.param(">3.2.1", ["3.2.2", "3.3.0-alpha"], ["3.2.1"], id="more"),
        pytest.param(">=3.2.1", ["3.2.1", "4.0.0"], ["3.2.0", "3.2.1-rc.1"], id="at-least"),
        pytest.param(">= 3.2.1", ["3.2.1"], ["3.2.0"], id="space-after-the-operator"),
        pytest.param(">=3.0.0 <4.0.0", ["3.0.0", "3.272.0"], ["2.9.9", "4.0.0"], id="all-must-hold"),
        pytest.param(">=3.0.0<4.0.0", ["3.0.0"], ["4.0.0"], id="all-without-a-space"),
        pytest.param(">=3.5.0 !3.7.7", ["3.5.0", "3.7.8"], ["3.7.7", "3.4.0"], id="but-one"),
        pytest.param("<3.4.0 || >3.8.0", ["3.3.9", "3.8.1"], ["3.4.0", "3.8.0"], id="either"),
        pytest.param(">1.0.0 <2.0.0 || >3.0.0 !4.2.1", ["1.2.3", "4.2.2"], ["2.1.0", "4.2.1"], id="and-before-or"),
        pytest.param("3.x", ["3.0.0", "3.99.9"], ["2.9.9", "4.0.0"], id="any-minor"),
        pytest.param("3.2.x", ["3.2.0", "3.2.99"], ["3.1.9", "3.3.0"], id="any-patch"),
        pytest.param("!3.2.x", ["3.1.9", "3.3.0"], ["3.2.0", "3.2.9"], id="no-patch-of"),
        pytest.param(">3.2.x", ["3.3.0"], ["3.2.9"], id="after-a-minor"),
        pytest.param(">=3.2.x", ["3.2.0"], ["3.1.9"], id="from-a-minor"),
        pytest.param("<3.2.x", ["3.1.9"], ["3.2.0"], id="before-a-minor"),
        pytest.param("<=3.x", ["3.99.9"], ["4.0.0"], id="up-to-a-major"),
    ],
)
def test_a_range_has_what_it_says(range, inside, outside):
    parsed = parse_range(range)

    assert [text for text in inside if not parsed.has(parse_version(text))] == []
    assert [text for text in outside if parsed.has(parse_version(text))] == []


def test_versions_are_ordered_as_semver_orders_them():
    rising = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1"
    versions = [parse_version(text) for text in rising.split()]

    assert all(one < next for one, next in itertools.pairwise(versions))


@pytest.mark.parametrize("text", ["", "  ", "3", "3.2", ">=", "~3.2.1", ">=3.0.0 ||", "three", "1.2.3.4", "^1.0.0"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match=r"is not|is missing"):
        parse_range(text)
