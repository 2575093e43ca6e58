"""A real Prefect server for tests: one per session, its database a copy of a template that outlives the session."""

from __future__ import annotations

import importlib.metadata
import os
import tempfile
from pathlib import Path

import httpx
import pytest

from reconciler.sandbox.prefect.server import PrefectServer


class PatientTransport(httpx.HTTPTransport):
    """Asks again where a full server on SQLite answers 503: a write in a hundred, and nothing was done."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(20):
            response = super().handle_request(request)
            if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            response.close()
        return response


def patient_client(base_url: str) -> httpx.Client:
    """A client of a full server's API."""
    return httpx.Client(base_url=base_url, transport=PatientTransport(), timeout=30)


def template_dir() -> Path:
    """Where the template database is kept between sessions; making it takes about 15 s."""
    return Path(tempfile.gettempdir()) / f"flowforge-prefect-{importlib.metadata.version('prefect')}-{os.getuid()}"


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """The server, without background services and web interface."""
    server = PrefectServer(
        tmp_path_factory.mktemp("prefect") / "server", template_dir=template_dir(), services=False, ui=False
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def prefect_api(prefect_server):
    """What a person or another tool does to that server behind the provider's back."""
    with httpx.Client(base_url=prefect_server.url, trust_env=False) as client:
        yield client
