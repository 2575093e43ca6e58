"""The tar stream that upstream hashes a bundle of files as, to the byte.

Go's archive/tar leaves fields empty that Python's `tarfile` fills in, so the headers are written here. Owner, group and
time are zero and every mode is 0600, so that the same files give the same stream anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

_BLOCK: Final = 512
_NAME_SIZE: Final = 100
_PREFIX_SIZE: Final = 155
END: Final = bytes(2 * _BLOCK)
"""What comes after the last member."""


def header(name: str, size: int) -> bytes:
    """The header blocks of one file; a long name is split at a slash, or goes before as a record of its own."""
    split = _split(name)
    if split is not None:
        prefix, rest = split
        return _block(rest, size, prefix=prefix)
    folder, slash, file = name.rpartition("/")
    record = _pax_record("path", name)
    extended = f"{folder}{slash}PaxHeaders.0/{file}"
    return b"".join(
        (
            _block(_ascii(extended)[:_NAME_SIZE].rstrip("/"), len(record), kind="x", mode=0, devices=b""),
            record,
            padding(len(record)),
            _block(_ascii(name)[:_NAME_SIZE], size),
        )
    )


def padding(size: int) -> bytes:
    """What fills the last block of a file of this many bytes."""
    return bytes(-size % _BLOCK)


def stream(members: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """The whole stream of (name, size in bytes, content) in order; of two members of one name the first counts."""
    seen: set[str] = set()
    for name, size, content in members:
        if name in seen:
            continue
        seen.add(name)
        yield header(name, size)
        yield from content
        yield padding(size)
    yield END


def _split(name: str) -> tuple[str, str] | None:
    """(prefix, name) as the two fields of a header hold them, None when they cannot."""
    if not name.isascii():
        return None
    if len(name) <= _NAME_SIZE:
        return "", name
    at = name.rfind("/", 0, min(len(name), _PREFIX_SIZE + 1))
    prefix, rest = name[:at], name[at + 1 :]
    return (prefix, rest) if at > 0 and 0 < len(rest) <= _NAME_SIZE else None


def _block(
    name: str, size: int, *, prefix: str = "", kind: str = "0", mode: int = 0o600, devices: bytes = b"0000000\0"
) -> bytes:
    fields = (
        name.encode("ascii").ljust(_NAME_SIZE, b"\0"),
        b"%07o\0" % mode,
        b"0000000\0" * 2,
        b"%011o\0" % size,
        b"0" * 11 + b"\0",
        b" " * 8,
        kind.encode("ascii"),
        bytes(100),
        b"ustar\x0000",
        bytes(64),
        devices.ljust(8, b"\0") * 2,
        prefix.encode("ascii").ljust(_PREFIX_SIZE, b"\0"),
        bytes(12),
    )
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _pax_record(key: str, value: str) -> bytes:
    """A record that begins with its own length, which counts the digits of that length."""
    rest = f" {key}={value}\n".encode()
    size = len(rest) + len(str(len(rest)))
    size = len(rest) + len(str(size))
    return b"%d" % size + rest


def _ascii(text: str) -> str:
    return "".join(character for character in text if character.isascii())
