"""Flows: names under which runs and deployments are filed."""

from __future__ import annotations

from reconciler.catalog import rest, spec
from reconciler.catalog.prefect.names import NAME, TAGS

FLOW = rest.RestKind(
    token="prefect:index/flow:Flow",
    words="flow",
    source="Prefect REST API 3.8: flows",
    doc=(
        "A flow: the name under which runs and deployments are filed. A flow that exists already is taken over, since"
        " any run makes it; it is then kept when this resource is deleted, as is one that other deployments still use."
    ),
    collection="/flows/",
    item="/flows/{flowId}",
    lookup="/flows/name/{name}",
    key=("name",),
    uuid="flowId",
    identity="{flowId}",
    fields=(
        spec.Field(
            "name",
            NAME,
            required=True,
            change=spec.Change.REPLACE,
            doc="The flow's name, as its decorator gives it (a function's name with `-` for `_`).",
        ),
        TAGS,
    ),
    outputs=(
        spec.Output("flowId", shown_as="id", doc="The flow's UUID."),
        spec.Output("adopted", doc="Whether the flow was there before this resource."),
    ),
)
