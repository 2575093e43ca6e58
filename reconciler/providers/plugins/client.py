"""A provider whose work a plugin process does: our requests to Pulumi's, its answers to ours.

Source: facts/engine-contract.md §7.2, §7.3.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Coroutine, Iterable
from contextlib import AbstractContextManager
from typing import Final, Protocol, TypeVar, cast

from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import provider_pb2

from reconciler import errors
from reconciler.contract import output_values, wire
from reconciler.contract.extensions import FIND, INSTANCE, OPERATION, RENAMED
from reconciler.contract.protocol import (
    Autonaming,
    Changes,
    CheckFailure,
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    Diff,
    DiffKind,
    DiffRequest,
    FindRequest,
    InvokeRequest,
    InvokeResponse,
    Parameter,
    PropertyDiff,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
    Views,
)
from reconciler.model import codec, urns, values
from reconciler.model.values import EMPTY, PropertyMap
from reconciler.providers.plugins import echoes
from reconciler.providers.plugins.connection import UNIMPLEMENTED, Connection, Metadata, Terms
from reconciler.providers.plugins.status import Asked, write_view

T = TypeVar("T")
MessageT = TypeVar("MessageT", bound=Message)

_CHANGES: Final = {
    provider_pb2.DiffResponse.DIFF_NONE: Changes.NONE,
    provider_pb2.DiffResponse.DIFF_SOME: Changes.SOME,
}
_KINDS: Final = {
    provider_pb2.PropertyDiff.ADD: DiffKind.ADD,
    provider_pb2.PropertyDiff.ADD_REPLACE: DiffKind.ADD_REPLACE,
    provider_pb2.PropertyDiff.DELETE: DiffKind.DELETE,
    provider_pb2.PropertyDiff.DELETE_REPLACE: DiffKind.DELETE_REPLACE,
    provider_pb2.PropertyDiff.UPDATE: DiffKind.UPDATE,
    provider_pb2.PropertyDiff.UPDATE_REPLACE: DiffKind.UPDATE_REPLACE,
}


class Lessor(Protocol):
    """Lends connections to a plugin's processes."""

    async def begin(self, work: Coroutine[object, object, T]) -> T:
        """Do what changes nothing and comes before a provider works; CancelledError if the run is stopped."""

    async def unconfigured(self) -> Connection:
        """One that can be asked about settings."""

    def publishing(self, request: Asked, views: Views | None) -> AbstractContextManager[None]:
        """While inside, the plugin that gets this request may publish steps on views."""

    async def claim(self, settings: PropertyMap) -> Connection:
        """One to be configured with these settings; give it back."""

    async def give_back(self, connection: Connection) -> None:
        """It is not needed any more."""


class PluginProvider:
    """One provider instance of a plugin."""

    def __init__(self, package: str, lessor: Lessor) -> None:
        self._package = package
        self._lessor = lessor
        self._connection: Connection | None = None
        self._instance = str(uuid.uuid4())

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Ask the plugin; one that has no opinion takes everything."""
        return await self._lessor.begin(self._check_config(request))

    async def _check_config(self, request: CheckRequest) -> CheckResponse:
        connection = self._connection or await self._lessor.unconfigured()
        try:
            return await self._check(connection, "CheckConfig", request, connection.terms.of_settings)
        except errors.ProviderError as error:
            if error.code == UNIMPLEMENTED:
                return CheckResponse(inputs=request.news)
            raise

    async def diff_config(self, request: DiffRequest) -> Diff:
        """Ask the plugin; one that has no opinion replaces nothing."""
        return await self._lessor.begin(self._diff_config(request))

    async def _diff_config(self, request: DiffRequest) -> Diff:
        connection = self._connection or await self._lessor.unconfigured()
        try:
            return await self._diff(connection, "DiffConfig", request, connection.terms.of_settings)
        except errors.ProviderError as error:
            if error.code == UNIMPLEMENTED:
                return Diff()
            raise

    async def configure(self, request: ConfigureRequest) -> None:
        """Start or share a process and configure it."""
        await self._lessor.begin(self._configure(request))

    async def _configure(self, request: ConfigureRequest) -> None:
        settings = {name: value for name, value in request.inputs.items() if name != "version"}
        connection = await self._lessor.claim(settings)
        self._connection = connection
        if connection.is_configured and not connection.terms.extended:
            return
        message = provider_pb2.ConfigureRequest(
            variables={f"{self._package}:config:{name}": _text(value) for name, value in settings.items()},
            args=wire.write_map(request.inputs),
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
        )
        if connection.terms.shook_hands:
            message.urn, message.name, message.type = request.urn, urns.name(request.urn), urns.type_token(request.urn)
            message.id = request.id or wire.UNKNOWN_STRING
        try:
            answer = await connection.call(
                "Configure", message, provider_pb2.ConfigureResponse, metadata=self._metadata(connection)
            )
        except BaseException:
            self._connection = None
            await self._lessor.give_back(connection)
            raise
        connection.terms = connection.terms.configured(answer)
        connection.is_configured = True

    async def check(self, request: CheckRequest) -> CheckResponse:
        connection = self._ready()
        return await self._check(connection, "Check", request, connection.terms)

    async def diff(self, request: DiffRequest) -> Diff:
        connection = self._ready()
        return await self._diff(connection, "Diff", request, connection.terms)

    async def create(self, request: CreateRequest) -> CreateResponse:
        connection = self._ready()
        if request.preview and not connection.terms.previews:
            # The inputs stand for the outputs, as with the official engine: programs look at what they set.
            return CreateResponse(id="", outputs=request.inputs)
        metadata = self._metadata(connection)
        if connection.terms.extended:
            metadata = (*metadata, (OPERATION, request.operation_id))
        message = provider_pb2.CreateRequest(
            urn=request.urn,
            name=urns.name(request.urn),
            type=request.token,
            properties=self._write(request.inputs),
            timeout=request.timeout_s,
            preview=request.preview,
        )
        with self._lessor.publishing(message, request.views):
            answer = await connection.call(
                "Create", message, provider_pb2.CreateResponse, changes=not request.preview, metadata=metadata
            )
        # Outputs of a preview may name an id; the object has none yet.
        id = "" if request.preview or answer.id == wire.UNKNOWN_STRING else answer.id
        outputs = self._read_made("Create", answer.properties, request.inputs, id)
        return CreateResponse(
            id=id,
            outputs=outputs,
            refresh_before_update=answer.refresh_before_update,
        )

    async def find(self, request: FindRequest) -> ReadResponse | None:
        """Ask a plugin of ours; Pulumi's protocol has no such question.

        Raises:
            PermanentError: the plugin cannot tell.
        """
        connection = self._ready()
        # Without an operation id (another engine's create, an update) ours could only read it as a plain Read.
        if not connection.terms.extended or not request.operation_id:
            raise errors.PermanentError(
                "a plugin cannot be asked what came of a create",
                urn=request.urn,
                op="create",
                hint="look for the object; import it if it exists",
            )
        message = provider_pb2.ReadRequest(
            urn=request.urn,
            name=urns.name(request.urn),
            type=request.token,
            inputs=self._write(request.inputs),
        )
        metadata = (*self._metadata(connection), (FIND, request.operation_id))
        return await self._read_object(connection, message, metadata, request.inputs, EMPTY)

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        connection = self._ready()
        message = provider_pb2.ReadRequest(
            id=request.id,
            urn=request.urn,
            name=urns.name(request.urn),
            type=request.token,
            properties=self._write(request.outputs, contents=False),
            inputs=self._write(request.inputs, contents=False),
            timeout=request.timeout_s,
            old_views=_write_views(request.views),
        )
        metadata = self._metadata(connection)
        with self._lessor.publishing(message, request.views):
            return await self._read_object(connection, message, metadata, request.inputs, request.outputs)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        connection = self._ready()
        if request.preview and not connection.terms.previews:
            return UpdateResponse(outputs=request.news)
        message = provider_pb2.UpdateRequest(
            id=request.id,
            urn=request.urn,
            name=urns.name(request.urn),
            type=request.token,
            olds=self._write(request.outputs, contents=False),
            old_inputs=self._write(request.old_inputs, contents=False),
            news=self._write(request.news),
            timeout=request.timeout_s,
            ignoreChanges=request.ignore_changes,
            preview=request.preview,
            old_views=_write_views(request.views),
        )
        with self._lessor.publishing(message, request.views):
            answer, trailing = await connection.call_with_trailer(
                "Update",
                message,
                provider_pb2.UpdateResponse,
                changes=not request.preview,
                metadata=self._metadata(connection),
            )
        renamed = trailing.get(RENAMED, b"")
        id = "" if request.preview else request.id
        outputs = self._read_made("Update", answer.properties, request.news, id)
        return UpdateResponse(
            outputs=outputs,
            id=renamed.decode() if isinstance(renamed, bytes) else renamed,
            refresh_before_update=answer.refresh_before_update,
        )

    async def delete(self, request: DeleteRequest) -> None:
        connection = self._ready()
        message = provider_pb2.DeleteRequest(
            id=request.id,
            urn=request.urn,
            name=urns.name(request.urn),
            type=request.token,
            properties=self._write(request.outputs, contents=False),
            old_inputs=self._write(request.inputs, contents=False),
            timeout=request.timeout_s,
            old_views=_write_views(request.views),
        )
        with self._lessor.publishing(message, request.views):
            await connection.call("Delete", message, empty_pb2.Empty, changes=True, metadata=self._metadata(connection))

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        connection = self._ready()
        args = self._write(request.args)
        if connection.terms.outputs_in_invoke:
            args = output_values.with_dependencies(args, request.dependencies)
        answer = await connection.call(
            "Invoke",
            provider_pb2.InvokeRequest(tok=request.token, args=args, preview=request.preview),
            provider_pb2.InvokeResponse,
            metadata=self._metadata(connection),
        )
        # `return` is a keyword of Python's, so the field cannot be had by name.
        returned = getattr(answer, "return")
        result = self._understood("Invoke", returned)
        if values.has_unknown(result):
            raise errors.PermanentError(f"the plugin of '{self._package}' answered with values that are not known")
        told = output_values.dependencies_by_property(returned) if connection.terms.outputs_in_invoke else None
        if not connection.terms.secrets and any(map(values.has_secret, request.args.values())):
            result = {name: values.Secret(values.reveal(value)) for name, value in result.items()}
        return InvokeResponse(result=result, failures=_failures(answer.failures), dependencies=told)

    async def construct(self, request: provider_pb2.ConstructRequest) -> provider_pb2.ConstructResponse:
        """Build a component (`contract.remote`)."""
        connection = self._ready()
        if not connection.terms.secrets:
            raise errors.PermanentError(
                f"the plugin of '{self._package}' has components and does not keep secrets; it cannot be used",
                op="construct",
            )
        self._check_texts(wire.read_map(request.inputs), connection.terms)
        if not connection.terms.outputs:
            request = _without_outputs(request, request.inputs, "inputs")
        answer = await connection.call(
            "Construct", request, provider_pb2.ConstructResponse, metadata=self._metadata(connection)
        )
        self._understood("Construct", answer.state)
        return answer

    async def call(self, request: provider_pb2.CallRequest) -> provider_pb2.CallResponse:
        """Call a component's method (`contract.remote`)."""
        connection = self._ready()
        self._check_texts(wire.read_map(request.args), connection.terms)
        if not (connection.terms.outputs or connection.terms.outputs_in_call):
            request = _without_outputs(request, request.args, "args")
        answer = await connection.call("Call", request, provider_pb2.CallResponse, metadata=self._metadata(connection))
        self._understood("Call", getattr(answer, "return"))
        return answer

    async def extend(self, extension: Parameter) -> None:
        """Have the plugin serve an extension of its package (`contract.remote`)."""
        connection = self._ready()
        # Instances that share a process share what it was told.
        if extension not in connection.extensions:
            connection.extensions.add(extension)
            await connection.parameterize(extension)

    async def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await self._lessor.give_back(connection)

    async def _check(self, connection: Connection, method: str, request: CheckRequest, terms: Terms) -> CheckResponse:
        message = provider_pb2.CheckRequest(
            urn=request.urn,
            name=request.name,
            type=request.token,
            olds=self._write(request.olds or EMPTY, terms),
            news=self._write(request.news, terms),
            randomSeed=request.seed,
        )
        if terms.outputs_in_check:
            message.news.CopyFrom(output_values.with_dependencies(message.news, request.dependencies))
        warnings: tuple[str, ...] = ()
        if request.autonaming is not None and terms.names:
            message.autonaming.CopyFrom(_write_autonaming(request.autonaming))
        elif request.autonaming is not None and request.autonaming.must_be_known:
            warnings = (f"the provider of '{self._package}' does not support autonaming configuration",)
        answer = await connection.call(method, message, provider_pb2.CheckResponse, metadata=self._metadata(connection))
        failures = _failures(answer.failures)
        inputs = self._read(method, answer.inputs, request.news, terms) if answer.HasField("inputs") else request.news
        if not (request.preview or failures or values.has_unknown(request.news)):
            self._refuse_unknown(method, inputs)
        return CheckResponse(inputs=inputs, failures=failures, warnings=warnings)

    async def _diff(self, connection: Connection, method: str, request: DiffRequest, terms: Terms) -> Diff:
        answer = await connection.call(
            method,
            provider_pb2.DiffRequest(
                id=request.id,
                urn=request.urn,
                name=urns.name(request.urn),
                type=request.token,
                olds=self._write(request.outputs, terms, contents=False),
                old_inputs=self._write(request.old_inputs, terms, contents=False),
                news=self._write(request.news, terms, contents=False),
                ignoreChanges=request.ignore_changes,
            ),
            provider_pb2.DiffResponse,
            metadata=self._metadata(connection),
        )
        return _read_diff(answer)

    async def _read_object(
        self,
        connection: Connection,
        message: provider_pb2.ReadRequest,
        metadata: Metadata,
        inputs: PropertyMap,
        outputs: PropertyMap,
    ) -> ReadResponse | None:
        known = {**outputs, **inputs}
        try:
            answer = await connection.call("Read", message, provider_pb2.ReadResponse, metadata=metadata)
        except errors.PartialError as error:
            # `failures` read both from the wire.
            error.outputs = self._recalled(cast("PropertyMap", error.outputs), known)
            if error.inputs is not None:
                error.inputs = self._recalled(cast("PropertyMap", error.inputs), known)
            raise
        if not answer.id:
            return None
        if answer.id == wire.UNKNOWN_STRING:
            raise errors.ProviderError(f"the plugin of '{self._package}' answered Read with an id that is not known")
        told = self._recalled(self._understood("Read", answer.inputs), known)
        live = self._recalled(self._understood("Read", answer.properties), known)
        self._refuse_unknown("Read", told)
        self._check_known(live, answer.id)
        return ReadResponse(
            id=answer.id,
            inputs=told if answer.HasField("inputs") else inputs,
            outputs=live,
            refresh_before_update=answer.refresh_before_update,
        )

    def _recalled(self, answer: PropertyMap, known: PropertyMap) -> PropertyMap:
        """What a read answered, with what it could not give back."""
        marked = answer if self._ready().terms.secrets else echoes.with_secrets(answer, known)
        return echoes.with_contents(marked, known)

    def _read_made(self, method: str, struct: struct_pb2.Struct, given: PropertyMap, id: str) -> PropertyMap:
        """The outputs of an object that is there, if it has an id.

        Raises:
            PartialError: they cannot be recorded, or not all of them.
            ProviderError: they cannot be read, of nothing that is there.
        """
        try:
            outputs = self._read(method, struct, given)
        except errors.ProviderError as error:
            if not id:
                raise
            raise errors.PartialError(error.detail, id=id, outputs=EMPTY) from error
        if id:
            self._check_known(outputs, id)
        return outputs

    def _understood(self, method: str, struct: struct_pb2.Struct) -> PropertyMap:
        """The properties of an answer.

        Raises:
            ProviderError: they cannot be read.
        """
        try:
            return wire.read_map(struct, nulls=True)
        except ValueError as error:
            raise errors.ProviderError(
                f"the plugin of '{self._package}' answered {method} with what cannot be read: {error}"
            ) from error

    def _refuse_unknown(self, method: str, inputs: PropertyMap) -> None:
        unknown = sorted(name for name, value in inputs.items() if values.has_unknown(value))
        if unknown:
            answer = f"inputs that are not known: {', '.join(unknown)}"
            raise errors.ProviderError(f"the plugin of '{self._package}' answered {method} with {answer}")

    def _check_known(self, outputs: PropertyMap, id: str) -> None:
        """Refuse what an object cannot be recorded with.

        Raises:
            PartialError: values of it are not known, though it is there.
        """
        unknown = sorted(name for name, value in outputs.items() if values.has_unknown(value))
        if unknown:
            raise errors.PartialError(
                f"the plugin of '{self._package}' does not know what it made: {', '.join(unknown)}",
                id=id,
                outputs={name: value for name, value in outputs.items() if name not in unknown},
            )

    def _ready(self) -> Connection:
        if self._connection is None:
            raise errors.BugError("the provider was not configured")
        return self._connection

    def _metadata(self, connection: Connection) -> tuple[tuple[str, str], ...]:
        return ((INSTANCE, self._instance),) if connection.terms.extended else ()

    def _write(
        self, properties: PropertyMap, terms: Terms | None = None, *, contents: bool = True
    ) -> struct_pb2.Struct:
        terms = terms or self._ready().terms
        fitted = wire.fitted(properties, secrets=terms.secrets, references=terms.references, contents=contents)
        self._check_texts(fitted, terms)
        return wire.write_map(fitted)

    def _check_texts(self, properties: PropertyMap, terms: Terms) -> None:
        if not terms.byte_strings and codec.has_byte_string(properties):
            raise errors.PermanentError(
                f"a property holds text that is not UTF-8, which the plugin of '{self._package}' does not take",
                hint="encode it, as Base64 say",
            )

    def _read(
        self, method: str, struct: struct_pb2.Struct, given: PropertyMap, terms: Terms | None = None
    ) -> PropertyMap:
        answer = self._understood(method, struct)
        return answer if (terms or self._ready().terms).secrets else echoes.with_secrets(answer, given)


def _without_outputs(request: MessageT, properties: struct_pb2.Struct, field: str) -> MessageT:
    """The request with plain values in one of its fields, for a plugin that takes no output values."""
    changed = type(request)()
    changed.CopyFrom(request)
    getattr(changed, field).CopyFrom(output_values.plain(properties))
    return changed


def _read_diff(answer: provider_pb2.DiffResponse) -> Diff:
    detailed = {
        path: PropertyDiff(kind=_KINDS.get(item.kind, DiffKind.UPDATE), input_diff=item.inputDiff)
        for path, item in sorted(answer.detailedDiff.items())
    }
    return Diff(
        changes=_CHANGES.get(answer.changes, Changes.UNKNOWN),
        replaces=tuple(answer.replaces),
        stables=tuple(answer.stables),
        delete_before_replace=answer.deleteBeforeReplace,
        detailed=detailed if answer.hasDetailedDiff else None,
    )


def _write_views(views: Views | None) -> list[provider_pb2.View]:
    return [write_view(view) for view in views.olds] if views is not None else []


def _write_autonaming(autonaming: Autonaming) -> provider_pb2.CheckRequest.AutonamingOptions:
    options = provider_pb2.CheckRequest.AutonamingOptions
    return options(proposed_name=autonaming.name, mode=options.Mode.Value(autonaming.mode.name))


def _failures(failures: Iterable[provider_pb2.CheckFailure]) -> tuple[CheckFailure, ...]:
    return tuple(CheckFailure(failure.property, failure.reason) for failure in failures)


def _text(value: values.Value) -> str:
    """A setting as `variables` has it: text as it is, anything else as JSON, secrets opened."""
    plain = values.thaw(value)
    return plain if isinstance(plain, str) else json.dumps(plain)
