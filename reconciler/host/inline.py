"""Runs a program that lives in somebody else's process: an inline program of the Automation API.

`--client=127.0.0.1:PORT` names the SDK's own LanguageRuntime server. It is asked to
run its program, which speaks to `host.serve`. Of the service's other calls it has
next to none; only the one that cancels is tried.

Source: facts/engine-contract.md §1.9.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from reconciler import errors
from reconciler.deploy import events
from reconciler.deploy.deployment import Deployment
from reconciler.host.program import Program, engine_of, monitor_of
from reconciler.host.serve import OPTIONS, serving
from reconciler.host.stopping import wait_for_end

_CANCEL_TIMEOUT_S: Final = 1.0
# The SDK multiplies it by four, and keeps the product in 32 bits.
_MOST_PARALLEL: Final = (2**31 - 1) // 4


async def run(
    program: Program,
    client: str,
    deployment: Deployment,
    emit: Callable[[events.Event], None],
    stop: threading.Event,
) -> None:
    """Run the program to its end, or until the person stops the run.

    Raises:
        ProgramError: it failed, or nobody answers at `client`.
        CancelledError: the person stopped the run.
    """
    async with (
        serving(monitor_of(program, deployment), engine_of(emit)) as address,
        grpc.aio.insecure_channel(client, options=OPTIONS) as channel,
    ):
        runtime: Any = language_pb2_grpc.LanguageRuntimeStub(channel)
        request = _request(program, address, preview=deployment.preview)
        ended = asyncio.ensure_future(_run(runtime, request, client))

        async def interrupt() -> None:
            with suppress(grpc.aio.AioRpcError):
                await runtime.Cancel(empty_pb2.Empty(), timeout=_CANCEL_TIMEOUT_S)

        try:
            await wait_for_end(ended, deployment, stop, interrupt)
        finally:
            if not ended.done():
                ended.cancel()
        response = await ended
    if response.error or response.bail:
        # The SDK has logged it as an error before it answered.
        raise errors.ProgramError(response.error or "it has said why", told=True)


async def _run(runtime: Any, request: language_pb2.RunRequest, client: str) -> language_pb2.RunResponse:
    try:
        response: language_pb2.RunResponse = await runtime.Run(request)
    except grpc.aio.AioRpcError as error:
        detail = f"its process at {client} does not answer: {error.details()}"
        raise errors.ProgramError(
            detail, hint="--client is for the Automation API, which serves the program"
        ) from error
    return response


def _request(program: Program, address: str, *, preview: bool) -> language_pb2.RunRequest:
    return language_pb2.RunRequest(
        project=program.project,
        stack=program.stack,
        organization=program.organization,
        pwd=str(program.folder),
        program=str(program.entry),
        args=[address],
        config=program.config,
        configSecretKeys=list(program.secret_keys),
        dryRun=preview,
        parallel=min(program.parallel, _MOST_PARALLEL),
        monitor_address=address,
        info=language_pb2.ProgramInfo(
            root_directory=str(program.root),
            program_directory=str(program.entry),
            entry_point=".",
        ),
    )
