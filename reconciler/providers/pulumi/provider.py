"""The built-in package `pulumi`: references to other stacks, and the stash.

Neither has an object anywhere but in state. A stack reference is read, never
made: its id is the name of the stack that it refers to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reconciler import errors
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
from reconciler.model import values
from reconciler.model.values import PropertyMap

STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
STASH: Final = "pulumi:index:Stash"
READ_OUTPUTS: Final = "pulumi:pulumi:readStackOutputs"
READ_RESOURCE_OUTPUTS: Final = "pulumi:pulumi:readStackResourceOutputs"


@dataclass(frozen=True, slots=True)
class ReferredStack:
    """What another stack tells: its outputs (secrets wrapped), and its resources' by URN."""

    outputs: PropertyMap
    resources: PropertyMap


Refer = Callable[[str], ReferredStack]
"""Stack name -> what it tells; raises BackendError, StateError or DecryptError."""


class BuiltinProvider:
    """The provider of package `pulumi`."""

    def __init__(self, refer: Refer) -> None:
        self._refer = refer

    async def check_config(self, request: CheckRequest) -> CheckResponse:
        return CheckResponse(inputs=request.news)

    async def diff_config(self, request: DiffRequest) -> Diff:
        return NO_DIFF

    async def configure(self, request: ConfigureRequest) -> None:
        return None

    async def check(self, request: CheckRequest) -> CheckResponse:
        """Stack references want a `name`, stashes an `input`; nothing else is taken."""
        wanted = {STACK_REFERENCE: "name", STASH: "input"}.get(request.token)
        if wanted is None:
            raise errors.PermanentError(f"there is no resource type {request.token}", urn=request.urn, op="check")
        failures = [CheckFailure(name, "unknown property") for name in request.news if name != wanted]
        if request.news.get(wanted) is None:
            failures.append(CheckFailure(wanted, "missing required property"))
        return CheckResponse(inputs=request.news, failures=failures)

    async def diff(self, request: DiffRequest) -> Diff:
        """Another stack's name is another reference; another input is noted by a stash, and changes nothing."""
        if request.token == STACK_REFERENCE:
            same = values.same(request.old_inputs.get("name"), request.news.get("name"))
            return NO_DIFF if same else Diff(changes=Changes.SOME, replaces=("name",))
        if values.same(request.old_inputs.get("input"), request.news.get("input")):
            return NO_DIFF
        detailed = {"input": PropertyDiff(kind=DiffKind.UPDATE, input_diff=True)}
        return Diff(changes=Changes.SOME, stables=("output",), detailed=detailed)

    async def create(self, request: CreateRequest) -> CreateResponse:
        if request.token == STACK_REFERENCE:
            name = _name(request.inputs)
            return CreateResponse(id=name, outputs=self._reference(name))
        output = request.inputs.get("input")
        id = "" if request.preview else request.operation_id
        return CreateResponse(id=id, outputs={"input": output, "output": output})

    async def find(self, request: FindRequest) -> ReadResponse | None:
        return None

    async def read(self, request: ReadRequest) -> ReadResponse | None:
        """A reference is read anew from the other stack; a stash is what state says."""
        if request.token != STACK_REFERENCE:
            return ReadResponse(id=request.id, inputs=request.inputs, outputs=request.outputs)
        return ReadResponse(id=request.id, inputs={"name": request.id}, outputs=self._reference(request.id))

    async def update(self, request: UpdateRequest) -> UpdateResponse:
        return UpdateResponse(outputs={**request.outputs, "input": request.news.get("input")})

    async def delete(self, request: DeleteRequest) -> None:
        return None

    async def invoke(self, request: InvokeRequest) -> InvokeResponse:
        if request.token == READ_OUTPUTS:
            return InvokeResponse(result=self._reference(_name(request.args)))
        if request.token == READ_RESOURCE_OUTPUTS:
            name = request.args.get("stackName")
            if not isinstance(name, str):
                return InvokeResponse(result={}, failures=[CheckFailure("stackName", "missing required property")])
            return InvokeResponse(result={"name": name, "outputs": self._refer(name).resources})
        raise errors.PermanentError(f"there is no function {request.token}", op="invoke")

    async def close(self) -> None:
        return None

    def _reference(self, name: str) -> PropertyMap:
        outputs = self._refer(name).outputs
        secret = tuple(sorted(key for key, value in outputs.items() if values.has_secret(value)))
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}


def _name(inputs: PropertyMap) -> str:
    name = values.reveal(inputs.get("name"))
    if not isinstance(name, str):
        raise errors.InvalidInputsError([("name", "expected the name of a stack")])
    return name
