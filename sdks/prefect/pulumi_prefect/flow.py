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

__all__ = ['FlowArgs', 'Flow']


@pulumi.input_type
class FlowArgs:
    def __init__(__self__, *,
                 name: pulumi.Input[_builtins.str],
                 tags: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]] = None):
        """
        The set of arguments for constructing a Flow resource.

        :param pulumi.Input[_builtins.str] name: The flow's name, as its decorator gives it (a function's name with `-` for `_`).
        :param pulumi.Input[Sequence[pulumi.Input[_builtins.str]]] tags: Tags, whose order means nothing.
        """
        pulumi.set(__self__, "name", name)
        if tags is not None:
            pulumi.set(__self__, "tags", tags)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Input[_builtins.str]:
        """
        The flow's name, as its decorator gives it (a function's name with `-` for `_`).
        """
        return pulumi.get(self, "name")

    @name.setter
    def name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "name", value)

    @_builtins.property
    @pulumi.getter
    def tags(self) -> pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]]:
        """
        Tags, whose order means nothing.
        """
        return pulumi.get(self, "tags")

    @tags.setter
    def tags(self, value: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]]):
        pulumi.set(self, "tags", value)


@pulumi.type_token("prefect:index/flow:Flow")
class Flow(pulumi.CustomResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        A flow: the name under which runs and deployments are filed. A flow that exists already is taken over,
        since any run makes it; it is then kept when this resource is deleted, as is one that other
        deployments still use.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] name: The flow's name, as its decorator gives it (a function's name with `-` for `_`).
        :param pulumi.Input[Sequence[pulumi.Input[_builtins.str]]] tags: Tags, whose order means nothing.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            FlowArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 name: pulumi.Input[Optional[_builtins.str]] = None,
                 tags: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = FlowArgs.__new__(FlowArgs)

            if name is None and not opts.urn:
                raise TypeError("Missing required property 'name'")
            __props__.__dict__["name"] = name
            __props__.__dict__["tags"] = tags
            __props__.__dict__["flow_id"] = None
            __props__.__dict__["adopted"] = None
        super(Flow, __self__).__init__(
            'prefect:index/flow:Flow',
            resource_name,
            __props__,
            opts)

    @staticmethod
    def get(resource_name: str,
            id: pulumi.Input[str],
            opts: Optional[pulumi.ResourceOptions] = None) -> 'Flow':
        """
        Get an existing Flow resource's state with the given name and id.

        :param str resource_name: The unique name of the resulting resource.
        :param pulumi.Input[str] id: The unique provider ID of the resource to lookup.
        :param pulumi.ResourceOptions opts: Options for the resource.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))

        __props__ = FlowArgs.__new__(FlowArgs)

        __props__.__dict__["name"] = None
        __props__.__dict__["tags"] = None
        __props__.__dict__["flow_id"] = None
        __props__.__dict__["adopted"] = None
        return Flow(resource_name, opts=opts, __props__=__props__)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Output[_builtins.str]:
        """
        The flow's name, as its decorator gives it (a function's name with `-` for `_`).
        """
        return pulumi.get(self, "name")

    @_builtins.property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Optional[Sequence[_builtins.str]]]:
        """
        Tags, whose order means nothing.
        """
        return pulumi.get(self, "tags")

    @_builtins.property
    @pulumi.getter(name="flowId")
    def flow_id(self) -> pulumi.Output[_builtins.str]:
        """
        The flow's UUID.
        """
        return pulumi.get(self, "flow_id")

    @_builtins.property
    @pulumi.getter
    def adopted(self) -> pulumi.Output[_builtins.bool]:
        """
        Whether the flow was there before this resource.
        """
        return pulumi.get(self, "adopted")
