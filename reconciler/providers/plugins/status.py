"""The service at which plugins publish what they do to the views of an object (`deploy.views`).

A token, reserved for the time of one call, says whose views are meant.

Source: facts/engine-contract.md §1, §7.3; pulumi/pulumi pkg/resource/deploy/resource_status.go.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import grpc
from pulumi.runtime.proto import provider_pb2, resource_status_pb2, resource_status_pb2_grpc

from reconciler.contract import wire
from reconciler.contract.protocol import DiffKind, PropertyDiff, View, Views, ViewStep

# Two ops have another name on this wire than in events.
_OPS: Final = {"READ_DISCARD": "discard", "DISCARD_REPLACED": "discard-replaced"}


class Asked(Protocol):
    """A request during which steps on views may be published."""

    resource_status_address: str
    resource_status_token: str


class StatusService(resource_status_pb2_grpc.ResourceStatusServicer):
    """Hears what plugins publish."""

    def __init__(self) -> None:
        self._reserved: dict[str, Views] = {}

    @contextmanager
    def reserved(self, request: Asked, views: Views | None, address: str) -> Iterator[None]:
        """Let the plugin that gets this request publish until the call is over."""
        if views is None:
            yield
            return
        token = str(uuid.uuid4())
        request.resource_status_address, request.resource_status_token = address, token
        self._reserved[token] = views
        try:
            yield
        finally:
            del self._reserved[token]

    async def PublishViewSteps(  # noqa: N802  # wire name
        self,
        request: resource_status_pb2.PublishViewStepsRequest,
        context: grpc.aio.ServicerContext[object, object],
    ) -> resource_status_pb2.PublishViewStepsResponse:
        views = self._reserved.get(request.token)
        if views is None:
            await context.abort(grpc.StatusCode.UNKNOWN, f"token {request.token} not found")
        for step in request.steps:
            if step.op == resource_status_pb2.ViewStep.UNSPECIFIED:
                await context.abort(grpc.StatusCode.UNKNOWN, f"unmarshaling steps: unknown step op {step.op}")
        # All or none: one that cannot be read is the caller's error.
        for published in tuple(map(_read_step, request.steps)):
            views.publish(published)
        return resource_status_pb2.PublishViewStepsResponse()


def write_view(view: View) -> provider_pb2.View:
    """A view as requests tell it."""
    return provider_pb2.View(
        type=view.type, name=view.name, inputs=wire.write_map(view.inputs), outputs=wire.write_map(view.outputs)
    )


def _read_step(step: resource_status_pb2.ViewStep) -> ViewStep:
    op = resource_status_pb2.ViewStep.Op.Name(step.op)
    detailed = {
        path: PropertyDiff(
            kind=DiffKind(provider_pb2.PropertyDiff.Kind.Name(item.kind).lower().replace("_", "-")),
            input_diff=item.inputDiff,
        )
        for path, item in sorted(step.detailed_diff.items())
    }
    return ViewStep(
        op=_OPS.get(op, op.lower().replace("_", "-")),
        old=_read_state(step.old) if step.HasField("old") else None,
        new=_read_state(step.new) if step.HasField("new") else None,
        error=step.error,
        keys=tuple(step.keys),
        detailed=detailed if step.has_detailed_diff else None,
    )


def _read_state(state: resource_status_pb2.ViewStepState) -> View:
    return View(
        type=state.type, name=state.name, inputs=wire.read_map(state.inputs), outputs=wire.read_map(state.outputs)
    )
