"""Who is at the door: passwords, key-pair tokens, network policies, and where the session starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from reconciler.sandbox.snowflake.account import accounts, keys, roles
from reconciler.sandbox.snowflake.account.catalogue import Catalogue, SqlObject
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.identifiers import fold, parse_name
from reconciler.sandbox.snowflake.vocabulary.kinds import BY_WORDS

ACCOUNTS: Final = frozenset({f"{accounts.ORGANIZATION}-{accounts.ACCOUNT_NAME}", accounts.LOCATOR})
"""The names under which a token may call the account."""


def find_user(catalogue: Catalogue, login: str) -> SqlObject | None:
    """The user with that login name, which is compared without case."""
    for user in catalogue.of_kind("USER"):
        if str(user.value("LOGIN_NAME") or user.name).upper() == login.upper():
            return user
    return None


def authenticate(catalogue: Catalogue, data: Mapping[str, Any], address: str) -> SqlObject:
    """The user whose credentials these are.

    Args:
        data: the body of the login request.
        address: where the client comes from.

    Raises:
        RefusedError: 390100 or 390144 for credentials, 390101 for a disabled user, 390422 for a network policy.
    """
    user = find_user(catalogue, str(data.get("LOGIN_NAME") or ""))
    authenticator = str(data.get("AUTHENTICATOR") or "SNOWFLAKE").upper()
    if authenticator == "SNOWFLAKE_JWT":
        user = _by_token(user, str(data.get("TOKEN") or ""))
    elif authenticator in ("SNOWFLAKE", "USERNAME_PASSWORD_MFA"):
        password = str(data.get("PASSWORD") or "")
        if user is None or not accounts.is_password(password, user.facts.get("password")):
            raise refusals.RefusedError(390100, "08001", "Incorrect username or password was specified.")
    else:
        raise refusals.unsupported(f"authenticator {authenticator}")
    if user.value("DISABLED") is True:
        raise refusals.RefusedError(390101, "08001", "User access disabled. Contact your local system administrator.")
    policy_name = user.properties.get("NETWORK_POLICY")
    if isinstance(policy_name, str):
        policy = catalogue.find(BY_WORDS["NETWORK POLICY"], parse_name(policy_name)[-1])
        if policy is not None and not keys.admits(policy, address):
            raise refusals.RefusedError(
                390422,
                "08001",
                f"Incoming request with IP/Token {address} is not allowed to access Snowflake."
                " Contact your account administrator.",
            )
    return user


def _by_token(user: SqlObject | None, token: str) -> SqlObject:
    invalid = refusals.RefusedError(390144, "08001", "JWT token is invalid.")
    if user is None:
        raise invalid
    for slot in keys.SLOTS:
        body = user.properties.get(slot)
        if isinstance(body, str) and _is_signed(token, user, keys.public_key(body)):
            return user
    raise invalid


def _is_signed(token: str, user: SqlObject, key: RSAPublicKey) -> bool:
    try:
        claims = jwt.decode(token, key, algorithms=["RS256"], options={"require": ["exp", "iat", "iss", "sub"]})
    except jwt.PyJWTError:
        return False
    login = str(user.value("LOGIN_NAME") or user.name).upper()
    issuer, _, print_ = str(claims["iss"]).partition(".SHA256:")
    account, _, name = issuer.partition(".")
    return (
        account in ACCOUNTS
        and name == login
        and claims["sub"] == issuer
        and f"SHA256:{print_}" == keys.fingerprint(key)
        and int(claims["exp"]) - int(claims["iat"]) <= 3600
    )


def starting_role(catalogue: Catalogue, user: SqlObject, wanted: str | None) -> int:
    """The role of a new session: the one asked for, else the user's default, else PUBLIC.

    Raises:
        RefusedError: 390201 for a role that does not exist or was not granted. A default role
            that is not there any more is no error.
    """
    public = catalogue.find(BY_WORDS["ROLE"], "PUBLIC")
    held = roles.reachable(catalogue, roles.roles_of_user(catalogue, user.number))
    default = user.value("DEFAULT_ROLE")
    name = fold(wanted) if wanted else parse_name(default)[-1] if isinstance(default, str) else "PUBLIC"
    found = catalogue.find(BY_WORDS["ROLE"], name)
    if found is not None and (found.number in held or found.name == "PUBLIC"):
        return found.number
    if wanted:
        raise refusals.RefusedError(
            390201,
            "08004",
            f"Role '{name}' specified in the connect string is not granted to this user."
            " Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.",
        )
    return public.number if public is not None else 0
