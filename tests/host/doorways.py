"""The other two doors of the engine, for tests: another interpreter, and an inline program in an SDK's server."""

from __future__ import annotations

import runpy
import site
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc


def make_interpreter(folder: Path, *, with_sdk: bool = True) -> Path:
    """A fresh virtual environment; the SDK in it is the one that is installed here."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    if with_sdk:
        packages = next(folder.glob("lib/python*/site-packages"))
        (packages / "installed.pth").write_text("\n".join(site.getsitepackages()))
    return folder


@contextmanager
def inline_program(folder: Path) -> Iterator[str]:
    """The SDK's own language server, with the folder's program as inline program; its address."""

    def program() -> None:
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(program), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
