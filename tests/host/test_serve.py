"""The gRPC server: every method by name, errors as statuses, calls that outlive their caller."""

from __future__ import annotations

import asyncio

import grpc
import grpc.aio
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

from reconciler import errors
from reconciler.deploy.deployment import ShutdownError
from reconciler.host.about import About
from reconciler.host.monitor import FEATURES, Monitor
from reconciler.host.serve import OPTIONS, serving


class Service:
    """A monitor that does as its request's type says."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.begun = asyncio.Event()

    async def RegisterResource(self, request):
        self.begun.set()
        match request.type:
            case "slow":
                await asyncio.sleep(0.1)
            case "stopped":
                raise ShutdownError
            case "twice":
                raise errors.DuplicateUrnError("urn:pulumi:dev::p::t::n")
            case "refused plainly":
                raise errors.PermanentError("no quota")
            case "refused":
                raise errors.PlanError("cannot be", hint="do it otherwise")
            case "bug":
                raise ZeroDivisionError("by zero")
        self.done.append(request.type)
        return resource_pb2.RegisterResourceResponse(urn=request.name)


class Log:
    def Log(self, request):
        return empty_pb2.Empty()


def speak(service, talk):
    """Serve and run `talk(monitor stub, engine stub)` against it."""

    async def conversation():
        async with serving(service, Log()) as address, grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
            return await talk(resource_pb2_grpc.ResourceMonitorStub(channel), engine_pb2_grpc.EngineStub(channel))

    return asyncio.run(conversation())


@pytest.mark.parametrize(
    ("type", "code", "details"),
    [
        pytest.param("stopped", grpc.StatusCode.UNAVAILABLE, "the run was stopped", id="stopped"),
        pytest.param("twice", grpc.StatusCode.INVALID_ARGUMENT, "Duplicate resource URN", id="duplicate"),
        pytest.param(
            "refused plainly",
            grpc.StatusCode.UNKNOWN,
            f"no quota\nhint: {errors.PermanentError.help}",
            id="with-what-usually-helps",
        ),
        pytest.param("refused", grpc.StatusCode.UNKNOWN, "cannot be\nhint: do it otherwise", id="refused"),
        pytest.param("bug", grpc.StatusCode.INTERNAL, "ZeroDivisionError: by zero", id="bug"),
    ],
)
def test_an_error_is_an_answer_with_a_status(type, code, details):
    async def talk(monitor, _engine):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await monitor.RegisterResource(resource_pb2.RegisterResourceRequest(type=type))
        return raised.value

    error = speak(Service(), talk)

    assert error.code() is code
    assert details in error.details()


def test_what_a_service_does_not_have_is_unimplemented():
    async def talk(monitor, engine):
        found = []
        for call in (
            monitor.Call(resource_pb2.ResourceCallRequest()),
            engine.GetRootResource(engine_pb2.GetRootResourceRequest()),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call
            found.append((raised.value.code(), raised.value.details()))
        return found

    assert speak(Service(), talk) == [
        (grpc.StatusCode.UNIMPLEMENTED, "Call is not served by this version of the engine"),
        (grpc.StatusCode.UNIMPLEMENTED, "GetRootResource is not served by this version of the engine"),
    ]


def test_plain_methods_are_served_beside_coroutines():
    async def talk(_monitor, engine):
        return await engine.Log(engine_pb2.LogRequest(message="hello"))

    assert speak(Service(), talk) == empty_pb2.Empty()


def test_messages_larger_than_grpc_usually_takes_pass_both_ways():
    name = "n" * (8 * 1024 * 1024)

    async def talk(monitor, _engine):
        return await monitor.RegisterResource(resource_pb2.RegisterResourceRequest(name=name))

    assert speak(Service(), talk).urn == name


@pytest.mark.slow
def test_a_call_whose_caller_is_gone_is_carried_to_its_end_before_the_server_ends():
    service = Service()

    async def talk(monitor, _engine):
        call = monitor.RegisterResource(resource_pb2.RegisterResourceRequest(type="slow"))
        await service.begun.wait()
        call.cancel()

    speak(service, talk)

    assert service.done == ["slow"]


def test_an_old_sdk_may_ask_for_each_feature_by_name(tmp_path):
    about = About(
        organization="organization",
        project="p",
        stack="dev",
        root=tmp_path,
        folder=tmp_path,
        config={},
        secret_keys=(),
        parallel=1,
    )

    async def asked() -> dict[str, bool]:
        monitor = Monitor(deployment=None, about=about)
        ids = ("secrets", "resourceReferences", "aliasSpecs", "deletedWith", "outputs", "")
        return {
            id: (await monitor.SupportsFeature(resource_pb2.SupportsFeatureRequest(id=id))).hasSupport for id in ids
        }

    served = resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS in FEATURES
    assert asyncio.run(asked()) == {
        "secrets": True,
        "resourceReferences": True,
        "aliasSpecs": served,
        "deletedWith": True,
        "outputs": False,
        "": False,
    }
