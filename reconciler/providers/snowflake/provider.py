"""The Snowflake provider: what the engine asks, answered from the catalogue, statements and a session.

Check, diff and previews make no call and open no connection. Reads of one
sweep share one SHOW per kind; after a write only the object itself is read.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Mapping, Sequence

from reconciler import errors
from reconciler.catalog import index, sql, sqltext
from reconciler.catalog.snowflake.functions import FUNCTIONS
from reconciler.contract import declared, protocol
from reconciler.model import urns, values
from reconciler.model.values import PropertyMap, Secret, Value
from reconciler.providers.snowflake import losses, readings, settings, statements
from reconciler.providers.snowflake.error_codes import EXISTS
from reconciler.providers.snowflake.session import Session


class SnowflakeProvider:
    """One configured connection to one account in one role."""

    def __init__(self) -> None:
        self._kinds = {token: kind for token, kind in index.kinds("snowflake").items() if isinstance(kind, sql.SqlKind)}
        self._functions = {function.token: function for function in FUNCTIONS}
        self._session: Session | None = None

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Mark secret settings; refuse malformed ones, and names that the public SDK does not have."""
        inputs = {
            name: Secret(value) if name in settings.SECRET and not isinstance(value, Secret) else value
            for name, value in request.news.items()
        }
        return protocol.CheckResponse(inputs=inputs, failures=settings.problems(inputs))

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.Diff:
        """Another account needs new resources; another user, role or key does not."""
        replaces = settings.moved(request.old_inputs, request.news)
        changed = any(
            not values.same(request.old_inputs.get(name), request.news.get(name))
            for name in {*request.old_inputs, *request.news}
        )
        return protocol.Diff(changes=protocol.Changes.SOME if changed else protocol.Changes.NONE, replaces=replaces)

    async def configure(self, request: protocol.ConfigureRequest) -> None:
        """Take the settings; the first statement connects."""
        await self.close()
        self._session = Session(settings.parse(request.inputs, os.environ))

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Validate inputs against the kind's fields and generate a missing name."""
        return declared.check(self._kind(request.token), request)

    async def diff(self, request: protocol.DiffRequest) -> protocol.Diff:
        """Compare wanted with live values as the kind's fields say."""
        return declared.diff(self._kind(request.token), request)

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Create one object, then read what Snowflake made of it.

        Raises:
            PartialError: it exists, and a statement after CREATE failed.
        """
        kind = self._kind(request.token)
        if request.preview:
            told = declared.preview_create(kind, request.inputs)
            return protocol.CreateResponse(id="", outputs=readings.preview(kind, {}, frozenset(), told))
        inputs = values.reveal_map(request.inputs)
        id = statements.identify(kind, inputs) or request.operation_id or uuid.uuid4().hex
        for position, statement in enumerate(statements.create(kind, inputs)):
            try:
                await self._execute(kind, statement, request.inputs)
            except (errors.PermanentError, errors.TransientError, errors.NotFoundError) as error:
                if position == 0:
                    if error.code == EXISTS and id:
                        error.hint = f"`{urns.import_command(kind.token, request.urn, id)}` manages it as it is"
                    raise
                raise errors.PartialError(
                    error.detail, id=id, outputs=request.inputs, code=error.code, hint=error.hint
                ) from error
        try:
            return protocol.CreateResponse(id=id, outputs=await self._written(kind, id, request.inputs))
        except errors.ProviderError as error:
            # It exists: an error without its id would have it forgotten.
            raise errors.PartialError(error.detail, id=id, outputs=request.inputs, code=error.code) from error

    async def find(self, request: protocol.FindRequest) -> protocol.ReadResponse | None:
        """Look for the object under the name that the inputs give it.

        Raises:
            AmbiguousError: nothing in Snowflake tells whether a statement of the user's own ran.
        """
        kind = self._kind(request.token)
        id = statements.identify(kind, values.reveal_map(request.inputs))
        if not id:
            raise errors.AmbiguousError(
                "nothing in Snowflake tells whether the interrupted statement ran",
                hint="look for its effect; if there is none, clear the pending create with `pulumi refresh`",
            )
        return await self.read(protocol.ReadRequest(urn=request.urn, token=request.token, id=id, inputs=request.inputs))

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse | None:
        """Read one object; None when it is gone. Without inputs it is an import."""
        kind = self._kind(request.token)
        if kind.oddity is not None:
            return await self._read_oddity(kind.oddity, kind, request)
        names = _names(kind, request.id)
        observation = await self._observe(kind, names, request.inputs)
        if observation is None:
            return None
        live = readings.live_inputs(kind, names, observation)
        inputs = declared.refreshed_inputs(kind, request.inputs, live)
        inputs = inputs if request.inputs else readings.without_defaults(kind, inputs, live)
        told = readings.outputs(kind, inputs, live, observation)
        return protocol.ReadResponse(
            id=request.id, inputs=inputs, outputs=readings.keep_stable(kind, request.outputs, told)
        )

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Alter one object in place, then read back what Snowflake now holds.

        Raises:
            NotFoundError: the object vanished since the diff was taken.
            TransientError: nothing happened; safe to run again, since each ALTER
                names the value wanted rather than a change to it.
        """
        kind = self._kind(request.token)
        compared = protocol.DiffRequest(
            urn=request.urn,
            token=request.token,
            id=request.id,
            old_inputs=request.old_inputs,
            outputs=request.outputs,
            news=request.news,
        )
        self._refuse(kind, request)
        changed = declared.changed_fields(kind, compared)
        if request.preview:
            told = declared.preview_update(kind, compared)
            return protocol.UpdateResponse(outputs=readings.preview(kind, request.outputs, changed, told))
        live = values.reveal_map({**request.old_inputs, **_shown(kind, request.outputs)})
        news = values.reveal_map(request.news)
        id = statements.identify_again(kind, request.id, news)
        try:
            for statement in statements.update(kind, request.id, live, news, changed):
                await self._execute(kind, statement, request.news)
        except errors.NotFoundError:
            if kind.oddity is not None or id == request.id or not await self._exists(kind, id):
                raise
            # An earlier run renamed it and died before that was written down.
            for statement in statements.update(kind, id, live, news, changed):
                await self._execute(kind, statement, request.news)
        outputs = await self._written(kind, id, request.news)
        return protocol.UpdateResponse(outputs=outputs, id=id if id != request.id else "")

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Drop or revoke one object; what is gone already is no error."""
        kind = self._kind(request.token)
        for statement in statements.delete(kind, request.id, values.reveal_map(request.inputs)):
            await self._execute(kind, statement, request.inputs)

    async def foresee(self, request: protocol.DeleteRequest) -> tuple[str, ...]:
        """The rows, tables and grants that are lost with an object."""
        kind = self._kind(request.token)
        if kind.oddity is not None:
            return ()
        return await losses.lost_with(self._connected(), kind, _names(kind, request.id))

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """Call a function (data source)."""
        function = self._functions.get(request.token)
        if function is None:
            raise self._unknown(request.token, self._functions)
        rows = await self._connected().fetch_remembered(function.query)
        return protocol.InvokeResponse(result=function.result(rows[0]))

    async def close(self) -> None:
        """Close the session, if there is one."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _exists(self, kind: sql.SqlKind, id: str) -> bool:
        parts = statements.name_parts(kind, statements.parse_id(kind, id))
        return await self._find_row(self._connected(), kind, parts) is not None

    async def _written(self, kind: sql.SqlKind, id: str, inputs: PropertyMap) -> Mapping[str, object]:
        """Outputs right after a write: one SHOW of the object alone, DESCRIBE where outputs come from it."""
        if kind.oddity is not None:
            observed = await self._observe_oddity(kind.oddity, inputs) if kind.outputs else {}
            return {**inputs, **(observed or {})}
        names = statements.parse_id(kind, id)
        parts = statements.name_parts(kind, names)
        session = self._connected()
        row = readings.find_row(parts, await session.fetch(statements.show_one(kind, parts)))
        if row is None:
            raise errors.NotFoundError(f"{id} is not listed by SHOW after it was written")
        described: sql.Rows = ()
        if kind.describe is not None and statements.describes(kind, inputs):
            described = await session.fetch(statements.describe(kind, sqltext.qualified(*parts)))
        observation = sql.Observation(row=row, described=described)
        return readings.outputs(kind, inputs, readings.live_inputs(kind, names, observation), observation)

    async def _observe(self, kind: sql.SqlKind, names: PropertyMap, inputs: PropertyMap) -> sql.Observation | None:
        """Everything that a read needs of one object; None when it, or a container of it, is gone."""
        parts = statements.name_parts(kind, names)
        session = self._connected()
        try:
            row = await self._find_row(session, kind, parts)
            if row is None:
                return None
            name = sqltext.qualified(*parts)
            described, parameters = await asyncio.gather(
                _none_unless(statements.describes(kind, inputs), session, statements.describe(kind, name)),
                _none_unless(statements.has_parameters(kind, inputs), session, statements.show_parameters(kind, name)),
            )
        except errors.NotFoundError:
            return None
        return sql.Observation(row=row, described=described, parameters=parameters)

    async def _find_row(self, session: Session, kind: sql.SqlKind, parts: tuple[str, ...]) -> sql.Row | None:
        rows = await session.fetch_remembered(statements.show_all(kind, parts))
        row = readings.find_row(parts, rows)
        if row is not None:
            return row
        # A list may be cut off, or hide what the role may see by name only: ask for the one before it counts as gone.
        return readings.find_row(parts, await session.fetch(statements.show_one(kind, parts)))

    async def _read_oddity(
        self, oddity: sql.Oddity, kind: sql.SqlKind, request: protocol.ReadRequest
    ) -> protocol.ReadResponse | None:
        inputs = request.inputs or _names(kind, request.id)
        observed = await self._observe_oddity(oddity, inputs)
        if observed is None:
            return None
        fields = {name: value for name, value in observed.items() if kind.find_field(name) is not None}
        refreshed = declared.refreshed_inputs(kind, inputs, fields)
        return protocol.ReadResponse(id=request.id, inputs=refreshed, outputs={**observed, **refreshed})

    async def _observe_oddity(self, oddity: sql.Oddity, inputs: PropertyMap) -> PropertyMap | None:
        session = self._connected()
        revealed = values.reveal_map(inputs)
        results: dict[str, sql.Rows | None] = {}
        for query in oddity.queries(revealed):
            try:
                results[query] = await session.fetch_remembered(query)
            except errors.NotFoundError:
                results[query] = None
        return oddity.observe(revealed, results)

    async def _execute(self, kind: sql.SqlKind, statement: sql.Statement, inputs: PropertyMap) -> None:
        session = self._connected()
        run = session.execute_apart if kind.runs_own_text else session.execute
        await run(statement, _secrets(inputs))

    def _refuse(self, kind: sql.SqlKind, request: protocol.UpdateRequest) -> None:
        for field in kind.properties():
            wanted = values.reveal(request.news.get(field.name))
            if field.refuses is None or values.has_unknown(wanted):
                continue
            live = values.reveal(request.outputs.get(field.name, request.old_inputs.get(field.name)))
            reason = field.refuses(live, wanted)
            if reason:
                raise errors.PermanentError(
                    reason,
                    hint=f"add what is new beside it, or make the object anew with replaceOnChanges {field.name!r}",
                )

    def _kind(self, token: str) -> sql.SqlKind:
        kind = self._kinds.get(token)
        if kind is None:
            raise self._unknown(token, self._kinds)
        return kind

    def _unknown(self, token: str, known: Mapping[str, object]) -> errors.ProviderError:
        names = ", ".join(sorted(name.rpartition(":")[2] for name in known))
        return errors.UnsupportedError(f"the Snowflake provider has no {token}", hint=f"available: {names}")

    def _connected(self) -> Session:
        if self._session is None:
            raise errors.BugError("the Snowflake provider was used before it was configured")
        return self._session


def _names(kind: sql.SqlKind, id: str) -> PropertyMap:
    """The inputs that an id implies.

    Raises:
        PermanentError: it is not an id of the kind.
    """
    try:
        return statements.parse_id(kind, id)
    except ValueError as error:
        raise errors.PermanentError(str(error)) from error


async def _none_unless(wanted: bool, session: Session, query: str) -> sql.Rows:
    return await session.fetch(query) if wanted else ()


def _shown(kind: sql.SqlKind, outputs: PropertyMap) -> PropertyMap:
    """The live values among outputs, by input name."""
    names = {field.name for field in kind.properties() if field.shown_as is not None}
    return {name: value for name, value in outputs.items() if name in names}


def _secrets(inputs: PropertyMap) -> Sequence[str]:
    """Every text inside a secret of the inputs."""
    found: list[str] = []
    for value in inputs.values():
        for part in values.walk(value):
            if isinstance(part, Secret):
                found += [str(inner) for inner in values.walk(part.value) if _is_scalar(inner)]
    return tuple(found)


def _is_scalar(value: Value) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)
