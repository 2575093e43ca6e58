"""Access tokens of Google, by the application default credentials.

Source: pulumi/pulumi pkg/authhelpers (GOOGLE_CREDENTIALS first); google.aip.dev/auth/4110 (order), 4112 (service
accounts), 4113 (a person's refresh token), 4115 (metadata server).
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from reconciler import errors
from reconciler.secrets.http_calls import Caller

_LIFE_S: Final = 3600
_TOKEN_ADDRESS: Final = "https://oauth2.googleapis.com/token"
_METADATA_HOST: Final = "metadata.google.internal"
_METADATA_PATH: Final = "/computeMetadata/v1/instance/service-accounts/default/token"


def find_google_token(environment: Mapping[str, str], caller: Caller, scope: str, subject: str) -> str:
    """A bearer token for one scope.

    Raises:
        SecretsProviderError: there are no credentials, they are of a sort that is not known here, or are refused.
    """
    if token := environment.get("GOOGLE_OAUTH_ACCESS_TOKEN"):
        return token
    credentials = _find_credentials(environment, subject)
    if credentials is None:
        host = environment.get("GCE_METADATA_HOST") or _METADATA_HOST
        try:
            answer = caller.get(f"http://{host}{_METADATA_PATH}", {"Metadata-Flavor": "Google"})
        except errors.SecretsProviderError as error:
            raise errors.SecretsProviderError(
                f"{subject}: missing google credentials",
                hint="`gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS",
            ) from error
        return _token(answer, subject)
    try:
        match credentials.get("type"):
            case "service_account":
                form = _assertion(credentials, scope)
            case "authorized_user":
                form = {name: str(credentials[name]) for name in ("client_id", "client_secret", "refresh_token")}
                form["grant_type"] = "refresh_token"
            case kind:
                raise errors.SecretsProviderError(
                    f"{subject}: Google credentials of type {kind!r} are not in this version",
                    hint="use a service account's key, or set GOOGLE_OAUTH_ACCESS_TOKEN",
                )
    except (KeyError, TypeError, ValueError) as error:
        raise errors.SecretsProviderError(
            f"{subject}: the Google credentials are malformed ({type(error).__name__})"
        ) from error
    address = str(credentials.get("token_uri") or _TOKEN_ADDRESS)
    return _token(caller.post(address, form=form), subject)


def _find_credentials(environment: Mapping[str, str], subject: str) -> Mapping[str, Any] | None:
    given = environment.get("GOOGLE_CREDENTIALS", "")
    text = given if given.lstrip().startswith("{") else ""
    named = (given if not text else "") or environment.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    home = Path(environment.get("HOME") or Path.home())
    folder = Path(environment.get("CLOUDSDK_CONFIG") or home / ".config" / "gcloud")
    try:
        if not text and named:
            text = Path(named).expanduser().read_text(encoding="utf-8")
        elif not text and (usual := folder / "application_default_credentials.json").is_file():
            text = usual.read_text(encoding="utf-8")
        credentials = json.loads(text) if text else None
    except (OSError, ValueError) as error:
        # The text itself is a secret and stays out of the message.
        reason = error.strerror if isinstance(error, OSError) else "they are not JSON"
        raise errors.SecretsProviderError(f"{subject}: the Google credentials cannot be read: {reason}") from None
    return credentials if isinstance(credentials, dict) else None


def _assertion(credentials: Mapping[str, Any], scope: str) -> dict[str, str]:
    """What a service account signs to be given a token."""
    now_s = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": str(credentials.get("private_key_id", ""))}
    claims = {
        "iss": str(credentials["client_email"]),
        "scope": scope,
        "aud": str(credentials.get("token_uri") or _TOKEN_ADDRESS),
        "iat": now_s,
        "exp": now_s + _LIFE_S,
    }
    signed = f"{_part(header)}.{_part(claims)}"
    key = serialization.load_pem_private_key(str(credentials["private_key"]).encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("not an RSA key")
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}",
    }


def _part(data: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _token(answer: Mapping[str, Any], subject: str) -> str:
    token = answer.get("access_token")
    if not isinstance(token, str):
        raise errors.SecretsProviderError(f"{subject}: Google gave no access token")
    return token
