"""Packages that a parameter makes of the plugin `many`, as generated SDKs have them: each registers itself, once."""

import asyncio
import base64
import functools

import pulumi
from pulumi.runtime.settings import register_package


@functools.cache
def package(name, parameter, extension=False):
    """The engine's reference to a package."""
    value = base64.b64encode(parameter).decode()
    return asyncio.ensure_future(register_package("many", "1.0.0", "", name, "2.0.0", value, extension=extension))


class Provider(pulumi.ProviderResource):
    """`after` is what follows each word."""

    def __init__(self, name, of, parameter, opts=None, after=None):
        super().__init__(of, name, {"after": after}, opts, package_ref=package(of, parameter))


class Word(pulumi.CustomResource):
    word: pulumi.Output[str]

    def __init__(self, name, of, parameter, opts=None):
        super().__init__(f"{of}:index:Word", name, {"word": None}, opts, package_ref=package(of, parameter))


class Extended(pulumi.CustomResource):
    """A type of the base package, which an extension adds to it."""

    word: pulumi.Output[str]

    def __init__(self, name, extension, parameter, opts=None):
        ref = package(extension, parameter, extension=True)
        super().__init__("many:index:Word", name, {"word": None}, opts, package_ref=ref)


class Words(pulumi.ComponentResource):
    word: pulumi.Output[str]

    def __init__(self, name, of, parameter, opts=None):
        ref = package(of, parameter)
        super().__init__(f"{of}:index:Words", name, {"word": None}, opts, remote=True, package_ref=ref)


def get(of, parameter):
    options = pulumi.InvokeOutputOptions()
    return pulumi.runtime.invoke_output(f"{of}:index:get", {}, options, package_ref=package(of, parameter))["word"]
