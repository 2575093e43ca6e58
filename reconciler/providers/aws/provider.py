"""The AWS provider: the engine's requests, carried out for the declared kinds.

Check, diff and previews follow from declarations and make no call. What a kind
does to AWS is its course of calls; this module says when each course runs and
what its outcome means.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable

from reconciler import errors
from reconciler.catalog import index, spec
from reconciler.catalog.calls import CallFunction, CallKind, Task
from reconciler.contract import declared
from reconciler.contract.protocol import (
    NO_DIFF,
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
    PropertyDiff,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)
from reconciler.model import diffs, values
from reconciler.model.values import PropertyMap
from reconciler.providers.aws import courses, settings, shapes
from reconciler.providers.aws.session import Session
from reconciler.providers.aws.settings import Settings

# A new object may take a while to show up everywhere.
_APPEARS_S = 60.0


class AwsProvider:
    """One configured provider. Connects with the first call that needs it."""

    def __init__(self) -> None:
        self._kinds = {token: kind for token, kind in index.kinds("aws").items() if isinstance(kind, CallKind)}
        self._functions = {
            token: function for token, function in index.functions("aws").items() if isinstance(function, CallFunction)
        }
        self._settings = Settings()
        self._session = Session(self._settings)

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        """Refuse settings that the provider does not have."""
        return CheckResponse(inputs=request.news, failures=settings.violations(request.news))

    async def diff_config(self, request: DiffRequest) -> Diff:
        """Name the changed settings. None of them replaces resources: each compares its own region."""
        changed = diffs.of_maps(request.old_inputs, request.news)
        if not changed:
            return NO_DIFF
        detailed = {path: PropertyDiff(kind=DiffKind(verb), input_diff=True) for path, verb in changed.items()}
        return Diff(changes=Changes.SOME, detailed=detailed)

    async def configure(self, request: ConfigureRequest) -> None:
        """Take the settings; ask the profile for a region only when nothing else names one.

        Raises:
            ConfigureError: no region is known.
        """
        found = settings.parse(request.inputs, os.environ)
        self._session.close()
        self._settings, self._session = found, Session(found)
        if not found.region and not values.has_unknown(request.inputs.get("region")):
            region = await self._session.find_region()
            if not region:
                raise errors.ConfigureError(
                    "no region is set", hint="run `pulumi config set aws:region us-east-1`, or set AWS_REGION"
                )
            self._settings = settings.parse({**request.inputs, "region": region}, os.environ)

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Validate inputs and add a generated name."""
        kind = self._kind(request.token)
        lacking = tuple(name for name in kind.elsewhere if request.news.get(name) is not None)
        if lacking:
            taken = ", ".join(field.name for field in kind.fields)
            reason = f"is not supported by this provider yet; {kind.token} takes {taken}"
            return CheckResponse(inputs=request.news, failures=tuple(CheckFailure(name, reason) for name in lacking))
        return declared.check(kind, request)

    async def diff(self, request: DiffRequest) -> Diff:
        """Compare what the program wants with what was last seen."""
        return shapes.diff(self._kind(request.token), self._settings, request)

    async def create(self, request: CreateRequest) -> CreateResponse:
        """Make an object, take it to what the program wants, and read it back.

        Raises:
            PartialError: it was made, and a later call failed.
            AmbiguousError: the call got no answer, and the object is not to be found.
        """
        kind = self._kind(request.token)
        if request.preview:
            shown = shapes.preview(kind, self._settings, request.inputs, declared.preview_create(kind, request.inputs))
            return CreateResponse(id="", outputs=shown)
        task = shapes.creation(kind, self._settings, request.inputs, request.operation_id)
        try:
            id = await courses.follow(kind.make(task), self._session, task.region, request.timeout_s)
        except errors.AmbiguousError:
            id = await self._found(kind, task)
            if not id:
                raise
        task = shapes.completion(kind, task, id)
        try:
            live = await self._completed(kind, task, request.timeout_s)
        except errors.ProviderError as error:
            raise errors.PartialError(
                error.detail, id=id, outputs=dict(request.inputs), code=error.code, hint=error.hint
            ) from error
        return CreateResponse(id=id, outputs=shapes.outputs(kind, request.inputs, live))

    async def find(self, request: FindRequest) -> ReadResponse | None:
        """Find what an interrupted creation made, by its mark alone, and complete it."""
        kind = self._kind(request.token)
        task = shapes.creation(kind, self._settings, request.inputs, request.operation_id)
        id = await self._found(kind, task)
        if not id:
            return None
        live = await self._completed(kind, shapes.completion(kind, task, id), 0.0)
        return ReadResponse(id=id, inputs=request.inputs, outputs=shapes.outputs(kind, request.inputs, live))

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        """Read the live object; without recorded inputs, as an import."""
        kind = self._kind(request.token)
        task = shapes.existing(kind, self._settings, request.id, inputs=request.inputs, outputs=request.outputs)
        live = await self._live(kind, task)
        if live is None:
            return None
        if request.inputs:
            inputs = declared.refreshed_inputs(kind, request.inputs, live)
        else:
            inputs = shapes.imported_inputs(kind, self._settings, live)
        return ReadResponse(id=request.id, inputs=inputs, outputs=shapes.outputs(kind, inputs, live))

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        """Change the object in place and read it back.

        Raises:
            NotFoundError: the object is gone.
        """
        kind = self._kind(request.token)
        asked = DiffRequest(
            urn=request.urn,
            token=request.token,
            id=request.id,
            old_inputs=request.old_inputs,
            outputs=request.outputs,
            news=request.news,
            ignore_changes=request.ignore_changes,
        )
        if request.preview:
            shown = declared.preview_update(kind, shapes.settled(kind, self._settings, asked))
            return UpdateResponse(outputs=shapes.preview(kind, self._settings, request.news, shown))
        wanted = shapes.settled(kind, self._settings, asked).news
        task = shapes.existing(
            kind,
            self._settings,
            request.id,
            inputs=wanted,
            outputs=request.outputs,
            prior=request.old_inputs,
            changed=shapes.changed_names(kind, shapes.diff(kind, self._settings, asked), wanted),
        )
        if kind.complete is not None and shapes.is_half_made(kind, request.outputs):
            unfinished = shapes.completion(kind, task, request.id)
            await courses.follow(kind.complete(unfinished), self._session, task.region, request.timeout_s)
        if kind.update is not None:
            await courses.follow(kind.update(task), self._session, task.region, request.timeout_s)
        live = await self._live(kind, task)
        if live is None:
            raise errors.NotFoundError(f"{request.id} is gone", hint="run `pulumi refresh`, then `pulumi up`")
        return UpdateResponse(outputs=shapes.outputs(kind, request.news, live))

    async def delete(self, request: DeleteRequest) -> None:
        """Delete the object; one that is gone is deleted."""
        kind = self._kind(request.token)
        task = shapes.existing(kind, self._settings, request.id, inputs=request.inputs, outputs=request.outputs)
        await courses.follow(kind.delete(task), self._session, task.region, request.timeout_s)

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        """Call a function."""
        function = self._functions.get(request.token)
        if function is None:
            raise _unknown("function", request.token, self._functions)
        args = {name: value for name, value in request.args.items() if value is not None}
        failures = tuple(
            CheckFailure(path, reason) for path, reason in declared.problems(spec.Block(function.arguments), args, "")
        )
        if failures:
            return InvokeResponse(result={}, failures=failures)
        opened = values.reveal_map(args)
        given = opened.get("region")
        region = given if isinstance(given, str) and given else self._settings.region
        result = await courses.follow(function.run(Task(inputs=opened, region=region)), self._session, region)
        return InvokeResponse(result={name: value for name, value in result.items() if value is not None})

    async def close(self) -> None:
        """Let go of connections and threads."""
        self._session.close()

    async def _found(self, kind: CallKind, task: Task) -> str:
        if kind.find is None or not task.operation:
            return ""
        return await courses.follow(kind.find(task), self._session, task.region)

    async def _completed(self, kind: CallKind, task: Task, timeout_s: float) -> PropertyMap:
        if kind.complete is not None:
            await courses.follow(kind.complete(task), self._session, task.region, timeout_s)
        live = await courses.appear(lambda: self._live(kind, task), within_s=timeout_s or _APPEARS_S)
        if live is None:
            raise errors.TransientError(f"{task.id} was made but is not to be seen yet", code="NotVisible")
        return live

    async def _live(self, kind: CallKind, task: Task) -> PropertyMap | None:
        raw = await courses.follow(kind.read(task), self._session, task.region)
        return None if raw is None else shapes.live_values(self._settings, kind, task, raw)

    def _kind(self, token: str) -> CallKind:
        kind = self._kinds.get(token)
        if kind is None:
            raise _unknown("resource kind", token, self._kinds)
        return kind


def _unknown(sort: str, token: str, known: Iterable[str]) -> errors.UnsupportedError:
    names = {name.rpartition(":")[2]: name for name in sorted(known)}
    near = difflib.get_close_matches(token.rpartition(":")[2], names, n=1)
    hint = (f"did you mean {names[near[0]]}? " if near else "") + f"available: {', '.join(names.values())}"
    return errors.UnsupportedError(f"the AWS provider has no {sort} {token}", hint=hint)
