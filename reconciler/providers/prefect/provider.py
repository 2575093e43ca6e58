"""PrefectProvider: the Prefect provider, for Prefect Cloud and for a server of one's own.

Compares and previews without a call. A create looks first and refuses to take
over what somebody else made: the server's own POSTs would overwrite it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from reconciler import errors
from reconciler.catalog import index, rest, spec
from reconciler.catalog.prefect.settings import SETTINGS
from reconciler.contract import declared, protocol
from reconciler.model import urns, values
from reconciler.model.values import PropertyMap, Unknown, Value
from reconciler.providers.prefect import losses, rendering
from reconciler.providers.prefect.blocks import Blocks
from reconciler.providers.prefect.deployments import Deployments
from reconciler.providers.prefect.flows import Flows
from reconciler.providers.prefect.objects import Change, Objects, Operations
from reconciler.providers.prefect.session import Json, Session, Settings

# Config key -> the environment variable that Prefect's own client reads.
_VARIABLES: Final = {setting.field.name: setting.variable for setting in SETTINGS}
_SECRET: Final = frozenset(setting.field.name for setting in SETTINGS if setting.field.secret)


class PrefectProvider:
    """One configured provider. `environment` supplies settings that the stack's config does not."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment
        self._kinds: dict[str, rest.RestKind] = {
            token: kind for token, kind in index.kinds("prefect").items() if isinstance(kind, rest.RestKind)
        }
        self._session: Session | None = None
        self._operations: dict[str, Operations] = {}

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Validate the settings; mark the secret ones."""
        failures, inputs = [], dict(request.news)
        for name, value in request.news.items():
            if name not in _VARIABLES and name not in ("version", "pluginDownloadURL"):
                failures.append(protocol.CheckFailure(name, f"unknown setting; known are {', '.join(_VARIABLES)}"))
            if name in _SECRET and value is not None:
                inputs[name] = values.lift_secrets(values.Secret(value))
        url = values.reveal(inputs.get("apiUrl"))
        if isinstance(url, str) and urlsplit(url).scheme not in ("http", "https"):
            failures.append(
                protocol.CheckFailure("apiUrl", f"expected an address like http://host:4200/api, got {url!r}")
            )
        try:
            _headers(values.reveal(inputs.get("customHeaders")))
        except ValueError as error:
            failures.append(protocol.CheckFailure("customHeaders", str(error)))
        return protocol.CheckResponse(inputs=inputs, failures=tuple(failures))

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.Diff:
        """Another workspace of Prefect Cloud is another place; another address alone may be the same server."""
        changed = [name for name in _VARIABLES if not values.same(request.old_inputs.get(name), request.news.get(name))]
        if not changed:
            return protocol.NO_DIFF
        moved = "apiUrl" in changed and _workspace(request.old_inputs) != _workspace(request.news)
        kind = protocol.DiffKind.UPDATE_REPLACE if moved else protocol.DiffKind.UPDATE
        return protocol.Diff(
            changes=protocol.Changes.SOME,
            replaces=("apiUrl",) if moved else (),
            detailed={
                name: protocol.PropertyDiff(kind=kind if name == "apiUrl" else protocol.DiffKind.UPDATE)
                for name in changed
            },
        )

    async def configure(self, request: protocol.ConfigureRequest) -> None:
        """Take the settings; no call is made yet.

        Raises:
            ConfigureError: no server is named.
        """
        given = {
            name: values.reveal(request.inputs.get(name)) or self._environment.get(variable, "")
            for name, variable in _VARIABLES.items()
        }
        if any(values.has_unknown(value) for value in given.values()):
            # In a preview, the server may be what this very program makes.
            return
        if not given["apiUrl"]:
            raise errors.ConfigureError(
                "no Prefect server is named",
                hint="for the sandbox: `pulumi config set prefect:apiUrl http://127.0.0.1:18730/api`",
            )
        try:
            headers = _headers(given["customHeaders"])
        except ValueError as error:
            raise errors.ConfigureError(f"customHeaders: {error}") from error
        self._session = Session(
            Settings(
                api_url=str(given["apiUrl"]),
                api_key=str(given["apiKey"]),
                auth_string=str(given["apiAuthString"]),
                headers=headers,
            )
        )
        self._operations = {}

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Validate what the server does not, and complete it."""
        kind = self._kind(request.token)
        checked = declared.check(kind, request)
        if checked.failures or kind.complete is None:
            return checked
        return protocol.CheckResponse(inputs=kind.complete(checked.inputs))

    async def diff(self, request: protocol.DiffRequest) -> protocol.Diff:
        """Compare; a replacement that keeps the natural key must delete first."""
        kind = self._kind(request.token)
        found = declared.diff(kind, request)
        if not found.replaces:
            return found
        return replace(found, delete_before_replace=rendering.is_same_object(kind, request.old_inputs, request.news))

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Look, then make the object, or take it over when the program says `adopt`."""
        kind = self._kind(request.token)
        if request.preview:
            return protocol.CreateResponse(id="", outputs=declared.preview_create(kind, request.inputs))
        operations, inputs = self._on(kind), values.reveal_map(request.inputs)
        # A kind without `adopt` is taken over as a matter of course, by `make`.
        present = await operations.find(inputs) if kind.find_field(rest.ADOPT.name) is not None else None
        try:
            if present is None:
                answer = await operations.make(inputs, request.operation_id)
            else:
                answer = await self._adopt(operations, present, inputs, request)
        except errors.PartialError as error:
            # `make` knows answers only; what is recorded of one is decided here.
            outputs = rendering.outputs(kind, request.inputs, _answer(error.outputs))
            raise errors.PartialError(
                error.detail, id=error.id, outputs=outputs, reasons=error.reasons, code=error.code, hint=error.hint
            ) from error
        outputs = rendering.outputs(kind, request.inputs, answer)
        return protocol.CreateResponse(id=rendering.identity(kind, outputs), outputs=outputs)

    async def find(self, request: protocol.FindRequest) -> protocol.ReadResponse | None:
        """The object of an interrupted create: it carries the operation's mark, or is just as it was to be made."""
        kind = self._kind(request.token)
        operations, inputs = self._on(kind), values.reveal_map(request.inputs)
        try:
            answer = await operations.find(inputs)
        except errors.InvalidInputsError:
            return None
        if answer is None:
            return None
        mine = operations.is_made_by(answer, request.operation_id)
        if mine is False or (mine is None and self._differences(kind, inputs, answer)):
            return None
        return self._described(kind, request.inputs, answer)

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse | None:
        """Read the live object: by id, or by a friendly name when it is imported."""
        kind = self._kind(request.token)
        answer = await self._on(kind).fetch(request.id, values.reveal_map(request.outputs))
        return None if answer is None else self._described(kind, request.inputs, answer)

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Change what differs, then read back what the server now holds.

        Raises:
            NotFoundError: the object vanished since the diff was taken.
        """
        kind = self._kind(request.token)
        asked = protocol.DiffRequest(
            urn=request.urn, token=request.token, id=request.id, old_inputs=request.old_inputs,
            outputs=request.outputs, news=request.news, ignore_changes=request.ignore_changes,
        )  # fmt: skip
        if request.preview:
            return protocol.UpdateResponse(outputs=declared.preview_update(kind, asked))
        operations = self._on(kind)
        outputs = values.reveal_map(request.outputs)
        answer = await operations.fetch(request.id, outputs)
        if answer is None:
            # A rename that an earlier, interrupted run got through: the object goes by its new name already.
            renamed = await operations.find(values.reveal_map(request.news))
            if renamed is not None and rendering.shown(kind, renamed)[kind.uuid] == outputs.get(kind.uuid):
                answer = renamed
        if answer is None:
            raise errors.NotFoundError(
                f"the {kind.words} {request.id} is gone",
                hint="run `pulumi refresh`, which lets the next `up` make it again",
            )
        names = _roots(declared.diff(kind, asked))
        prior, wanted = values.reveal_map(request.old_inputs), values.reveal_map(request.news)
        await operations.change(Change(answer=answer, prior=prior, wanted=wanted, names=names))
        return await self._updated(operations, request.id, answer, request.news, outputs)

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Delete the object; what is gone already is fine."""
        operations = self._on(self._kind(request.token))
        outputs = values.reveal_map(request.outputs)
        answer = await operations.fetch(request.id, outputs)
        if answer is not None:
            await operations.remove(answer, outputs)

    async def foresee(self, request: protocol.DeleteRequest) -> tuple[str, ...]:
        """The deployments and runs that hang on an object."""
        kind = self._kind(request.token)
        self._on(kind)
        assert self._session is not None, "a kind has operations on a session"
        return await losses.lost_with(self._session, kind.words, values.reveal_map(request.outputs))

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """There are no functions."""
        raise errors.UnsupportedError(f"the Prefect provider has no function {request.token}")

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()

    async def _adopt(
        self, operations: Operations, present: Json, inputs: PropertyMap, request: protocol.CreateRequest
    ) -> Json:
        """Bring an object that exists to what the program wants.

        Raises:
            PermanentError: the program did not ask for that.
        """
        kind = operations.kind
        shown = rendering.outputs(kind, inputs, present)
        id = rendering.identity(kind, shown)
        mine = operations.is_made_by(present, request.operation_id)
        if not inputs.get("adopt") and not mine:
            command = urns.import_command(kind.token, request.urn, id)
            raise errors.PermanentError(
                f"a {kind.words} {_key(kind, inputs)} exists already",
                code="exists",
                hint=f"`{command}` manages it as it is; adopt=True takes it over",
            )
        names = self._differences(kind, inputs, present)
        await operations.change(Change(answer=present, prior={}, wanted=inputs, names=names))
        return await operations.fetch(id, {}) or present

    async def _updated(
        self, operations: Operations, id: str, answer: Json, news: PropertyMap, outputs: PropertyMap
    ) -> protocol.UpdateResponse:
        kind = operations.kind
        renamed = any(
            field.change is spec.Change.RENAME and not values.same(news.get(field.name), outputs.get(field.name))
            for field in kind.fields
        )
        live = await (operations.find(values.reveal_map(news)) if renamed else operations.fetch(id, outputs))
        if live is None:
            raise errors.NotFoundError(f"the {kind.words} {id} vanished during its update", hint="run `pulumi refresh`")
        recorded = rendering.outputs(kind, news, live)
        new_id = rendering.identity(kind, recorded)
        return protocol.UpdateResponse(outputs=recorded, id=new_id if new_id != id else "")

    def _described(self, kind: rest.RestKind, inputs: PropertyMap, answer: Json) -> protocol.ReadResponse:
        outputs = rendering.outputs(kind, inputs, answer)
        refreshed = declared.refreshed_inputs(kind, inputs, outputs)
        if not inputs and "flowName" in refreshed:
            # An import: one way to name the flow is enough.
            refreshed = {name: value for name, value in refreshed.items() if name != "flowId"}
        return protocol.ReadResponse(id=rendering.identity(kind, outputs), inputs=refreshed, outputs=outputs)

    def _differences(self, kind: rest.RestKind, inputs: PropertyMap, answer: Json) -> tuple[str, ...]:
        """Names of inputs that the live object does not have as they are wanted."""
        live = rendering.outputs(kind, inputs, answer)
        request = protocol.DiffRequest(urn="", token=kind.token, id="", old_inputs=live, outputs=live, news=inputs)
        return _roots(declared.diff(kind, request))

    def _kind(self, token: str) -> rest.RestKind:
        kind = self._kinds.get(token)
        if kind is None:
            raise errors.UnsupportedError(f"the Prefect provider has no resource {token}")
        return kind

    def _on(self, kind: rest.RestKind) -> Operations:
        """The operations of a kind on the configured server."""
        session = self._session
        if session is None:
            raise errors.ConfigureError(
                "no Prefect server is configured", hint="`pulumi config set prefect:apiUrl …`, or PREFECT_API_URL"
            )
        if not self._operations:
            flow, deployment, block = (
                self._kind(f"prefect:index/{name[0].lower()}{name[1:]}:{name}")
                for name in ("Flow", "Deployment", "Block")
            )
            flows = Flows(flow, session)
            special: tuple[Operations, ...] = (flows, Deployments(deployment, session, flows), Blocks(block, session))
            self._operations = {operations.kind.token: operations for operations in special}
        return self._operations.setdefault(kind.token, Objects(kind, session))


def _roots(diff: protocol.Diff) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.replace("[", ".").split(".")[0] for path in diff.detailed or {}))


def _key(kind: rest.RestKind, inputs: PropertyMap) -> str:
    return "/".join(str(inputs[name]) for name in kind.key if inputs.get(name) is not None)


def _answer(value: object) -> Json:
    assert isinstance(value, Mapping)
    return value


def _headers(text: Value) -> dict[str, str]:
    """Custom headers from JSON text.

    Raises:
        ValueError: it is not an object of strings.
    """
    if not text or isinstance(text, Unknown):
        return {}
    try:
        given = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        given = None
    if not isinstance(given, Mapping):
        # One error for text that is no JSON and for JSON that is no object.
        raise ValueError('expected a JSON object like {"x-header": "value"}')  # noqa: TRY004 text from config is a value, not a type
    return {str(name): str(value) for name, value in given.items()}


def _workspace(inputs: PropertyMap) -> str:
    """The account and workspace in an address of Prefect Cloud; "" for a server of one's own."""
    url = values.reveal(inputs.get("apiUrl"))
    path = urlsplit(url).path if isinstance(url, str) else ""
    return path if "/workspaces/" in path else ""
