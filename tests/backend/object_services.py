"""Services that keep objects, on loopback: moto's S3, and small stand-ins for Google's and Azure's.

The stand-ins refuse what they do not know.
"""

import contextlib
import logging
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import httpx
from werkzeug.serving import make_server

KEY = "AKIDEXAMPLE"
AZURE_ACCOUNT = "account"


class S3Service:
    """moto behind a layer that can answer wrongly, late, or not at all; `url(bucket)` is a backend's URL.

    `fault(method, path)` is asked for each request; it gives None, or a name of `_FAULTS`.
    """

    def __init__(self):
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.environment = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
        self.requests = []
        self.fault = lambda method, path: None
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def new_bucket(self):
        name = f"bucket-{uuid.uuid4().hex[:12]}"
        assert httpx.put(f"{self.address}/{name}").status_code == 200
        return f"s3://{name}/team/one?endpoint={self.address}&s3ForcePathStyle=true&awssdk=v2"

    def _answer(self, environ, start_response):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.requests.append((method, path))
        match self.fault(method, path):
            case None:
                return self._app(environ, start_response)
            case "503":
                return _refuse(start_response, "503 Slow Down", "SlowDown")
            case "429":
                return _refuse(start_response, "429 Too Many Requests", "TooManyRequests")
            case "403":
                return _refuse(start_response, "403 Forbidden", "AccessDenied")
            case "301":
                return _refuse(start_response, "301 Moved Permanently", "PermanentRedirect")
            case "501":
                return _refuse(start_response, "501 Not Implemented", "NotImplemented")
            case "500-after":
                self._carry_out(environ)
                return _refuse(start_response, "500 Internal Server Error", "InternalError")
            case "late":
                self._carry_out(environ)
                time.sleep(1.5)
                return _refuse(start_response, "500 Internal Server Error", "InternalError")
            case other:
                raise AssertionError(other)

    def _carry_out(self, environ):
        for _ in self._app(environ, lambda status, headers, info=None: lambda data: None):
            pass


def _refuse(start_response, status, code):
    start_response(status, [("Content-Type", "application/xml")])
    return [f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()]


class _Objects(BaseHTTPRequestHandler):
    """What the two stand-ins share: objects with a number for each version, answered one at a time."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def handle_any(self):
        parts = urlsplit(self.path)
        self.query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.key = unquote(parts.path).lstrip("/")
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.turn:
            status, headers, body = self.answer()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = do_POST = do_HEAD = handle_any  # noqa: N815 - the server looks for these names

    def put(self, key):
        self.server.versions += 1
        self.server.objects[key] = (self.body, self.server.versions, int(time.time()))
        return self.server.versions

    def listed(self, prefix, delimiter):
        folders, keys = set(), []
        for key in sorted(self.server.objects):
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.partition(delimiter)[0] + delimiter)
            else:
                keys.append(key)
        return sorted(folders), keys


def _stamp(seconds):
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(seconds))


class _Google(_Objects):
    """Cloud Storage's XML API, as far as it is used.

    Source: cloud.google.com/storage/docs/xml-api (put-object, get-object, get-bucket-list v2, reference-headers).
    """

    def answer(self):
        bucket, _, key = self.key.partition("/")
        if bucket != self.server.bucket:
            return self.refuse(404, "NoSuchBucket", "The specified bucket does not exist.")
        match self.command, bool(key), set(self.query):
            case "GET", False, asked if asked <= {"list-type", "prefix", "delimiter"}:
                return self.list()
            case "PUT", True, asked if not asked:
                wanted = self.headers.get("x-goog-if-generation-match")
                if wanted is not None and int(wanted) != self.server.objects.get(key, (b"", 0, 0))[1]:
                    return self.refuse(412, "PreconditionFailed", "At least one of the pre-conditions failed.")
                return 200, self.described(self.put(key)), b""
            case (("GET" | "HEAD"), True, asked) if not asked:
                if key not in self.server.objects:
                    return self.refuse(404, "NoSuchKey", "The specified key does not exist.")
                content, version, at = self.server.objects[key]
                return 200, {**self.described(version), "Last-Modified": _stamp(at)}, content
            case "DELETE", True, asked if not asked:
                if self.server.objects.pop(key, None) is None:
                    return self.refuse(404, "NoSuchKey", "The specified key does not exist.")
                return 204, {}, b""
        return self.refuse(501, "NotImplemented", f"{self.command} {self.path}")

    def list(self):
        folders, keys = self.listed(self.query.get("prefix", ""), self.query.get("delimiter", ""))
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Generation>{version}</Generation>"
            f"<LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(at))}</LastModified>"
            f'<ETag>"{version}"</ETag><Size>{len(content)}</Size></Contents>'
            for key in keys
            for content, version, at in [self.server.objects[key]]
        )
        prefixes = "".join(f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders)
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}{prefixes}</ListBucketResult>"
        return 200, {"Content-Type": "application/xml"}, body.encode()

    @staticmethod
    def described(version):
        return {"ETag": f'"{version}"', "x-goog-generation": str(version)}

    @staticmethod
    def refuse(status, code, message):
        return status, {}, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


class _Azure(_Objects):
    """Blob Storage's REST API, as far as it is used.

    Source: learn.microsoft.com/rest/api/storageservices (put-blob, get-blob, list-blobs, delete-blob, blob-batch).
    """

    def answer(self):
        account, _, rest = self.key.partition("/")
        container, _, key = rest.partition("/")
        if account != AZURE_ACCOUNT or not self.headers.get("Authorization", "").startswith(f"SharedKey {account}:"):
            return self.refuse(403, "AuthenticationFailed", "Server failed to authenticate the request.")
        if container != self.server.bucket:
            return self.refuse(404, "ContainerNotFound", "The specified container does not exist.")
        match self.command, bool(key), set(self.query):
            case "GET", False, asked if asked <= {"restype", "comp", "prefix", "delimiter"}:
                return self.list()
            case "POST", False, asked if asked == {"restype", "comp"} and self.query["comp"] == "batch":
                return self.batch()
            case "PUT", True, asked if not asked and self.headers.get("x-ms-blob-type") == "BlockBlob":
                here = self.server.objects.get(key)
                if self.headers.get("If-None-Match") == "*" and here is not None:
                    return self.refuse(409, "BlobAlreadyExists", "The specified blob already exists.")
                wanted = self.headers.get("If-Match")
                if wanted is not None and (here is None or wanted != f'"{here[1]}"'):
                    return self.refuse(412, "ConditionNotMet", "The condition was not met.")
                return 201, {"ETag": f'"{self.put(key)}"', "Last-Modified": _stamp(time.time())}, b""
            case (("GET" | "HEAD"), True, asked) if not asked:
                if key not in self.server.objects:
                    return self.refuse(404, "BlobNotFound", "The specified blob does not exist.")
                content, version, at = self.server.objects[key]
                return (
                    200,
                    {"ETag": f'"{version}"', "Last-Modified": _stamp(at), "x-ms-blob-type": "BlockBlob"},
                    content,
                )
            case "DELETE", True, asked if not asked:
                if self.server.objects.pop(key, None) is None:
                    return self.refuse(404, "BlobNotFound", "The specified blob does not exist.")
                return 202, {}, b""
        return self.refuse(501, "NotImplemented", f"{self.command} {self.path}")

    def list(self):
        folders, keys = self.listed(self.query.get("prefix", ""), self.query.get("delimiter", ""))
        blobs = "".join(
            f"<Blob><Name>{escape(key)}</Name><Properties><Last-Modified>{_stamp(at)}</Last-Modified>"
            f"<Etag>{version}</Etag><Content-Length>{len(content)}</Content-Length>"
            "<Content-Type>application/octet-stream</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>"
            for key in keys
            for content, version, at in [self.server.objects[key]]
        )
        prefixes = "".join(f"<BlobPrefix><Name>{escape(one)}</Name></BlobPrefix>" for one in folders)
        body = (
            f"<EnumerationResults ContainerName='{self.server.bucket}'><Blobs>{blobs}{prefixes}</Blobs>"
            "<NextMarker/></EnumerationResults>"
        )
        return 200, {"Content-Type": "application/xml"}, body.encode()

    def batch(self):
        boundary = self.headers["Content-Type"].partition("boundary=")[2]
        answers = []
        for number, part in enumerate(self.body.decode().split(f"--{boundary}")[1:-1]):
            line = next(one for one in part.splitlines() if one.startswith("DELETE "))
            key = unquote(urlsplit(line.split()[1]).path).lstrip("/").removeprefix(f"{AZURE_ACCOUNT}/")
            there = self.server.objects.pop(key.partition("/")[2], None) is not None
            status = "202 Accepted" if there else "404 The specified blob does not exist."
            code = "" if there else "x-ms-error-code: BlobNotFound\r\n"
            answers.append(
                f"--answers\r\nContent-Type: application/http\r\nContent-ID: {number}\r\n\r\n"
                f"HTTP/1.1 {status}\r\n{code}x-ms-version: 2019-12-12\r\nContent-Length: 0\r\n\r\n"
            )
        body = "".join(answers) + "--answers--"
        return 202, {"Content-Type": "multipart/mixed; boundary=answers"}, body.encode()

    @staticmethod
    def refuse(status, code, message):
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return status, {"x-ms-error-code": code}, body.encode()


@contextlib.contextmanager
def _serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.bucket, server.objects, server.versions, server.turn = "bucket", {}, 0, threading.Lock()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def google():
    """URL and environment of a Google backend."""
    with _serving(_Google) as address:
        yield "gs://bucket/team", {"STORAGE_EMULATOR_HOST": address}


@contextlib.contextmanager
def azure():
    """URL and environment of an Azure backend."""
    with _serving(_Azure) as address:
        url = f"azblob://bucket/team?storage_account={AZURE_ACCOUNT}&localemu=true&protocol=http&domain={address}"
        yield url, {"AZURE_STORAGE_KEY": "a2V5"}
