"""A pack of an SDK from before remediations, stack policies and config: it answers the oldest calls only."""

import sys
from concurrent import futures

import grpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc


class Old(analyzer_pb2_grpc.AnalyzerServicer):
    def GetAnalyzerInfo(self, _request, _context):
        return analyzer_pb2.AnalyzerInfo(
            name="old", version="0.1.0", policies=[analyzer_pb2.PolicyInfo(name="sees", description="It sees.")]
        )

    def Analyze(self, request, _context):
        found = analyzer_pb2.AnalyzeDiagnostic(
            policyName="sees", policyPackName="old", policyPackVersion="0.1.0", message=request.name
        )
        return analyzer_pb2.AnalyzeResponse(diagnostics=[found])


server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))
analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Old(), server)
sys.stdout.write(f"{server.add_insecure_port('127.0.0.1:0')}\n")
server.start()
server.wait_for_termination()
