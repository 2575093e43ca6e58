"""The one service that signs in by itself: the loader, with a key pair and no password.

Snowflake holds the public half; the private half is kept in Secrets Manager for
whoever operates the workers, and reaches flow runs through Prefect's encrypted
block. The key is made outside the program (it would differ on every run here)
and handed in through the stack's config.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_snowflake as snowflake
from cryptography.hazmat.primitives import serialization

from infra.access import FunctionalRoles
from infra.settings import Settings
from infra.warehouse import Warehouses


@dataclass(frozen=True, slots=True)
class Loader:
    """The loader service: its user, and where its private key is kept."""

    user: snowflake.ServiceUser
    private_key: pulumi.Output[str]
    secret: aws.secretsmanager.Secret
    granted: tuple[pulumi.Resource, ...]


def loader(
    settings: Settings, roles: FunctionalRoles, warehouses: Warehouses, policy: snowflake.NetworkPolicy
) -> Loader:
    """Declare the loader's user, the roles it may take, and the secret that keeps its key."""
    user = snowflake.ServiceUser(
        "loader",
        name=f"{settings.prefix}_LOADER_SERVICE",
        rsa_public_key=settings.loader_private_key.apply(public_key_body),
        default_role=roles.loader.name,
        default_warehouse=warehouses.load.name,
        # One role at a time: a session that loads cannot also use what the transformer may.
        default_secondary_roles_option="NONE",
        network_policy=policy.name,
        comment="Runs the flows; signs in with a key pair",
    )
    granted = tuple(
        snowflake.GrantAccountRole(f"loader-service-has-{name}", role_name=role.name, user_name=user.name)
        for name, role in (("loader", roles.loader), ("transformer", roles.transformer))
    )
    secret = aws.secretsmanager.Secret(
        "loader-key",
        name=f"{settings.slug}/loader-private-key",
        description="Private key (PKCS#8 PEM) of the Snowflake service user that loads",
        # Without a grace period the name is free again at once: what a rebuilt sandbox needs.
        recovery_window_in_days=30 if settings.protect else 0,
    )
    aws.secretsmanager.SecretVersion("loader-key-value", secret_id=secret.id, secret_string=settings.loader_private_key)
    return Loader(user, settings.loader_private_key, secret, granted)


def public_key_body(private_key: str) -> str:
    """The public half of a private key, as Snowflake's RSA_PUBLIC_KEY wants it: base64 on one line.

    Args:
        private_key: PEM text, unencrypted.

    Raises:
        pulumi.RunError: the text is no private key.
    """
    try:
        key = serialization.load_pem_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError):
        # Nothing of the text goes into the message, nor into a chained traceback.
        raise pulumi.RunError("loaderPrivateKey: expected an unencrypted private key in PEM (PKCS#8)") from None
    body = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(body).decode()
