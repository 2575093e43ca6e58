"""Keys of Google Cloud KMS: `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K`.

Source: gocloud.dev/secrets/gcpkms (the name is host and path, no options); Cloud KMS REST reference,
projects.locations.keyRings.cryptoKeys.encrypt and .decrypt.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

import httpx

from reconciler import errors
from reconciler.secrets.cloud_keys import KeyUrl, malformed_answers
from reconciler.secrets.google_tokens import find_google_token
from reconciler.secrets.http_calls import Caller

_NAME: Final = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
_SCOPE: Final = "https://www.googleapis.com/auth/cloudkms"
_ENDPOINT: Final = "https://cloudkms.googleapis.com/"
# As gcloud spells an endpoint of one's own.
_ENDPOINT_VARIABLE: Final = "CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS"


class GoogleKey:
    """One key of Cloud KMS."""

    def __init__(self, url: KeyUrl, environment: Mapping[str, str], client: httpx.Client | None = None) -> None:
        url.refuse_options()
        if not _NAME.fullmatch(url.name):
            raise errors.SecretsProviderError(
                f"{url.text} names no key", hint="gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K"
            )
        self._url = url
        self._environment = environment
        self._endpoint = (environment.get(_ENDPOINT_VARIABLE) or _ENDPOINT).rstrip("/")
        self._caller = Caller(url.text, client)

    def encrypt(self, plaintext: bytes) -> bytes:
        """Encrypt by the key's primary version."""
        return self._call("encrypt", "plaintext", plaintext, "ciphertext")

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Decrypt by whichever version encrypted it."""
        return self._call("decrypt", "ciphertext", ciphertext, "plaintext")

    def _call(self, verb: str, given: str, content: bytes, wanted: str) -> bytes:
        token = find_google_token(self._environment, self._caller, _SCOPE, self._url.text)
        address = f"{self._endpoint}/v1/{self._url.name}:{verb}"
        body = {given: base64.b64encode(content).decode("ascii")}
        answer: Mapping[str, Any] = self._caller.post(address, json=body, headers={"Authorization": f"Bearer {token}"})
        with malformed_answers(self._url):
            return base64.b64decode(answer[wanted], validate=True)
