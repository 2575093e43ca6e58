"""Property values on the wire: `google.protobuf.Struct` and back.

Programs, providers and policies all speak this form. Special values are objects
with a signature key; a value that is not known yet is a sentinel string.

Source: facts/engine-contract.md §2.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from google.protobuf import struct_pb2

from reconciler.model import codec, values
from reconciler.model.values import UNKNOWN, Archive, Asset, PropertyMap, ResourceReference, Secret, Unknown, Value

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
BYTES: Final = "803fd3297a5875dc03ca845dda5d2a98"
UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWNS: Final = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)


def read_map(struct: struct_pb2.Struct, *, nulls: bool = False) -> PropertyMap:
    """A property map from the wire; nulls at the top are absent properties unless `nulls` says otherwise.

    Raises:
        ValueError: a signature that we do not know.
    """
    read = {name: read_value(value) for name, value in struct.fields.items()}
    return read if nulls else {name: value for name, value in read.items() if value is not None}


def read_value(value: struct_pb2.Value) -> Value:
    """One value from the wire."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWNS else text
    if kind == "number_value":
        return values.freeze(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return tuple(read_value(item) for item in value.list_value.values)
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields:
            return _read_special(fields)
        return {name: read_value(item) for name, item in fields.items()}
    return None


def write_map(properties: PropertyMap) -> struct_pb2.Struct:
    """A property map for the wire, secrets and unknowns marked."""
    struct = struct_pb2.Struct()
    _write_fields(struct, properties)
    return struct


def write_value(value: Value) -> struct_pb2.Value:
    """One value for the wire."""
    written = struct_pb2.Value()
    _write(written, value)
    return written


def _write_fields(struct: struct_pb2.Struct, properties: PropertyMap) -> None:
    fields = struct.fields
    for name, value in properties.items():
        _write(fields[name], value)


def _write(target: struct_pb2.Value, value: Value) -> None:
    """Fill a message where it stands: making one for each value and copying it in takes twice as long."""
    match value:
        case str():
            if value.isascii() or not codec.has_byte_string(value):
                target.string_value = value
            else:
                target.CopyFrom(_byte_string(value))
        case None:
            target.null_value = struct_pb2.NULL_VALUE
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = float(value)
        case Unknown():
            target.string_value = UNKNOWN_STRING
        case tuple():
            target.list_value.SetInParent()
            for item in value:
                _write(target.list_value.values.add(), item)
        case Secret():
            target.CopyFrom(_special(SECRET, value=write_value(value.value)))
        case Asset():
            fields = _texts(hash=value.hash, text=value.text, path=value.path, uri=value.uri)
            target.CopyFrom(_special(ASSET, **fields))
        case Archive():
            target.CopyFrom(_special(ARCHIVE, **_archive_fields(value)))
        case ResourceReference():
            target.CopyFrom(_special(REFERENCE, **_reference_fields(value)))
        case Mapping():
            target.struct_value.SetInParent()
            _write_fields(target.struct_value, value)


def fitted(properties: PropertyMap, *, secrets: bool, references: bool, contents: bool = True) -> PropertyMap:
    """A property map as a peer takes it.

    Args:
        secrets: does the peer know secrets? Else it gets their values.
        references: does it know resource references? Else it gets ids, of components URNs.
        contents: does it need what assets hold? Else it gets their hashes.
    """
    if secrets and references and contents:
        return properties
    return {
        name: _fitted(value, secrets=secrets, references=references, contents=contents)
        for name, value in properties.items()
    }


def _fitted(value: Value, *, secrets: bool, references: bool, contents: bool) -> Value:
    match value:
        case Secret():
            inner = _fitted(value.value, secrets=secrets, references=references, contents=contents)
            return Secret(inner) if secrets else inner
        case ResourceReference() if not references:
            return value.urn if value.id is None else value.id
        case Asset() if not contents and value.hash:
            return replace(value, text=None, path=None, uri=None)
        case Archive() if not contents and value.hash:
            return replace(value, assets=None, path=None, uri=None)
        case Mapping():
            return fitted(value, secrets=secrets, references=references, contents=contents)
        case tuple():
            return tuple(_fitted(item, secrets=secrets, references=references, contents=contents) for item in value)
        case _:
            return value


def _read_special(fields: Mapping[str, struct_pb2.Value]) -> Value:
    signature = fields[SIGNATURE].string_value
    plain = {name: item for name, item in fields.items() if name != SIGNATURE}
    if signature == SECRET:
        if "value" not in plain:
            raise ValueError("a secret without a value was sent")
        inner = read_value(plain["value"])
        return inner if isinstance(inner, Secret) else Secret(inner)
    if signature == OUTPUT:
        inner = read_value(plain["value"]) if "value" in plain else UNKNOWN
        return Secret(inner) if "secret" in plain and plain["secret"].bool_value else inner
    text = {name: item.string_value for name, item in plain.items() if item.WhichOneof("kind") == "string_value"}
    if signature == BYTES:
        return base64.b64decode(text.get("value", ""), validate=True).decode("utf-8", "surrogateescape")
    if signature == ASSET:
        return Asset(hash=text.get("hash", ""), text=text.get("text"), path=text.get("path"), uri=text.get("uri"))
    if signature == ARCHIVE:
        assets = (
            {name: read_value(item) for name, item in plain["assets"].struct_value.fields.items()}
            if ("assets" in plain)
            else None
        )
        members = (
            None
            if assets is None
            else {name: item for name, item in assets.items() if isinstance(item, (Asset, Archive))}
        )
        return Archive(hash=text.get("hash", ""), assets=members, path=text.get("path"), uri=text.get("uri"))
    if signature == REFERENCE:
        id = text.get("id")
        known = UNKNOWN if id is not None and (id in UNKNOWNS or not id) else id
        return ResourceReference(text.get("urn", ""), known, text.get("packageVersion", ""))
    raise ValueError(f"a value of a sort that this version does not know was sent ({signature})")


def _byte_string(text: str) -> struct_pb2.Value:
    """Text that holds bytes which are not UTF-8, as Python carries them (PEP 383)."""
    content = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
    return _special(BYTES, value=struct_pb2.Value(string_value=content))


def _special(signature: str, **fields: struct_pb2.Value) -> struct_pb2.Value:
    struct = struct_pb2.Struct()
    struct.fields[SIGNATURE].string_value = signature
    for name, value in fields.items():
        struct.fields[name].CopyFrom(value)
    return struct_pb2.Value(struct_value=struct)


def _texts(**fields: str | None) -> dict[str, struct_pb2.Value]:
    return {name: struct_pb2.Value(string_value=text) for name, text in fields.items() if text is not None}


def _archive_fields(value: Archive) -> dict[str, struct_pb2.Value]:
    fields = _texts(hash=value.hash, path=value.path, uri=value.uri)
    if value.assets is not None:
        fields["assets"] = struct_pb2.Value(struct_value=write_map(value.assets))
    return fields


def _reference_fields(value: ResourceReference) -> dict[str, struct_pb2.Value]:
    id = UNKNOWN_STRING if isinstance(value.id, Unknown) else value.id
    return _texts(urn=value.urn, id=id, packageVersion=value.package_version)
