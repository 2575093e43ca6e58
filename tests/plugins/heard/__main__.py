"""A provider on the bare protocol that writes down every request it hears, as JSON lines, in the file TEST_SERVICE."""

import asyncio
import json
import os
import sys
from pathlib import Path

import grpc
from google.protobuf import any_pb2, empty_pb2, json_format
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
HEARD = Path(os.environ["TEST_SERVICE"])


class Heard(provider_pb2_grpc.ResourceProviderServicer):
    def hear(self, method, request):
        message = json_format.MessageToDict(request, preserving_proto_field_name=True)
        with HEARD.open("a") as file:
            file.write(json.dumps([method, message]) + "\n")
        return message

    async def Handshake(self, request, context):
        self.hear("Handshake", request)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def CheckConfig(self, request, context):
        self.hear("CheckConfig", request)
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request, context):
        self.hear("DiffConfig", request)
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Configure(self, request, context):
        self.hear("Configure", request)
        return provider_pb2.ConfigureResponse()

    async def Check(self, request, context):
        self.hear("Check", request)
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Diff(self, request, context):
        self.hear("Diff", request)
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    async def Create(self, request, context):
        properties = self.hear("Create", request).get("properties", {})
        if "reasons" in properties:
            await self.fail(context, request.name, request.properties, properties["reasons"])
        if "forgets" in properties:
            request.properties.update({properties["forgets"]: UNKNOWN})
        return provider_pb2.CreateResponse(id=request.name, properties=request.properties)

    async def Read(self, request, context):
        found = self.hear("Read", request).get("properties", {})
        if "ails" in found:
            await self.fail(context, request.id, request.properties, found["ails"])
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    async def Invoke(self, request, context):
        self.hear("Invoke", request)
        request.args.update({"result": UNKNOWN})
        return provider_pb2.InvokeResponse(**{"return": request.args})

    async def Delete(self, request, context):
        self.hear("Delete", request)
        return empty_pb2.Empty()

    async def fail(self, context, id, properties, reasons):
        failed = provider_pb2.ErrorResourceInitFailed(
            id=id, properties=properties, inputs=properties, reasons=reasons, refresh_before_update=True
        )
        failed.inputs.update({"live": True})
        detail = any_pb2.Any()
        detail.Pack(failed)
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message="not ready", details=[detail])
        trailer = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(grpc.StatusCode.UNKNOWN, "not ready", trailer)


async def main():
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Heard(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


asyncio.run(main())
