"""The provider's settings: configuration over environment, and which of them are needed."""

import inspect
import re

import pulumi_snowflake.provider
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from reconciler import errors
from reconciler.providers.snowflake import settings
from reconciler.providers.snowflake.setting_names import SETTINGS

ACCOUNT = {"organizationName": "ACME", "accountName": "PROD", "user": "DEPLOYER"}


def pem(passphrase=None):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    cipher = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher).decode()


def test_configuration_wins_over_the_environment():
    environment = {"SNOWFLAKE_PASSWORD": "env", "SNOWFLAKE_ROLE": "PUBLIC", "SNOWFLAKE_WAREHOUSE": "WH"}

    found = settings.parse({**ACCOUNT, "role": "SYSADMIN"}, environment)

    assert found.arguments["account"] == "ACME-PROD"
    assert (found.arguments["password"], found.role, found.arguments["warehouse"]) == ("env", "SYSADMIN", "WH")


def test_settings_arrive_as_text():
    found = settings.parse(
        {**ACCOUNT, "password": "x", "port": "8080", "protocol": "http", "params": '{"QUERY_TAG": "pulumi"}'}, {}
    )

    assert (found.arguments["port"], found.arguments["protocol"]) == (8080, "http")
    assert found.parameters == {"QUERY_TAG": "pulumi"}


def test_timeouts_are_always_set():
    found = settings.parse({**ACCOUNT, "password": "x"}, {})

    assert all(found.arguments[name] for name in ("login_timeout", "network_timeout", "socket_timeout"))


@pytest.mark.slow
@pytest.mark.parametrize("passphrase", [None, b"sesame"], ids=["plain", "encrypted"])
def test_a_private_key_means_a_key_pair_login(passphrase):
    given = {**ACCOUNT, "privateKey": pem(passphrase), "privateKeyPassphrase": (passphrase or b"").decode()}

    found = settings.parse(given, {})

    assert found.arguments["authenticator"] == "SNOWFLAKE_JWT"
    assert isinstance(found.arguments["private_key"], bytes)


@pytest.mark.parametrize(
    ("given", "authenticator"),
    [
        pytest.param({"token": "t"}, "OAUTH", id="a-token-alone-is-oauth"),
        pytest.param(
            {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", "password": "t"}, "PROGRAMMATIC_ACCESS_TOKEN", id="pat"
        ),
    ],
)
def test_a_token_logs_in(given, authenticator):
    found = settings.parse({**ACCOUNT, **given}, {})

    assert (found.arguments["authenticator"], found.arguments["token"]) == (authenticator, "t")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"user": "U", "password": "x"}, id="no-account"),
        pytest.param({"account": "A", "password": "x"}, id="no-user"),
        pytest.param(ACCOUNT, id="no-credentials"),
        pytest.param({**ACCOUNT, "authenticator": "EXTERNALBROWSER"}, id="needs-a-person"),
        pytest.param({**ACCOUNT, "privateKey": "not a key hunter2"}, id="no-key"),
        pytest.param({**ACCOUNT, "password": "x", "params": "["}, id="params-not-json"),
        pytest.param({**ACCOUNT, "password": "x", "port": "eighty"}, id="port-not-a-number"),
    ],
)
def test_settings_that_cannot_connect_are_refused(given):
    with pytest.raises(errors.ConfigureError) as caught:
        settings.parse(given, {})

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "command", "variable"),
    [
        ({"organizationName": "A", "accountName": "B", "password": "x"}, "snowflake:user VALUE", "SNOWFLAKE_USER"),
        (ACCOUNT, "--secret snowflake:password VALUE", "SNOWFLAKE_PASSWORD"),
    ],
)
def test_a_missing_setting_is_asked_for_by_its_command_and_its_variable(given, command, variable):
    with pytest.raises(errors.ConfigureError) as caught:
        settings.parse(given, {})

    assert caught.value.hint == f"run `pulumi config set {command}`, or set {variable}"


@pytest.mark.parametrize(
    ("given", "address", "hint"),
    [
        ({"host": "127.0.0.1", "port": "1"}, "127.0.0.1:1", "flowforge sandbox up"),
        ({}, "ORG-ACC.snowflakecomputing.com:443", "check the network"),
    ],
)
def test_what_does_not_answer_is_named_with_what_to_look_at(given, address, hint):
    inputs = {"organizationName": "ORG", "accountName": "ACC", "user": "U", "password": "p", **given}

    parsed = settings.parse(inputs, {})

    assert parsed.address == address
    assert hint in parsed.reach_hint


def test_settings_are_not_printed():
    assert "hunter2" not in repr(settings.parse({**ACCOUNT, "password": "hunter2"}, {}))


def test_only_another_account_needs_new_resources():
    assert settings.moved({"accountName": "A", "user": "U"}, {"accountName": "B", "user": "U"}) == ("accountName",)
    assert settings.moved({"accountName": "A", "user": "U"}, {"accountName": "A", "user": "V"}) == ()


def test_a_misspelt_setting_is_refused_with_the_right_one():
    (found,) = settings.problems({**ACCOUNT, "hosst": "127.0.0.1"})

    assert (found.property, found.reason) == ("hosst", "unknown setting; did you mean host?")


def test_the_known_settings_are_those_of_the_public_sdk():
    source = inspect.getsource(pulumi_snowflake.provider.ProviderArgs)
    renamed = re.findall(r'@pulumi\.getter\(name="(\w+)"\)', source)
    plain = re.findall(r"@pulumi\.getter\n    def (\w+)", source)

    assert {*renamed, *plain} == SETTINGS


def test_what_is_on_this_machine_is_not_waited_for_long():
    near = settings.parse({**ACCOUNT, "password": "x", "host": "127.0.0.1"}, {}).arguments
    far = settings.parse({**ACCOUNT, "password": "x"}, {}).arguments

    assert near["network_timeout"] < far["network_timeout"]
