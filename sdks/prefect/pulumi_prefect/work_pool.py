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

__all__ = ['WorkPoolArgs', 'WorkPool']


@pulumi.input_type
class WorkPoolArgs:
    def __init__(__self__, *,
                 name: pulumi.Input[_builtins.str],
                 type: pulumi.Input[_builtins.str],
                 description: pulumi.Input[Optional[_builtins.str]] = None,
                 is_paused: pulumi.Input[Optional[_builtins.bool]] = None,
                 concurrency_limit: pulumi.Input[Optional[_builtins.int]] = None,
                 base_job_template: pulumi.Input[Optional[Any]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None):
        """
        The set of arguments for constructing a WorkPool resource.

        :param pulumi.Input[_builtins.str] name: The pool's name, unique on the server.
        :param pulumi.Input[_builtins.str] type: The type of worker that serves it: `process`, `docker`, `kubernetes`, `ecs` and so on.
        :param pulumi.Input[_builtins.str] description: What the pool is for.
        :param pulumi.Input[_builtins.bool] is_paused: Whether the pool hands out no runs.
        :param pulumi.Input[_builtins.int] concurrency_limit: How many runs may be active at a time; unset for any number.
        :param pulumi.Input[Any] base_job_template: `job_configuration` and `variables` of the jobs. Unset, the first worker writes its type's own.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        pulumi.set(__self__, "name", name)
        pulumi.set(__self__, "type", type)
        if description is not None:
            pulumi.set(__self__, "description", description)
        if is_paused is not None:
            pulumi.set(__self__, "is_paused", is_paused)
        if concurrency_limit is not None:
            pulumi.set(__self__, "concurrency_limit", concurrency_limit)
        if base_job_template is not None:
            pulumi.set(__self__, "base_job_template", base_job_template)
        if adopt is not None:
            pulumi.set(__self__, "adopt", adopt)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Input[_builtins.str]:
        """
        The pool's name, unique on the server.
        """
        return pulumi.get(self, "name")

    @name.setter
    def name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "name", value)

    @_builtins.property
    @pulumi.getter
    def type(self) -> pulumi.Input[_builtins.str]:
        """
        The type of worker that serves it: `process`, `docker`, `kubernetes`, `ecs` and so on.
        """
        return pulumi.get(self, "type")

    @type.setter
    def type(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "type", value)

    @_builtins.property
    @pulumi.getter
    def description(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        What the pool is for.
        """
        return pulumi.get(self, "description")

    @description.setter
    def description(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "description", value)

    @_builtins.property
    @pulumi.getter(name="isPaused")
    def is_paused(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Whether the pool hands out no runs.
        """
        return pulumi.get(self, "is_paused")

    @is_paused.setter
    def is_paused(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "is_paused", value)

    @_builtins.property
    @pulumi.getter(name="concurrencyLimit")
    def concurrency_limit(self) -> pulumi.Input[Optional[_builtins.int]]:
        """
        How many runs may be active at a time; unset for any number.
        """
        return pulumi.get(self, "concurrency_limit")

    @concurrency_limit.setter
    def concurrency_limit(self, value: pulumi.Input[Optional[_builtins.int]]):
        pulumi.set(self, "concurrency_limit", value)

    @_builtins.property
    @pulumi.getter(name="baseJobTemplate")
    def base_job_template(self) -> pulumi.Input[Optional[Any]]:
        """
        `job_configuration` and `variables` of the jobs. Unset, the first worker writes its type's own.
        """
        return pulumi.get(self, "base_job_template")

    @base_job_template.setter
    def base_job_template(self, value: pulumi.Input[Optional[Any]]):
        pulumi.set(self, "base_job_template", value)

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


@pulumi.type_token("prefect:index/workPool:WorkPool")
class WorkPool(pulumi.CustomResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        A work pool: deployments send their runs to it, and workers of its type take them from it.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] name: The pool's name, unique on the server.
        :param pulumi.Input[_builtins.str] type: The type of worker that serves it: `process`, `docker`, `kubernetes`, `ecs` and so on.
        :param pulumi.Input[_builtins.str] description: What the pool is for.
        :param pulumi.Input[_builtins.bool] is_paused: Whether the pool hands out no runs.
        :param pulumi.Input[_builtins.int] concurrency_limit: How many runs may be active at a time; unset for any number.
        :param pulumi.Input[Any] base_job_template: `job_configuration` and `variables` of the jobs. Unset, the first worker writes its type's own.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            WorkPoolArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 name: pulumi.Input[Optional[_builtins.str]] = None,
                 type: pulumi.Input[Optional[_builtins.str]] = None,
                 description: pulumi.Input[Optional[_builtins.str]] = None,
                 is_paused: pulumi.Input[Optional[_builtins.bool]] = None,
                 concurrency_limit: pulumi.Input[Optional[_builtins.int]] = None,
                 base_job_template: pulumi.Input[Optional[Any]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = WorkPoolArgs.__new__(WorkPoolArgs)

            if name is None and not opts.urn:
                raise TypeError("Missing required property 'name'")
            __props__.__dict__["name"] = name
            if type is None and not opts.urn:
                raise TypeError("Missing required property 'type'")
            __props__.__dict__["type"] = type
            __props__.__dict__["description"] = description
            __props__.__dict__["is_paused"] = is_paused
            __props__.__dict__["concurrency_limit"] = concurrency_limit
            __props__.__dict__["base_job_template"] = base_job_template
            __props__.__dict__["adopt"] = adopt
            __props__.__dict__["pool_id"] = None
            __props__.__dict__["default_queue_id"] = None
        super(WorkPool, __self__).__init__(
            'prefect:index/workPool:WorkPool',
            resource_name,
            __props__,
            opts)

    @staticmethod
    def get(resource_name: str,
            id: pulumi.Input[str],
            opts: Optional[pulumi.ResourceOptions] = None) -> 'WorkPool':
        """
        Get an existing WorkPool resource's state with the given name and id.

        :param str resource_name: The unique name of the resulting resource.
        :param pulumi.Input[str] id: The unique provider ID of the resource to lookup.
        :param pulumi.ResourceOptions opts: Options for the resource.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))

        __props__ = WorkPoolArgs.__new__(WorkPoolArgs)

        __props__.__dict__["name"] = None
        __props__.__dict__["type"] = None
        __props__.__dict__["description"] = None
        __props__.__dict__["is_paused"] = None
        __props__.__dict__["concurrency_limit"] = None
        __props__.__dict__["base_job_template"] = None
        __props__.__dict__["adopt"] = None
        __props__.__dict__["pool_id"] = None
        __props__.__dict__["default_queue_id"] = None
        return WorkPool(resource_name, opts=opts, __props__=__props__)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Output[_builtins.str]:
        """
        The pool's name, unique on the server.
        """
        return pulumi.get(self, "name")

    @_builtins.property
    @pulumi.getter
    def type(self) -> pulumi.Output[_builtins.str]:
        """
        The type of worker that serves it: `process`, `docker`, `kubernetes`, `ecs` and so on.
        """
        return pulumi.get(self, "type")

    @_builtins.property
    @pulumi.getter
    def description(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        What the pool is for.
        """
        return pulumi.get(self, "description")

    @_builtins.property
    @pulumi.getter(name="isPaused")
    def is_paused(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Whether the pool hands out no runs.
        """
        return pulumi.get(self, "is_paused")

    @_builtins.property
    @pulumi.getter(name="concurrencyLimit")
    def concurrency_limit(self) -> pulumi.Output[Optional[_builtins.int]]:
        """
        How many runs may be active at a time; unset for any number.
        """
        return pulumi.get(self, "concurrency_limit")

    @_builtins.property
    @pulumi.getter(name="baseJobTemplate")
    def base_job_template(self) -> pulumi.Output[Optional[Any]]:
        """
        `job_configuration` and `variables` of the jobs. Unset, the first worker writes its type's own.
        """
        return pulumi.get(self, "base_job_template")

    @_builtins.property
    @pulumi.getter
    def adopt(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        return pulumi.get(self, "adopt")

    @_builtins.property
    @pulumi.getter(name="poolId")
    def pool_id(self) -> pulumi.Output[_builtins.str]:
        """
        The pool's UUID, another one after each replacement.
        """
        return pulumi.get(self, "pool_id")

    @_builtins.property
    @pulumi.getter(name="defaultQueueId")
    def default_queue_id(self) -> pulumi.Output[_builtins.str]:
        """
        The UUID of the queue `default`, with which each pool is born.
        """
        return pulumi.get(self, "default_queue_id")
