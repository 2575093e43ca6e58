"""`pulumi stack change-secrets-provider`, seen from outside: files, and who can read them afterwards."""

import io
import json
import sys

import pytest

from reconciler.backend.stacks import Backend
from reconciler.project.stack_files import StackFile
from tests.cli.conftest import PASSPHRASE, cli, stack  # noqa: F401  # fixtures
from tests.secrets.clouds import GOOGLE_NAME

CONFIG = """\
# Kept by the platform team.
encryptionsalt: v1:AAECAwQFBgc=:v1:AAECAwQFBgcICQoL:kgnnlcYFS/Dkoq0dxFzyob4AA6pcOQ==
config:
  shop:size: "L"  # large
  shop:nested:
    list:
      - plain
"""
NEW = "another passphrase"


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def deployed(cli):  # noqa: F811  # a fixture
    """A stack with a secret in its config, another one deep in it, and its outputs."""
    cli.write("Pulumi.dev.yaml", CONFIG)
    cli.ok("stack", "init", "dev")
    cli.ok("config", "set", "--secret", "token", "hunter2-token")
    cli.ok("config", "set", "--secret", "--path", "nested.deep", "deep-hunter2")
    cli.ok("up", "--yes")
    return cli


def config_text(run):
    return (run.project / "Pulumi.dev.yaml").read_text()


def kept(run):
    """What is stored; a lock that came and went leaves its count."""
    return {path: content for path, content in run.stored().items() if "/leases/" not in path}


def state(run):
    return json.loads(run.stored()[".pulumi/stacks/shop/dev.json"])["checkpoint"]["latest"]


def rotate(run, monkeypatch, to=NEW):
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{to}\n"))
    return run("stack", "change-secrets-provider", "passphrase")


def kill_after(run, monkeypatch, survives):
    """Change the passphrase to NEW and die when so many files are written; which ones were."""
    writes = []

    def killing(original):
        def write(*arguments, **named):
            if len(writes) == survives:
                raise Killed
            writes.append(original.__qualname__)
            return original(*arguments, **named)

        return write

    with monkeypatch.context() as patch:
        patch.setattr(StackFile, "write", killing(StackFile.write))
        patch.setattr(Backend, "replace_file", killing(Backend.replace_file))
        with pytest.raises(Killed):
            rotate(run, patch)
    return writes


def assert_readable(run, **environment):
    assert run.ok("config", "get", "token", **environment).out == "hunter2-token\n"
    assert run.ok("config", "get", "--path", "nested.deep", **environment).out == "deep-hunter2\n"
    assert run.ok("stack", "output", "token", "--show-secrets", **environment).out == "hunter2-token\n"


@pytest.mark.slow
def test_a_passphrase_is_rotated_and_nothing_but_ciphertexts_changes(deployed, monkeypatch):
    before, resources = config_text(deployed), state(deployed)["resources"]

    changed = rotate(deployed, monkeypatch)

    assert changed.code == 0, changed
    assert changed.out == "Migrating old configuration and state to new secrets provider\n"
    assert_readable(deployed, PULUMI_CONFIG_PASSPHRASE=NEW)
    for command in (("config", "get", "token"), ("stack", "output", "token", "--show-secrets"), ("preview",)):
        refused = deployed(*command)
        assert refused.code == 3
        assert "incorrect passphrase" in refused.err
    plain = [line for line in config_text(deployed).splitlines() if "secure" not in line and "salt" not in line]
    assert plain == [line for line in before.splitlines() if "secure" not in line and "salt" not in line]
    assert (
        not set(before.split())
        & set(config_text(deployed).split())
        & {w for w in before.split() if w.startswith("v1:")}
    )
    for old, new in zip(resources, state(deployed)["resources"], strict=True):
        assert [key for key in old if old[key] != new[key]] in ([], ["outputs"])


@pytest.mark.slow
def test_a_cloud_keeps_the_key_and_gives_it_back(deployed, monkeypatch, cloud):
    for name, value in (cloud.google() | cloud.vault()).items():
        monkeypatch.setenv(name, value)
    url = f"gcpkms://{GOOGLE_NAME}"

    deployed.ok("stack", "change-secrets-provider", url)

    assert state(deployed)["secrets_providers"]["type"] == "cloud"
    kept = state(deployed)["secrets_providers"]["state"]
    head = config_text(deployed).splitlines()
    assert f"secretsprovider: {url}" in head
    assert f"encryptedkey: {kept['encryptedkey']}" in head
    assert "encryptionsalt" not in config_text(deployed)
    assert_readable(deployed, PULUMI_CONFIG_PASSPHRASE="")

    # With the provider of now, a fresh data key.
    deployed.ok("stack", "change-secrets-provider", url, PULUMI_CONFIG_PASSPHRASE="")
    assert state(deployed)["secrets_providers"]["state"]["encryptedkey"] != kept["encryptedkey"]
    deployed.ok("stack", "change-secrets-provider", "hashivault://mykey", PULUMI_CONFIG_PASSPHRASE="")
    assert_readable(deployed, PULUMI_CONFIG_PASSPHRASE="")

    # From a cloud to a passphrase the environment may name it.
    deployed.ok("stack", "change-secrets-provider", "passphrase")
    assert "hashivault" not in config_text(deployed)
    assert_readable(deployed)


@pytest.mark.slow
def test_without_a_change_of_provider_ciphertexts_stay_byte_for_byte(deployed):
    before = deployed.stored()[".pulumi/stacks/shop/dev.json"]

    deployed.ok("up", "--yes")
    deployed.ok("config", "set", "size", "M")

    assert deployed.stored()[".pulumi/stacks/shop/dev.json"] == before


@pytest.mark.slow
@pytest.mark.parametrize("survives", [0, 1, 2])
def test_a_kill_between_any_two_files_leaves_a_stack_that_one_passphrase_reads(deployed, monkeypatch, survives):
    assert kill_after(deployed, monkeypatch, survives) == ["StackFile.write", "Backend.replace_file"][:survives]
    passphrase = NEW if survives else PASSPHRASE
    assert_readable(deployed, PULUMI_CONFIG_PASSPHRASE=passphrase)
    deployed.ok("up", "--yes", PULUMI_CONFIG_PASSPHRASE=passphrase)
    deployed.ok("config", "set", "--secret", "more", "M", PULUMI_CONFIG_PASSPHRASE=passphrase)
    assert "previoussecrets" not in config_text(deployed)
    salt = state(deployed)["secrets_providers"]["state"]["salt"]
    assert f"encryptionsalt: {salt}\n" in config_text(deployed)
    assert_readable(deployed, PULUMI_CONFIG_PASSPHRASE=passphrase)


@pytest.mark.slow
def test_a_change_that_a_kill_interrupted_is_finished_by_repeating_it(deployed, monkeypatch):
    kill_after(deployed, monkeypatch, 1)

    monkeypatch.setattr(sys, "stdin", io.StringIO("third\n"))
    deployed.ok("stack", "change-secrets-provider", "passphrase", PULUMI_CONFIG_PASSPHRASE=NEW)

    assert_readable(deployed, PULUMI_CONFIG_PASSPHRASE="third")
    assert "previoussecrets" not in config_text(deployed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "code", "told"),
    [
        ("rot13://x", 2, "unknown secrets provider type 'rot13'"),
        ("hashivault://mykey", 1, "VAULT_SERVER_URL"),
        ("passphrase", 3, "the new passphrase is read from stdin, which is empty"),
    ],
)
def test_a_change_that_cannot_be_made_changes_nothing(deployed, provider, code, told):
    before, config = kept(deployed), config_text(deployed)

    refused = deployed("stack", "change-secrets-provider", provider)

    assert (refused.code, refused.out) == (code, "")
    assert told in refused.err
    assert kept(deployed) == before
    assert config_text(deployed) == config


@pytest.mark.slow
def test_a_wrong_passphrase_changes_nothing(deployed, monkeypatch):
    before, config = kept(deployed), config_text(deployed)
    monkeypatch.setattr(sys, "stdin", io.StringIO("new\n"))

    refused = deployed("stack", "change-secrets-provider", "passphrase", PULUMI_CONFIG_PASSPHRASE="wrong")

    assert refused.code == 3
    assert (kept(deployed), config_text(deployed)) == (before, config)


@pytest.mark.slow
def test_a_stack_without_secrets_needs_no_old_passphrase(stack, monkeypatch):  # noqa: F811  # a fixture
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{NEW}\n"))

    stack.ok("stack", "change-secrets-provider", "passphrase", PULUMI_CONFIG_PASSPHRASE="")

    stack.ok("config", "set", "--secret", "a", "b", PULUMI_CONFIG_PASSPHRASE=NEW)


@pytest.mark.slow
def test_a_new_stack_may_be_kept_by_a_cloud_from_the_start(cli, cloud, monkeypatch):  # noqa: F811  # a fixture
    for name, value in cloud.vault().items():
        monkeypatch.setenv(name, value)
    (cli.project / "Pulumi.dev.yaml").unlink()

    cli.ok("stack", "init", "dev", "--secrets-provider", "hashivault://mykey", PULUMI_CONFIG_PASSPHRASE="")

    lines = config_text(cli).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["secretsprovider", "encryptedkey"]
    cli.ok("config", "set", "--secret", "token", "x-token", PULUMI_CONFIG_PASSPHRASE="")
    cli.ok("up", "--yes", PULUMI_CONFIG_PASSPHRASE="")
    assert cli.ok("stack", "output", "token", "--show-secrets", PULUMI_CONFIG_PASSPHRASE="").out == "x-token\n"
    refused = cli("stack", "init", "other", "--secrets-provider", "awskms")
    assert refused.code == 2
    assert "unknown secrets provider type" in refused.err


@pytest.mark.slow
def test_history_shows_what_an_older_key_wrote_as_unreadable(deployed, monkeypatch):
    rotate(deployed, monkeypatch)

    (record, *_) = deployed.ok("stack", "history", "--json", "--show-secrets", PULUMI_CONFIG_PASSPHRASE=NEW).data

    assert record["config"]["shop:token"] == {"value": "ERROR_UNABLE_TO_DECRYPT", "secret": True}
