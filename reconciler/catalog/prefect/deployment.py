"""Deployments: a flow with where it runs, with what parameters and when."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from reconciler.catalog import rest, spec
from reconciler.catalog.prefect import schedules
from reconciler.catalog.prefect.names import NAME, TAGS
from reconciler.model import values
from reconciler.model.values import PropertyMap, Value

# With a null schema every later PATCH of the deployment is refused (facts/prefect-provider.md §5.4).
OPEN_SCHEMA: Final[PropertyMap] = {"type": "object", "properties": {}}
LARGEST_PARAMETERS: Final = 524_288
_STEP = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
# JSON schema's type words -> what Python values they allow.
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (tuple, list),
    "object": (Mapping,),
    "null": (type(None),),
}


def same_schema(wanted: Value, live: Value) -> bool:
    """Two parameter schemas mean the same; `{}` is how the server shows a schema that allows everything."""
    return (wanted or OPEN_SCHEMA) == (live or OPEN_SCHEMA)


def live_deployment(answer: Mapping[str, object]) -> Mapping[str, object]:
    """The live object with its own limit, and schedules and options as programs write them."""
    limit = answer.get("global_concurrency_limit")
    # A limit of another name is shared with others, and is not this deployment's to manage.
    own = isinstance(limit, Mapping) and str(limit.get("name", "")).startswith("deployment:")
    options = answer.get("concurrency_options")
    shown = answer.get("schedules")
    return {
        **answer,
        "concurrency_limit": limit.get("limit") if own and isinstance(limit, Mapping) else None,
        "concurrency_options": _options(options) if isinstance(options, Mapping) else None,
        "schedules": [
            schedules.from_wire(schedule)
            for schedule in sorted(shown, key=lambda item: str(item.get("slug")))
            if schedule.get("slug")
        ]
        if isinstance(shown, list)
        else [],
    }


def _options(options: Mapping[str, object]) -> dict[str, object]:
    shown = {
        "collisionStrategy": options.get("collision_strategy"),
        "gracePeriodSeconds": options.get("grace_period_seconds"),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _own(inputs: PropertyMap, live: PropertyMap) -> PropertyMap:
    """Of the live schedules, those that the program named. An import takes all."""
    if not inputs:
        return live
    named = schedules.slugs(inputs.get("schedules"))
    return {**live, "schedules": schedules.only(live.get("schedules"), named)}


def _complete(inputs: PropertyMap) -> PropertyMap:
    if inputs.get("schedules") is None:
        return inputs
    return {**inputs, "schedules": schedules.with_slugs(inputs["schedules"])}


def _problems(inputs: PropertyMap) -> tuple[tuple[str, str], ...]:
    found = []
    flows = [name for name in ("flowName", "flowId") if inputs.get(name) is not None]
    if not flows:
        found.append(("flowName", "missing required property; or give flowId"))
    if inputs.get("workQueueName") is not None and inputs.get("workPoolName") is None:
        found.append(("workQueueName", "a queue needs its pool: give workPoolName too"))
    if inputs.get("concurrencyOptions") is not None and inputs.get("concurrencyLimit") is None:
        found.append(("concurrencyOptions", "has no meaning without concurrencyLimit"))
    found.extend(schedules.problems(inputs.get("schedules")))
    found.extend(_step_problems(inputs.get("pullSteps")))
    found.extend(_parameter_problems(inputs))
    return tuple(found)


def _step_problems(steps: Value) -> Iterator[tuple[str, str]]:
    if steps is None or isinstance(steps, (values.Secret, values.Unknown)):
        return
    if not isinstance(steps, tuple):
        yield "pullSteps", "expected a list of steps"
        return
    for index, step in enumerate(steps):
        if isinstance(step, values.Unknown):
            continue
        if not isinstance(step, Mapping) or len(step) != 1:
            yield f"pullSteps[{index}]", "expected an object with one key, the step's function"
        elif not _STEP.fullmatch(next(iter(step))):
            yield f"pullSteps[{index}]", f"expected a dotted function name, got {next(iter(step))!r}"


def _parameter_problems(inputs: PropertyMap) -> Iterator[tuple[str, str]]:
    """Names and simple types against the signature: the server does not look at them when it makes a deployment."""
    parameters, schema = values.reveal(inputs.get("parameters")), values.reveal(inputs.get("parameterOpenapiSchema"))
    if not isinstance(parameters, Mapping) or not isinstance(schema, Mapping):
        return
    if values.reveal(inputs.get("enforceParameterSchema")) is False:
        return
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not properties:
        return
    for name, value in parameters.items():
        described = properties.get(name)
        if described is None:
            near = difflib.get_close_matches(name, list(properties), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"parameters.{name}", f"the flow has no parameter of this name{hint}"
        elif isinstance(described, Mapping) and isinstance(described.get("type"), str):
            word = str(described["type"])
            if not isinstance(value, values.Unknown) and not _is_of_type(word, value):
                yield f"parameters.{name}", f"expected {word}, as the flow's signature says"


def _is_of_type(word: str, value: Value) -> bool:
    if isinstance(value, str) and "{{" in value:
        return True
    if isinstance(value, bool) and word != "boolean":
        return False
    return isinstance(value, _TYPES.get(word, (object,)))


DEPLOYMENT = rest.RestKind(
    token="prefect:index/deployment:Deployment",
    words="deployment",
    source="Prefect REST API 3.8: deployments",
    doc="A deployment: a flow with where it runs, with what parameters and when.",
    collection="/deployments/",
    item="/deployments/{deploymentId}",
    lookup="/deployments/name/{flowName}/{name}",
    key=("flowName", "flowId", "name"),
    uuid="deploymentId",
    identity="{deploymentId}",
    # A person may pause a deployment or add a schedule; workers of other pools may take it over.
    quiet=("paused", "schedules"),
    fields=(
        spec.Field("name", NAME, required=True, change=spec.Change.REPLACE, doc="Its name, unique in its flow."),
        spec.Field(
            "flowName",
            NAME,
            change=spec.Change.REPLACE,
            computed=True,
            doc="The flow's name; the flow is made if it is missing, and kept afterwards. Or give `flowId`.",
        ),
        spec.Field("flowId", change=spec.Change.REPLACE, computed=True, doc="The flow's UUID, of a `Flow` resource."),
        spec.Field("entrypoint", doc="Where the flow's code is: `path/to/file.py:function`."),
        spec.Field("path", doc="The folder that the entrypoint is relative to, when no pull step says."),
        spec.Field(
            "pullSteps",
            spec.Json(),
            doc="Steps that fetch the code before a run: objects with one key, a dotted function, and its arguments.",
        ),
        spec.Field("parameters", spec.MapOf(spec.Json()), default={}, doc="Parameters of its runs, by name."),
        spec.Field(
            "parameterOpenapiSchema",
            spec.Json(),
            default=OPEN_SCHEMA,
            same=same_schema,
            doc="The flow's signature as a JSON schema; unset, any parameter is accepted.",
        ),
        spec.Field(
            "enforceParameterSchema", spec.FLAG, default=True, doc="Whether runs must agree with the parameter schema."
        ),
        spec.Field("workPoolName", NAME, doc="The pool that its runs go to."),
        spec.Field(
            "workPoolId",
            shown_as=None,
            doc="The pool's UUID (`pool.pool_id`): a pool replaced under its old name lets go of its deployments, and"
            " this brings them back in the same run.",
        ),
        spec.Field("workQueueName", NAME, can_unset=False, doc="The queue of the pool; `default` when unset."),
        spec.Field("jobVariables", spec.MapOf(spec.Json()), default={}, doc="Values for the pool's job template."),
        TAGS,
        spec.Field("version", doc="The version of the code, any text."),
        spec.Field("description", doc="What the deployment is for."),
        spec.Field("concurrencyLimit", spec.Integer(minimum=1), doc="How many of its runs may be active at a time."),
        spec.Field(
            "concurrencyOptions",
            spec.Block(
                (
                    spec.Field(
                        "collisionStrategy",
                        spec.OneOf("ENQUEUE", "CANCEL_NEW", any_case=False),
                        required=True,
                        doc="What happens to a run over the limit: `ENQUEUE` or `CANCEL_NEW`.",
                    ),
                    spec.Field(
                        "gracePeriodSeconds",
                        spec.Integer(minimum=60, unit="s"),
                        doc="How long a lost run holds its slot.",
                    ),
                )
            ),
            doc="How the concurrency limit acts.",
        ),
        spec.Field(
            "schedules",
            spec.ListOf(spec.Block(schedules.FIELDS)),
            default=(),
            same=schedules.same,
            doc="When it runs. Schedules that the program never named, made in the web interface, are left alone.",
        ),
        spec.Field("paused", spec.FLAG, default=False, doc="Whether its schedules rest. Unset, people may pause it."),
        rest.ADOPT,
    ),
    outputs=(spec.Output("deploymentId", shown_as="id", doc="The deployment's UUID."),),
    live=live_deployment,
    own=_own,
    complete=_complete,
    check=_problems,
)
