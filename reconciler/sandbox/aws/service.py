"""The AWS services: moto behind one door that remembers what changed them.

Moto keeps its state in memory. Here every request that may change it is run
with ids drawn from a seed and a clock that are written down with it, so that
running the same requests again gives the same ids, names and times. One
request runs at a time: moto draws ids from one source that all threads share.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from reconciler.sandbox.aws import gaps, repeatable
from reconciler.sandbox.aws.writes import Write, WriteLog

log = logging.getLogger(__name__)

StartResponse = Callable[..., object]

_READS = re.compile(r"(BatchGet|Describe|Get|Head|List|Lookup|Query|Scan|Search|Simulate)")
_KEPT = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "REQUEST_URI", "RAW_URI", "CONTENT_TYPE", "SCRIPT_NAME")
_SECRET_HEADERS = ("HTTP_X_AMZ_SECURITY_TOKEN", "HTTP_COOKIE")


class Service:
    """A WSGI application. Its state is that of the process: there is one of them."""

    def __init__(self, log: WriteLog) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.requests = 0
        self.writes = 0
        self.replayed = 0
        self.failed_replays = 0
        repeatable.install()

    def replay(self) -> None:
        """Empty the services, then run every write of the log again."""
        with self._lock:
            _empty()
            for write in self._log.load():
                self._replay(write)

    def _replay(self, write: Write) -> None:
        # One write that no longer works must not keep all others from coming back.
        try:
            repeated = self._run(write)[0].startswith("2")
        except Exception:
            log.exception("a write cannot be repeated", extra={"path": write.environ.get("PATH_INFO")})
            repeated = False
        self.replayed += repeated
        self.failed_replays += not repeated

    def reset(self) -> None:
        """Empty the services and the log."""
        with self._lock:
            _empty()
            self._log.clear()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a write is on disk before its answer leaves."""
        body = environ["wsgi.input"].read(_length(environ))
        if environ["PATH_INFO"] == "/moto-api/reset":
            self.reset()
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"status": "ok"}']
        with self._lock:
            self.requests += 1
            if not _may_write(environ, body):
                status, headers, answer = _call(self._moto, environ, body)
            else:
                write = Write(seed=uuid.uuid4().hex, at_s=time.time(), environ=_kept(environ), body=body)
                status, headers, answer = self._run(write)
                if status.startswith("2"):
                    self._log.append(write)
                    self.writes += 1
        start_response(status, headers)
        return [answer]

    def _run(self, write: Write) -> tuple[str, list[tuple[str, str]], bytes]:
        with repeatable.given(write.seed, write.at_s):
            answer = _call(self._moto, dict(write.environ), write.body)
            if answer[0].startswith("2"):
                gaps.fill(write.environ, write.body, lambda environ, body: _call(self._moto, environ, body))
            return answer


def _empty() -> None:
    BackendDict.reset()
    reset_model_data()


def _may_write(environ: Mapping[str, Any], body: bytes) -> bool:
    """May the request change something? Asked of the protocol, since no list of actions stays complete."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS") or environ["PATH_INFO"].startswith("/moto-api"):
        return False
    action = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
    if not action and "x-www-form-urlencoded" in str(environ.get("CONTENT_TYPE", "")):
        form = urllib.parse.parse_qs(body.decode("utf-8", "replace"))
        action = form.get("Action", [""])[0]
    return not _READS.match(action)


def _kept(environ: Mapping[str, Any]) -> dict[str, str]:
    """The strings that make the request what it is, without what signs it."""
    kept = {name: value for name, value in environ.items() if name in _KEPT or name.startswith("HTTP_")}
    for name in _SECRET_HEADERS:
        kept.pop(name, None)
    if "HTTP_AUTHORIZATION" in kept:
        # Moto reads the service's name from it and checks no signature.
        kept["HTTP_AUTHORIZATION"] = re.sub(r"Signature=\w+", "Signature=0", kept["HTTP_AUTHORIZATION"])
    return kept


def _length(environ: Mapping[str, Any]) -> int:
    # A chunked body has no length, and ends by itself.
    return -1 if environ.get("wsgi.input_terminated") else int(environ.get("CONTENT_LENGTH") or 0)


def _call(
    application: Callable[..., Iterable[bytes]], environ: Mapping[str, Any], body: bytes
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Run a WSGI application on one request, whole."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda _chunk: None

    given: dict[str, Any] = {
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **environ,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    given.pop("HTTP_TRANSFER_ENCODING", None)
    given.pop("wsgi.input_terminated", None)
    chunks = application(given, start)
    try:
        answer = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return status, headers, answer
