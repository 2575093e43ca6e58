"""Access tokens of Azure, by its default chain: environment, workload identity, `az`, managed identity.

Source: learn.microsoft.com, Azure Identity: DefaultAzureCredential, environment variables; IMDS token endpoint.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from reconciler import errors
from reconciler.secrets.http_calls import Caller

_AUTHORITY: Final = "https://login.microsoftonline.com"
_METADATA: Final = "http://169.254.169.254/metadata/identity/oauth2/token"
_CLI_TIMEOUT_S: Final = 60


def find_azure_token(environment: Mapping[str, str], caller: Caller, resource: str, subject: str) -> str:
    """A bearer token for a resource such as `https://vault.azure.net`.

    Raises:
        SecretsProviderError: there are no credentials, or they are refused.
    """
    tenant, client = environment.get("AZURE_TENANT_ID"), environment.get("AZURE_CLIENT_ID")
    secret, file = environment.get("AZURE_CLIENT_SECRET"), environment.get("AZURE_FEDERATED_TOKEN_FILE")
    via_cli = environment.get("AZURE_KEYVAULT_AUTH_VIA_CLI", "").lower() in ("1", "t", "true")
    if tenant and client and (secret or file) and not via_cli:
        form = {"grant_type": "client_credentials", "client_id": client, "scope": f"{resource}/.default"}
        form |= {"client_secret": secret} if secret else _assertion(str(file), subject)
        authority = (environment.get("AZURE_AUTHORITY_HOST") or _AUTHORITY).rstrip("/")
        address = f"{authority}/{quote(tenant, safe='')}/oauth2/v2.0/token"
        return _token(caller.post(address, form=form), "access_token", subject)
    if via_cli or shutil.which("az", path=environment.get("PATH")):
        return _token(_ask_cli(resource, environment, subject), "accessToken", subject)
    return _token(_ask_machine(environment, caller, resource, subject), "access_token", subject)


def _assertion(file: str, subject: str) -> dict[str, str]:
    try:
        text = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise errors.SecretsProviderError(f"{subject}: AZURE_FEDERATED_TOKEN_FILE {file} cannot be read") from error
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": text,
    }


def _ask_cli(resource: str, environment: Mapping[str, str], subject: str) -> Mapping[str, Any]:
    command = ["az", "account", "get-access-token", "--resource", resource, "--output", "json"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_CLI_TIMEOUT_S, env=dict(environment)
        )
        data = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise errors.SecretsProviderError(f"{subject}: `az` gave no token", hint="`az login`") from error
    return data if isinstance(data, dict) else {}


def _ask_machine(environment: Mapping[str, str], caller: Caller, resource: str, subject: str) -> Mapping[str, Any]:
    """The managed identity of the machine or the app that we run on."""
    endpoint, header = environment.get("IDENTITY_ENDPOINT"), environment.get("IDENTITY_HEADER")
    query = f"resource={quote(resource, safe='')}"
    if client := environment.get("AZURE_CLIENT_ID"):
        query += f"&client_id={quote(client, safe='')}"
    try:
        if endpoint and header:
            return caller.get(f"{endpoint}?api-version=2019-08-01&{query}", {"X-IDENTITY-HEADER": header})
        return caller.get(f"{_METADATA}?api-version=2018-02-01&{query}", {"Metadata": "true"})
    except errors.SecretsProviderError as error:
        raise errors.SecretsProviderError(
            f"{subject}: missing Azure credentials",
            hint="`az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
        ) from error


def _token(answer: Mapping[str, Any], key: str, subject: str) -> str:
    token = answer.get(key)
    if not isinstance(token, str):
        raise errors.SecretsProviderError(f"{subject}: Azure gave no access token")
    return token
