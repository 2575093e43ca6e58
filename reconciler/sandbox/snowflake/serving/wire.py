"""Snowflake's wire protocol: the routes that the connector calls, and the form of answers and errors.

Source: facts/snowflake-provider §7.1 and §7.9 (read from the connector).
"""

from __future__ import annotations

import asyncio
import gzip
import json
import traceback
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from reconciler.sandbox.snowflake.execution.sessions import Session
from reconciler.sandbox.snowflake.serving import faults
from reconciler.sandbox.snowflake.serving.service import Service
from reconciler.sandbox.snowflake.vocabulary import refusals
from reconciler.sandbox.snowflake.vocabulary.results import Result, Rows

VALIDITY_S: Final = 3600
MASTER_VALIDITY_S: Final = 14400


def tracking(transports: dict[Any, asyncio.BaseTransport]) -> type[H11Protocol]:
    """The server's protocol, keeping each client's transport by its address, so that it can be cut."""

    class TrackingProtocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as asyncio calls it
            transports[transport.get_extra_info("peername")] = transport
            super().connection_made(transport)

        def connection_lost(self, exc: Exception | None) -> None:
            transports.pop(self.transport.get_extra_info("peername"), None)
            super().connection_lost(exc)

    return TrackingProtocol


class CutResponse(Response):
    """No response: the connection is dropped."""

    def __init__(self, transport: asyncio.BaseTransport | None) -> None:
        super().__init__()
        self._transport = transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Drop the connection."""
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        raw = gzip.decompress(raw)
    body: dict[str, Any] = json.loads(raw or b"{}")
    return body


def _token(request: Request) -> str:
    return request.headers.get("Authorization", "").removeprefix('Snowflake Token="').removesuffix('"')


def error_body(error: refusals.RefusedError, query_id: str | None = None) -> dict[str, Any]:
    """A refusal in the wire's form."""
    code = f"{error.errno:06d}"
    data = {"errorCode": code, "sqlState": error.sqlstate, "internalError": False, "queryId": query_id}
    return {"data": data, "code": code, "message": error.text, "success": False, "headers": None}


def result_body(result: Result, query_id: str, session: Session, service: Service) -> dict[str, Any]:
    """A result in the wire's form."""
    place = session.place(service.catalogue)
    role = service.catalogue.objects.get(session.role)
    warehouse = service.catalogue.objects.get(session.warehouse)
    data: dict[str, Any] = {
        "parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}],
        "queryId": query_id,
        "finalDatabaseName": place[0] if place else None,
        "finalSchemaName": place[1] if len(place) > 1 else None,
        "finalRoleName": role.name if role is not None else None,
        "finalWarehouseName": warehouse.name if warehouse is not None else None,
    }
    data |= _rows(result) if isinstance(result, Rows) else {**result.body, "queryId": query_id}
    return {"data": data, "message": None, "code": None, "success": True}


def _rows(result: Rows) -> dict[str, Any]:
    rowtype = [
        {
            "name": column.name,
            "type": column.type,
            "nullable": True,
            "length": 16777216 if column.type == "text" else None,
            "byteLength": 16777216 if column.type == "text" else None,
            "precision": 38 if column.type == "fixed" else None,
            "scale": 3 if column.type.startswith("timestamp") else 0 if column.type == "fixed" else None,
            "database": "",
            "schema": "",
            "table": "",
            "collation": None,
        }
        for column in result.columns
    ]
    return {
        "rowtype": rowtype,
        "rowset": [[_cell(cell) for cell in row] for row in result.rows],
        "total": len(result.rows),
        "returned": len(result.rows),
        "queryResultFormat": "json",
        "statementTypeId": result.statement_type,
    }


def _cell(cell: object) -> str | None:
    if cell is None:
        return None
    return ("true" if cell else "false") if isinstance(cell, bool) else str(cell)


def create_app(service: Service, knobs: faults.Faults, transports: Mapping[Any, asyncio.BaseTransport]) -> Starlette:
    """The application over a service.

    Args:
        transports: the open connections by client address, as `tracking` keeps them.
    """

    async def login(request: Request) -> Response:
        body = await _body(request)
        client = request.client.host if request.client is not None else "127.0.0.1"
        return await _answer(lambda: service.login(body.get("data", {}), dict(request.query_params), client))

    async def query(request: Request) -> Response:
        body = await _body(request)
        text = str(body.get("sqlText") or "")
        fault = knobs.next_for(text)
        if fault.status is not None:
            return JSONResponse({"success": False, "message": "injected"}, status_code=fault.status)
        await fault.wait()
        session = service.find_session(_token(request))
        if session is None:
            return JSONResponse(error_body(_LOGGED_OUT))
        request_id = request.query_params.get("requestId") or str(uuid.uuid4())
        answer = await run_in_threadpool(_once, service, session, request_id, text, body)
        if fault.cut:
            client = request.client
            return CutResponse(transports.get((client.host, client.port)) if client is not None else None)
        return JSONResponse(answer)

    async def renew(request: Request) -> Response:
        return await _answer(lambda: service.renew(_token(request)))

    async def session(request: Request) -> Response:
        if request.query_params.get("delete"):
            await run_in_threadpool(service.logout, _token(request))
            return JSONResponse(_OK)
        found = service.find_session(_token(request))
        return JSONResponse(_OK if found is not None else error_body(_LOGGED_OUT))

    async def succeed(_request: Request) -> Response:
        return JSONResponse(_OK)

    async def monitor(_request: Request) -> Response:
        return JSONResponse({"data": {"queries": []}, "success": True})

    async def statistics(_request: Request) -> Response:
        return JSONResponse(service.statistics())

    async def set_faults(request: Request) -> Response:
        try:
            knobs.set(await _body(request))
        except ValueError as error:
            return JSONResponse({"message": str(error)}, status_code=400)
        return JSONResponse(knobs.shown())

    return Starlette(
        routes=[
            Route("/session/v1/login-request", login, methods=["POST"]),
            Route("/session/token-request", renew, methods=["POST"]),
            Route("/session/heartbeat", session, methods=["POST"]),
            Route("/session", session, methods=["POST"]),
            Route("/queries/v1/query-request", query, methods=["POST"]),
            Route("/queries/v1/abort-request", succeed, methods=["POST"]),
            Route("/telemetry/send", succeed, methods=["POST"]),
            Route("/telemetry/send/sessionless", succeed, methods=["POST"]),
            Route("/monitoring/queries/{query_id}", monitor, methods=["GET"]),
            Route("/sandbox/statistics", statistics, methods=["GET"]),
            Route("/sandbox/faults", set_faults, methods=["POST"]),
        ]
    )


_OK: Final = {"data": None, "code": None, "message": None, "success": True}
_LOGGED_OUT: Final = refusals.RefusedError(390104, "08001", "User must login again to access the service.")


async def _answer(work: Callable[[], dict[str, Any]]) -> Response:
    """Work in a thread; refusals and bugs in the wire's form, never as an HTTP error that clients would repeat."""
    return JSONResponse(await run_in_threadpool(_guarded, work))


def _guarded(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return work()
    except refusals.RefusedError as error:
        return error_body(error)
    except Exception as error:  # noqa: BLE001  # an HTTP error would be repeated for ever
        return error_body(_bug(error))


def _bug(error: Exception) -> refusals.RefusedError:
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
    return refusals.RefusedError(
        refusals.BROKEN, "XX000", f"the sandbox broke: {type(error).__name__}: {error} ({where})"
    )


def _once(service: Service, session: Session, request_id: str, text: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Execute a request, or answer again what was answered when the same request comes again."""
    with session.lock:
        if request_id not in session.answers:
            query_id = str(uuid.uuid4())

            def work() -> dict[str, Any]:
                _refuse_unknown_modes(text, body)
                result = service.execute(session, text, body.get("bindings"))
                return result_body(result, query_id, session, service)

            answer = _guarded(work)
            if not answer["success"]:
                answer["data"]["queryId"] = query_id
            session.remember(request_id, answer)
        return session.answers[request_id]


def _refuse_unknown_modes(text: str, body: Mapping[str, Any]) -> None:
    """Describing without executing, and executing without waiting, are not known.

    Raises:
        RefusedError: our own number; a query is described by running it, which changes nothing.
    """
    if body.get("asyncExec"):
        raise refusals.unsupported("asynchronous execution")
    if body.get("describeOnly") and text.split(maxsplit=1)[0].upper() not in (
        "SELECT",
        "WITH",
        "SHOW",
        "DESC",
        "DESCRIBE",
    ):
        raise refusals.unsupported("describing a statement that changes something")
