"""Keys of Azure Key Vault: `azurekeyvault://<vault>.vault.azure.net/keys/<name>[/<version>]`.

Source: gocloud.dev/secrets/azurekeyvault (host, algorithm), Key Vault REST reference (encrypt, decrypt; values are
unpadded base64url), facts/engine-contract.md §6.2: what is stored is the text of the answer, not its bytes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Final

import httpx

from reconciler import errors
from reconciler.secrets.azure_tokens import find_azure_token
from reconciler.secrets.cloud_keys import KeyUrl, malformed_answers
from reconciler.secrets.http_calls import Caller

_NAME: Final = re.compile(
    r"(?P<host>[a-z0-9-]+\.(?P<service>vault\.[a-z0-9.-]+))/keys/(?P<key>[\w-]+(/[0-9a-f]+)?)", re.IGNORECASE
)
_ALGORITHM: Final = "RSA-OAEP-256"
_VERSION: Final = "7.4"
_TEXT: Final = re.compile(rb"[A-Za-z0-9_-]+=*")


class AzureKey:
    """One RSA key of a Key Vault."""

    def __init__(self, url: KeyUrl, environment: Mapping[str, str], client: httpx.Client | None = None) -> None:
        url.refuse_options("algorithm")
        name = _NAME.fullmatch(url.name)
        if name is None:
            raise errors.SecretsProviderError(
                f"{url.text} names no key", hint="azurekeyvault://<vault>.vault.azure.net/keys/<name>"
            )
        self._url = url
        self._environment = environment
        self._algorithm = url.options.get("algorithm") or _ALGORITHM
        self._address = f"https://{name['host']}/keys/{name['key']}"
        self._resource = environment.get("AZURE_AD_RESOURCE") or f"https://{name['service']}"
        self._caller = Caller(url.text, client)

    def encrypt(self, plaintext: bytes) -> bytes:
        """The text of the ciphertext: unpadded base64url."""
        return self._call("encrypt", _text(plaintext)).encode("ascii")

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Decrypt what `encrypt` gave, or the bytes themselves, as some old files have them."""
        text = ciphertext.decode("ascii") if _TEXT.fullmatch(ciphertext) else _text(ciphertext)
        answer = self._call("decrypt", text.rstrip("="))
        with malformed_answers(self._url):
            return base64.urlsafe_b64decode(answer + "=" * (-len(answer) % 4))

    def _call(self, verb: str, value: str) -> str:
        token = find_azure_token(self._environment, self._caller, self._resource, self._url.text)
        answer = self._caller.post(
            f"{self._address}/{verb}?api-version={_VERSION}",
            json={"alg": self._algorithm, "value": value},
            headers={"Authorization": f"Bearer {token}"},
        )
        with malformed_answers(self._url):
            return str(answer["value"])


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")
