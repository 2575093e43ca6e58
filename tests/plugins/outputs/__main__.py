"""A plugin that gives back what it was given as the wire had it; it takes output values if `TAKES_OUTPUTS` is set."""

import os
import sys
from concurrent import futures

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, resource_pb2, resource_pb2_grpc

TAKES = bool(os.environ.get("TAKES_OUTPUTS"))


class Echo(provider_pb2_grpc.ResourceProviderServicer):
    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=True,
            accept_resources=True,
            accept_outputs=TAKES,
            accepts_byte_string=TAKES,
            accepts_outputs_in_invoke=TAKES and request.accepts_outputs_in_invoke,
            accepts_outputs_in_call=TAKES and request.accepts_outputs_in_call,
            accepts_outputs_in_check=TAKES and request.accepts_outputs_in_check,
        )

    def Configure(self, request, context):
        return provider_pb2.ConfigureResponse()

    def Check(self, request, context):
        return provider_pb2.CheckResponse(inputs=echoed(request.news))

    def Create(self, request, context):
        return provider_pb2.CreateResponse(id="1", properties=request.properties)

    def Invoke(self, request, context):
        return provider_pb2.InvokeResponse(**{"return": echoed(request.args)})

    def Call(self, request, context):
        return provider_pb2.CallResponse(**{"return": echoed(request.args)})

    def Construct(self, request, context):
        monitor = resource_pb2_grpc.ResourceMonitorStub(grpc.insecure_channel(request.monitorEndpoint))
        registered = monitor.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=request.type,
                name=request.name,
                parent=request.parent,
                parentStackTraceHandle=request.stack_trace_handle,
            )
        )
        state = echoed(request.inputs)
        monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=registered.urn, outputs=state))
        return provider_pb2.ConstructResponse(urn=registered.urn, state=state)

    def Cancel(self, request, context):
        return empty_pb2.Empty()


def echoed(given):
    """`second` as it came, and the wire's own text of it."""
    answer = type(given)()
    answer.fields["second"].CopyFrom(given.fields["second"])
    answer.fields["seen"].string_value = json_format.MessageToJson(given.fields["second"], indent=None)
    return answer


server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(Echo(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
sys.stdout.write(f"{port}\n")
sys.stdout.flush()
server.wait_for_termination()
