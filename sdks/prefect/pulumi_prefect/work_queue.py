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

__all__ = ['WorkQueueArgs', 'WorkQueue']


@pulumi.input_type
class WorkQueueArgs:
    def __init__(__self__, *,
                 work_pool_name: pulumi.Input[_builtins.str],
                 name: pulumi.Input[_builtins.str],
                 description: pulumi.Input[Optional[_builtins.str]] = None,
                 is_paused: pulumi.Input[Optional[_builtins.bool]] = None,
                 concurrency_limit: pulumi.Input[Optional[_builtins.int]] = None,
                 priority: pulumi.Input[Optional[_builtins.int]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None):
        """
        The set of arguments for constructing a WorkQueue resource.

        :param pulumi.Input[_builtins.str] work_pool_name: The pool that the queue belongs to.
        :param pulumi.Input[_builtins.str] name: The queue's name, unique in its pool.
        :param pulumi.Input[_builtins.str] description: What the queue is for.
        :param pulumi.Input[_builtins.bool] is_paused: Whether the queue hands out no runs.
        :param pulumi.Input[_builtins.int] concurrency_limit: How many of its runs may be active at a time.
        :param pulumi.Input[_builtins.int] priority: Its rank in the pool; 1 goes first.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        pulumi.set(__self__, "work_pool_name", work_pool_name)
        pulumi.set(__self__, "name", name)
        if description is not None:
            pulumi.set(__self__, "description", description)
        if is_paused is not None:
            pulumi.set(__self__, "is_paused", is_paused)
        if concurrency_limit is not None:
            pulumi.set(__self__, "concurrency_limit", concurrency_limit)
        if priority is not None:
            pulumi.set(__self__, "priority", priority)
        if adopt is not None:
            pulumi.set(__self__, "adopt", adopt)

    @_builtins.property
    @pulumi.getter(name="workPoolName")
    def work_pool_name(self) -> pulumi.Input[_builtins.str]:
        """
        The pool that the queue belongs to.
        """
        return pulumi.get(self, "work_pool_name")

    @work_pool_name.setter
    def work_pool_name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "work_pool_name", value)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Input[_builtins.str]:
        """
        The queue's name, unique in its pool.
        """
        return pulumi.get(self, "name")

    @name.setter
    def name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "name", value)

    @_builtins.property
    @pulumi.getter
    def description(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        What the queue is for.
        """
        return pulumi.get(self, "description")

    @description.setter
    def description(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "description", value)

    @_builtins.property
    @pulumi.getter(name="isPaused")
    def is_paused(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Whether the queue hands out no runs.
        """
        return pulumi.get(self, "is_paused")

    @is_paused.setter
    def is_paused(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "is_paused", value)

    @_builtins.property
    @pulumi.getter(name="concurrencyLimit")
    def concurrency_limit(self) -> pulumi.Input[Optional[_builtins.int]]:
        """
        How many of its runs may be active at a time.
        """
        return pulumi.get(self, "concurrency_limit")

    @concurrency_limit.setter
    def concurrency_limit(self, value: pulumi.Input[Optional[_builtins.int]]):
        pulumi.set(self, "concurrency_limit", value)

    @_builtins.property
    @pulumi.getter
    def priority(self) -> pulumi.Input[Optional[_builtins.int]]:
        """
        Its rank in the pool; 1 goes first.
        """
        return pulumi.get(self, "priority")

    @priority.setter
    def priority(self, value: pulumi.Input[Optional[_builtins.int]]):
        pulumi.set(self, "priority", value)

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


@pulumi.type_token("prefect:index/workQueue:WorkQueue")
class WorkQueue(pulumi.CustomResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        A work queue: a lane of a work pool with its own priority and limit.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] work_pool_name: The pool that the queue belongs to.
        :param pulumi.Input[_builtins.str] name: The queue's name, unique in its pool.
        :param pulumi.Input[_builtins.str] description: What the queue is for.
        :param pulumi.Input[_builtins.bool] is_paused: Whether the queue hands out no runs.
        :param pulumi.Input[_builtins.int] concurrency_limit: How many of its runs may be active at a time.
        :param pulumi.Input[_builtins.int] priority: Its rank in the pool; 1 goes first.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            WorkQueueArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 work_pool_name: pulumi.Input[Optional[_builtins.str]] = None,
                 name: pulumi.Input[Optional[_builtins.str]] = None,
                 description: pulumi.Input[Optional[_builtins.str]] = None,
                 is_paused: pulumi.Input[Optional[_builtins.bool]] = None,
                 concurrency_limit: pulumi.Input[Optional[_builtins.int]] = None,
                 priority: pulumi.Input[Optional[_builtins.int]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = WorkQueueArgs.__new__(WorkQueueArgs)

            if work_pool_name is None and not opts.urn:
                raise TypeError("Missing required property 'work_pool_name'")
            __props__.__dict__["work_pool_name"] = work_pool_name
            if name is None and not opts.urn:
                raise TypeError("Missing required property 'name'")
            __props__.__dict__["name"] = name
            __props__.__dict__["description"] = description
            __props__.__dict__["is_paused"] = is_paused
            __props__.__dict__["concurrency_limit"] = concurrency_limit
            __props__.__dict__["priority"] = priority
            __props__.__dict__["adopt"] = adopt
            __props__.__dict__["queue_id"] = None
        super(WorkQueue, __self__).__init__(
            'prefect:index/workQueue:WorkQueue',
            resource_name,
            __props__,
            opts)

    @staticmethod
    def get(resource_name: str,
            id: pulumi.Input[str],
            opts: Optional[pulumi.ResourceOptions] = None) -> 'WorkQueue':
        """
        Get an existing WorkQueue resource's state with the given name and id.

        :param str resource_name: The unique name of the resulting resource.
        :param pulumi.Input[str] id: The unique provider ID of the resource to lookup.
        :param pulumi.ResourceOptions opts: Options for the resource.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))

        __props__ = WorkQueueArgs.__new__(WorkQueueArgs)

        __props__.__dict__["work_pool_name"] = None
        __props__.__dict__["name"] = None
        __props__.__dict__["description"] = None
        __props__.__dict__["is_paused"] = None
        __props__.__dict__["concurrency_limit"] = None
        __props__.__dict__["priority"] = None
        __props__.__dict__["adopt"] = None
        __props__.__dict__["queue_id"] = None
        return WorkQueue(resource_name, opts=opts, __props__=__props__)

    @_builtins.property
    @pulumi.getter(name="workPoolName")
    def work_pool_name(self) -> pulumi.Output[_builtins.str]:
        """
        The pool that the queue belongs to.
        """
        return pulumi.get(self, "work_pool_name")

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Output[_builtins.str]:
        """
        The queue's name, unique in its pool.
        """
        return pulumi.get(self, "name")

    @_builtins.property
    @pulumi.getter
    def description(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        What the queue is for.
        """
        return pulumi.get(self, "description")

    @_builtins.property
    @pulumi.getter(name="isPaused")
    def is_paused(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Whether the queue hands out no runs.
        """
        return pulumi.get(self, "is_paused")

    @_builtins.property
    @pulumi.getter(name="concurrencyLimit")
    def concurrency_limit(self) -> pulumi.Output[Optional[_builtins.int]]:
        """
        How many of its runs may be active at a time.
        """
        return pulumi.get(self, "concurrency_limit")

    @_builtins.property
    @pulumi.getter
    def priority(self) -> pulumi.Output[Optional[_builtins.int]]:
        """
        Its rank in the pool; 1 goes first.
        """
        return pulumi.get(self, "priority")

    @_builtins.property
    @pulumi.getter
    def adopt(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        return pulumi.get(self, "adopt")

    @_builtins.property
    @pulumi.getter(name="queueId")
    def queue_id(self) -> pulumi.Output[_builtins.str]:
        """
        The queue's UUID.
        """
        return pulumi.get(self, "queue_id")
