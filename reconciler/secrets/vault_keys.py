"""Keys of HashiCorp Vault's transit engine: `hashivault://<key>[?engine=<path>]`.

Source: gocloud.dev/secrets/hashivault (VAULT_SERVER_URL or VAULT_ADDR, VAULT_SERVER_TOKEN or VAULT_TOKEN; the text
`vault:v1:…` is what is stored); Vault's HTTP API, transit.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from reconciler import errors
from reconciler.secrets.cloud_keys import KeyUrl, malformed_answers
from reconciler.secrets.http_calls import Caller


class VaultKey:
    """One key of a Vault."""

    def __init__(self, url: KeyUrl, environment: Mapping[str, str], client: httpx.Client | None = None) -> None:
        url.refuse_options("engine")
        server = environment.get("VAULT_SERVER_URL") or environment.get("VAULT_ADDR")
        if not server:
            raise errors.SecretsProviderError(
                f"{url.text}: neither VAULT_SERVER_URL nor VAULT_ADDR is set", hint="set VAULT_ADDR to the Vault's URL"
            )
        self._url = url
        self._engine = f"{server.rstrip('/')}/v1/{quote(url.options.get('engine') or 'transit')}"
        token = environment.get("VAULT_SERVER_TOKEN") or environment.get("VAULT_TOKEN")
        self._headers = {"X-Vault-Token": token} if token else {}
        if namespace := environment.get("VAULT_NAMESPACE"):
            self._headers["X-Vault-Namespace"] = namespace
        self._caller = Caller(url.text, client)

    def encrypt(self, plaintext: bytes) -> bytes:
        """The text `vault:v<version>:<base64>`."""
        return self._call("encrypt", {"plaintext": base64.b64encode(plaintext).decode("ascii")}, "ciphertext").encode()

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Decrypt such a text."""
        with malformed_answers(self._url):
            text = ciphertext.decode("utf-8")
        answer = self._call("decrypt", {"ciphertext": text}, "plaintext")
        with malformed_answers(self._url):
            return base64.b64decode(answer, validate=True)

    def _call(self, verb: str, body: Mapping[str, str], wanted: str) -> str:
        address = f"{self._engine}/{verb}/{quote(self._url.name)}"
        answer: Mapping[str, Any] = self._caller.post(address, json=body, headers=self._headers)
        with malformed_answers(self._url):
            return str(answer["data"][wanted])
