"""`pulumi config`: set, get, list and remove, as text, path and secret."""

from __future__ import annotations

import io
import sys

import pytest

from reconciler.cli.config import looks_like_secret

CANARY = "c4n4ry-0f-the-mine"


def test_values_are_listed_by_short_key_and_secrets_are_masked(stack):
    stack.ok("config", "set", "size", "L")
    stack.ok("config", "set", "aws:region", "eu-west-1")
    stack.ok("config", "set", "--secret", "token", CANARY)

    assert stack.ok("config").out == ("KEY         VALUE\naws:region  eu-west-1\nsize        L\ntoken       [secret]\n")
    assert stack.ok("config", "--json").data == {
        "aws:region": {"value": "eu-west-1", "secret": False},
        "shop:size": {"value": "L", "secret": False},
        "shop:token": {"secret": True},
    }
    assert stack.ok("config", "--json", "--show-secrets").data["shop:token"] == {"value": CANARY, "secret": True}
    assert CANARY not in (stack.project / "Pulumi.dev.yaml").read_text()


def test_a_listing_without_secrets_needs_no_passphrase(stack):
    stack.ok("config", "set", "--secret", "token", CANARY)

    assert "[secret]" in stack.ok("config", PULUMI_CONFIG_PASSPHRASE="").out


def test_one_value_is_read_in_plain_text(stack):
    stack.ok("config", "set", "--secret", "token", CANARY)

    assert stack.ok("config", "get", "token").out == f"{CANARY}\n"
    assert stack.ok("config", "get", "token", "--json").data == {"name": "shop:token", "value": CANARY, "secret": True}


def test_a_key_that_is_not_there_is_an_error(stack):
    done = stack("config", "get", "nope")

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: configuration key 'nope' not found for stack 'dev'\n")


def test_paths_reach_into_values(stack):
    stack.ok("config", "set", "--path", "tags.owner", "data")
    stack.ok("config", "set", "--path", "zones[0]", "a")
    stack.ok("config", "set", "--path", "--secret", "tags.key", CANARY)

    assert stack.ok("config", "get", "--path", "tags.owner").out == "data\n"
    assert stack.ok("config", "get", "--path", "tags.key").out == f"{CANARY}\n"
    listed = stack.ok("config", "--json").data
    assert listed["shop:zones"] == {"value": '["a"]', "objectValue": ["a"], "secret": False}
    assert listed["shop:tags"]["objectValue"] == {"key": "[secret]", "owner": "data"}
    assert listed["shop:tags"]["secret"] is True

    stack.ok("config", "rm", "--path", "tags.owner")
    assert stack("config", "get", "--path", "tags.owner").code == 1


def test_comments_and_order_of_the_file_survive(stack):
    text = (stack.project / "Pulumi.dev.yaml").read_text() + "config:\n  # why\n  shop:b: x # here\n  shop:a: y\n"
    stack.write("Pulumi.dev.yaml", text)

    stack.ok("config", "set", "b", "z")

    assert (stack.project / "Pulumi.dev.yaml").read_text() == text.replace("x # here", "z # here")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("dbPassword", "hunter2", True),
        ("shop:api_key", "abc", True),
        ("key", "-----BEGIN PRIVATE KEY-----\nx", True),
        ("id", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", True),
        ("size", "XSMALL", False),
        ("url", "https://example.com/AAAAbbbb1234567890CCCC", False),
        ("passwordSecretArn", "arn:aws:secretsmanager:eu-west-1:1:secret:x", False),
        ("tokenLifetime", "3600", False),
    ],
)
def test_what_looks_like_a_secret(key, value, expected):
    assert looks_like_secret(key, value) is expected


def test_a_value_that_looks_like_a_secret_must_be_marked_either_way(stack):
    before = (stack.project / "Pulumi.dev.yaml").read_text()

    done = stack("config", "set", "password", "hunter2")

    assert done.code == 2
    assert "looks like a secret" in done.err
    assert "hunter2" not in done.err
    assert (stack.project / "Pulumi.dev.yaml").read_text() == before
    stack.ok("config", "set", "--plaintext", "password", "hunter2")


def test_a_value_may_come_from_stdin(stack, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("line one\nline two\n"))

    stack.ok("config", "set", "text")

    assert stack.ok("config", "get", "text").out == "line one\nline two\n"


def test_a_value_may_begin_with_a_dash_after_two_dashes(stack):
    stack.ok("config", "set", "offset", "--plaintext", "--stack", "dev", "--non-interactive", "--", "-5")

    assert stack.ok("config", "get", "offset").out == "-5\n"


def test_several_values_are_set_and_removed_at_once(stack):
    stack.ok("config", "set-all", "--plaintext", "a=1", "--plaintext", "b=x=y", "--secret", f"c={CANARY}")
    assert stack.ok("config", "get", "b").out == "x=y\n"
    assert stack.ok("config", "get", "c", "-j").data["secret"] is True

    stack.ok("config", "rm-all", "a", "c")

    assert list(stack.ok("config", "--json").data) == ["shop:b"]


def test_defaults_of_the_project_are_listed(stack):
    stack.write("Pulumi.yaml", "name: shop\nruntime: python\nconfig:\n  size:\n    default: M\n")

    assert stack.ok("config", "get", "size").out == "M\n"
    assert "size  M\n" in stack.ok("config").out


def test_another_file_may_hold_the_config(stack):
    stack.write("other.yaml", "config:\n  shop:size: XXL\n")

    assert stack.ok("config", "--config-file", "other.yaml", "get", "size").out == "XXL\n"


def test_the_file_may_be_named_after_the_verb_too(stack):
    stack.write("other.yaml", "config:\n  shop:size: XXL\n")

    stack.ok("config", "set", "--config-file", "other.yaml", "size", "S")

    assert stack.ok("config", "get", "size", "--config-file", "other.yaml").out == "S\n"
    assert stack("config", "get", "size").code == 1


@pytest.fixture
def two(stack):
    """Two stacks, the first with values of every sort."""
    stack.write("Pulumi.prod.yaml", (stack.project / "Pulumi.dev.yaml").read_text())
    stack.ok("stack", "init", "prod", "--no-select")
    stack.ok("config", "set", "size", "L")
    stack.ok("config", "set", "--path", "tags.owner", "data")
    stack.ok("config", "set", "--path", "--secret", "tags.key", CANARY)
    stack.ok("config", "set", "--secret", "token", CANARY)
    return stack


def test_config_is_copied_to_another_stack_and_secrets_are_encrypted_for_it(two):
    two.ok("config", "cp", "--dest", "prod", "--path", "tags.owner")
    assert list(two.ok("config", "--json", "--stack", "prod").data) == ["shop:tags"]

    two.ok("config", "cp", "-d", "prod")

    copied = two.ok("config", "--json", "--show-secrets", "--stack", "prod").data
    assert copied == two.ok("config", "--json", "--show-secrets").data
    assert copied["shop:tags"]["objectValue"] == {"key": CANARY, "owner": "data"}
    text = (two.project / "Pulumi.prod.yaml").read_text()
    assert CANARY not in text
    assert (two.project / "Pulumi.dev.yaml").read_text() != text
    for arguments, code in ((("--dest", "dev"), 2), (("nope", "--dest", "prod"), 1), (("--dest", "none"), 6), ((), 2)):
        assert two("config", "cp", *arguments).code == code, arguments


def test_several_values_are_set_from_what_the_listing_prints(two):
    listed = two.ok("config", "--json", "--show-secrets").out

    two.ok("config", "set-all", "--json", listed, "--stack", "prod")

    prod = two.ok("config", "--json", "--show-secrets", "--stack", "prod").data
    assert prod["shop:size"] == {"value": "L", "secret": False}
    assert prod["shop:token"] == {"value": CANARY, "secret": True}
    assert CANARY not in (two.project / "Pulumi.prod.yaml").read_text()
    masked = two.ok("config", "--json").out
    for document, told in ((masked, "--show-secrets"), ("[1]", "no value"), ("{", "not JSON")):
        done = two("config", "set-all", "--json", document, "--stack", "prod")
        assert (done.code, told in done.err) == (2, True), done


@pytest.mark.slow
def test_refresh_brings_back_what_the_last_update_was_given(two):
    assert "no previous deployment" in two("config", "refresh").err
    two.ok("up", "--yes", "--skip-preview")
    before = two.ok("config", "--json", "--show-secrets").data
    two.ok("config", "set", "size", "XXL")
    two.ok("config", "rm", "tags")
    two.ok("config", "set", "extra", "1")
    changed = (two.project / "Pulumi.dev.yaml").read_text()

    done = two.ok("config", "refresh")

    assert "backed up existing configuration file to " in done.out
    assert "refreshed configuration for stack 'dev'" in done.out
    assert two.ok("config", "--json", "--show-secrets").data == before
    assert (two.project / "Pulumi.dev.yaml.bak").read_text() == changed
    (two.project / "Pulumi.dev.yaml").unlink()
    two.ok("config", "refresh", "--force")
    assert two.ok("config", "--json", "--show-secrets").data == before


def test_environments_are_refused_in_one_line(stack):
    done = stack("config", "env", "add", "shared", "--yes", "--stack", "dev")

    assert done.code == 2
    assert done.err.startswith(
        "error: Invalid usage: `config env add` needs Pulumi ESC, which is part of Pulumi Cloud\n"
    )


def test_a_value_may_be_given_a_type(stack):
    for key, value, kind in (
        ("size", "3", "int"),
        ("share", "0.5", "float"),
        ("on", "true", "bool"),
        ("code", "007", "string"),
    ):
        stack.ok("config", "set", key, value, "--type", kind)
    stack.ok("config", "set", "--path", "tags.zip", "12345", "--type", "string")

    text = (stack.project / "Pulumi.dev.yaml").read_text()
    assert "shop:size: 3\n" in text
    assert "shop:on: true\n" in text
    assert stack.ok("config", "get", "code").out == "007\n"
    assert stack.ok("config", "--json").data["shop:tags"]["objectValue"] == {"zip": "12345"}
    assert stack("config", "set", "size", "three", "--type", "int").code == 2
    assert stack("config", "set", "password", "x1", "--type", "string").code == 2
