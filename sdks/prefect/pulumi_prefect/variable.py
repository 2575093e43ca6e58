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

__all__ = ['VariableArgs', 'Variable']


@pulumi.input_type
class VariableArgs:
    def __init__(__self__, *,
                 name: pulumi.Input[_builtins.str],
                 value: pulumi.Input[Any],
                 tags: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None):
        """
        The set of arguments for constructing a Variable resource.

        :param pulumi.Input[_builtins.str] name: The variable's name: lowercase letters, digits, `-` and `_`.
        :param pulumi.Input[Any] value: Any JSON value, up to 5000 characters of JSON text.
        :param pulumi.Input[Sequence[pulumi.Input[_builtins.str]]] tags: Tags, whose order means nothing.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        pulumi.set(__self__, "name", name)
        pulumi.set(__self__, "value", value)
        if tags is not None:
            pulumi.set(__self__, "tags", tags)
        if adopt is not None:
            pulumi.set(__self__, "adopt", adopt)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Input[_builtins.str]:
        """
        The variable's name: lowercase letters, digits, `-` and `_`.
        """
        return pulumi.get(self, "name")

    @name.setter
    def name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "name", value)

    @_builtins.property
    @pulumi.getter
    def value(self) -> pulumi.Input[Any]:
        """
        Any JSON value, up to 5000 characters of JSON text.
        """
        return pulumi.get(self, "value")

    @value.setter
    def value(self, value: pulumi.Input[Any]):
        pulumi.set(self, "value", value)

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

    @_builtins.property
    @pulumi.getter
    def adopt(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        return pulumi.get(self, "adopt")

    @adopt.setter
    def adopt(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "adopt", value)


@pulumi.type_token("prefect:index/variable:Variable")
class Variable(pulumi.CustomResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        A variable: a small JSON value that every flow can read by name. It is not encrypted.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] name: The variable's name: lowercase letters, digits, `-` and `_`.
        :param pulumi.Input[Any] value: Any JSON value, up to 5000 characters of JSON text.
        :param pulumi.Input[Sequence[pulumi.Input[_builtins.str]]] tags: Tags, whose order means nothing.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            VariableArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 name: pulumi.Input[Optional[_builtins.str]] = None,
                 value: pulumi.Input[Optional[Any]] = None,
                 tags: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = VariableArgs.__new__(VariableArgs)

            if name is None and not opts.urn:
                raise TypeError("Missing required property 'name'")
            __props__.__dict__["name"] = name
            if value is None and not opts.urn:
                raise TypeError("Missing required property 'value'")
            __props__.__dict__["value"] = value
            __props__.__dict__["tags"] = tags
            __props__.__dict__["adopt"] = adopt
            __props__.__dict__["variable_id"] = None
        super(Variable, __self__).__init__(
            'prefect:index/variable:Variable',
            resource_name,
            __props__,
            opts)

    @staticmethod
    def get(resource_name: str,
            id: pulumi.Input[str],
            opts: Optional[pulumi.ResourceOptions] = None) -> 'Variable':
        """
        Get an existing Variable resource's state with the given name and id.

        :param str resource_name: The unique name of the resulting resource.
        :param pulumi.Input[str] id: The unique provider ID of the resource to lookup.
        :param pulumi.ResourceOptions opts: Options for the resource.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))

        __props__ = VariableArgs.__new__(VariableArgs)

        __props__.__dict__["name"] = None
        __props__.__dict__["value"] = None
        __props__.__dict__["tags"] = None
        __props__.__dict__["adopt"] = None
        __props__.__dict__["variable_id"] = None
        return Variable(resource_name, opts=opts, __props__=__props__)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Output[_builtins.str]:
        """
        The variable's name: lowercase letters, digits, `-` and `_`.
        """
        return pulumi.get(self, "name")

    @_builtins.property
    @pulumi.getter
    def value(self) -> pulumi.Output[Any]:
        """
        Any JSON value, up to 5000 characters of JSON text.
        """
        return pulumi.get(self, "value")

    @_builtins.property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Optional[Sequence[_builtins.str]]]:
        """
        Tags, whose order means nothing.
        """
        return pulumi.get(self, "tags")

    @_builtins.property
    @pulumi.getter
    def adopt(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        return pulumi.get(self, "adopt")

    @_builtins.property
    @pulumi.getter(name="variableId")
    def variable_id(self) -> pulumi.Output[_builtins.str]:
        """
        The variable's UUID.
        """
        return pulumi.get(self, "variable_id")
