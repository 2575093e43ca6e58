"""JSON over HTTPS to a key service: asked again while it is busy, and its refusals named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx
import stamina

from reconciler import errors
from reconciler.secrets.cloud_keys import TIMEOUT_S

_ATTEMPTS: Final = 4
_MOST_LETTERS: Final = 300
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})


class _BusyError(Exception):
    """The service may answer later."""


class Caller:
    """Calls one service on behalf of one secrets provider.

    Args:
        subject: begins each error: the provider's URL.
        client: a test's own; by default a new one per call, since a command makes one or two.
    """

    def __init__(self, subject: str, client: httpx.Client | None = None) -> None:
        self._subject = subject
        self._client = client

    def post(
        self,
        address: str,
        *,
        json: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Mapping[str, Any]:
        """The answer's object.

        Raises:
            SecretsProviderError: the service cannot be reached, refuses, or answers something else.
        """
        return self._ask("POST", address, json=json, data=form, headers=headers)

    def get(self, address: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        """The answer's object. Raises as `post`."""
        return self._ask("GET", address, headers=headers)

    def _ask(self, method: str, address: str, **content: Any) -> Mapping[str, Any]:
        try:
            for attempt in stamina.retry_context(on=_BusyError, attempts=_ATTEMPTS, timeout=TIMEOUT_S, wait_max=4):
                with attempt:
                    return self._ask_once(method, address, content)
        except _BusyError as error:
            raise errors.SecretsProviderError(f"{self._subject}: {error}", hint="try again later") from error
        raise errors.BugError("a loop of attempts ended without an outcome")

    def _ask_once(self, method: str, address: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        client = self._client or httpx.Client(timeout=TIMEOUT_S)
        try:
            answer = client.request(method, address, **content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.SecretsProviderError(
                f"{self._subject}: {httpx.URL(address).host or address} cannot be reached: {error}"
            ) from error
        finally:
            if client is not self._client:
                client.close()
        if answer.status_code in _BUSY:
            raise _BusyError(_told(answer))
        try:
            data = answer.json() if answer.is_success else None
        except ValueError:
            data = None
        if isinstance(data, dict):
            return data
        detail = "the answer is not JSON" if answer.is_success else _told(answer)
        raise errors.SecretsProviderError(
            f"{self._subject}: {detail}", hint="check the key's name and your rights on it"
        )


def _told(answer: httpx.Response) -> str:
    """The service's own words: status and, where it has one, its message."""
    try:
        data = answer.json()
    except ValueError:
        data = None
    inner = data.get("error", data) if isinstance(data, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else inner
    if isinstance(data, dict) and (described := data.get("error_description") or data.get("errors")):
        message = described
    words = f": {str(message)[:_MOST_LETTERS]}" if message else ""
    return f"HTTP {answer.status_code}{words}"
