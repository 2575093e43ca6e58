"""A key that a cloud keeps and never gives away: it encrypts and decrypts a stack's data key.

Each scheme has a module of its own; `managers` imports it when a URL names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from reconciler import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_S: Final = 30.0


class CloudKey(Protocol):
    """One key of one cloud. Calls block, and raise SecretsProviderError when the cloud refuses."""

    def encrypt(self, plaintext: bytes) -> bytes:
        """What the state file keeps of a data key."""

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The data key of what the state file keeps."""


@dataclass(frozen=True, slots=True)
class KeyUrl:
    """A secrets provider's URL, taken apart. `name` is all between the scheme and the query."""

    text: str
    scheme: str
    name: str
    options: Mapping[str, str]

    def refuse_options(self, *known: str, prefix: str = "") -> None:
        """Raise SecretsProviderError when the URL has another option than these."""
        for option in self.options:
            if option not in known and not (prefix and option.startswith(prefix)):
                raise errors.SecretsProviderError(
                    f"{self.text}: invalid query parameter {option!r}",
                    hint=f"known are: {', '.join(known) or 'none'}",
                )


def parse_key_url(text: str) -> KeyUrl:
    """Take a secrets provider's URL apart.

    >>> parse_key_url("awskms:///arn:aws:kms:eu-west-1:1:key/k?region=eu-west-1").name
    'arn:aws:kms:eu-west-1:1:key/k'

    Raises:
        SecretsProviderError: it names no key.
    """
    try:
        parts = urlsplit(text)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError as error:
        raise errors.SecretsProviderError(f"{text!r} is not a URL: {error}") from error
    name = f"{parts.netloc}{parts.path}".strip("/")
    if not name or parts.fragment:
        raise errors.SecretsProviderError(f"{text!r} names no key", hint="for instance awskms://alias/secrets?region=…")
    return KeyUrl(text, parts.scheme, name, options)


@contextmanager
def malformed_answers(url: KeyUrl) -> Iterator[None]:
    """Turn what a wrong answer does to its reader into an error with the key's name."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise errors.SecretsProviderError(f"{url.text}: the answer is malformed ({type(error).__name__})") from error
