# coding=utf-8
# *** This file is generated from schema.json by `make sdk`: change the catalogue, not this file. ***

import builtins as _builtins
import sys
from typing import Any, Mapping, Optional, Sequence, Union

import pulumi
import pulumi.runtime

if sys.version_info >= (3, 11):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict
from . import _utilities, outputs
from ._inputs import *

__all__ = ['ProviderArgs', 'Provider']


@pulumi.input_type
class ProviderArgs:
    def __init__(__self__, *,
                 api_url: pulumi.Input[Optional[_builtins.str]] = None,
                 api_key: pulumi.Input[Optional[_builtins.str]] = None,
                 api_auth_string: pulumi.Input[Optional[_builtins.str]] = None,
                 custom_headers: pulumi.Input[Optional[Mapping[str, pulumi.Input[_builtins.str]]]] = None):
        """
        The set of arguments for constructing a Provider resource.

        :param pulumi.Input[_builtins.str] api_url: The API's address, usually ending in `/api`; for Prefect Cloud, the workspace's.
        :param pulumi.Input[_builtins.str] api_key: An API key of Prefect Cloud.
        :param pulumi.Input[_builtins.str] api_auth_string: `user:password` of a server that asks for basic authentication.
        :param pulumi.Input[Mapping[str, pulumi.Input[_builtins.str]]] custom_headers: Headers to send with every request.
        """
        if api_url is not None:
            pulumi.set(__self__, "api_url", api_url)
        if api_key is not None:
            pulumi.set(__self__, "api_key", api_key)
        if api_auth_string is not None:
            pulumi.set(__self__, "api_auth_string", api_auth_string)
        if custom_headers is not None:
            pulumi.set(__self__, "custom_headers", custom_headers)

    @_builtins.property
    @pulumi.getter(name="apiUrl")
    def api_url(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The API's address, usually ending in `/api`; for Prefect Cloud, the workspace's.
        """
        return pulumi.get(self, "api_url")

    @api_url.setter
    def api_url(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "api_url", value)

    @_builtins.property
    @pulumi.getter(name="apiKey")
    def api_key(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        An API key of Prefect Cloud.
        """
        return pulumi.get(self, "api_key")

    @api_key.setter
    def api_key(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "api_key", value)

    @_builtins.property
    @pulumi.getter(name="apiAuthString")
    def api_auth_string(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        `user:password` of a server that asks for basic authentication.
        """
        return pulumi.get(self, "api_auth_string")

    @api_auth_string.setter
    def api_auth_string(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "api_auth_string", value)

    @_builtins.property
    @pulumi.getter(name="customHeaders")
    def custom_headers(self) -> pulumi.Input[Optional[Mapping[str, pulumi.Input[_builtins.str]]]]:
        """
        Headers to send with every request.
        """
        return pulumi.get(self, "custom_headers")

    @custom_headers.setter
    def custom_headers(self, value: pulumi.Input[Optional[Mapping[str, pulumi.Input[_builtins.str]]]]):
        pulumi.set(self, "custom_headers", value)


@pulumi.type_token("pulumi:providers:prefect")
class Provider(pulumi.ProviderResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        The settings of the Prefect provider.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] api_url: The API's address, usually ending in `/api`; for Prefect Cloud, the workspace's.
        :param pulumi.Input[_builtins.str] api_key: An API key of Prefect Cloud.
        :param pulumi.Input[_builtins.str] api_auth_string: `user:password` of a server that asks for basic authentication.
        :param pulumi.Input[Mapping[str, pulumi.Input[_builtins.str]]] custom_headers: Headers to send with every request.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            ProviderArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 api_url: pulumi.Input[Optional[_builtins.str]] = None,
                 api_key: pulumi.Input[Optional[_builtins.str]] = None,
                 api_auth_string: pulumi.Input[Optional[_builtins.str]] = None,
                 custom_headers: pulumi.Input[Optional[Mapping[str, pulumi.Input[_builtins.str]]]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = ProviderArgs.__new__(ProviderArgs)

            __props__.__dict__["api_url"] = api_url
            __props__.__dict__["api_key"] = None if api_key is None else pulumi.Output.secret(api_key)
            __props__.__dict__["api_auth_string"] = None if api_auth_string is None else pulumi.Output.secret(api_auth_string)
            __props__.__dict__["custom_headers"] = None if custom_headers is None else pulumi.Output.secret(pulumi.Output.from_input(custom_headers).apply(pulumi.runtime.to_json))
        secret_opts = pulumi.ResourceOptions(additional_secret_outputs=["apiKey", "apiAuthString", "customHeaders"])
        opts = pulumi.ResourceOptions.merge(opts, secret_opts)
        super(Provider, __self__).__init__(
            'prefect',
            resource_name,
            __props__,
            opts)

    @_builtins.property
    @pulumi.getter(name="apiUrl")
    def api_url(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The API's address, usually ending in `/api`; for Prefect Cloud, the workspace's.
        """
        return pulumi.get(self, "api_url")

    @_builtins.property
    @pulumi.getter(name="apiKey")
    def api_key(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        An API key of Prefect Cloud.
        """
        return pulumi.get(self, "api_key")

    @_builtins.property
    @pulumi.getter(name="apiAuthString")
    def api_auth_string(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        `user:password` of a server that asks for basic authentication.
        """
        return pulumi.get(self, "api_auth_string")

    @_builtins.property
    @pulumi.getter(name="customHeaders")
    def custom_headers(self) -> pulumi.Output[Optional[Mapping[str, _builtins.str]]]:
        """
        Headers to send with every request.
        """
        return pulumi.get(self, "custom_headers")
