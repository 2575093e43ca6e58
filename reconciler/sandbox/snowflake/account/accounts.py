"""The account as it is on the first day: system roles, the bootstrap user, generated ids."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from reconciler.sandbox.snowflake.account.catalogue import ACCOUNT_NUMBER, Catalogue, Granted, SqlObject
from reconciler.sandbox.snowflake.vocabulary.kinds import ACCOUNT

ORGANIZATION: Final = "FLOWFORGE"
ACCOUNT_NAME: Final = "SANDBOX"
LOCATOR: Final = "FLOWFORGE_SB"
REGION: Final = "us-east-1"
SNOWFLAKE_AWS_ACCOUNT: Final = "905418000001"
"""The AWS account in which Snowflake's own IAM users live; made up."""
BOOTSTRAP_USER: Final = "DEPLOYER"
BOOTSTRAP_PASSWORD: Final = "sandbox"  # the sandbox's documented password

_CREATES: Final = {
    "SYSADMIN": ("CREATE DATABASE", "CREATE WAREHOUSE"),
    "USERADMIN": ("CREATE ROLE", "CREATE USER"),
    "SECURITYADMIN": ("CREATE NETWORK POLICY", "MANAGE GRANTS"),
}
_HIERARCHY: Final = (("USERADMIN", "SECURITYADMIN"), ("SECURITYADMIN", "ACCOUNTADMIN"), ("SYSADMIN", "ACCOUNTADMIN"))


def establish(catalogue: Catalogue, now_s: float) -> None:
    """Fill an empty catalogue; leave any other alone."""
    if catalogue.objects:
        return
    with catalogue.transaction():
        _account(catalogue, now_s)
        numbers = {
            name: catalogue.put(
                SqlObject(number=catalogue.new_number(), kind="ROLE", name=name, created_s=now_s)
            ).number
            for name in ("ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN", "PUBLIC", "ORGADMIN")
        }
        elsewhere = {privilege for privileges in _CREATES.values() for privilege in privileges}
        held = {**_CREATES, "ACCOUNTADMIN": tuple(p for p in ACCOUNT.privileges if p not in elsewhere)}
        for role, privileges in held.items():
            for privilege in privileges:
                _grant(catalogue, privilege, ACCOUNT_NUMBER, numbers[role], now_s, option=True)
        for child, parent in _HIERARCHY:
            _grant(catalogue, "USAGE", numbers[child], numbers[parent], now_s)
        user = catalogue.put(
            SqlObject(
                number=catalogue.new_number(),
                kind="USER",
                name=BOOTSTRAP_USER,
                owner=numbers["ACCOUNTADMIN"],
                created_s=now_s,
                properties={"DEFAULT_ROLE": "ACCOUNTADMIN"},
                facts={"password": hash_password(BOOTSTRAP_PASSWORD)},
            )
        )
        _grant(catalogue, "USAGE", numbers["ACCOUNTADMIN"], user.number, now_s)


def _account(catalogue: Catalogue, now_s: float) -> None:
    catalogue.put(
        SqlObject(
            number=catalogue.new_number(),
            kind="ACCOUNT",
            name=ACCOUNT_NAME,
            created_s=now_s,
            facts={
                "iam_user_arn": f"arn:aws:iam::{SNOWFLAKE_AWS_ACCOUNT}:user/{secrets.token_hex(4)}-s",
                "privatelink_service": f"com.amazonaws.vpce.{REGION}.vpce-svc-{secrets.token_hex(9)[:17]}",
                "vpc_ids": [f"vpc-{secrets.token_hex(4)}"],
                "privatelink_authorized": [],
            },
        )
    )


def _grant(catalogue: Catalogue, privilege: str, on: int, grantee: int, now_s: float, *, option: bool = False) -> None:
    catalogue.grant(Granted(privilege=privilege, on=on, grantee=grantee, option=option, created_s=now_s))


def external_id(number: int) -> str:
    """A new external id of a storage integration, in Snowflake's form."""
    return f"{LOCATOR}_SFCRole={number}_{base64.b64encode(secrets.token_bytes(21)).decode()}"


def hash_password(password: str) -> str:
    """A salted hash, as text."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{_digest(password, salt)}"


def is_password(password: str, stored: object) -> bool:
    """Is it the password that was hashed?"""
    if not isinstance(stored, str):
        return False
    salt, _, digest = stored.partition(":")
    return hmac.compare_digest(digest, _digest(password, bytes.fromhex(salt)))


def _digest(password: str, salt: bytes) -> str:
    # Few rounds: these are sandbox passwords, and logins happen all the time.
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000).hex()
