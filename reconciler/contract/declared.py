"""Check, diff and previews as they follow from a kind's declaration.

Answers for every declared kind: are these inputs acceptable; does the live
object differ from what the program wants; what will the outputs look like.
Pure. Providers add only what their service does differently.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from reconciler.catalog import spec
from reconciler.contract.protocol import (
    NO_DIFF,
    Autonaming,
    Changes,
    CheckFailure,
    CheckRequest,
    CheckResponse,
    Diff,
    DiffKind,
    DiffRequest,
    NamingMode,
    PropertyDiff,
)
from reconciler.model import diffs, urns, values
from reconciler.model.values import UNKNOWN, PropertyMap, Secret, Unknown, Value


def check(kind: spec.Kind, request: CheckRequest) -> CheckResponse:
    """Validate inputs against the fields; add a generated name where one is due."""
    inputs = dict(request.news)
    if kind.autoname is not None and inputs.get(kind.autoname.field) is None:
        name = _name(kind.autoname, request)
        if name is None:
            return CheckResponse(inputs=inputs, failures=(CheckFailure(kind.autoname.field, _UNNAMED),))
        inputs[kind.autoname.field] = name
    inputs = _with_secrets(kind.fields, inputs)
    failures = [CheckFailure(path, reason) for path, reason in _input_problems(kind, inputs)]
    if not failures and kind.check is not None:
        failures = [CheckFailure(path, reason) for path, reason in kind.check(inputs)]
    return CheckResponse(inputs=inputs, failures=tuple(failures))


def diff(kind: spec.Kind, request: DiffRequest) -> Diff:
    """Compare what the program wants with what is live, for the fields that the program sets.

    A field that the program sets is compared with its live value (output) where
    the service shows one, else with its recorded input. A field that the program
    dropped counts as a change when the service can take it back. What the
    program never set is not compared: it is not managed.
    """
    detailed: dict[str, PropertyDiff] = {}
    replaces: list[str] = []
    for field in kind.fields:
        found = _field_diff(field, request)
        if not found:
            continue
        replacing = field.change is spec.Change.REPLACE or _replaces_now(field, request)
        if replacing:
            replaces.append(field.name)
        for path, entry in found.items():
            detailed[path] = (
                PropertyDiff(kind=entry.kind.replacing(), input_diff=entry.input_diff) if replacing else entry
            )
    if not detailed:
        # A replacement may be asked for all the same: by `--replace`, a trigger, a taint.
        return replace(NO_DIFF, delete_before_replace=_must_delete_first(kind, request))
    changed = {field.name for field in kind.fields if any(_roots(path) == field.name for path in detailed)}
    stables = tuple(output.name for output in kind.outputs if not changed & set(output.follows)) if not replaces else ()
    return Diff(
        changes=Changes.SOME,
        replaces=tuple(replaces),
        stables=stables,
        delete_before_replace=_must_delete_first(kind, request),
        detailed=detailed,
    )


def changed_fields(kind: spec.Kind, request: DiffRequest) -> frozenset[str]:
    """The names of the fields that `diff` finds changed."""
    return frozenset(_roots(path) for path in (diff(kind, request).detailed or {}))


def preview_create(kind: spec.Kind, inputs: PropertyMap) -> PropertyMap:
    """The outputs to show before the object exists: inputs echoed, the rest unknown."""
    outputs: dict[str, Value] = dict(inputs)
    for output in kind.outputs:
        outputs[output.name] = Secret(UNKNOWN) if output.secret else UNKNOWN
    for field in kind.fields:
        if field.computed and field.name not in outputs:
            outputs[field.name] = UNKNOWN
    return outputs


def preview_update(kind: spec.Kind, request: DiffRequest) -> PropertyMap:
    """The outputs to show before an update: what follows a changed input is unknown."""
    changed = changed_fields(kind, request)
    outputs: dict[str, Value] = dict(request.outputs)
    for field in kind.fields:
        if field.name in request.news:
            outputs[field.name] = request.news[field.name]
        elif field.name in changed:
            outputs[field.name] = UNKNOWN if field.computed else field.default
    for output in kind.outputs:
        if changed & set(output.follows):
            outputs[output.name] = UNKNOWN
    return outputs


def refreshed_inputs(kind: spec.Kind, inputs: PropertyMap, live: PropertyMap) -> PropertyMap:
    """Recorded inputs brought up to date: recorded spelling kept where it means the live value.

    For an import (`inputs` empty), every shown field whose live value is not the default.
    """
    if not inputs:
        return {
            field.name: live[field.name]
            for field in kind.fields
            if live.get(field.name) is not None and not means_same(field, field.default, live[field.name])
        }
    refreshed = dict(inputs)
    for field in kind.fields:
        if field.name not in inputs or not _is_shown(field) or field.name not in live:
            continue
        if is_unmanaged(field.type, inputs[field.name]):
            continue
        if not means_same(field, inputs[field.name], live[field.name]):
            value = live[field.name]
            refreshed[field.name] = Secret(values.reveal(value)) if values.has_secret(inputs[field.name]) else value
    return {name: value for name, value in refreshed.items() if value is not None}


def means_same(field: spec.Field, wanted: Value, live: Value) -> bool:
    """Do an input and a live value mean the same for this field?"""
    wanted, live = values.reveal(wanted), values.reveal(live)
    if values.has_unknown(wanted) or values.has_unknown(live):
        return False
    if field.same is not None:
        return field.same(wanted, live)
    return normal(field.type, _spelled(field, wanted)) == normal(field.type, _spelled(field, live))


def normal(kind: spec.Type, value: Value) -> object:
    """A form in which values that mean the same are equal; "" and None are both absent."""
    if value is None or value == "":
        return None
    match kind:
        case spec.Flag() | spec.TriState():
            return str(value).lower()
        case spec.OneOf():
            return str(value).upper() if kind.any_case else str(value)
        case spec.Integer():
            return float(value) if isinstance(value, (int, float, str)) and _is_number(value) else value
        case spec.ListOf():
            return tuple(normal(kind.item, item) for item in value) if isinstance(value, (tuple, list)) else value
        case spec.SetOf():
            if not isinstance(value, (tuple, list)):
                return value
            return (
                tuple(sorted({json.dumps(_plain(normal(kind.item, item)), sort_keys=True) for item in value})) or None
            )
        case spec.MapOf():
            if not isinstance(value, Mapping):
                return value
            return {key: normal(kind.item, item) for key, item in value.items()} or None
        case spec.Block():
            return _normal_block(kind, value)
        case spec.Json():
            return _normal_json(kind, value)
        case spec.Text() | spec.Ref() | spec.Anything():
            return _plain(value)
        case _:
            assert_never(kind)


def is_unmanaged(kind: spec.Type, value: Value) -> bool:
    """Is this the value by which the program says "leave it to the service"?"""
    value = values.reveal(value)
    match kind:
        case spec.TriState():
            return value == "default"
        case spec.Integer():
            return kind.unmanaged is not None and value == kind.unmanaged
        case _:
            return value is None


def problems(kind: spec.Type, value: Value, path: str) -> Iterator[tuple[str, str]]:
    """Each way in which a value is not of a type, as (path, reason). Unknowns are of any type."""
    value = value.value if isinstance(value, Secret) else value
    if value is None or isinstance(value, Unknown):
        return
    match kind:
        case spec.Text():
            yield from _text_problems(kind, value, path)
        case spec.Flag() | spec.TriState():
            yield from _flag_problems(kind, value, path)
        case spec.Integer():
            yield from _integer_problems(kind, value, path)
        case spec.OneOf():
            known = {word.upper() for word in kind.words} if kind.any_case else set(kind.words)
            if not isinstance(value, str) or (value.upper() if kind.any_case else value) not in known:
                yield path, f"expected one of {', '.join(kind.words)}, got {_show(value)}"
        case spec.Ref():
            if not isinstance(value, (str, values.ResourceReference)):
                yield path, f"expected the name of a {kind.to.lower()}, got {_show(value)}"
        case spec.ListOf() | spec.SetOf() | spec.MapOf() | spec.Block():
            yield from _container_problems(kind, value, path)
        case spec.Json():
            if kind.text and isinstance(value, str) and _parsed(value) is _NOT_JSON:
                yield path, "expected JSON text"
        case spec.Anything():
            return
        case _:
            assert_never(kind)


def _field_diff(field: spec.Field, request: DiffRequest) -> dict[str, PropertyDiff]:
    if field.change is spec.Change.CREATE_ONLY:
        return {}
    wanted, recorded = request.news.get(field.name), request.old_inputs.get(field.name)
    wanted = None if is_unmanaged(field.type, wanted) else wanted
    recorded = None if is_unmanaged(field.type, recorded) else recorded
    live_known = _is_shown(field) and field.name in request.outputs
    live = request.outputs.get(field.name) if live_known else recorded
    if wanted is None:
        if recorded is None or field.computed or not field.can_unset or means_same(field, field.default, live):
            return {}
        return {field.name: PropertyDiff(kind=DiffKind.DELETE)}
    if means_same(field, wanted, live):
        return {}
    if live is None and field.default is not None and means_same(field, wanted, field.default):
        # Said or left out, the service does the same.
        return {}
    if live is None:
        return {field.name: PropertyDiff(kind=DiffKind.ADD, input_diff=not live_known)}
    found = diffs.paths(field.name, live, wanted)
    return {path: PropertyDiff(kind=DiffKind(change), input_diff=not live_known) for path, change in found.items()} or {
        field.name: PropertyDiff(kind=DiffKind.UPDATE, input_diff=not live_known)
    }


def _replaces_now(field: spec.Field, request: DiffRequest) -> bool:
    """Does this change, of a field that can change in place, need a new object all the same?"""
    if field.replaces_when is None:
        return False
    live_known = _is_shown(field) and field.name in request.outputs
    live = (request.outputs if live_known else request.old_inputs).get(field.name)
    return field.replaces_when(values.reveal(request.news.get(field.name)), values.reveal(live))


def _must_delete_first(kind: spec.Kind, request: DiffRequest) -> bool:
    if kind.delete_first:
        return True
    if kind.autoname is None:
        return False
    given, recorded = request.news.get(kind.autoname.field), request.old_inputs.get(kind.autoname.field)
    # A generated name is made anew for the new object: both can exist at once.
    logical = urns.name(request.urn) if urns.is_urn(request.urn) else ""
    stem = re.escape(_stem(kind.autoname, logical) + kind.autoname.separator)
    generated = isinstance(recorded, str) and re.fullmatch(f"{stem}[0-9a-f]{{{_SUFFIX_LENGTH}}}", recorded)
    return given is not None and values.same(given, recorded) and not generated


def _is_shown(field: spec.Field) -> bool:
    return field.shown_as is not None


def _roots(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _spelled(field: spec.Field, value: Value) -> Value:
    return field.spelled.get(value, value) if isinstance(value, str) else value


def _name(rule: spec.AutoName, request: CheckRequest) -> Value:
    """The recorded name, else a generated one; None where the stack's configuration allows none."""
    if request.olds is not None and isinstance(request.olds.get(rule.field), str):
        return request.olds[rule.field]
    match request.autonaming:
        case Autonaming(mode=NamingMode.DISABLE):
            return None
        case Autonaming(mode=NamingMode.ENFORCE, name=name):
            return name
        case Autonaming(name=name):
            # A proposal is fitted to what the service takes.
            return name[: rule.max_length].lower() if rule.lower else name[: rule.max_length]
    suffix = hashlib.sha256(request.seed or request.urn.encode()).hexdigest()[:_SUFFIX_LENGTH]
    return f"{_stem(rule, request.name)}{rule.separator}{suffix}"


def _stem(rule: spec.AutoName, name: str) -> str:
    stem = name[: rule.max_length - len(rule.separator) - _SUFFIX_LENGTH]
    return stem.lower() if rule.lower else stem


def _with_secrets(fields: tuple[spec.Field, ...], inputs: PropertyMap) -> dict[str, Value]:
    """The inputs with secret fields marked as secret, inside blocks too."""
    marked = dict(inputs)
    for field in fields:
        value = inputs.get(field.name)
        if value is None or isinstance(value, Secret):
            continue
        if field.secret:
            marked[field.name] = Secret(values.reveal(value))
        elif isinstance(field.type, spec.Block) and isinstance(value, Mapping):
            marked[field.name] = _with_secrets(field.type.fields, value)
    return marked


def _input_problems(kind: spec.Kind, inputs: PropertyMap) -> Iterator[tuple[str, str]]:
    for path, reason in _block_problems(kind.fields, inputs, ""):
        yield path, "not supported by this version of the provider" if path in kind.gaps else reason


def _block_problems(fields: tuple[spec.Field, ...], inputs: PropertyMap, path: str) -> Iterator[tuple[str, str]]:
    known = {field.name for field in fields}
    for name in inputs:
        if name not in known and not name.startswith("__"):
            near = difflib.get_close_matches(name, known, n=1)
            yield _join(path, name), "unknown property" + (f"; did you mean {near[0]}?" if near else "")
    for field in fields:
        value = inputs.get(field.name)
        if value is None:
            if field.required:
                yield _join(path, field.name), "missing required property"
            continue
        yield from problems(field.type, value, _join(path, field.name))


def _container_problems(
    kind: spec.ListOf | spec.SetOf | spec.MapOf | spec.Block, value: Value, path: str
) -> Iterator[tuple[str, str]]:
    match kind:
        case spec.ListOf() | spec.SetOf() if isinstance(value, (tuple, list)):
            for index, item in enumerate(value):
                yield from problems(kind.item, item, f"{path}[{index}]")
        case spec.ListOf() | spec.SetOf():
            yield path, f"expected a list, got {_show(value)}"
        case spec.MapOf() if isinstance(value, Mapping):
            for key, item in value.items():
                yield from problems(kind.item, item, f"{path}.{key}")
        case spec.Block() if isinstance(value, Mapping):
            yield from _block_problems(kind.fields, value, path)
        case _:
            yield path, f"expected an object, got {_show(value)}"


def _flag_problems(kind: spec.Flag | spec.TriState, value: Value, path: str) -> Iterator[tuple[str, str]]:
    words = ("true", "false") if isinstance(kind, spec.Flag) else ("true", "false", "default")
    if str(value).lower() not in words:
        yield path, f"expected {' or '.join(words)}, got {_show(value)}"


def _text_problems(kind: spec.Text, value: Value, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        if isinstance(value, (Mapping, tuple)):
            yield path, f"expected {kind.expects}, got {_show(value)}"
        return
    if len(value) < kind.min_length:
        yield path, f"expected at least {kind.min_length} characters"
    if kind.max_length is not None and len(value) > kind.max_length:
        yield path, f"expected at most {kind.max_length} characters, got {len(value)}"
    if kind.pattern is not None and not re.fullmatch(kind.pattern, value):
        yield path, f"expected {kind.expects}"


def _integer_problems(kind: spec.Integer, value: Value, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not _is_number(value):
        yield path, f"expected a whole number, got {_show(value)}"
        return
    number = int(value)
    if kind.unmanaged is not None and number == kind.unmanaged:
        return
    if kind.minimum is not None and number < kind.minimum:
        yield path, f"expected at least {kind.minimum}, got {number}"
    if kind.maximum is not None and number > kind.maximum:
        yield path, f"expected at most {kind.maximum}, got {number}"


def _normal_block(kind: spec.Block, value: Value) -> object:
    if not isinstance(value, Mapping):
        return value
    known = {field.name: field.type for field in kind.fields}
    normalised = {name: normal(known.get(name, spec.Anything()), item) for name, item in value.items()}
    return {name: item for name, item in normalised.items() if item is not None}


def _normal_json(kind: spec.Json, value: Value) -> object:
    if kind.text and isinstance(value, str):
        parsed = _parsed(value)
        return value if parsed is _NOT_JSON else parsed
    return _plain(value)


_NOT_JSON = object()
_SUFFIX_LENGTH = 7
_UNNAMED = "automatic naming is disabled but no explicit name was provided"


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return _NOT_JSON


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _show(value: Value) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, (tuple, list)):
        return "a list"
    return json.dumps(value) if isinstance(value, (str, int, float, bool)) else type(value).__name__
