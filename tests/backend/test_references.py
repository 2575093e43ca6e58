"""Names of stacks."""

import pytest

from reconciler import errors
from reconciler.backend.references import StackReference, parse_reference


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev", StackReference("shop", "dev")),
        ("organization/dev", StackReference("shop", "dev")),
        ("organization/other/dev", StackReference("other", "dev")),
    ],
)
def test_three_spellings_name_a_stack(text, expected):
    assert parse_reference(text, "shop") == expected
    assert str(expected) == f"organization/{expected.project}/{expected.stack}"


@pytest.mark.parametrize(
    "text",
    ["", "a b", "acme/dev", "acme/shop/dev", "organization//dev", "a/b/c/d", "organization/shop/..", "x" * 101, "é"],
)
def test_other_names_are_refused(text):
    with pytest.raises(errors.UsageError):
        parse_reference(text, "shop")
