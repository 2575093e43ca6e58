"""Users' credentials and the networks that they may come from: public keys, fingerprints, IP lists."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
from dataclasses import replace
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from reconciler.sandbox.snowflake.account import accounts
from reconciler.sandbox.snowflake.account.catalogue import SqlObject
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.properties import Kept

SLOTS: Final = ("RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2")
_PERSONAL: Final = ("PASSWORD", "FIRST_NAME", "MIDDLE_NAME", "LAST_NAME", "MUST_CHANGE_PASSWORD")


def with_credentials(user: SqlObject, now_s: float, before: SqlObject | None = None) -> SqlObject:
    """A user whose password is kept as a hash, and whose keys have fingerprints and dates.

    Raises:
        RefusedError: a key that is none; a password or a personal name on a service user.
    """
    facts = dict(user.facts)
    properties = dict(user.properties)
    if properties.get("TYPE") == "SERVICE":
        for name in _PERSONAL:
            if properties.get(name) not in (None, False):
                raise refusals.RefusedError(
                    1422, "22023", f"SQL compilation error:\nCannot set {name} on a user with TYPE=SERVICE."
                )
    if "PASSWORD" in properties:
        password = properties.pop("PASSWORD")
        facts["password"] = accounts.hash_password(str(password)) if password else None
        facts["password_set_s"] = now_s
    for slot in SLOTS:
        written = properties.get(slot)
        old = before.properties.get(slot) if before is not None else None
        if written:
            properties[slot] = body = "".join(str(written).split())
            facts[f"{slot}_FP"] = fingerprint(public_key(body))
            if body != old:
                facts[f"{slot}_LAST_SET_TIME"] = now_s
        else:
            properties.pop(slot, None)
            facts.pop(f"{slot}_FP", None)
            facts.pop(f"{slot}_LAST_SET_TIME", None)
    return replace(user, properties=properties, facts=facts)


def public_key(body: str) -> RSAPublicKey:
    """The key in a base64 body without PEM header.

    Raises:
        RefusedError: it is not an RSA public key.
    """
    try:
        key = load_der_public_key(base64.b64decode(body, validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm) as error:
        raise _rejected("Invalid public key") from error
    if not isinstance(key, RSAPublicKey):
        raise _rejected("not an RSA key")
    return key


def _rejected(reason: str) -> refusals.RefusedError:
    return refusals.RefusedError(390143, "22023", f"New public key rejected by current policy. Reason: '{reason}'")


def fingerprint(key: RSAPublicKey) -> str:
    """SHA256: and the base64 digest of the DER form."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def parse_networks(name: str, value: Kept) -> tuple[ipaddress.IPv4Network, ...]:
    """The networks of an IP list.

    Raises:
        RefusedError: an entry that is no IPv4 address or network.
    """
    entries = value if isinstance(value, list) else []
    try:
        return tuple(ipaddress.IPv4Network(str(entry), strict=False) for entry in entries)
    except ValueError as error:
        raise refusals.invalid_value(str(error), name) from error


def admits(policy: SqlObject, address: str) -> bool:
    """Does a network policy let an address in?"""
    client = ipaddress.IPv4Address(address)
    allowed = parse_networks("ALLOWED_IP_LIST", policy.value("ALLOWED_IP_LIST"))
    blocked = parse_networks("BLOCKED_IP_LIST", policy.value("BLOCKED_IP_LIST"))
    if any(client in network for network in blocked):
        return False
    return not allowed or any(client in network for network in allowed)
