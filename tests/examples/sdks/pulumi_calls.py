"""Package `calls`: its components are made by its plugin, and have methods; its resources can be handed about."""

import asyncio

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.sync_await import _sync_await
from semver import VersionInfo

VERSION = "13.3.7"


def _options(opts):
    return pulumi.ResourceOptions.merge(pulumi.ResourceOptions(version=VERSION), opts)


def _call(method, itself, **arguments):
    answer = pulumi.runtime.call(method, {"__self__": itself, **arguments}, itself)
    return answer.apply(lambda answer: answer["result"])


def _call_plain(method, itself):
    """As the SDKs of packages with plain methods do it: the program waits where it stands."""
    return _sync_await(asyncio.create_task(_call(method, itself).future()))


class Provider(pulumi.ProviderResource):
    value: pulumi.Output[str]

    def __init__(self, resource_name, opts=None, value=None):
        super().__init__("calls", resource_name, {"value": value}, _options(opts))

    def identity(self):
        return _call("pulumi:providers:calls/identity", self)


class Custom(pulumi.CustomResource):
    value: pulumi.Output[str]
    by: pulumi.Output[str]

    def __init__(self, resource_name, opts=None, value=None):
        super().__init__("calls:index:Custom", resource_name, {"value": value, "by": None}, _options(opts))

    def described(self):
        return _call("calls:index:Custom/described", self)


class _Component(pulumi.ComponentResource):
    def __init__(self, resource_name, opts=None, **properties):
        token = f"calls:index:{type(self).__name__}"
        super().__init__(token, resource_name, properties, _options(opts), remote=True)


class Callable(_Component):
    value: pulumi.Output[str]

    def __init__(self, resource_name, opts=None, value=None):
        super().__init__(resource_name, opts, value=value)

    def identity(self):
        return _call("calls:index:Callable/identity", self)

    def prefixed(self, prefix):
        return _call("calls:index:Callable/prefixed", self, prefix=prefix)


class Referring(_Component):
    value: pulumi.Output[str]
    ref: pulumi.Output[Custom]

    def __init__(self, resource_name, opts=None, value=None):
        super().__init__(resource_name, opts, value=value, ref=None)


class Relaying(_Component):
    taken: pulumi.Output[Custom]
    made: pulumi.Output[Custom]

    def __init__(self, resource_name, opts=None, taken=None):
        super().__init__(resource_name, opts, taken=taken, made=None)


class Configurer(_Component):
    value: pulumi.Output[str]

    def __init__(self, resource_name, opts=None, value=None):
        super().__init__(resource_name, opts, value=value)

    def number(self):
        return _call_plain("calls:index:Configurer/number", self)

    def provider(self):
        return _call_plain("calls:index:Configurer/provider", self)


class Dependent(_Component):
    told: pulumi.Output[dict[str, list[str]]]

    def __init__(self, resource_name, opts=None, resource=None, resources=None, named=None, word=None):
        super().__init__(resource_name, opts, resource=resource, resources=resources, named=named, word=word, told=None)


def find(value, opts=None):
    return pulumi.runtime.invoke_output("calls:index:find", {"value": value}, opts)["result"]


class _Module(rpc.ResourceModule):
    def version(self):
        return VersionInfo.parse(VERSION)

    def construct(self, name, typ, urn):
        return globals()[typ.rpartition(":")[2]](name, pulumi.ResourceOptions(urn=urn))


class _Package(rpc.ResourcePackage):
    def version(self):
        return VersionInfo.parse(VERSION)

    def construct_provider(self, name, typ, urn):
        return Provider(name, pulumi.ResourceOptions(urn=urn))


rpc.register_resource_module("calls", "index", _Module())
rpc.register_resource_package("calls", _Package())
