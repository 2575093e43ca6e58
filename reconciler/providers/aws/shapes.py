"""What requests mean for a kind's courses, and what live values mean for the engine. Pure.

Tags are settled here: a program gives `tags`, settings add default ones, the
provider adds the mark of the operation, AWS and others add theirs.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping

from reconciler.catalog import spec
from reconciler.catalog.aws.fields import OPERATION_TAG
from reconciler.catalog.calls import CallKind, Task
from reconciler.contract import declared
from reconciler.contract.protocol import Changes, Diff, DiffKind, DiffRequest, PropertyDiff
from reconciler.model import paths, values
from reconciler.model.values import EMPTY, PropertyMap, Secret, Value
from reconciler.providers.aws.settings import Settings


def find_region(kind: CallKind, settings: Settings, inputs: PropertyMap, outputs: PropertyMap = EMPTY) -> str:
    """The region where an object is (its recorded one), else where it is to be."""
    if kind.regional:
        for known in (outputs.get("region"), inputs.get("region")):
            if isinstance(known, str) and known:
                return known
    return settings.region


def has_tags(kind: CallKind) -> bool:
    """Does this kind take tags?"""
    return kind.find_field("tags") is not None


def wanted_tags(kind: CallKind, settings: Settings, inputs: PropertyMap) -> dict[str, str]:
    """Every tag that the object is to have."""
    if not has_tags(kind):
        return {}
    own = values.reveal(inputs.get("tags"))
    return {**settings.default_tags, **({k: str(v) for k, v in own.items()} if isinstance(own, Mapping) else {})}


def _manages_tags(settings: Settings, *inputs: PropertyMap) -> bool:
    return bool(settings.default_tags) or any(given.get("tags") is not None for given in inputs)


def creation(kind: CallKind, settings: Settings, inputs: PropertyMap, operation: str) -> Task:
    """The task of making an object."""
    opened = values.reveal_map(inputs)
    return Task(
        inputs=opened,
        tags=wanted_tags(kind, settings, opened),
        region=find_region(kind, settings, opened),
        operation=operation,
    )


def completion(kind: CallKind, task: Task, id: str) -> Task:
    """The task of completing an object that was just made with its tags: everything not at its default is to be set."""
    changed = frozenset(
        field.name
        for field in kind.fields
        if task.inputs.get(field.name) is not None
        and not declared.means_same(field, field.default, task.inputs[field.name])
    )
    return dataclasses.replace(task, id=id, live={"tagsAll": dict(task.tags)}, changed=changed)


def is_half_made(kind: CallKind, outputs: PropertyMap) -> bool:
    """Did the creation end after the object was made and before it was read? Then no output is recorded."""
    return not any(output.name in outputs for output in kind.outputs)


def existing(
    kind: CallKind,
    settings: Settings,
    id: str,
    *,
    inputs: PropertyMap,
    outputs: PropertyMap,
    prior: PropertyMap = EMPTY,
    changed: frozenset[str] = frozenset(),
) -> Task:
    """The task of reading, changing or deleting an object."""
    opened, live = values.reveal_map(inputs), values.reveal_map(outputs)
    tags = wanted_tags(kind, settings, opened)
    if not _manages_tags(settings, inputs, prior):
        # Tags that the program never spoke of are somebody else's.
        found = live.get("tagsAll")
        tags = {key: str(value) for key, value in found.items()} if isinstance(found, Mapping) else {}
    return Task(
        id=id,
        inputs=opened,
        prior=values.reveal_map(prior),
        live=live,
        changed=changed,
        tags=tags,
        region=find_region(kind, settings, opened, live),
    )


def settled(kind: CallKind, settings: Settings, request: DiffRequest) -> DiffRequest:
    """The request with what the program left to settings and to `ignoreChanges` filled in."""
    news = dict(request.news)
    if kind.regional and news.get("region") is None and settings.region and request.outputs.get("region") is not None:
        news["region"] = settings.region
    for text in request.ignore_changes:
        path = paths.parse_path(text)
        head = path[0]
        if isinstance(head, str):
            taken = _taken(news.get(head), request.outputs.get(head), path[1:])
            news[head] = taken
    return dataclasses.replace(request, news={name: value for name, value in news.items() if value is not None})


def _taken(wanted: Value, live: Value, path: paths.Path) -> Value:
    """`wanted` with the live value at `path`; paths into lists take the whole list."""
    if not path or not isinstance(path[0], str) or not isinstance(wanted, Mapping) or not isinstance(live, Mapping):
        return live
    inner = _taken(wanted.get(path[0]), live.get(path[0]), path[1:])
    return {key: item for key, item in {**wanted, path[0]: inner}.items() if item is not None}


def diff(kind: CallKind, settings: Settings, request: DiffRequest) -> Diff:
    """Compare, with default tags, the provider's region and the kind's own rule for replacement."""
    request = settled(kind, settings, request)
    found = declared.diff(kind, request)
    detailed = dict(found.detailed or {})
    replaces = list(found.replaces)
    if kind.replaces is not None and not any(values.has_unknown(value) for value in request.news.values()):
        for name in kind.replaces(values.reveal_map(request.outputs), values.reveal_map(request.news)):
            if name not in replaces:
                replaces.append(name)
            detailed = {
                path: PropertyDiff(kind=entry.kind.replacing(), input_diff=entry.input_diff)
                if _root(path) == name
                else entry
                for path, entry in detailed.items()
            }
    if _tags_differ(kind, settings, request) and not any(_root(path) == "tags" for path in detailed):
        detailed["tagsAll"] = PropertyDiff(kind=DiffKind.UPDATE)
    if not detailed:
        return found
    return dataclasses.replace(
        found,
        changes=Changes.SOME,
        detailed=detailed,
        replaces=tuple(replaces),
        stables=() if replaces else found.stables,
        delete_before_replace=found.delete_before_replace or (bool(replaces) and _keeps_name(kind, request)),
    )


def _keeps_name(kind: CallKind, request: DiffRequest) -> bool:
    if kind.autoname is None:
        return kind.delete_first
    name = kind.autoname.field
    return values.same(request.news.get(name), request.old_inputs.get(name))


def _tags_differ(kind: CallKind, settings: Settings, request: DiffRequest) -> bool:
    live = values.reveal(request.outputs.get("tagsAll"))
    if not has_tags(kind) or not isinstance(live, Mapping) or values.has_unknown(request.news.get("tags")):
        return False
    if "tags" in request.ignore_changes or not _manages_tags(settings, request.news, request.old_inputs):
        return False
    return dict(live) != wanted_tags(kind, settings, request.news)


def changed_names(kind: CallKind, found: Diff, inputs: PropertyMap) -> frozenset[str]:
    """Names of inputs to act on; every set one when the diff shows nothing, as after a half-made creation."""
    names = frozenset(_root(path) for path in (found.detailed or {}))
    if names:
        return names - {"tagsAll"} | ({"tags"} if "tagsAll" in names else frozenset())
    return frozenset(field.name for field in kind.fields if inputs.get(field.name) is not None)


def live_values(settings: Settings, kind: CallKind, task: Task, raw: PropertyMap) -> dict[str, Value]:
    """What a course read, with region and tags as programs see them: marks and ignored tags are not shown."""
    live: dict[str, Value] = dict(raw)
    if kind.regional:
        live["region"] = task.region
    found = raw.get("tagsAll")
    if has_tags(kind) and isinstance(found, Mapping):
        shown = {
            key: found[key]
            for key in sorted(found)
            if key != OPERATION_TAG and not key.startswith("aws:") and not settings.ignores_tag(key)
        }
        own = task.inputs.get("tags")
        live["tagsAll"] = shown
        live["tags"] = {
            key: value
            for key, value in shown.items()
            if settings.default_tags.get(key) != value or (isinstance(own, Mapping) and key in own)
        }
    return live


def outputs(kind: CallKind, inputs: PropertyMap, live: PropertyMap) -> PropertyMap:
    """The outputs to record: live values, in the program's spelling where that means the same."""
    found: dict[str, Value] = {}
    for field in kind.fields:
        wanted = inputs.get(field.name)
        if field.shown_as is None or field.name not in live:
            value = field.default if wanted is None else wanted
        elif wanted is not None and declared.means_same(field, wanted, live[field.name]):
            value = _as_text(field, wanted)
        else:
            value = live[field.name]
        if value is not None and (field.secret or values.has_secret(wanted)):
            value = Secret(values.reveal(value))
        found[field.name] = value
    for name, value in live.items():
        found.setdefault(name, value)
    return {name: value for name, value in found.items() if value is not None}


def _as_text(field: spec.Field, value: Value) -> Value:
    """A document given as an object is text to whoever reads the output."""
    opened = values.reveal(value)
    if isinstance(field.type, spec.Json) and field.type.text and not isinstance(opened, str):
        return json.dumps(values.thaw(opened))
    return value


def imported_inputs(kind: CallKind, settings: Settings, live: PropertyMap) -> PropertyMap:
    """The inputs that would make an object as it is: what the service chose by itself is left out."""
    found = dict(declared.refreshed_inputs(kind, EMPTY, live))
    for field in kind.fields:
        value = found.get(field.name)
        chosen = field.computed and not (field.name == "region" and value != settings.region)
        if chosen or value in ({}, ()):
            found.pop(field.name, None)
        elif field.secret and value is not None:
            found[field.name] = Secret(value)
    return found


def preview(kind: CallKind, settings: Settings, inputs: PropertyMap, shown: PropertyMap) -> PropertyMap:
    """Previewed outputs, with what is known before any call: region and all tags."""
    known = dict(shown)
    if kind.regional and settings.region:
        known["region"] = inputs.get("region") or known.get("region") or settings.region
        if isinstance(known["region"], values.Unknown):
            known["region"] = settings.region
    if has_tags(kind):
        unknown = values.has_unknown(inputs.get("tags"))
        known["tagsAll"] = values.UNKNOWN if unknown else dict(wanted_tags(kind, settings, inputs))
    return known


def _root(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]
