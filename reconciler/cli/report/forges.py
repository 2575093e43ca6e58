"""One comment of ours in a pull request, found again and edited in place.

Comments are listed page by page to the end: one that is not on the first page is
still ours. It is known by a hidden marker, not by its author, which differs
between a workflow's token and a person's.

Source: REST of GitHub (issue comments) and GitLab (merge request notes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

import httpx
import stamina

from reconciler import errors

_TIMEOUT_S: Final = 30.0
_ATTEMPTS: Final = 4
_PAGE: Final = 100
# Ten thousand comments are no pull request that anybody reads.
_MOST_PAGES: Final = 100


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment as the forge has it."""

    id: str
    body: str


class Comments(Protocol):
    """The comments of one pull request."""

    def all(self) -> Iterator[Posted]:
        """Every comment, oldest first as far as the forge sorts."""

    def create(self, body: str) -> str:
        """Add one; where to read it."""

    def update(self, id: str, body: str) -> str:
        """Change one; where to read it."""


class GitHubComments:
    """Comments of a pull request on GitHub.

    Args:
        api: `https://api.github.com`, or an enterprise server's.
        repository: `owner/name`.
    """

    def __init__(self, client: httpx.Client, api: str, repository: str, number: int) -> None:
        self._caller = _Caller(client, "GitHub", "the token needs `pull-requests: write`")
        self._repository = f"{api.rstrip('/')}/repos/{quote(repository)}"
        self._thread = f"{self._repository}/issues/{number}/comments"

    def all(self) -> Iterator[Posted]:
        """Every comment, following `Link: rel=next`."""
        url: str = f"{self._thread}?per_page={_PAGE}"
        for _ in range(_MOST_PAGES):
            response = self._caller.call("GET", url)
            yield from (Posted(str(found["id"]), found.get("body") or "") for found in response.json())
            url = response.links.get("next", {}).get("url", "")
            if not url:
                return

    def create(self, body: str) -> str:
        """Add a comment; its page."""
        return str(self._caller.call("POST", self._thread, {"body": body}).json().get("html_url", ""))

    def update(self, id: str, body: str) -> str:
        """Change a comment; its page."""
        url = f"{self._repository}/issues/comments/{id}"
        return str(self._caller.call("PATCH", url, {"body": body}).json().get("html_url", ""))


class GitLabNotes:
    """Notes of a merge request on GitLab.

    Args:
        api: `https://gitlab.com/api/v4`, or another server's.
        project: id, or `group/name`.
    """

    def __init__(self, client: httpx.Client, api: str, project: str, number: int) -> None:
        self._caller = _Caller(client, "GitLab", "the token needs the scope `api`")
        self._thread = f"{api.rstrip('/')}/projects/{quote(project, safe='')}/merge_requests/{number}/notes"

    def all(self) -> Iterator[Posted]:
        """Every note, following `X-Next-Page`."""
        page = "1"
        for _ in range(_MOST_PAGES):
            response = self._caller.call("GET", f"{self._thread}?per_page={_PAGE}&sort=asc&page={page}")
            yield from (Posted(str(found["id"]), found.get("body") or "") for found in response.json())
            page = response.headers.get("x-next-page", "")
            if not page:
                return

    def create(self, body: str) -> str:
        """Add a note."""
        self._caller.call("POST", self._thread, {"body": body})
        return ""

    def update(self, id: str, body: str) -> str:
        """Change a note."""
        self._caller.call("PUT", f"{self._thread}/{id}", {"body": body})
        return ""


def open_client(headers: Mapping[str, str]) -> httpx.Client:
    """A client that sends these headers."""
    return httpx.Client(headers=dict(headers), timeout=_TIMEOUT_S, follow_redirects=True)


class _BusyError(Exception):
    """The forge asks to come again."""


class _Caller:
    def __init__(self, client: httpx.Client, forge: str, needed: str) -> None:
        self._client = client
        self._forge = forge
        self._needed = needed

    def call(self, method: str, url: str, body: Mapping[str, str] | None = None) -> httpx.Response:
        """One request, asked again where that does no harm.

        Raises:
            ForgeError: the forge refuses, or cannot be reached.
        """
        # A created comment whose answer is lost would be created twice: only a refusal is asked again.
        lost = httpx.ConnectError if method == "POST" else httpx.TransportError
        try:
            for attempt in stamina.retry_context(on=(_BusyError, lost), attempts=_ATTEMPTS):
                with attempt:
                    response = self._ask(method, url, body)
        except (_BusyError, httpx.TransportError) as error:
            raise errors.ForgeError(f"{method} {url}: {error or type(error).__name__}", hint="try again") from error
        if response.is_error:
            hints = {401: "the token is not valid", 403: self._needed, 404: "is it the right repository and number?"}
            raise errors.ForgeError(
                f"{self._forge} answers {response.status_code} to {method} {url}: {_said(response)}",
                hint=hints.get(response.status_code, ""),
            )
        return response

    def _ask(self, method: str, url: str, body: Mapping[str, str] | None) -> httpx.Response:
        response = self._client.request(method, url, json=body)
        if response.status_code in (429, 503) or (response.is_server_error and method != "POST"):
            raise _BusyError(f"{self._forge} answers {response.status_code}")
        return response


def _said(response: httpx.Response) -> str:
    try:
        said = response.json()
    except ValueError:
        return response.text[:200]
    return str(said.get("message", said) if isinstance(said, dict) else said)[:200]
