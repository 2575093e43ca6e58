"""Canaries: secrets that a program does its best to spill, searched for in every artefact of a stack's life."""

from __future__ import annotations

import base64
import io
import json
import sys
from urllib.parse import quote

import pytest

from tests.cli.conftest import PASSPHRASE, cli, stack  # noqa: F401  # fixtures

PROGRAM = """\
import base64
import json
from urllib.parse import quote

import pulumi

config = pulumi.Config()
token = config.require("token")
own = "0wn-c4n4ry <of the> \\"program\\"" + config.get("round", "")

# An id and a plain property that repeat a secret, as some services' do.
pulumi.export("token", config.require_secret("token"))
pulumi.export("own", pulumi.Output.secret({"deep": [own]}))
pulumi.export("basic", "Basic " + base64.b64encode(("user:" + token).encode()).decode())
pulumi.export("url", "https://user:" + quote(token, safe="") + "@host/")
pulumi.export("json", json.dumps({"token": token}))

for text in (token, base64.b64encode(token.encode()).decode(), quote(token, safe=""), json.dumps({"a": token})):
    print("printed", text)
    pulumi.log.warn("logged " + text)
if config.get_bool("fails"):
    raise ValueError("cannot use " + token + " nor " + base64.b64encode(token.encode()).decode())
"""
OLD, NEW = "c4n4ry/old+value=1 &2", "c4n4ry/new+value=3 &4"
OWN = '0wn-c4n4ry <of the> "program"'


def spellings(text):
    content = text.encode()
    return {
        text,
        json.dumps(text)[1:-1],
        base64.b64encode(content).decode(),
        base64.urlsafe_b64encode(content).decode(),
        base64.b64encode(b"user:" + content).decode()[8:-4],
        quote(text, safe=""),
        quote(text),
    }


def assert_clean(where, content, *, canaries=(OLD, NEW, OWN, PASSPHRASE)):
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    for canary in canaries:
        for spelling in spellings(canary):
            assert spelling not in text, (where, spelling, text[max(0, text.find(spelling) - 200) :][:500])


@pytest.mark.slow
def test_no_artefact_of_a_stacks_life_has_a_secret_old_or_new(stack, monkeypatch):  # noqa: F811  # a fixture
    stack.write("__main__.py", PROGRAM)
    told = {}

    def run(*arguments, **environment):
        done = stack(*arguments, **environment)
        told[" ".join(arguments)[:60] + str(len(told))] = done.out + done.err
        return done

    stack.ok("config", "set", "--secret", "token", OLD)
    assert run("up", "--yes", "--event-log", "events.json", "--debug").code == 0
    stack.ok("config", "set", "--secret", "token", NEW)
    stack.ok("config", "set", "round", "2")
    assert run("preview", "--diff", "--save-plan", "plan.json", "--event-log", "events.json").code == 0
    assert run("preview", "--json").code == 0
    assert run("up", "--yes", "--json", "--plan", "plan.json").code == 0
    run("stack")
    run("stack", "export")
    run("stack", "history", "--json")
    run("config")
    run("config", "--json")
    stack.ok("config", "set", "fails", "true")
    failed = run("up", "--yes", "--event-log", "events.json", "-v=9", "--logtostderr")
    assert failed.code != 0
    monkeypatch.setattr(sys, "stdin", io.StringIO("n3w-passphrase\n"))
    run("stack", "change-secrets-provider", "passphrase")
    run("config", "get", "absent", PULUMI_CONFIG_PASSPHRASE="n3w-passphrase")
    stack.ok("config", "set", "fails", "false")
    run("destroy", "--yes", "--diff", PULUMI_CONFIG_PASSPHRASE="n3w-passphrase")

    # What the program exports without marking it secret is stored as it is; nothing else may have it.
    for where, content in told.items():
        exported = where.startswith(("stack", "config"))
        assert_clean(where, content, canaries=(OWN, PASSPHRASE) if exported else (OLD, NEW, OWN, PASSPHRASE))
    assert_clean("event log", (stack.project / "events.json").read_text())
    files = {str(path): path for folder in (stack.project, stack.state, stack.home) for path in folder.rglob("*")}
    for name, path in files.items():
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            assert_clean(name, path.read_bytes(), canaries=(OWN, PASSPHRASE, "n3w-passphrase"))
            if "plan" in name or "history.json" in name or "journal" in name or name.endswith(".yaml"):
                assert_clean(name, path.read_bytes(), canaries=(OLD, NEW) if "plan" not in name else ())


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["ciphertext", "salt", "json"])
def test_an_error_about_a_secret_does_not_show_it(stack, damage):  # noqa: F811  # a fixture
    stack.ok("config", "set", "--secret", "token", NEW)
    file = stack.project / "Pulumi.dev.yaml"
    text = file.read_text()
    before, marker, secure = text.partition("secure: ")
    if damage == "ciphertext":
        file.write_text(f"{before}{marker}{secure[:-6]}AAAA=\n")
    elif damage == "salt":
        file.write_text(text.replace("encryptionsalt: v1:AAEC", "encryptionsalt: v1:BBEC"))
    else:
        file.write_text(f"{before}{marker}[{NEW}\n")

    for command in (("preview",), ("config", "get", "token"), ("config", "--show-secrets")):
        failed = stack(*command)
        assert failed.code != 0
        assert_clean(" ".join(command), failed.out + failed.err)
