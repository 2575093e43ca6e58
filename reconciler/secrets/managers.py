"""Makes and opens secrets managers by what a person, a config file or a state file calls them."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from typing import Final

from reconciler import errors
from reconciler.secrets.cloud_keys import CloudKey, parse_key_url
from reconciler.state.secrets import (
    CLOUD_KIND,
    KIND,
    KeySecrets,
    cloud_state,
    encrypted_key_of,
    salt_of,
    url_of,
)

SCHEMES: Final = ("awskms", "azurekeyvault", "gcpkms", "hashivault")
NAMES: Final = ("default", KIND, *SCHEMES)
# Replaces the URL for one run: another region, profile or alias of the same key.
_OVERRIDE: Final = "PULUMI_CLOUD_SECRET_OVERRIDE"
_KEY_BYTES: Final = 32


def is_passphrase(provider: str) -> bool:
    """Does a name or URL of a secrets provider mean the passphrase?"""
    return provider in ("", "default", KIND)


def check_provider(provider: str) -> None:
    """Refuse what is no secrets provider.

    Raises:
        UsageError: upstream's words.
    """
    kind = provider.partition(":")[0]
    if kind not in NAMES or (kind in SCHEMES) != (":" in provider):
        raise errors.UsageError(
            f"unknown secrets provider type '{kind}' (supported values: {','.join(NAMES)})",
            hint="for instance passphrase, or awskms://alias/secrets?region=eu-west-1",
        )


def new_cloud_secrets(url: str, environment: Mapping[str, str]) -> KeySecrets:
    """A manager with a fresh data key, which the cloud's key encrypts. Calls the cloud.

    Raises:
        SecretsProviderError: the cloud refuses, or credentials are missing.
    """
    key = os.urandom(_KEY_BYTES)
    cloud = open_cloud_key(environment.get(_OVERRIDE) or url, environment)
    encrypted = cloud.encrypt(key)
    # Whoever may encrypt and not decrypt would lock themselves out.
    if cloud.decrypt(encrypted) != key:
        raise errors.SecretsProviderError(f"{url}: what it encrypts comes back as something else")
    return KeySecrets(key, cloud_state(url, base64.b64encode(encrypted).decode("ascii")))


def open_cloud_secrets(url: str, encrypted_key: str, environment: Mapping[str, str]) -> KeySecrets:
    """The manager whose data key the cloud encrypted. Calls the cloud.

    Raises:
        SecretsProviderError: the cloud refuses, or credentials are missing.
        StateError: the encrypted key is malformed.
    """
    try:
        encrypted = base64.b64decode(encrypted_key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise errors.StateError(f"the encrypted key of {url} is malformed", hint="it is base64") from error
    if not encrypted:
        raise errors.StateError(f"the encrypted key of {url} is missing")
    key = open_cloud_key(environment.get(_OVERRIDE) or url, environment).decrypt(encrypted)
    if len(key) != _KEY_BYTES:
        raise errors.SecretsProviderError(f"{url}: the data key has {len(key)} bytes and not {_KEY_BYTES}")
    return KeySecrets(key, cloud_state(url, encrypted_key))


def open_provider(
    provider: Mapping[str, object], environment: Mapping[str, str], unlock: Callable[[str], KeySecrets]
) -> KeySecrets:
    """The manager that a state file's `secrets_providers` names.

    Args:
        unlock: gives the passphrase manager of a salt.

    Raises:
        StateError: it names another kind of manager, or is malformed.
        PassphraseError: the passphrase is not the stack's.
        SecretsProviderError: the cloud refuses.
    """
    match provider.get("type"):
        case "passphrase":
            if not (salt := salt_of(provider)):
                raise errors.StateError("its secrets manager has no salt")
            return unlock(salt)
        case "cloud":
            if not (url := url_of(provider)):
                raise errors.StateError("its secrets manager has no URL")
            return open_cloud_secrets(url, encrypted_key_of(provider), environment)
        case kind:
            raise errors.StateError(
                f"its secrets are kept by {kind!r}",
                hint=f"only {KIND!r} and {CLOUD_KIND!r} are known here: `pulumi stack change-secrets-provider {KIND}`"
                " in the other CLI",
            )


def open_cloud_key(text: str, environment: Mapping[str, str]) -> CloudKey:
    """The key that a URL names; nothing is called yet.

    Args:
        environment: where credentials and endpoints are looked for.

    Raises:
        SecretsProviderError: the URL is malformed, of an unknown scheme, or credentials are missing.
    """
    url = parse_key_url(text)
    match url.scheme:
        case "awskms":
            from reconciler.secrets.aws_keys import AwsKey

            return AwsKey(url)
        case "gcpkms":
            from reconciler.secrets.google_keys import GoogleKey

            return GoogleKey(url, environment)
        case "azurekeyvault":
            from reconciler.secrets.azure_keys import AzureKey

            return AzureKey(url, environment)
        case "hashivault":
            from reconciler.secrets.vault_keys import VaultKey

            return VaultKey(url, environment)
        case scheme:
            raise errors.SecretsProviderError(f"unknown secrets provider type {scheme!r}")
