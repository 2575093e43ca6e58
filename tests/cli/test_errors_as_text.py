"""What an error becomes: text on stderr, and an exit code."""

from __future__ import annotations

import pytest

from reconciler import errors
from reconciler.cli import exits
from reconciler.cli.explain import render_error
from reconciler.cli.redact import Redactor
from reconciler.model.values import Secret

URN = "urn:pulumi:dev::shop::a:b:C::x"


@pytest.mark.parametrize(("error", "code"), [
    (errors.ReconcilerError("x"), 1),
    (errors.UsageError("x"), 2),
    (errors.ProjectError("x"), 2),
    (errors.ConfigureError("x"), 2),
    (errors.PassphraseError("x"), 3),
    (errors.MissingPassphraseError("x"), 3),
    (errors.PermanentError("x"), 4),
    (errors.RunFailedError([]), 4),
    (errors.StackNotFoundError("x"), 6),
    (errors.NoStackSelectedError("x"), 6),
    (errors.CancelledError("x"), 8),
    (KeyboardInterrupt(), 8),
    (errors.StackLockedError(["x"]), 1),
    (errors.BugError("x"), 255),
    (ZeroDivisionError(), 255),
], ids=lambda value: type(value).__name__)  # fmt: skip
def test_the_exit_code_of_an_error(error, code):
    assert exits.of_error(error) == code


def test_an_error_says_what_where_and_what_next():
    error = errors.PermanentError("no such role", urn=URN, op="create", code="002003", hint="create the role first")

    assert render_error(error, Redactor()) == (
        f"error: The service refused: no such role\n  urn: {URN}\n  code: 002003\n  hint: create the role first"
    )


def test_a_urn_that_the_detail_names_is_not_said_twice():
    assert render_error(errors.DuplicateUrnError(URN), Redactor()).count(URN) == 1


def test_a_failed_run_lists_each_failure():
    error = errors.RunFailedError([errors.PermanentError("one", urn=URN), errors.TransientError("two")])

    assert render_error(error, Redactor()) == (
        "error: The run failed: 2 steps failed\n"
        "  - The service refused: one\n"
        f"      urn: {URN}\n"
        f"      hint: {errors.PermanentError.help}\n"
        "  - The service is not available just now: two\n"
        f"      hint: {errors.TransientError.help}"
    )


def test_a_bug_shows_its_traceback():
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0

    text = render_error(caught.value, Redactor())

    assert text.startswith(
        "error: This is a bug in the reconciler; please report it: ZeroDivisionError: division by zero\n"
    )
    assert "Traceback" in text


@pytest.mark.parametrize(("secret", "message", "expected"), [
    pytest.param("hunter2", "x hunter2 y", "x [secret] y", id="as-it-is"),
    pytest.param("a/b c", "url a%2Fb%20c", "url [secret]", id="in-a-url"),
    pytest.param('a"b', '{"p": "a\\"b"}', '{"p": "[secret]"}', id="in-json"),
    pytest.param("Päss", "P\\u00e4ss", "[secret]", id="in-ascii-json"),
    pytest.param("it's\n", "it's", "[secret]", id="without-its-newline"),
    pytest.param("-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----", "line 2: MIIEvQIBADANBg", "line 2: [secret]",
                 id="a-line-of-a-key"),
    pytest.param("sandbox", "run `flowforge sandbox up`", "run `flowforge sandbox up`", id="an-everyday-word"),
    pytest.param("Sandbox1", "as Sandbox1", "as [secret]", id="not-quite-one"),
    pytest.param("ab", "a cab", "a cab", id="too-short-to-hide"),
])  # fmt: skip
def test_a_secret_is_found_in_a_message_by_value(secret, message, expected):
    assert Redactor([secret]).mask(message) == expected


def test_of_two_secrets_the_longer_is_masked_first():
    assert Redactor(["Pass", "Password"]).mask("Password") == "[secret]"


def test_secrets_inside_values_are_learnt_at_any_depth():
    redactor = Redactor()
    redactor.learn_values({"a": ({"b": Secret({"c": ("deep-secret", 12345, True)})},), "plain": "not-secret"})

    assert redactor.mask("deep-secret 12345 true not-secret") == "[secret] [secret] true not-secret"


def test_of_many_breaks_of_a_state_the_first_are_shown():
    told = render_error(errors.SnapshotIntegrityError([f"break {number}" for number in range(90)]), Redactor())

    assert told.splitlines()[0].endswith("break 4; and 85 more")
