"""The service with what was done to it, and its provider, which fails as a case says."""

from __future__ import annotations

from dataclasses import dataclass, field

from service import Service, ServiceProvider

from reconciler import errors
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
    Origin,
    ReadRequest,
    ReadResponse,
    UpdateRequest,
    UpdateResponse,
)
from reconciler.model import urns, values

STRANGERS = ("stranger-1", "stranger-2", "stranger-3")
"""Objects that are nobody's in this stack; the number of each is its size."""


@dataclass(frozen=True)
class Change:
    """A call that changed, or was to change, an object."""

    verb: str
    urn: str
    id: str


@dataclass
class Inventory(Service):
    """The service, with what was done to it and what it is to do wrong."""

    account: str = ""
    accounts: dict[str, str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)

    def make(self, operation_id: str, inputs: dict[str, object]) -> str:
        """As the service does; names are unique in their account only."""
        others = {id: item for id, item in self.objects.items() if self.accounts.get(id, "") == self.account}
        everything, self.objects = self.objects, others
        try:
            id = super().make(operation_id, inputs)
            self.accounts[id] = self.account
        finally:
            self.objects = {**everything, **others}
        return id


class FaultyProvider(ServiceProvider):
    """The service's provider, which fails as the case says."""

    service: Inventory

    async def configure(self, request: ConfigureRequest) -> None:
        self._strike("configure", request.urn)
        await super().configure(request)

    async def check(self, request: CheckRequest) -> CheckResponse:
        self._strike("check", request.urn)
        return await super().check(request)

    async def diff(self, request: DiffRequest) -> Diff:
        self._strike("diff", request.urn)
        return await super().diff(request)

    async def create(self, request: CreateRequest) -> CreateResponse:
        if request.preview:
            return await super().create(request)
        how = self._strike("create", request.urn)
        self.service.account = str(values.reveal(self.settings.get("account", "")))
        made = await super().create(request)
        self.service.changes.append(Change("create", request.urn, made.id))
        self._strike_after(how, made.id)
        return made

    async def find(self, request: FindRequest) -> ReadResponse | None:
        self._strike("find", request.urn)
        return await super().find(request)

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        self._strike("read", request.urn)
        return await super().read(request)

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        if request.preview:
            return await super().update(request)
        how = self._strike("update", request.urn)
        self.service.changes.append(Change("update", request.urn, request.id))
        if request.id not in self.service.objects:
            raise errors.NotFoundError("there is no such object", urn=request.urn, op="update")
        response = await super().update(request)
        self._strike_after(how, request.id)
        return response

    async def delete(self, request: DeleteRequest) -> None:
        how = self._strike("delete", request.urn)
        self.service.changes.append(Change("delete", request.urn, request.id))
        await super().delete(request)
        self._strike_after("lost" if how == "partial" else how, request.id)

    def _strike(self, verb: str, urn: str) -> str:
        how = self.service.faults.get((verb, urns.name(urn)), "")
        if how == "refused":
            raise errors.PermanentError(f"{verb} is refused", code="refused")
        if how == "bug":
            raise RuntimeError("a provider's bug")
        return how

    def _strike_after(self, how: str, id: str) -> None:
        if how == "lost":
            raise errors.AmbiguousError("the answer was lost")
        if how == "partial":
            raise errors.PartialError("it did not come up", id=id, outputs=self._outputs(id), reasons=("not up",))


class Factories:
    """Makes the providers of one world."""

    def __init__(self, service: Inventory) -> None:
        self.service = service

    def create(self, origin: Origin) -> FaultyProvider:
        return FaultyProvider(self.service)

    async def cancel(self) -> None:
        return None

    async def close(self) -> None:
        return None
