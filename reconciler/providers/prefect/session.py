"""The one place that talks to a Prefect server: requests, retries, refusals turned into our errors.

One write at a time and a few reads: on SQLite parallel writes only make the
server refuse (facts/prefect-provider.md §2.4). Bodies of refusals repeat what
was sent, secrets included, so only chosen parts of them enter an error.
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from reconciler import errors

ATTEMPTS: Final = 6
_FIRST_DELAY_S: Final = 0.1
_LONGEST_DELAY_S: Final = 8.0
_READS_AT_A_TIME: Final = 4
_PASSING: Final = (408, 429, 502, 503, 504)
# The answer was lost on the way: whether the server acted is not known.
_LOST: Final = (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.WriteError, httpx.WriteTimeout)
_NOT_REACHED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to reach a server. At most one of `api_key` (Prefect Cloud) and `auth_string` (`user:password`) is used."""

    api_url: str
    api_key: str = field(default="", repr=False)
    auth_string: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Session:
    """A connection to one server, opened at the first request."""

    def __init__(self, settings: Settings, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._settings = settings
        self._sleep = sleep
        self._client: httpx.AsyncClient | None = None
        self._writing = asyncio.Lock()
        self._reading = asyncio.Semaphore(_READS_AT_A_TIME)
        self._csrf: dict[str, str] = {}

    async def find(self, path: str) -> Json | None:
        """GET an object; None when there is none."""
        async with self._reading:
            answer = await self._send("GET", path)
        return None if answer.status_code == 404 else _object(answer)

    async def search(self, path: str, body: Json) -> Sequence[Json]:
        """POST a query; the list of matches."""
        async with self._reading:
            answer = await self._send("POST", path, body)
        found = answer.json()
        return found if isinstance(found, list) else []

    async def create(self, path: str, body: object) -> tuple[Any, bool]:
        """POST a new object. Returns the answer, and whether it is new (201) rather than found (200).

        Raises:
            AmbiguousError: the answer was lost. Look before trying again.
            NotFoundError: something that the object needs is not there.
        """
        async with self._writing:
            answer = await self._send("POST", path, body, once=True)
        if answer.status_code == 404:
            raise errors.NotFoundError(_reason(answer), code="404")
        return answer.json(), answer.status_code == 201

    async def change(self, path: str, body: Json) -> None:
        """PATCH an object.

        Raises:
            NotFoundError: it is gone.
        """
        async with self._writing:
            answer = await self._send("PATCH", path, body)
        if answer.status_code == 404:
            raise errors.NotFoundError(_reason(answer), code="404", hint="run `pulumi refresh`: the object is gone")

    async def delete(self, path: str) -> None:
        """DELETE an object; one that is gone already is fine."""
        async with self._writing:
            await self._send("DELETE", path)

    async def close(self) -> None:
        """Let go of the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(self, method: str, path: str, body: object = None, *, once: bool = False) -> httpx.Response:
        """Send a request until it is answered for good: 2xx, or a 404 that means absence."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = await self._http().request(method, self._url(path), json=body, headers=self._csrf)
            except _NOT_REACHED as error:
                if attempt == ATTEMPTS or (attempt > 2 and self._is_loopback):
                    raise self._unreachable(error) from error
                delay_s = _delay(attempt)
            except _LOST as error:
                await self.close()
                if once:
                    raise errors.AmbiguousError(f"{method} {path}: the connection broke before the answer") from error
                if attempt == ATTEMPTS:
                    raise errors.TransientError(f"{method} {path}: the connection keeps breaking") from error
                delay_s = _delay(attempt)
            else:
                if answer.status_code >= 500:
                    # The server closes its side; the next request on this connection would be reset.
                    await self.close()
                if answer.status_code == 403 and "CSRF" in answer.text and "Prefect-Csrf-Token" not in self._csrf:
                    await self._fetch_csrf_token()
                    continue
                if answer.status_code not in _PASSING or attempt == ATTEMPTS:
                    _require_success(answer, self._settings.api_url)
                    return answer
                delay_s = _asked_delay(answer) or _delay(attempt)
            await self._sleep(delay_s)
        raise errors.BugError("the loop above returns or raises on its last turn")

    async def _fetch_csrf_token(self) -> None:
        client = str(uuid.uuid4())
        answer = await self._http().get(self._url("/csrf-token"), params={"client": client})
        _require_success(answer, self._settings.api_url)
        self._csrf = {"Prefect-Csrf-Token": answer.json()["token"], "Prefect-Csrf-Client": client}

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            settings = self._settings
            headers = {"user-agent": "reconciler-prefect/0.1", **settings.headers}
            if settings.api_key:
                headers["authorization"] = f"Bearer {settings.api_key}"
            user, _, password = settings.auth_string.partition(":")
            self._client = httpx.AsyncClient(
                headers=headers,
                auth=(user, password) if settings.auth_string and not settings.api_key else None,
                timeout=httpx.Timeout(60.0, connect=5.0),
                # The server drops an idle connection after 5 s: be first.
                limits=httpx.Limits(max_connections=8, keepalive_expiry=2.0),
                # Reading the machine's certificates takes 0.1 s, which plain http does not need.
                verify=not settings.api_url.startswith("http://"),
                trust_env=not self._is_loopback,
            )
        return self._client

    def _url(self, path: str) -> str:
        return f"{self._settings.api_url.rstrip('/')}{path}"

    @property
    def _is_loopback(self) -> bool:
        return urlsplit(self._settings.api_url).hostname in ("127.0.0.1", "localhost", "::1")

    def _unreachable(self, error: Exception) -> errors.TransientError:
        hint = (
            "start the sandbox with `flowforge sandbox up`"
            if self._is_loopback
            else "check prefect:apiUrl, and that the server runs"
        )
        reason = str(error) or type(error).__name__
        return errors.TransientError(f"no Prefect server answers at {self._settings.api_url}: {reason}", hint=hint)


def _require_success(answer: httpx.Response, api_url: str) -> None:
    """Raise what a refusal means; 404 passes when it is the object that is missing."""
    if answer.is_success:
        return
    status, reason = answer.status_code, _reason(answer)
    where = f"{answer.request.method} {answer.request.url.path}: "
    code = str(status)
    if status == 404 and reason != "Not Found":
        return
    if status == 404 or answer.is_redirect:
        raise errors.PermanentError(
            f"{where}this is not a Prefect API", code=code, hint=f"prefect:apiUrl is {api_url}; it usually ends in /api"
        )
    if status in (401, 403):
        hint = "set prefect:apiKey (Prefect Cloud) or prefect:apiAuthString (user:password)" if status == 401 else ""
        raise errors.PermanentError(f"{where}{reason}", code=code, hint=hint)
    if status in _PASSING:
        raise errors.TransientError(f"{where}{reason}", code=code, delay_s=_asked_delay(answer))
    raise errors.PermanentError(f"{where}{reason}", code=code)


def _reason(answer: httpx.Response) -> str:
    """The server's words, without the parts of a refusal that repeat the request."""
    try:
        body = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    if not isinstance(body, dict):
        return f"status {answer.status_code}"
    findings = body.get("exception_detail")
    if isinstance(findings, list) and findings:
        return "; ".join(_finding(finding) for finding in findings if isinstance(finding, dict))
    detail = body.get("detail", body.get("exception_message"))
    return detail if isinstance(detail, str) else f"status {answer.status_code}"


def _finding(finding: Json) -> str:
    place = ".".join(str(part) for part in finding.get("loc", ()) if part != "body")
    return f"{place}: {finding.get('msg', 'refused')}"


def _object(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except json.JSONDecodeError as error:
        raise errors.PermanentError(f"{answer.request.url.path}: the answer is not JSON") from error
    if not isinstance(found, dict):
        raise errors.PermanentError(f"{answer.request.url.path}: the answer is not an object")
    return found


def _delay(attempt: int) -> float:
    full = min(_FIRST_DELAY_S * 2 ** (attempt - 1), _LONGEST_DELAY_S)
    return float(full * random.uniform(0.5, 1.5))  # noqa: S311 spreads retries out, protects nothing


def _asked_delay(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return min(float(text), 60.0) if text.isdecimal() else 0.0
