# coding=utf-8
# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***

import importlib
import json

import pulumi
import pulumi.runtime
from semver import VersionInfo as SemverVersion

_version_str = "0.1.0"
_version = SemverVersion.parse(_version_str)


def get_version():
    return _version_str


def get_resource_opts_defaults() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(version=_version_str)


def get_resource_args_opts(resource_args_type, resource_options_type, *args, **kwargs):
    """
    Return the resource args and options given the *args and **kwargs of a resource's __init__ method.
    """
    resource_args, opts = None, None
    if args and isinstance(args[0], resource_args_type):
        resource_args, args = args[0], args[1:]
    if args and isinstance(args[0], resource_options_type):
        opts = args[0]
    if resource_args is None and isinstance(kwargs.get("args"), resource_args_type):
        resource_args = kwargs["args"]
    if opts is None:
        opts = kwargs.get("opts")
    return resource_args, opts


class Package(pulumi.runtime.ResourcePackage):
    def __init__(self, pkg_info):
        super().__init__()
        self.pkg_info = pkg_info

    def version(self):
        return _version

    def construct_provider(self, name: str, typ: str, urn: str) -> pulumi.ProviderResource:
        if typ != self.pkg_info["token"]:
            raise Exception(f"unknown provider type {typ}")
        provider = getattr(importlib.import_module(self.pkg_info["fqn"]), self.pkg_info["class"])
        return provider(name, pulumi.ResourceOptions(urn=urn))


class Module(pulumi.runtime.ResourceModule):
    def __init__(self, mod_info):
        super().__init__()
        self.mod_info = mod_info

    def version(self):
        return _version

    def construct(self, name: str, typ: str, urn: str) -> pulumi.Resource:
        class_name = self.mod_info["classes"].get(typ, None)
        if class_name is None:
            raise Exception(f"unknown resource type {typ}")
        the_class = getattr(importlib.import_module(self.mod_info["fqn"]), class_name)
        return the_class(name, pulumi.ResourceOptions(urn=urn))


def register(resource_modules, resource_packages):
    for pkg_info in json.loads(resource_packages):
        pulumi.runtime.register_resource_package(pkg_info["pkg"], Package(pkg_info))
    for mod_info in json.loads(resource_modules):
        pulumi.runtime.register_resource_module(mod_info["pkg"], mod_info["mod"], Module(mod_info))
