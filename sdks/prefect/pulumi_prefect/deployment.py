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

__all__ = ['DeploymentArgs', 'Deployment']


@pulumi.input_type
class DeploymentArgs:
    def __init__(__self__, *,
                 name: pulumi.Input[_builtins.str],
                 flow_name: pulumi.Input[Optional[_builtins.str]] = None,
                 flow_id: pulumi.Input[Optional[_builtins.str]] = None,
                 entrypoint: pulumi.Input[Optional[_builtins.str]] = None,
                 path: pulumi.Input[Optional[_builtins.str]] = None,
                 pull_steps: pulumi.Input[Optional[Any]] = None,
                 parameters: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]] = None,
                 parameter_openapi_schema: pulumi.Input[Optional[Any]] = None,
                 enforce_parameter_schema: pulumi.Input[Optional[_builtins.bool]] = None,
                 work_pool_name: pulumi.Input[Optional[_builtins.str]] = None,
                 work_pool_id: pulumi.Input[Optional[_builtins.str]] = None,
                 work_queue_name: pulumi.Input[Optional[_builtins.str]] = None,
                 job_variables: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]] = None,
                 tags: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]] = None,
                 version: pulumi.Input[Optional[_builtins.str]] = None,
                 description: pulumi.Input[Optional[_builtins.str]] = None,
                 concurrency_limit: pulumi.Input[Optional[_builtins.int]] = None,
                 concurrency_options: pulumi.Input[Optional['DeploymentConcurrencyOptionsArgs']] = None,
                 schedules: pulumi.Input[Optional[Sequence[pulumi.Input['DeploymentScheduleArgs']]]] = None,
                 paused: pulumi.Input[Optional[_builtins.bool]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None):
        """
        The set of arguments for constructing a Deployment resource.

        :param pulumi.Input[_builtins.str] name: Its name, unique in its flow.
        :param pulumi.Input[_builtins.str] flow_name: The flow's name; the flow is made if it is missing, and kept afterwards. Or give `flowId`.
        :param pulumi.Input[_builtins.str] flow_id: The flow's UUID, of a `Flow` resource.
        :param pulumi.Input[_builtins.str] entrypoint: Where the flow's code is: `path/to/file.py:function`.
        :param pulumi.Input[_builtins.str] path: The folder that the entrypoint is relative to, when no pull step says.
        :param pulumi.Input[Any] pull_steps: Steps that fetch the code before a run: objects with one key, a dotted function, and its arguments.
        :param pulumi.Input[Mapping[str, pulumi.Input[Any]]] parameters: Parameters of its runs, by name.
        :param pulumi.Input[Any] parameter_openapi_schema: The flow's signature as a JSON schema; unset, any parameter is accepted.
        :param pulumi.Input[_builtins.bool] enforce_parameter_schema: Whether runs must agree with the parameter schema.
        :param pulumi.Input[_builtins.str] work_pool_name: The pool that its runs go to.
        :param pulumi.Input[_builtins.str] work_pool_id: The pool's UUID (`pool.pool_id`): a pool replaced under its old name lets go of its deployments, and this brings them back in the same run.
        :param pulumi.Input[_builtins.str] work_queue_name: The queue of the pool; `default` when unset.
        :param pulumi.Input[Mapping[str, pulumi.Input[Any]]] job_variables: Values for the pool's job template.
        :param pulumi.Input[Sequence[pulumi.Input[_builtins.str]]] tags: Tags, whose order means nothing.
        :param pulumi.Input[_builtins.str] version: The version of the code, any text.
        :param pulumi.Input[_builtins.str] description: What the deployment is for.
        :param pulumi.Input[_builtins.int] concurrency_limit: How many of its runs may be active at a time.
        :param pulumi.Input['DeploymentConcurrencyOptionsArgs'] concurrency_options: How the concurrency limit acts.
        :param pulumi.Input[Sequence[pulumi.Input['DeploymentScheduleArgs']]] schedules: When it runs. Schedules that the program never named, made in the web interface, are left alone.
        :param pulumi.Input[_builtins.bool] paused: Whether its schedules rest. Unset, people may pause it.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        pulumi.set(__self__, "name", name)
        if flow_name is not None:
            pulumi.set(__self__, "flow_name", flow_name)
        if flow_id is not None:
            pulumi.set(__self__, "flow_id", flow_id)
        if entrypoint is not None:
            pulumi.set(__self__, "entrypoint", entrypoint)
        if path is not None:
            pulumi.set(__self__, "path", path)
        if pull_steps is not None:
            pulumi.set(__self__, "pull_steps", pull_steps)
        if parameters is not None:
            pulumi.set(__self__, "parameters", parameters)
        if parameter_openapi_schema is not None:
            pulumi.set(__self__, "parameter_openapi_schema", parameter_openapi_schema)
        if enforce_parameter_schema is not None:
            pulumi.set(__self__, "enforce_parameter_schema", enforce_parameter_schema)
        if work_pool_name is not None:
            pulumi.set(__self__, "work_pool_name", work_pool_name)
        if work_pool_id is not None:
            pulumi.set(__self__, "work_pool_id", work_pool_id)
        if work_queue_name is not None:
            pulumi.set(__self__, "work_queue_name", work_queue_name)
        if job_variables is not None:
            pulumi.set(__self__, "job_variables", job_variables)
        if tags is not None:
            pulumi.set(__self__, "tags", tags)
        if version is not None:
            pulumi.set(__self__, "version", version)
        if description is not None:
            pulumi.set(__self__, "description", description)
        if concurrency_limit is not None:
            pulumi.set(__self__, "concurrency_limit", concurrency_limit)
        if concurrency_options is not None:
            pulumi.set(__self__, "concurrency_options", concurrency_options)
        if schedules is not None:
            pulumi.set(__self__, "schedules", schedules)
        if paused is not None:
            pulumi.set(__self__, "paused", paused)
        if adopt is not None:
            pulumi.set(__self__, "adopt", adopt)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Input[_builtins.str]:
        """
        Its name, unique in its flow.
        """
        return pulumi.get(self, "name")

    @name.setter
    def name(self, value: pulumi.Input[_builtins.str]):
        pulumi.set(self, "name", value)

    @_builtins.property
    @pulumi.getter(name="flowName")
    def flow_name(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The flow's name; the flow is made if it is missing, and kept afterwards. Or give `flowId`.
        """
        return pulumi.get(self, "flow_name")

    @flow_name.setter
    def flow_name(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "flow_name", value)

    @_builtins.property
    @pulumi.getter(name="flowId")
    def flow_id(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The flow's UUID, of a `Flow` resource.
        """
        return pulumi.get(self, "flow_id")

    @flow_id.setter
    def flow_id(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "flow_id", value)

    @_builtins.property
    @pulumi.getter
    def entrypoint(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        Where the flow's code is: `path/to/file.py:function`.
        """
        return pulumi.get(self, "entrypoint")

    @entrypoint.setter
    def entrypoint(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "entrypoint", value)

    @_builtins.property
    @pulumi.getter
    def path(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The folder that the entrypoint is relative to, when no pull step says.
        """
        return pulumi.get(self, "path")

    @path.setter
    def path(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "path", value)

    @_builtins.property
    @pulumi.getter(name="pullSteps")
    def pull_steps(self) -> pulumi.Input[Optional[Any]]:
        """
        Steps that fetch the code before a run: objects with one key, a dotted function, and its arguments.
        """
        return pulumi.get(self, "pull_steps")

    @pull_steps.setter
    def pull_steps(self, value: pulumi.Input[Optional[Any]]):
        pulumi.set(self, "pull_steps", value)

    @_builtins.property
    @pulumi.getter
    def parameters(self) -> pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]]:
        """
        Parameters of its runs, by name.
        """
        return pulumi.get(self, "parameters")

    @parameters.setter
    def parameters(self, value: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]]):
        pulumi.set(self, "parameters", value)

    @_builtins.property
    @pulumi.getter(name="parameterOpenapiSchema")
    def parameter_openapi_schema(self) -> pulumi.Input[Optional[Any]]:
        """
        The flow's signature as a JSON schema; unset, any parameter is accepted.
        """
        return pulumi.get(self, "parameter_openapi_schema")

    @parameter_openapi_schema.setter
    def parameter_openapi_schema(self, value: pulumi.Input[Optional[Any]]):
        pulumi.set(self, "parameter_openapi_schema", value)

    @_builtins.property
    @pulumi.getter(name="enforceParameterSchema")
    def enforce_parameter_schema(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Whether runs must agree with the parameter schema.
        """
        return pulumi.get(self, "enforce_parameter_schema")

    @enforce_parameter_schema.setter
    def enforce_parameter_schema(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "enforce_parameter_schema", value)

    @_builtins.property
    @pulumi.getter(name="workPoolName")
    def work_pool_name(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The pool that its runs go to.
        """
        return pulumi.get(self, "work_pool_name")

    @work_pool_name.setter
    def work_pool_name(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "work_pool_name", value)

    @_builtins.property
    @pulumi.getter(name="workPoolId")
    def work_pool_id(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The pool's UUID (`pool.pool_id`): a pool replaced under its old name lets go of its deployments, and
        this brings them back in the same run.
        """
        return pulumi.get(self, "work_pool_id")

    @work_pool_id.setter
    def work_pool_id(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "work_pool_id", value)

    @_builtins.property
    @pulumi.getter(name="workQueueName")
    def work_queue_name(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The queue of the pool; `default` when unset.
        """
        return pulumi.get(self, "work_queue_name")

    @work_queue_name.setter
    def work_queue_name(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "work_queue_name", value)

    @_builtins.property
    @pulumi.getter(name="jobVariables")
    def job_variables(self) -> pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]]:
        """
        Values for the pool's job template.
        """
        return pulumi.get(self, "job_variables")

    @job_variables.setter
    def job_variables(self, value: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]]):
        pulumi.set(self, "job_variables", value)

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
    def version(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        The version of the code, any text.
        """
        return pulumi.get(self, "version")

    @version.setter
    def version(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "version", value)

    @_builtins.property
    @pulumi.getter
    def description(self) -> pulumi.Input[Optional[_builtins.str]]:
        """
        What the deployment is for.
        """
        return pulumi.get(self, "description")

    @description.setter
    def description(self, value: pulumi.Input[Optional[_builtins.str]]):
        pulumi.set(self, "description", value)

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
    @pulumi.getter(name="concurrencyOptions")
    def concurrency_options(self) -> pulumi.Input[Optional['DeploymentConcurrencyOptionsArgs']]:
        """
        How the concurrency limit acts.
        """
        return pulumi.get(self, "concurrency_options")

    @concurrency_options.setter
    def concurrency_options(self, value: pulumi.Input[Optional['DeploymentConcurrencyOptionsArgs']]):
        pulumi.set(self, "concurrency_options", value)

    @_builtins.property
    @pulumi.getter
    def schedules(self) -> pulumi.Input[Optional[Sequence[pulumi.Input['DeploymentScheduleArgs']]]]:
        """
        When it runs. Schedules that the program never named, made in the web interface, are left alone.
        """
        return pulumi.get(self, "schedules")

    @schedules.setter
    def schedules(self, value: pulumi.Input[Optional[Sequence[pulumi.Input['DeploymentScheduleArgs']]]]):
        pulumi.set(self, "schedules", value)

    @_builtins.property
    @pulumi.getter
    def paused(self) -> pulumi.Input[Optional[_builtins.bool]]:
        """
        Whether its schedules rest. Unset, people may pause it.
        """
        return pulumi.get(self, "paused")

    @paused.setter
    def paused(self, value: pulumi.Input[Optional[_builtins.bool]]):
        pulumi.set(self, "paused", value)

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


@pulumi.type_token("prefect:index/deployment:Deployment")
class Deployment(pulumi.CustomResource):
    def __init__(__self__, resource_name: str, *args, **kwargs):
        """
        A deployment: a flow with where it runs, with what parameters and when.

        :param str resource_name: The name of the resource.
        :param pulumi.ResourceOptions opts: Options for the resource.
        :param pulumi.Input[_builtins.str] name: Its name, unique in its flow.
        :param pulumi.Input[_builtins.str] flow_name: The flow's name; the flow is made if it is missing, and kept afterwards. Or give `flowId`.
        :param pulumi.Input[_builtins.str] flow_id: The flow's UUID, of a `Flow` resource.
        :param pulumi.Input[_builtins.str] entrypoint: Where the flow's code is: `path/to/file.py:function`.
        :param pulumi.Input[_builtins.str] path: The folder that the entrypoint is relative to, when no pull step says.
        :param pulumi.Input[Any] pull_steps: Steps that fetch the code before a run: objects with one key, a dotted function, and its arguments.
        :param pulumi.Input[Mapping[str, pulumi.Input[Any]]] parameters: Parameters of its runs, by name.
        :param pulumi.Input[Any] parameter_openapi_schema: The flow's signature as a JSON schema; unset, any parameter is accepted.
        :param pulumi.Input[_builtins.bool] enforce_parameter_schema: Whether runs must agree with the parameter schema.
        :param pulumi.Input[_builtins.str] work_pool_name: The pool that its runs go to.
        :param pulumi.Input[_builtins.str] work_pool_id: The pool's UUID (`pool.pool_id`): a pool replaced under its old name lets go of its deployments, and this brings them back in the same run.
        :param pulumi.Input[_builtins.str] work_queue_name: The queue of the pool; `default` when unset.
        :param pulumi.Input[Mapping[str, pulumi.Input[Any]]] job_variables: Values for the pool's job template.
        :param pulumi.Input[Sequence[pulumi.Input[_builtins.str]]] tags: Tags, whose order means nothing.
        :param pulumi.Input[_builtins.str] version: The version of the code, any text.
        :param pulumi.Input[_builtins.str] description: What the deployment is for.
        :param pulumi.Input[_builtins.int] concurrency_limit: How many of its runs may be active at a time.
        :param pulumi.Input['DeploymentConcurrencyOptionsArgs'] concurrency_options: How the concurrency limit acts.
        :param pulumi.Input[Sequence[pulumi.Input['DeploymentScheduleArgs']]] schedules: When it runs. Schedules that the program never named, made in the web interface, are left alone.
        :param pulumi.Input[_builtins.bool] paused: Whether its schedules rest. Unset, people may pause it.
        :param pulumi.Input[_builtins.bool] adopt: Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        resource_args, opts = _utilities.get_resource_args_opts(
            DeploymentArgs, pulumi.ResourceOptions, *args, **kwargs)
        if resource_args is not None:
            __self__._internal_init(resource_name, opts, **resource_args.__dict__)
        else:
            __self__._internal_init(resource_name, *args, **kwargs)

    def _internal_init(__self__,
                 resource_name: str,
                 opts: Optional[pulumi.ResourceOptions] = None,
                 name: pulumi.Input[Optional[_builtins.str]] = None,
                 flow_name: pulumi.Input[Optional[_builtins.str]] = None,
                 flow_id: pulumi.Input[Optional[_builtins.str]] = None,
                 entrypoint: pulumi.Input[Optional[_builtins.str]] = None,
                 path: pulumi.Input[Optional[_builtins.str]] = None,
                 pull_steps: pulumi.Input[Optional[Any]] = None,
                 parameters: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]] = None,
                 parameter_openapi_schema: pulumi.Input[Optional[Any]] = None,
                 enforce_parameter_schema: pulumi.Input[Optional[_builtins.bool]] = None,
                 work_pool_name: pulumi.Input[Optional[_builtins.str]] = None,
                 work_pool_id: pulumi.Input[Optional[_builtins.str]] = None,
                 work_queue_name: pulumi.Input[Optional[_builtins.str]] = None,
                 job_variables: pulumi.Input[Optional[Mapping[str, pulumi.Input[Any]]]] = None,
                 tags: pulumi.Input[Optional[Sequence[pulumi.Input[_builtins.str]]]] = None,
                 version: pulumi.Input[Optional[_builtins.str]] = None,
                 description: pulumi.Input[Optional[_builtins.str]] = None,
                 concurrency_limit: pulumi.Input[Optional[_builtins.int]] = None,
                 concurrency_options: pulumi.Input[Optional[Union['DeploymentConcurrencyOptionsArgs', 'DeploymentConcurrencyOptionsArgsDict']]] = None,
                 schedules: pulumi.Input[Optional[Sequence[pulumi.Input[Union['DeploymentScheduleArgs', 'DeploymentScheduleArgsDict']]]]] = None,
                 paused: pulumi.Input[Optional[_builtins.bool]] = None,
                 adopt: pulumi.Input[Optional[_builtins.bool]] = None,
                 __props__=None):
        opts = pulumi.ResourceOptions.merge(_utilities.get_resource_opts_defaults(), opts)
        if not isinstance(opts, pulumi.ResourceOptions):
            raise TypeError('Expected resource options to be a ResourceOptions instance')
        if opts.id is None:
            if __props__ is not None:
                raise TypeError('__props__ is only valid with opts.id, to get an existing resource')
            __props__ = DeploymentArgs.__new__(DeploymentArgs)

            if name is None and not opts.urn:
                raise TypeError("Missing required property 'name'")
            __props__.__dict__["name"] = name
            __props__.__dict__["flow_name"] = flow_name
            __props__.__dict__["flow_id"] = flow_id
            __props__.__dict__["entrypoint"] = entrypoint
            __props__.__dict__["path"] = path
            __props__.__dict__["pull_steps"] = pull_steps
            __props__.__dict__["parameters"] = parameters
            __props__.__dict__["parameter_openapi_schema"] = parameter_openapi_schema
            __props__.__dict__["enforce_parameter_schema"] = enforce_parameter_schema
            __props__.__dict__["work_pool_name"] = work_pool_name
            __props__.__dict__["work_pool_id"] = work_pool_id
            __props__.__dict__["work_queue_name"] = work_queue_name
            __props__.__dict__["job_variables"] = job_variables
            __props__.__dict__["tags"] = tags
            __props__.__dict__["version"] = version
            __props__.__dict__["description"] = description
            __props__.__dict__["concurrency_limit"] = concurrency_limit
            __props__.__dict__["concurrency_options"] = concurrency_options
            __props__.__dict__["schedules"] = schedules
            __props__.__dict__["paused"] = paused
            __props__.__dict__["adopt"] = adopt
            __props__.__dict__["deployment_id"] = None
        super(Deployment, __self__).__init__(
            'prefect:index/deployment:Deployment',
            resource_name,
            __props__,
            opts)

    @staticmethod
    def get(resource_name: str,
            id: pulumi.Input[str],
            opts: Optional[pulumi.ResourceOptions] = None) -> 'Deployment':
        """
        Get an existing Deployment resource's state with the given name and id.

        :param str resource_name: The unique name of the resulting resource.
        :param pulumi.Input[str] id: The unique provider ID of the resource to lookup.
        :param pulumi.ResourceOptions opts: Options for the resource.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))

        __props__ = DeploymentArgs.__new__(DeploymentArgs)

        __props__.__dict__["name"] = None
        __props__.__dict__["flow_name"] = None
        __props__.__dict__["flow_id"] = None
        __props__.__dict__["entrypoint"] = None
        __props__.__dict__["path"] = None
        __props__.__dict__["pull_steps"] = None
        __props__.__dict__["parameters"] = None
        __props__.__dict__["parameter_openapi_schema"] = None
        __props__.__dict__["enforce_parameter_schema"] = None
        __props__.__dict__["work_pool_name"] = None
        __props__.__dict__["work_pool_id"] = None
        __props__.__dict__["work_queue_name"] = None
        __props__.__dict__["job_variables"] = None
        __props__.__dict__["tags"] = None
        __props__.__dict__["version"] = None
        __props__.__dict__["description"] = None
        __props__.__dict__["concurrency_limit"] = None
        __props__.__dict__["concurrency_options"] = None
        __props__.__dict__["schedules"] = None
        __props__.__dict__["paused"] = None
        __props__.__dict__["adopt"] = None
        __props__.__dict__["deployment_id"] = None
        return Deployment(resource_name, opts=opts, __props__=__props__)

    @_builtins.property
    @pulumi.getter
    def name(self) -> pulumi.Output[_builtins.str]:
        """
        Its name, unique in its flow.
        """
        return pulumi.get(self, "name")

    @_builtins.property
    @pulumi.getter(name="flowName")
    def flow_name(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The flow's name; the flow is made if it is missing, and kept afterwards. Or give `flowId`.
        """
        return pulumi.get(self, "flow_name")

    @_builtins.property
    @pulumi.getter(name="flowId")
    def flow_id(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The flow's UUID, of a `Flow` resource.
        """
        return pulumi.get(self, "flow_id")

    @_builtins.property
    @pulumi.getter
    def entrypoint(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        Where the flow's code is: `path/to/file.py:function`.
        """
        return pulumi.get(self, "entrypoint")

    @_builtins.property
    @pulumi.getter
    def path(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The folder that the entrypoint is relative to, when no pull step says.
        """
        return pulumi.get(self, "path")

    @_builtins.property
    @pulumi.getter(name="pullSteps")
    def pull_steps(self) -> pulumi.Output[Optional[Any]]:
        """
        Steps that fetch the code before a run: objects with one key, a dotted function, and its arguments.
        """
        return pulumi.get(self, "pull_steps")

    @_builtins.property
    @pulumi.getter
    def parameters(self) -> pulumi.Output[Optional[Mapping[str, Any]]]:
        """
        Parameters of its runs, by name.
        """
        return pulumi.get(self, "parameters")

    @_builtins.property
    @pulumi.getter(name="parameterOpenapiSchema")
    def parameter_openapi_schema(self) -> pulumi.Output[Optional[Any]]:
        """
        The flow's signature as a JSON schema; unset, any parameter is accepted.
        """
        return pulumi.get(self, "parameter_openapi_schema")

    @_builtins.property
    @pulumi.getter(name="enforceParameterSchema")
    def enforce_parameter_schema(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Whether runs must agree with the parameter schema.
        """
        return pulumi.get(self, "enforce_parameter_schema")

    @_builtins.property
    @pulumi.getter(name="workPoolName")
    def work_pool_name(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The pool that its runs go to.
        """
        return pulumi.get(self, "work_pool_name")

    @_builtins.property
    @pulumi.getter(name="workPoolId")
    def work_pool_id(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The pool's UUID (`pool.pool_id`): a pool replaced under its old name lets go of its deployments, and
        this brings them back in the same run.
        """
        return pulumi.get(self, "work_pool_id")

    @_builtins.property
    @pulumi.getter(name="workQueueName")
    def work_queue_name(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The queue of the pool; `default` when unset.
        """
        return pulumi.get(self, "work_queue_name")

    @_builtins.property
    @pulumi.getter(name="jobVariables")
    def job_variables(self) -> pulumi.Output[Optional[Mapping[str, Any]]]:
        """
        Values for the pool's job template.
        """
        return pulumi.get(self, "job_variables")

    @_builtins.property
    @pulumi.getter
    def tags(self) -> pulumi.Output[Optional[Sequence[_builtins.str]]]:
        """
        Tags, whose order means nothing.
        """
        return pulumi.get(self, "tags")

    @_builtins.property
    @pulumi.getter
    def version(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        The version of the code, any text.
        """
        return pulumi.get(self, "version")

    @_builtins.property
    @pulumi.getter
    def description(self) -> pulumi.Output[Optional[_builtins.str]]:
        """
        What the deployment is for.
        """
        return pulumi.get(self, "description")

    @_builtins.property
    @pulumi.getter(name="concurrencyLimit")
    def concurrency_limit(self) -> pulumi.Output[Optional[_builtins.int]]:
        """
        How many of its runs may be active at a time.
        """
        return pulumi.get(self, "concurrency_limit")

    @_builtins.property
    @pulumi.getter(name="concurrencyOptions")
    def concurrency_options(self) -> pulumi.Output[Optional['outputs.DeploymentConcurrencyOptions']]:
        """
        How the concurrency limit acts.
        """
        return pulumi.get(self, "concurrency_options")

    @_builtins.property
    @pulumi.getter
    def schedules(self) -> pulumi.Output[Optional[Sequence['outputs.DeploymentSchedule']]]:
        """
        When it runs. Schedules that the program never named, made in the web interface, are left alone.
        """
        return pulumi.get(self, "schedules")

    @_builtins.property
    @pulumi.getter
    def paused(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Whether its schedules rest. Unset, people may pause it.
        """
        return pulumi.get(self, "paused")

    @_builtins.property
    @pulumi.getter
    def adopt(self) -> pulumi.Output[Optional[_builtins.bool]]:
        """
        Take over an object of this name that exists already, instead of refusing to create a second one.
        """
        return pulumi.get(self, "adopt")

    @_builtins.property
    @pulumi.getter(name="deploymentId")
    def deployment_id(self) -> pulumi.Output[_builtins.str]:
        """
        The deployment's UUID.
        """
        return pulumi.get(self, "deployment_id")
