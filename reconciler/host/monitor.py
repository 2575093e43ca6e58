"""The resource monitor: what a program's SDK calls, answered by a deployment.

A coroutine per RPC, which runs on the engine's event loop. Programs reach it by
a door: `direct` for one in this process, `serve` for one in another. What this
version does not serve is left out of the feature list, so that the SDK says so
itself, or is answered UNIMPLEMENTED.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from reconciler import errors
from reconciler.contract import output_values, wire
from reconciler.deploy.deployment import Deployment, Registered
from reconciler.deploy.packages import extension_kept
from reconciler.host import assets, translate
from reconciler.host.about import About
from reconciler.host.callbacks import Callbacks
from reconciler.host.packages import Packages
from reconciler.host.positions import Positions
from reconciler.host.refusals import RefusedError
from reconciler.host.remote import Remote
from reconciler.host.scopes import Scopes
from reconciler.host.transforms import Transforms
from reconciler.model import codec, urns, values
from reconciler.model.goals import Goal
from reconciler.model.values import PropertyMap

GET_RESOURCE = "pulumi:pulumi:getResource"
"""The function by which a program asks for a resource that it has the URN of."""

FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACEMENT_TRIGGER,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_SENDS_OPTIONS_TO_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_BYTE_STRING,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_DEPENDS_ON,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_PARENT,
    resource_pb2.RESOURCE_MONITOR_FEATURE_STATE_MIGRATIONS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_OUTPUT_VALUES,
    resource_pb2.RESOURCE_MONITOR_FEATURE_CALL_OUTPUT_VALUES,
)
"""What this version serves; the SDK refuses by itself what is not here."""


class Monitor:
    """One program run's view of the engine."""

    def __init__(self, deployment: Deployment, about: About) -> None:
        self._deployment = deployment
        self._about = about
        self._callbacks = Callbacks()
        self._transforms = Transforms(self._callbacks)
        self._scopes = Scopes()
        self._packages = Packages()
        self._positions = Positions(about.root)
        self._remote = Remote(self, deployment, about, self._positions)

    # One coroutine per RPC, named as on the wire; what is absent is answered UNIMPLEMENTED by the doors.

    async def GetDeploymentInfo(self, _request: object) -> resource_pb2.DeploymentInfo:  # noqa: N802  # wire name
        about = self._about
        return resource_pb2.DeploymentInfo(
            project=about.project,
            stack=about.stack,
            organization=about.organization,
            config=dict(about.config),
            configSecretKeys=list(about.secret_keys),
            dryRun=self._deployment.preview,
            parallel=about.parallel,
            supportedFeatures=list(FEATURES),
        )

    async def SupportsFeature(self, request: Any) -> resource_pb2.SupportsFeatureResponse:  # noqa: N802  # wire name
        # SDKs before GetDeploymentInfo ask for each feature by its name in camel case.
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in map(_feature_id, FEATURES))

    async def RegisterResource(self, request: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802  # wire name
        self._refuse_options(request)
        if request.custom or request.remote:
            _check_type(request.type)
        urn = urns.build(self._about.stack, self._about.project, request.parent, request.type, request.name)
        request = self._scopes.enter(urn, await self._transforms.of_resource(urn, request))
        if request.remote and (built := await self._construct(request, urn)) is not None:
            return built
        goal = await self._goal(request, urn)
        if goal is None:
            return _answer(Registered(urn=urn, succeeded=False), request)
        migrations = [self._callbacks.migration(callback) for callback in request.state_migrations]
        return _answer(await self._deployment.register(goal, migrations), request)

    async def _construct(self, request: Any, urn: str) -> resource_pb2.RegisterResourceResponse | None:
        try:
            reference = await self._provider(request, request.type, parent=request.parent)
        except errors.ConfigureError:
            # Told already, where it happened: at the provider.
            goal = translate.read_goal(request, urn=urn, provider="")
            return _answer(self._deployment.without_provider(goal), request)
        return await self._remote.construct(request, urn, reference, self._scopes.providers(urn))

    async def _goal(self, request: Any, urn: str) -> Goal | None:
        provider = ""
        if request.custom and not urns.is_provider_type(request.type):
            try:
                provider = await self._provider(request, request.type, parent=urn)
            except errors.ConfigureError:
                # Told already, where it happened: at the provider.
                self._deployment.without_provider(translate.read_goal(request, urn=urn, provider=""))
                return None
        inputs = translate.read_map(request.object)
        if urns.is_provider_type(request.type):
            package = self._packages.of(request, urns.package(request.type))
            inputs = package.inputs(inputs, request.envVarMappings)
        return translate.read_goal(
            request,
            urn=urn,
            provider=provider,
            inputs=await assets.hashed(inputs, self._about.folder),
            source_position=self._positions.position(request.sourcePosition),
            stack_trace=self._positions.trace(request),
            extra=extension_kept(self._packages.extension(request)),
        )

    async def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        outputs = await assets.hashed(translate.read_map(request.outputs), self._about.folder)
        await self._deployment.register_outputs(request.urn, outputs)
        return empty_pb2.Empty()

    async def ReadResource(self, request: Any) -> resource_pb2.ReadResourceResponse:  # noqa: N802  # wire name
        _check_type(request.type)
        urn = urns.build(self._about.stack, self._about.project, request.parent, request.type, request.name)
        try:
            provider = await self._provider(request, request.type, parent=request.parent)
        except errors.ConfigureError:
            self._deployment.without_provider(Goal(urn=urn, type=request.type, name=request.name, custom=True))
            return resource_pb2.ReadResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)
        goal = Goal(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=True,
            inputs=await assets.hashed(translate.read_map(request.properties), self._about.folder),
            parent=request.parent,
            dependencies=tuple(sorted(set(request.dependencies))),
            provider=provider,
            additional_secret_outputs=tuple(request.additionalSecretOutputs),
            source_position=self._positions.position(request.sourcePosition),
            stack_trace=self._positions.trace(request),
            extra=extension_kept(self._packages.extension(request)),
        )
        is_unknown = request.id in translate.UNKNOWNS
        registered = await self._deployment.read(goal, "" if is_unknown else request.id)
        result = resource_pb2.Result.SUCCESS if registered.succeeded else resource_pb2.Result.FAIL
        return resource_pb2.ReadResourceResponse(
            urn=urn,
            id=registered.id,
            properties=_told(registered.outputs, request),
            result=result,
            unknown=is_unknown,
        )

    async def Invoke(self, request: Any) -> Any:  # noqa: N802  # wire name
        if request.tok == GET_RESOURCE:
            await self._provider(request, request.tok, parent="")  # state has it as the one that answered
            return self._get_resource(request)
        request = await self._transforms.of_invoke(request)
        told = output_values.dependencies_by_property(request.args)
        sources = {urn for urns in told.values() for urn in urns}
        if self._deployment.is_pending({*request.dependsOn, *sources}):
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        provider = await self._provider(request, request.tok, parent=request.parent)
        response = await self._deployment.invoke(request.tok, translate.read_map(request.args), provider, told)
        failures = [
            provider_pb2.CheckFailure(property=failure.property, reason=failure.reason) for failure in response.failures
        ]
        answer = _answer_to_invoke(values.freeze_map(response.result), request, failures)
        if request.accept_output_values:
            comes_from = (
                dict.fromkeys(response.result, sources) if response.dependencies is None else response.dependencies
            )
            returned = getattr(answer, "return")
            returned.CopyFrom(output_values.with_dependencies(returned, comes_from))
        return answer

    def _get_resource(self, request: Any) -> Any:
        urn = translate.read_map(request.args).get("urn")
        found = self._deployment.find_resource(urn) if isinstance(urn, str) else None
        if found is None:
            reason = f"there is no resource {urn} in this stack"
            return _answer_to_invoke({}, request, [provider_pb2.CheckFailure(property="urn", reason=reason)])
        known: PropertyMap = {"urn": found.urn, "id": found.id, "provider": found.provider, "state": found.outputs}
        return _answer_to_invoke(known, request)

    async def Call(self, request: Any) -> provider_pb2.CallResponse:  # noqa: N802  # wire name
        return await self._remote.call(request, await self._called(request))

    async def _called(self, request: Any) -> str:
        itself = translate.read_map(request.args).get("__self__")
        urn = itself.urn if isinstance(itself, values.ResourceReference) else ""
        if urns.is_provider_type(request.tok.rpartition("/")[0]) and isinstance(itself, values.ResourceReference):
            # A method of a provider is answered by that provider.
            id = itself.id if isinstance(itself.id, str) else ""
            return str(urns.ProviderReference(urn, id))
        return await self._provider(request, request.tok, parent=urn)

    async def ExistsResource(self, request: Any) -> resource_pb2.ExistsResourceResponse:  # noqa: N802  # wire name
        if request.id in translate.UNKNOWNS:
            return resource_pb2.ExistsResourceResponse(unknown=True)
        provider = await self._provider(request, request.type, parent=request.parent)
        exists = await self._deployment.exists(
            request.type, request.id, translate.read_map(request.properties), provider
        )
        return resource_pb2.ExistsResourceResponse(exists=exists)

    async def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        self._transforms.add_to_stack(request)
        return empty_pb2.Empty()

    async def RegisterStackInvokeTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        self._transforms.add_to_invokes(request)
        return empty_pb2.Empty()

    async def RegisterResourceHook(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        self._deployment.add_hook(self._callbacks.hook(request))
        return empty_pb2.Empty()

    async def RegisterErrorHook(self, request: Any) -> empty_pb2.Empty:  # noqa: N802  # wire name
        self._deployment.add_error_hook(self._callbacks.error_hook(request))
        return empty_pb2.Empty()

    async def SignalAndWaitForShutdown(self, _request: object) -> empty_pb2.Empty:  # noqa: N802  # wire name
        # Deletes may call the program's hooks: it is answered, and ends, when they are done.
        await self._deployment.finish()
        self._callbacks.close()
        return empty_pb2.Empty()

    async def RegisterPackage(self, request: Any) -> resource_pb2.RegisterPackageResponse:  # noqa: N802  # wire name
        return resource_pb2.RegisterPackageResponse(ref=self._packages.register(request))

    async def _provider(self, request: Any, token: str, *, parent: str) -> str:
        package = self._packages.of(request, urns.package(token))
        reference = request.provider or self._scopes.provider(parent, package.name)
        if reference:
            reference = str(urns.parse_reference(reference))
        else:
            reference = await self._deployment.default_provider(package, token)
        if (extension := self._packages.extension(request)) is not None:
            await self._deployment.extend(reference, extension)
        return reference

    def _refuse_options(self, request: Any) -> None:
        if request.envVarMappings and not urns.is_provider_type(request.type):
            raise errors.InvalidRequestError(
                "env_var_mappings is an option of provider resources alone", urn=f"{request.type}::{request.name}"
            )


def _check_type(token: str) -> None:
    """Refuse a type whose package, and so whose provider, cannot be told.

    Raises:
        InvalidRequestError: it has not three parts.
    """
    if token.count(":") < 2:
        raise errors.InvalidRequestError(f"Type '{token}' is not a valid type token (must have format '*:*:*')")


def _feature_id(feature: resource_pb2.ResourceMonitorFeature.ValueType) -> str:
    """`aliasSpecs` of RESOURCE_MONITOR_FEATURE_ALIAS_SPECS."""
    name = resource_pb2.ResourceMonitorFeature.Name(feature).removeprefix("RESOURCE_MONITOR_FEATURE_")
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)


def _answer_to_invoke(result: values.PropertyMap, request: Any, failures: Sequence[Any] = ()) -> Any:
    answer = resource_pb2.ResourceInvokeResponse(failures=failures)
    # `return` is a keyword of Python's, so the field cannot be given by name.
    getattr(answer, "return").CopyFrom(_told(result, request))
    return answer


def _answer(registered: Registered, request: Any) -> resource_pb2.RegisterResourceResponse:
    if not registered.succeeded and not request.supportsResultReporting:
        raise RefusedError(grpc.StatusCode.INTERNAL, "resource registration failed")
    result = resource_pb2.Result.SUCCESS if registered.succeeded else resource_pb2.Result.FAIL
    # A local component tells its outputs later; what it had before is not what it has now.
    outputs = registered.outputs if request.custom else {}
    return resource_pb2.RegisterResourceResponse(
        urn=registered.urn, id=registered.id, object=_told(outputs, request), result=result
    )


def _told(properties: PropertyMap, request: Any) -> struct_pb2.Struct:
    """Properties as the asker takes them.

    Raises:
        ValueError: one is text that is not UTF-8, and the asker knows no such texts.
    """
    if not request.accepts_byte_string and codec.has_byte_string(properties):
        raise ValueError("a property holds text that is not UTF-8, which this SDK does not take")
    # Who invokes always takes secrets.
    secrets = getattr(request, "acceptSecrets", True)
    return translate.write_map(wire.fitted(properties, secrets=secrets, references=request.acceptResources))
