"""Key services that speak the wire of Google, Azure and Vault, each with a real key of its own."""

from __future__ import annotations

import base64
import json
import os
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
TOKEN = "token-of-the-cloud"
GOOGLE_NAME = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
AZURE_NAME = "shop.vault.azure.net/keys/secrets"


def text_of(content: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    assert "=" not in text, "Key Vault takes unpadded texts"
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Cloud:
    """All three services at one address; what was asked, and how often the next calls are answered 'busy'."""

    rsa_key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    aes: AESGCM = field(default_factory=lambda: AESGCM(os.urandom(32)))
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    busy: int = 0
    address: str = ""

    def answer(self, path: str, headers, body: bytes):
        url = urlsplit(path)
        self.requests.append((path, dict(headers)))
        if self.busy:
            self.busy -= 1
            return 503, {"error": {"message": "busy"}}
        if url.path == "/token" or url.path.endswith("/oauth2/v2.0/token"):
            return self._token(parse_qs(body.decode()))
        if url.path.startswith("/v1/transit/"):
            return self._vault(url.path, headers, json.loads(body))
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"error": {"message": "no such token"}}
        data = json.loads(body)
        if url.path == f"/v1/{GOOGLE_NAME}:encrypt":
            return 200, {"ciphertext": base64.b64encode(self._seal(base64.b64decode(data["plaintext"]))).decode()}
        if url.path == f"/v1/{GOOGLE_NAME}:decrypt":
            return 200, {"plaintext": base64.b64encode(self._open(base64.b64decode(data["ciphertext"]))).decode()}
        if url.path.startswith("/keys/secrets/") and url.query == "api-version=7.4":
            assert data["alg"] == "RSA-OAEP-256"
            content = bytes_of(data["value"])
            if url.path.endswith("/encrypt"):
                content = self.rsa_key.public_key().encrypt(content, _OAEP)
            else:
                content = self.rsa_key.decrypt(content, _OAEP)
            return 200, {"kid": f"https://{AZURE_NAME}/1", "value": text_of(content)}
        return 404, {"error": {"code": "KeyNotFound", "message": "there is no such key"}}

    def _token(self, form):
        if form["grant_type"] == ["client_credentials"]:
            good = form["scope"] == ["https://vault.azure.net/.default"] and form["client_secret"] == ["s3cret"]
        elif form["grant_type"] == ["refresh_token"]:
            good = form["refresh_token"] == ["refresh"]
        else:
            signed, _, signature = form["assertion"][0].rpartition(".")
            self.rsa_key.public_key().verify(bytes_of(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            good = json.loads(bytes_of(signed.split(".")[1]))["scope"].endswith("/auth/cloudkms")
        return (200, {"access_token": TOKEN}) if good else (400, {"error_description": "AADSTS7000215: wrong secret"})

    def _vault(self, path, headers, data):
        if headers.get("X-Vault-Token") != "root":
            return 403, {"errors": ["permission denied"]}
        if path.endswith("/encrypt/mykey"):
            sealed = base64.b64encode(self._seal(base64.b64decode(data["plaintext"]))).decode()
            return 200, {"data": {"ciphertext": f"vault:v1:{sealed}"}}
        sealed = base64.b64decode(data["ciphertext"].removeprefix("vault:v1:"))
        return 200, {"data": {"plaintext": base64.b64encode(self._open(sealed)).decode()}}

    def _seal(self, content: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + self.aes.encrypt(nonce, content, None)

    def _open(self, content: bytes) -> bytes:
        return self.aes.decrypt(content[:12], content[12:], None)

    def service_account(self) -> str:
        """A service account's key file."""
        pem = self.rsa_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps(
            {
                "type": "service_account",
                "client_email": "ci@p.iam.gserviceaccount.com",
                "private_key_id": "1",
                "private_key": pem.decode(),
                "token_uri": f"{self.address}/token",
            }
        )

    def google(self) -> dict[str, str]:
        """The environment of a program that uses Google's service here."""
        return {"CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS": self.address, "GOOGLE_CREDENTIALS": self.service_account()}

    def azure(self) -> dict[str, str]:
        """The environment of a program that uses Azure's login here."""
        return {
            "AZURE_AUTHORITY_HOST": self.address,
            "AZURE_TENANT_ID": "t",
            "AZURE_CLIENT_ID": "c",
            "AZURE_CLIENT_SECRET": "s3cret",
        }

    def vault(self) -> dict[str, str]:
        """The environment of a program that uses Vault here."""
        return {"VAULT_ADDR": self.address, "VAULT_TOKEN": "root"}

    def client(self) -> httpx.Client:
        """A client for whom every vault of Azure is here: nothing else about its requests changes."""
        return httpx.Client(mounts={"https://shop.vault.azure.net": _Rerouted(self.address)})


class _Rerouted(httpx.HTTPTransport):
    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = httpx.URL(address)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._address.host, port=self._address.port)
        return super().handle_request(request)


class Serving:
    """A cloud at a free port, while the block runs."""

    def __init__(self) -> None:
        cloud = self._cloud = Cloud()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, data = cloud.answer(self.path, self.headers, body)
                content = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.do_POST()

            def log_message(self, *_arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        cloud.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Cloud:
        self._thread.start()
        return self._cloud

    def __exit__(self, *_error) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
