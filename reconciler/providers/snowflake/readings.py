"""What SHOW, DESCRIBE and SHOW PARAMETERS say of an object, as live inputs and outputs.

Pure. Columns are read by name: an unknown one is ignored, a missing one leaves
its field unread, since Snowflake's behaviour bundles add and drop them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reconciler.catalog import spec, sql, sqltext
from reconciler.contract import declared
from reconciler.model import values
from reconciler.model.values import UNKNOWN, PropertyMap, Secret, Unknown, Value

_TRUE: Final = ("TRUE", "Y", "YES", "ON", "1")


def find_row(names: tuple[str, ...], rows: sql.Rows) -> sql.Row | None:
    """The row about the object with exactly these names (containers first), or None."""
    return next((row for row in rows if _is_about(names, row)), None)


def live_inputs(kind: sql.SqlKind, names: PropertyMap, observation: sql.Observation) -> PropertyMap:
    """Live values under input names, of the fields that were read.

    Args:
        names: the name fields as the id tells them.
    """
    found = dict(names)
    for field in kind.properties():
        if field.column is None or not _was_read(field, observation):
            continue
        if field.observe is not None:
            found[field.name] = field.observe(observation)
            continue
        text = _shown(kind, field, observation)
        if text is not _MISSING:
            found[field.name] = parse(field.type, text if isinstance(text, str) else None, field.spelled)
    return found


def without_defaults(kind: sql.SqlKind, inputs: PropertyMap, live: PropertyMap) -> PropertyMap:
    """Imported inputs without those that only repeat another field, as Snowflake does when they are not given."""
    repeated = {
        field.name
        for field in kind.properties()
        if field.repeats and declared.means_same(field, live.get(field.repeats), live.get(field.name))
    }
    return {name: value for name, value in inputs.items() if name not in repeated}


def outputs(
    kind: sql.SqlKind, inputs: PropertyMap, live: PropertyMap, observation: sql.Observation
) -> Mapping[str, object]:
    """All outputs: inputs, live where they differ in meaning, and what the service alone tells."""
    found: dict[str, object] = {**inputs}
    for field in kind.properties():
        if field.name not in live or (field.read_from is not sql.ReadFrom.SHOW and field.name not in inputs):
            # DESCRIBE and SHOW PARAMETERS are not always asked: outputs tell of them only what is managed.
            continue
        given = inputs.get(field.name)
        if given is not None and declared.means_same(field, given, live[field.name]):
            continue
        secret = field.secret or values.has_secret(given)
        found[field.name] = Secret(values.reveal(live[field.name])) if secret else live[field.name]
    for output in kind.outputs:
        found.update(_told(kind, output, live, observation))
    return found


def preview(kind: sql.SqlKind, recorded: PropertyMap, changed: frozenset[str], found: PropertyMap) -> PropertyMap:
    """Previewed outputs, unknown in no more than what the changes feed.

    The full name follows from the inputs. Of the objects in `showOutputs` and
    `describeOutputs` only the keys of changed fields are unknown, where each
    changed field has a key of its own.

    Args:
        found: the outputs as `declared` previews them.
    """
    outputs = dict(found)
    if kind.find_field("name") is not None and kind.oddity is None:
        names = tuple(outputs.get(name) for name in ("database", "schema", "name") if kind.find_field(name) is not None)
        if not any(values.has_unknown(name) for name in names):
            outputs["fullyQualifiedName"] = sqltext.qualified(*(str(values.reveal(name)) for name in names))
    for output in kind.outputs:
        old = recorded.get(output.name)
        fields = [field for field in kind.properties() if field.name in changed and field.name in output.follows]
        keys = [_key(kind, output, field) for field in fields]
        if isinstance(outputs.get(output.name), Unknown) and isinstance(old, tuple) and len(old) == 1 and all(keys):
            known = old[0] if isinstance(old[0], Mapping) else {}
            outputs[output.name] = ({**known, **dict.fromkeys(keys, UNKNOWN)},)
    return outputs


def _key(kind: sql.SqlKind, output: spec.Output, field: sql.Property) -> str:
    """The key under which `showOutputs` or `describeOutputs` tells a field; "" when it has none of its own."""
    if output.name == "describeOutputs":
        return field.told_as
    return next((_output_name(column) for column in kind.shows if column.name == field.column), "")


def keep_stable(kind: sql.SqlKind, recorded: PropertyMap, found: Mapping[str, object]) -> Mapping[str, object]:
    """The outputs with the recorded `showOutputs` where only volatile columns differ.

    Counters and states change without anybody's doing: they are no drift.
    """
    old, new = recorded.get("showOutputs"), found.get("showOutputs")
    if not isinstance(old, tuple) or not isinstance(new, tuple) or len(old) != 1 or len(new) != 1:
        return found
    volatile = {_output_name(column) for column in kind.shows if column.volatile}
    if _without(old[0], volatile) != _without(new[0], volatile):
        return found
    return {**found, "showOutputs": old}


def parse(type: spec.Type, text: str | None, spelled: Mapping[str, str]) -> Value:
    """A shown text as a value of the type; an absent text is "", no list, or None for flags and numbers.

    >>> parse(spec.Integer(), "600", {}), parse(spec.FLAG, "Y", {}), parse(spec.Ref("X"), "null", {})
    (600, True, '')
    """
    if text in (None, "", "null") and not isinstance(type, spec.Text):
        if isinstance(type, (spec.ListOf, spec.SetOf)):
            return ()
        return None if isinstance(type, (spec.Flag, spec.TriState, spec.Integer)) else ""
    text = text or ""
    match type:
        case spec.Flag():
            return text.upper() in _TRUE
        case spec.TriState():
            return "true" if text.upper() in _TRUE else "false"
        case spec.Integer():
            return int(float(text))
        case spec.ListOf() | spec.SetOf():
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            return spelled.get(text, text)


_MISSING: Final = object()


def _was_read(field: sql.Property, observation: sql.Observation) -> bool:
    match field.read_from:
        case sql.ReadFrom.SHOW:
            return field.observe is None or field.column in observation.row
        case sql.ReadFrom.DESCRIBE:
            return bool(observation.described)
        case sql.ReadFrom.PARAMETERS:
            return bool(observation.parameters)


def _shown(kind: sql.SqlKind, field: sql.Property, observation: sql.Observation) -> object:
    """The text that reports the field, None for NULL, `_MISSING` when nothing reports it."""
    column = field.column or ""
    if field.read_from is sql.ReadFrom.SHOW:
        return observation.row.get(column, _MISSING)
    if field.read_from is sql.ReadFrom.DESCRIBE:
        return observation.find_property(column)
    for row in observation.parameters:
        if (row.get("key") or "").upper() == column:
            # Inherited from elsewhere it is not set here, whatever its value.
            return row.get("value") if row.get("level") == kind.words else None
    return _MISSING


def _told(
    kind: sql.SqlKind, output: spec.Output, live: PropertyMap, observation: sql.Observation
) -> Mapping[str, object]:
    match output.name:
        case "fullyQualifiedName":
            names = [str(live[name]) for name in ("database", "schema") if kind.find_field(name) is not None]
            return {output.name: sqltext.qualified(*names, str(live["name"]))}
        case "showOutputs":
            return {output.name: (_show_output(kind, observation.row),)}
        case "describeOutputs":
            told = kind.describe(observation) if kind.describe is not None else ()
            return {output.name: told} if told else {}
        case _:
            return {output.name: observation.row.get(output.shown_as) or ""}


def _show_output(kind: sql.SqlKind, row: sql.Row) -> PropertyMap:
    found: dict[str, Value] = {}
    for column in kind.shows:
        if column.name not in row:
            continue
        text = row[column.name]
        value: Value = text or ""
        if column.type == "flag":
            value = (text or "").upper() in _TRUE
        elif column.type == "number":
            value = _number(text)
        found[_output_name(column)] = value
    return found


def _number(text: str | None) -> Value:
    try:
        return values.freeze(float(text or ""))
    except ValueError:
        return None


def _output_name(column: sql.Column) -> str:
    return column.output or sql.camel(column.name)


def _without(value: Value, names: set[str]) -> object:
    return {name: item for name, item in value.items() if name not in names} if isinstance(value, Mapping) else value


def _is_about(names: tuple[str, ...], row: sql.Row) -> bool:
    containers = {"database_name": 0, "schema_name": 1}
    if row.get("name") != names[-1]:
        return False
    depth = len(names) - 1
    return all(row.get(column) in (None, names[index]) for column, index in containers.items() if index < depth)
