"""The provider's own settings: from stack config and environment to a connection's arguments.

Pure: the environment is handed in. A setting in the configuration wins over
`SNOWFLAKE_<NAME>` in the environment. Scalars arrive as text, objects as JSON.
Source: the public SDK's provider class; snowflake-connector-python's `connect`.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import serialization

from reconciler import errors
from reconciler.catalog.spec import snake
from reconciler.contract.protocol import CheckFailure
from reconciler.model import values
from reconciler.model.values import PropertyMap
from reconciler.providers.snowflake.setting_names import ENGINES_OWN, SETTINGS

SECRET: Final = (
    "oauthClientId",
    "oauthClientSecret",
    "oauthTokenRequestUrl",
    "passcode",
    "password",
    "privateKey",
    "privateKeyPassphrase",
    "proxyPassword",
    "token",
)
"""Settings that are secret whether or not the program marks them."""

_PASSED: Final = {
    "user": "user",
    "password": "password",
    "passcode": "passcode",
    "token": "token",
    "role": "role",
    "warehouse": "warehouse",
    "host": "host",
    "protocol": "protocol",
    "proxyHost": "proxy_host",
    "proxyPort": "proxy_port",
    "proxyUser": "proxy_user",
    "proxyPassword": "proxy_password",
    "oauthClientId": "oauth_client_id",
    "oauthClientSecret": "oauth_client_secret",
    "oauthTokenRequestUrl": "oauth_token_request_url",
    "oauthScope": "oauth_scope",
    "workloadIdentityProvider": "workload_identity_provider",
    "workloadIdentityEntraResource": "workload_identity_entra_resource",
}
"""Setting -> argument of `connect`, passed as it is."""

_AUTHENTICATORS: Final = (
    "SNOWFLAKE",
    "SNOWFLAKE_JWT",
    "OAUTH",
    "OAUTH_CLIENT_CREDENTIALS",
    "PROGRAMMATIC_ACCESS_TOKEN",
    "WORKLOAD_IDENTITY",
    "USERNAMEPASSWORDMFA",
)
_INTERACTIVE: Final = ("EXTERNALBROWSER", "OKTA", "OAUTH_AUTHORIZATION_CODE")
_ACCOUNT: Final = ("organizationName", "accountName", "account", "host")
LOGIN_TIMEOUT_S: Final = 30
NETWORK_TIMEOUT_S: Final = 120
SOCKET_TIMEOUT_S: Final = 60
# Nothing on this machine takes long to answer, or comes back by itself when it is gone.
LOOPBACK_TIMEOUT_S: Final = 15

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Settings:
    """One connection's arguments. They hold secrets: never print them."""

    arguments: Mapping[str, object] = field(repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The role that sessions start with; "" for the user's own default."""
        return str(self.arguments.get("role") or "")

    @property
    def address(self) -> str:
        """Where the account answers, as host and port."""
        host = self.arguments.get("host") or f"{self.arguments['account']}.snowflakecomputing.com"
        return f"{host}:{self.arguments.get('port') or 443}"

    @property
    def reach_hint(self) -> str:
        """What to look at when nothing answers there."""
        if self.arguments.get("host") in _LOOPBACK:
            return "is the sandbox up? run `flowforge sandbox up`"
        return "check the network, and account, host and port in the provider's configuration"


def parse(inputs: PropertyMap, environment: Mapping[str, str]) -> Settings:
    """The connection that a configuration asks for.

    Raises:
        ConfigureError: a setting is missing, malformed, or asks for a person at a browser.
    """
    given = _with_environment(inputs, environment)
    arguments: dict[str, object] = {
        argument: given[setting] for setting, argument in _PASSED.items() if given.get(setting)
    }
    arguments["account"] = _account(given)
    is_near = arguments.get("host") in _LOOPBACK
    login_s, network_s = (LOOPBACK_TIMEOUT_S,) * 2 if is_near else (LOGIN_TIMEOUT_S, NETWORK_TIMEOUT_S)
    arguments["login_timeout"] = _number(given, "loginTimeout", login_s)
    arguments["network_timeout"] = timeout_s = _number(given, "requestTimeout", network_s)
    arguments["socket_timeout"] = min(timeout_s, SOCKET_TIMEOUT_S)
    if given.get("port"):
        arguments["port"] = _number(given, "port", 443)
    if str(given.get("disableOcspChecks", "")).lower() == "true":
        arguments["disable_ocsp_checks"] = True
    arguments.update(_authentication(given))
    if not arguments.get("user") and arguments.get("authenticator") in (None, "SNOWFLAKE", "SNOWFLAKE_JWT"):
        raise _missing("user")
    return Settings(arguments, _parameters(given))


def problems(inputs: PropertyMap) -> tuple[CheckFailure, ...]:
    """What is wrong with settings whatever the environment holds."""
    found = [CheckFailure(name, _unknown(name)) for name in sorted(inputs) if name not in SETTINGS | ENGINES_OWN]
    authenticator = values.reveal(inputs.get("authenticator"))
    if isinstance(authenticator, str) and authenticator.upper() not in (*_AUTHENTICATORS, *_INTERACTIVE, ""):
        found.append(CheckFailure("authenticator", f"expected one of {', '.join(_AUTHENTICATORS)}"))
    port = values.reveal(inputs.get("port"))
    if isinstance(port, (str, int)) and not str(port).isdigit():
        found.append(CheckFailure("port", "expected a port number"))
    return tuple(found)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, SETTINGS, n=1)
    return "unknown setting" + (f"; did you mean {near[0]}?" if near else "")


def moved(old: PropertyMap, new: PropertyMap) -> tuple[str, ...]:
    """The settings whose change means another account: everything in it is another object."""
    return tuple(name for name in _ACCOUNT if not values.same(old.get(name), new.get(name)))


def _with_environment(inputs: PropertyMap, environment: Mapping[str, str]) -> dict[str, object]:
    names = {
        *_PASSED,
        *_ACCOUNT,
        "port",
        "authenticator",
        "privateKey",
        "privateKeyPassphrase",
        "loginTimeout",
        "requestTimeout",
        "disableOcspChecks",
    }
    given: dict[str, object] = {}
    for name in sorted(names):
        value = values.reveal(inputs.get(name))
        if value is None or value == "":
            value = environment.get(f"SNOWFLAKE_{snake(name).upper()}", "")
        if isinstance(value, values.Unknown):
            raise errors.ConfigureError(f"the setting {name} is not known yet")
        given[name] = value
    given["params"] = values.reveal(inputs.get("params"))
    return given


def _account(given: Mapping[str, object]) -> str:
    organization, name = given.get("organizationName"), given.get("accountName")
    if organization and name:
        return f"{organization}-{name}"
    if given.get("account"):
        return str(given["account"])
    raise _missing("organizationName and accountName")


def _authentication(given: Mapping[str, object]) -> dict[str, object]:
    authenticator = str(given.get("authenticator") or "").upper()
    if authenticator in _INTERACTIVE:
        raise errors.ConfigureError(
            f"authenticator {authenticator} needs a person at a browser",
            hint="use a key pair (SNOWFLAKE_JWT) or a token",
        )
    if not authenticator:
        # What is given tells: a key, else a token (OAuth), else a password.
        authenticator = "SNOWFLAKE_JWT" if given.get("privateKey") else "OAUTH" if given.get("token") else ""
    found: dict[str, object] = {"authenticator": authenticator} if authenticator else {}
    if authenticator == "SNOWFLAKE_JWT":
        found["private_key"] = _private_key(given)
    elif authenticator == "PROGRAMMATIC_ACCESS_TOKEN" and not given.get("token"):
        found["token"] = given.get("password")
    elif authenticator in ("", "SNOWFLAKE") and not given.get("password"):
        raise _missing("password")
    return found


def _private_key(given: Mapping[str, object]) -> bytes:
    pem, passphrase = str(given.get("privateKey") or ""), str(given.get("privateKeyPassphrase") or "")
    if not pem:
        raise _missing("privateKey")
    try:
        key = serialization.load_pem_private_key(pem.encode(), passphrase.encode() or None)
    except (ValueError, TypeError):
        # The library's message may quote the key.
        raise errors.ConfigureError(
            "privateKey is not a PEM private key, or its passphrase is wrong",
            hint="give the whole PEM text with its line ends, and privateKeyPassphrase if it is encrypted",
        ) from None
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _parameters(given: Mapping[str, object]) -> dict[str, str]:
    told = given.get("params")
    if isinstance(told, str) and told:
        try:
            told = json.loads(told)
        except ValueError:
            raise errors.ConfigureError("params is not a JSON object") from None
    if not told:
        return {}
    if not isinstance(told, Mapping):
        raise errors.ConfigureError("params is not an object of session parameters")
    return {str(name): str(value) for name, value in told.items()}


def _number(given: Mapping[str, object], name: str, default: int) -> int:
    value = given.get(name)
    if value in (None, ""):
        return default
    try:
        return int(str(value))
    except ValueError:
        raise errors.ConfigureError(f"{name} is not a whole number") from None


def _missing(name: str) -> errors.ConfigureError:
    first = name.partition(" ")[0]
    secret = "--secret " if first in ("password", "privateKey") else ""
    return errors.ConfigureError(
        f"the setting {name} is missing",
        hint=f"run `pulumi config set {secret}snowflake:{first} VALUE`, or set SNOWFLAKE_{snake(first).upper()}",
    )
