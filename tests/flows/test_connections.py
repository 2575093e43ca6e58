"""How a login is made of a block's document and the environment."""

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from flows.connections import parse_login


@pytest.fixture(scope="module")
def pem():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def test_without_addresses_in_the_environment_the_driver_chooses_the_host(pem):
    login = parse_login({"account": "ORG-PROD", "user": "LOADER", "private_key": pem}, {})

    assert login.address == {}
    assert serialization.load_der_private_key(login.private_key, password=None)


def test_the_environment_leads_to_another_host(pem):
    environment = {"SNOWFLAKE_HOST": "127.0.0.1", "SNOWFLAKE_PORT": "18710", "SNOWFLAKE_PROTOCOL": "http"}

    login = parse_login({"account": "ORG-PROD", "user": "LOADER", "private_key": pem}, environment)

    assert login.address == {"host": "127.0.0.1", "port": 18710, "protocol": "http"}


def test_a_login_does_not_show_its_key(pem):
    login = parse_login({"account": "ORG-PROD", "user": "LOADER", "private_key": pem}, {})

    assert "private_key" not in repr(login)


def test_a_broken_key_is_refused_without_being_shown():
    with pytest.raises(ValueError) as refused:
        parse_login({"account": "A", "user": "U", "private_key": "hunter2"}, {})

    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None
