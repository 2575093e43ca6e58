"""Data keys, encrypted by what clouds keep: the wire, the stored form, refusals."""

import base64
import json

import pytest

from reconciler import errors
from reconciler.secrets import managers
from reconciler.secrets.azure_keys import AzureKey
from reconciler.secrets.cloud_keys import parse_key_url
from reconciler.secrets.managers import open_cloud_key
from reconciler.state import secrets
from tests.secrets.clouds import AZURE_NAME, GOOGLE_NAME

DATA_KEY = bytes(range(32))


def no_passphrase(_salt):
    raise AssertionError("a cloud's key needs no passphrase")


@pytest.mark.parametrize(
    "url",
    [
        "awskms://{KeyId}",
        "awskms://{KeyId}?region=eu-west-1&awssdk=v2",
        "awskms://alias/secrets?region=eu-west-1",
        "awskms:///{Arn}?region=eu-west-1",
        "awskms://alias/secrets?region=eu-west-1&context_stack=dev&context_team=data",
    ],
)
def test_a_manager_by_aws_opens_again_from_its_state(aws, url):
    url = url.format(**aws)
    made = managers.new_cloud_secrets(url, {})

    assert made.state["type"] == "cloud"
    assert made.state["state"].keys() == {"url", "encryptedkey"}
    assert made.state["state"]["url"] == url
    opened = managers.open_provider(json.loads(json.dumps(made.state)), {}, no_passphrase)
    assert opened.decrypt(made.encrypt('"hunter2"')) == '"hunter2"'


def test_the_encryption_context_is_part_of_the_key(aws):
    made = managers.new_cloud_secrets("awskms://alias/secrets?region=eu-west-1&context_stack=dev", {})

    with pytest.raises(errors.SecretsProviderError):
        managers.open_cloud_secrets("awskms://alias/secrets", secrets.encrypted_key_of(made.state), {})


def test_a_key_that_aws_does_not_have_is_an_error_with_its_url(aws):
    with pytest.raises(errors.SecretsProviderError, match="awskms://alias/other") as caught:
        managers.new_cloud_secrets("awskms://alias/other?region=eu-west-1", {})

    assert "kms:Encrypt" in caught.value.hint


def test_the_environment_may_name_the_key_otherwise_for_a_run(aws):
    made = managers.new_cloud_secrets("awskms://alias/secrets?region=eu-west-1", {})
    state = secrets.cloud_state("awskms://alias/not-from-here", secrets.encrypted_key_of(made.state))

    opened = managers.open_provider(state, {"PULUMI_CLOUD_SECRET_OVERRIDE": f"awskms://{aws['KeyId']}"}, no_passphrase)

    assert opened.decrypt(made.encrypt("a")) == "a"
    assert opened.state == state


def test_google_is_asked_with_a_service_accounts_token(cloud):
    key = open_cloud_key(f"gcpkms://{GOOGLE_NAME}", cloud.google())

    encrypted = key.encrypt(DATA_KEY)

    assert key.decrypt(encrypted) == DATA_KEY
    assert [path for path, _ in cloud.requests] == [
        "/token",
        f"/v1/{GOOGLE_NAME}:encrypt",
        "/token",
        f"/v1/{GOOGLE_NAME}:decrypt",
    ]


def test_googles_credentials_may_be_a_persons_own_in_their_usual_place(cloud, tmp_path):
    credentials = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "refresh"}
    file = tmp_path / ".config/gcloud/application_default_credentials.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(credentials | {"token_uri": f"{cloud.address}/token"}))
    environment = {"HOME": str(tmp_path), "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS": cloud.address}

    key = open_cloud_key(f"gcpkms://{GOOGLE_NAME}", environment)

    assert key.decrypt(key.encrypt(DATA_KEY)) == DATA_KEY


@pytest.mark.parametrize(
    "credentials", ["{", '{"type": "external_account"}', '{"type": "service_account"}', '{"type": "authorized_user"}']
)
def test_google_credentials_that_are_no_use_are_refused_and_not_shown(cloud, credentials):
    key = open_cloud_key(f"gcpkms://{GOOGLE_NAME}", cloud.google() | {"GOOGLE_CREDENTIALS": credentials})

    with pytest.raises(errors.SecretsProviderError) as caught:
        key.encrypt(DATA_KEY)

    assert "credentials" in str(caught.value)
    assert cloud.requests == []


def azure(cloud, **environment):
    """The key, with every vault rerouted to this machine."""
    return AzureKey(parse_key_url(f"azurekeyvault://{AZURE_NAME}"), cloud.azure() | environment, cloud.client())


def test_azure_stores_the_text_of_what_it_encrypted(cloud):
    key = azure(cloud)

    encrypted = key.encrypt(DATA_KEY)

    assert len(base64.urlsafe_b64decode(encrypted + b"==")) == 256, "one block of a 2048 bit RSA key"
    assert key.decrypt(encrypted) == DATA_KEY
    assert cloud.requests[1][0] == "/keys/secrets/encrypt?api-version=7.4"
    assert cloud.requests[1][1]["Host"] == "shop.vault.azure.net"


def test_azures_older_form_the_bytes_themselves_is_read(cloud):
    key = azure(cloud)

    assert key.decrypt(base64.urlsafe_b64decode(key.encrypt(DATA_KEY) + b"==")) == DATA_KEY


def test_a_login_that_azure_refuses_is_told_in_its_words_without_the_secret(cloud):
    with pytest.raises(errors.SecretsProviderError, match="AADSTS7000215") as caught:
        azure(cloud, AZURE_CLIENT_SECRET="wr0ng-and-hidden").encrypt(DATA_KEY)

    assert "wr0ng-and-hidden" not in str(caught.value)


def test_vault_keeps_its_own_text(cloud):
    made = managers.new_cloud_secrets("hashivault://mykey", cloud.vault())

    assert base64.b64decode(secrets.encrypted_key_of(made.state)).startswith(b"vault:v1:")
    opened = managers.open_provider(made.state, cloud.vault(), no_passphrase)
    assert opened.decrypt(made.encrypt("a")) == "a"


@pytest.mark.slow
def test_a_busy_service_is_asked_again(cloud):
    cloud.busy = 1

    managers.new_cloud_secrets("hashivault://mykey", cloud.vault())

    assert len(cloud.requests) == 3


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("hashivault://mykey", "permission denied"),
        (f"gcpkms://{GOOGLE_NAME}x", "there is no such key"),
    ],
)
def test_a_refusal_is_told_in_the_services_words(cloud, url, told):
    with pytest.raises(errors.SecretsProviderError, match=told):
        managers.new_cloud_secrets(url, cloud.google() | cloud.vault() | {"VAULT_TOKEN": "other"})


def test_a_service_that_is_not_there_is_named():
    with pytest.raises(errors.SecretsProviderError, match=r"127\.0\.0\.1 cannot be reached"):
        managers.new_cloud_secrets("hashivault://mykey", {"VAULT_ADDR": "http://127.0.0.1:1", "VAULT_TOKEN": "x"})


@pytest.mark.parametrize(
    "url",
    [
        "awskms://",
        "awskms://key?colour=red",
        "awskms://key?role_arn=a",
        "awskms://key#part",
        "gcpkms://projects/p",
        f"gcpkms://{GOOGLE_NAME}?region=eu",
        "azurekeyvault://shop.vault.azure.net/secrets/a",
        "azurekeyvault://shop.example.com/keys/a",
        "azurekeyvault://user@shop.vault.azure.net/keys/a",
        "hashivault://mykey",
        "http://127.0.0.1/",
        "awskms://[",
        "",
    ],
)
def test_a_url_that_names_no_key_is_refused_before_anything_is_called(url):
    with pytest.raises(errors.SecretsProviderError):
        open_cloud_key(url, {})


@pytest.mark.parametrize(
    "provider",
    [
        {"type": "service", "state": {}},
        {"type": "passphrase"},
        {"type": "passphrase", "state": {"salt": 5}},
        {"type": "cloud", "state": {"url": ""}},
        {"type": "cloud", "state": {"url": "hashivault://k"}},
        {"type": "cloud", "state": {"url": "hashivault://k", "encryptedkey": "%"}},
        {"type": "cloud", "state": ["hashivault://k"]},
        {"type": ["cloud"]},
        {},
    ],
)
def test_a_manager_of_another_kind_is_named_and_refused(provider):
    with pytest.raises(errors.StateError):
        managers.open_provider(provider, {}, no_passphrase)


@pytest.mark.parametrize("provider", ["awskms", "passphrase://x", "rot13", "service", "http://x", ""])
def test_an_unknown_provider_is_refused_in_upstreams_words(provider):
    with pytest.raises(errors.UsageError, match="unknown secrets provider type"):
        managers.check_provider(provider)
