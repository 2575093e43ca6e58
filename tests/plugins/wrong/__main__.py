"""A provider on the bare protocol that answers wrongly where an object's input `wrong` says so: "<method> <how>"."""

import asyncio
import os
import sys

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


def how(method, properties):
    named, _, how = (properties["wrong"] if "wrong" in properties.fields else "").partition(" ")
    if (named, how) == (method, "dies"):
        sys.stderr.write("last words\n")
        sys.stderr.flush()
        os._exit(7)
    return how if named == method else ""


def answered(method, properties):
    match how(method, properties):
        case "unknown":
            properties["size"] = UNKNOWN
        case "of no sort":
            properties.update({"size": {SIGNATURE: "nonsense"}})
        case "empty secret":
            properties.update({"size": {SIGNATURE: SECRET}})
    return properties


class Wrong(provider_pb2_grpc.ResourceProviderServicer):
    async def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    async def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    async def Configure(self, request, context):
        how("Configure", request.args)
        return provider_pb2.ConfigureResponse()

    async def Check(self, request, context):
        return provider_pb2.CheckResponse(inputs=answered("Check", request.news))

    async def Diff(self, request, context):
        how("Diff", request.news)
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_SOME)

    async def Create(self, request, context):
        wrong = how("Create", request.properties)
        if wrong == "half":
            await self.fail(context, request.properties)
        id = UNKNOWN if wrong == "unknown id" else "one"
        return provider_pb2.CreateResponse(id=id, properties=answered("Create", request.properties))

    async def Read(self, request, context):
        wrong = how("Read", request.inputs)
        id = UNKNOWN if wrong == "unknown id" else request.id
        inputs = answered("Read", request.inputs)
        return provider_pb2.ReadResponse(id=id, properties=request.properties, inputs=inputs)

    async def Construct(self, request, context):
        urn = how("Construct", request.inputs)
        return provider_pb2.ConstructResponse(urn=urn, state=answered("Construct", request.inputs))

    async def Update(self, request, context):
        return provider_pb2.UpdateResponse(properties=answered("Update", request.news))

    async def Delete(self, request, context):
        how("Delete", request.properties)
        return empty_pb2.Empty()

    async def fail(self, context, properties):
        properties.update({"size": {SIGNATURE: "nonsense"}})
        detail = any_pb2.Any()
        detail.Pack(provider_pb2.ErrorResourceInitFailed(id="one", properties=properties, reasons=["no quota"]))
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message="not ready", details=[detail])
        trailer = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(grpc.StatusCode.UNKNOWN, "not ready", trailer)


async def main():
    server = grpc.aio.server()
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Wrong(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


asyncio.run(main())
