"""Components with methods and with resources among their inputs and outputs, in the older of the SDK's two forms."""

import sys
from pathlib import Path

import pulumi
import servicers
from google.protobuf import struct_pb2
from pulumi import provider
from pulumi.provider import server
from pulumi.runtime import rpc, settings
from pulumi.runtime.proto import provider_pb2

sys.path.insert(0, str(Path(__file__).parents[1] / "sdks"))
import pulumi_calls as sdk  # the plugin finds its own package's SDK

BESIDES = server.ProviderServicer


class Servicer(BESIDES):
    """Serves `Custom`, too, whose `by` says what its provider is set to."""

    async def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    async def DiffConfig(self, request, context):
        return servicers.differs(request)

    async def Configure(self, request, context):
        self.setting = rpc.deserialize_properties(request.args).get("value", "")
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptResources=True, acceptOutputs=True)

    async def Check(self, request, context):
        return servicers.ANSWERS["Check"](request)

    async def Diff(self, request, context):
        return servicers.differs(provider_pb2.DiffRequest(olds=request.old_inputs, news=request.news))

    async def Create(self, request, context):
        properties = struct_pb2.Struct()
        properties.CopyFrom(request.properties)
        properties["by"] = self.setting
        return provider_pb2.CreateResponse(id=f"id-{request.name}", properties=properties)

    async def Read(self, request, context):
        return servicers.read(request)

    async def Delete(self, request, context):
        return servicers.ANSWERS["Delete"](request)

    async def Construct(self, request, context):
        self.provider.told = {name: list(told.urns) for name, told in request.inputDependencies.items()}
        return await super().Construct(request, context)

    @staticmethod
    async def _call_args(request):
        # The SDK asks the engine for its features in Construct only; without them a resource is answered as its id.
        await settings._load_monitor_feature_support()
        return await BESIDES._call_args(request)

    async def Invoke(self, request, context):
        answer = struct_pb2.Struct()
        answer["result"] = f"{request.args['value']} is found"
        return provider_pb2.InvokeResponse(**{"return": answer})


class Calls(provider.Provider):
    def __init__(self):
        super().__init__("13.3.7")
        self.told = {}

    def construct(self, name, resource_type, inputs, options=None):
        component = pulumi.ComponentResource(resource_type, name, {}, options)

        def child(value):
            return sdk.Custom(f"{name}-child", pulumi.ResourceOptions(parent=component), value=value)

        match resource_type.rpartition(":")[2]:
            case "Callable":
                outputs = {"value": child(inputs["value"]).value}
            case "Referring":
                inner = child(inputs["value"])
                outputs = {"value": inner.value, "ref": inner}
            case "Relaying":
                inner = child(pulumi.Output.from_input(inputs["taken"]).apply(lambda taken: taken.value))
                outputs = {"taken": inputs["taken"], "made": inner}
            case "Configurer":
                outputs = {"value": inputs["value"]}
            case "Dependent":
                outputs = {"told": self.told}
        component.register_outputs(outputs)
        return provider.ConstructResult(component.urn, outputs)

    def call(self, token, args):
        itself = args["__self__"]
        match token.rpartition(":")[2]:
            case "Callable/identity" | "calls/identity":
                return provider.CallResult({"result": itself.value})
            case "Callable/prefixed":
                return provider.CallResult({"result": pulumi.Output.concat(args["prefix"], itself.value)})
            case "Custom/described":
                return provider.CallResult({"result": pulumi.Output.concat(itself.value, " by ", itself.by)})
            case "Configurer/number":
                return provider.CallResult({"result": 42})
            case "Configurer/provider":
                return provider.CallResult({"result": sdk.Provider(f"of-{itself._name}", value=itself.value)})
        return provider.CallResult({}, [provider.CheckFailure("tok", f"there is no method {token}")])


if __name__ == "__main__":
    server.ProviderServicer = Servicer
    server.main(Calls(), sys.argv[1:])
