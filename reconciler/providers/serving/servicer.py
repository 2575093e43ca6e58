"""Pulumi's provider protocol, answered by a provider of ours.

One process serves many instances to our own engine, which names the instance on
each call; to Pulumi's engine, which does not, it serves one.

Source: facts/engine-contract.md §7.2, §7.3.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from reconciler import errors
from reconciler.contract import wire
from reconciler.contract.extensions import FIND, INSTANCE, OFFERED, OPERATION, RENAMED
from reconciler.contract.protocol import (
    Autonaming,
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    DeleteRequest,
    DiffRequest,
    FindRequest,
    InvokeRequest,
    NamingMode,
    Provider,
    ReadRequest,
    UpdateRequest,
)
from reconciler.model import urns, values
from reconciler.model.values import PropertyMap
from reconciler.providers.serving import answers

T = TypeVar("T")
Context = grpc.aio.ServicerContext[Message, Message]


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """One plugin. `stop` ends the process after Cancel."""

    def __init__(
        self,
        make: Callable[[], Provider],
        *,
        version: str,
        schema: str,
        stop: Callable[[], None],
    ) -> None:
        self._make = make
        self._version = version
        self._schema = schema
        self._stop = stop
        self._instances: dict[str, Provider] = {}

    # Method names are those of the protocol.

    async def Handshake(  # noqa: N802
        self, _request: provider_pb2.ProviderHandshakeRequest, context: Context
    ) -> provider_pb2.ProviderHandshakeResponse:
        context.set_trailing_metadata(((OFFERED, "1"),))
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True, accept_resources=True, accepts_byte_string=True, supports_autonaming_configuration=True
        )

    async def Attach(self, _request: plugin_pb2.PluginAttach, _context: Context) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    async def GetPluginInfo(self, _request: Message, _context: Context) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=self._version)

    async def GetSchema(self, _request: Message, context: Context) -> provider_pb2.GetSchemaResponse:  # noqa: N802
        if not self._schema:
            await context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                "this provider serves the resources of a public SDK, which has the schema",
            )
        return provider_pb2.GetSchemaResponse(schema=self._schema)

    async def Cancel(self, _request: Message, _context: Context) -> empty_pb2.Empty:  # noqa: N802
        self._stop()
        return empty_pb2.Empty()

    async def CheckConfig(  # noqa: N802
        self, request: provider_pb2.CheckRequest, context: Context
    ) -> provider_pb2.CheckResponse:
        response = await self._answer(context, self._provider(context).check_config(_check_request(request)))
        return answers.check_response(response)

    async def DiffConfig(  # noqa: N802
        self, request: provider_pb2.DiffRequest, context: Context
    ) -> provider_pb2.DiffResponse:
        return answers.diff_response(
            await self._answer(context, self._provider(context).diff_config(_diff_request(request)))
        )

    async def Configure(  # noqa: N802
        self, request: provider_pb2.ConfigureRequest, context: Context
    ) -> provider_pb2.ConfigureResponse:
        settings = wire.read_map(request.args) if request.HasField("args") else _variables(request)
        configure = ConfigureRequest(urn=request.urn, inputs=settings)
        await self._answer(context, self._provider(context).configure(configure))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    async def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:  # noqa: N802
        response = await self._answer(context, self._provider(context).check(_check_request(request)))
        return answers.check_response(response)

    async def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:  # noqa: N802
        return answers.diff_response(await self._answer(context, self._provider(context).diff(_diff_request(request))))

    async def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:  # noqa: N802
        create = CreateRequest(
            urn=request.urn,
            token=request.type or urns.type_token(request.urn),
            inputs=_map(request.properties),
            # Pulumi's engine has no such id. Not the urn: a replacement has the urn of what it replaces.
            operation_id=_metadata(context, OPERATION) or str(uuid.uuid4()),
            timeout_s=request.timeout,
            preview=request.preview,
        )
        response = await self._answer(context, self._provider(context).create(create))
        return provider_pb2.CreateResponse(id=response.id, properties=_struct(response.outputs))

    async def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:  # noqa: N802
        provider, token = self._provider(context), request.type or urns.type_token(request.urn)
        sought = _metadata(context, FIND)
        if sought:
            find = FindRequest(urn=request.urn, token=token, inputs=_map(request.inputs), operation_id=sought)
            found = await self._answer(context, provider.find(find))
        else:
            read = ReadRequest(
                urn=request.urn,
                token=token,
                id=request.id,
                inputs=_map(request.inputs),
                outputs=_map(request.properties),
            )
            found = await self._answer(context, provider.read(read))
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=found.id, inputs=_struct(found.inputs), properties=_struct(found.outputs))

    async def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:  # noqa: N802
        update = UpdateRequest(
            urn=request.urn,
            token=request.type or urns.type_token(request.urn),
            id=request.id,
            old_inputs=_map(request.old_inputs),
            outputs=_map(request.olds),
            news=_map(request.news),
            ignore_changes=tuple(request.ignoreChanges),
            timeout_s=request.timeout,
            preview=request.preview,
        )
        response = await self._answer(context, self._provider(context).update(update))
        if response.id and response.id != request.id:
            context.set_trailing_metadata(((RENAMED, response.id.encode()),))
        return provider_pb2.UpdateResponse(properties=_struct(response.outputs))

    async def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:  # noqa: N802
        delete = DeleteRequest(
            urn=request.urn,
            token=request.type or urns.type_token(request.urn),
            id=request.id,
            inputs=_map(request.old_inputs),
            outputs=_map(request.properties),
            timeout_s=request.timeout,
        )
        await self._answer(context, self._provider(context).delete(delete))
        return empty_pb2.Empty()

    async def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:  # noqa: N802
        invoke = InvokeRequest(token=request.tok, args=_map(request.args), preview=request.preview)
        response = await self._answer(context, self._provider(context).invoke(invoke))
        answer = provider_pb2.InvokeResponse(failures=answers.failures(response.failures))
        # `return` is a keyword of Python's, so the field cannot be given by name.
        getattr(answer, "return").CopyFrom(_struct(response.result))
        return answer

    async def close(self) -> None:
        """Let go of every instance."""
        await asyncio.gather(*(provider.close() for provider in self._instances.values()))

    def _provider(self, context: Context) -> Provider:
        instance = _metadata(context, INSTANCE)
        if instance not in self._instances:
            self._instances[instance] = self._make()
        return self._instances[instance]

    async def _answer(self, context: Context, call: Awaitable[T]) -> T:
        """Await our provider; an error of ours ends the call with its status, any other as an open outcome."""
        try:
            return await call
        except errors.PartialError as error:
            details = answers.status(error).SerializeToString()
            await _abort(context, answers.code(error), answers.text(error), (("grpc-status-details-bin", details),))
        except errors.ProviderError as error:
            await _abort(context, answers.code(error), answers.text(error))
        except Exception as error:  # noqa: BLE001  # one call: the process goes on to serve the others
            await _abort(context, grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")


async def _abort(
    context: Context, code: grpc.StatusCode, text: str, trailing: tuple[tuple[str, bytes], ...] = ()
) -> NoReturn:
    await context.abort(code, text, trailing)
    raise errors.BugError("an aborted call goes on")


def _metadata(context: Context, key: str) -> str:
    for name, value in context.invocation_metadata() or ():
        if name == key:
            return value if isinstance(value, str) else value.decode()
    return ""


def _variables(request: provider_pb2.ConfigureRequest) -> PropertyMap:
    return {name.rpartition(":")[2]: value for name, value in request.variables.items()}


def _map(struct: struct_pb2.Struct) -> PropertyMap:
    return wire.read_map(struct, nulls=True)


def _struct(properties: object) -> struct_pb2.Struct:
    return wire.write_map(values.freeze_map(properties if isinstance(properties, dict) else {}))


def _check_request(request: provider_pb2.CheckRequest) -> CheckRequest:
    olds = _map(request.olds)
    return CheckRequest(
        urn=request.urn,
        token=request.type or urns.type_token(request.urn),
        name=request.name or urns.name(request.urn),
        news=_map(request.news),
        # On the wire a new object has empty olds.
        olds=olds or None,
        seed=request.randomSeed,
        autonaming=_read_autonaming(request) if request.HasField("autonaming") else None,
    )


def _read_autonaming(request: provider_pb2.CheckRequest) -> Autonaming:
    mode = provider_pb2.CheckRequest.AutonamingOptions.Mode.Name(request.autonaming.mode)
    return Autonaming(mode=NamingMode[mode], name=request.autonaming.proposed_name)


def _diff_request(request: provider_pb2.DiffRequest) -> DiffRequest:
    return DiffRequest(
        urn=request.urn,
        token=request.type or urns.type_token(request.urn),
        id=request.id,
        old_inputs=_map(request.old_inputs),
        outputs=_map(request.olds),
        news=_map(request.news),
        ignore_changes=tuple(request.ignoreChanges),
    )
