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

__all__ = ['BlockArgs', 'Block']


@pulumi.input_type
class BlockArgs:
    def __init__(__self__, *,
                 type_slug: pulumi.Input[_builtins.str],
                 name: pulumi.Input[_builtins.str],
                 data: pulumi.Input[Mapping[str, pulumi.Input[Any]]],
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None):
        """
        The set of arguments for constructing a Block resource.

        :param pulumi.Input[_builtins.str] type_slug: The block type: `secret`, `snowflake-connector`, `snowflake-credentials`, `s3-bucket` and so on.
        :param pulumi.Input[_builtins.str] name: The document's name, unique in its type: lowercase letters, digits and `-`.
        :param pulumi.Input[Mapping[str, pulumi.Input[Any]]] data: The block's fields, as its type spells them. Fields that are left out are removed.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        pulumi.set(__self__, "type_slug", type_slug)
        pulumi.set(__self__, "name", name)
        pulumi.set(__self__, "data", data)
        if adopt is not None:
            pulumi.set(__self__, "adopt", adopt)

    @_builtins.property
    @pulumi.getter(name="typeSlug")
    def type_slug(self) -> pulumi.Input[_builtins.str]:
        """
        The block type: `secret`, `snowflake-connector`, `snowflake-credentials`, `s3-bucket` and so on.
        """
        return pulumi.get(self, "type_slug")

    @type_slug.setter
    def type_slug(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "type_slug", value)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Input[_builtins.str]:
        """
        The document's name, unique in its type: lowercase letters, digits and `-`.
        """
        return pulumi.get(self, "name")

    @name.setter
    def name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "name", value)

    @_builtins.property
    @pulumi.getter
    def data(self) -> pulumi.Input[Mapping[str, pulumi.Input[Any]]]:
        """
        The block's fields, as its type spells them. Fields that are left out are removed.
        """
        return pulumi.get(self, "data")

    @data.setter
    def data(self, value: pulumi.Input[Mapping[str, pulumi.Input[Any]]]):
        pulumi.set(self, "data", value)

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


@pulumi.type_token("prefect:index/block:Block")
class Block(pulumi.CustomResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        A block document: named settings and credentials of a registered block type. `data` is always secret.
        Refer to another block with `{"$ref": {"block_document_id": other.block_document_id}}`.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] type_slug: The block type: `secret`, `snowflake-connector`, `snowflake-credentials`, `s3-bucket` and so on.
        :param pulumi.Input[_builtins.str] name: The document's name, unique in its type: lowercase letters, digits and `-`.
        :param pulumi.Input[Mapping[str, pulumi.Input[Any]]] data: The block's fields, as its type spells them. Fields that are left out are removed.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            BlockArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 type_slug: pulumi.Input[Optional[_builtins.str]] = None,
                 name: pulumi.Input[Optional[_builtins.str]] = None,
                 data: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = BlockArgs.__new__(BlockArgs)

            if type_slug is None and not opts.urn:
                raise TypeError("Missing required property 'type_slug'")
            __props__.__dict__["type_slug"] = type_slug
            if name is None and not opts.urn:
                raise TypeError("Missing required property 'name'")
            __props__.__dict__["name"] = name
            if data is None and not opts.urn:
                raise TypeError("Missing required property 'data'")
            __props__.__dict__["data"] = None if data is None else pulumi.Output.secret(data)
            __props__.__dict__["adopt"] = adopt
            __props__.__dict__["block_document_id"] = None
            __props__.__dict__["block_schema_id"] = None
        secret_opts = pulumi.ResourceOptions(additional_secret_outputs=["data"])
        opts = pulumi.ResourceOptions.merge(opts, secret_opts)
        super(Block, __self__).__init__(
            'prefect:index/block:Block',
            resource_name,
            __props__,
            opts)

    @staticmethod
    def get(resource_name: str,
            id: pulumi.Input[str],
            opts: Optional[pulumi.ResourceOptions] = None) -> 'Block':
        """
        Get an existing Block resource's state with the given name and id.

        :param str resource_name: The unique name of the resulting resource.
        :param pulumi.Input[str] id: The unique provider ID of the resource to lookup.
        :param pulumi.ResourceOptions opts: Options for the resource.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))

        __props__ = BlockArgs.__new__(BlockArgs)

        __props__.__dict__["type_slug"] = None
        __props__.__dict__["name"] = None
        __props__.__dict__["data"] = None
        __props__.__dict__["adopt"] = None
        __props__.__dict__["block_document_id"] = None
        __props__.__dict__["block_schema_id"] = None
        return Block(resource_name, opts=opts, __props__=__props__)

    @_builtins.property
    @pulumi.getter(name="typeSlug")
    def type_slug(self) -> pulumi.Output[_builtins.str]:
        """
        The block type: `secret`, `snowflake-connector`, `snowflake-credentials`, `s3-bucket` and so on.
        """
        return pulumi.get(self, "type_slug")

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Output[_builtins.str]:
        """
        The document's name, unique in its type: lowercase letters, digits and `-`.
        """
        return pulumi.get(self, "name")

    @_builtins.property
    @pulumi.getter
    def data(self) -> pulumi.Output[Mapping[str, Any]]:
        """
        The block's fields, as its type spells them. Fields that are left out are removed.
        """
        return pulumi.get(self, "data")

    @_builtins.property
    @pulumi.getter
    def adopt(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        return pulumi.get(self, "adopt")

    @_builtins.property
    @pulumi.getter(name="blockDocumentId")
    def block_document_id(self) -> pulumi.Output[_builtins.str]:
        """
        The document's UUID, for a `$ref` in another block's data.
        """
        return pulumi.get(self, "block_document_id")

    @_builtins.property
    @pulumi.getter(name="blockSchemaId")
    def block_schema_id(self) -> pulumi.Output[_builtins.str]:
        """
        The UUID of the schema that it was written for.
        """
        return pulumi.get(self, "block_schema_id")
