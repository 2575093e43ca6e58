"""A program, played: its registrations reach `host.monitor` as the SDK's messages, side by side, each when what it
needs is answered. So a case costs milliseconds; what the SDK itself adds is left to the suites that run programs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cases import PROJECT, STACK, Declared
from google.protobuf import struct_pb2
from pulumi.runtime.proto import alias_pb2, resource_pb2

from reconciler import errors
from reconciler.contract import wire
from reconciler.host.monitor import Monitor
from reconciler.model import urns, values
from reconciler.model.values import Secret

STACK_URN = f"urn:pulumi:{STACK}::{PROJECT}::{urns.STACK_TYPE}::{PROJECT}-{STACK}"
DEFAULT_PROVIDER = f"urn:pulumi:{STACK}::{PROJECT}::pulumi:providers:test::default"


def program_urns(program: Sequence[Declared]) -> dict[str, str]:
    """Name -> URN of what a program declares."""
    found: dict[str, str] = {}
    for declared in program:
        found[declared.name] = urns.build(STACK, PROJECT, found.get(declared.parent, ""), declared.token, declared.name)
    return found


class Played:
    """A program's registrations, as the SDK sends them."""

    def __init__(self, monitor: Monitor, program: Sequence[Declared], *, preview: bool) -> None:
        self._monitor = monitor
        self._program = program
        self._preview = preview
        self._answers: dict[str, asyncio.Task[resource_pb2.RegisterResourceResponse]] = {}
        self.never_declared: dict[str, frozenset[str]] = {}
        """Name of what an `apply` never came to -> the names that it waited for in vain."""

    async def run(self, *, raises: int | None = None) -> None:
        """To the program's end, deletes included; or until it raises, having declared so many resources."""
        stack = resource_pb2.RegisterResourceRequest(
            type=urns.STACK_TYPE, name=f"{PROJECT}-{STACK}", acceptSecrets=True, supportsResultReporting=True
        )
        await self._monitor.RegisterResource(stack)
        for declared in self._program[:raises]:
            self._answers[declared.name] = asyncio.ensure_future(self._declare(declared))
        outcomes = await asyncio.gather(*self._answers.values(), return_exceptions=True)
        raised = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        if raised:
            # The SDK gives up; what the engine refused is the reason.
            own = [error for error in raised if isinstance(error, errors.ReconcilerError)]
            raise own[0] if own else errors.ProgramError(repr(raised[0]))
        if raises is not None:
            raise errors.ProgramError("the program raised")
        outputs = resource_pb2.RegisterResourceOutputsRequest(urn=STACK_URN)
        for name in self._answers:
            if not next(item for item in self._program if item.name == name).is_component:
                outputs.outputs.fields[name].CopyFrom(await self._output(name, "echo"))
        await self._monitor.RegisterResourceOutputs(outputs)
        await self._monitor.SignalAndWaitForShutdown(None)

    async def _declare(self, declared: Declared) -> resource_pb2.RegisterResourceResponse:
        answers = {name: await self._answers[name] for name in sorted(declared.needs)}
        failed = frozenset(name for name, answer in answers.items() if answer.result != resource_pb2.Result.SUCCESS)
        # What was declared in an `apply` can be named in one alone.
        if failed and (declared.in_apply or not failed.isdisjoint(self.never_declared)):
            self.never_declared[declared.name] = failed
            return resource_pb2.RegisterResourceResponse(result=resource_pb2.Result.FAIL)
        if declared.read_id:
            return await self._read(declared)
        request = await self._request(declared)
        response = await self._monitor.RegisterResource(request)
        if declared.is_component:
            told = resource_pb2.RegisterResourceOutputsRequest(urn=response.urn)
            told.outputs.update({"told": True})
            await self._monitor.RegisterResourceOutputs(told)
        return response

    async def _read(self, declared: Declared) -> resource_pb2.ReadResourceResponse:
        id = declared.read_id
        if (
            declared.read_after
            and (await self._output(declared.read_after, "echo")).string_value == wire.UNKNOWN_STRING
        ):
            id = wire.UNKNOWN_STRING
        return await self._monitor.ReadResource(
            resource_pb2.ReadResourceRequest(
                id=id,
                type=declared.token,
                name=declared.name,
                parent=await self._urn(declared.parent) or STACK_URN,
                dependencies=[await self._urn(name) for name in declared.depends_on],
                provider=await self._reference(declared.provider),
                acceptSecrets=True,
                acceptResources=True,
            )
        )

    async def _request(self, declared: Declared) -> resource_pb2.RegisterResourceRequest:
        request = resource_pb2.RegisterResourceRequest(
            type=declared.token,
            name=declared.name,
            custom=not declared.is_component,
            parent=await self._urn(declared.parent) or STACK_URN,
            provider=await self._reference(declared.provider),
            protect=declared.protect,
            retainOnDelete=declared.retain,
            deletedWith=await self._urn(declared.deleted_with),
            replace_with=[await self._urn(name) for name in declared.replace_with],
            deleteBeforeReplace=bool(declared.delete_first),
            deleteBeforeReplaceDefined=declared.delete_first is not None,
            ignoreChanges=declared.ignores,
            replaceOnChanges=declared.replaces_on,
            additionalSecretOutputs=declared.secret_outputs,
            importId=declared.import_id,
            aliases=[alias_pb2.Alias(urn=urn) for urn in declared.aliases],
            acceptSecrets=True,
            acceptResources=True,
            supportsPartialValues=True,
            supportsResultReporting=True,
            accepts_byte_string=True,
        )
        if declared.trigger is not None:
            request.replacement_trigger.number_value = declared.trigger
        for name, value in own_inputs(declared).items():
            request.object.fields[name].CopyFrom(wire.write_value(value))
            request.propertyDependencies[name].urns.extend(())
        for name, other, output in computed_inputs(declared):
            request.object.fields[name].CopyFrom(await self._output(other, output))
            request.propertyDependencies[name].urns.append(await self._urn(other))
        named = {*declared.depends_on, *(other for _, other, _ in computed_inputs(declared))}
        request.dependencies.extend(sorted([await self._urn(name) for name in named]))
        return request

    async def _urn(self, name: str) -> str:
        return (await self._answers[name]).urn if name else ""

    async def _reference(self, name: str) -> str:
        if not name:
            return ""
        answer = await self._answers[name]
        return f"{answer.urn}::{answer.id or wire.UNKNOWN_STRING}"

    async def _output(self, name: str, output: str) -> struct_pb2.Value:
        answer = await self._answers[name]
        told = answer.properties if isinstance(answer, resource_pb2.ReadResourceResponse) else answer.object
        if output in told.fields:
            return told.fields[output]
        return struct_pb2.Value(string_value=wire.UNKNOWN_STRING)


def own_inputs(declared: Declared) -> dict[str, values.Value]:
    """The inputs that a resource takes from nobody."""
    if declared.type == "Provider":
        return {} if declared.source else {"account": declared.account}
    if declared.is_component:
        return {}
    inputs: dict[str, values.Value] = {"size": declared.size}
    if not declared.zone_of:
        inputs["zone"] = declared.zone
    if declared.unique:
        inputs["name"] = declared.unique
    if declared.secret:
        inputs["password"] = Secret(declared.secret)
    return inputs


def computed_inputs(declared: Declared) -> tuple[tuple[str, str, str], ...]:
    """(input, whose, which output) of the inputs that a resource takes from others."""
    name = "account" if declared.type == "Provider" else "source"
    source = ((name, declared.source, "echo"),) if declared.source else ()
    zone = (("zone", declared.zone_of, "serial"),) if declared.zone_of and declared.has_object else ()
    return (*source, *zone)
