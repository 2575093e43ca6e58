"""A server with the comments of one pull request: it pages, refuses and fails as GitHub and GitLab do."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse


class ForgeServer(ThreadingHTTPServer):
    """Comments of one pull request, as GitHub and GitLab serve them."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.comments = []
        self.requests = []
        self.refuse_with = []
        self.refuse_posts_with = []
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def talk(self, many):
        for number in range(many):
            self.comments.append({"id": number + 1, "body": f"word {number}"})


class Answers(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    do_POST = do_PATCH = do_PUT = do_GET  # noqa: N815  # the library's names

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        server, parts = self.server, urlparse(self.path)
        server.requests.append((self.command, parts.path))
        if server.refuse_with:
            return self.send(server.refuse_with.pop(0), {"message": "Resource not accessible by integration"})
        if self.command == "POST" and server.refuse_posts_with:
            return self.send(server.refuse_posts_with.pop(0), {"message": "oops"})
        gitlab = "/merge_requests/" in parts.path
        if self.headers.get("private-token" if gitlab else "authorization") != ("t" if gitlab else "Bearer t"):
            return self.send(401, {"message": "Bad credentials"})
        if self.command == "GET":
            return self.page(parse_qs(parts.query), gitlab)
        if self.command == "POST":
            made = {"id": len(server.comments) + 1, "html_url": "https://forge/1", **json.loads(body)}
            server.comments.append(made)
            return self.send(201, made)
        if self.command != ("PUT" if gitlab else "PATCH"):
            return self.send(404, {"message": "Not Found"})
        found = next(one for one in server.comments if str(one["id"]) == parts.path.rpartition("/")[2])
        found |= json.loads(body)
        return self.send(200, found)

    def page(self, query, gitlab):
        number, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])
        chosen = self.server.comments[(number - 1) * size : number * size]
        more = number * size < len(self.server.comments)
        headers = {"X-Next-Page": str(number + 1) if more else ""} if gitlab else {}
        if more and not gitlab:
            headers["Link"] = (
                f'<{self.server.url}{urlparse(self.path).path}?per_page={size}&page={number + 1}>; rel="next"'
            )
        return self.send(200, chosen, headers)

    def send(self, status, data, headers=()):
        content = json.dumps(data).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
