"""Requests against a server that misbehaves on command: retries, lost answers, refusals and their words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reconciler import errors
from reconciler.contract import protocol
from reconciler.providers.prefect.provider import PrefectProvider
from reconciler.providers.prefect.session import ATTEMPTS, Session, Settings

RESET = "reset"
BUSY = (503, {"exception_message": "Service Unavailable"})


class Misbehaving(ThreadingHTTPServer):
    """Answers each request with the next of `script`; the last one stays."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.script = []
        self.requests = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/api"


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        self.server.requests.append((self.command, self.path, dict(self.headers), json.loads(body) if body else None))
        script = self.server.script
        step = script.pop(0) if len(script) > 1 else script[0]
        if step == RESET:
            self.close_connection = True
            self.connection.close()
            return
        status, content = step[0], b"" if step[1] is None else json.dumps(step[1]).encode()
        self.send_response(status)
        for name, value in (step[2] if len(step) > 2 else {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        # What Prefect does after an error (facts/prefect-provider.md §2.4).
        self.close_connection = status >= 500

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 http.server's names

    def finish(self):
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with Misbehaving() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def call(server):
    """Run `work(session)`; returns its result. Waiting is recorded instead of done."""
    call_waits = []

    async def wait(seconds):
        call_waits.append(seconds)

    def run(work, **settings):
        async def inside():
            session = Session(Settings(api_url=server.url, **settings), sleep=wait)
            try:
                return await work(session)
            finally:
                await session.close()

        return asyncio.run(inside())

    run.waits = call_waits
    return run


@pytest.mark.parametrize("trouble", [pytest.param(BUSY, id="busy"), pytest.param(RESET, id="reset")])
def test_a_change_is_sent_again_when_the_server_stumbles(server, call, trouble):
    server.script = [trouble, trouble, (204, None)]

    call(lambda session: session.change("/variables/name/a", {"value": 1}))

    assert [method for method, *_ in server.requests] == ["PATCH"] * 3
    assert len(call.waits) == 2


def test_a_create_whose_answer_is_lost_is_not_sent_again(server, call):
    server.script = [RESET, (201, {"id": "second"})]

    with pytest.raises(errors.AmbiguousError):
        call(lambda session: session.create("/variables/", {"name": "a"}))

    assert len(server.requests) == 1


def create_variable(url):
    async def run():
        provider = PrefectProvider({})
        await provider.configure(protocol.ConfigureRequest(urn="", inputs={"apiUrl": url}))
        try:
            return await provider.create(
                protocol.CreateRequest(
                    urn="urn", token="prefect:index/variable:Variable", inputs={"name": "a", "value": 1}
                )
            )
        finally:
            await provider.close()

    return asyncio.run(run())


def test_a_create_whose_answer_is_lost_looks_for_its_object(server):
    made = {"id": "uuid", "name": "a", "value": 1, "tags": []}
    server.script = [(404, {"detail": "Variable not found"}), RESET, (200, made)]

    assert create_variable(server.url).outputs["variableId"] == "uuid"
    assert [method for method, *_ in server.requests] == ["GET", "POST", "GET"]


def test_a_create_whose_answer_and_object_are_both_missing_stays_in_doubt(server):
    server.script = [(404, {"detail": "Variable not found"}), RESET, (404, {"detail": "Variable not found"})]

    with pytest.raises(errors.AmbiguousError):
        create_variable(server.url)


def test_a_create_that_was_refused_for_now_is_sent_again(server, call):
    server.script = [BUSY, (201, {"id": "made"})]

    assert call(lambda session: session.create("/variables/", {"name": "a"})) == ({"id": "made"}, True)


def test_waiting_follows_the_servers_wish_and_ends(server, call):
    server.script = [(429, {"detail": "slow down"}, {"retry-after": "7"})]

    with pytest.raises(errors.TransientError) as caught:
        call(lambda session: session.find("/variables/name/a"))

    assert call.waits == [7.0] * (ATTEMPTS - 1)
    assert (caught.value.code, caught.value.delay_s) == ("429", 7.0)


def test_an_absent_object_is_none_but_an_address_without_prefect_is_an_error(server, call):
    server.script = [(404, {"detail": "Variable not found"})]
    assert call(lambda session: session.find("/variables/name/a")) is None

    server.script = [(404, {"detail": "Not Found"})]
    with pytest.raises(errors.PermanentError) as caught:
        call(lambda session: session.find("/variables/name/a"))
    assert "usually ends in /api" in caught.value.hint


def test_words_of_a_refusal_hold_no_part_of_the_request(server, call):
    refusal = {
        "exception_message": "Invalid request received.",
        "exception_detail": [
            {"type": "extra_forbidden", "loc": ["body", "x"], "msg": "no such field", "input": "hunter2"}
        ],
        "request_body": {"data": {"password": "hunter2"}},
    }
    server.script = [(422, refusal)]

    with pytest.raises(errors.PermanentError) as caught:
        call(lambda session: session.create("/block_documents/", {"data": {"password": "hunter2"}}))

    assert caught.value.code == "422"
    assert "x: no such field" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_csrf_token_is_fetched_once_and_then_sent(server, call):
    server.script = [
        (403, {"detail": "Missing CSRF token."}),
        (200, {"token": "t", "client": "c", "expiration": "later"}),
        (204, None),
    ]

    async def twice(session):
        await session.change("/variables/name/a", {"value": 1})
        await session.change("/variables/name/a", {"value": 2})

    call(twice)

    assert [method for method, *_ in server.requests] == ["PATCH", "GET", "PATCH", "PATCH"]
    assert all("Prefect-Csrf-Token" in headers for _, _, headers, _ in server.requests[2:])


@pytest.mark.parametrize(
    ("settings", "header"),
    [
        pytest.param({"api_key": "pnu_1"}, "Bearer pnu_1", id="cloud-key"),
        pytest.param({"auth_string": "ada:lovelace"}, "Basic YWRhOmxvdmVsYWNl", id="basic"),
    ],
)
def test_credentials_are_sent_and_a_refusal_names_the_setting(server, call, settings, header):
    server.script = [(401, {"exception_message": "Unauthorized"})]

    with pytest.raises(errors.PermanentError) as caught:
        call(lambda session: session.find("/variables/name/a"), **settings)

    sent = {name.lower(): value for name, value in server.requests[0][2].items()}
    assert sent["authorization"] == header
    assert "prefect:apiKey" in caught.value.hint


def test_a_sandbox_that_is_down_is_named_quickly():
    waits = []

    async def wait(seconds):
        waits.append(seconds)

    async def ask():
        # Port 1 of the loopback refuses connections.
        session = Session(Settings(api_url="http://127.0.0.1:1/api"), sleep=wait)
        try:
            await session.find("/variables/name/a")
        finally:
            await session.close()

    with pytest.raises(errors.TransientError) as caught:
        asyncio.run(ask())

    assert "flowforge sandbox up" in caught.value.hint
    assert len(waits) == 2


def test_settings_do_not_print_their_secrets():
    assert "hunter2" not in repr(Settings(api_url="http://x", api_key="hunter2", auth_string="a:hunter2"))
