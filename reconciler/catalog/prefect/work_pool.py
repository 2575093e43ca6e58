"""Work pools: where deployments' runs wait for workers of one type."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.catalog import rest, spec
from reconciler.catalog.prefect.names import NAME
from reconciler.model import values
from reconciler.model.values import PropertyMap

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def _problems(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    """What the server refuses or, worse, accepts and ignores."""
    found = []
    name = values.reveal(inputs.get("name"))
    if isinstance(name, str) and name.lower().startswith("prefect"):
        found.append(("name", 'names that start with "prefect" are reserved by Prefect'))
    if inputs.get("type") == "prefect-agent":
        found.append(
            ("type", 'no worker serves a pool of type "prefect-agent"; use "process", "docker", "kubernetes" …')
        )
    template = values.reveal(inputs.get("baseJobTemplate"))
    if isinstance(template, Mapping) and template and not values.has_unknown(template):
        missing = [part for part in ("job_configuration", "variables") if part not in template]
        found.extend(("baseJobTemplate", f"missing `{part}`") for part in missing)
        if not missing:
            found.extend(_unknown_placeholders(template))
    return tuple(found)


def _unknown_placeholders(template: PropertyMap) -> list[tuple[str, str]]:
    variables = template["variables"]
    properties = variables.get("properties") if isinstance(variables, Mapping) else None
    known = set(properties) if isinstance(properties, Mapping) else set()
    used = {
        match
        for part in values.walk(template["job_configuration"])
        if isinstance(part, str)
        for match in _PLACEHOLDER.findall(part)
    }
    return [
        ("baseJobTemplate.job_configuration", f"`{{{{ {name} }}}}` is not among `variables.properties`")
        for name in sorted(used - known)
    ]


WORK_POOL = rest.RestKind(
    token="prefect:index/workPool:WorkPool",
    words="work pool",
    source="Prefect REST API 3.8: work pools",
    doc="A work pool: deployments send their runs to it, and workers of its type take them from it.",
    collection="/work_pools/",
    item="/work_pools/{name}",
    lookup="/work_pools/{name}",
    key=("name",),
    uuid="poolId",
    identity="{name}",
    # The first worker writes its default template into a pool that has none.
    quiet=("baseJobTemplate",),
    fields=(
        spec.Field(
            "name", NAME, required=True, change=spec.Change.REPLACE, doc="The pool's name, unique on the server."
        ),
        spec.Field(
            "type",
            spec.Text(min_length=1),
            required=True,
            change=spec.Change.REPLACE,
            doc="The type of worker that serves it: `process`, `docker`, `kubernetes`, `ecs` and so on.",
        ),
        spec.Field("description", doc="What the pool is for."),
        spec.Field("isPaused", spec.FLAG, default=False, doc="Whether the pool hands out no runs."),
        spec.Field(
            "concurrencyLimit",
            spec.Integer(minimum=0),
            doc="How many runs may be active at a time; unset for any number.",
        ),
        spec.Field(
            "baseJobTemplate",
            spec.Json(),
            can_unset=False,
            doc="`job_configuration` and `variables` of the jobs. Unset, the first worker writes its type's own.",
        ),
        rest.ADOPT,
    ),
    outputs=(
        spec.Output("poolId", shown_as="id", doc="The pool's UUID, another one after each replacement."),
        spec.Output("defaultQueueId", doc="The UUID of the queue `default`, with which each pool is born."),
    ),
    check=_problems,
)
