"""Lets a provider of the SDK be attached to: the SDK's server knows no Attach."""

from google.protobuf import empty_pb2
from pulumi.provider.experimental import server


async def attach(self, request, context):
    """Remember the engine that calls now; each run is another one."""
    self._engine_address = request.address
    return empty_pb2.Empty()


server.ProviderServicer.Attach = attach
