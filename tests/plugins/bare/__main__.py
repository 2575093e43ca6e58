"""A provider on the bare protocol, for what the SDK's own classes cannot say: Cancel, views, refreshes before updates.

Inputs tell it what to do. Objects are in the file TEST_SERVICE, where a test can change them.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    provider_pb2,
    provider_pb2_grpc,
    resource_status_pb2,
    resource_status_pb2_grpc,
)

STORE = Path(os.environ["TEST_SERVICE"])
View = resource_status_pb2.ViewStep


def objects():
    return json.loads(STORE.read_text()) if STORE.exists() else {}


def store(found):
    STORE.write_text(json.dumps(found))


def plain(struct):
    return json_format.MessageToDict(struct)


class Bare(provider_pb2_grpc.ResourceProviderServicer):
    def __init__(self, engine):
        self.cancelled = asyncio.Event()
        self.engine = engine_pb2_grpc.EngineStub(grpc.aio.insecure_channel(engine))

    async def Handshake(self, request, context):
        supported = request.supports_views and request.supports_refresh_before_update
        self.extended = supported
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request, context):
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Configure(self, request, context):
        await self.say(f"configure of process {os.getpid()}", "")
        if "waits" in plain(request.args):
            await asyncio.Event().wait()
        return provider_pb2.ConfigureResponse()

    async def Cancel(self, request, context):
        self.cancelled.set()
        return empty_pb2.Empty()

    async def Check(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(self, request, context):
        news, olds = plain(request.news), plain(request.olds)
        changed = sorted(name for name in news if news[name] != olds.get(name))
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind, diffs=changed, replaces=[n for n in changed if n == "zone"])

    async def Create(self, request, context):
        inputs = plain(request.properties)
        await self.say(f"create of process {os.getpid()}", request.urn)
        if inputs.get("waits") and not request.preview:
            await (asyncio.Event() if inputs["waits"] == "for ever" else self.cancelled).wait()
        await self.publish(request, [self.view("CREATE", None, name, inputs) for name in inputs.get("views", [])])
        await self.say("published", request.urn, ephemeral=True, streamId=7)
        if inputs.get("fails"):
            await context.abort(grpc.StatusCode.INTERNAL, "it fails")
        id = request.name
        if not request.preview:
            store({**objects(), id: inputs})
        refresh = bool(inputs.get("refresh"))
        return provider_pb2.CreateResponse(id=id, properties=request.properties, refresh_before_update=refresh)

    async def Read(self, request, context):
        await self.say(f"read within {request.timeout:g} s", request.urn)
        found = objects().get(request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        live = json_format.ParseDict(found, type(request.properties)())
        changed = [
            self.view("UPDATE", view.name, view.name, {"size": found.get("size")}, plain(view.inputs))
            for view in request.old_views
        ]
        await self.publish(request, changed)
        refresh = bool(found.get("refresh"))
        return provider_pb2.ReadResponse(id=request.id, properties=live, inputs=live, refresh_before_update=refresh)

    async def Update(self, request, context):
        inputs = plain(request.news)
        names = {view.name: plain(view.inputs) for view in request.old_views}
        wanted = inputs.get("views", [])
        steps = [self.view("UPDATE", name, name, inputs, names[name]) for name in wanted if name in names]
        steps += [self.view("CREATE", None, name, inputs) for name in wanted if name not in names]
        steps += [self.view("DELETE", name, None, {}, olds) for name, olds in names.items() if name not in wanted]
        await self.publish(request, steps)
        if not request.preview:
            store({**objects(), request.id: inputs})
        refresh = bool(inputs.get("refresh"))
        return provider_pb2.UpdateResponse(properties=request.news, refresh_before_update=refresh)

    async def Delete(self, request, context):
        names = {view.name: plain(view.inputs) for view in request.old_views}
        await self.publish(request, [self.view("DELETE", name, None, {}, olds) for name, olds in names.items()])
        if objects().get(request.id, {}).get("sticks"):
            await context.abort(grpc.StatusCode.INTERNAL, "it sticks")
        store({id: found for id, found in objects().items() if id != request.id})
        return empty_pb2.Empty()

    def view(self, op, old, new, inputs, olds=None):
        about = {name: inputs[name] for name in ("size",) if name in inputs}
        return View(
            op=View.Op.Value(op),
            status=View.Status.Value("OK"),
            type="test:index:Part",
            name=new or old,
            old=self.state(old, olds or {}) if old else None,
            new=self.state(new, about) if new else None,
        )

    def state(self, name, inputs):
        state = resource_status_pb2.ViewStepState(type="test:index:Part", name=name)
        state.inputs.update(inputs)
        state.outputs.update(inputs)
        return state

    async def publish(self, request, steps):
        if not (self.extended and request.resource_status_address and steps):
            return
        async with grpc.aio.insecure_channel(request.resource_status_address) as channel:
            stub = resource_status_pb2_grpc.ResourceStatusStub(channel)
            message = resource_status_pb2.PublishViewStepsRequest(token=request.resource_status_token, steps=steps)
            await stub.PublishViewSteps(message)

    async def say(self, message, urn, **more):
        await self.engine.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, message=message, urn=urn, **more))


async def main():
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Bare(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


asyncio.run(main())
