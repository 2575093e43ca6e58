"""Each operation of each kind, request by request, against a server that answers from the case's file.

A case holds what is asked of the provider, every request that it must send (in
order, nothing else) with the answer it gets, and what must be recorded.
"""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.catalog import index
from reconciler.contract import protocol
from reconciler.model import values
from reconciler.providers.prefect.provider import PrefectProvider

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*/*.json"))


class Scripted(HTTPServer):
    """Answers the exchange of a case; keeps what was asked."""

    def __init__(self, exchange):
        super().__init__(("127.0.0.1", 0), Answering)
        self.exchange = list(exchange)
        self.asked = []


class Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("content-length", 0))
        body = {"body": json.loads(self.rfile.read(length))} if length else {}
        self.server.asked.append({"request": f"{self.command} {self.path.removeprefix('/api')}", **body})
        step = self.server.exchange.pop(0) if self.server.exchange else {"status": 410}
        content = json.dumps(step["answer"]).encode() if "answer" in step else b""
        self.send_response(step["status"])
        if step["status"] != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 http.server's names

    def log_message(self, *arguments):
        pass


async def perform(case, url):
    """What the engine would do for this case; returns (id, outputs)."""
    provider = PrefectProvider({})
    await provider.configure(protocol.ConfigureRequest(urn="", inputs={"apiUrl": url}))
    token, urn = case["token"], "urn:pulumi:dev::test::t::it"
    prior, recorded = (values.freeze_map(case.get(name, {})) for name in ("prior", "recorded"))
    try:
        news = {}
        if "inputs" in case:
            given = protocol.CheckRequest(urn=urn, token=token, name="it", news=values.freeze_map(case["inputs"]))
            checked = await provider.check(given)
            assert checked.failures == ()
            news = checked.inputs
        match case["op"]:
            case "create":
                made = await provider.create(
                    protocol.CreateRequest(urn=urn, token=token, inputs=news, operation_id=case.get("operation", ""))
                )
                return made.id, made.outputs
            case "read":
                found = await provider.read(
                    protocol.ReadRequest(urn=urn, token=token, id=case["id"], inputs=prior, outputs=recorded)
                )
                return found.id, found.outputs
            case "update":
                updated = await provider.update(
                    protocol.UpdateRequest(
                        urn=urn, token=token, id=case["id"], old_inputs=prior, outputs=recorded, news=news
                    )
                )
                return updated.id or case["id"], updated.outputs
            case "delete":
                await provider.delete(
                    protocol.DeleteRequest(urn=urn, token=token, id=case["id"], inputs=prior, outputs=recorded)
                )
                return case["id"], {}
    finally:
        await provider.close()


@pytest.mark.parametrize("file", [pytest.param(file, id=f"{file.parent.name}-{file.stem}") for file in CASES])
def test_an_operation_sends_these_requests_and_records_this(file):
    case = json.loads(file.read_text())
    with Scripted(case["exchange"]) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/api"
        try:
            if "error" in case:
                with pytest.raises(getattr(errors, case["error"])):
                    asyncio.run(perform(case, url))
            else:
                id, outputs = asyncio.run(perform(case, url))
                expected_id = case.get("new_id", case["id"])
                assert (id, values.thaw(values.freeze(dict(outputs)))) == (expected_id, case.get("outputs", {}))
        finally:
            server.shutdown()
            thread.join()

    expected = [{name: step[name] for name in ("request", "body") if name in step} for step in case["exchange"]]
    assert server.asked == expected


def test_every_kind_has_cases_and_every_case_says_where_its_facts_are_from():
    assert {token.rpartition(":")[2] for token in index.kinds("prefect")} == {file.parent.name for file in CASES}
    assert all(json.loads(file.read_text())["source"] for file in CASES)
