"""Logins: passwords, key pairs, roles, network policies, session tokens.

Source: Snowflake documentation, Key-pair authentication; Network policies;
connection parameters of the Python connector.
"""

import base64
import time

import jwt
import pytest
import snowflake.connector
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from reconciler.sandbox.snowflake.account.keys import fingerprint
from tests.conformance.snowflake.connections import send

KEYS = [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)]


def private(key):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public(key):
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def login_errno(connect, **arguments):
    with pytest.raises(snowflake.connector.errors.DatabaseError) as caught:
        connect(**arguments)
    return caught.value.errno, caught.value.msg


def test_a_wrong_password_and_an_unknown_user_are_the_same_error(connect):
    wrong = login_errno(connect, password="wrong")
    unknown = login_errno(connect, user="NOBODY")

    assert wrong[0] == unknown[0] == 390100
    assert "Incorrect username or password" in wrong[1]


@pytest.mark.slow
def test_a_service_user_logs_in_with_either_of_its_keys(admin, connect, name):
    admin.run(
        f"CREATE USER {name} TYPE = SERVICE RSA_PUBLIC_KEY = '{public(KEYS[0])}' RSA_PUBLIC_KEY_2 = '{public(KEYS[1])}'"
    )

    for key in KEYS[:2]:
        connection = connect(user=name, private_key=private(key))
        assert connection.cursor().execute("SELECT CURRENT_USER()").fetchall() == [(name,)]

    errno, message = login_errno(connect, user=name, private_key=private(KEYS[2]))
    assert errno == 390144
    assert "JWT token is invalid" in message


@pytest.mark.slow
def test_a_key_can_be_rotated_without_a_gap(admin, connect, name):
    admin.run(f"CREATE USER {name} TYPE = SERVICE RSA_PUBLIC_KEY = '{public(KEYS[0])}'")

    admin.run(f"ALTER USER {name} SET RSA_PUBLIC_KEY_2 = '{public(KEYS[1])}'")
    connect(user=name, private_key=private(KEYS[1]))
    admin.run(f"ALTER USER {name} UNSET RSA_PUBLIC_KEY")

    login_errno(connect, user=name, private_key=private(KEYS[0]))
    described = {row["property"]: row["value"] for row in admin.rows(f"DESC USER {name}")}
    assert described["RSA_PUBLIC_KEY"] == described["RSA_PUBLIC_KEY_FP"] == "null"
    assert described["RSA_PUBLIC_KEY_2_FP"].startswith("SHA256:")
    assert described["TYPE"] == "SERVICE"
    assert described["PASSWORD"] == "null"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"exp": int(time.time()) - 600, "iat": int(time.time()) - 1200}, id="expired"),
        pytest.param({"exp": int(time.time()) + 7300, "iat": int(time.time())}, id="longer-than-an-hour"),
        pytest.param({"iss": "OTHER-ACCOUNT.{name}.{print}"}, id="another-account"),
        pytest.param({"sub": "FLOWFORGE-SANDBOX.DEPLOYER"}, id="another-subject"),
        pytest.param({"iss": "FLOWFORGE-SANDBOX.{name}.SHA256:AAAA"}, id="another-fingerprint"),
    ],
)
def test_a_token_that_snowflake_would_not_take_is_refused(admin, sandbox, name, broken):
    admin.run(f"CREATE USER {name} TYPE = SERVICE RSA_PUBLIC_KEY = '{public(KEYS[0])}'")
    mark = fingerprint(KEYS[0].public_key())
    now = int(time.time())
    good = {"iss": f"FLOWFORGE-SANDBOX.{name}.{mark}", "sub": f"FLOWFORGE-SANDBOX.{name}", "iat": now, "exp": now + 60}
    bad = {key: each.format(name=name, print=mark) if isinstance(each, str) else each for key, each in broken.items()}

    assert token_login(sandbox, name, good)["success"] is True
    answer = token_login(sandbox, name, good | bad)
    assert (answer["success"], answer["code"]) == (False, "390144")


def token_login(sandbox, name, claims):
    data = {
        "LOGIN_NAME": name,
        "AUTHENTICATOR": "SNOWFLAKE_JWT",
        "TOKEN": jwt.encode(claims, private_pem(KEYS[0]), algorithm="RS256"),
    }
    return send(f"{sandbox.url}/session/v1/login-request", {"data": data})


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_a_service_user_has_no_password(admin, name):
    assert admin.errno(f"CREATE USER {name} TYPE = SERVICE PASSWORD = 'secret-secret'") == 1422


def test_what_is_no_key_is_refused(admin, name):
    assert admin.errno(f"CREATE USER {name} TYPE = SERVICE RSA_PUBLIC_KEY = 'bm90IGEga2V5'") == 390143


def test_the_role_of_the_login_must_be_granted(admin, connect, name):
    admin.run(f"CREATE USER {name} PASSWORD = 'pass-word-1'", f"CREATE ROLE {name}_R")

    _, message = login_errno(connect, user=name, password="pass-word-1", role=f"{name}_R")

    assert "is not granted to this user" in message


def test_a_session_starts_where_the_users_defaults_say(admin, connect, name):
    admin.run(
        f"CREATE DATABASE {name}",
        f"CREATE WAREHOUSE {name}",
        f"CREATE ROLE {name}_R",
        f"GRANT USAGE ON DATABASE {name} TO ROLE {name}_R",
        f"GRANT USAGE ON SCHEMA {name}.PUBLIC TO ROLE {name}_R",
        f"GRANT USAGE ON WAREHOUSE {name} TO ROLE {name}_R",
        f"CREATE USER {name} PASSWORD = 'pass-word-1' DEFAULT_ROLE = {name}_R DEFAULT_WAREHOUSE = {name}"
        f" DEFAULT_NAMESPACE = {name}.PUBLIC DEFAULT_SECONDARY_ROLES = ()",
        f"GRANT ROLE {name}_R TO USER {name}",
    )

    connection = connect(user=name, password="pass-word-1")

    assert (connection.role, connection.warehouse) == (f"{name}_R", name)
    assert (connection.database, connection.schema) == (name, "PUBLIC")
    (row,) = connection.cursor().execute("SELECT CURRENT_SECONDARY_ROLES(), IS_ROLE_IN_SESSION('PUBLIC')").fetchall()
    assert row == ('{"roles": "", "value": ""}', True)


def test_a_disabled_user_is_kept_out(admin, connect, name):
    admin.run(f"CREATE USER {name} PASSWORD = 'pass-word-1' DISABLED = TRUE")

    _, message = login_errno(connect, user=name, password="pass-word-1")

    assert "disabled" in message


def test_a_users_network_policy_decides_who_comes_in(admin, connect, name):
    admin.run(
        f"CREATE NETWORK POLICY {name} ALLOWED_IP_LIST = ('10.0.0.0/8')",
        f"CREATE USER {name} PASSWORD = 'pass-word-1' NETWORK_POLICY = {name}",
    )

    _, message = login_errno(connect, user=name, password="pass-word-1")
    admin.run(f"ALTER NETWORK POLICY {name} SET ALLOWED_IP_LIST = ('10.0.0.0/8', '127.0.0.1')")

    assert "is not allowed to access Snowflake" in message
    connect(user=name, password="pass-word-1")
    admin.run(f"ALTER NETWORK POLICY {name} SET BLOCKED_IP_LIST = ('127.0.0.0/24')")
    login_errno(connect, user=name, password="pass-word-1")


def test_a_session_token_is_renewed_with_the_master_token(connect):
    connection = connect()

    connection.rest._renew_session()

    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_a_closed_session_is_gone(connect):
    connection = connect()
    token, master = connection.rest.token, connection.rest.master_token
    connection.close()

    late = connect()
    late.rest.update_tokens(token, master)

    with pytest.raises(snowflake.connector.errors.Error):
        late.cursor().execute("SELECT 1")
