"""Keys of AWS KMS: `awskms://<key id>`, `awskms://alias/<name>`, `awskms:///<arn>`.

Source: gocloud.dev/secrets/awskms (key id is host and path; `awssdk` chooses an SDK of Go and means nothing here),
gocloud.dev/aws V2ConfigFromURLParams (region, endpoint, profile), facts/engine-contract.md §6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from reconciler import errors
from reconciler.secrets.cloud_keys import TIMEOUT_S, KeyUrl

_CONTEXT = "context_"


class AwsKey:
    """One key of AWS KMS; credentials by the usual chain of AWS."""

    def __init__(self, url: KeyUrl) -> None:
        url.refuse_options("region", "profile", "endpoint", "awssdk", "anonymous", "role_arn", prefix=_CONTEXT)
        if "role_arn" in url.options or "anonymous" in url.options:
            raise errors.SecretsProviderError(
                f"{url.text}: 'role_arn' and 'anonymous' are not in this version", hint="name the role in a profile"
            )
        self._url = url
        self._context = {
            name.removeprefix(_CONTEXT): value for name, value in url.options.items() if name.startswith(_CONTEXT)
        }

    def encrypt(self, plaintext: bytes) -> bytes:
        """Encrypt by the key, bound to the URL's encryption context."""
        answer = self._call("encrypt", KeyId=self._url.name, Plaintext=plaintext)
        return bytes(answer["CiphertextBlob"])

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Decrypt; the ciphertext itself says by which key, an older version of it too."""
        answer = self._call("decrypt", CiphertextBlob=ciphertext)
        return bytes(answer["Plaintext"])

    @cached_property
    def _client(self) -> Any:
        from reconciler.secrets.extras import import_extra

        boto3 = import_extra("boto3", "aws", self._url.text)
        from botocore.config import Config

        options = self._url.options
        session = boto3.Session(profile_name=options.get("profile"), region_name=options.get("region"))
        config = Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S, retries={"total_max_attempts": 4})
        return session.client("kms", endpoint_url=options.get("endpoint"), config=config)

    def _call(self, name: str, **arguments: object) -> Mapping[str, Any]:
        if self._context:
            arguments["EncryptionContext"] = self._context
        try:
            answer: Mapping[str, Any] = getattr(self._client, name)(**arguments)
        except errors.ReconcilerError:
            raise
        except Exception as error:
            from botocore.exceptions import BotoCoreError, ClientError

            if not isinstance(error, (BotoCoreError, ClientError, ValueError)):
                raise
            raise errors.SecretsProviderError(
                f"{self._url.text}: {error}", hint="check the region, the credentials and kms:Encrypt, kms:Decrypt"
            ) from error
        return answer
