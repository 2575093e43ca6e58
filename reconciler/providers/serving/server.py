"""Runs one provider of ours as a plugin process: `python -m reconciler.providers.serving.server <module:class> …`.

The first line on standard output must be the port, and nothing may come before
it, so standard output is put aside before anything else is imported.

Source: facts/engine-contract.md §7.1; facts/prefect-provider.md §13.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.contract.extensions import WATCH_STDIN

if TYPE_CHECKING:
    from reconciler.contract.protocol import Provider

VERSION: Final = "0.1.0"
_GRACE_S: Final = 2.0


def main(place: str, schema: Path | None = None) -> None:
    """Serve the provider of a place, `module:class`, until Cancel, a signal, or the end of the engine.

    Args:
        schema: the package's schema, where it is not a public SDK's.
    """
    port_line = _set_stdout_aside()
    text = schema.read_text(encoding="utf-8") if schema is not None and schema.is_file() else ""
    asyncio.run(_serve(_loader(place), text, port_line))


def prefect() -> None:
    """The console script `pulumi-resource-prefect`."""
    main("reconciler.providers.prefect.provider:PrefectProvider")


def _loader(place: str) -> Callable[[], Provider]:
    module, _, name = place.partition(":")

    def make() -> Provider:
        provider: Provider = getattr(importlib.import_module(module), name)()
        return provider

    return make


def _set_stdout_aside() -> int:
    kept = os.dup(1)
    os.set_inheritable(kept, False)
    os.dup2(2, 1)
    return kept


async def _serve(make: Callable[[], Provider], schema: str, port_line: int) -> None:
    # Only now: what these print must not come before the port.
    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from reconciler.providers.serving.servicer import Servicer

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if os.environ.get(WATCH_STDIN):
        threading.Thread(target=_watch_stdin, args=(loop, ended), daemon=True).start()
    # Cancel is sent when the person stops a run, too: calls under way must have their outcome. Our engine ends us
    # when it has heard all of them; of another, Cancel is the last word.
    stop = (lambda: None) if os.environ.get(WATCH_STDIN) else ended.set
    servicer = Servicer(make, version=VERSION, schema=schema, stop=stop)
    server = grpc.aio.server(options=(("grpc.max_receive_message_length", 400 << 20),))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    os.write(port_line, f"{port}\n".encode())
    os.close(port_line)
    await ended.wait()
    await server.stop(_GRACE_S)
    await servicer.close()


def _watch_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    place = sys.argv.pop(1)
    main(place)
