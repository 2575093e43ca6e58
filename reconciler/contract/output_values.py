"""Output values on the wire: values that carry the URNs of what they come from.

The engine's own values have no such thing: towards a peer that takes no output
values, and in state, what is left is the value, a secret or an unknown.

Source: facts/engine-contract.md §2; the comments of the SDK's resource.proto.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from google.protobuf import struct_pb2

from reconciler.contract.wire import OUTPUT, SECRET, SIGNATURE, UNKNOWN_STRING


def dependencies(value: struct_pb2.Value) -> set[str]:
    """URNs of the resources that output values inside a value say it comes from."""
    if value.HasField("list_value"):
        return {urn for item in value.list_value.values for urn in dependencies(item)}
    if not value.HasField("struct_value"):
        return set()
    fields = value.struct_value.fields
    found = {urn for item in fields.values() for urn in dependencies(item)}
    if _is_output(fields) and "dependencies" in fields:
        found |= {item.string_value for item in fields["dependencies"].list_value.values}
    return found


def dependencies_by_property(properties: struct_pb2.Struct) -> dict[str, tuple[str, ...]]:
    """Property -> URNs that it comes from, of every property that comes from any."""
    found = {name: tuple(sorted(dependencies(value))) for name, value in properties.fields.items()}
    return {name: urns for name, urns in found.items() if urns}


def plain(properties: struct_pb2.Struct) -> struct_pb2.Struct:
    """A property map without output values: values, secrets and unknowns in their place."""
    written = struct_pb2.Struct()
    for name, value in properties.fields.items():
        written.fields[name].CopyFrom(_plain(value))
    return written


def with_dependencies(properties: struct_pb2.Struct, urns: Mapping[str, Iterable[str]]) -> struct_pb2.Struct:
    """A property map whose properties are output values, each with the URNs named for it.

    A property that has its own, or none to be given, stays as it is.
    """
    written = struct_pb2.Struct()
    for name, value in properties.fields.items():
        given = sorted(urns.get(name, ()))
        written.fields[name].CopyFrom(_output(value, given) if given and not dependencies(value) else value)
    return written


def _output(value: struct_pb2.Value, urns: Iterable[str]) -> struct_pb2.Value:
    made = struct_pb2.Struct()
    made.fields[SIGNATURE].string_value = OUTPUT
    fields = value.struct_value.fields if value.HasField("struct_value") else {}
    if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
        made.fields["secret"].bool_value = True
        value = fields["value"]
    if value.string_value != UNKNOWN_STRING:
        made.fields["value"].CopyFrom(value)
    for urn in urns:
        made.fields["dependencies"].list_value.values.add().string_value = urn
    return struct_pb2.Value(struct_value=made)


def _plain(value: struct_pb2.Value) -> struct_pb2.Value:
    if value.HasField("list_value"):
        items = [_plain(item) for item in value.list_value.values]
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=items))
    if not value.HasField("struct_value"):
        return value
    fields = value.struct_value.fields
    if not _is_output(fields):
        return struct_pb2.Value(struct_value=plain(value.struct_value))
    inner = _plain(fields["value"]) if "value" in fields else struct_pb2.Value(string_value=UNKNOWN_STRING)
    if "secret" not in fields or not fields["secret"].bool_value:
        return inner
    made = struct_pb2.Struct()
    made.fields[SIGNATURE].string_value = SECRET
    made.fields["value"].CopyFrom(inner)
    return struct_pb2.Value(struct_value=made)


def _is_output(fields: Mapping[str, struct_pb2.Value]) -> bool:
    return SIGNATURE in fields and fields[SIGNATURE].string_value == OUTPUT
