"""Property values to and from the plain JSON of state files.

Special values are objects with a signature key; secrets hold the JSON text of
their inner value, encrypted. Every object is written with sorted keys, as Go
writes its maps. What encrypts is handed in; nothing here reads a file.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import struct
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol, TypeAlias, cast

from reconciler import errors
from reconciler.model.urns import UNKNOWN_ID
from reconciler.model.values import (
    MAX_WHOLE,
    UNKNOWN,
    Archive,
    Asset,
    PropertyMap,
    ResourceReference,
    Secret,
    Unknown,
    Value,
    reveal,
    walk,
)

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
EMPTY_TEXT_HASH: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

# The string sentinel comes first: it is the one that we write.
UNKNOWN_SENTINELS: Final = (
    UNKNOWN_ID,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
)
_SENTINELS: Final = frozenset(UNKNOWN_SENTINELS)

# Go prints whole numbers below this in full and uses an exponent above.
_FIRST_EXPONENT: Final = 1e21
# No program can send more: protobuf's own limit is 100. It keeps whoever walks a value within Python's stack.
MAX_DEPTH: Final = 200
# Half a pair that does not stand for a byte (see `_encode_text`): no UTF-8 text can hold it.
_LONE_SURROGATE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_ESCAPED_BYTE: Final = re.compile("[\udc80-\udcff]")


class Signature(StrEnum):
    """What the signature key may say."""

    SECRET = "1b47061264138c4ac30d75fd1eb44270"
    ASSET = "c44067f5952c0a294b673a41bacd8c17"
    ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
    RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
    OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
    BYTES = "803fd3297a5875dc03ca845dda5d2a98"
    NUMBER = "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"


def _encoder(indent: int | None) -> json.JSONEncoder:
    separators = (",", ":") if indent is None else (",", ": ")
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=separators, indent=indent)


_COMPACT: Final = _encoder(None)

Place: TypeAlias = "tuple[object, ...]"


class Cipher(Protocol):
    """Encrypts and decrypts the JSON text of secrets.

    `place` names where a secret stands, so that an unchanged secret keeps its
    old ciphertext and the file its old bytes.
    """

    def encrypt(self, plaintext: str, place: Place = ()) -> str:
        """Ciphertext of a text; what was remembered for the same place and text, if anything."""

    def decrypt(self, ciphertext: str) -> str:
        """The text of a ciphertext.

        Raises:
            DecryptError: the ciphertext is damaged, or of another key.
        """

    def remember(self, plaintext: str, place: Place, ciphertext: str) -> None:
        """Learn which ciphertext stands for a text at a place."""


def encode_map(properties: PropertyMap, cipher: Cipher | None, place: Place = ()) -> dict[str, object]:
    """`encode` for a property map."""
    encoded: dict[str, object] = {}
    for key in sorted(properties):
        value = properties[key]
        # What most values are, without a call for each.
        is_plain = value.isascii() if isinstance(value, str) else value is None or value is True or value is False
        encoded[key if key.isascii() else _key(key)] = value if is_plain else encode(value, cipher, (place, key))
    return encoded


def encode(value: Value, cipher: Cipher | None, place: Place = ()) -> object:
    """The plain JSON data of a value.

    Args:
        cipher: None writes secrets readable (`plaintext`), for exports that show them.
        place: where the value stands, for `Cipher.encrypt`.
    """
    if isinstance(value, str):
        return value if value.isascii() else _encode_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _encode_number(value)
    if isinstance(value, dict):
        # Every map is one in practice, and Python is quick to say that of a dict.
        return encode_map(value, cipher, place)
    if isinstance(value, tuple):
        return [encode(item, cipher, (place, index)) for index, item in enumerate(value)]
    if isinstance(value, Secret):
        return _encode_secret(value, cipher, place)
    if isinstance(value, Unknown):
        return UNKNOWN_SENTINELS[0]
    if isinstance(value, (Asset, Archive)):
        return _encode_asset(value)
    if isinstance(value, ResourceReference):
        return _encode_reference(value)
    return encode_map(value, cipher, place)


def decode_map(data: object, cipher: Cipher | None, place: Place = ()) -> PropertyMap:
    """`decode` for a property map; null is the empty one.

    Raises:
        CheckpointFormatError: the data is not an object, or is special.
    """
    if data is None:
        return {}
    if not isinstance(data, dict) or SIGNATURE_KEY in data:
        raise errors.CheckpointFormatError("a property map is not a plain object")
    return {key: decode(item, cipher, (place, key)) for key, item in data.items()}


def decode(data: object, cipher: Cipher | None, place: Place = (), depth: int = 0) -> Value:
    """The value that plain JSON data stands for.

    Args:
        cipher: None refuses ciphertexts.
        depth: how many containers the data is in.

    Raises:
        CheckpointFormatError: a signature is not known, its fields are wrong, or it is nested deeper than `MAX_DEPTH`.
        DecryptError: a secret cannot be decrypted.
    """
    if isinstance(data, str):
        return UNKNOWN if data in _SENTINELS else data
    if data is None or isinstance(data, bool):
        return data
    if isinstance(data, (int, float)):
        return decode_number(data)
    if depth > MAX_DEPTH:
        raise errors.CheckpointFormatError(f"a value is nested deeper than {MAX_DEPTH} levels")
    if isinstance(data, list):
        return tuple([decode(item, cipher, (place, index), depth + 1) for index, item in enumerate(data)])
    if not isinstance(data, dict):
        raise errors.CheckpointFormatError(f"{type(data).__name__} is not JSON data")
    if SIGNATURE_KEY in data:
        return _decode_special(data, cipher, place, depth + 1)
    return {key: decode(item, cipher, (place, key), depth + 1) for key, item in data.items()}


def decode_number(number: float) -> int | float:
    """A number as a double holds it; whole ones below 2**53 as `int`.

    >>> decode_number(2.0), decode_number(2**53 + 1)
    (2, 9007199254740992.0)
    """
    if isinstance(number, int):
        if abs(number) < MAX_WHOLE:
            return number
        try:
            return float(number)
        except OverflowError:
            return math.inf if number > 0 else -math.inf
    return int(number) if number.is_integer() and abs(number) < MAX_WHOLE else number


def has_byte_string(value: Value) -> bool:
    """Does any text hold bytes that are not UTF-8? (feature `byteString`)"""
    for part in walk(value):
        if isinstance(part, str) and not part.isascii() and _ESCAPED_BYTE.search(part) is not None:
            return True
    return False


def render_json(data: object, *, indent: int | None = None) -> str:
    """JSON as Go writes it without HTML escaping; compact unless `indent` is given.

    >>> render_json({"a": ["<b>", 1]})
    '{"a":["<b>",1]}'
    """
    text = (_COMPACT if indent is None else _encoder(indent)).encode(data)
    if text.isascii():
        return text
    # Go always escapes these two, and cannot hold half a surrogate pair.
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if _has_surrogate(text) else text


def parse_json(text: str | bytes) -> object:
    """Parse JSON strictly: no NaN, no Infinity, no number too large for one, no endless nesting.

    Of a key that is there twice the last counts, as in Go.

    Raises:
        CheckpointFormatError: the text is not JSON; the detail says where.
    """
    try:
        return cast("object", json.loads(text, parse_constant=_refuse_constant, parse_float=_parse_finite))
    except (ValueError, RecursionError) as error:
        raise errors.CheckpointFormatError(f"it is not JSON: {error}") from error


def check_depth(data: object) -> None:
    """Refuse JSON data that is carried along unread and nested deeper than a value may be.

    Raises:
        CheckpointFormatError: it is.
    """
    level: list[object] = [data]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise errors.CheckpointFormatError(f"it is nested deeper than {MAX_DEPTH} levels")


def _refuse_constant(word: str) -> object:
    raise ValueError(f"{word} is not a JSON number")


def _parse_finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits[:20]} is too large for a number")
    return number


def _has_surrogate(text: str) -> bool:
    return _LONE_SURROGATE.search(text) is not None or _ESCAPED_BYTE.search(text) is not None


def _key(key: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", _ESCAPED_BYTE.sub("\ufffd", key))


def _encode_text(text: str) -> object:
    """Text, or its bytes when they are not UTF-8: Python carries those as escaped surrogates (PEP 383)."""
    text = _LONE_SURROGATE.sub("\ufffd", text)
    if _ESCAPED_BYTE.search(text) is None:
        return text
    content = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
    return {SIGNATURE_KEY: Signature.BYTES.value, "value": content}


def _encode_number(number: float) -> object:
    if isinstance(number, int) and abs(number) < MAX_WHOLE:
        return number
    double = float(decode_number(number))
    if not math.isfinite(double):
        return {SIGNATURE_KEY: Signature.NUMBER.value, "value": struct.pack(">d", double).hex()}
    if double.is_integer() and abs(double) < _FIRST_EXPONENT:
        # The shortest digits that give the same double, then zeros.
        return int(Decimal(repr(double)))
    return double


def _encode_secret(secret: Secret, cipher: Cipher | None, place: Place) -> object:
    # A secret inside a secret is not encrypted twice.
    plaintext = render_json(encode(reveal(secret.value), None))
    if cipher is None:
        return {SIGNATURE_KEY: Signature.SECRET.value, "plaintext": plaintext}
    return {SIGNATURE_KEY: Signature.SECRET.value, "ciphertext": cipher.encrypt(plaintext, place)}


def _encode_asset(value: Asset | Archive) -> object:
    signature = Signature.ASSET if isinstance(value, Asset) else Signature.ARCHIVE
    data: dict[str, object] = {SIGNATURE_KEY: signature.value}
    if isinstance(value, Archive) and value.assets is not None:
        data["assets"] = {_key(name): _encode_asset(value.assets[name]) for name in sorted(value.assets)}
    if value.hash:
        data["hash"] = value.hash
    if value.path:
        data["path"] = value.path
    if isinstance(value, Asset) and value.text:
        data["text"] = _LONE_SURROGATE.sub("\ufffd", value.text)
    if value.uri:
        data["uri"] = value.uri
    return data


def _encode_reference(value: ResourceReference) -> object:
    data: dict[str, object] = {SIGNATURE_KEY: Signature.RESOURCE_REFERENCE.value}
    if value.id is not None:
        data["id"] = "" if isinstance(value.id, Unknown) else value.id
    return data | {"packageVersion": value.package_version, "urn": value.urn}


def _decode_special(data: dict[str, object], cipher: Cipher | None, place: Place, depth: int) -> Value:
    signature = data[SIGNATURE_KEY]
    match signature:
        case Signature.SECRET.value:
            return Secret(_decode_secret(data, cipher, place, depth))
        case Signature.ASSET.value:
            return _decode_asset(data)
        case Signature.ARCHIVE.value:
            return _decode_archive(data, depth)
        case Signature.RESOURCE_REFERENCE.value:
            return ResourceReference(
                _text(data, "urn"), _reference_id(data), _optional_text(data, "packageVersion") or ""
            )
        case Signature.OUTPUT.value:
            inner = decode(data["value"], cipher, place, depth) if "value" in data else UNKNOWN
            return Secret(inner) if data.get("secret") is True else inner
        case Signature.BYTES.value:
            return _decode_bytes(_text(data, "value"))
        case Signature.NUMBER.value:
            return _decode_bits(_text(data, "value"))
        case _:
            raise errors.CheckpointFormatError(f"unrecognized signature {signature!r} in property map")


def _decode_secret(data: dict[str, object], cipher: Cipher | None, place: Place, depth: int) -> Value:
    ciphertext = _optional_text(data, "ciphertext")
    if not ciphertext:
        return reveal(decode(parse_json(_text(data, "plaintext")), cipher, (), depth))
    if cipher is None:
        raise errors.DecryptError("no secrets manager is open")
    value = reveal(decode(parse_json(cipher.decrypt(ciphertext)), cipher, (), depth))
    # Our own spelling of the text, since that is what will be encrypted again.
    cipher.remember(render_json(encode(value, None)), place, ciphertext)
    return value


def _decode_asset(data: dict[str, object]) -> Asset:
    hash, text = _optional_text(data, "hash") or "", _optional_text(data, "text")
    path, uri = _optional_text(data, "path"), _optional_text(data, "uri")
    if text is None and path is None and uri is None and hash == EMPTY_TEXT_HASH:
        text = ""
    return Asset(hash=hash, text=text, path=path, uri=uri)


def _decode_archive(data: dict[str, object], depth: int) -> Archive:
    members = data.get("assets")
    assets: dict[str, Asset | Archive] | None = None
    if members is not None:
        if not isinstance(members, dict):
            raise errors.CheckpointFormatError("an archive's assets are not an object")
        assets = {}
        for name, member in members.items():
            value = decode(member, None, (), depth)
            if not isinstance(value, (Asset, Archive)):
                raise errors.CheckpointFormatError(f"archive member {name!r} is neither asset nor archive")
            assets[name] = value
    return Archive(
        hash=_optional_text(data, "hash") or "",
        assets=assets,
        path=_optional_text(data, "path"),
        uri=_optional_text(data, "uri"),
    )


def _reference_id(data: dict[str, object]) -> str | Unknown | None:
    id = data.get("id")
    if isinstance(id, dict):
        # As old engines wrote it.
        id = id.get("V")
    if id is None:
        return None
    if not isinstance(id, str):
        raise errors.CheckpointFormatError("a resource reference's id is not a text")
    return UNKNOWN if id in _SENTINELS or not id else id


def _decode_bytes(content: str) -> str:
    try:
        return base64.b64decode(content, validate=True).decode("utf-8", "surrogateescape")
    except binascii.Error as error:
        raise errors.CheckpointFormatError(f"a byte string is not base64: {error}") from error


def _decode_bits(bits: str) -> int | float:
    try:
        double: float = struct.unpack(">d", bytes.fromhex(bits))[0]
    except (ValueError, struct.error) as error:
        raise errors.CheckpointFormatError(f"{bits!r} are not the bits of a number") from error
    return decode_number(double)


def _text(data: dict[str, object], key: str) -> str:
    text = _optional_text(data, key)
    if text is None:
        raise errors.CheckpointFormatError(f"a special value lacks its {key!r}")
    return text


def _optional_text(data: dict[str, object], key: str) -> str | None:
    text = data.get(key)
    if text is not None and not isinstance(text, str):
        raise errors.CheckpointFormatError(f"{key!r} of a special value is not a text")
    return text
