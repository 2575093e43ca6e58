"""The provider of a preview whose settings are not known yet: nothing is called, everything is unknown."""

from __future__ import annotations

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


class UnconfiguredProvider:
    """Takes every input as it is and leaves every output out."""

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        return CheckResponse(inputs=request.news)

    async def diff_config(self, request: DiffRequest) -> Diff:
        return Diff()

    async def configure(self, request: ConfigureRequest) -> None:
        return None

    async def check(self, request: CheckRequest) -> CheckResponse:
        return CheckResponse(inputs=request.news)

    async def diff(self, request: DiffRequest) -> Diff:
        return Diff()

    async def create(self, request: CreateRequest) -> CreateResponse:
        return CreateResponse(id="")

    async def find(self, request: FindRequest) -> ReadResponse | None:
        return None

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        return ReadResponse(id=request.id, inputs=request.inputs, outputs={})

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        return UpdateResponse(outputs={})

    async def delete(self, request: DeleteRequest) -> None:
        return None

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        return InvokeResponse(result={})

    async def close(self) -> None:
        return None
