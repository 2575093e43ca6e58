"""The edge to Snowflake: the only place with the connector, its threads and its errors.

One connection, shared by at most `WORKERS` threads, opened by the first
statement. Reads are retried; a statement that changes something never is,
unless Snowflake said that it did not begin.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import stamina

from reconciler import errors
from reconciler.catalog import sql
from reconciler.providers.snowflake.error_codes import Meaning, find_meaning
from reconciler.providers.snowflake.settings import Settings

WORKERS: Final = 8
"""Statements under way at once."""

FRESH_S: Final = 5.0
"""How long after its last use a remembered SHOW counts as part of the same sweep."""

_QUIET: Final = "ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE"
_HEAD: Final = re.compile(r'(?:[A-Z_$]+ ?)+(?:"(?:[^"]|"")*"(?:\."(?:[^"]|"")*")*)?')


class Session:
    """Runs statements as one role; remembers what SHOW said until something is changed."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="snowflake")
        self._slots = asyncio.Semaphore(WORKERS)
        self._opening = asyncio.Lock()
        self._connection: Any = None
        self._remembered: dict[str, asyncio.Task[sql.Rows]] = {}
        self._used_at = 0.0

    async def execute(self, statement: sql.Statement, secrets: Sequence[str] = ()) -> None:
        """Run a statement that changes something.

        Args:
            secrets: texts that must not show up in an error.

        Raises:
            AmbiguousError: the answer was lost; look before running it again.
            TransientError: nothing happened.
            NotFoundError: what it names does not exist.
            PermanentError: Snowflake refused.
        """
        self._remembered.clear()
        try:
            await self._run(statement.text, secrets, reads=False)
        except errors.ProviderError as error:
            if error.code not in {str(code) for code in statement.tolerates}:
                raise
        finally:
            # A SHOW that began before the change ended is out of date.
            self._remembered.clear()

    async def execute_apart(self, statement: sql.Statement, secrets: Sequence[str] = ()) -> None:
        """Run a user's own statement on a connection of its own: it may say USE or SET."""
        apart = Session(self._settings, self._clock)
        try:
            await apart.execute(statement, secrets)
        finally:
            self._remembered.clear()
            await apart.close()

    async def fetch(self, query: str, secrets: Sequence[str] = ()) -> sql.Rows:
        """Run a query; retried while Snowflake is not available.

        Raises:
            NotFoundError: what it names does not exist.
        """
        retrying = stamina.retry_context(
            on=errors.TransientError, attempts=5, timeout=120, wait_initial=0.5, wait_max=16
        )
        async for attempt in retrying:
            with attempt:
                return await self._run(query, secrets, reads=True)
        raise errors.BugError("a retry ended without an answer")

    async def fetch_remembered(self, query: str) -> sql.Rows:
        """`fetch`, answered from memory within one sweep of reads: one SHOW serves all its objects."""
        now = self._clock()
        if now - self._used_at > FRESH_S and all(task.done() for task in self._remembered.values()):
            self._remembered.clear()
        self._used_at = now
        task = self._remembered.get(query)
        if task is None:
            task = asyncio.ensure_future(self.fetch(query))
            self._remembered[query] = task
        try:
            # One reader that is cancelled must not take the answer from the others.
            return await asyncio.shield(task)
        except errors.TransientError:
            # The next reader asks again; that something does not exist is an answer and stays.
            if self._remembered.get(query) is task:
                del self._remembered[query]
            raise
        finally:
            self._used_at = self._clock()

    async def close(self) -> None:
        """Close the connection and let the threads go."""
        connection, self._connection = self._connection, None
        for task in self._remembered.values():
            task.cancel()
        self._remembered.clear()
        if connection is not None:
            await self._in_thread(lambda: _close(connection))
        self._threads.shutdown(wait=False)

    async def _run(self, text: str, secrets: Sequence[str], *, reads: bool) -> sql.Rows:
        connection = await self._connected()
        try:
            return await self._attempt(connection, text, secrets, reads=reads)
        except errors.TransientError as error:
            if not _is_expired(error):
                raise
        # The statement did not begin: log in again and run it once more.
        async with self._opening:
            if self._connection is connection:
                self._connection = None
        return await self._attempt(await self._connected(), text, secrets, reads=reads)

    async def _attempt(self, connection: Any, text: str, secrets: Sequence[str], *, reads: bool) -> sql.Rows:
        def attempt() -> sql.Rows:
            import snowflake.connector

            try:
                return _query(connection, text)
            except (snowflake.connector.errors.Error, OSError) as error:
                # The connector's error quotes the statement: where that holds a secret, it is left behind.
                raise self._translate(error, text, secrets, reads=reads) from (None if secrets else error)

        async with self._slots:
            rows: sql.Rows = await self._in_thread(attempt)
            return rows

    async def _connected(self) -> Any:
        if self._connection is None:
            async with self._opening:
                if self._connection is None:
                    self._connection = await self._in_thread(self._open)
        return self._connection

    def _open(self) -> Any:
        # Imported here: the connector takes most of a second, and a preview needs none.
        import snowflake.connector

        try:
            connection = snowflake.connector.connect(
                **self._settings.arguments,
                session_parameters=dict(self._settings.parameters),
                client_session_keep_alive=False,
            )
            _query(connection, _QUIET)
        except snowflake.connector.errors.Error as error:
            code = find_meaning(error.errno, answered=True)
            detail = _plain(error)
            if code.meaning is Meaning.LOST:
                told = f"no connection to Snowflake at {self._settings.address}: {detail}"
                raise errors.TransientError(told, code=str(error.errno), hint=self._settings.reach_hint) from error
            raise errors.ConfigureError(detail, code=str(error.errno), hint=code.hint) from error
        return connection

    def _translate(self, error: Exception, text: str, secrets: Sequence[str], *, reads: bool) -> errors.ProviderError:
        number = getattr(error, "errno", None)
        query_id = getattr(error, "sfqid", None)
        answered = bool(query_id) or getattr(error, "sqlstate", None) not in (None, "n/a")
        code = find_meaning(number, answered=answered)
        about = "" if secrets else f", statement {_head(text)}"
        told = f", query {query_id}" if query_id else ""
        role = self._settings.role or "the user's default"
        detail = redact(f"{_plain(error)} (role {role}{about}{told})", secrets)
        hint = self._settings.reach_hint if code.meaning is Meaning.LOST else code.hint
        facts = {"code": str(number or ""), "hint": hint}
        match code.meaning:
            case Meaning.GONE:
                return errors.NotFoundError(detail, **facts)
            case Meaning.LATER | Meaning.EXPIRED:
                return errors.TransientError(detail, delay_s=1.0, **facts)
            case Meaning.LOGIN:
                return errors.ConfigureError(detail, **facts)
            case Meaning.LOST if reads:
                return errors.TransientError(detail, delay_s=1.0, **facts)
            case Meaning.LOST:
                return errors.AmbiguousError(detail, **facts)
            case _:
                return errors.PermanentError(detail, **facts)

    async def _in_thread(self, call: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)


def redact(text: str, secrets: Sequence[str]) -> str:
    """The text with every secret, and every line of one, masked.

    >>> redact("bad value 'hunter2'", ("hunter2",))
    "bad value '[secret]'"
    """
    pieces = {piece for secret in secrets for piece in (secret, secret.replace("'", "''"), *secret.splitlines())}
    for piece in sorted(pieces - {""}, key=len, reverse=True):
        text = text.replace(piece, "[secret]")
    return text


def _query(connection: Any, text: str) -> sql.Rows:
    with connection.cursor() as cursor:
        cursor.execute(text)
        names = [column.name for column in cursor.description or ()]
        return tuple(
            {name.lower(): _text(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()
        )


def _text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _close(connection: Any) -> None:
    connection.close(retry=False)


def _is_expired(error: errors.ProviderError) -> bool:
    return error.code.isdigit() and find_meaning(int(error.code), answered=True).meaning is Meaning.EXPIRED


def _plain(error: Exception) -> str:
    return str(getattr(error, "raw_msg", None) or getattr(error, "msg", None) or error).strip().replace("\n", " ")


def _head(text: str) -> str:
    """The statement's words up to the first name: what it was about, without what it said."""
    match = _HEAD.match(text)
    return match.group(0).strip() if match else "of your own"
