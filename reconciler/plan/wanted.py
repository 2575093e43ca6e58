"""From what the program asks to what state would say: goals with their options applied. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler import errors
from reconciler.contract.protocol import NO_DIFF, Changes, Diff, DiffKind, PropertyDiff
from reconciler.model import diffs, paths, values
from reconciler.model.goals import Goal
from reconciler.model.resources import EXTENSION, EXTENSION_REF, Recorded
from reconciler.model.values import EMPTY, PropertyMap, Secret, Value


def recorded(goal: Goal, inputs: PropertyMap) -> Recorded:
    """What state will say of a goal, before its object answered (no id, no outputs)."""
    return Recorded(
        urn=goal.urn,
        type=goal.type,
        custom=goal.custom,
        inputs=inputs,
        parent=goal.parent,
        protect=goal.protect,
        dependencies=goal.dependencies,
        provider=goal.provider,
        property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs,
        custom_timeouts=goal.custom_timeouts,
        retain_on_delete=goal.retain_on_delete,
        deleted_with=goal.deleted_with,
        replace_with=goal.replace_with,
        replacement_trigger=goal.replacement_trigger,
        import_id=goal.import_id,
        source_position=goal.source_position,
        stack_trace=goal.stack_trace,
        ignore_changes=goal.ignore_changes,
        hide_diff=goal.hide_diffs,
        replace_on_changes=goal.replace_on_changes,
        resource_hooks=goal.resource_hooks,
        extra=goal.extra,
    )


def continued(wanted: Recorded, prior: Recorded) -> Recorded:
    """A wanted resource that goes on being the object that `prior` records."""
    return replace(
        wanted,
        id=prior.id,
        outputs=prior.outputs,
        created=prior.created,
        modified=prior.modified,
        init_errors=prior.init_errors,
        refresh_before_update=prior.refresh_before_update,
        # The program says anew which extension serves it.
        extra={key: kept for key, kept in prior.extra.items() if key not in (EXTENSION, EXTENSION_REF)}
        | dict(wanted.extra),
    )


def is_rewritten(prior: Recorded, kept: Recorded) -> bool:
    """Must state be written although no provider is called?

    Inputs that mean the same are no reason on their own: a run that changes nothing leaves the file as it is.
    """
    quiet = replace(kept, inputs=prior.inputs, outputs=prior.outputs, modified=prior.modified)
    return quiet != prior or not values.same(kept.inputs, prior.inputs)


def with_secrets(wanted: Recorded, outputs: PropertyMap, before: PropertyMap = EMPTY) -> PropertyMap:
    """Outputs with secrets marked: where an input of the same name is secret, and by option.

    Args:
        before: what was recorded of the same object: a secret there is one still, though the program has dropped it.
    """
    marked = dict(outputs)
    for given in (wanted.inputs, before):
        if values.has_secret(given):
            marked = {name: _mark(given.get(name), value) for name, value in marked.items()}
    for name in wanted.additional_secret_outputs:
        value = marked.get(name)
        if value is not None and not isinstance(value, Secret):
            marked[name] = Secret(values.reveal(value))
    return marked


def _mark(given: Value, value: Value) -> Value:
    if given is None or isinstance(value, Secret) or not values.has_secret(given):
        return value
    if isinstance(given, Mapping) and isinstance(value, Mapping):
        return {key: _mark(given.get(key), item) for key, item in value.items()}
    # Item by item only what came back as it was sent: in another order the wrong item would be marked.
    if isinstance(given, tuple) and isinstance(value, tuple) and values.reveal(given) == values.reveal(value):
        return tuple(_mark(one, other) for one, other in zip(given, value, strict=True))
    return Secret(values.reveal(value))


def reset_ignored(ignore: Sequence[str], old: PropertyMap, new: PropertyMap) -> tuple[PropertyMap, tuple[str, ...]]:
    """Copy the recorded value over the program's at each ignored path.

    Returns:
        The inputs to go on with, and one message per path that could not be applied.
    """
    result: Value = new
    problems: list[str] = []
    for text in ignore:
        try:
            result = _reset(paths.parse_path(text), old, result)
        except (ValueError, _PathError) as error:
            problems.append(f"cannot ignore changes to {text}: {error}")
    assert isinstance(result, Mapping), "resetting keeps a map a map"
    return result, tuple(problems)


class _PathError(Exception):
    """The path cannot be followed in one of the two values."""


def _reset(path: paths.Path, old: Value, new: Value) -> Value:
    if isinstance(new, Secret):
        return Secret(values.reveal(_reset(path, old, new.value)))
    if isinstance(old, Secret):
        old = _unsealed(old)
    step, rest = path[0], path[1:]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = sorted({*old, *new}) if isinstance(step, paths.Wildcard) else [str(step)]
        changed = dict(new)
        for key in keys:
            _reset_key(key, rest, old, changed)
        return changed
    if isinstance(old, tuple) and isinstance(new, tuple):
        return _reset_items(step, rest, old, new)
    if old is None and new is None:
        return new
    raise _PathError("the two sides are not of the same shape")


def _reset_key(key: str, rest: paths.Path, old: Mapping[str, Value], changed: dict[str, Value]) -> None:
    if rest:
        if key in old and key not in changed:
            raise _PathError("it is in an element that was removed")
        if key in changed and key in old:
            changed[key] = _reset(rest, old[key], changed[key])
        elif key in changed:
            changed[key] = _reset(rest, None, changed[key])
    elif key in old:
        changed[key] = old[key]
    else:
        changed.pop(key, None)


def _reset_items(
    step: paths.Step, rest: paths.Path, old: tuple[Value, ...], new: tuple[Value, ...]
) -> tuple[Value, ...]:
    if isinstance(step, paths.Wildcard):
        if len(old) != len(new):
            raise _PathError("the lists differ in length")
        return tuple(_reset(rest, a, b) if rest else a for a, b in zip(old, new, strict=True))
    if not isinstance(step, int):
        raise _PathError("a list needs an index")
    if step >= len(old) and step >= len(new):
        return new
    if step >= len(old) or step >= len(new):
        raise _PathError("it is in an element that was added or removed")
    item = _reset(rest, old[step], new[step]) if rest else old[step]
    return (*new[:step], item, *new[step + 1 :])


def _unsealed(secret: Secret) -> Value:
    """What a secret holds, each part of it secret by itself: the program's own value need not be a secret any more."""
    match secret.value:
        case Mapping() as members:
            return {key: Secret(values.reveal(member)) for key, member in members.items()}
        case tuple() as items:
            return tuple(Secret(values.reveal(item)) for item in items)
        case value:
            return value


_INIT_ERRORS: Final = paths.parse_path("#initerror")
"""What `replaceOnChanges` calls the errors of an object that was made and is not ready."""


def completed(diff: Diff, prior: Recorded, wanted: Recorded) -> Diff:
    """A provider's diff made definite, and widened by `replaceOnChanges`.

    A verdict of "unknown" becomes a comparison of recorded and new inputs.

    Raises:
        PlanError: `replaceOnChanges` holds what is no path.
    """
    if diff.changes is Changes.UNKNOWN:
        compared = structural(prior, wanted)
        diff = replace(diff, changes=compared.changes, detailed=diff.detailed or compared.detailed)
    if diff.changes is Changes.NONE and not prior.init_errors:
        return NO_DIFF
    rules = _replacing_paths(wanted)
    if prior.init_errors and any(paths.contains(rule, _INIT_ERRORS) for rule in rules):
        diff = replace(diff, changes=Changes.SOME, replaces=(*diff.replaces, str(_INIT_ERRORS[0])))
    if diff.changes is Changes.NONE:
        return NO_DIFF
    detailed = dict(diff.detailed or {})
    replaces = list(diff.replaces)
    for text, entry in (detailed or structural(prior, wanted).detailed or {}).items() if rules else ():
        path = paths.parse_any(text)
        if any(paths.contains(rule, path) for rule in rules):
            detailed[text] = PropertyDiff(kind=entry.kind.replacing(), input_diff=entry.input_diff)
            if str(path[0]) not in replaces:
                replaces.append(str(path[0]))
    return replace(diff, replaces=tuple(replaces), detailed=detailed or None)


def _replacing_paths(wanted: Recorded) -> list[paths.Path]:
    try:
        return [paths.parse_path(text) for text in wanted.replace_on_changes]
    except ValueError as error:
        raise errors.PlanError(f"its replaceOnChanges cannot be read: {error}", urn=wanted.urn) from error


def structural(prior: Recorded, wanted: Recorded) -> Diff:
    """Recorded inputs against new inputs; never a replacement."""
    found = diffs.of_maps(prior.inputs, wanted.inputs)
    return Diff(
        changes=Changes.SOME if found else Changes.NONE,
        detailed={path: PropertyDiff(kind=DiffKind(verb), input_diff=True) for path, verb in found.items()},
    )
