"""Variables: small JSON values that every flow can read."""

from __future__ import annotations

import json

from reconciler.catalog import rest, spec
from reconciler.catalog.prefect.names import TAGS
from reconciler.model import values
from reconciler.model.values import PropertyMap

LONGEST = 5000


def _problems(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    value = inputs.get("value")
    if values.has_secret(value):
        return (("value", "a secret: Prefect variables are readable by all; use a Block, or `pulumi.Output.unsecret`"),)
    if value is None or values.has_unknown(value):
        return ()
    length = len(json.dumps(values.thaw(value)))
    return (("value", f"expected at most {LONGEST} characters of JSON, got {length}"),) if length > LONGEST else ()


VARIABLE = rest.RestKind(
    token="prefect:index/variable:Variable",
    words="variable",
    source="Prefect REST API 3.8: variables",
    doc="A variable: a small JSON value that every flow can read by name. It is not encrypted.",
    collection="/variables/",
    item="/variables/name/{name}",
    lookup="/variables/name/{name}",
    key=("name",),
    uuid="variableId",
    identity="{name}",
    fields=(
        spec.Field(
            "name",
            spec.Text(
                min_length=1, max_length=255, pattern=r"[a-z0-9_-]+", expects="lowercase letters, digits, - and _"
            ),
            required=True,
            change=spec.Change.RENAME,
            doc="The variable's name: lowercase letters, digits, `-` and `_`.",
        ),
        spec.Field(
            "value", spec.Json(), required=True, doc=f"Any JSON value, up to {LONGEST} characters of JSON text."
        ),
        TAGS,
        rest.ADOPT,
    ),
    outputs=(spec.Output("variableId", shown_as="id", doc="The variable's UUID."),),
    check=_problems,
)
