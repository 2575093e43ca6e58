"""A small service with a provider of its own, to drive the engine with: objects in memory, faults on demand.

The provider keeps the whole contract: it finds what an interrupted create made,
reads live objects, renames in place. The service outlives engine runs, as a
cloud does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler import errors
from reconciler.catalog import spec
from reconciler.contract import declared
from reconciler.contract.protocol import (
    CheckRequest,
    CheckResponse,
    ConfigureRequest,
    CreateRequest,
    CreateResponse,
    DeleteRequest,
    Diff,
    DiffRequest,
    FindRequest,
    InvokeRequest,
    InvokeResponse,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)
from reconciler.model import values

THING = spec.Kind(
    token="test:index:Thing",
    fields=(
        spec.Field("size", spec.Integer()),
        spec.Field("tags", spec.MapOf(spec.TEXT)),
        spec.Field("zone", spec.TEXT, change=spec.Change.REPLACE),
        spec.Field("source", spec.TEXT),
        spec.Field("password", spec.TEXT),
        spec.Field("fault", spec.TEXT, shown_as=None, can_unset=False, same=lambda _a, _b: True),
    ),
    outputs=(spec.Output("serial"), spec.Output("echo", follows=("size",))),
)
UNIQUE = spec.Kind(
    token="test:index:Unique",
    fields=(*THING.fields, spec.Field("name", spec.TEXT, required=True, change=spec.Change.REPLACE)),
    outputs=THING.outputs,
    delete_first=True,
)
NAMED = spec.Kind(
    token="test:index:Named",
    fields=(*THING.fields, spec.Field("name", spec.TEXT, change=spec.Change.REPLACE)),
    outputs=THING.outputs,
    autoname=spec.AutoName(max_length=20, lower=True),
)
KINDS = {kind.token: kind for kind in (THING, UNIQUE, NAMED)}


@dataclass
class Service:
    """What exists, and every call that was made."""

    objects: dict[str, dict[str, object]] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    serial: int = 0
    delay_s: float = 0.0
    refuses: str = ""
    spelled: dict[str, str] = field(default_factory=dict)
    """Another form of an id, as an import may take it -> the id."""
    faults: dict[str, str] = field(default_factory=dict)
    """"<verb> <name>" of a call that is refused -> the words of the refusal."""
    when: dict[str, Callable[[], None]] = field(default_factory=dict)
    """"<verb> <name>" of a call -> what happens as it goes out."""
    after: dict[str, str] = field(default_factory=dict)
    """"<verb> <name>" of a call -> "begin <verb> <name>" or "end <verb> <name>" of another, which it waits for."""
    course: list[str] = field(default_factory=list)
    """Begin and end of every call."""
    asked: list[object] = field(default_factory=list)
    """Every request of a check, diff, create, read, update and delete, as the provider got it."""
    busiest: int = 0
    under_way: int = 0

    def make(self, operation_id: str, inputs: dict[str, object]) -> str:
        name = inputs.get("name")
        if name is not None and any(item.get("name") == name for item in self.objects.values()):
            raise errors.PermanentError(f"{name} exists", code="exists")
        self.serial += 1
        id = f"id-{self.serial}"
        self.objects[id] = {**inputs, "serial": self.serial}
        self.operations[operation_id] = id
        return id


class ServiceProvider:
    """The provider of package `test`."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.settings: dict[str, object] = {}

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        return CheckResponse(inputs=request.news)

    async def diff_config(self, request: DiffRequest) -> Diff:
        # A secret of the same text is the same account.
        moved = values.reveal(request.old_inputs.get("account")) != values.reveal(request.news.get("account"))
        return Diff(replaces=("account",) if moved else ())

    async def configure(self, request: ConfigureRequest) -> None:
        self.settings = dict(request.inputs)
        if request.inputs.get("refuse") or (
            self.service.refuses and self.service.refuses == request.inputs.get("account")
        ):
            raise errors.ConfigureError("these settings are refused")

    async def check(self, request: CheckRequest) -> CheckResponse:
        self.service.asked.append(request)
        return declared.check(KINDS[request.token], request)

    async def diff(self, request: DiffRequest) -> Diff:
        self.service.asked.append(request)
        if request.news.get("fault") == "no diff":
            raise errors.PermanentError("diff is refused", code="refused")
        if request.news.get("fault") == "cannot tell":
            return Diff()
        return declared.diff(KINDS[request.token], request)

    async def create(self, request: CreateRequest) -> CreateResponse:
        self.service.asked.append(request)
        kind = KINDS[request.token]
        if request.preview:
            return CreateResponse(id="", outputs=declared.preview_create(kind, request.inputs))
        inputs = _plain(request.inputs)
        await self._called("create", request.urn, inputs)
        id = self.service.make(request.operation_id, inputs)
        if inputs.get("fault") == "lost answer":
            raise errors.AmbiguousError("the answer was lost")
        if inputs.get("fault") == "half made":
            raise errors.PartialError("half made", id=id, outputs=self._outputs(id), reasons=("half made",))
        if inputs.get("fault") == "no id":
            return CreateResponse(id="", outputs=self._outputs(id))
        return CreateResponse(id=id, outputs=self._outputs(id))

    async def find(self, request: FindRequest) -> ReadResponse | None:
        self.service.calls.append(("find", request.urn))
        id = self.service.operations.get(request.operation_id)
        if id is None or id not in self.service.objects:
            return None
        return ReadResponse(id=id, inputs=request.inputs, outputs=self._outputs(id))

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        self.service.asked.append(request)
        await self._called("read", request.urn, {})
        id = self.service.spelled.get(request.id, request.id)
        if id not in self.service.objects:
            return None
        outputs = values.freeze_map(self._outputs(id))
        if self.service.objects[id].get("fault") == "half read":
            raise errors.PartialError("half read", id=id, outputs=outputs, reasons=("half read",))
        inputs = declared.refreshed_inputs(KINDS[request.token], request.inputs, outputs)
        return ReadResponse(id=id, inputs=inputs, outputs=outputs)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        self.service.asked.append(request)
        if request.preview:
            diff_request = DiffRequest(
                urn=request.urn,
                token=request.token,
                id=request.id,
                old_inputs=request.old_inputs,
                outputs=request.outputs,
                news=request.news,
            )
            return UpdateResponse(outputs=declared.preview_update(KINDS[request.token], diff_request))
        inputs = _plain(request.news)
        await self._called("update", request.urn, inputs)
        kept = {name: self.service.objects[request.id][name] for name in ("serial",)}
        self.service.objects[request.id] = {**inputs, **kept}
        if inputs.get("fault") == "half updated":
            raise errors.PartialError(
                "half updated", id=request.id, outputs=self._outputs(request.id), reasons=("half updated",)
            )
        return UpdateResponse(outputs=self._outputs(request.id))

    async def delete(self, request: DeleteRequest) -> None:
        self.service.asked.append(request)
        await self._called("delete", request.urn, {})
        if request.inputs.get("fault") == "cannot delete":
            raise errors.PermanentError("cannot be deleted")
        self.service.objects.pop(request.id, None)

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        self.service.calls.append(("invoke", request.token))
        settings = {"account": "default", **self.settings}
        told = {name: settings[name] for name in ("account", "label") if name in settings}
        return InvokeResponse(result={**told, **request.args})

    async def close(self) -> None:
        return None

    def _outputs(self, id: str) -> dict[str, object]:
        found = self.service.objects[id]
        return {**found, "echo": f"size is {found.get('size')}"}

    async def _called(self, verb: str, urn: str, inputs: dict[str, object]) -> None:
        self.service.calls.append((verb, urn.rsplit("::", 1)[-1]))
        self.service.under_way += 1
        self.service.busiest = max(self.service.busiest, self.service.under_way)
        call = f"{verb} {urn.rsplit('::', 1)[-1]}"
        self.service.when.get(call, _nothing)()
        self.service.course.append(f"begin {call}")
        await asyncio.sleep(self.service.delay_s)
        while (other := self.service.after.get(call)) is not None and other not in self.service.course:  # noqa: ASYNC110  # whoever adds to the list is in this loop
            await asyncio.sleep(0.001)
        self.service.course.append(f"end {call}")
        self.service.under_way -= 1
        refusal = self.service.faults.get(call)
        if refusal is not None:
            raise errors.PermanentError(refusal, code="refused")
        if inputs.get("fault") == f"no {verb}":
            raise errors.PermanentError(f"{verb} is refused", code="refused")
        if inputs.get("fault") == f"bug in {verb}":
            raise RuntimeError("a provider's bug")


def _nothing() -> None:
    return None


def _plain(inputs: values.PropertyMap) -> dict[str, object]:
    plain = values.thaw(inputs)
    assert isinstance(plain, dict)
    return plain
