"""What the SDK's provider servers lack for these tests: they cannot be attached to, and lose the hashes of assets."""

from google.protobuf import empty_pb2
from pulumi.provider import server as older
from pulumi.provider.experimental import server
from pulumi.runtime.proto import provider_pb2

ASSETS = "asset-archive:index:"


async def attach(self, request, context):
    """Remember the engine that calls now; each run is another one."""
    self._engine_address = self.engine_address = request.address
    return empty_pb2.Empty()


def keeps_assets(method, answer):
    """The servicer's method, but that kinds of assets are answered with what came over the wire, hashes and all."""

    async def served(self, request, context):
        return (
            answer(request)
            if request.urn.split("::")[2].split("$")[-1].startswith(ASSETS)
            else await method(self, request, context)
        )

    return served


def differs(request):
    """Is anything another value?"""
    changes = (
        provider_pb2.DiffResponse.DIFF_SOME if request.olds != request.news else provider_pb2.DiffResponse.DIFF_NONE
    )
    return provider_pb2.DiffResponse(changes=changes)


def created(request):
    """An object that says what it was given."""
    return provider_pb2.CreateResponse(id="made", properties=request.properties)


def read(request):
    """The same object again."""
    return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)


ANSWERS = {
    "Delete": lambda request: empty_pb2.Empty(),
    "Check": lambda request: provider_pb2.CheckResponse(inputs=request.news),
    "Diff": differs,
    "Create": created,
    "Read": read,
    "Update": lambda request: provider_pb2.UpdateResponse(properties=request.news),
}
older.ProviderServicer.Attach = server.ProviderServicer.Attach = attach
for name, answer in ANSWERS.items():
    setattr(server.ProviderServicer, name, keeps_assets(getattr(server.ProviderServicer, name), answer))
